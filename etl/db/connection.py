"""The connection to Postgres: statements, bulk loads, transactions and errors that say what to do."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeVar

import adbc_driver_manager
import polars as pl
import pyarrow as pa

from etl.db.connect_errors import find_failure
from etl.errors import EtlError, Interrupted, LoadError
from etl.runtime.imports import without
from etl.runtime.queries import load
from etl.runtime.signals import NoAnswer, interruptibly

# it would load it to know a dataset from a table, and is only given tables
with without("pyarrow.dataset", is_required=True):
    import adbc_driver_postgresql
    from adbc_driver_postgresql import dbapi

_T = TypeVar("_T")

Value = str | int | float | bool | None
"""What may be bound to a statement."""

SYNC_LOCK = 4_985_200_317
"""Key of the advisory lock that keeps syncs of one database apart."""

_GRACE_S = 60.0
"""How much longer than the server's own limit a statement may take before the server counts as gone."""

_LOST = ("08", "57P")
"""SQLSTATEs after which the connection is of no use."""

_PASSING = ("40001", "40P01", "53300", "55P03", *_LOST)
"""SQLSTATEs of a transaction that may well succeed when it is tried again."""

_NOT_A_ROWS = frozenset({
    "", "00", "01", "02", "03", "08", "09", "0A", "0B", "0F", "0L", "0P", "0Z", "10", "21", "24", "25", "26", "27",
    "28", "2B", "2D", "2F", "34", "38", "39", "3B", "3D", "3F", "40", "42", "53", "55", "57", "58", "72", "F0", "HV", "XX",
})  # fmt: skip
"""The classes of SQLSTATEs that Postgres raises for a fault of something else than a row's values.

Those of values are 22, 23, 44 and 54. PL/pgSQL's own (P0, and 20 of a CASE that nothing fits), and any class that Postgres
does not know, come from the code of a trigger.
"""

NOT_WRITTEN = "02000"
"""SQLSTATE of a row that the database left out without a word: the standard's "no data", which Postgres raises nowhere."""

_abandoned: list[dbapi.Connection] = []
"""Connections that a call still uses which no cancelling could end: they must not be closed under it."""

_ADVICE: dict[str, str] = {
    "08001": "Check DATABASE_URL, and that the server is up and reachable from here.",
    "08": "The connection broke; see that the server is up and reachable, then run again.",
    "22": "A value does not fit its column.",
    "23": "A constraint of the CMS refuses the row.",
    "25006": "The server is read-only (a replica?); point DATABASE_URL at the primary.",
    "28": "Postgres refused the login; check the user and password in DATABASE_URL or DB_PASS.",
    "3D000": "That database does not exist; check the name in DATABASE_URL or DATABASE_NAME.",
    "40P01": "Two transactions blocked each other; run again.",
    "42501": "The role lacks a right; `etl check` lists what it needs.",
    "42P01": "A table is missing; run `etl check`, and `etl init` for the job's own tables.",
    "42703": "A column is missing; `etl check` compares the CMS's tables with what the job needs.",
    "53100": "The server's disk is full.",
    "53300": "The server has no free connection; run again later.",
    "55P03": "A row or table stayed locked longer than LOCK_TIMEOUT_S; run again, or raise it.",
    "57014": "The statement was cancelled, or took longer than STATEMENT_TIMEOUT_S.",
    "57P": "The server is shutting down or was restarted; run again.",
}


def read_types(dsn: str) -> adbc_driver_manager.AdbcDatabase:
    """Return what the driver has to know of a database's types; it takes 45 ms, and a connection with it 3 ms."""
    types: adbc_driver_manager.AdbcDatabase = adbc_driver_postgresql.connect(dsn)
    return types


class _Kept:
    """Stands for the types where a connection would close them with itself: others of the run may follow it."""

    def close(self) -> None:
        """Leave them open."""


