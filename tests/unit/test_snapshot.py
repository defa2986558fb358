"""Snapshots in local folders."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from io import StringIO
from pathlib import Path
from typing import Any, cast

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import fs

from etl.contract.raw import RAW_POLARS, SNAPSHOT_SCHEMA
from etl.contract.reference import CATEGORIES, FLOORS
from etl.errors import ConfigError, ContractError, EtlError
from etl.model.results import ExtractResult
from etl.runtime import log
from etl.runtime.sync_id import new_sync_id
from etl.snapshot import Snapshot, SnapshotWriter, list_snapshots, open_snapshot, prune_snapshots, storage
from etl.snapshot.location import Location
from tests.support.disk import refuse_to_write


@pytest.fixture
def log_lines() -> StringIO:
    """Give the lines that are logged during the test."""
    lines = StringIO()
    log.configure("json", stream=lines)
    return lines


NOON = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)

REPORT = ExtractResult(
    snapshot="",
    records=3,
    pages=2,
    passes=1,
    requests=4,
    retries={"http_503": 2},
    latency_avg_s=0.1,
    latency_max_s=0.2,
    unknown_fields={"brandCode": 1},
    not_text={"zone": 1},
    is_complete=False,
    problems=("a page failed: Page 2",),
)


def records(*ids: str, extra: str | None = None) -> pa.Table:
    """Return records with these ids."""
    nulls = [pa.nulls(len(ids), pa.string())] * (len(SNAPSHOT_SCHEMA) - 2)
    return pa.Table.from_arrays(
        [pa.array(ids, pa.string()), *nulls, pa.array([extra] * len(ids), pa.string())],
        schema=SNAPSHOT_SCHEMA,
    )


def numbered(start: int, stop: int) -> pa.Table:
    """Return records T<start> to T<stop - 1>."""
    return records(*(f"T{number}" for number in range(start, stop)), extra='{"a":1}')


def save(root: Path, *pages: pa.Table, name: str = "one", at: datetime = NOON, **finish: Any) -> Snapshot:
    """Save pages as a snapshot."""
    with SnapshotWriter(str(root), name=name, created_at=at) as writer:
        for page in pages:
            writer.write(page)
        return writer.finish(**finish)


def names(folder: Path) -> list[str]:
    """Return what is in a folder, hidden files too."""
    return sorted(path.name for path in folder.iterdir())


def edit_manifest(snapshot: Snapshot, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the manifest of a snapshot on disk."""
    path = Path(snapshot.path) / "manifest.json"
    fields = json.loads(path.read_text())
    change(fields)
    path.write_text(json.dumps(fields))


# Writing


def test_a_snapshot_has_its_records_in_order(tmp_path: Path) -> None:
    """It is named by time and name, and reads back as it was written."""
    snapshot = save(tmp_path, records("T2", "T1"), records("T3", extra='{"x":1.50}'))
    assert snapshot.path == str(tmp_path / "20261123T120000Z-one")
    assert (snapshot.id, snapshot.record_count) == ("20261123T120000Z-one", 3)
    (frame,) = open_snapshot(snapshot.path).batches(100)
    assert dict(frame.schema) == RAW_POLARS
    assert frame["uniqueId"].to_list() == ["T2", "T1", "T3"]
    assert frame["extra"].to_list() == [None, None, '{"x":1.50}']
    assert names(tmp_path) == ["20261123T120000Z-one"]
    assert names(Path(snapshot.path)) == ["manifest.json", "tenants.parquet"]


