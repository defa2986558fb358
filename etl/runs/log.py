"""The audit trail: the log of runs, their findings and their changes."""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import polars as pl

from etl._version import __version__
from etl.contract.counters import PlanCounts
from etl.contract.hours import readable_fields
from etl.contract.source_names import Origin
from etl.contract.tenant import KINDS
from etl.db.connection import Postgres
from etl.errors import ConfigError, LockError
from etl.load import columns, schema
from etl.model.panel import NO_PANEL, Panel
from etl.runtime.queries import part

_ROLLED_BACK = {
    "records_updated": "put back",
    "records_created": "restored",
    "records_deleted": "deleted",
    "records_inactivated": "set INACTIVE",
    "records_unchanged": "as before already",
    "records_skipped": "left as they are",
    "records_rejected": "refused",
    "fields_kept": "fields changed since and left",
}


_JSON_OF_CHANGES = ("before", "after", "conflicts")
_LEAST_OF_AN_ID = 4  # as sql/audit/run.sql has it
_MOST_NAMED = 3


def start_run(  # noqa: PLR0913 — the columns of a row
    db: Postgres, sync_id: str, command: str, origin: Origin, options: dict[str, Any], *, is_told: bool
) -> None:
    """Open the log of a run; committed at once, so that it survives whatever happens to the run.

    It can be done again: the answer may have been lost. `is_told`: somebody is to be told of the run (NOTIFY_URL).
    """
    source = origin.name, origin.id_prefix, origin.address
    db.run("audit/start_run", sync_id, command, *source, __version__, json.dumps(options), is_told)


def note_snapshot(db: Postgres, sync_id: str, address: str) -> None:
    """Say in the log where the records of a run are."""
    db.run("audit/note_snapshot", sync_id, address)


def fail_dead_runs(db: Postgres, sync_id: str, id_prefix: str) -> list[str]:
    """Mark runs that died without a word as FAILED and return their ids; the caller, `sync_id`, holds its source's lock."""
    return [str(value) for value in db.read("audit/fail_dead_runs", sync_id, id_prefix)["sync_id"].to_list()]


def require_not_overtaken(db: Postgres, sync_id: str) -> None:
    """Make sure that no other run had the lock since this one opened its log.

    Raises:
        LockError: one had it, and may have loaded what is newer.
    """
    rows = db.read("audit/overtaken", sync_id)
    if rows.height:
        raise _overtaken(rows["sync_id"][0])


def _overtaken(by: str | None) -> LockError:
    named = f", {by}," if by else ""
    return LockError(
        f"The connection to the database broke. Another run{named} came in between. "
        "Nothing was written. Run this one again; `etl runs` shows both."
    )


def fail_run(db: Postgres, sync_id: str, error: str, performance: dict[str, Any], exit_code: int) -> None:
    """Close the log of a run that failed, with the reason."""
    db.run("audit/fail_run", sync_id, error, json.dumps(performance), exit_code)


def is_done(db: Postgres, sync_id: str) -> bool:
    """Tell whether a run is over and its work stands."""
    return bool(db.value("audit/is_done", sync_id))


def write_trail(db: Postgres, sync_id: str, counts: PlanCounts) -> dict[str, int]:
    """Keep the run's findings and changes, in the run's own transaction; return how many findings there are, by code."""
    issues = {str(code): int(count) for code, count in db.read("audit/count_issues").iter_rows()}
    if issues:
        db.run("audit/write_issues", sync_id)
    if counts.created:
        for kind in KINDS:
            db.run("audit/write_created", sync_id, table=kind, pairs=columns.created_pairs(kind))
    if counts.updated:
        db.run("audit/write_updated", sync_id)
    if counts.inactivated:
        db.run("audit/write_inactivated", sync_id)
    return issues


def finish_run(  # noqa: PLR0913 — the columns of a row, given by name
    db: Postgres,
    sync_id: str,
    *,
    status: str,
    figures: Mapping[str, int],
    performance: dict[str, Any],
    snapshot: str | None = None,
    repairs: Mapping[str, int] = MappingProxyType({}),
    rules: Mapping[str, int] = MappingProxyType({}),
    unmapped: str = "[]",
) -> None:
    """Close the log of a run that is done, in its own transaction: done and said so, or neither.

    `figures` are by the names of contract/counters.py; a counter that is not among them has no value.

    Raises:
        LockError: another run has closed it.
    """
    payload = [json.dumps(dict(part)) for part in (figures, performance, repairs, rules)]
    if db.value("audit/finish_run", sync_id, status, snapshot, *payload, unmapped) is None:
        raise LockError(
            "The log of this run was closed by another run, which assumed that this one had crashed. Nothing was written. "
            "Run this one again; `etl runs` shows both."
        )


def running(db: Postgres, id_prefix: str) -> str | None:
    """Name the run that holds the lock of a source, for a message; None where it has not opened its log yet."""
    rows = db.read("audit/running", id_prefix)
    return "{} (since {})".format(*rows.row(0)) if rows.height else None


