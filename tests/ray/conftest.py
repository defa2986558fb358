"""A cluster of two nodes on this machine, started once, and malls that sync on it."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from etl.engines.ray.connection import connected, require_ray
from etl.model.results import SyncResult
from tests.integration.conftest import api, mall
from tests.support.ray import leave_to_make_tables, under
from tests.support.sync import Mall

__all__ = ["api", "mall"]


@dataclass(frozen=True)
class TwoNodes:
    """A cluster of two nodes, each with one CPU, to which this process is connected.

    Attributes:
        address: Of its head.
        cluster: ray.cluster_utils.Cluster.
        folder: Where Ray keeps its files.
    """

    address: str
    cluster: Any
    folder: Path

    def pids(self) -> Iterator[int]:
        """Yield the processes that its two raylets started: workers, and helpers of Ray."""
        for node in self.cluster.list_all_nodes():
            for raylet in node.all_processes["raylet"]:
                yield from under(raylet.process.pid)

    def sync(self, mall: Mall, records: Any = None, **options: Any) -> SyncResult:
        """Run `etl sync --engine ray` on it."""
        return mall.sync(records, engine="ray", ray_address=self.address, **options)


@pytest.fixture(scope="session")
def two_nodes() -> Iterator[TwoNodes]:
    """Start the cluster; no process of it is left, and no file."""
    require_ray(None)  # with Ray's settings: loopback only, and a token
    from ray.cluster_utils import Cluster  # noqa: PLC0415 — after that

    node: dict[str, Any] = {
        "num_cpus": 1,
        "object_store_memory": 80 << 20,
        "node_ip_address": "127.0.0.1",
        "include_dashboard": False,
    }
    with _folder_of_ray() as folder:
        cluster = Cluster(initialize_head=True, head_node_args=node)
        try:
            cluster.add_node(**node)
            with connected(cluster.address):
                yield TwoNodes(cluster.address, cluster, folder)
        finally:
            cluster.shutdown()


@contextmanager
def _folder_of_ray() -> Iterator[Path]:
    """Give a new folder in which Ray keeps its files, and remove it in the end.

    An argument is not enough: whatever folder a cluster is given, its address is written into that of the environment,
    which is /tmp/ray where there is none. That folder may be missing, or hold the address of somebody else's cluster.
    """
    usual = tempfile.mkdtemp(prefix="ray-", dir="/tmp")  # a short path: sockets lie in it
    folder = Path(usual, "ray")
    folder.mkdir()
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("RAY_TMPDIR", usual)
            yield folder
    finally:
        shutil.rmtree(usual, ignore_errors=True)


@pytest.fixture
def wide(mall: Mall) -> Mall:
    """Give a mall whose role may make the staging tables, with small batches and shards."""
    mall.overrides = {"sync_batch_size": 100, "ray_shard_records": 300}
    return leave_to_make_tables(mall)