def test_the_manifest_tells_how_it_came_to_be(tmp_path: Path) -> None:
    """Source without secrets, time in UTC, counts, problems, and facts of each file."""
    at = datetime(2026, 11, 23, 19, 4, 51, tzinfo=timezone(timedelta(hours=7)))
    source = "https://user:pw@api.example/t?mall=ICS&code=s3cret"
    snapshot = save(tmp_path, records("T1", "T2", "T3"), at=at, source=source, extracted=REPORT)
    text = (Path(snapshot.path) / "manifest.json").read_text()
    manifest = json.loads(text)
    tenants = manifest.pop("files").pop("tenants.parquet")
    assert manifest == {
        "created_at": "2026-11-23T12:04:51Z",
        "source": "https://api.example/t?mall=ICS&code=***",
        "etl_version": "0.1.0",
        "records": 3,
        "pages": 2,
        "complete": False,
        "problems": ["a page failed: Page 2"],
        "unknown_fields": {"brandCode": 1},
        "not_text": {"zone": 1},
        "format": "iconsiam-etl snapshot",
        "format_version": 1,
        "contract_version": 1,
        "source_name": "",
        "id_prefix": "",
    }
    assert tenants["rows"] == 3
    assert tenants["bytes"] == (Path(snapshot.path) / "tenants.parquet").stat().st_size
    assert len(tenants["sha256"]) == 64
    assert open_snapshot(snapshot.path).manifest == snapshot.manifest


def test_a_snapshot_without_a_report_is_complete(tmp_path: Path) -> None:
    """As a sample is, which comes from no API."""
    manifest = save(tmp_path, records("T1"), source="sample, day 1").manifest
    assert (manifest.source, manifest.pages, manifest.complete, manifest.problems) == (
        "sample, day 1",
        0,
        True,
        (),
    )


def test_the_pages_leave_no_trace(tmp_path: Path) -> None:
    """The same records in other pages give the same bytes, in row groups of 5,000."""
    one = save(tmp_path, numbered(0, 12_345), name="a")
    hundreds = save(tmp_path, *(numbered(n, min(n + 100, 12_345)) for n in range(0, 12_345, 100)), name="b")
    odd = save(tmp_path, numbered(0, 4_999), numbered(4_999, 5_001), numbered(5_001, 12_345), name="c")
    contents = {(Path(snapshot.path) / "tenants.parquet").read_bytes() for snapshot in (one, hundreds, odd)}
    assert len(contents) == 1
    metadata = pq.read_metadata(Path(one.path) / "tenants.parquet")
    assert [metadata.row_group(n).num_rows for n in range(3)] == [5000, 5000, 2345]
    assert metadata.row_group(0).column(0).compression == "ZSTD"
    assert metadata.schema.to_arrow_schema() == SNAPSHOT_SCHEMA


def test_restart_forgets_what_came_before(tmp_path: Path) -> None:
    """Whether it was written to disk already or not."""
    with SnapshotWriter(str(tmp_path), name="one", created_at=NOON) as writer:
        writer.write(numbered(0, 7_000))
        writer.restart()
        writer.write(records("T1"))
        snapshot = writer.finish()
    assert [batch["uniqueId"].to_list() for batch in open_snapshot(snapshot.path).batches(10)] == [["T1"]]
    assert snapshot.record_count == 1


def test_a_snapshot_of_nothing(tmp_path: Path) -> None:
    """An empty list is a snapshot, too."""
    snapshot = open_snapshot(save(tmp_path).path)
    assert (snapshot.record_count, list(snapshot.batches(10))) == (0, [])


def test_floors_and_categories_are_kept(tmp_path: Path) -> None:
    """As they were at that moment; None where they were not known."""
    floors = pl.DataFrame([(1, "GF", 1.0, "ACTIVE")], schema=FLOORS, orient="row")
    categories = pl.DataFrame(
        [(2, "shops", "ACTIVE", "fashion", "FASHION", None)], schema=CATEGORIES, orient="row"
    )
    saved = open_snapshot(save(tmp_path, floors=floors, categories=categories).path)
    assert saved.floors is not None
    assert saved.categories is not None
    assert saved.floors.rows() == [(1, "GF", 1.0, "ACTIVE")]
    assert saved.categories.rows() == [(2, "shops", "ACTIVE", "fashion", "FASHION", None)]
    without = open_snapshot(save(tmp_path, name="two").path)
    assert (without.floors, without.categories) == (None, None)


