"""The command as a person or ECS runs it: a process of its own, with an environment of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.api import FakeApi
from tests.support.postgres import Database
from tests.support.process import Ended, finish, kept_environment, start_process
from tests.support.sync import record

Run = Callable[..., Ended]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Return a bare environment in which nothing of the caller's settings is left."""
    return {
        **kept_environment(),
        "SNAPSHOT_DIR": str(tmp_path / "snapshots"),
        "API_REQUESTS_PER_SECOND": "1000",
    }


@pytest.fixture
def etl(environment: dict[str, str], tmp_path: Path) -> Run:
    """Return a function that runs `etl` in an empty folder; keyword arguments are settings."""
    folder = tmp_path / "work"
    folder.mkdir()

    def run(*arguments: str, is_spawned: bool = False, **settings: str) -> Ended:
        process = start_process(
            *arguments,
            module="etl",
            cwd=folder,
            environment={**environment, **settings},
            is_spawned=is_spawned,
        )
        return finish(process)

    return run


@pytest.fixture
def api() -> Iterator[FakeApi]:
    """Serve three records."""
    with FakeApi() as api:
        api.records = [record("T1"), record("T2", floor="Fl. 3,4"), record("T3", categoryNameEn="Restaurant")]
        yield api


@pytest.fixture
def settings(api: FakeApi, database: Database) -> dict[str, str]:
    """Return the settings of a fresh database and the served API."""
    return {"DATABASE_URL": database.dsn, "EXTERNAL_API_URL": api.url}
