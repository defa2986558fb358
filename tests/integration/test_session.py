"""Promise: the session is the job's: each setting that it rests on holds, whatever role, database and environment say.

docs/database.md has the table: setting, why, and the test here. A pooler: test_pgbouncer.py.
"""

import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from etl.db.connection import Postgres
from etl.db.session import REQUIRED
from etl.embedded.postgres import EmbeddedPostgres
from tests.support.postgres import BINARIES, FAST, Database
from tests.support.process import run
from tests.support.sync import Mall, record

AGAINST: dict[str, str] = {
    "client_encoding": "LATIN1",
    "row_security": "on",
    "TimeZone": "Asia/Bangkok",
    "DateStyle": "German, DMY",
    "IntervalStyle": "iso_8601",
    "extra_float_digits": "-15",
    "standard_conforming_strings": "off",
    "array_nulls": "off",
    "transform_null_equals": "on",
    "quote_all_identifiers": "on",
    "exit_on_error": "on",
    "default_transaction_isolation": "serializable",
    "default_transaction_deferrable": "on",
    "idle_in_transaction_session_timeout": "60",
    "search_path": "nowhere",
    "lock_timeout": "1",
    "statement_timeout": "3000",
    "jit": "on",
    "work_mem": "64kB",
    "temp_buffers": "800kB",
}
"""What a role or a database may say, each to the harm of a run."""

EFFECTIVE: dict[str, str] = REQUIRED | {
    "lock_timeout": "10s",
    "statement_timeout": "10min",
    "jit": "off",
    "work_mem": "32MB",
    "temp_buffers": "32MB",
}


@pytest.fixture
def hostile(mall: Mall) -> Iterator[Mall]:
    """Give a mall whose database says the opposite of all that the job rests on."""
    name = conninfo_to_dict(mall.database.owner_dsn)["dbname"]
    for setting, value in AGAINST.items():
        mall.database.execute(f"ALTER DATABASE {name} SET {setting} = '{value}'")
    yield mall
    mall.database.execute(f"ALTER DATABASE {name} RESET ALL")


def current(db: Postgres, setting: str) -> str:
    """Return what a setting is in a session of the job."""
    names: list[str] = []
    db._call("setting", lambda cursor: names.extend(_value(cursor, setting)))
    return names[0]


def _value(cursor: object, setting: str) -> list[str]:
    cursor.execute("SELECT current_setting($1)", (setting,))  # type: ignore[attr-defined]
    return [cursor.fetchone()[0]]  # type: ignore[attr-defined]


@pytest.mark.parametrize("setting", EFFECTIVE)
def test_every_setting_is_the_jobs(hostile: Mall, setting: str) -> None:
    """On the first connection, on another one, on one that is opened again, and on a worker's."""
    with Postgres(hostile.dsn, limits_s=(10, 600)) as db:
        found = [current(db, setting)]
        with db.another() as other:
            found.append(current(other, setting))
        db.reopen()
        found.append(current(db, setting))
    with Postgres(hostile.dsn, limits_s=(10, 600), opening="own") as worker:
        found.append(current(worker, setting))
    assert found == [EFFECTIVE[setting]] * 4


def test_a_sync_does_as_ever(hostile: Mall, monkeypatch: pytest.MonkeyPatch) -> None:
    """With all of it against the job, and PGCLIENTENCODING too: text lands right, and a second sync changes nothing."""
    monkeypatch.setenv("PGCLIENTENCODING", "LATIN1")
    feed = [record("T1", brandNameEn="Ăn Cơm", brandNameTh="ร้านน้ำ", openingHours="10:00-22:00")]
    assert hostile.sync(feed).counts.created == 1
    titles = "SELECT _locale::text, title FROM shops_locales ORDER BY 1"
    with psycopg.connect(hostile.database.owner_dsn, client_encoding="UTF8") as reader:
        reader.execute("SET search_path = public")
        assert reader.execute(titles).fetchall() == [("en", "Ăn Cơm"), ("th", "ร้านน้ำ"), ("zh", "Ăn Cơm")]
    assert hostile.sync(feed).counts.unchanged == 1
    assert run(hostile, "check").returncode == 0


