"""The CMS's own screen of runs: where it has `api_sync_logs`, each run is shown there too.

The truth is `etl.sync_logs`; the screen is a copy, written outside the run's transaction. A failure here never
fails a run, and never holds it up for long: it is one line in the log, and the next run adds what is
missing on the screen. Tables and columns that a CMS release does not have are left out; rows of the earlier job are not
touched.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from etl.contract.counters import COUNTERS
from etl.db.connection import Postgres
from etl.db.errors import PostgresError
from etl.errors import Interrupted
from etl.runs import log as run_log
from etl.runs.log import done_by_hand
from etl.runtime.log import get_logger
from etl.runtime.queries import part

LOCK_TIMEOUT_S = 2.0
STATEMENT_TIMEOUT_S = 5.0
LISTED = 500
"""How many rows each list of a run shows at most; the notes say how many more there are."""

Types = Mapping[str, str]
"""A table's columns, each with its type as SQL."""

_LOGS = "api_sync_logs"
_NEEDED = frozenset({"sync_id", "status"})
_START = ("sync_id", "status", "started_at", "external_api_url", "updated_at", "created_at")
_FINISH = (
    "status",
    "started_at",
    "completed_at",
    "duration_seconds",
    "external_api_url",
    *(f"api_response_summary_{name}" for name in ("total_records_fetched", "total_pages", "last_page_processed")),
    *(f"processing_summary_records_{name}" for name in ("processed", "created", "updated", "failed")),
    *(f"processing_summary_{kind}_processed" for kind in ("shops", "dinings")),
    *(f"performance_metrics_{name}" for name in ("avg_time_per_record", "memory_usage_mb", "api_response_time_avg")),
    "notes",
    "updated_at",
)  # fmt: skip
_NOTED = (
    "unchanged", "skipped", "duplicates", "missing", "inactivated", "unmapped_floors", "unmapped_categories", "kept",
    "conflicts",
)  # fmt: skip
_KEYS = ("_order", "_parent_id", "id")
_PENDING = 20  # more can't be but after weeks without the right to write here; each run then mends so many
_LOCKED = "55P03"  # what comes next would wait as long


@dataclass(frozen=True)
class _List:
    table: str
    columns: tuple[str, ...]
    title: str
    names_records: bool = False


_LISTS: dict[str, _List] = {
    "cms_errors": _List(
        f"{_LOGS}_errors", ("timestamp", "record_unique_id", "error_message"), "errors", names_records=True
    ),
    "cms_validation_issues": _List(
        f"{_LOGS}_validation_issues",
        ("record_unique_id", "description"),
        "validation issues",
        names_records=True,
    ),
    "cms_unmapped_floors": _List(
        f"{_LOGS}_unmapped_data_unmapped_floors", ("floor_name",), "unmapped floors"
    ),
    "cms_unmapped_categories": _List(
        f"{_LOGS}_unmapped_data_unmapped_categories",
        ("category_name", "type", "english_name", "thai_name"),
        "unmapped categories",
    ),
}
"""The lists of a run, by the query in sql/audit that fills each."""

SCREEN_RIGHTS: dict[str, tuple[str, ...]] = {
    _LOGS: ("SELECT", "INSERT", "UPDATE", "DELETE"),
    **{each.table: ("INSERT",) for each in _LISTS.values()},
}
"""What a run needs to be shown there, by table."""


def show_start(db: Postgres, sync_id: str) -> None:
    """Show a run as RUNNING, and mend what the screen still shows as RUNNING of runs that are over.

    Whatever Postgres refuses is one warning, `cms_log_failed`, in the log.
    """
    try:
        _show(db, sync_id)
    except PostgresError as error:
        _warn(error)


def show_end(db: Postgres, sync_id: str) -> None:
    """Show how a run ended, on a new connection if this one is gone.

    As `show_start`; a signal that comes meanwhile is a warning too: the run is over, and its outcome stands.
    """
    try:
        with _alive(db) as alive:
            _show(alive, sync_id)
    except (PostgresError, Interrupted) as error:
        _warn(error)


def hide(db: Postgres, sync_ids: list[str]) -> None:
    """Delete runs from the screen, with their lists, in the caller's transaction.

    Raises:
        PostgresError: the role may not, or something else is in the way.
    """
    if "sync_id" in _read_columns(db).get(_LOGS, ()):
        db.run("audit/cms_delete", json.dumps(sync_ids))


@contextmanager
def _alive(db: Postgres) -> Iterator[Postgres]:
    if db.is_open:
        yield db
        return
    with db.another() as other:
        yield other


def _warn(error: BaseException, **data: object) -> None:
    get_logger().warning("cms_log_failed", error=error, **data)


