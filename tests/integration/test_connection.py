"""The connection to Postgres: what its errors say, what its transactions keep, what can be loaded."""

# ruff: noqa: PT012 — what comes before the error in a transaction is what these tests are about

import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from etl.db.connection import Postgres
from etl.db.errors import PostgresError
from etl.embedded.postgres import EmbeddedPostgres
from etl.errors import Interrupted
from tests.support.patience import wait_until
from tests.support.postgres import BINARIES, FAST, SCRAM, Database

TABLE = "CREATE TABLE numbers (id int4 PRIMARY KEY, note text CONSTRAINT short CHECK (length(note) < 9))"


@pytest.fixture
def numbers(any_empty_database: Database) -> Database:
    """Give a database with one table, `numbers`, and one row: 1, 'one'."""
    any_empty_database.execute(TABLE)
    any_empty_database.execute("INSERT INTO numbers VALUES (1, 'one')")
    return any_empty_database


@pytest.fixture
def db(numbers: Database) -> Iterator[Postgres]:
    """Give a connection to it."""
    with Postgres(numbers.dsn, "the mall's database") as db:
        yield db


def ids(database: Database) -> list[int]:
    """Read the rows that are committed."""
    return [row["id"] for row in database.query("SELECT id FROM numbers ORDER BY id")]


def refusal(db: Postgres, sql: str) -> PostgresError:
    """Run a statement that Postgres refuses, and return the error."""
    with pytest.raises(PostgresError) as caught:
        db.execute(sql, doing="the test")
    return caught.value


def wait_until_sessions(database: Database, number: int) -> None:
    """Wait until no more sessions than that are left: a client that closes does not wait for the server's end of it."""
    others = (
        "SELECT 1 FROM pg_stat_activity "
        "WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
    )
    deadline = time.monotonic() + 30
    while len(database.query(others)) > number:
        assert time.monotonic() < deadline
        time.sleep(0.02)


@contextmanager
def server_that_asks() -> Iterator[str]:
    """Run a server on which the user `guest` needs the password `r1ghtpw`; give the address without it."""
    with tempfile.TemporaryDirectory(prefix="etl-test-") as name:
        Path(name).chmod(0o755)  # a root user's server runs as nobody
        with EmbeddedPostgres(Path(name) / "data", binaries=BINARIES, settings=FAST | SCRAM) as server:
            rules = Path(name) / "data" / "pg_hba.conf"
            rules.write_text(f"local all guest scram-sha-256\n{rules.read_text()}")
            with psycopg.connect(server.dsn(), autocommit=True) as admin:
                admin.execute("CREATE ROLE guest LOGIN PASSWORD 'r1ghtpw'")
                admin.execute("SELECT pg_reload_conf()")
            yield make_conninfo(server.dsn(), user="guest", passfile="/no/such/file")


