"""The driver's connection: opened and called so that a signal ends it, with its errors in our words."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

import adbc_driver_manager

from etl.db.errors import connect_error, lost_connection, translate
from etl.runtime.limits import without
from etl.runtime.signals import NoAnswer, interruptibly

# it would load it to know a dataset from a table, and is only given tables
with without("pyarrow.dataset", is_required=True):
    import adbc_driver_postgresql
    from adbc_driver_postgresql import dbapi

_T = TypeVar("_T")

_GRACE_S = 60.0
"""How much longer than the server's own limit a statement may take before the server counts as gone."""

_abandoned: list[dbapi.Connection] = []
"""Connections that a call still uses which no cancelling could end: they must not be closed under it."""


def read_types(dsn: str) -> adbc_driver_manager.AdbcDatabase:
    """Return what the driver has to know of a database's types; it takes 45 ms, and a connection with it 3 ms."""
    types: adbc_driver_manager.AdbcDatabase = adbc_driver_postgresql.connect(dsn)
    return types


class _Kept:
    """Stands for the types where a connection would close them with itself: others of the run may follow it."""

    def close(self) -> None:
        """Leave them open."""


class Driver:
    """A connection of the driver's, without a session of the job's.

    Args:
        dsn: A libpq address. It may hold a password and is never shown.
        shown: What messages call the database.
        patience_s: How long connecting, and each call, may take; None leaves that to the address and to `limits_s`.
        types: As `read_types` gives them, where another connection of the run has read them.
        limits_s: How long a statement may wait for a lock, and take; 0 for no limit.

    Attributes:
        is_open: It is connected, as far as anybody knows.
    """

    _connection: dbapi.Connection

    def __init__(
        self,
        dsn: str,
        shown: str,
        patience_s: float | None,
        types: adbc_driver_manager.AdbcDatabase | None,
        limits_s: tuple[float, float],
    ) -> None:
        self.shown = shown
        self.is_open = False
        self._dsn = dsn
        self._given_patience_s = patience_s
        self._types = types
        self._limits = limits_s
        self._has_failed = False

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
            raise connect_error(str(error), self.shown) from error
        except NoAnswer:
            raise connect_error("timeout expired", self.shown) from None
        self.is_open = True

    def close(self) -> None:
        """Close the connection; a transaction still open is rolled back by the server."""
        if self.is_open:
            self.is_open = False
            with suppress(adbc_driver_manager.Error):
                self._connection.close()

    @contextmanager
    def _translated(self, doing: str) -> Iterator[None]:
        if not self.is_open:
            raise lost_connection(doing, "the connection is closed")
        try:
            yield
        except adbc_driver_manager.Error as error:
            self._has_failed = True
            translated = translate(error, doing)
            if translated.is_lost:
                self.close()
            raise translated from error
        except NoAnswer:
            raise lost_connection(doing, f"the server sent nothing for {self._patience_s:g} s") from None

    def _leave_behind(self) -> None:
        self.is_open = False
        _abandoned.append(self._connection)

    @property
    def _patience_s(self) -> float | None:
        """How long a call may take: the server ends a statement itself at its limit, if it lives."""
        limit_s = self._limits[1] + _GRACE_S if self._limits[1] else None
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
