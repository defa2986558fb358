"""Snapshots of shards, in local folders."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from etl.engines.ray.shards import ShardedWriter, ShardFile, Shards
from etl.errors import ContractError, EtlError
from etl.serve import ServedRecords
from etl.snapshot import Snapshot, open_snapshot
from tests.unit.test_snapshot import NOON, edit_manifest, names, numbered


def write(address: str, number: int, start: int, stop: int) -> dict[str, Any]:
    """Write a shard of records T<start> to T<stop - 1>."""
    with ShardFile(address, number) as shard:
        for first in range(start, stop, 700):
            shard.write(numbered(first, min(first + 700, stop)))
        return dict([shard.finish()])


def save(root: Path, *ends: int) -> Snapshot:
    """Save a snapshot whose shards end before these records; the last one is written first."""
    with ShardedWriter(str(root), name="one", created_at=NOON) as writer:
        starts = (0, *ends)
        shards: Shards = {}
        for number, (start, stop) in reversed(list(enumerate(zip(starts, ends, strict=False)))):
            shards = {**shards, **write(writer.address, number, start, stop)}
        return writer.finish(shards, source="a test")


def ids(snapshot: Snapshot, size: int, places: range | None = None) -> list[str]:
    """Return the ids of its records, read in batches."""
    batches = list(snapshot.batches(size, ["uniqueId"], places))
    assert all(batch.height == size for batch in batches[:-1])
    return pl.concat([pl.DataFrame(schema={"uniqueId": pl.String}), *batches])["uniqueId"].to_list()


@pytest.mark.parametrize("size", [1_000, 5_000, 50_000])
def test_shards_are_read_in_their_order(tmp_path: Path, size: int) -> None:
    """Whichever was written first; a batch may reach over several."""
    save(tmp_path, 7_000, 7_100, 12_345)
    snapshot = open_snapshot(str(tmp_path / "20261123T120000Z-one"))
    assert snapshot.record_count == 12_345
    assert ids(snapshot, size) == [f"T{number}" for number in range(12_345)]


@pytest.mark.parametrize(
    "places", [range(0), range(1), range(6_990, 7_110), range(5_000, 12_345), range(12_000, 99_999)]
)
def test_some_places_are_read(tmp_path: Path, places: range) -> None:
    """As a worker does, which has a range of the records to load; of one file or of shards."""
    snapshot = save(tmp_path, 7_000, 7_100, 12_345)
    expected = [f"T{number}" for number in places if number < 12_345]
    assert ids(snapshot, 100, places) == expected


def test_a_server_reads_shards(tmp_path: Path) -> None:
    """By place, back and forth over files."""
    served = ServedRecords(save(tmp_path, 7_000, 7_100, 12_345))
    for start in (7_050, 0, 12_340):
        found = [json.loads(text)["uniqueId"] for text in served.read(start, 100)]
        assert found == [f"T{number}" for number in range(start, min(start + 100, 12_345))]
    served.close()


def test_a_shard_is_named_by_its_place_and_content(tmp_path: Path) -> None:
    """Written again it is the same file; with other records it is another one."""
    with ShardedWriter(str(tmp_path), name="one", created_at=NOON) as writer:
        first, again, other = (write(writer.address, 3, 0, stop) for stop in (10, 10, 11))
        assert first == again
        assert first.keys() != other.keys()
        assert names(Path(writer.address)) == sorted({*first, *other})
        (name,) = first
        assert name == f"tenants-00003-{first[name].sha256[:12]}.parquet"
        snapshot = writer.finish(first)
    assert names(Path(snapshot.path)) == ["manifest.json", name]


def test_the_manifest_names_the_shards(tmp_path: Path) -> None:
    """As files, in the one format of all snapshots."""
    snapshot = save(tmp_path, 10, 20)
    manifest = json.loads((Path(snapshot.path) / "manifest.json").read_text())
    assert manifest["format_version"] == 1
    assert (manifest["records"], len(manifest["files"])) == (20, 2)
    assert open_snapshot(snapshot.path).manifest.files == snapshot.manifest.files


def test_a_snapshot_without_records(tmp_path: Path) -> None:
    """It has an empty shard."""
    assert ids(save(tmp_path, 0), 100) == []


def test_a_shard_that_is_not_there(tmp_path: Path) -> None:
    """A worker wrote it, but not where this process looks: the folder is not shared."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with (
        pytest.raises(EtlError, match="has to be a folder that all nodes share"),
        ShardedWriter(str(tmp_path / "here"), name="one") as writer,
    ):
        writer.finish(write(str(elsewhere), 0, 0, 10))
    assert names(tmp_path / "here") == []


def test_a_folder_that_a_worker_does_not_have(tmp_path: Path) -> None:
    """It is told, and not made."""
    with pytest.raises(EtlError, match=r"Can't write a snapshot to .*/none: .*No such file"):
        write(str(tmp_path / "none"), 0, 0, 10)
    assert names(tmp_path) == []


def test_a_writer_that_is_left(tmp_path: Path) -> None:
    """Nothing stays: no shard, whole or begun, and no folder."""

    def fail() -> None:
        with ShardedWriter(str(tmp_path), name="one") as writer:
            write(writer.address, 0, 0, 10)
            with ShardFile(writer.address, 1) as shard:
                shard.write(numbered(0, 10))
                raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda files: files.update({"tenants.parquet": next(iter(files.values()))}),
        lambda files: files.update({"tenants-00000-000000000000.parquet": next(iter(files.values()))}),
        lambda files: files.update({"../tenants-00000-000000000000.parquet": files.popitem()[1]}),
        lambda files: files.update({"tenants-0-000000000000.parquet": files.popitem()[1]}),
        lambda files: files.popitem(),
        lambda files: files.clear(),
    ],
    ids=["one file too", "a place twice", "a name that leads out", "a name that is none", "too few", "none"],
)
def test_a_manifest_that_is_wrong(tmp_path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Of shards or of one file, with places that differ, whose rows are all the records."""
    snapshot = save(tmp_path, 10, 20)
    edit_manifest(snapshot, lambda fields: change(fields["files"]))
    with pytest.raises(
        ContractError, match=r"manifest\.json in .* is not a manifest of a snapshot, or damaged"
    ):
        open_snapshot(snapshot.path)


def test_a_shard_that_was_changed(tmp_path: Path) -> None:
    """It is found by its hash, as any file."""
    snapshot = save(tmp_path, 10, 20)
    shard = next(Path(snapshot.path).glob("tenants-00001*"))
    shard.write_bytes(shard.read_bytes()[:-1] + b"x")
    with pytest.raises(ContractError, match=r"tenants-00001-.* is not what was written"):
        open_snapshot(snapshot.path)
