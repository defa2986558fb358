"""Opening the database that the settings name."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from etl.config.database import Database, read_database_url
from etl.db import connect as module
from etl.db.connect import connect
from etl.db.connection import Postgres
from etl.db.errors import PostgresError
from etl.embedded.postgres import EmbeddedPostgres
from tests.support.postgres import FAST


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Give the folder of an embedded Postgres."""
    with tempfile.TemporaryDirectory(prefix="etl-test-") as name:
        Path(name).chmod(0o755)
        yield Path(name) / "data"


@pytest.fixture
def embedded(folder: Path) -> Database:
    """Give the settings' view of it."""
    return read_database_url(f"embedded://{folder}")


class Calls:
    """Postgres, with something done just before the first connection; counts them."""

    def __init__(self, act: object = None) -> None:
        self.count = 0
        self._act = act

    def __call__(self, dsn: str, **options: Any) -> Postgres:
        self.count += 1
        if self.count == 1 and callable(self._act):
            self._act()
        return Postgres(dsn, **options)


def test_an_embedded_server_is_started_and_ended(embedded: Database, folder: Path) -> None:
    """It answers within the `with`, and is gone afterwards."""
    with connect(embedded) as db:
        assert db.read("check/etl_schema").height == 1
        assert (folder / "postmaster.pid").exists()
    assert not (folder / "postmaster.pid").exists()


def test_a_server_that_is_just_ending_is_started_again(
    embedded: Database, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process's server ends between finding it and connecting: one more try has a server of its own."""
    other = EmbeddedPostgres(folder, settings=FAST).start()
    calls = Calls(other.stop)
    monkeypatch.setattr(module, "Postgres", calls)
    with connect(embedded) as db:
        assert db.read("check/etl_schema").height == 1
    assert calls.count == 2
    assert not (folder / "postmaster.pid").exists()


def test_a_server_that_refuses_is_asked_twice_at_most(
    embedded: Database, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process's server runs on and refuses: the second refusal is passed on, and the server is left alone."""

    def refuse(dsn: str, **_options: Any) -> Postgres:
        refused.append(dsn)
        raise PostgresError("refused", "57P03", "refused")

    refused: list[str] = []
    monkeypatch.setattr(module, "Postgres", refuse)
    with EmbeddedPostgres(folder, settings=FAST):
        with pytest.raises(PostgresError), connect(embedded):
            pass
        assert (len(refused), (folder / "postmaster.pid").exists()) == (2, True)


def test_a_server_of_its_own_that_refuses_is_asked_once(
    embedded: Database, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trying again would change nothing: the refusal is passed on, and the server ended."""

    def refuse(dsn: str, **_options: Any) -> Postgres:
        refused.append(dsn)
        raise PostgresError("refused", "28000", "refused")

    refused: list[str] = []
    monkeypatch.setattr(module, "Postgres", refuse)
    with pytest.raises(PostgresError), connect(embedded):
        pass
    assert (len(refused), (folder / "postmaster.pid").exists()) == (1, False)
