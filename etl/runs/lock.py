"""The two locks of a run: its source's from start to end, and the database's for its transaction."""

import time
from collections.abc import Callable
from contextlib import suppress

from etl.contract.source_names import Origin, label_of
from etl.db.connection import Postgres
from etl.db.errors import PostgresError
from etl.errors import LockError
from etl.runs import log as run_log
from etl.runtime.log import get_logger

_POLL_S = 0.25
_NAME_S = 2.0
_TRANSACTION_S = 3600.0
"""How long another source's transaction is waited for; each has its own limits, and ends by them."""


class SourceLock:
    """The lock that keeps runs of one source apart; it goes with the session.

    Args:
        db: The run's connection.
        origin: The source.
    """

    def __init__(self, db: Postgres, origin: Origin) -> None:
        self._db = db
        self._origin = origin
        self._is_taken = False

    @property
    def is_held(self) -> bool:
        """Whether no other run of the source can be under way."""
        return self._is_taken and self._db.is_open

    def take(self, wait_s: float) -> None:
        """Take the lock, or wait for it.

        Raises:
            LockError: another run still holds it after so many seconds.
        """
        prefix = self._origin.id_prefix
        if not _within(wait_s, lambda: self._db.lock_source(prefix), lambda: self._tell(wait_s)):
            waited = f" after {wait_s:g} s of waiting" if wait_s else ""
            of = f" of {label_of(self._origin.name)}" if self._origin.name else ""
            raise LockError(
                f"Another run{of} is under way on {self._db.shown}{waited}: {self._holder()}. Nothing was "
                "written. Wait for it to end (--wait 60 waits up to a minute); `etl runs` shows it."
            )
        self._is_taken = True

    def give_up(self) -> None:
        """Let another run begin: the server takes a while to see that a connection is closed, if it is busy."""
        if self.is_held:
            with suppress(PostgresError):  # then it goes with the connection
                self._db.unlock()
        self.forget()

    def forget(self) -> None:
        """Note that the session which had the lock is gone."""
        self._is_taken = False

    def _tell(self, wait_s: float) -> None:
        get_logger().info("waiting_for_lock", held_by=self._holder(), wait_s=wait_s)

    def _holder(self) -> str:
        deadline = time.monotonic() + _NAME_S
        # it opens its log just after it has got the lock
        while (name := run_log.running(self._db, self._origin.id_prefix)) is None:
            if time.monotonic() >= deadline:
                return "a run that has not opened its log yet"
            time.sleep(_POLL_S)
        return name


def lock_database(db: Postgres) -> None:
    """Take the database's lock until the end of the transaction; a transaction of another source's run is waited for.

    Raises:
        LockError: that did not end.
    """
    if not _within(_TRANSACTION_S, db.lock_database, lambda: get_logger().info("waiting_for_transaction")):
        raise LockError(
            f"The transaction of another run on {db.shown} did not end within {_TRANSACTION_S / 60:.0f} minutes. "
            "Nothing was written. `etl runs` shows it; run again once it is over."
        )


def _within(wait_s: float, take: Callable[[], bool], tell: Callable[[], None]) -> bool:
    """Try to take a lock for so many seconds; the first refusal is logged where there is time to wait."""
    deadline = time.monotonic() + wait_s
    is_told = False
    while not take():
        if time.monotonic() >= deadline:
            return False
        if not is_told:
            tell()
            is_told = True
        time.sleep(_POLL_S)
    return True
