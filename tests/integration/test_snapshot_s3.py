"""Snapshots on an S3 server on loopback."""

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import polars as pl
import pyarrow as pa
import pytest
from moto.server import ThreadedMotoServer

from etl.contract.raw import SNAPSHOT_SCHEMA
from etl.contract.reference import FLOORS
from etl.engines.ray.shards import ShardedWriter, ShardFile
from etl.errors import ConfigError, ContractError, EtlError
from etl.snapshot import Snapshot, SnapshotWriter, list_snapshots, open_snapshot, prune_snapshots

NOON = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
ROOT = "s3://mall-snapshots/daily/"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Run an S3 server, and give its address."""
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(autouse=True)
def bucket(server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Give an empty bucket, and the environment of a task that may use it."""
    for name, value in (
        ("AWS_ENDPOINT_URL", server),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_REGION", "ap-southeast-1"),
    ):
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)
    s3 = boto3.resource("s3", region_name="ap-southeast-1")
    bucket = s3.create_bucket(
        Bucket="mall-snapshots", CreateBucketConfiguration={"LocationConstraint": "ap-southeast-1"}
    )
    yield bucket.name
    bucket.objects.delete()
    bucket.delete()


def keys(bucket: str) -> list[str]:
    """Return the names of the objects, folder markers left out."""
    found = boto3.resource("s3").Bucket(bucket).objects.all()
    return [item.key for item in found if not item.key.endswith("/")]


def numbered(stop: int) -> pa.Table:
    """Return records T0 to T<stop - 1>."""
    ids = pa.array([f"T{number}" for number in range(stop)], pa.string())
    return pa.Table.from_arrays(
        [ids, *[pa.nulls(stop, pa.string())] * (len(SNAPSHOT_SCHEMA) - 1)], schema=SNAPSHOT_SCHEMA
    )


def save(rows: int = 1, *, root: str = ROOT, hours: int = 0) -> Snapshot:
    """Save a snapshot of so many records."""
    with SnapshotWriter(root, name="one", created_at=NOON + timedelta(hours=hours)) as snapshot:
        snapshot.write(numbered(rows))
        return snapshot.finish()


def test_a_snapshot_goes_to_s3_and_back(bucket: str) -> None:
    """Written, opened by its address, read in batches."""
    saved = save(7_000)
    assert saved.path == "s3://mall-snapshots/daily/20261123T120000Z-one"
    assert keys(bucket) == [
        "daily/20261123T120000Z-one/manifest.json",
        "daily/20261123T120000Z-one/tenants.parquet",
    ]
    snapshot = open_snapshot(saved.path)
    assert (snapshot.id, snapshot.record_count) == ("20261123T120000Z-one", 7_000)
    assert [batch["uniqueId"][0] for batch in snapshot.batches(3_000)] == ["T0", "T3000", "T6000"]


def test_the_bytes_are_those_of_a_local_snapshot(bucket: str, tmp_path: Path) -> None:
    """Where it lies makes no difference."""
    save(7_000)
    save(7_000, root=str(tmp_path))
    stored = (
        boto3.resource("s3").Object(bucket, "daily/20261123T120000Z-one/tenants.parquet").get()["Body"].read()
    )
    assert stored == (tmp_path / "20261123T120000Z-one" / "tenants.parquet").read_bytes()


def test_a_bucket_without_a_prefix_is_a_root() -> None:
    """S3://bucket holds snapshots as well."""
    save(root="s3://mall-snapshots")
    assert list_snapshots("s3://mall-snapshots") == ["s3://mall-snapshots/20261123T120000Z-one"]


def test_listing_and_pruning(bucket: str) -> None:
    """As in a local folder; a folder without a manifest is not a snapshot and stays."""
    for hours in range(3):
        save(hours=hours)
    boto3.resource("s3").Object(bucket, "daily/20250101T000000Z-half/tenants.parquet").put(Body=b"x")
    assert prune_snapshots(ROOT, 2) == ["s3://mall-snapshots/daily/20261123T120000Z-one"]
    assert list_snapshots(ROOT) == [
        "s3://mall-snapshots/daily/20261123T130000Z-one",
        "s3://mall-snapshots/daily/20261123T140000Z-one",
    ]
    assert len(keys(bucket)) == 5
    own = save(hours=-24).id
    assert prune_snapshots(ROOT, 2, own) == ["s3://mall-snapshots/daily/20261123T130000Z-one"]
    assert list_snapshots(ROOT) == [
        "s3://mall-snapshots/daily/20261122T120000Z-one",
        "s3://mall-snapshots/daily/20261123T140000Z-one",
    ]
    assert prune_snapshots(ROOT, 0, own) == []
    save(hours=1)
    assert prune_snapshots(ROOT, 2) == ["s3://mall-snapshots/daily/20261122T120000Z-one"]
    with pytest.raises(
        ConfigError, match=r"folder of 2 snapshots .*the newest is s3://mall-snapshots/daily/20261123T14"
    ):
        open_snapshot(ROOT)