def list_runs(db: Postgres, limit: int) -> pl.DataFrame:
    """Return the latest runs, newest first."""
    return db.read("audit/runs", limit)


def read_run(db: Postgres, sync_id: str) -> dict[str, Any]:
    """Return one run by its id, by four or more characters of it, or as 'latest'.

    Raises:
        ConfigError: none, or more than one, has it.
    """
    rows = db.read("audit/run", sync_id, _MOST_NAMED + 1)
    if not rows.height:
        raise ConfigError(_nothing_found(sync_id))
    if rows.height > 1 and rows["sync_id"][0] != sync_id:
        count = f"More than {_MOST_NAMED}" if rows.height > _MOST_NAMED else str(rows.height)
        found = ", ".join(rows["sync_id"].head(_MOST_NAMED).to_list())
        raise ConfigError(f"{count} runs fit {sync_id!r}: {found}. Give more of the id.")
    return rows.row(0, named=True)


def _nothing_found(sync_id: str) -> str:
    if sync_id == "latest":
        return "There is no run yet. `etl sync` makes the first."
    if len(sync_id) < _LEAST_OF_AN_ID:
        few = f"at least {_LEAST_OF_AN_ID} characters of its id, or 'latest'"
        return f"{sync_id!r} is too short to name a run: give {few}. `etl runs` lists them."
    return f"No run is called {sync_id!r}. `etl runs` lists them."


def run_issues(db: Postgres, sync_id: str, limit: int, *, shows_info: bool) -> pl.DataFrame:
    """Return the findings of a run: errors, then warnings, then, if asked for, those of severity info."""
    return db.read(
        "audit/run_issues",
        sync_id,
        limit,
        shows_info,
        record_of_finding=part("audit/record_of_finding", finding="issues"),
    )


def count_info(db: Postgres, sync_id: str) -> int:
    """Return how many findings of severity info a run has."""
    return int(db.value("audit/count_info", sync_id))


def run_changes(db: Postgres, sync_id: str, limit: int) -> pl.DataFrame:
    """Return the changes of a run, in the order in which they were written: JSON as text, hours as people read them."""
    changes = db.read("audit/run_changes", sync_id, limit)
    return changes.with_columns(
        pl.Series(name, [readable_fields(text) for text in changes[name]], pl.String)
        for name in _JSON_OF_CHANGES
    )


def require_tables(db: Postgres) -> None:
    """Make sure that there is an audit trail to read.

    Raises:
        ConfigError: `etl init` was never run on this database, or by another build.
    """
    if not schema.is_made(db):
        raise ConfigError(f"{db.shown} has no log of runs yet. Run `etl init`, then `etl sync`.")


def as_json(
    run: dict[str, Any], issues: pl.DataFrame, changes: pl.DataFrame, panel: Panel = NO_PANEL
) -> dict[str, Any]:
    """Return one run with its findings and changes, the JSON columns parsed; each with the `url` of its document."""
    parsed = {name: json.loads(run[name]) for name in ("options", "performance", "repairs", "rules")}
    rows = [
        {
            **change,
            **{name: json.loads(change[name] or "null") for name in _JSON_OF_CHANGES},
            **_url(change, panel),
        }
        for change in changes.to_dicts()
    ]
    found = [{**issue, **_url(issue, panel)} for issue in issues.to_dicts()]
    return {**run, **parsed, "issues": found, "changes": rows}


def _url(row: Mapping[str, Any], panel: Panel) -> dict[str, str | None]:
    is_gone = row.get("action") == "deleted"
    return {"url": None if is_gone else panel.document(row["record_table"], row["record_id"])}


def done_by_hand(run: Mapping[str, Any], options: Mapping[str, Any]) -> str | None:
    """Say what a rollback or a move did; None for a sync, and for a run that is not done.

    Args:
        run: Its row in the log of runs.
        options: `of`, the run that a rollback rolled back; `moved` and `to`, the record of a move and its table.
    """
    if run["status"] not in {"COMPLETED", "PARTIAL"} or run["command"] not in {"move", "rollback"}:
        return None
    return rolled_back(run, options["of"]) if run["command"] == "rollback" else moved(run, options)


def moved(run: Mapping[str, Any], options: Mapping[str, Any]) -> str:
    """Say what a move did."""
    old = {"set INACTIVE": run["records_inactivated"], "deleted": run["records_deleted"]}
    done = ", ".join(f"{count:,} {words}" for words, count in old.items() if count)
    made = f"{run['records_created']:,} {'row' if run['records_created'] == 1 else 'rows'} made"
    return f"moved {options['moved']} to {options['to']}: {', '.join(filter(None, (made, done)))}"


def rolled_back(run: Mapping[str, Any], of: str) -> str:
    """Say what a rollback did.

    Args:
        run: Its row in the log of runs.
        of: The run that it rolled back.
    """
    done = ", ".join(f"{run[name]:,} {words}" for name, words in _ROLLED_BACK.items() if run[name])
    return f"rolled back {of}: {done or 'nothing to write'}"