def test_rows_of_another_shape_are_refused(tmp_path: Path) -> None:
    """Nothing is left behind."""
    with pytest.raises(ContractError, match="columns of SNAPSHOT_SCHEMA"):
        save(tmp_path, pa.table({"uniqueId": ["T1"]}))
    with pytest.raises(ContractError, match=r"floors\.parquet of a snapshot must have the columns"):
        save(tmp_path, floors=pl.DataFrame({"id": [1]}))
    assert names(tmp_path) == []


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_an_error_leaves_nothing_behind(tmp_path: Path, error: type[BaseException]) -> None:
    """While it is written there is only a hidden folder, and none afterwards."""

    def fail() -> None:
        with SnapshotWriter(str(tmp_path), name="one", created_at=NOON) as writer:
            writer.write(numbered(0, 7_000))
            assert names(tmp_path) == [".20261123T120000Z-one.tmp"]
            assert list_snapshots(str(tmp_path)) == []
            raise error

    with pytest.raises(error):
        fail()
    assert names(tmp_path) == []


def test_a_failed_start_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when the disk is full."""
    monkeypatch.setattr(pq, "ParquetWriter", refuse_to_write)
    with pytest.raises(
        EtlError, match=r"Can't write a snapshot to .*: No space left on device\. Nothing was left"
    ):
        SnapshotWriter(str(tmp_path)).__enter__()
    assert names(tmp_path) == []


def test_a_root_that_can_not_be_written_is_told(tmp_path: Path) -> None:
    """A file in the place of the folder."""
    (tmp_path / "file").write_text("")
    with pytest.raises(
        EtlError, match=r"Can't write a snapshot to .*/file/.*: File exists.*Check SNAPSHOT_DIR"
    ) as caught:
        save(tmp_path / "file")
    assert caught.value.exit_code == 1


def test_a_snapshot_is_never_written_over(tmp_path: Path) -> None:
    """The second of the same name and second fails, the first stays."""
    save(tmp_path, records("T1"))
    with pytest.raises(EtlError, match="Can't write a snapshot"):
        save(tmp_path, records("T2"))
    assert names(tmp_path) == ["20261123T120000Z-one"]
    assert next(open_snapshot(str(tmp_path / "20261123T120000Z-one")).batches(9))["uniqueId"].to_list() == [
        "T1"
    ]


def test_the_folder_is_made(tmp_path: Path) -> None:
    """With its parents."""
    assert open_snapshot(save(tmp_path / "a" / "b").path).record_count == 0


@pytest.mark.parametrize("name", ["../x", "a/b", "a b", "ก"])
def test_a_name_stays_in_its_folder(tmp_path: Path, name: str) -> None:
    """Letters, digits, - and _."""
    with pytest.raises(ConfigError, match="can't name a snapshot"):
        SnapshotWriter(str(tmp_path), name=name)


def test_names_are_given_where_none_is(tmp_path: Path) -> None:
    """Two of the same moment differ, and sort in the order of their making."""
    ids = [SnapshotWriter(str(tmp_path)).id for _ in range(100)]
    assert ids == sorted(set(ids))


def test_a_runs_snapshot_has_its_id(tmp_path: Path) -> None:
    """As its whole name; when it was begun, which is later, stands in the manifest."""
    with SnapshotWriter(str(tmp_path), sync_id="20261123T110000Z-3f9a1c", created_at=NOON) as writer:
        saved = writer.finish()
    assert names(tmp_path) == [saved.id] == ["20261123T110000Z-3f9a1c"]
    assert saved.manifest.created_at == "2026-11-23T12:00:00Z"


# Reading


@pytest.mark.parametrize(
    ("size", "heights"),
    [
        (4000, [4000, 4000, 4000, 345]),
        (5000, [5000, 5000, 2345]),
        (12_345, [12_345]),
        (100_000, [12_345]),
        (12_344, [12_344, 1]),
        (2469, [2469] * 5),
    ],
)
def test_batches_are_of_the_size_asked_for(tmp_path: Path, size: int, heights: list[int]) -> None:
    """Whatever the row groups; all but the last, in order."""
    batches = list(save(tmp_path, numbered(0, 12_345)).batches(size))
    assert [batch.height for batch in batches] == heights
    assert pl.concat(batches)["uniqueId"].to_list() == [f"T{number}" for number in range(12_345)]


def test_a_batch_of_less_than_one_is_an_error(tmp_path: Path) -> None:
    """It would never end."""
    with pytest.raises(ValueError, match="at least 1"):
        next(save(tmp_path).batches(0))


def test_a_folder_of_snapshots_is_no_snapshot(tmp_path: Path) -> None:
    """The message lists up to three, and the newest, which it does not choose by itself."""
    for hour in range(5):
        save(tmp_path, name=f"h{hour}", at=NOON + timedelta(hours=hour))
    with pytest.raises(ConfigError) as caught:
        open_snapshot(str(tmp_path))
    assert str(caught.value) == (
        f"{tmp_path} is a folder of 5 snapshots (20261123T120000Z-h0, 20261123T130000Z-h1, 20261123T140000Z-h2, …). "
        f"Give one of them; the newest is {tmp_path}/20261123T160000Z-h4."
    )


def test_what_is_no_snapshot_is_told(tmp_path: Path) -> None:
    """A path that does not exist, an empty folder, a file, an address of another kind."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "file.parquet").write_text("")
    for path, message in (
        (str(tmp_path / "no"), r"There is no snapshot at .*/no\. `etl extract` makes one"),
        (str(tmp_path / "empty"), r"is not a snapshot: it has no manifest\.json"),
        (str(tmp_path / "file.parquet"), r"is a file; give the folder of the snapshot"),
        ("gs://bucket/x", r"'gs://bucket/x' is not a place for snapshots"),
        ("s3://", r"'s3://' is not a place for snapshots"),
    ):
        with pytest.raises(ConfigError, match=message):
            open_snapshot(path)


