"""The connection to Postgres: statements, bulk loads and transactions."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self

import adbc_driver_manager
import polars as pl
import pyarrow as pa

from etl.contract.cms import TABLES
from etl.contract.counters import sql_counters
from etl.contract.hours import sql_hours
from etl.contract.ids import sql_ids
from etl.contract.issue import sql_words
from etl.db.driver import Driver
from etl.db.errors import PostgresError
from etl.db.session import (
    Session,
    has_own_path,
    is_against_options,
    named_schemas,
    pooled,
    read_session,
    with_own_path,
)
from etl.errors import EtlError, Interrupted
from etl.runtime.log import get_logger
from etl.runtime.queries import load, part, split

if TYPE_CHECKING:
    from adbc_driver_postgresql import dbapi

Opening = Literal["probed", "own", "bare"]
"""How a connection begins: see `Postgres`."""

Value = str | int | float | bool | None
"""What may be bound to a statement."""

SYNC_LOCK = 4_985_200_317
"""Key of the advisory lock that keeps transactions of runs apart, whatever their source."""

_WORDS = sql_words() | sql_counters() | sql_ids() | sql_hours()
"""What any statement may take: the words and severities of findings, the counters of runs, how ids are compared, hours."""

PROBE_PATIENCE_S = 5.0
"""How long the second connection may take by which a pooler is found out."""

_LAST_PATIENCE_S = 2.0
_CHECK_CLIENT_MS = "1000"
_NOT_ON_THIS_SYSTEM = "22023"


class Postgres(Driver):
    """A connection to Postgres, closed at the end of a `with`.

    It commits each statement by itself outside `transaction()`. Statements are named by their file in sql/.

    Its session has the job's settings from the start (sql/check/set_session.sql), unless it is opened bare.

    Args:
        dsn: A libpq address. It may hold a password and is never shown.
        shown: What messages call the database.
        patience_s: How long connecting, and each call, may take; None leaves that to the address and to `limits_s`.
        types: As `read_types` gives them, where another connection of the run has read them.
        limits_s: How long a statement may wait for a lock, and take; 0 for no limit.
        opening: `probed` looks for a pooler first; `own` is known to have none before it; `bare` sets nothing.

    Attributes:
        is_in_doubt: The last transaction's COMMIT was sent, and no answer has come.
        retried: What was tried again until it was open, by SQLSTATE.

    Raises:
        PostgresError: the server does not answer, or refuses.
        ConfigError: a pooler gives the connection's statements to different processes, or a setting can't be made.
    """

    def __init__(  # noqa: PLR0913 — what a connection is made of; all but the first two by name
        self,
        dsn: str,
        shown: str = "the database",
        patience_s: float | None = None,
        types: adbc_driver_manager.AdbcDatabase | None = None,
        *,
        limits_s: tuple[float, float] = (0.0, 0.0),
        opening: Opening = "probed",
    ) -> None:
        super().__init__(with_own_path(dsn), shown, patience_s, types, limits_s)
        self._given_dsn = dsn
        self.is_in_doubt = False
        self.retried: Counter[str] = Counter()
        self._named: str | None = None
        self._session: Session | None = None
        self._is_shaded = False
        self._connect()
        if opening != "bare":
            self._begin(is_probed=opening == "probed")

    def _connect(self) -> None:
        """Connect; without a search path of our own where a pooler refuses an address that has one."""
        try:
            self._open()
        except PostgresError as error:
            if self._dsn == self._given_dsn or not is_against_options(error.detail):
                raise
            self._dsn, self._types = self._given_dsn, None
            self._open()

    def _begin(self, *, is_probed: bool) -> None:
        """Give the session its settings, once its process is known not to be shared; else the connection is closed."""
        try:
            self._set_session(self._own_pid() if is_probed else 0)
        except BaseException:
            self.close()
            raise

    def _own_pid(self) -> int:
        """Return the server's process, which is this connection's alone.

        Raises:
            ConfigError: another connection has it too, so neither keeps it.
        """
        pid: int = self.value("check/pid", "")
        try:
            with Postgres(self._dsn, self.shown, PROBE_PATIENCE_S, self._types, opening="bare") as other:
                is_shared = other.value("check/pid", "") == pid
        except PostgresError as error:
            # no second connection at this moment, as in a pool of one; what is shared later is found out later
            get_logger().debug("pooler_not_looked_for", error=error)
            return pid
        if is_shared:
            raise pooled(self.shown)
        return pid

    def reopen(self) -> None:
        """Connect again, with the session's limits; locks and temporary tables of the old connection are gone.

        Raises:
            PostgresError: the server does not answer yet, or refuses.
        """
        self.close()
        self._open()
        self._named = None
        self._begin(is_probed=False)
        if self._is_shaded:
            self.shade_cms()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self.is_open and self._session is not None:
                self._leave_nothing()
        finally:
            self.close()

    def _leave_nothing(self) -> None:
        """Drop temporary objects and settings, lest a pooler hands them on; a server's own connection takes them along."""
        self._given_patience_s = _LAST_PATIENCE_S
        with suppress(EtlError):
            self.execute("DISCARD ALL", doing="DISCARD ALL")

    def another(self, patience_s: float | None = None) -> "Postgres":
        """Open a second connection to the same database, with the same limits; or one that is given up sooner."""
        other = Postgres(self._dsn, self.shown, patience_s, self._types, limits_s=self._limits, opening="own")
        if self._is_shaded:
            other.shade_cms()
        return other

    @property
    def session(self) -> Session:
        """What the session rests on.

        Raises:
            RuntimeError: the connection was opened bare.
        """
        if self._session is None:
            raise RuntimeError("a bare connection has no session of the job's")
        return self._session

    @property
    def dsn(self) -> str:
        """The address that it is connected to, for another process; it may hold a password, and is never shown."""
        return self._dsn

    def cms_name(self, table: str) -> str:
        """Return the name of one of the CMS's tables as SQL, with its schema, which may not be on the search path."""
        return ".".join('"' + name.replace('"', '""') + '"' for name in (self.session.cms_schema, table))

    def run(self, name: str, *values: Value, **parts: str) -> None:
        """Run the statement in `sql/<name>.sql` with bound values; its result is not read."""
        self.execute(load(name, _WORDS, **parts), *values, doing=name)

    def run_script(self, name: str, **parts: str) -> None:
        """Run the statements in `sql/<name>.sql`, one after another: those that make tables."""
        statements = split(load(name, _WORDS, **parts))

        def work(cursor: "dbapi.Cursor") -> None:
            for statement in statements:
                _execute(statement, cursor, ())

        self._call(name, work)

    def execute(self, sql: str, *values: Value, doing: str = "a statement") -> None:
        """Run a statement that is not in sql/: transaction control and settings."""
        self._call(doing, lambda cursor: _execute(sql, cursor, values))

    def read(self, name: str, *values: Value, **parts: str) -> pl.DataFrame:
        """Return what the query in `sql/<name>.sql` finds, as a frame."""

        def fetch(cursor: "dbapi.Cursor") -> pl.DataFrame:
            # a read runs as COPY (query), where a semicolon is an error
            cursor.execute(part(name, _WORDS, **parts), values or None)
            return pl.DataFrame(cursor.fetch_arrow_table())

        return self._call(name, fetch)

    @contextmanager
    def reader(self, name: str, *values: Value, **parts: str) -> Iterator[pa.RecordBatchReader]:
        """Give what the query in `sql/<name>.sql` finds, batch by batch, while the block runs."""
        with self._translated(name), self._connection.cursor() as cursor:
            self._limited(lambda: cursor.execute(part(name, _WORDS, **parts), values or None))
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
            self.is_in_doubt = self._has_failed = False
            self.execute("BEGIN", doing="BEGIN")
            yield
            if commit:
                self._require_unaborted()
            self.is_in_doubt = commit
            self.execute("COMMIT" if commit else "ROLLBACK", doing="COMMIT")
            self.is_in_doubt = False
        except BaseException:
            self._roll_back()
            raise

    def _require_unaborted(self) -> None:
        # COMMIT of an aborted transaction rolls back and reports success; any other statement says so
        if self._has_failed:
            self.execute("SELECT 1", doing="COMMIT")

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
            self.run("check/limit_transaction", *_milliseconds(lock_s, statement_s))
            yield

    @contextmanager
    def savepoint(self, name: str) -> Iterator[None]:
        """Run the block so that an error of Postgres undoes only the block; it goes on to the caller."""
        self.execute(f"SAVEPOINT {name}", doing="SAVEPOINT")
        try:
            yield
        except PostgresError:
            self.execute(f"ROLLBACK TO SAVEPOINT {name}", doing="ROLLBACK TO SAVEPOINT")
            self.execute(f"RELEASE SAVEPOINT {name}", doing="RELEASE SAVEPOINT")
            raise
        self.execute(f"RELEASE SAVEPOINT {name}", doing="RELEASE SAVEPOINT")

    def set_session(self, lock_s: float, statement_s: float) -> None:
        """Limit how long a statement waits for a lock, and how long it runs; 0 is no limit.

        To be called before any temporary table is used.
        """
        if self._limits != (lock_s, statement_s):
            self._limits = lock_s, statement_s
            self.find_cms()

    def find_cms(self) -> None:
        """Set the session's settings again, so that it knows of a CMS that was made meanwhile."""
        self._set_session(self.session.pid)

    def shade_cms(self) -> None:
        """Let the CMS's tables be found by their names, where their schema is not on the search path.

        To be called before any of them is used; further connections then do so by themselves.
        """
        if self.session.is_shared:
            with self.transaction():
                # temporary views are made also where the role's transactions are read only by default
                self.execute("SET TRANSACTION READ WRITE", doing="SET TRANSACTION")
                self.run("check/shade_cms")
            self._is_shaded = True

    def _set_session(self, pid: int) -> None:
        if self._named is None:
            self._named = "" if has_own_path(self._dsn) else named_schemas(self.value("check/leave_path"))
        limits = [str(round(seconds * 1000)) for seconds in self._limits]
        values: tuple[Value, ...] = (*limits, ",".join(TABLES), self._named, pid)
        try:
            found = self.read("check/set_session", _CHECK_CLIENT_MS, *values)
        except PostgresError as error:
            if error.sqlstate != _NOT_ON_THIS_SYSTEM:
                raise
            # that server finds out when a statement ends that nobody waits for it
            found = self.read("check/set_session", "0", *values)
        if not found.height:
            raise pooled(self.shown)
        self._session = read_session(found.row(0, named=True), self._named, self.shown)

    def lock_source(self, id_prefix: str) -> bool:
        """Take the lock of a source until `unlock` or the connection's end; False where another session has it."""
        return bool(self.value("check/lock_source", id_prefix))

    def lock_database(self, key: int = SYNC_LOCK) -> bool:
        """Take the lock that keeps transactions apart until this one's end; False where another one has it."""
        return bool(self.value("check/lock_database", key))

    def unlock(self) -> None:
        """Give up every advisory lock of this session."""
        self.value("check/unlock")


def _execute(sql: str, cursor: "dbapi.Cursor", values: tuple[Value, ...]) -> None:
    """Run a statement whose result is not read: without values in one round trip, where the driver's way takes three."""
    if values:
        cursor.execute(sql, values)
    else:
        cursor.adbc_statement.set_sql_query(sql)
        cursor.adbc_statement.execute_update()


def _milliseconds(*seconds: float) -> Iterator[str]:
    return (str(round(each * 1000)) for each in seconds)
