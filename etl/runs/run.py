"""A run: what its steps share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from etl.config.settings import Settings
from etl.contract.source_names import Origin
from etl.db.connection import Postgres
from etl.db.retry import Retries
from etl.load import schema
from etl.runs import log as run_log
from etl.runs.session import RunSession
from etl.runtime.sync_id import new_sync_id
from etl.runtime.timing import StageTimer, peak_memory_mb

_T = TypeVar("_T")


@dataclass(frozen=True)
class Run:
    """A run while it goes on.

    Attributes:
        session: Its connection, with the lock of its source.
        origin: Its source.
        stages: Its time by stage.
        cms_columns: The columns of the CMS's tables.
        scrub: Hides the secrets of the settings in a text.
    """

    session: RunSession
    origin: Origin
    stages: StageTimer
    cms_columns: Mapping[str, set[str]]
    scrub: Callable[[str], str]

    @property
    def sync_id(self) -> str:
        """Its id."""
        return self.session.sync_id

    @property
    def db(self) -> Postgres:
        """The connection."""
        return self.session.db

    def again(self, work: Callable[[], _T]) -> _T:
        """Return what the work returns, as `RunSession.again`."""
        return self.session.again(work)

    def in_transaction(self, work: Callable[[], _T]) -> _T:
        """Return what the work returns, as `RunSession.in_transaction`."""
        return self.session.in_transaction(work)

    def note_snapshot(self, address: str) -> None:
        """Say in the log where the records are, so that it is known whatever becomes of the run."""
        self.again(lambda: run_log.note_snapshot(self.db, self.sync_id, address))

    def performance(self) -> dict[str, Any]:
        """Return seconds by stage, the peak memory so far, and what was tried again at the database."""
        reasons = dict(self.session.retries.reasons)
        more = {"database_retries": reasons} if reasons else {}
        return {"seconds": self.stages.total(), "peak_memory_mb": peak_memory_mb(), **more}


def unlogged_run(settings: Settings, db: Postgres, origin: Origin, stages: StageTimer) -> Run:
    """Return a run that only looks: without a lock, a log and further tries.

    Raises:
        ConfigError: the database is not ready.
    """
    db.set_session(settings.lock_timeout_s, settings.statement_timeout_s)
    session = RunSession(db, new_sync_id(), origin, Retries(0))
    return Run(session, origin, stages, schema.require_ready(db), str)
