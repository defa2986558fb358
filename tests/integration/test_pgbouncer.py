"""Behind a real PgBouncer: one that lends a process for a transaction is refused in words, one for a session works."""

from pathlib import Path
from typing import Any

import pytest

from etl.db.connection import Postgres
from etl.errors import ConfigError
from tests.support.api import FakeApi
from tests.support.pgbouncer import pgbouncer
from tests.support.postgres import Database
from tests.support.process import run
from tests.support.sync import Mall, record

WORDS = "is behind a pooler that lends a process of the server for one transaction only"
SETTINGS = (
    "SELECT current_setting('search_path') AS search_path, current_setting('statement_timeout') AS statement_timeout, "
    "current_setting('TimeZone') AS time_zone"
)
TEMPORARY = "SELECT relname FROM pg_class WHERE relnamespace = pg_my_temp_schema()"


@pytest.mark.parametrize("mode", ["transaction", "statement"])
@pytest.mark.parametrize(
    "options",
    [{}, {"default_pool_size": 1, "query_wait_timeout": 3}, {"server_round_robin": 1}],
    ids=["idle", "a pool of one", "round robin"],
)
def test_a_process_for_one_transaction(database: Database, mode: str, options: dict[str, Any]) -> None:
    """Two connections have the same process: refused before any setting is made, which another client would inherit."""
    with pgbouncer(database, mode, **options) as dsn:
        with pytest.raises(ConfigError, match=WORDS) as caught:
            Postgres(dsn, "the mall")
        assert caught.value.exit_code == 2
        assert "let DATABASE_URL name the server itself, or a pool in session mode" in str(caught.value)
        left = Database(dsn, database.major).query(SETTINGS)
    assert left == database.query(SETTINGS)


@pytest.mark.parametrize("command", ["check", "init", "sync", "diff", "runs"])
def test_every_command_says_so(mall: Mall, command: str) -> None:
    """Exit 2, one sentence, nothing written."""
    before = mall.fingerprint()
    with pgbouncer(mall.database, "transaction") as dsn:
        mall.via = dsn
        ended = run(mall, command)
    assert ended.returncode == 2, ended.stdout + ended.stderr
    assert WORDS in " ".join((ended.stdout + ended.stderr).split())
    assert mall.fingerprint() == before


def test_a_pool_that_is_busy(database: Database) -> None:
    """Other clients hold processes of the pool while it is looked for: refused all the same."""
    with pgbouncer(database, "transaction") as dsn, Database(dsn, database.major).connect() as busy:
        busy.execute("SELECT 1")  # in a transaction that stays open
        with pytest.raises(ConfigError, match=WORDS):
            Postgres(dsn, "the mall")


@pytest.mark.parametrize("options", [{}, {"ignore_startup_parameters": "options,extra_float_digits"}])
def test_a_process_for_a_session(mall: Mall, options: dict[str, Any]) -> None:
    """Session mode works, whether or not the pooler takes `options` in the address: check, sync, and sync again."""
    with pgbouncer(mall.database, "session", **options) as dsn:
        mall.via = dsn
        assert run(mall, "check").returncode == 0
        assert mall.sync([record("T1"), record("T2")]).counts.created == 2
        assert mall.sync().counts.unchanged == 2


def test_nothing_is_handed_on(mall: Mall) -> None:
    """The next client of a pool that does not clean up gets neither settings, temporary objects nor a lock of the job's."""
    with pgbouncer(mall.database, "session", server_reset_query="", default_pool_size=2) as dsn:
        mall.via = dsn
        mall.sync([record("T1")])
        next_client = Database(dsn, mall.database.major)
        with next_client.connect() as one, next_client.connect() as other:
            for client in (one, other):
                assert client.execute(SETTINGS).fetchall() == mall.database.query(SETTINGS)
                assert client.execute(TEMPORARY).fetchall() == []
                assert client.execute("SELECT 1 FROM pg_locks WHERE locktype = 'advisory'").fetchall() == []


def test_a_pool_of_one_session(mall: Mall, monkeypatch: pytest.MonkeyPatch) -> None:
    """No second connection can be had: nothing is concluded from it, and the sync goes on."""
    monkeypatch.setattr("etl.db.connection.PROBE_PATIENCE_S", 0.5)
    with pgbouncer(mall.database, "session", default_pool_size=1) as dsn:
        mall.via = dsn
        assert mall.sync([record("T1")]).counts.created == 1


def test_the_api_and_the_folder(mall: Mall, api: FakeApi, tmp_path: Path) -> None:
    """`etl check` tells of the pooler beside what it found of the API."""
    with pgbouncer(mall.database, "transaction") as dsn:
        mall.via = dsn
        ended = run(mall, "check")
    assert f"{api.url}: 0 records on offer" in ended.stdout
