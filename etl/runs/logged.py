"""A run with its log: opened before anything happens, closed with what became of it, whatever that is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar, cast

from etl.config.settings import Settings
from etl.contract.source_names import Origin
from etl.db.connection import Postgres
from etl.db.retry import Retries
from etl.errors import EtlError
from etl.load import schema
from etl.notify.tell import Notices, tell_of_runs
from etl.runs import log as run_log
from etl.runs import retention
from etl.runs.closing import Closed, close_failed
from etl.runs.cms_log import show_end, show_start
from etl.runs.run import Run
from etl.runs.session import RunSession
from etl.runtime.log import bind_run, get_logger
from etl.runtime.redact import scrubber
from etl.runtime.signals import as_interrupted, outlast_signals
from etl.runtime.sync_id import new_sync_id
from etl.runtime.timing import StageTimer

_T = TypeVar("_T")


@dataclass(frozen=True)
class RunRequest:
    """What a run is to be.

    Attributes:
        command: sync, move or rollback.
        origin: Its source.
        retries: The further tries that it has at the database.
        options: What was chosen that is not the default.
        wait_s: How long to wait for another run of the source to end.
    """

    command: str
    origin: Origin
    retries: Retries
    options: Mapping[str, Any] = field(default_factory=dict)
    wait_s: float = 0.0


def logged_run(
    settings: Settings, db: Postgres, stages: StageTimer, request: RunRequest, work: Callable[[Run], _T]
) -> _T:
    """Do the work as a run: with its source's lock, an id, and a row in the log of runs that says how it ended.

    The work commits its own transaction, and closes the log in it. Work that raises after its COMMIT is done.

    Args:
        settings: Limits of the session, and for how long runs are kept.
        db: An open connection outside any transaction; it has the lock until the run is over.
        stages: Time by stage, for the log.
        request: What the run is to be.
        work: What the run does; it returns what its transaction returns.

    Raises:
        ConfigError: the database is not ready.
        LockError: another run holds the lock, or had it while the connection was away.
        PostgresError: the database failed for good.
    """
    session = RunSession(db, new_sync_id(), request.origin, request.retries)
    log = _RunLog(settings, request, Run(session, request.origin, stages, {}, scrubber(settings.secrets())))
    bind_run(session.sync_id, request.origin.name)
    try:
        result = work(log.open())
        outlast_signals()
    except BaseException as error:
        caught = as_interrupted(error)
        failure = log.close(caught)
        if failure is not None:
            if isinstance(caught, EtlError):
                session.lock.give_up()
            if failure is error:
                raise
            raise failure from (None if failure is caught else caught)
        outlast_signals()
        result = cast("_T", session.committed)
    finally:
        log.show()
        log.tell()
    if session.lock.is_held:
        retention.prune(db, settings.runs_keep_days, settings.changes_keep_days)
        session.lock.give_up()
    return result


class _RunLog:
    """The row of a run in the log of runs, and its copy on the CMS's own screen."""

    def __init__(self, settings: Settings, request: RunRequest, run: Run) -> None:
        self._limits_s = settings.lock_timeout_s, settings.statement_timeout_s
        receiver = settings.receiver()
        self._notices = Notices(receiver, settings.etl_job, settings.panel) if receiver else None
        self._request = request
        self._run = run
        self._is_open = False
        self._is_known = True

    def open(self) -> Run:
        """Check the database, take the lock and open the log; again where the connection breaks meanwhile."""
        run, session = self._run, self._run.session

        def attempt() -> Run:
            columns = session.begin(
                lambda: schema.require_ready(run.db, "write"), self._request.wait_s, self._limits_s
            )
            for dead in run_log.fail_dead_runs(run.db, run.sync_id, run.origin.id_prefix):
                get_logger().warning("dead_run_found", dead_sync_id=dead)
            self._is_open = True  # or may be, where the answer is lost
            run_log.start_run(
                run.db,
                run.sync_id,
                self._request.command,
                run.origin,
                dict(self._request.options),
                is_told=self._notices is not None,
            )
            return replace(run, cms_columns=columns)

        opened = session.retries.call(attempt)
        show_start(run.db, run.sync_id)
        return opened

    def close(self, error: BaseException) -> BaseException | None:
        """Say why the run failed, and return what to tell; None where it is done all the same."""
        closed = close_failed(self._run, error) if self._is_open else Closed(error)
        self._is_known = closed.is_known
        return closed.error

    def show(self) -> None:
        """Show on the CMS's own screen how the run ended, where that is known."""
        if self._is_open and self._is_known:
            show_end(self._run.db, self._run.sync_id)

    def tell(self) -> None:
        """Tell whoever is to be told of this run, and of earlier ones of its source of which nobody was."""
        if self._notices is not None and self._is_open and self._is_known:
            outlast_signals()  # the run is over, and its outcome stands
            tell_of_runs(self._run.db, self._notices, self._run.origin.id_prefix)
