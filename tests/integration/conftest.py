"""A mall under test: a fresh database after `etl init`, an API on loopback, a folder for snapshots."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest

from etl import log
from tests.support.api import FakeApi
from tests.support.postgres import Database
from tests.support.sync import Mall


@pytest.fixture
def api() -> Iterator[FakeApi]:
    """Serve an empty list; tests set `api.records`."""
    with FakeApi() as api:
        yield api


@pytest.fixture
def mall(api: FakeApi, database: Database, tmp_path: Path) -> Mall:
    """Give a mall on the server that `database` is on."""
    return Mall(api, database, tmp_path / "snapshots")


@pytest.fixture
def any_mall(api: FakeApi, any_database: Database, tmp_path: Path) -> Mall:
    """Give a mall on each Postgres that the tests run on."""
    return Mall(api, any_database, tmp_path / "snapshots")


@pytest.fixture
def log_lines() -> StringIO:
    """Give what is logged, one JSON object a line."""
    stream = StringIO()
    log.configure("json", stream=stream)
    return stream
