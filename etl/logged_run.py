"""A run and its log: opened before anything happens, closed with what became of it, whatever that is."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any

from etl.errors import EtlError, Interrupted, LockError
from etl.load import audit, schema
from etl.load.cms_log import UnmappedCategories, show_end, show_start
from etl.load.postgres import Postgres
from etl.log import bind_run, get_logger
from etl.settings import Settings
from etl.stages import Stages, peak_memory_mb


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
    """

    db: Postgres
    stages: Stages
    sync_id: str
    cms_columns: dict[str, set[str]]
    snapshot: str | None = None
    unmapped: UnmappedCategories = field(default_factory=UnmappedCategories)

    def performance(self) -> dict[str, Any]:
        """Return seconds by stage and the peak memory so far."""
        return {"seconds": self.stages.total(), "peak_memory_mb": peak_memory_mb()}

    def close(self, error: BaseException) -> bool:
        """Say in the log of runs why the run failed; True where it says that the run is done all the same.

        A run is done once its COMMIT is: a signal that comes after it changes nothing.
        """
        reason = str(error) if isinstance(error, EtlError) else f"{type(error).__name__}: {error}"
        with suppress(EtlError):
            db = self.db if self.db.is_open else self.db.another()
            try:
                audit.fail_run(db, self.sync_id, reason, self.snapshot, self.performance())
                return isinstance(error, Interrupted) and audit.is_done(db, self.sync_id)
            finally:
                if db is not self.db:
                    db.close()
        return False


def new_sync_id() -> str:
    """Return an id that sorts by time, e.g. `20261123T210451Z-3f9a1c`."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{token_hex(3)}"


@contextmanager
def logged_run(  # noqa: PLR0913, PLR0917 — the parts of a run and the columns of its log
    settings: Settings,
    db: Postgres,
    stages: Stages,
    command: str,
    url: str | None,
    options: Mapping[str, Any],
) -> Iterator[Run]:
    """Run the block as a run: with the lock, an id, and a row in the log of runs that tells how it ended.

    The block commits its own transaction, and closes the log in it. A block that raises Interrupted after its
    COMMIT is done, and this ends without an error.

    Args:
        settings: Limits of the session.
        db: An open connection outside any transaction; it keeps the lock until it is closed.
        stages: Time by stage, for the log.
        command: sync or rollback.
        url: Where the records come from, without credentials; None where that is no address.
        options: What was chosen that is not the default.

    Raises:
        ConfigError: the database is not ready.
        LockError: another run holds the lock.
    """
    sync_id = new_sync_id()
    bind_run(sync_id)
    db.set_session(settings.lock_timeout_s, settings.statement_timeout_s)
    cms_columns = schema.require_ready(db)
    _take_lock(db)
    audit.start_run(db, sync_id, command, url, dict(options))
    run = Run(db, stages, sync_id, cms_columns)
    try:
        show_start(db, sync_id)
        yield run
    except BaseException as error:
        if not run.close(error):
            raise
    finally:
        show_end(db, sync_id, run.unmapped)


def _take_lock(db: Postgres) -> None:
    if not db.try_lock():
        raise LockError(
            f"Another run is under way on {db.shown}: {audit.running(db)}. Nothing was written. "
            "Wait for it to end; `etl runs` shows it."
        )
    for dead in audit.fail_dead_runs(db):
        get_logger().warning("dead_run_found", dead_sync_id=dead)