def test_nothing_is_there_before_it_is_whole(bucket: str) -> None:
    """Records are gathered on this machine; an error leaves no object."""

    def fail() -> None:
        with SnapshotWriter(ROOT) as snapshot:
            snapshot.write(numbered(7_000))
            assert keys(bucket) == []
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert keys(bucket) == []


@pytest.mark.long
def test_a_changed_object_is_found(bucket: str) -> None:
    """By its hash."""
    path = save().path
    boto3.resource("s3").Object(bucket, "daily/20261123T120000Z-one/tenants.parquet").put(Body=b"x")
    with pytest.raises(ContractError, match=r"tenants\.parquet is not what was written"):
        open_snapshot(path)


def test_a_bucket_that_is_not_there_is_told() -> None:
    """Reading and writing, with advice."""
    with pytest.raises(
        ConfigError, match=r"Can't read s3://no-such-bucket/x: .*there is no bucket no-such-bucket.*AWS_ "
    ):
        list_snapshots("s3://no-such-bucket/x")
    with pytest.raises(
        EtlError, match=r"Can't write a snapshot to s3://no-such-bucket/x/.*bucket does not exist"
    ):
        save(root="s3://no-such-bucket/x")
    with pytest.raises(ConfigError, match="There is no snapshot at s3://mall-snapshots/no"):
        open_snapshot("s3://mall-snapshots/no")


@pytest.mark.parametrize("name", ["AWS_REGION", "AWS_DEFAULT_REGION"])
def test_the_region_need_not_be_told(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """It is that of the environment; a server that is not Amazon's needs none."""
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.setenv(name, "" if name == "AWS_REGION" else "ap-southeast-1")
    assert list_snapshots(save().path.rsplit("/", 1)[0]) == ["s3://mall-snapshots/daily/20261123T120000Z-one"]


@pytest.mark.quick(cases=1)
@pytest.mark.parametrize(
    ("name", "spoil", "words"),
    [
        (
            "manifest.json",
            lambda text: text.replace(b'"floors', b'"../floors'),
            "is not a manifest of a snapshot",
        ),
        (
            "manifest.json",
            lambda text: text.replace(b'"records": 1', b'"records": 1, "records": 1'),
            "or damaged",
        ),
        ("tenants.parquet", lambda data: data[:-100], "the manifest says"),
        ("tenants.parquet", lambda data: data[:-1] + b"x", "its SHA-256 is"),
    ],
)
def test_what_was_changed_is_refused(
    bucket: str, name: str, spoil: Callable[[bytes], bytes], words: str
) -> None:
    """As in a local folder: names that lead out, keys that come twice, sizes and hashes that do not fit."""
    rows = pl.DataFrame([(1, "GF", 1.0, "ACTIVE")], schema=FLOORS, orient="row")
    with SnapshotWriter(ROOT, name="one", created_at=NOON) as snapshot:
        snapshot.write(numbered(1))
        made = snapshot.finish(floors=rows)
    (key,) = [key for key in keys(bucket) if key.endswith(name)]
    stored = boto3.resource("s3").Object(bucket, key)
    data = stored.get()["Body"].read()
    assert spoil(data) != data
    stored.put(Body=spoil(data))
    with pytest.raises(ContractError, match=words):
        open_snapshot(made.path)


def test_shards_go_to_s3_and_back(bucket: str) -> None:
    """Each straight to its place; the manifest comes last, and a shard that nobody names is removed."""
    with ShardedWriter(ROOT, name="one", created_at=NOON) as writer:
        named = {}
        for number, rows in ((1, 10), (0, 6_000), (2, 5)):
            with ShardFile(writer.address, number) as shard:
                shard.write(numbered(rows))
                name, facts = shard.finish()
            if number < 2:
                named[name] = facts
        assert len(keys(bucket)) == 3
        assert list_snapshots(ROOT) == []
        saved = writer.finish(named, source="a test")
    assert keys(bucket) == sorted(f"daily/20261123T120000Z-one/{name}" for name in (*named, "manifest.json"))
    batches = open_snapshot(saved.path).batches(6_005)
    assert [(batch.height, batch["uniqueId"][0]) for batch in batches] == [(6_005, "T0"), (5, "T5")]


def test_shards_that_nobody_finishes_are_removed(bucket: str) -> None:
    """What workers wrote goes with the run that failed."""

    def fail() -> None:
        with ShardedWriter(ROOT) as writer, ShardFile(writer.address, 0) as shard:
            shard.write(numbered(10))
            shard.finish()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert keys(bucket) == []