class TestConnecting:
    """What a connection that fails says."""

    def test_a_port_where_nobody_listens(self) -> None:
        """Connection refused: the address without its password, and advice."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
            with pytest.raises(PostgresError) as caught:
                Postgres(f"postgresql://u:s3cret@127.0.0.1:{port}/mall", "127.0.0.1/mall as u")
        assert str(caught.value) == (
            "Can't connect to 127.0.0.1/mall as u: Connection refused. "
            "Check DATABASE_URL, and that the server is up and reachable from here."
        )
        assert caught.value.exit_code == 1

    def test_a_database_that_is_not_there(self, numbers: Database) -> None:
        """The server is there, the database is not: the advice names the setting."""
        with pytest.raises(PostgresError) as caught:
            Postgres(make_conninfo(numbers.dsn, dbname="no_such_mall"), "host/no_such_mall")
        assert caught.value.sqlstate == "3D000"
        assert "Can't connect to host/no_such_mall" in str(caught.value)
        assert "That database does not exist; check the name in DATABASE_URL or DATABASE_NAME." in str(
            caught.value
        )

    @pytest.mark.parametrize(
        "dsn",
        [
            "postgresql://u:s3cret@[::1/mall",
            "postgresql://u:%ZZs3cret@host/mall",
            "host=x password=s3cret surprise=1",
            "u s3cret",
            "postgresql://u:s3cret@host.invalid/mall",
            "postgresql:///mall?password=s3cret&host=/no/such/folder",
        ],
    )
    def test_an_address_is_never_shown(self, dsn: str) -> None:
        """The words of libpq hold the malformed address, and with it the password: none of it is in the message."""
        with pytest.raises(PostgresError) as caught:
            Postgres(dsn, "the database")
        assert "s3cret" not in str(caught.value) + caught.value.detail
        assert str(caught.value).startswith("Can't connect to the database: ")
        assert "Check DATABASE_URL" in str(caught.value)

    def test_a_wrong_password(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A server that asks for a password refuses a wrong or missing one: 28P01, advice, no password."""
        monkeypatch.delenv("PGPASSWORD", raising=False)
        with server_that_asks() as dsn:
            with pytest.raises(PostgresError) as wrong:
                Postgres(make_conninfo(dsn, password="wr0ngpw"), "host/mall as guest")
            with pytest.raises(PostgresError) as none:
                Postgres(dsn, "host/mall as guest")
            Postgres(make_conninfo(dsn, password="r1ghtpw")).close()
        advice = "Postgres refused the login; check the user and password in DATABASE_URL or DB_PASS."
        assert str(wrong.value) == (
            f'Can\'t connect to host/mall as guest: password authentication failed for user "guest". {advice}'
        )
        assert str(none.value) == f"Can't connect to host/mall as guest: no password supplied. {advice}"
        assert wrong.value.sqlstate == none.value.sqlstate == "28P01"

    def test_another_connection(self, db: Postgres) -> None:
        """A second connection is one of its own: it does not have the first one's lock."""
        with db.another() as second:
            assert second.shown == "the mall's database"
            assert (db.lock_source(""), second.lock_source("")) == (True, False)
        assert db.is_open
        assert not second.is_open

    def test_closing_twice(self, numbers: Database) -> None:
        """A connection may be closed more than once."""
        connection = Postgres(numbers.dsn)
        connection.close()
        connection.close()
        assert not connection.is_open

    def test_a_role_that_is_not_there(self, numbers: Database) -> None:
        """A user whom the server does not know is told apart from a database that it does not know."""
        with pytest.raises(PostgresError) as caught:
            Postgres(make_conninfo(numbers.dsn, user="nobody_here"), "the database")
        assert caught.value.sqlstate == "28000"
        assert "check the user" in str(caught.value)


