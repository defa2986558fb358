"""The run's connection: the lock with it, and the work again from its start where the database failed in passing."""

from collections.abc import Callable
from typing import TypeVar, cast

from etl.contract.source_names import Origin
from etl.db.connection import Postgres
from etl.db.retry import Retries
from etl.runs import log as run_log
from etl.runs.lock import SourceLock, lock_database

_T = TypeVar("_T")

LAST_SESSION_S = 10.0
"""How long the server may take to end a session whose connection broke."""


class RunSession:
    """The connection of a run, and what comes with it.

    Args:
        db: The connection.
        sync_id: The run.
        origin: Its source.
        retries: The further tries that it has at the database.

    Attributes:
        lock: The lock of its source.
        committed: What the work of its last transaction returned, which is committed or about to be.
    """

    committed: object = None

    def __init__(self, db: Postgres, sync_id: str, origin: Origin, retries: Retries) -> None:
        self.db = db
        self.retries = retries
        self.lock = SourceLock(db, origin)
        self.sync_id = sync_id
        self._server_session: tuple[int, str] = (0, "")
        self._is_resumed = False

    def begin(self, check: Callable[[], _T], wait_s: float, limits_s: tuple[float, float]) -> _T:
        """Set the limits of the session, check the database, take the lock, and return what the check returned.

        Where the connection is gone, this makes a new one.

        Args:
            check: What has to be right before anything is written.
            wait_s: How long to wait for another run.
            limits_s: Seconds that a statement may wait for a lock, and run.

        Raises:
            ConfigError, LockError, PostgresError: the run can't begin.
        """
        is_again = not self.db.is_open
        if is_again:
            self._reconnect()
        self.db.set_session(*limits_s)
        checked = check()
        self._take_lock(max(wait_s, LAST_SESSION_S) if is_again else wait_s)
        return checked

    def again(self, work: Callable[[], _T]) -> _T:
        """Return what the work returns; try again, on a new connection if need be, where the database failed in passing.

        Raises:
            PostgresError: another try would not help, or none is left.
            LockError: the connection broke, and another run had the lock before this one was back.
        """

        def attempt() -> _T:
            if not self.lock.is_held:
                self._resume()
            return work()

        return self.retries.call(attempt)

    def in_transaction(self, work: Callable[[], _T]) -> _T:
        """Return what the work returns, done in one transaction; again, from its start, where it failed in passing.

        Raises:
            PostgresError, LockError: as `again`.
        """

        def attempt() -> _T:
            if self._is_resumed and run_log.is_done(self.db, self.sync_id):
                return cast("_T", self.committed)  # only the answer to its COMMIT was lost
            with self.db.transaction():
                lock_database(self.db)
                result = work()
                self.committed = result
            return result

        return self.again(attempt)

    def end_on(self, other: Postgres) -> None:
        """End this session by another connection, so that what it had under way is over."""
        other.read("check/end_session", *self._server_session)

    def _take_lock(self, wait_s: float) -> None:
        # known before the lock is held: a session that breaks with it has to be ended
        self._server_session = self.db.session.pid, self.db.session.started
        self.lock.take(wait_s)

    def _resume(self) -> None:
        self._reconnect()
        self._is_resumed = True
        if run_log.is_done(self.db, self.sync_id):
            return  # the work finds that out as well, and needs no lock: another run may have it by now
        self._take_lock(LAST_SESSION_S)
        run_log.require_not_overtaken(self.db, self.sync_id)

    def _reconnect(self) -> None:
        self.lock.forget()
        self.db.reopen()
        # what the last session had under way must be over before anyone can say whether it was committed
        self.end_on(self.db)
