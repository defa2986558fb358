"""Promise: the session is the job's: each setting that it rests on holds, whatever role, database and environment say.

docs/database.md has the table: setting, why, and the test here. A pooler: test_pgbouncer.py.
"""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from etl.db.connection import Postgres
from etl.db.errors import PostgresError
from etl.db.session import REQUIRED
from etl.embedded.postgres import EmbeddedPostgres
from tests.support.postgres import BINARIES, FAST, Database
from tests.support.process import ROOT, run
from tests.support.sync import Mall, record


@dataclass(frozen=True)
class Setting:
    """A setting on which the job rests, and a question of which the answer depends on it.

    Attributes:
        against: What a database may say, to the harm of a run.
        ours: What it is in a session of the job.
        question: Statements, of which the last gives one text.
        answer: What they give there; an SQLSTATE where the last fails.
        since: The first major version that has it.
    """

    against: str
    ours: str
    question: tuple[str, ...]
    answer: str
    since: int = 13


def shown(name: str, against: str, ours: str, since: int = 13) -> Setting:
    """Return a setting that only other tests see at work: the question is what it is."""
    return Setting(against, ours, (f"SELECT current_setting('{name}')",), ours, since)


SETTINGS: dict[str, Setting] = {
    "client_encoding": Setting("LATIN1", "UTF8", ("SELECT chr(3585)",), "ก"),
    "row_security": Setting("on", "off", ("SELECT count(*)::text FROM hidden",), "42501"),
    "search_path": Setting(
        "nowhere", "pg_catalog, pg_temp, public", ("SELECT count(*)::text FROM shops",), "0"
    ),
    "etl.cms_schema": shown("etl.cms_schema", "elsewhere", "public"),
    "etl.cms_tables": shown(
        "etl.cms_tables",
        "others",
        "floors,categories,categories_locales,shops,shops_locales,shops_rels,shops_opening_hours_per_day,"
        "dinings,dinings_locales,dinings_rels,dinings_opening_hours_per_day",
    ),
    "TimeZone": Setting(
        "Asia/Bangkok", "UTC", ("SELECT timestamptz '2025-01-02 00:00+00'::text",), "2025-01-02 00:00:00+00"
    ),
    "DateStyle": Setting("German, DMY", "ISO, MDY", ("SELECT date '2025-01-02'::text",), "2025-01-02"),
    "IntervalStyle": Setting(
        "iso_8601", "postgres", ("SELECT interval '1 day 2 hours'::text",), "1 day 02:00:00"
    ),
    "extra_float_digits": Setting("-15", "1", ("SELECT (1.5::float8 / 7)::text",), "0.21428571428571427"),
    "standard_conforming_strings": Setting("off", "on", (r"SELECT length('a\b')::text",), "3"),
    "array_nulls": Setting("off", "on", ("SELECT (('{NULL}'::text[])[1] IS NULL)::text",), "true"),
    "transform_null_equals": Setting(
        "on",
        "off",
        ("SELECT coalesce((one = NULL)::text, 'unknown') FROM (SELECT 1) AS ones (one)",),
        "unknown",
    ),
    "quote_all_identifiers": Setting("on", "off", ("SELECT 'pg_class'::regclass::text",), "pg_class"),
    "exit_on_error": Setting("on", "off", ("SELECT 1 / 0", "SELECT 'it goes on'"), "it goes on"),
    "default_transaction_isolation": Setting(
        "serializable",
        "read committed",
        ("SELECT current_setting('transaction_isolation')",),
        "read committed",
    ),
    "default_transaction_deferrable": Setting(
        "on", "off", ("SELECT current_setting('transaction_deferrable')",), "off"
    ),
    "lock_timeout": shown("lock_timeout", "1", "10s"),
    "statement_timeout": Setting("50", "10min", ("SELECT pg_sleep(0.2)::text",), ""),
    "idle_in_transaction_session_timeout": shown("idle_in_transaction_session_timeout", "60", "0"),
    "idle_session_timeout": shown("idle_session_timeout", "60000", "0", since=14),
    "transaction_timeout": Setting("50", "0", ("SELECT pg_sleep(0.2)::text",), "", since=17),
    "client_connection_check_interval": shown("client_connection_check_interval", "0", "1s", since=14),
    "restrict_nonsystem_relation_kind": Setting(
        "view", "", ("SELECT count(*)::text FROM etl.latest_sync",), "0"
    ),
    "work_mem": shown("work_mem", "64kB", "32MB"),
    "temp_buffers": shown("temp_buffers", "800kB", "32MB"),
    "jit": shown("jit", "on", "off"),
}
"""What the job sets, whatever role and database say. The opposite of each is set by itself."""

ELSEWHERE: dict[str, str] = {
    "tcp_keepalives_idle": "test_a_client_that_vanishes_is_found_out",
    "tcp_keepalives_interval": "test_a_client_that_vanishes_is_found_out",
    "tcp_keepalives_count": "test_a_client_that_vanishes_is_found_out",
    "tcp_user_timeout": "test_a_client_that_vanishes_is_found_out",
    "session_replication_role": "test_a_setting_that_can_not_be_had",
}
"""Those that need TCP or a superuser, with their tests."""