class TestRefusals:
    """What a refused statement says: the server's words, the code, and what to do."""

    @pytest.mark.parametrize(
        ("sql", "sqlstate", "message"),
        [
            (
                "INSERT INTO nowhere VALUES (1)",
                "42P01",
                'Postgres failed at the test: relation "nowhere" does not exist (SQLSTATE 42P01). '
                "A table is missing; run `etl check`, and `etl init` for the job's own tables.",
            ),
            (
                "INSERT INTO public.numbers (colour) VALUES (1)",
                "42703",
                'Postgres failed at the test: column "colour" of relation "numbers" does not exist '
                "(SQLSTATE 42703). A column is missing; `etl check` compares the CMS's tables with what the job needs.",
            ),
            (
                "INSERT INTO public.numbers VALUES (1, 'again')",
                "23505",
                'Postgres failed at the test: duplicate key value violates unique constraint "numbers_pkey" '
                "Key (id)=(1) already exists (SQLSTATE 23505). A constraint of the CMS refuses the row.",
            ),
            (
                "INSERT INTO public.numbers VALUES (2, 'much too long')",
                "23514",
                'Postgres failed at the test: new row for relation "numbers" violates check constraint "short" '
                "Failing row contains (2, much too long) (SQLSTATE 23514). A constraint of the CMS refuses the row.",
            ),
            (
                "INSERT INTO public.numbers VALUES ('two', '')",
                "22P02",
                'Postgres failed at the test: invalid input syntax for type integer: "two" (SQLSTATE 22P02). '
                "A value does not fit its column.",
            ),
            (
                "SELEC 1",
                "42601",
                'Postgres failed at the test: syntax error at or near "SELEC" (SQLSTATE 42601).',
            ),
        ],
    )
    def test_words_code_and_advice(self, db: Postgres, sql: str, sqlstate: str, message: str) -> None:
        """Each says what failed where, in the server's words, with the key or row that is to blame."""
        error = refusal(db, sql)
        assert (str(error), error.sqlstate, error.exit_code) == (message, sqlstate, 1)

    def test_a_lock_that_is_held_too_long(self, db: Postgres, numbers: Database) -> None:
        """A row that somebody else holds: 55P03 after LOCK_TIMEOUT_S, and the advice names that setting."""
        db.set_session(0.2, 0)
        with numbers.connect() as editor:
            editor.execute("UPDATE numbers SET note = 'mine'")
            error = refusal(db, "UPDATE public.numbers SET note = 'ours'")
            editor.rollback()
        assert error.sqlstate == "55P03"
        assert str(error) == (
            "Postgres failed at the test: canceling statement due to lock timeout (SQLSTATE 55P03). "
            "A row or table stayed locked longer than LOCK_TIMEOUT_S; run again, or raise it."
        )

    def test_a_statement_that_takes_too_long(self, db: Postgres) -> None:
        """A statement beyond STATEMENT_TIMEOUT_S is cancelled: 57014, and the advice names that setting."""
        db.set_session(0, 0.2)
        error = refusal(db, "DO $$ BEGIN PERFORM pg_sleep(20); END $$")
        assert error.sqlstate == "57014"
        assert str(error).endswith("The statement was cancelled, or took longer than STATEMENT_TIMEOUT_S.")

    def test_no_timeout(self, db: Postgres, numbers: Database) -> None:
        """0 is no limit, and takes away one that was set."""
        db.set_session(0.2, 0.2)
        db.set_session(0, 0)
        db.execute("DO $$ BEGIN PERFORM pg_sleep(0.4); END $$")

    def test_a_deadlock(self, db: Postgres, numbers: Database) -> None:
        """Two transactions that wait for each other: one gets 40P01, and is told to run again."""
        numbers.execute("INSERT INTO numbers VALUES (2, 'two')")
        db.execute("SET deadlock_timeout = '50ms'")
        with numbers.connect() as editor:
            editor.execute("SET deadlock_timeout = '1min'")
            editor.execute("UPDATE numbers SET note = 'mine' WHERE id = 2")
            with pytest.raises(PostgresError) as caught, db.transaction():
                db.execute("UPDATE public.numbers SET note = 'ours' WHERE id = 1")
                waits = threading.Thread(
                    target=editor.execute, args=("UPDATE numbers SET note = 'mine' WHERE id = 1",)
                )
                waits.start()
                db.execute("UPDATE public.numbers SET note = 'ours' WHERE id = 2", doing="the test")
            waits.join()
            editor.commit()
        assert caught.value.sqlstate == "40P01"
        assert str(caught.value).endswith("Two transactions blocked each other; run again.")
        assert {row["note"] for row in numbers.query("SELECT note FROM numbers")} == {"mine"}

    def test_a_right_that_is_missing(self, numbers: Database) -> None:
        """42501 says which table, and where to see the rights that are needed."""
        numbers.execute("CREATE ROLE reader LOGIN; GRANT SELECT ON numbers TO reader")
        try:
            with Postgres(make_conninfo(numbers.dsn, user="reader")) as reader:
                error = refusal(reader, "DELETE FROM public.numbers")
        finally:
            numbers.execute("DROP OWNED BY reader; DROP ROLE reader")
        assert str(error) == (
            "Postgres failed at the test: permission denied for table numbers (SQLSTATE 42501). "
            "The role does not have a right; `etl check` lists what it needs."
        )

    def test_a_read_only_database(self, db: Postgres) -> None:
        """25006, as on a replica: point DATABASE_URL at the primary."""
        db.execute("SET default_transaction_read_only = on")
        error = refusal(db, "DELETE FROM public.numbers")
        assert error.sqlstate == "25006"
        assert str(error).endswith("The server is read-only (a replica?); point DATABASE_URL at the primary.")

    @pytest.mark.parametrize(
        ("sqlstate", "is_about_a_row"),
        [
            ("22001", True),  # too long
            ("23505", True),  # unique
            ("44000", True),  # WITH CHECK OPTION
            ("P0001", True),  # a trigger's RAISE
            ("P0004", True),  # a trigger's ASSERT
            ("CMS01", True),  # a trigger's own code
            ("40P01", False),
            ("42703", False),
            ("57014", False),
            ("", False),
        ],
    )
    def test_who_is_to_blame(self, sqlstate: str, is_about_a_row: bool) -> None:
        """Data, a constraint or a trigger blames the row; locks, schema, time and the connection do not."""
        assert PostgresError("message", sqlstate, "detail").is_about_a_row is is_about_a_row

    def test_a_connection_that_breaks(self, db: Postgres, numbers: Database) -> None:
        """The server ends the connection: the advice says so, and the connection counts as closed."""
        numbers.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        error = refusal(db, "DELETE FROM public.numbers")
        assert str(error).endswith(
            "The connection broke; see that the server is up and reachable, then run again."
        )
        assert not db.is_open


