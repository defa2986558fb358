"""Promise: whatever S3 does, what is said of it is true: a snapshot is whole or none, and what was left is named."""

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pyarrow as pa
import pytest

from etl.contract.raw import SNAPSHOT_SCHEMA
from etl.errors import ConfigError, ContractError, EtlError
from etl.snapshot import Snapshot, SnapshotWriter, list_snapshots, open_snapshot
from tests.support.patience import within
from tests.support.process import finish, run, start
from tests.support.s3 import ENVIRONMENT, S3, Answer, Fault, running, said
from tests.support.sync import Mall, record

ROOT = "s3://mall-snapshots/daily"
DENIED = Answer(403, said("AccessDenied", "Access Denied"))
EXPIRED = Answer(400, said("ExpiredToken", "The provided token has expired."))
BUSY = Answer(503, said("SlowDown", "Please reduce your request rate."))
CUT = Answer(200, b"x" * 100, is_cut=True)
CLEAN, LEFT = "Nothing was left there.", "may be left there, and could not be deleted; without a manifest"


@pytest.fixture(scope="module")
def server() -> Iterator[S3]:
    """Run an S3 server with a bucket."""
    with running() as s3:
        yield s3


@pytest.fixture
def s3(server: S3, monkeypatch: pytest.MonkeyPatch) -> Iterator[S3]:
    """Give a server that works, with an empty bucket, and the environment of a task that may use it."""
    for name, value in (ENVIRONMENT | {"AWS_ENDPOINT_URL": server.url}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)
    bucket = boto3.resource("s3").create_bucket(
        Bucket="mall-snapshots", CreateBucketConfiguration={"LocationConstraint": "ap-southeast-1"}
    )
    server.fault = server.spoil = None
    server.asked.clear()
    yield server
    server.fault = server.spoil = None
    bucket.objects.delete()
    bucket.delete()


def keys() -> list[str]:
    """Return the names of what is left of snapshots."""
    found = boto3.resource("s3").Bucket("mall-snapshots").objects.all()
    return [item.key.rsplit("/", 1)[1] for item in found if not item.key.endswith("/")]


def save(rows: int = 3, text: str | None = None) -> Snapshot:
    """Save a snapshot."""
    columns = {name: pa.nulls(rows, pa.string()) for name in SNAPSHOT_SCHEMA.names}
    columns["uniqueId"] = pa.array([f"T{number}" for number in range(rows)])
    if text is not None:
        columns["descriptionEn"] = pa.array([text] * rows)
    with SnapshotWriter(ROOT) as snapshot:
        snapshot.write(pa.table(columns, schema=SNAPSHOT_SCHEMA))
        return snapshot.finish()


def on(method: str, part: str, answer: Answer, *, times: int = 1_000) -> Fault:
    """Answer so many requests of a method whose path has a part."""
    left = [times]

    def fault(asked: str, path: str, _: bytes) -> Answer | None:
        if asked != method or part not in path or not left[0]:
            return None
        left[0] -= 1
        return answer

    return fault


def either(*faults: Fault) -> Fault:
    """Answer as the first that does."""
    return lambda *request: next((found for each in faults if (found := each(*request))), None)


NO_DELETE = either(on("DELETE", "", DENIED), on("POST", "?delete", DENIED))

UPLOADS: dict[str, tuple[Fault, str, list[str]]] = {
    "cut at the records": (on("PUT", "tenants", CUT), CLEAN, []),
    "cut at the manifest": (on("PUT", "manifest", CUT), CLEAN, []),
    "denied": (on("PUT", "tenants", DENIED), CLEAN, []),
    "denied at the manifest, and DELETE too": (
        either(on("PUT", "manifest", DENIED), NO_DELETE), LEFT, ["tenants.parquet"],
    ),
    "all denied": (either(on("PUT", "", DENIED), NO_DELETE), CLEAN, []),
    "expired": (on("PUT", "", EXPIRED), "The session token of the AWS_ settings has expired", []),
    "busy": (on("PUT", "manifest", BUSY), CLEAN, []),
}  # fmt: skip


