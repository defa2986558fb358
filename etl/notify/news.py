"""Reads from the log of runs what there is to tell of a run."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from etl.db.connection import Postgres
from etl.model.panel import Panel
from etl.notify.model import Document, Event, NewError, Notice, ToldRun

MOST_DOCUMENTS = 1000
MOST_ERRORS = 20
NEWS_DAYS = 7
"""For how long a run is news, where nobody could be told."""

_MOST_RUNS = 200
_GUARD = 3
_SAYS_NOTHING = (4, 130, 143)
"""Exit codes that say nothing of the source's state: another run was under way, or the process was asked to stop."""

_GONE = "deleted"


def read_due(db: Postgres, id_prefix: str) -> list[dict[str, Any]]:
    """Return the runs of a source of which nobody was told, the oldest first, as sql/notify/due_runs.sql has them."""
    codes = json.dumps(_SAYS_NOTHING)
    return list(db.read("notify/due_runs", id_prefix, _MOST_RUNS, NEWS_DAYS, codes).iter_rows(named=True))


def read_notice(db: Postgres, row: Mapping[str, Any], job: str, panel: Panel) -> Notice | None:
    """Return what there is to tell of a run that is due; None where there is nothing.

    The same run gives the same notice, but for titles and slugs, which are those of now.
    """
    errors = _read_errors(db, row)
    written = _read_written(db, row["sync_id"])
    events = tuple(_events(row, has_errors=bool(errors), has_written=bool(written)))
    if not events:
        return None
    is_back = "recovered" in events
    return Notice(
        job=job,
        run=ToldRun(**{name: row[name] for name in ToldRun.__dataclass_fields__}),
        events=events,
        failed_since=row["failed_since"] if is_back else None,
        failed_runs=row["failed_runs"] if is_back else 0,
        new_errors=errors[0]["total"] if errors else 0,
        errors=tuple(
            NewError(**{name: each[name] for name in NewError.__dataclass_fields__}) for each in errors
        ),
        written=written,
        documents=tuple(_read_documents(db, row["sync_id"], panel)) if written else (),
    )


def _events(row: Mapping[str, Any], *, has_errors: bool, has_written: bool) -> Iterator[Event]:
    is_sync, is_failed = row["command"] == "sync", row["status"] == "FAILED"
    was_failed = row["status_before"] == "FAILED"
    if is_sync and is_failed and not was_failed and row["exit_code"] not in _SAYS_NOTHING:
        yield "refused" if row["exit_code"] == _GUARD else "failed"
    if is_sync and not is_failed and was_failed:
        yield "recovered"
    if has_errors:
        yield "findings"
    if has_written:
        yield "written"


def _read_errors(db: Postgres, row: Mapping[str, Any]) -> list[dict[str, Any]]:
    before = row["done_before"] if row["command"] == "sync" else None
    return list(db.read("notify/new_errors", row["sync_id"], before, MOST_ERRORS).iter_rows(named=True))


def _read_written(db: Postgres, sync_id: str) -> dict[str, dict[str, int]]:
    written: dict[str, dict[str, int]] = {}
    for table, action, count in db.read("notify/written_rows", sync_id).iter_rows():
        written.setdefault(table, {})[action] = count
    return written


def _read_documents(db: Postgres, sync_id: str, panel: Panel) -> Iterator[Document]:
    for row in db.read("notify/documents", sync_id, MOST_DOCUMENTS).iter_rows(named=True):
        url = None if row["action"] == _GONE else panel.document(row["collection"], row["id"])
        fields = None if row["fields"] is None else tuple(sorted(json.loads(row["fields"])))
        yield Document(**{**row, "fields": fields, "url": url})
