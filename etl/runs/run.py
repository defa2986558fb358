"""A run and its log: opened before anything happens, closed with what became of it, whatever that is."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

from etl.config.settings import Settings
from etl.db.connection import Postgres
from etl.db.errors import PostgresError
from etl.db.retry import Retries
from etl.errors import EtlError, Interrupted, LoadError, LockError
from etl.load import schema
from etl.load.known_sources import keep_failed
from etl.load.unmapped import UnmappedCategories
from etl.model.results import SourceResult
from etl.runs import log as run_log
from etl.runs import retention
from etl.runs.cms_log import show_end, show_start
from etl.runtime.log import bind_run, get_logger
from etl.runtime.redact import redact, scrubber
from etl.runtime.signals import as_interrupted, outlast_signals
from etl.runtime.sync_id import new_sync_id
from etl.runtime.timing import StageTimer, peak_memory_mb

_T = TypeVar("_T")

_LOCK_POLL_S = 0.25
_NAME_S = 2.0
_LAST_SESSION_S = 10.0
"""How long the server may take to end a session whose connection broke."""

_LAST_WORD_S = 2.0
"""How long a run that was asked to stop may try to reach the database for its log."""


@dataclass
class Run:
    """A run while it goes on.

    Attributes:
        db: Its connection; that of a logged run holds the lock.
        stages: Its time by stage.
        sync_id: Its id.
        cms_columns: The columns of the CMS's tables.
        snapshot: Where its records come from, once that is known.
        unmapped: What the CMS's own screen is to show of categories.
        retries: The further tries that it has at the database.
        workers: What the workers of a cluster took, where they did some of it.
        sources: What became of each source so far; empty where the only one has no name.
        is_logged: Its log is open, or may be.
        can_be_shown: The database could be told how it ended.
        scrub: Hides the secrets of the settings in a text.
    """

    db: Postgres
    stages: StageTimer
    sync_id: str
    cms_columns: dict[str, set[str]] = field(default_factory=dict)
    snapshot: str | None = None
    unmapped: UnmappedCategories = field(default_factory=UnmappedCategories)
    retries: Retries = field(default_factory=lambda: Retries(0))
    workers: dict[str, Any] = field(default_factory=dict)
    sources: tuple[SourceResult, ...] = ()
    is_logged: bool = False
    can_be_shown: bool = True
    scrub: Callable[[str], str] = str
    _session: tuple[int, str] = (0, "")
    _took_lock: bool = False
    _is_resumed: bool = False

    @property
    def has_lock(self) -> bool:
        """Tell whether no other run can be under way; the lock goes with the connection."""
        return self._took_lock and self.db.is_open

    def open(
        self, settings: Settings, command: str, url: str | None, options: Mapping[str, Any], wait_s: float
    ) -> None:
        """Check the database, take the lock and open the log; again where the connection breaks meanwhile.

        Raises:
            ConfigError, LockError, PostgresError: as `logged_run`.
        """

        def attempt() -> None:
            is_again = not self.db.is_open
            if is_again:
                self._reconnect()
            self.db.set_session(settings.lock_timeout_s, settings.statement_timeout_s)
            self.cms_columns = schema.require_ready(self.db, "write")
            self.take_lock(max(wait_s, _LAST_SESSION_S) if is_again else wait_s)
            for dead in run_log.fail_dead_runs(self.db, self.sync_id):
                get_logger().warning("dead_run_found", dead_sync_id=dead)
            self.is_logged = True
            run_log.start_run(self.db, self.sync_id, command, url, dict(options))

        self.retries.call(attempt)

    def take_lock(self, wait_s: float) -> None:
        """Take the lock that keeps runs apart, or wait for it.

        Raises:
            LockError: another run still holds it after so many seconds.
        """
        # known before the lock is held: a session that breaks with it has to be ended
        self._session = self.db.session.pid, self.db.session.started
        if not self._locked_within(wait_s):
            waited = f" after {wait_s:g} s of waiting" if wait_s else ""
            raise LockError(
                f"Another run is under way on {self.db.shown}{waited}: {self._holder()}. Nothing was "
                "written. Wait for it to end (--wait 60 waits up to a minute); `etl runs` shows it."
            )
        self._took_lock = True

    def give_up_lock(self) -> None:
        """Let another run begin: the server takes a while to see that a connection is closed, if it is busy."""
        if self.has_lock:
            self._took_lock = False
            with suppress(PostgresError):  # then it goes with the connection
                self.db.unlock()

    def _locked_within(self, wait_s: float) -> bool:
        deadline = time.monotonic() + wait_s
        is_told = False
        while not self.db.try_lock():
            if time.monotonic() >= deadline:
                return False
            if not is_told:
                get_logger().info("waiting_for_lock", held_by=self._holder(), wait_s=wait_s)
                is_told = True
            time.sleep(_LOCK_POLL_S)
        return True

    def _holder(self) -> str:
        deadline = time.monotonic() + _NAME_S
        # it opens its log just after it has got the lock
        while (name := run_log.running(self.db)) is None and time.monotonic() < deadline:
            time.sleep(_LOCK_POLL_S)
        return name or "a run that has not opened its log yet"

    def in_transaction(self, work: Callable[[], None]) -> None:
        """Do the work in one transaction; again, from its start, where the database failed it in passing.

        Raises:
            PostgresError: another try would not help, or none is left.
            LockError: the connection broke, and another run had the lock before this one was back.
        """

        def attempt() -> None:
            if self._is_resumed and run_log.is_done(self.db, self.sync_id):
                return  # only the answer to its COMMIT was lost
            with self.db.transaction():
                work()

        self.again(attempt)

    def again(self, work: Callable[[], _T]) -> _T:
        """Return what the work returns; try again, on a new connection if need be, where the database failed in passing.

        Raises:
            PostgresError, LockError: as `in_transaction`.
        """

        def attempt() -> _T:
            if not self.has_lock:
                self._resume()
            return work()

        return self.retries.call(attempt)

    def _resume(self) -> None:
        self._reconnect()
        self._is_resumed = True
        if run_log.is_done(self.db, self.sync_id):
            return  # the work finds that out as well, and needs no lock: another run may have it by now
        self.take_lock(_LAST_SESSION_S)
        run_log.require_not_overtaken(self.db, self.sync_id)

    def _reconnect(self) -> None:
        self._took_lock = False
        self.db.reopen()
        # what the last session had under way must be over before anyone can say whether it was committed
        self.db.read("check/end_session", *self._session)

    def performance(self) -> dict[str, Any]:
        """Return seconds by stage, the peak memory so far, and what was tried again at the database."""
        more: dict[str, Any] = {"workers": self.workers} if self.workers else {}
        if self.retries.reasons:
            more["database_retries"] = dict(self.retries.reasons)
        return {"seconds": self.stages.total(), "peak_memory_mb": peak_memory_mb(), **more}

    def close(self, error: BaseException) -> BaseException | None:
        """Say in the log of runs why the run failed, and return what is to be told; None where it is done all the same.

        A run is done once its COMMIT is: neither a signal that comes after it nor an answer that is lost changes that.
        """
        if not self.is_logged:
            return error
        # on a connection of its own where this one is gone, or a cancelling that came late hit the statement
        for get in (self._same, lambda: self._another(error)):
            with suppress(EtlError, Interrupted), get() as db:
                run_log.fail_run(
                    db, self.sync_id, self.scrub(_reason(error)), self.snapshot, self.performance()
                )
                if not run_log.is_done(db, self.sync_id):
                    if self.sources:
                        keep_failed(db, self.sync_id, self.sources)
                    return error
                if not isinstance(error, Interrupted):
                    get_logger().warning("failed_after_commit", error=error)
                return None
        self.can_be_shown = False
        return self._doubt(error) if self.db.is_in_doubt else error

    @contextmanager
    def _same(self) -> Iterator[Postgres]:
        yield self.db

    @contextmanager
    def _another(self, error: BaseException) -> Iterator[Postgres]:
        with self.db.another(_LAST_WORD_S if isinstance(error, Interrupted) else None) as db:
            # it may hold the log's row still, and may be about to be committed
            db.read("check/end_session", *self._session)
            yield db

    def _doubt(self, error: BaseException) -> BaseException:
        """Return what is to be told where COMMIT was sent and nobody can say what became of it."""
        words = (
            "The connection was lost during COMMIT, so it is unknown whether the run was committed; "
            f"`etl runs {self.sync_id}` shows it once the database is back. Running again is safe."
        )
        if isinstance(error, Interrupted):
            return Interrupted(error.signal_number, words)
        return LoadError(f"{_reason(error)} {words}")


def _reason(error: BaseException) -> str:
    return (
        str(error)
        if isinstance(error, EtlError | Interrupted)
        else redact(f"{type(error).__name__}: {error}")
    )


@contextmanager
def logged_run(  # noqa: PLR0913, PLR0917 — the parts of a run and the columns of its log
    settings: Settings,
    db: Postgres,
    stages: StageTimer,
    command: str,
    url: str | None,
    options: Mapping[str, Any],
    *,
    wait_s: float = 0.0,
) -> Iterator[Run]:
    """Run the block as a run: with the lock, an id, and a row in the log of runs that tells how it ended.

    The block commits its own transaction, and closes the log in it. A block that raises after its COMMIT is done, and
    this ends without an error.

    Args:
        settings: Limits of the session.
        db: An open connection outside any transaction; it has the lock until the run is over.
        stages: Time by stage, for the log.
        command: sync or rollback.
        url: Where the records come from, without credentials; None where that is not an address.
        options: What was chosen that is not the default.
        wait_s: How long to wait for another run to end.

    Raises:
        ConfigError: the database is not ready.
        LockError: another run holds the lock, or had it while the connection was away.
        PostgresError: the database failed for good.
    """
    # those of the connection are told with the run's own, and spend nothing of what it has
    retries = Retries(settings.database_retries + db.retried.total(), Counter(db.retried))
    scrub = scrubber(settings.secrets())
    run = Run(db, stages, new_sync_id(), retries=retries, scrub=scrub)
    bind_run(run.sync_id)
    try:
        run.open(settings, command, url, options, wait_s)
        show_start(db, run.sync_id)
        yield run
        outlast_signals()
    except BaseException as error:
        caught = as_interrupted(error)
        told = run.close(caught)
        if told is not None and isinstance(caught, EtlError):
            run.give_up_lock()
        if told is error:
            raise
        if told is not None:
            raise told from (None if told is caught else caught)
        outlast_signals()
    finally:
        if run.is_logged and run.can_be_shown:
            show_end(db, run.sync_id, run.unmapped)
    if run.has_lock:
        retention.prune(db, settings.runs_keep_days, settings.changes_keep_days)
        run.give_up_lock()