@pytest.mark.quick(every=3)
@pytest.mark.parametrize("name", UPLOADS)
def test_an_upload_that_fails(s3: S3, name: str) -> None:
    """What is said to be left is what is left; whatever that is, it is no snapshot."""
    s3.fault, words, left = UPLOADS[name]
    with pytest.raises(EtlError, match=f"Can't write a snapshot to {ROOT}/") as caught:
        save()
    assert type(caught.value) is EtlError
    assert words in str(caught.value)
    s3.fault = None
    assert keys() == left
    assert list_snapshots(ROOT) == []


def test_an_upload_that_passes_at_last(s3: S3) -> None:
    """A fault that passes costs a try."""
    s3.fault = on("PUT", "", BUSY, times=1)
    save()
    assert keys() == ["manifest.json", "tenants.parquet"]


@pytest.mark.long
def test_a_large_upload_whose_end_fails(s3: S3) -> None:
    """Parts of it are taken; `Complete` answers 200 and has an error inside: no snapshot, and the error's words.

    The parts stay, since pyarrow aborts no upload: docs/reliability.md says so, and the template's bucket removes them.
    """
    s3.fault = on("POST", "uploadId", Answer(200, said("InternalError", "We encountered an internal error.")))
    with pytest.raises(EtlError, match=r"We encountered an internal error\. Nothing was left there\."):
        save(1, random.Random(1).randbytes(12 << 20).hex()[: 24 << 20])
    s3.fault = None
    assert keys() == []
    client = boto3.client("s3")
    (upload,) = client.list_multipart_uploads(Bucket="mall-snapshots")["Uploads"]
    client.abort_multipart_upload(Bucket="mall-snapshots", Key=upload["Key"], UploadId=upload["UploadId"])


REPLAYS: dict[str, tuple[Fault, type[EtlError], str]] = {
    "busy at the records": (on("GET", "tenants", BUSY), EtlError, r"SLOW_DOWN.*tried several times"),
    "busy at the first look": (on("HEAD", "", BUSY), EtlError, r"HTTP status 503.*tried several times"),
    "cut off": (on("GET", "tenants", Answer(200, b"x" * 1000, is_cut=True)), EtlError, "tried several times"),
    "another length": (on("GET", "tenants", Answer(200, b"x")), ContractError, "tenants.parquet is not what was written"),
    "expired": (either(*(on(method, "", EXPIRED) for method in ("GET", "HEAD"))), ConfigError, "token of .* has expired"),
    "denied": (on("HEAD", "", DENIED), ConfigError, "ACCESS_DENIED"),
}  # fmt: skip


@pytest.mark.quick(every=3)
@pytest.mark.parametrize("name", REPLAYS)
def test_a_replay_that_fails(s3: S3, name: str) -> None:
    """What may pass is tried again and ends with exit 1; what only a person can mend is told at once, with exit 2."""
    path = save().path
    s3.asked.clear()
    s3.fault, kind, words = REPLAYS[name]
    with pytest.raises(kind, match=words) as caught:
        open_snapshot(path)
    assert type(caught.value) is kind
    again = max(s3.count(each) for each in set(s3.asked))
    assert again >= 3 if kind is not ConfigError else again <= 2


@pytest.mark.quick(every=3)
@pytest.mark.parametrize("answer", [BUSY, CUT, Answer(200, b"x")])
def test_a_replay_that_goes_on(s3: S3, answer: Answer) -> None:
    """Twice it fails, then not."""
    path = save().path
    s3.fault = on("GET", "tenants", answer, times=2)
    assert [batch["uniqueId"].to_list() for batch in open_snapshot(path).batches(10)] == [["T0", "T1", "T2"]]


def test_each_file_is_fetched_once(s3: S3) -> None:
    """What is read is what was checked: nothing can be altered in between. The copies go with the snapshot."""
    snapshot = open_snapshot(save().path)
    assert sum(batch.height for batch in snapshot.batches(2)) == 3
    assert s3.count("GET /mall-snapshots/daily/") - s3.count("GET /mall-snapshots/daily/?") == 2
    copies = snapshot._copies
    assert copies is not None
    assert copies.exists()
    del snapshot
    assert not copies.exists()