class TestTransactions:
    """All or nothing."""

    def test_commit(self, db: Postgres, numbers: Database) -> None:
        """Nothing is there for others before the end, all of it after."""
        with db.transaction():
            db.execute("INSERT INTO public.numbers VALUES (2, 'two')")
            assert ids(numbers) == [1]
        assert ids(numbers) == [1, 2]

    def test_statements_outside_commit_themselves(self, db: Postgres, numbers: Database) -> None:
        """Outside a transaction each statement is committed at once, as the log of runs needs it."""
        db.execute("INSERT INTO public.numbers VALUES (2, 'two')")
        assert ids(numbers) == [1, 2]

    def test_rollback_after_a_read(self, db: Postgres, numbers: Database) -> None:
        """An error after a read undoes what came before and after it (a driver of 1.12 silently kept it)."""
        with pytest.raises(RuntimeError, match="stop"), db.transaction():
            db.execute("INSERT INTO public.numbers VALUES (2, 'two')")
            assert db.value("check/tables") == 1
            db.execute("INSERT INTO public.numbers VALUES (3, 'three')")
            db.read("check/tables")
            raise RuntimeError("stop")
        assert ids(numbers) == [1]
        db.execute("INSERT INTO public.numbers VALUES (4, 'four')")
        assert ids(numbers) == [1, 4]

    def test_rollback_after_a_bulk_load(self, db: Postgres, numbers: Database) -> None:
        """What was loaded by COPY joins the transaction, and goes with it."""
        with pytest.raises(RuntimeError, match="stop"), db.transaction():
            db.execute("CREATE TEMP TABLE stg (id int4) ON COMMIT DROP")
            db.ingest("stg", pl.DataFrame({"id": [5, 6]}, schema={"id": pl.Int32}))
            db.execute("INSERT INTO public.numbers SELECT id FROM stg")
            raise RuntimeError("stop")
        assert ids(numbers) == [1]

    def test_a_dry_run(self, db: Postgres, numbers: Database) -> None:
        """With commit=False nothing stays, and no error comes."""
        with db.transaction(commit=False):
            db.execute("DELETE FROM public.numbers")
            db.read("check/tables")
        assert ids(numbers) == [1]

    def test_a_signal(self, db: Postgres, numbers: Database) -> None:
        """An Interrupted rolls back like any error."""
        with pytest.raises(Interrupted), db.transaction():
            db.execute("DELETE FROM public.numbers")
            raise Interrupted(15)
        assert ids(numbers) == [1]

    def test_a_refused_statement(self, db: Postgres, numbers: Database) -> None:
        """A statement that Postgres refuses undoes the whole transaction, and the connection goes on."""
        with pytest.raises(PostgresError), db.transaction():
            db.execute("INSERT INTO public.numbers VALUES (2, 'two')")
            db.execute("INSERT INTO public.numbers VALUES (1, 'again')")
        assert ids(numbers) == [1]
        assert db.is_open

    def test_a_commit_that_is_refused(self, db: Postgres, numbers: Database) -> None:
        """A constraint that is checked at COMMIT raises there; nothing stays, and the connection goes on."""
        numbers.execute("ALTER TABLE numbers ADD CONSTRAINT once UNIQUE (note) DEFERRABLE INITIALLY DEFERRED")
        with pytest.raises(PostgresError) as caught, db.transaction():
            db.execute("INSERT INTO public.numbers VALUES (2, 'one')")
        assert (caught.value.sqlstate, ids(numbers)) == ("23505", [1])
        db.execute("INSERT INTO public.numbers VALUES (2, 'two')")
        assert ids(numbers) == [1, 2]

    def test_an_error_that_is_swallowed(self, db: Postgres, numbers: Database) -> None:
        """COMMIT of an aborted transaction rolls back without a word from Postgres; it must not pass for success."""
        with pytest.raises(PostgresError), db.transaction():
            db.execute("INSERT INTO public.numbers VALUES (2, 'two')")
            with suppress(PostgresError):
                db.execute("INSERT INTO public.numbers VALUES (1, 'again')")
        assert ids(numbers) == [1]

    def test_a_signal_before_commit(
        self, db: Postgres, numbers: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A signal that comes just before COMMIT leaves no open transaction, which the next COMMIT would complete."""
        execute = db.execute

        def interrupted(sql: str, *values: Any, **options: str) -> None:
            if options.get("doing") == "COMMIT":
                raise Interrupted(15)
            execute(sql, *values, **options)

        with monkeypatch.context() as patch:
            patch.setattr(db, "execute", interrupted)
            with pytest.raises(Interrupted), db.transaction():
                db.execute("INSERT INTO public.numbers VALUES (2, 'two')")
        with db.transaction():
            db.execute("INSERT INTO public.numbers VALUES (3, 'three')")
        assert ids(numbers) == [1, 3]

    def test_a_connection_that_is_gone(self, db: Postgres, numbers: Database) -> None:
        """A connection that can't even roll back is closed, the first error is told, and nothing stays."""
        with pytest.raises(PostgresError, match="the test"), db.transaction():
            db.execute("INSERT INTO public.numbers VALUES (2, 'two')")
            numbers.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            db.execute("INSERT INTO public.numbers VALUES (3, 'three')", doing="the test")
        assert not db.is_open
        assert ids(numbers) == [1]
        with db.another() as second:
            second.execute("INSERT INTO public.numbers VALUES (4, 'four')")
        assert ids(numbers) == [1, 4]

    def test_savepoints(self, db: Postgres, numbers: Database) -> None:
        """An error inside a savepoint undoes only what came in it; what came before and after is committed."""
        with db.transaction():
            db.execute("INSERT INTO public.numbers VALUES (2, 'two')")
            with pytest.raises(PostgresError) as caught, db.savepoint("part"):
                db.execute("INSERT INTO public.numbers VALUES (3, 'three')")
                db.execute("INSERT INTO public.numbers VALUES (1, 'again')")
            with db.savepoint("part"):
                db.execute("INSERT INTO public.numbers VALUES (4, 'four')")
            db.read("check/tables")
        assert (caught.value.sqlstate, ids(numbers)) == ("23505", [1, 2, 4])

    def test_savepoints_within_savepoints(self, db: Postgres, numbers: Database) -> None:
        """Savepoints of one name nest, as halving needs it: the inner error leaves the outer one's work."""
        with db.transaction(), db.savepoint("part"):
            db.execute("INSERT INTO public.numbers VALUES (2, 'two')")
            with pytest.raises(PostgresError), db.savepoint("part"):
                db.execute("INSERT INTO public.numbers VALUES (1, 'again')")
            db.execute("INSERT INTO public.numbers VALUES (3, 'three')")
        assert ids(numbers) == [1, 2, 3]

    def test_the_lock(self, numbers: Database) -> None:
        """Only one connection has a source's lock; it goes with the connection, and other sources have other locks."""
        with Postgres(numbers.dsn) as second:
            with Postgres(numbers.dsn) as first:
                taken = first.lock_source(""), second.lock_source(""), second.lock_source("siam:")
                assert taken == (True, False, True)
            wait_until(
                lambda: second.lock_source("")
            )  # the server sees a little later that the connection is closed

    def test_the_lock_is_given_up(self, numbers: Database) -> None:
        """At once, though it was taken twice, and though the connection stays."""
        with Postgres(numbers.dsn) as first, Postgres(numbers.dsn) as second:
            assert (first.lock_source(""), first.lock_source(""), second.lock_source("")) == (
                True,
                True,
                False,
            )
            first.unlock()
            assert second.lock_source("")

    def test_the_lock_of_the_database(self, numbers: Database) -> None:
        """Only one transaction has it; it goes with the transaction, whether that is committed or not."""
        with Postgres(numbers.dsn) as first, Postgres(numbers.dsn) as second:
            for commit in (True, False):
                with first.transaction(commit=commit), second.transaction():
                    assert (first.lock_database(), second.lock_database()) == (True, False)
            with second.transaction():
                assert second.lock_database()


class TestLoading:
    """Bulk loads into temporary tables."""

    def test_every_type(self, db: Postgres, numbers: Database) -> None:
        """Each type that is staged arrives as it was, with nulls, extremes, and text of any script."""
        frame = pl.DataFrame(
            {
                "t": ["ร้าน “น้ำ” 🙂", None, ""],
                "i4": [2**31 - 1, None, -(2**31)],
                "i8": [2**63 - 1, None, -(2**63)],
                "f8": [0.1, None, -1e300],
                "b": [True, None, False],
                "at": [
                    datetime(2026, 11, 23, 21, 4, 51, 123000, tzinfo=UTC),
                    None,
                    datetime(1900, 1, 1, tzinfo=UTC),
                ],
            },
            schema={
                "t": pl.String,
                "i4": pl.Int32,
                "i8": pl.Int64,
                "f8": pl.Float64,
                "b": pl.Boolean,
                "at": pl.Datetime("ms", "UTC"),
            },
        )
        columns = "t text, i4 int4, i8 int8, f8 float8, b bool, at timestamptz"
        db.execute(f"CREATE TEMP TABLE stg ({columns})")
        db.ingest("stg", frame)
        db.execute("CREATE TABLE public.kept AS SELECT * FROM stg")
        assert [tuple(row.values()) for row in numbers.query("SELECT * FROM kept")] == [
            (
                "ร้าน “น้ำ” 🙂",
                2147483647,
                9223372036854775807,
                0.1,
                True,
                datetime(2026, 11, 23, 21, 4, 51, 123000, tzinfo=UTC),
            ),
            (None, None, None, None, None, None),
            ("", -2147483648, -9223372036854775808, -1e300, False, datetime(1900, 1, 1, tzinfo=UTC)),
        ]

    def test_an_empty_frame(self, db: Postgres) -> None:
        """No rows: nothing is asked of the server, so not even the table has to be there."""
        db.ingest("no_such_table", pl.DataFrame(schema={"id": pl.Int32}))

    def test_only_temporary_tables(self, db: Postgres, numbers: Database) -> None:
        """A table of the CMS with the same name is never loaded into."""
        with pytest.raises(PostgresError) as caught:
            db.ingest(
                "numbers",
                pl.DataFrame({"id": [9], "note": ["nine"]}, schema={"id": pl.Int32, "note": pl.String}),
            )
        assert str(caught.value).startswith("Postgres failed at loading numbers: ")
        assert ids(numbers) == [1]

    def test_a_nul(self, db: Postgres) -> None:
        """Postgres can't hold a NUL: the load is refused as the row's fault, and says where."""
        db.execute("CREATE TEMP TABLE stg (t text)")
        with pytest.raises(PostgresError) as caught:
            db.ingest("stg", pl.DataFrame({"t": ["a\x00b"]}))
        assert caught.value.sqlstate == "22021"
        assert caught.value.is_about_a_row
        assert str(caught.value).startswith("Postgres failed at loading stg: ")


class TestReading:
    """Queries by the name of their file."""

    def test_values(self, db: Postgres) -> None:
        """`read` gives a frame, `value` its first cell; no row gives None."""
        assert db.read("check/tables").to_dicts() == [{"tables": 1}]
        assert db.value("check/tables") == 1
        db.execute("CREATE SCHEMA etl")
        db.execute("CREATE TABLE etl.schema_build (fingerprint text, version text)")
        assert db.value("check/schema_build") is None

    def test_a_query_that_fails(self, db: Postgres) -> None:
        """The error names the file in sql/."""
        with pytest.raises(
            PostgresError, match=r"Postgres failed at check/schema_build: relation .etl\.schema_build"
        ):
            db.read("check/schema_build")