class PostgresError(LoadError):
    """A statement that Postgres refused.

    Attributes:
        sqlstate: Postgres's five-character code, '' where the connection itself failed.
        detail: The server's own words, one line.
    """

    def __init__(self, message: str, sqlstate: str, detail: str) -> None:
        super().__init__(message)
        self.sqlstate = sqlstate
        self.detail = detail

    def __reduce__(self) -> tuple[type["PostgresError"], tuple[str, str, str]]:
        """Let it be sent to another process, as it is."""
        return type(self), (str(self), self.sqlstate, self.detail)

    @property
    def is_about_a_row(self) -> bool:
        """Tell whether a row's own values are to blame: data, a constraint, a size, or a trigger that refuses it."""
        return self.sqlstate[:2] not in _NOT_A_ROWS or self.sqlstate == NOT_WRITTEN

    @property
    def is_lost(self) -> bool:
        """Tell whether the connection is gone, or was never there."""
        return self.sqlstate.startswith(_LOST)

    @property
    def is_passing(self) -> bool:
        """Tell whether the same transaction may succeed when it is tried again."""
        return self.sqlstate.startswith(_PASSING)


def _advice(sqlstate: str) -> str:
    return next((_ADVICE[code] for code in (sqlstate, sqlstate[:3], sqlstate[:2]) if code in _ADVICE), "")


def _detail(error: adbc_driver_manager.Error) -> str:
    details: dict[bytes, bytes] = dict(getattr(error, "details", None) or [])
    primary = details.get(b"PG_DIAG_MESSAGE_PRIMARY", b"")
    more = details.get(b"PG_DIAG_MESSAGE_DETAIL", b"")
    text = b" ".join(part for part in (primary, more) if part).decode("utf-8", "replace")
    return text or str(error).strip().splitlines()[0]


def _lost(doing: str, detail: str) -> PostgresError:
    return PostgresError(f"Postgres failed at {doing}: {detail}. {_advice('08')}", "08006", detail)


def _translate(error: adbc_driver_manager.Error, doing: str) -> PostgresError:
    # an error without a code is libpq's own: the connection is gone
    sqlstate = str(getattr(error, "sqlstate", None) or "").strip("\0") or "08006"
    detail = _detail(error)
    code = f" (SQLSTATE {sqlstate})"
    message = f"Postgres failed at {doing}: {detail.rstrip('.')}{code}. {_advice(sqlstate)}".strip()
    return PostgresError(message, sqlstate, detail)