def flipped(path_part: str) -> Callable[[str, str, bytes], bytes]:
    """Alter one byte of what is fetched."""

    def spoil(method: str, path: str, body: bytes) -> bytes:
        if method != "GET" or path_part not in path:
            return body
        return body[:500] + bytes([body[500] ^ 1]) + body[501:]

    return spoil


@pytest.mark.long
def test_one_byte_of_the_runs_own_upload(mall: Mall, s3: S3) -> None:
    """The run reads its records from where it has put them: what is not what it wrote is noticed, and nothing written."""
    mall.sync([record("T1")])
    before = mall.fingerprint()
    mall.api.records = [record("T1", tel="1"), record("T2")]
    s3.spoil = flipped("tenants.parquet")
    ended = run(mall, "sync", snapshot_dir=ROOT, **aws(s3))
    assert (ended.returncode, "is not what was written: its SHA-256 is" in ended.stderr) == (1, True)
    assert mall.fingerprint() == before
    assert mall.last_run()["status"] == "FAILED"
    s3.spoil = None
    assert run(mall, "sync", snapshot_dir=ROOT, **aws(s3)).returncode == 0


def aws(s3: S3) -> dict[str, Any]:
    """Return the settings of a command that uses the server."""
    return {**ENVIRONMENT, "aws_endpoint_url": s3.url}


@pytest.mark.quick(cases=1)
@pytest.mark.parametrize(
    ("method", "part"), [("PUT", "tenants"), ("PUT", "manifest"), ("GET", "tenants"), ("GET", "list-type")]
)
def test_sigterm_while_it_hangs(mall: Mall, s3: S3, method: str, part: str) -> None:
    """Within 10 seconds the process is gone, its run is FAILED and its lock free, at whatever request it hung."""
    mall.api.records = [record("T1")]
    hung: list[str] = []

    def hang(asked: str, path: str, body: bytes) -> Answer | None:
        if asked != method or part not in path:
            return None
        hung.append(path)
        return s3.hang(asked, path, body)

    s3.fault = hang
    process = start(mall, "sync", snapshot_dir=ROOT, snapshot_keep=1, **aws(s3))
    while not hung and process.poll() is None:
        time.sleep(0.05)
    assert process.poll() is None
    with within(10):
        process.send_signal(signal.SIGTERM)
        ended = finish(process)
    assert (ended.returncode, "Traceback" in ended.stderr) == (143, False)
    assert mall.last_run()["status"] == "FAILED"
    assert mall.leftovers() == {"sessions": 0, "locks": 0, "tables": 0}


@pytest.mark.long
def test_sigterm_in_a_large_upload(mall: Mall, s3: S3) -> None:
    """One that goes on, but slowly: it is broken off, and nothing of it is left."""
    pages = [record(f"T{n}", descriptionEn=os.urandom(60_000).hex()) for n in range(250)]
    mall.api.records = pages
    mall.overrides["api_page_size"] = 50
    begun: list[str] = []

    def slow(asked: str, path: str, _: bytes) -> Answer | None:
        if asked == "PUT" and "tenants" in path:
            begun.append(path)
            time.sleep(0.7)
        return None

    s3.fault = slow
    process = start(mall, "sync", snapshot_dir=ROOT, api_page_size=50, **aws(s3))
    while not begun and process.poll() is None:
        time.sleep(0.02)
    with within(10):
        process.send_signal(signal.SIGTERM)
        ended = finish(process)
    assert ended.returncode == 143
    s3.fault = None
    assert keys() == []
    assert mall.last_run()["status"] == "FAILED"


def test_no_copy_is_left_on_this_machine(mall: Mall, s3: S3, tmp_path: Path) -> None:
    """After a replay of a snapshot on S3 the folder for temporary files is as before."""
    mall.sync([record("T1")])
    path = save().path
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    assert run(mall, "diff", path, tmpdir=scratch, **aws(s3)).returncode == 0
    assert list(scratch.iterdir()) == []
