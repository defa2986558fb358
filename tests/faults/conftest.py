"""The same malls as in the integration tests, and some that were synced before."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.conftest import any_mall, api, mall
from tests.support.api import FakeApi
from tests.support.postgres import Servers
from tests.support.proxy import Proxy
from tests.support.sync import Mall, copy_of, synced_mall

__all__ = ["any_mall", "api", "first", "mall", "proxy", "synced"]


@pytest.fixture
def proxy(mall: Mall) -> Iterator[Proxy]:
    """Put a proxy between the job and its database."""
    with Proxy(mall.database.dsn) as proxy:
        mall.via = proxy.dsn
        yield proxy


@pytest.fixture(scope="module")
def first(
    request: pytest.FixtureRequest, postgres_servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mall]:
    """Give the mall that each test of a module has a copy of, after a sync of the module's FEED."""
    with synced_mall(postgres_servers, tmp_path_factory.mktemp("first"), request.module.FEED) as mall:
        yield mall


@pytest.fixture
def synced(first: Mall, postgres_servers: Servers, api: FakeApi, tmp_path: Path) -> Iterator[Mall]:
    """Give a mall after a sync of the module's FEED."""
    with copy_of(first, postgres_servers, api, tmp_path / "snapshots") as mall:
        yield mall