class Postgres:
    """A connection to Postgres, closed at the end of a `with`.

    It commits each statement by itself outside `transaction()`. Statements are named by their file in sql/.

    Args:
        dsn: A libpq address. It may hold a password and is never shown.
        shown: What messages call the database.
        patience_s: How long connecting, and each call, may take; None leaves that to the address and `set_session`.
        types: As `read_types` gives them, where another connection of the run has read them.

    Attributes:
        is_in_doubt: The last transaction's COMMIT was sent, and no answer has come.
    """

    def __init__(
        self,
        dsn: str,
        shown: str = "the database",
        patience_s: float | None = None,
        types: adbc_driver_manager.AdbcDatabase | None = None,
    ) -> None:
        self.shown = shown
        self._given_patience_s = patience_s
        self._dsn = dsn
        self.is_in_doubt = False
        self._limits: tuple[float, float] | None = None
        self._types = types
        self._open()

    def _open(self) -> None:
        given_up = threading.Event()

        def call() -> dbapi.Connection:
            if self._types is None:
                self._types = read_types(self._dsn)
            handle = adbc_driver_manager.AdbcConnection(self._types)
            connection = dbapi.Connection(_Kept(), handle, autocommit=True)
            if given_up.is_set():
                connection.close()
            return connection

        try:
            # libpq can't be told to stop connecting: it is left to its own limit
            self._connection = interruptibly(call, None, given_up.set, self._given_patience_s)
        except adbc_driver_manager.Error as error:
            raise _connect_error(str(error), self.shown) from error
        except NoAnswer:
            raise _connect_error("timeout expired", self.shown) from None
        self.is_open = True

    def reopen(self) -> None:
        """Connect anew, with the session's limits; locks and temporary tables of the old connection are gone.

        Raises:
            PostgresError: the server does not answer yet, or refuses.
        """
        self.close()
        self._open()
        if self._limits:
            self.set_session(*self._limits)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def another(self, patience_s: float | None = None) -> "Postgres":
        """Open a second connection to the same database, with the same limits; or one that is given up sooner."""
        other = Postgres(self._dsn, self.shown, patience_s, self._types)
        if self._limits:
            other.set_session(*self._limits)
        return other

    @property
    def dsn(self) -> str:
        """The address that it is connected to, for another process; it may hold a password, and is never shown."""
        return self._dsn

    def close(self) -> None:
        """Close the connection; a transaction still open is rolled back by the server."""
        if self.is_open:
            self.is_open = False
            with suppress(adbc_driver_manager.Error):
                self._connection.close()

    @contextmanager
    def _translated(self, doing: str) -> Iterator[None]:
        if not self.is_open:
            raise _lost(doing, "the connection is closed")
        try:
            yield
        except adbc_driver_manager.Error as error:
            translated = _translate(error, doing)
            if translated.is_lost:
                self.close()
            raise translated from error
        except NoAnswer:
            raise _lost(doing, f"the server sent nothing for {self._patience_s:g} s") from None

    def _leave_behind(self) -> None:
        self.is_open = False
        _abandoned.append(self._connection)

    @property
    def _patience_s(self) -> float | None:
        """How long a call may take: the server ends a statement itself at its limit, if it lives."""
        limit_s = self._limits[1] + _GRACE_S if self._limits and self._limits[1] else None
        return limit_s if self._given_patience_s is None else self._given_patience_s

    def _call(self, doing: str, work: Callable[[dbapi.Cursor], _T]) -> _T:
        """Do something with a cursor, so that a signal cancels it; errors are translated."""

        def call() -> _T:
            with self._connection.cursor() as cursor:
                return work(cursor)

        with self._translated(doing):
            return self._limited(call)

    def _limited(self, call: Callable[[], _T]) -> _T:
        return interruptibly(call, self._connection.adbc_cancel, self._leave_behind, self._patience_s)

    def run(self, name: str, *values: Value, **parts: str) -> None:
        """Run the statement in `sql/<name>.sql` with bound values; its result is not read."""
        self.execute(load(name, **parts), *values, doing=name)

    def execute(self, sql: str, *values: Value, doing: str = "a statement") -> None:
        """Run a statement that is not in sql/: transaction control and settings."""
        self._call(doing, lambda cursor: cursor.execute(sql, values or None))

    def read(self, name: str, *values: Value, **parts: str) -> pl.DataFrame:
        """Return what the query in `sql/<name>.sql` finds, as a frame."""

        def fetch(cursor: dbapi.Cursor) -> pl.DataFrame:
            cursor.execute(_as_copied(name, parts), values or None)
            return pl.DataFrame(cursor.fetch_arrow_table())

        return self._call(name, fetch)

    @contextmanager
    def reader(self, name: str, *values: Value, **parts: str) -> Iterator[pa.RecordBatchReader]:
        """Give what the query in `sql/<name>.sql` finds, batch by batch, while the block runs."""
        with self._translated(name), self._connection.cursor() as cursor:
            self._limited(lambda: cursor.execute(_as_copied(name, parts), values or None))
            with cursor.fetch_record_batch() as rows:
                batches = iter(lambda: self._limited(partial(next, rows, None)), None)
                yield pa.RecordBatchReader.from_batches(rows.schema, batches)

    def value(self, name: str, *values: Value, **parts: str) -> Any:  # noqa: ANN401 — a cell of any type
        """Return the first column of the first row that a query finds, or None."""
        rows = self.read(name, *values, **parts)
        return rows.row(0)[0] if rows.height else None

    def ingest(self, table: str, frame: pl.DataFrame, schema: str = "pg_temp") -> None:
        """Append a frame to a table, a temporary one by default, by COPY; columns and types must be the table's."""
        if frame.is_empty():
            return
        rows = frame.to_arrow()
        self._call(
            f"loading {table}",
            lambda cursor: cursor.adbc_ingest(table, rows, mode="append", db_schema_name=schema),
        )

    @contextmanager
    def transaction(self, *, commit: bool = True) -> Iterator[None]:
        """Run the block in one transaction: committed at its end, rolled back on any error.

        Args:
            commit: False rolls back at the end too, for a dry run.
        """
        # a signal may come at any line: whatever is open then is rolled back, not left to a later COMMIT
        try:
            self.is_in_doubt = False
            self.execute("BEGIN", doing="BEGIN")
            yield
            if commit:
                # COMMIT of an aborted transaction rolls back and reports success; any other statement says so
                self.execute("SELECT 1", doing="COMMIT")
            self.is_in_doubt = commit
            self.execute("COMMIT" if commit else "ROLLBACK", doing="COMMIT")
            self.is_in_doubt = False
        except BaseException:
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        # The first error is the one to tell. A connection that can't even roll back is closed,
        # and the server rolls back.
        try:
            self.execute("ROLLBACK", doing="ROLLBACK")
        except (EtlError, Interrupted):
            self.close()

    @contextmanager
    def short_transaction(self, lock_s: float, statement_s: float) -> Iterator[None]:
        """Run the block in one transaction with limits of its own; at its end the session's come back."""
        with self.transaction():
            for name, seconds in (("lock_timeout", lock_s), ("statement_timeout", statement_s)):
                self.execute(f"SET LOCAL {name} = {round(seconds * 1000)}", doing=f"SET {name}")
            yield

    @contextmanager
    def savepoint(self, name: str, *undone_by: type[EtlError]) -> Iterator[None]:
        """Run the block so that an error of Postgres, or of these, undoes only the block; it goes on to the caller."""
        self.execute(f"SAVEPOINT {name}", doing="SAVEPOINT")
        try:
            yield
        except (PostgresError, *undone_by):  # type: ignore[misc]  # each is an EtlError
            self.execute(f"ROLLBACK TO SAVEPOINT {name}", doing="ROLLBACK TO SAVEPOINT")
            self.execute(f"RELEASE SAVEPOINT {name}", doing="RELEASE SAVEPOINT")
            raise
        self.execute(f"RELEASE SAVEPOINT {name}", doing="RELEASE SAVEPOINT")

    def set_session(self, lock_s: float, statement_s: float) -> None:
        """Limit how long a statement waits for a lock, and how long it runs; 0 is no limit. Times are in UTC.

        To be called before any temporary table is used.
        """
        self._limits = lock_s, statement_s
        self.run("check/set_session", *(str(round(seconds * 1000)) for seconds in (lock_s, statement_s)))
        # a server before 14, or on another system, finds out when the statement ends that nobody waits for it
        with suppress(PostgresError):
            self.execute("SET client_connection_check_interval = '1s'", doing="SET client_connection_check")

    def try_lock(self, key: int = SYNC_LOCK) -> bool:
        """Take the lock that keeps syncs apart until `unlock` or the connection's end; False where another has it."""
        return bool(self.value("check/try_lock", key))

    def unlock(self) -> None:
        """Give up every advisory lock of this session."""
        self.value("check/unlock")

    def columns(self, tables: Sequence[str]) -> dict[str, set[str]]:
        """Return the columns of each table that exists, by its name: `shops`, `etl.sync_logs`."""
        found: dict[str, set[str]] = {}
        for schema, table, column in self.read("check/columns", ",".join(tables)).iter_rows():
            found.setdefault(f"etl.{table}" if schema == "etl" else table, set()).add(column)
        return found


def _as_copied(name: str, parts: Mapping[str, str]) -> str:
    # a read runs as COPY (query), where a semicolon is an error
    return load(name, **parts).rstrip().removesuffix(";")


def _connect_error(said: str, shown: str) -> PostgresError:
    """Make an error of a failed connection; libpq's own words may hold the password of a malformed address."""
    failure = find_failure(said)
    advice = failure.advice or _advice(failure.sqlstate or "08001")
    message = f"Can't connect to {shown}: {failure.reason}. {advice}"
    return PostgresError(message, failure.sqlstate, failure.reason)
