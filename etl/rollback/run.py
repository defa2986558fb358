"""The shell of a rollback: choose the run, plan, and show it or apply it, with its own log."""

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from typing import NamedTuple

from etl.config.settings import Settings
from etl.contract.source_names import Origin
from etl.contract.tenant import KINDS
from etl.db.connection import Postgres
from etl.db.retry import run_retries
from etl.errors import ConfigError, GuardError
from etl.load import schema
from etl.load.hours import hours_in_words
from etl.load.open_documents import OpenDocuments
from etl.load.version_parts import read_version_tables
from etl.load.versions import in_drafts, keeps_versions, report_versions
from etl.rollback.apply import apply_plan
from etl.rollback.model import OUTCOMES, Rollback, RollbackTotals, RolledRun
from etl.rollback.plan import make_plan
from etl.rollback.plan_reader import read_rollback, read_totals
from etl.runs import log as run_log
from etl.runs.logged import RunRequest, logged_run
from etl.runs.run import Run
from etl.runtime.log import get_logger
from etl.runtime.progress import Progress
from etl.runtime.timing import StageTimer

_NOTHING = RollbackTotals(
    {outcome: dict.fromkeys(KINDS, 0) for outcome in OUTCOMES}, {"back": 0, "same": 0, "stays": 0}
)


def show(  # noqa: PLR0913 — the last two are options, given by name
    settings: Settings, db: Postgres, asked: str, watch: Progress, *, limit: int = 0, force_open: bool = False
) -> Rollback:
    """Make the plan of rolling back a run, read it and undo the plan; nothing is written, locked or left behind.

    The arguments are those of `rollback`; the database's role needs only SELECT and TEMPORARY.

    Raises:
        ConfigError, GuardError: as `choose_run`.
    """
    run, cms_columns = _prepare(settings, db, asked)
    documents = OpenDocuments(cms_columns, 0 if force_open else settings.cms_open_s)
    stages = StageTimer(watch)
    with db.transaction(commit=False):
        # read write, for a role that is read only by default: temporary tables have to be made
        one_state = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ WRITE"
        db.execute(one_state, doing="SET TRANSACTION")
        totals = _plan(db, run, documents, stages, lock_rows=False)
        result = _read(db, run, cms_columns, totals, limit)
    return replace(result, seconds=stages.total(), panel=settings.panel)


def rollback(  # noqa: PLR0913 — the last three are options, given by name
    settings: Settings,
    db: Postgres,
    asked: str,
    watch: Progress,
    *,
    limit: int = 0,
    wait_s: float = 0.0,
    force_open: bool = False,
) -> Rollback:
    """Put back what a run changed, in one transaction, as a run with its own log.

    Args:
        settings: Limits of the session.
        db: An open connection outside any transaction.
        asked: The run's id, a part of it, or `latest`.
        watch: Gets the progress.
        limit: The most rows of each outcome to read; 0 for all.
        wait_s: How long to wait for another run to end.
        force_open: Rows that somebody has open in the CMS are put back too.

    Raises:
        ConfigError, GuardError: as `choose_run`.
        EtlError: nothing was written, and the log of runs says why.
    """
    run, cms_columns = _prepare(settings, db, asked)
    documents = OpenDocuments(cms_columns, 0 if force_open else settings.cms_open_s)
    stages = StageTimer(watch)
    if not db.value("rollback/count_changes", run.sync_id):
        return Rollback(run, db.shown, _NOTHING)
    origin, retries = Origin(run.source, run.id_prefix), run_retries(db, settings.database_retries)
    options = {"of": run.sync_id, **({"force_open": True} if force_open else {})}
    request = RunRequest("rollback", origin, retries, options, wait_s)
    result = logged_run(
        settings,
        db,
        stages,
        request,
        lambda own: own.in_transaction(lambda: _roll_back(own, run, documents, limit)),
    )
    totals = result.totals
    get_logger().info("rollback_done", of=run.sync_id, status=totals.status, **_figures(totals))
    return replace(result, panel=settings.panel)


def _prepare(settings: Settings, db: Postgres, asked: str) -> tuple[RolledRun, Mapping[str, set[str]]]:
    """Return the run that is to be rolled back, and the columns of the CMS's tables."""
    db.set_session(settings.lock_timeout_s, settings.statement_timeout_s)
    cms_columns = schema.require_ready(db)
    return choose_run(db, asked), cms_columns