def _show(db: Postgres, sync_id: str) -> None:
    tables = _read_columns(db)
    if _LOGS not in tables:
        return
    missing = sorted(_NEEDED - tables[_LOGS].keys())
    if missing:
        get_logger().warning(
            "cms_log_failed", error=f"{_LOGS} does not have {', '.join(missing)}; no run is shown there."
        )
        return
    with db.short_transaction(LOCK_TIMEOUT_S, STATEMENT_TIMEOUT_S):
        db.run(
            "audit/cms_start", sync_id, address=part("audit/cms_address"), **inserted(_START, tables[_LOGS])
        )
        over = db.read("audit/cms_pending", _PENDING)["sync_id"].to_list()
    refused: dict[str, PostgresError] = {}
    for each in over:
        try:
            with db.short_transaction(LOCK_TIMEOUT_S, STATEMENT_TIMEOUT_S):
                refused |= _finish(db, each, tables)
        except PostgresError as error:
            refused[each] = error
            if error.sqlstate == _LOCKED:
                break
    if refused:
        _warn(next(iter(refused.values())), not_shown=sorted(refused))


def _read_columns(db: Postgres) -> dict[str, dict[str, str]]:
    tables: dict[str, dict[str, str]] = {}
    wanted = ",".join([_LOGS, *(each.table for each in _LISTS.values())])
    for table, column, type_name in db.read("audit/cms_columns", wanted).iter_rows():
        tables.setdefault(table, {})[column] = type_name
    return tables


def _finish(db: Postgres, sync_id: str, tables: Mapping[str, Types]) -> dict[str, PostgresError]:
    """Fill the lists of a run and close it; a list that is refused is left empty, and returned."""
    more: dict[str, int] = {}
    refused: dict[str, PostgresError] = {}
    filled = db.read("audit/cms_counts", sync_id).row(0, named=True)
    for query, each in _LISTS.items():
        if not filled[query] or tables.get(each.table, {}).keys().isdisjoint(each.columns):
            continue
        try:
            with db.savepoint("cms_list"):
                more[each.title] = _fill(db, sync_id, query, tables[each.table]) - LISTED
        except PostgresError as error:
            if error.sqlstate == _LOCKED:
                raise
            refused[each.table] = error
    text = notes(run_log.read_run(db, sync_id), more)
    db.run(
        "audit/cms_finish",
        sync_id,
        text,
        address=part("audit/cms_address"),
        assignments=assigned(_FINISH, tables[_LOGS]),
    )
    return refused


def _fill(db: Postgres, sync_id: str, query: str, types: Types) -> int:
    parts = inserted((*_KEYS, *_LISTS[query].columns), types)
    if _LISTS[query].names_records:
        parts["record_of_finding"] = part("audit/record_of_finding", finding="listed")
    return int(db.value(f"audit/{query}", sync_id, LISTED, **parts))


def inserted(names: Iterable[str], types: Types) -> dict[str, str]:
    """Return the parts `columns` and `values` of an INSERT: the named columns that exist, from `given`."""
    found = [name for name in names if name in types]
    return {
        "columns": ", ".join(f'"{name}"' for name in found),
        "values": ", ".join(_cast(name, types) for name in found),
    }


def assigned(names: Iterable[str], types: Types) -> str:
    """Return the assignments of an UPDATE: each named column that exists, from `given`."""
    return ", ".join(f'"{name}" = {_cast(name, types)}' for name in names if name in types)


def _cast(name: str, types: Types) -> str:
    return f'(given."{name}")::{types[name]}'


def notes(run: Mapping[str, Any], more: Mapping[str, int]) -> str:
    """Say in one line what the screen has no column for.

    Args:
        run: The run's row, as `audit.read_run` gives it.
        more: How many rows each list does not have; 0 or less where it is whole.
    """
    if run["status"] == "FAILED":
        return f"Failed: {run['error']}"
    by_hand = done_by_hand(run, json.loads(run["options"]))
    sentences = [by_hand[0].upper() + by_hand[1:]] if by_hand else [_figures(run), *_remarks(run)]
    unlisted = [f"{count} more {title}" for title, count in more.items() if count > 0]
    if unlisted:
        sentences.append(f"Not listed here: {', '.join(unlisted)}; `etl runs {run['sync_id']}` shows them")
    return ". ".join(sentences) + "."


def _figures(run: Mapping[str, Any]) -> str:
    noted = [COUNTERS[name] for name in _NOTED]
    shown = (each for each in noted if run[each.column] or each.name == "unchanged")
    return ", ".join(f"{run[each.column]} {each.note}" for each in shown)


def _remarks(run: Mapping[str, Any]) -> Iterator[str]:
    performance = json.loads(run["performance"])
    retries = sum(performance.get("retries", {}).values())
    if retries:
        yield f"{retries} requests were tried again"
    if run["external_api_url"] is None:
        yield "Replayed from a snapshot"
    if performance.get("incomplete"):
        yield f"The source gave less than it promised: {'; '.join(performance['incomplete'])}".rstrip(".")