def test_a_path_relative_to_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is shown as it was given, with or without a slash at its end."""
    save(tmp_path / "snapshots")
    monkeypatch.chdir(tmp_path)
    assert list_snapshots("snapshots/") == ["snapshots/20261123T120000Z-one"]
    assert open_snapshot("snapshots/20261123T120000Z-one/").id == "20261123T120000Z-one"


def test_a_changed_file_is_found(tmp_path: Path) -> None:
    """By its hash; the message has both and says what to do."""
    snapshot = save(tmp_path, records("T1"))
    file = Path(snapshot.path) / "tenants.parquet"
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    with pytest.raises(
        ContractError, match=r"tenants\.parquet is not what was written: its SHA-256 is .*Take another one"
    ):
        open_snapshot(snapshot.path)


def test_a_missing_file_is_found(tmp_path: Path) -> None:
    """One that the manifest lists."""
    snapshot = save(tmp_path, records("T1"))
    (Path(snapshot.path) / "tenants.parquet").unlink()
    with pytest.raises(ContractError, match=r"tenants\.parquet is missing\. The snapshot is damaged"):
        snapshot.verify()


@pytest.mark.parametrize("field", ["format_version", "contract_version"])
def test_a_snapshot_of_another_version_is_refused(tmp_path: Path, field: str) -> None:
    """The message names both versions and the program that made it."""
    snapshot = save(tmp_path)
    edit_manifest(snapshot, lambda fields: fields.update({field: 9, "etl_version": "7.0"}))
    with pytest.raises(
        ContractError,
        match=r"made by etl 7\.0; this program reads format 1 and contract 1\. Use the program",
    ):
        open_snapshot(snapshot.path)


@pytest.mark.parametrize(
    "change",
    [
        lambda fields: fields.update(format="something else"),
        lambda fields: fields.pop("format"),
        lambda fields: fields.pop("records"),
        lambda fields: fields.pop("source_name"),
        lambda fields: fields.pop("id_prefix"),
        lambda fields: fields.update(records=1),
        lambda fields: fields.update(complete="yes"),
        lambda fields: fields.update(files={}),
        lambda fields: fields.update(files=[]),
        lambda fields: fields["files"].update({"../x": fields["files"]["tenants.parquet"]}),
        lambda fields: fields["files"]["tenants.parquet"].pop("sha256"),
        lambda fields: fields.update(problems=None),
    ],
)
def test_a_damaged_manifest_is_told(tmp_path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """A field that is missing, of a wrong type, or leads out of the folder."""
    snapshot = save(tmp_path)
    edit_manifest(snapshot, change)
    with pytest.raises(
        ContractError, match=r"manifest\.json in .* is not a manifest of a snapshot, or damaged"
    ):
        open_snapshot(snapshot.path)


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"null", b"\xff", b"[" * 100_000])
def test_a_manifest_that_is_no_json_is_told(tmp_path: Path, text: bytes) -> None:
    """Whatever is in it."""
    snapshot = save(tmp_path)
    (Path(snapshot.path) / "manifest.json").write_bytes(text)
    with pytest.raises(ContractError, match="or damaged"):
        open_snapshot(snapshot.path)


# Listing and pruning


def test_only_snapshots_are_listed(tmp_path: Path) -> None:
    """By name and manifest, oldest first; a root that is not there has none."""
    save(tmp_path, name="late", at=NOON + timedelta(days=1))
    save(tmp_path, name="early")
    (tmp_path / "20261123T120000Z-half").mkdir()
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "manifest.json").write_text("{}")
    (tmp_path / "20261123T120000Z-file").write_text("")
    assert list_snapshots(str(tmp_path)) == [
        f"{tmp_path}/20261123T120000Z-early",
        f"{tmp_path}/20261124T120000Z-late",
    ]
    assert list_snapshots(str(tmp_path / "no")) == []


def test_the_oldest_are_pruned(tmp_path: Path) -> None:
    """Down to the number to keep; what is not a snapshot stays."""
    for hour in range(4):
        save(tmp_path, records("T1"), name="x", at=NOON + timedelta(hours=hour))
    (tmp_path / "20250101T000000Z-half").mkdir()
    assert prune_snapshots(str(tmp_path), 0) == []
    assert prune_snapshots(str(tmp_path), 9) == []
    assert prune_snapshots(str(tmp_path), 2) == [
        f"{tmp_path}/20261123T120000Z-x",
        f"{tmp_path}/20261123T130000Z-x",
    ]
    assert names(tmp_path) == ["20250101T000000Z-half", "20261123T140000Z-x", "20261123T150000Z-x"]


@pytest.mark.parametrize("begun", [NOON - timedelta(days=1), NOON + timedelta(minutes=90)])
def test_the_callers_own_is_not_pruned(tmp_path: Path, begun: datetime) -> None:
    """It is one of those that stay, whatever its name says of the time: a clock was set back, or another one is ahead."""
    for hour in range(3):
        save(tmp_path, records("T1"), name="x", at=NOON + timedelta(hours=hour))
    own = save(tmp_path, records("T1"), name="own", at=begun).id
    assert prune_snapshots(str(tmp_path), 3, own) == [f"{tmp_path}/20261123T120000Z-x"]
    assert prune_snapshots(str(tmp_path), 1, own) == [
        f"{tmp_path}/20261123T130000Z-x",
        f"{tmp_path}/20261123T140000Z-x",
    ]
    assert names(tmp_path) == [own]
    assert prune_snapshots(str(tmp_path), 1, own) == []


def test_each_run_keeps_its_own(tmp_path: Path) -> None:
    """Of forty runs of two malls within a second or two, of which one snapshot a mall is kept, none loses its own."""
    for _ in range(40):
        sync_id = new_sync_id()
        for mall in ("icon", "siam"):
            with SnapshotWriter(str(tmp_path / mall), sync_id=sync_id) as writer:
                writer.write(records("T1"))
                saved = writer.finish()
            prune_snapshots(str(tmp_path / mall), 1)  # the newest by its name is the newest
            assert names(tmp_path / mall) == [saved.id] == [sync_id]


def test_work_folders_of_killed_runs_are_swept(tmp_path: Path) -> None:
    """Those of a day or more before the newest snapshot; a running one's stays."""
    save(tmp_path, name="new")
    for stale in (".20261122T110000Z-a.tmp", ".99999999T999999Z-b.tmp"):
        (tmp_path / stale).mkdir()
        (tmp_path / stale / "tenants.parquet").write_text("x")
    for kept in (".20261123T110000Z-c.tmp", ".cache.tmp"):
        (tmp_path / kept).mkdir()
    prune_snapshots(str(tmp_path), 48)
    assert names(tmp_path) == [".20261123T110000Z-c.tmp", ".cache.tmp", "20261123T120000Z-new"]


