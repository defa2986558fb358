"""The task's role in deploy/stack.yaml is enough for the snapshots, and for nothing else.

What is not shown here: that it may take back a snapshot that broke off. moto asks for that right on the bucket, where
AWS asks for it on each object.
"""

import json
import logging
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime

import boto3
import moto.settings
import pyarrow as pa
import pytest
from moto.server import ThreadedMotoServer

from etl.contract.raw import SNAPSHOT_SCHEMA
from etl.errors import EtlError
from etl.snapshot import SnapshotWriter, list_snapshots, open_snapshot
from tests.support.cloudformation import PARAMETERS, REGION, Stack

NOON = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Give the stack's bucket on a server that holds a user to the task role's policy, in that user's environment."""
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        address = f"http://{host}:{port}"
        for name, value in (("AWS_ENDPOINT_URL", address), ("AWS_REGION", REGION)):
            monkeypatch.setenv(name, value)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "owner")
        name = Stack(PARAMETERS).resource("SnapshotBucketPolicy")["Bucket"]
        where = {"LocationConstraint": REGION}
        boto3.client("s3", region_name=REGION).create_bucket(Bucket=name, CreateBucketConfiguration=where)
        key = _make_user()
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
        monkeypatch.setattr(moto.settings, "INITIAL_NO_AUTH_ACTION_COUNT", 0)
        yield name
        monkeypatch.setattr(moto.settings, "INITIAL_NO_AUTH_ACTION_COUNT", float("inf"))
        _forget(address)
    finally:
        server.stop()


def _make_user() -> dict[str, str]:
    iam = boto3.client("iam", region_name=REGION)
    iam.create_user(UserName="task")
    for policy in Stack(PARAMETERS).resource("TaskRole")["Policies"]:
        iam.put_user_policy(
            UserName="task",
            PolicyName=policy["PolicyName"],
            PolicyDocument=json.dumps(policy["PolicyDocument"]),
        )
    return dict(iam.create_access_key(UserName="task")["AccessKey"])


def _forget(address: str) -> None:
    urllib.request.urlopen(urllib.request.Request(f"{address}/moto-api/reset", method="POST")).close()


def save(root: str) -> str:
    """Save a snapshot of one record, and return its address."""
    columns = [pa.array(["T1"]), *[pa.nulls(1, pa.string())] * (len(SNAPSHOT_SCHEMA) - 1)]
    with SnapshotWriter(root, name="one", created_at=NOON) as snapshot:
        snapshot.write(pa.Table.from_arrays(columns, schema=SNAPSHOT_SCHEMA))
        return snapshot.finish().path


def test_snapshots_are_written_listed_and_read(bucket: str) -> None:
    """All that a run and a replay do."""
    root = f"s3://{bucket}/snapshots"
    saved = save(root)
    assert list_snapshots(root) == [saved]
    assert open_snapshot(saved).record_count == 1


def test_nothing_else_may_be_written(bucket: str) -> None:
    """Another folder of the bucket is none of the task's."""
    with pytest.raises(EtlError, match="Can't write a snapshot"):
        save(f"s3://{bucket}/elsewhere")
