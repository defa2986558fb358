"""Retention: for how long the job's own tables keep runs, their findings and their changes.

Old rows go after a run's COMMIT, in short transactions of their own, for so long that an hourly run hardly waits for them;
where they come faster than they go, a warning says so, `retention_behind`. A failure never fails a run: it is one line in
the log, `retention_failed`, and the next run goes on.
"""

import json
import time

from etl.db.connection import Postgres
from etl.db.errors import PostgresError
from etl.errors import Interrupted
from etl.runs.cms_log import LOCK_TIMEOUT_S, STATEMENT_TIMEOUT_S, hide
from etl.runtime.log import get_logger

_MOST_ROWS = 10_000
"""How many rows a transaction looks at: it never takes long."""

_MOST_RUNS = 500
_MOST_S = 20.0
"""How long a run may delete: what more there is waits for the next one, with a warning."""


def prune(db: Postgres, runs_days: int, changes_days: int) -> None:
    """Delete what is older than so many days, the oldest first; the caller holds the lock and has no transaction open.

    The last run that loaded a whole feed stays, however old: the next one is judged by it. Runs that leave the log of
    runs leave the CMS's own screen too. Whatever Postgres refuses is one warning in the log.

    Args:
        db: The run's connection; where it is gone the next run does it.
        runs_days: Days that the log of runs is kept; 0 keeps all.
        changes_days: Days that findings and changes are kept; 0 keeps them as long as their run.
    """
    details_days = min((days for days in (runs_days, changes_days) if days), default=0)
    if not details_days or not db.is_open:
        return
    try:
        deleted = _delete_old(db, details_days, runs_days)
    except (PostgresError, Interrupted) as error:
        get_logger().warning("retention_failed", error=error)
        return
    if any(deleted.values()):
        get_logger().info("old_rows_deleted", **deleted)


def _delete_until(db: Postgres, ends_at: float, table: str) -> int:
    """Delete the old rows of a table, some at a time, until there are none or time is up."""
    deleted = 0
    while True:
        with db.short_transaction(LOCK_TIMEOUT_S, STATEMENT_TIMEOUT_S):
            some = int(db.value("retention/delete_details", _MOST_ROWS, table=table))
        deleted += some
        if some < _MOST_ROWS:
            return deleted
        if time.monotonic() >= ends_at:
            get_logger().warning("retention_behind", table=f"etl.{table}", deleted=deleted)
            return deleted


def _delete_old(db: Postgres, details_days: int, runs_days: int) -> dict[str, int]:
    details, runs = db.read("retention/is_due", details_days, runs_days or None).row(0)
    deleted = _delete_details(db, details_days) if details else {}
    if runs_days and (runs or details):
        deleted["runs"] = _delete_runs(db, runs_days)
    return deleted


def _delete_details(db: Postgres, days: int) -> dict[str, int]:
    ends_at = time.monotonic() + _MOST_S
    with db.short_transaction(LOCK_TIMEOUT_S, STATEMENT_TIMEOUT_S):
        # marked before anything of them goes: a run that does not have a change must not be rolled back
        db.run("retention/mark_old", days)
    return {
        "changes": _delete_until(db, ends_at, "sync_changes"),
        "findings": _delete_until(db, ends_at, "sync_issues"),
    }


def _delete_runs(db: Postgres, days: int) -> int:
    old = db.read("retention/find_old_runs", days, _MOST_RUNS)["sync_id"].to_list()
    if old:
        with db.short_transaction(LOCK_TIMEOUT_S, STATEMENT_TIMEOUT_S):
            hide(db, old)
            db.run("retention/delete_runs", json.dumps(old))
    return len(old)