class Undeletable:
    """Files on another machine, of which one folder belongs to somebody else."""

    def __init__(self, name: str) -> None:
        self._files = fs.LocalFileSystem()
        self._name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(self._files, name)

    def delete_file(self, path: str) -> None:
        """Delete a file."""
        if self._name in path:
            raise PermissionError(403, "AccessDenied")
        self._files.delete_file(path)


def test_a_snapshot_that_can_not_be_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log_lines: StringIO
) -> None:
    """It stays whole, with a warning; the others go, and who made the newest goes on."""
    for hours in range(4):
        save(tmp_path, name=f"n{hours}", at=NOON + timedelta(hours=hours))
    place = Location(cast("fs.FileSystem", Undeletable("-n1")), str(tmp_path), "s3://mall")
    monkeypatch.setattr(storage, "locate", lambda _: place)

    deleted = prune_snapshots("s3://mall", 1)

    assert [path.rpartition("-")[2] for path in deleted] == ["n0", "n2"]
    assert [name.rpartition("-")[2] for name in names(tmp_path)] == ["n1", "n3"]
    assert open_snapshot(str(tmp_path / names(tmp_path)[0])).record_count == 0
    (line,) = [json.loads(line) for line in log_lines.getvalue().splitlines()]
    assert (line["event"], line["level"]) == ("snapshots_not_deleted", "warning")
    assert "n1" in line["error"]


