"""Promise: a worker that dies costs time only. Its work is done again, and no row is there twice or is missing."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from etl.demo.sample import sample_day
from etl.model.results import SyncResult
from tests.ray.conftest import TwoNodes
from tests.ray.test_same_result import told
from tests.support.ray import everything, kill_worker, staging_of
from tests.support.sync import Mall

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("ray")]

RECORDS = list(sample_day(1, 1_000))


def same_as_ordinary(mall: Mall, sync: Callable[[], SyncResult]) -> None:
    """A sync on the cluster leaves what the ordinary one leaves in an empty database."""
    result = sync()
    found = told(result), everything(mall)
    mall.empty()
    mall.database.execute("TRUNCATE api_sync_logs RESTART IDENTITY CASCADE")
    expected = told(mall.sync(RECORDS)), everything(mall)
    assert found == expected
    assert staging_of(mall) == []


def test_a_worker_that_dies_while_it_fetches(two_nodes: TwoNodes, wide: Mall) -> None:
    """It is killed in the midst of its pages; they are asked for again."""
    killed: list[int] = []
    wide.api.before_page(6, lambda: killed.append(kill_worker("ray::fetch_pages", two_nodes.pids)))
    same_as_ordinary(wide, lambda: two_nodes.sync(wide, RECORDS))
    assert len(killed) == 1
    asked = [request.page for request in wide.api.requests]
    assert max(asked.count(page) for page in range(4, 10)) > 1


@contextmanager
def held_back(mall: Mall, table: str, then: Callable[[], object]) -> Iterator[None]:
    """Hold up what is loaded into a staging table, do something once somebody waits there, and let it go on."""
    failed: list[BaseException] = []

    def work() -> None:
        try:
            with mall.database.connect() as connection:
                _lock(connection, table)
                _wait(lambda: connection.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchone())
                then()
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        thread.join()
    assert failed == []


def _lock(connection: "psycopg.Connection[dict[str, Any]]", table: str) -> None:
    def is_locked() -> bool:
        found = connection.execute(
            "SELECT relname FROM pg_class WHERE relname LIKE 'staged%%' AND relname LIKE %s AND relkind = 'r'",
            [f"%_{table}"],
        ).fetchone()
        if found is not None:
            connection.execute(f"LOCK etl.{found['relname']} IN SHARE MODE")
        return found is not None

    connection.execute("SELECT 1")
    _wait(is_locked)


def _wait(is_so: Callable[[], object], within_s: float = 60) -> None:
    deadline = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_worker_that_dies_while_it_stages(two_nodes: TwoNodes, wide: Mall) -> None:
    """It is killed in the midst of its COPY; what it had loaded is rolled back, and the shard is loaded again."""
    killed: list[int] = []
    with held_back(wide, "tenants", lambda: killed.append(kill_worker("ray::stage_range", two_nodes.pids))):
        same_as_ordinary(wide, lambda: two_nodes.sync(wide, RECORDS))
    assert len(killed) == 1
