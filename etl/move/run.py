"""The shell of a move: plan, and show it or do it, with its own log."""

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from etl.config.settings import Settings
from etl.contract.issue import ISSUE
from etl.contract.source_names import Origin, prefix_of
from etl.contract.tenant import OTHER_KIND, Kind
from etl.db.connection import Postgres
from etl.db.retry import run_retries
from etl.errors import ConfigError
from etl.load import schema
from etl.load.open_documents import OpenDocuments
from etl.load.sources import read_sources
from etl.load.version_parts import VersionTables, read_version_tables
from etl.load.versions import delete_versions, write_versions
from etl.move.model import Move
from etl.move.parts import copy_rows
from etl.move.plan import MovePlan, MoveRequest, make_plan, read_fields, read_rows
from etl.runs import log as run_log
from etl.runs.logged import RunRequest, logged_run
from etl.runs.run import Run
from etl.runtime.log import get_logger
from etl.runtime.progress import Progress
from etl.runtime.sync_id import new_sync_id
from etl.runtime.timing import StageTimer

_PARTS = {
    "record": ("", "id"),
    "locales": ("_locales", "_parent_id"),
    "rels": ("_rels", "parent_id"),
    "hours": ("_opening_hours_per_day", "_parent_id"),
}


def show(  # noqa: PLR0913 — the last two are options, given by name
    settings: Settings,
    db: Postgres,
    asked: str,
    watch: Progress,
    *,
    is_deleting: bool = False,
    force_open: bool = False,
) -> Move:
    """Make the plan of moving a record, read it and undo the plan; nothing is written, locked or left behind.

    The arguments are those of `move`; the database's role needs only SELECT and TEMPORARY.

    Raises:
        ConfigError, GuardError, ContractError: as `make_plan`.
    """
    db.set_session(settings.lock_timeout_s, settings.statement_timeout_s)
    documents = OpenDocuments(schema.require_ready(db), 0 if force_open else settings.cms_open_s)
    stages = StageTimer(watch)
    with db.transaction(commit=False):
        # read write, for a role that is read only by default: temporary tables have to be made
        one_state = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ WRITE"
        db.execute(one_state, doing="SET TRANSACTION")
        request = MoveRequest(asked.strip(), is_deleting, documents)
        _, found = _plan(db, stages, request, new_sync_id(), lock_rows=False)
    return replace(found, seconds=stages.total(), panel=settings.panel)


def move(  # noqa: PLR0913 — the last three are options, given by name
    settings: Settings,
    db: Postgres,
    asked: str,
    watch: Progress,
    *,
    is_deleting: bool = False,
    wait_s: float = 0.0,
    force_open: bool = False,
) -> Move:
    """Move a record to the table of its kind, in one transaction, as a run with its own log.

    Args:
        settings: Limits of the session.
        db: An open connection outside any transaction.
        asked: The record's uniqueId, or the unique_id of one of its rows.
        watch: Gets the progress.
        is_deleting: Delete the old rows; else they are set INACTIVE.
        wait_s: How long to wait for another run to end.
        force_open: A row that somebody has open in the CMS is moved too.

    Raises:
        ConfigError, GuardError, ContractError: as `make_plan`.
        EtlError: nothing was written, and the log of runs says why.
    """
    # what is refused is no run
    shown = show(settings, db, asked, watch, is_deleting=is_deleting, force_open=force_open)
    stages, retries = StageTimer(watch), run_retries(db, settings.database_retries)
    chosen = {"delete": is_deleting, "force_open": force_open}
    options = {
        "moved": shown.record,
        "to": shown.to_table,
        **{name: True for name, is_so in chosen.items() if is_so},
    }

    def work(own: Run) -> Move:
        documents = OpenDocuments(own.cms_columns, 0 if force_open else settings.cms_open_s)
        return own.in_transaction(lambda: _move(own, MoveRequest(asked.strip(), is_deleting, documents)))

    result = logged_run(
        settings, db, stages, RunRequest("move", shown.origin, retries, options, wait_s), work
    )
    get_logger().info("move_done", moved=result.record, to=result.to_table, **_figures(result))
    return replace(result, panel=settings.panel)