def choose_run(db: Postgres, asked: str) -> RolledRun:
    """Return the run that is to be rolled back.

    Raises:
        ConfigError: there is no such run, or it wrote nothing that stands.
        GuardError: it is rolled back already, and completely.
    """
    found = run_log.read_run(db, asked)
    run = RolledRun(**{each.name: found[each.name] for each in fields(RolledRun)})
    if run.status == "FAILED":
        raise ConfigError(
            f"Run {run.sync_id} failed and wrote nothing: there is nothing to roll back. `etl runs` lists all runs."
        )
    if run.status == "RUNNING":
        raise ConfigError(
            f"Run {run.sync_id} has not ended. Wait for it; if its process died, the next run marks it FAILED, "
            "and then it wrote nothing."
        )
    if found["details_removed_at"]:
        raise ConfigError(
            f"Run {run.sync_id} can't be rolled back any more: what it changed was removed from the audit trail on "
            f"{found['details_removed_at']:%Y-%m-%d} (CHANGES_KEEP_DAYS). A backup of the database from before has it."
        )
    earlier = standing(Done(*row) for row in db.read("rollback/rollbacks").iter_rows()).get(run.sync_id)
    if earlier and earlier.status == "COMPLETED":
        raise GuardError(
            f"Run {run.sync_id} is rolled back already, by {earlier.sync_id}. Nothing was written. "
            f"To do it again, roll back the rollback: etl rollback {earlier.sync_id}"
        )
    return run


def _roll_back(own: Run, run: RolledRun, documents: OpenDocuments, limit: int) -> Rollback:
    db, stages = own.db, own.stages
    choose_run(db, run.sync_id)  # another rollback may have come before this one got the lock
    _plan(db, run, documents, stages, lock_rows=True)
    applied_at = db.value("apply/now")
    with stages.timed("apply"):
        versions = read_version_tables(db, own.cms_columns)
        refused = apply_plan(db, own.sync_id, applied_at, versions)
    stages.done("apply", refused=refused)
    totals = read_totals(db)
    result = _read(db, run, own.cms_columns, totals, limit)
    with stages.timed("audit"):
        _audit(db, own, totals, applied_at)
    stages.done("audit", changes=totals.written)
    return replace(result, sync_id=own.sync_id, seconds=stages.total())


def _read(
    db: Postgres, run: RolledRun, cms_columns: Mapping[str, set[str]], totals: RollbackTotals, limit: int
) -> Rollback:
    result = read_rollback(db, run, totals, limit)
    return replace(result, notes=(*result.notes, *in_drafts(db, cms_columns)))


def _plan(
    db: Postgres, run: RolledRun, documents: OpenDocuments, stages: StageTimer, *, lock_rows: bool
) -> RollbackTotals:
    with stages.timed("plan"):
        make_plan(db, run.sync_id, documents, lock_rows=lock_rows)
        totals = read_totals(db)
    stages.done("plan", **{outcome: totals.of(outcome) for outcome in OUTCOMES})
    return totals


def _audit(db: Postgres, own: Run, totals: RollbackTotals, applied_at: str) -> None:
    db.run("audit/write_rolled_back", own.sync_id, applied_at)
    db.run("audit/write_rollback_issues", own.sync_id, hours_in_words(db, "rollback/hours_that_stay"))
    if keeps_versions(own.cms_columns):
        report_versions(db)
        db.run("audit/write_issues", own.sync_id)
    figures, performance = _figures(totals), own.performance()
    run_log.finish_run(db, own.sync_id, status=totals.status, figures=figures, performance=performance)


def _figures(totals: RollbackTotals) -> dict[str, int]:
    """Return the counters of a rollback: created are rows that came back, unchanged those that were as before already."""
    by_kind = {str(kind): sum(tables[kind] for tables in totals.records.values()) for kind in KINDS}
    return {
        "processed": totals.changes,
        **by_kind,
        "created": totals.of("restored"),
        "updated": totals.of("put_back"),
        "unchanged": totals.of("already"),
        "skipped": totals.of("stays") - totals.refused,
        "rejected": totals.refused,
        "inactivated": totals.of("inactivated"),
        "kept": totals.fields["stays"],
        "deleted": totals.of("deleted"),
    }


class Done(NamedTuple):
    """A rollback that was done.

    Attributes:
        sync_id: Id of the rollback itself.
        rolled_back: Id of the run that it rolled back.
        status: COMPLETED, or PARTIAL where something stayed.
    """

    sync_id: str
    rolled_back: str
    status: str


def standing(newest_first: Iterable[Done]) -> dict[str, Done]:
    """Return the latest rollback that stands, by the run that it rolled back."""
    found: dict[str, Done] = {}
    for done in newest_first:
        if done.sync_id not in found:
            found.setdefault(done.rolled_back, done)
    return found