def current(db: Postgres, setting: str) -> str:
    """Return what a setting is in a session of the job."""
    return ask(db, f"SELECT current_setting('{setting}')")


def ask(db: Postgres, *statements: str) -> str:
    """Return the one text that the last of these statements gives in a session of the job, or its SQLSTATE."""
    for statement in statements[:-1]:
        with suppress(PostgresError):
            run_one(db, statement, [])
    found: list[str] = []
    try:
        run_one(db, statements[-1], found)
    except PostgresError as error:
        return error.sqlstate
    return found[0]


def run_one(db: Postgres, statement: str, found: list[str]) -> None:
    """Run a statement in a session of the job, and add the one value that it gives."""

    def work(cursor: Any) -> None:
        cursor.execute(statement)
        found.append(cursor.fetchone()[0])

    db._call("question", work)


def ask_plainly(dsn: str, *statements: str) -> str:
    """Return what a session gives that sets nothing."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        for statement in statements[:-1]:
            with suppress(psycopg.Error):
                connection.execute(statement.encode())
        try:
            row = connection.execute(statements[-1].encode()).fetchone()
        except psycopg.Error as error:
            return error.sqlstate or "gone"
        assert row is not None
        return str(row[0])


@pytest.fixture
def hiding(any_database: Database) -> Database:
    """Give a database with a table of which a policy hides each row."""
    any_database.execute(
        "CREATE TABLE hidden AS SELECT 1 AS one; ALTER TABLE hidden ENABLE ROW LEVEL SECURITY; "
        "GRANT SELECT ON hidden TO PUBLIC"
    )
    return any_database


@contextmanager
def said(database: Database, name: str) -> Iterator[None]:
    """Let the database say the opposite of one setting, and of no other."""
    address = f"ALTER DATABASE {conninfo_to_dict(database.owner_dsn)['dbname']}"
    database.execute(f"{address} SET {name} = '{SETTINGS[name].against}'")
    try:
        yield
    finally:
        database.execute(f"{address} RESET {name}")


def sessions_of(database: Database, name: str) -> Iterator[str]:
    """Yield what a setting is on the first connection, another one, one that is opened again, and a worker's."""
    with Postgres(database.dsn, limits_s=(10, 600)) as db:
        yield current(db, name)
        with db.another() as other:
            yield current(other, name)
        db.reopen()
        yield current(db, name)
    with Postgres(database.dsn, limits_s=(10, 600), opening="own") as worker:
        yield current(worker, name)


def test_every_setting_is_the_jobs(hiding: Database) -> None:
    """Each by itself, on whatever connection; a session that sets nothing gets another answer to its question."""
    names = [name for name, setting in SETTINGS.items() if setting.since <= hiding.major]
    found: dict[str, list[str]] = {}
    answers: dict[str, str] = {}
    are_told_apart: dict[str, bool] = {}
    for name in names:
        with said(hiding, name):
            found[name] = list(sessions_of(hiding, name))
            with Postgres(hiding.dsn, limits_s=(10, 600)) as db:
                answers[name] = ask(db, *SETTINGS[name].question)
            are_told_apart[name] = ask_plainly(hiding.dsn, *SETTINGS[name].question) != SETTINGS[name].answer
    assert found == {name: [SETTINGS[name].ours] * 4 for name in names}
    assert answers == {name: SETTINGS[name].answer for name in names}
    assert are_told_apart == dict.fromkeys(names, True)


def test_no_setting_is_without_a_row() -> None:
    """What the statement sets, what docs/database.md lists, and what is tried by itself are the same."""
    statement = (ROOT / "sql" / "check" / "set_session.sql").read_text("utf-8")
    are_set = set(re.findall(r"set_config\(\s*'([^']+)'", statement)) | REQUIRED.keys()
    assert are_set == SETTINGS.keys() | ELSEWHERE.keys()
    page = (ROOT / "docs" / "database.md").read_text("utf-8")
    settings, *_ = page.partition("## Settings of the session")[2].partition("\n## ")
    rows = re.findall(r"^\| (`.+?) \|", settings, re.MULTILINE)
    assert {name for row in rows for name in re.findall(r"`([^`]+)`", row)} == are_set
    situations = page.partition("settings and situations\n")[2]
    tried = re.findall(
        r"^\| \d+ \| `([^`]+)` = [^|]+ for the database \|.*`test_every_setting", situations, re.MULTILINE
    )
    assert set(tried) == SETTINGS.keys()


@pytest.fixture
def hostile(mall: Mall) -> Iterator[Mall]:
    """Give a mall whose database says the opposite of all that the job rests on."""
    name = conninfo_to_dict(mall.database.owner_dsn)["dbname"]
    for setting, value in SETTINGS.items():
        if value.since <= mall.database.major:
            against = (
                "3000" if setting.endswith(("statement_timeout", "transaction_timeout")) else value.against
            )
            mall.database.execute(f"ALTER DATABASE {name} SET {setting} = '{against}'")
    yield mall
    mall.database.execute(f"ALTER DATABASE {name} RESET ALL")


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