def _plan(
    db: Postgres, stages: StageTimer, request: MoveRequest, sync_id: str, *, lock_rows: bool
) -> tuple[MovePlan, Move]:
    if not request.unique_id:
        raise ConfigError("UNIQUE_ID is blank. Name a record, e.g. etl move T100112.")
    with stages.timed("plan"):
        plan = make_plan(db, request, sync_id, lock_rows=lock_rows)
        record = plan.states[0]["source_unique_id"]
        rows = read_rows(db, plan)
    stages.done("plan", rows=len(rows))
    origin = _origin(db, record)
    return plan, Move(record, origin, db.shown, request.is_deleting, rows, tuple(plan.findings))


def _origin(db: Postgres, record: str) -> Origin:
    known = read_sources(db).known
    prefix = prefix_of(record, known)
    return Origin(known[prefix].origin.name if prefix in known else "", prefix)


def _move(own: Run, request: MoveRequest) -> Move:
    db, stages = own.db, own.stages
    plan, found = _plan(db, stages, request, own.sync_id, lock_rows=True)
    applied_at = db.value("apply/now")
    with stages.timed("apply"):
        versions = read_version_tables(db, own.cms_columns)
        _apply(own, plan, versions, applied_at, is_deleting=request.is_deleting)
    stages.done("apply", rows=len(found.rows))
    ids = dict(db.read("move/rows").select("unique_id", "to_id").iter_rows())
    rows = tuple(replace(row, to_id=ids[row.unique_id]) for row in found.rows)
    result = replace(found, rows=rows, sync_id=own.sync_id)
    with stages.timed("audit"):
        _audit(own, result, plan.kind, applied_at)
    stages.done("audit", changes=len(rows))
    return replace(result, seconds=stages.total())


def _apply(
    own: Run, plan: MovePlan, versions: Mapping[Kind, VersionTables], applied_at: str, *, is_deleting: bool
) -> None:
    db, last = own.db, max(state["seq"] for state in plan.states)
    copy_rows(db, plan.kind, plan.parts, applied_at, len(plan.states))
    db.run("move/add_category", other=OTHER_KIND[plan.kind])
    if is_deleting:
        if plan.kind in versions:
            delete_versions(db, versions[plan.kind], 0, last, "move")
        for part, (ending, key) in reversed(_PARTS.items()):
            db.run("move/delete_rows", part, kind=plan.kind, table=f"{plan.kind}{ending}", key=key)
    else:
        db.run("move/inactivate", applied_at, table=plan.kind)
    for kind, tables in versions.items():
        if kind != plan.kind or not is_deleting:
            write_versions(db, tables, 0, last, "move")
    db.run("move/move_base", applied_at, own.sync_id)


def _audit(own: Run, result: Move, kind: Kind, applied_at: str) -> None:
    db = own.db
    read_fields(db, OTHER_KIND[kind], "to")
    db.run("audit/write_moved", own.sync_id, applied_at)
    db.run("stage/create_issues")
    db.ingest("stg_issues", pl.DataFrame([vars(each) for each in result.findings], schema=ISSUE))
    db.run("audit/write_issues", own.sync_id)
    run_log.finish_run(
        db, own.sync_id, status="COMPLETED", figures=_figures(result), performance=own.performance()
    )


def _figures(result: Move) -> dict[str, int]:
    rows = len(result.rows)
    return {
        "processed": rows,
        "shops": rows if result.to_table == "shops" else 0,
        "dinings": rows if result.to_table == "dinings" else 0,
        "created": rows,
        "inactivated": result.inactivated,
        "deleted": rows if result.is_deleting else 0,
    }