@pytest.mark.parametrize("encoding", ["LATIN1", "WIN874", "EUC_JP"])
def test_an_encoding_of_the_environment(mall: Mall, monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    """PGCLIENTENCODING is for other tools: Thai, Vietnamese and emoji land as they were sent."""
    monkeypatch.setenv("PGCLIENTENCODING", encoding)
    mall.sync([record("T1", brandNameEn="Ăn Cơm ™ 🙂", brandNameTh="ก๋วยเตี๋ยว")])
    monkeypatch.delenv("PGCLIENTENCODING")
    assert [mall.texts("T1", locale)["title"] for locale in ("en", "th")] == ["Ăn Cơm ™ 🙂", "ก๋วยเตี๋ยว"]


def test_a_session_that_idles_in_its_transaction(mall: Mall) -> None:
    """A server that ends such sessions after 60 ms does not end the job's."""
    name = conninfo_to_dict(mall.database.owner_dsn)["dbname"]
    mall.database.execute(f"ALTER DATABASE {name} SET idle_in_transaction_session_timeout = 60")
    with Postgres(mall.dsn) as db, db.transaction():
        db.execute("SELECT 1")
        time.sleep(0.3)
        db.execute("SELECT 1")


@pytest.mark.parametrize(("setting", "since"), [("idle_session_timeout", 14), ("transaction_timeout", 17)])
def test_timeouts_of_newer_servers(any_database: Database, setting: str, since: int) -> None:
    """A session that idles between pages, and a long transaction, are not ended; an older server has no such setting."""
    if any_database.major < since:
        with Postgres(any_database.dsn) as db:
            assert db.session.pid > 0
        return
    name = conninfo_to_dict(any_database.owner_dsn)["dbname"]
    any_database.execute(f"ALTER DATABASE {name} SET {setting} = 300")
    with Postgres(any_database.dsn) as db:
        time.sleep(0.6)
        assert current(db, setting) == "0"


def test_a_setting_that_can_not_be_had(mall: Mall) -> None:
    """session_replication_role is the superuser's: where it switches triggers and keys off, check and sync refuse."""
    name = conninfo_to_dict(mall.database.owner_dsn)["dbname"]
    mall.database.execute(f"ALTER DATABASE {name} SET session_replication_role = replica")
    before = mall.fingerprint()
    for command in ("check", "sync"):
        ended = run(mall, command)
        assert ended.returncode == 2, ended.stdout + ended.stderr
        told = " ".join((ended.stdout + ended.stderr).split())
        assert (
            "does not let the session have its settings: session_replication_role is replica, not origin"
            in told
        )
    assert mall.fingerprint() == before


@pytest.fixture
def over_tcp() -> Iterator[str]:
    """Run a server that listens on TCP too, and give its address there."""
    with TemporaryDirectory(prefix="etl-test-") as name:
        Path(name).chmod(0o755)  # a root user's server runs as nobody
        server = EmbeddedPostgres(Path(name) / "data", binaries=BINARIES, tcp=True, settings=FAST)
        with server:
            with psycopg.connect(server.dsn()) as admin:
                row = admin.execute("SHOW port").fetchone()
            assert row is not None
            yield f"postgresql://postgres@127.0.0.1:{row[0]}/postgres"


def test_a_client_that_vanishes_is_found_out(over_tcp: str) -> None:
    """The server asks after 30 s of silence, three times, and gives up within 60 s: with the session goes its lock.

    So it is where something was sent and never acknowledged. That silence ends it: tests/faults/test_vanished_host.py.
    """
    with Postgres(over_tcp) as db:
        assert [
            current(db, name)
            for name in (
                "tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count", "tcp_user_timeout",
                "client_connection_check_interval",
            )
        ] == ["30", "10", "3", "60000", "1s"]  # fmt: skip


def test_no_keepalives_on_a_socket(any_database: Database) -> None:
    """A Unix socket has none, and a server before 14 does not look after its client: neither is an error."""
    with Postgres(any_database.dsn) as db:
        assert current(db, "tcp_keepalives_idle") == "0"


def test_limits_change(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same limits again cost no statement; others are set, and are those of further connections."""
    with Postgres(database.dsn, limits_s=(10, 600)) as db:
        calls: list[str] = []
        call = db._call

        def counted(doing: str, work: Any) -> Any:
            calls.append(doing)
            return call(doing, work)

        monkeypatch.setattr(db, "_call", counted)
        db.set_session(10, 600)
        assert calls == []
        db.set_session(1, 2)
        assert calls == ["check/set_session"]
        with db.another() as other:
            assert (current(other, "lock_timeout"), current(other, "statement_timeout")) == ("1s", "2s")


HOSTILE = """
CREATE FUNCTION public.harm({left}, {right}) RETURNS bool LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'harm was called'; END $$;
CREATE OPERATOR public.{name} (LEFTARG = {left}, RIGHTARG = {right}, FUNCTION = public.harm)
"""


def test_nothing_on_the_path_is_called_at_the_start(database: Database) -> None:
    """The driver compares types before any setting can be made: an operator in `public` that fits better is not called."""
    database.execute(HOSTILE.format(name="<>", left="regproc", right="int4"))
    with Postgres(database.dsn) as db:
        assert db.session.cms_schema == "public"


def test_an_address_with_options_of_its_own(database: Database) -> None:
    """They stay, and the session starts on the server's own names all the same."""
    database.execute(HOSTILE.format(name="<>", left="regproc", right="int4"))
    with Postgres(f"{database.dsn}&options=-c%20geqo%3Doff") as db:
        assert (current(db, "geqo"), db.session.cms_schema) == ("off", "public")


def test_two_schemas_that_may_be_it(database: Database) -> None:
    """Neither is taken, until the address names one; one that holds more of the tables needs no name."""
    database.execute("CREATE SCHEMA old; CREATE TABLE old.shops (id int)")
    with Postgres(database.dsn) as db:
        assert (db.session.cms_schema, db.session.cms_schemas) == ("public", ("public",))
    for (table,) in [
        tuple(row.values())
        for row in database.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    ]:
        database.execute(f"CREATE TABLE IF NOT EXISTS old.{table} (id int)")
    with Postgres(database.dsn) as db:
        assert (db.session.cms_schema, db.session.cms_schemas) == ("", ("old", "public"))
    for named in ("old", "public"):
        with Postgres(f"{database.dsn}&options=-c%20search_path%3D{named}") as db:
            assert db.session.cms_schema == named
            with db.another() as other:
                assert other.session.cms_schema == named


@pytest.mark.parametrize(
    ("grant", "is_shared"),
    [
        ("", False),
        ("GRANT CREATE ON SCHEMA public TO PUBLIC", True),
        ("GRANT CREATE ON SCHEMA public TO test_etl_sync", False),
        ("GRANT CREATE ON SCHEMA public TO etl_read", True),
    ],
)
def test_a_schema_in_which_others_may_create(database: Database, grant: str, is_shared: bool) -> None:
    """It is not on the search path, as what they make there could be called; the job's own right is no danger."""
    database.execute(f"REVOKE CREATE ON SCHEMA public FROM PUBLIC; {grant}")
    with Postgres(database.dsn) as db:
        assert db.session.is_shared is is_shared
        path = "pg_catalog, pg_temp" + ("" if is_shared else ", public")
        assert current(db, "search_path") == path


def test_a_client_without_options(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key=value address, which only tests use, is left as it is; its own search path is left too."""
    with Postgres(make_conninfo(database.dsn)) as db:
        assert current(db, "search_path") == "pg_catalog, pg_temp, public"


def test_a_bare_connection_has_no_session(database: Database) -> None:
    """It is for the look at another process only."""
    with Postgres(database.dsn, opening="bare") as db, pytest.raises(RuntimeError):
        _ = db.session
