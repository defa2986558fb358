"""A mall under test: a fresh database after `etl init`, an API on loopback, a folder for snapshots."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest

from etl.runtime import log
from tests.support.api import FakeApi
from tests.support.mixed import Moment, tell
from tests.support.postgres import DEFAULT, Database, Servers
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


@pytest.fixture(scope="session")
def mixed(postgres_servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Moment]]:
    """Give the moments of one story for all tests of it; they only look."""
    with FakeApi() as api, postgres_servers.get(DEFAULT).database() as database:
        yield tell(Mall(api, database, tmp_path_factory.mktemp("mixed")))