def test_a_root_that_can_not_be_listed(tmp_path: Path, log_lines: StringIO) -> None:
    """Nothing is deleted, and that is a warning."""
    (tmp_path / "file").write_text("")
    assert prune_snapshots(str(tmp_path / "file"), 1) == []
    assert "snapshots_not_deleted" in log_lines.getvalue()


def test_a_folder_that_can_not_be_read_is_told(tmp_path: Path) -> None:
    """A file in its place."""
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=r"Can't read .*/file: .*Check the address and the rights"):
        list_snapshots(str(tmp_path / "file"))


def test_the_source_of_a_snapshot(tmp_path: Path) -> None:
    """A named one says whose ids it has; the records keep theirs."""
    saved = save(tmp_path, records("T1"), source_name="siam", id_prefix="siam:")
    fields = json.loads((tmp_path / saved.id / "manifest.json").read_text())
    assert (fields["source_name"], fields["id_prefix"], fields["format_version"]) == ("siam", "siam:", 1)

    found = open_snapshot(saved.path)

    assert (found.manifest.source_name, found.manifest.id_prefix) == ("siam", "siam:")
    assert next(found.batches(10))["uniqueId"].to_list() == ["T1"]


@pytest.mark.parametrize(
    "named",
    [
        {"source_name": "Siam"},
        {"source_name": "\x1b[31m"},
        {"id_prefix": "siam"},
        {"id_prefix": "a b:"},
        {"id_prefix": None},
        {"source_name": 7},
    ],
)
def test_a_source_that_can_not_be(tmp_path: Path, named: dict[str, Any]) -> None:
    """A manifest that names what is not a source is damaged."""
    saved = save(tmp_path, records("T1"), source_name="siam", id_prefix="siam:")
    edit_manifest(saved, lambda fields: fields.update(named))
    with pytest.raises(ContractError, match="is not a manifest of a snapshot, or damaged"):
        open_snapshot(saved.path)
