"""The end of a run that raised: its log says why, unless it is committed all the same."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from etl.db.connection import Postgres
from etl.errors import EtlError, Interrupted, LoadError
from etl.runs import log as run_log
from etl.runs.run import Run
from etl.runtime.log import get_logger
from etl.runtime.redact import redact

_LAST_WORD_S = 2.0
"""How long a run that was asked to stop may try to reach the database for its log."""


@dataclass(frozen=True)
class Closed:
    """How the log of a run was closed.

    Attributes:
        error: What to tell; None where the run is done all the same.
        is_known: The database could say how the run ended.
    """

    error: BaseException | None
    is_known: bool = True


def close_failed(run: Run, error: BaseException) -> Closed:
    """Say in the log of runs why a run failed.

    A run is done once its COMMIT is: neither a signal that comes after it nor an answer that is lost changes that.
    """
    # on a connection of its own where this one is gone, or a cancelling that came late hit the statement
    for get in (_same, _another):
        with suppress(EtlError, Interrupted), get(run, error) as db:
            reason = run.scrub(reason_of(error))
            run_log.fail_run(db, run.sync_id, reason, run.performance(), exit_code_of(error))
            if not run_log.is_done(db, run.sync_id):
                return Closed(error)
            if not isinstance(error, Interrupted):
                get_logger().warning("failed_after_commit", error=error)
            return Closed(None)
    return Closed(_doubt(run, error) if run.db.is_in_doubt else error, is_known=False)


@contextmanager
def _same(run: Run, _: BaseException) -> Iterator[Postgres]:
    yield run.db


@contextmanager
def _another(run: Run, error: BaseException) -> Iterator[Postgres]:
    with run.db.another(_LAST_WORD_S if isinstance(error, Interrupted) else None) as db:
        # it may hold the log's row still, and may be about to be committed
        run.session.end_on(db)
        yield db


def _doubt(run: Run, error: BaseException) -> BaseException:
    """Return what to tell where COMMIT was sent and nobody can say what became of it."""
    words = (
        "The connection was lost during COMMIT, so it is unknown whether the run was committed; "
        f"`etl runs {run.sync_id}` shows it once the database is back. Running again is safe."
    )
    if isinstance(error, Interrupted):
        return Interrupted(error.signal_number, words)
    return LoadError(f"{reason_of(error)} {words}")


def exit_code_of(error: BaseException) -> int:
    """Return the exit code that an error ends the command with."""
    return error.exit_code if isinstance(error, EtlError | Interrupted) else EtlError.exit_code


def reason_of(error: BaseException) -> str:
    """Return what the log says of an error."""
    is_ours = isinstance(error, EtlError | Interrupted)
    return str(error) if is_ours else redact(f"{type(error).__name__}: {error}")
