"""Apply: write the plan to the CMS and to the base, set-based, in the plan's own transaction."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from etl.contract.counters import PlanCounts
from etl.contract.hours import FLAG
from etl.contract.issue import finding_columns, words
from etl.contract.tenant import BASE, KINDS, Kind
from etl.db.connection import Postgres
from etl.db.errors import PostgresError
from etl.errors import LoadError
from etl.load import columns
from etl.load.bisect import Range, read_range, refusals, require_all
from etl.load.plan import count_plan
from etl.load.version_parts import VersionTables, read_version_tables
from etl.load.versions import MISSING, WRITTEN, keeps_versions, write_missing, write_versions
from etl.runtime.timing import StageTimer

_SEARCHED = (
    ("pln_records", "seq"),
    ("pln_records", "unique_id"),
    ("pln_slugs", "seq"),
    ("pln_changes", "seq"),
    ("pln_links", "seq"),
)
"""What is asked for a range of records, or for one, while refused rows are looked for."""

_SAME_REASON = 10
"""So many rows that are refused for one reason, and more than half of those written, are a fault of the table."""

_IS_NULL = "23502"
_NAMES = re.compile('"[^"]*"')

MOST_REFUSED = 1000
"""More refused rows than this, and than a tenth of those written, are not bad rows but a fault of their own."""


@dataclass(frozen=True)
class _Writing:
    """What is written with.

    Attributes:
        db: The connection, in the plan's transaction.
        sync_id: The run's id.
        applied_at: The time that its rows get.
        cms_columns: The columns of the CMS's tables.
        versions: The tables of versions, by kind, where the CMS keeps any.
    """

    db: Postgres
    sync_id: str
    applied_at: str
    cms_columns: Mapping[str, set[str]]
    versions: Mapping[Kind, VersionTables]


def apply_plan(
    db: Postgres, sync_id: str, planned: PlanCounts, stages: StageTimer, cms_columns: Mapping[str, set[str]]
) -> PlanCounts:
    """Write what the plan says, and return what was done.

    All rows are tried at once. Where the database refuses rows for their values, halving finds them: those are
    reported as issues, and the rest lands.

    Raises:
        PostgresError: anything else than a row's own values is to blame; the transaction is then lost.
        LoadError: the database refuses more than `MOST_REFUSED` rows, and more than a tenth.
    """
    with stages.timed("apply"):
        refused = _apply(db, sync_id, planned, cms_columns)
    stages.done("apply", refused=refused)
    # rows that are refused, or that an editor changed meanwhile, count otherwise than they were planned
    return count_plan(db) if refused or planned.inactivated else planned


def _apply(db: Postgres, sync_id: str, planned: PlanCounts, cms_columns: Mapping[str, set[str]]) -> int:
    """Write the plan, and return how many records the database refused."""
    applied_at = db.value("apply/now")
    written = read_range(db, WRITTEN)
    unlisted = read_range(db, MISSING) if keeps_versions(cms_columns) else Range(0, 0, {})
    versions = read_version_tables(db, cms_columns) if written.counts or unlisted.counts else {}
    writing = _Writing(db, sync_id, applied_at, cms_columns, versions)
    refused = _write_all(db, WRITTEN, written, lambda rows: _write(writing, rows), "apply/reject_record")
    db.run("plan/analyze_records")  # the new rows have their ids now
    if refused:
        db.run("apply/drop_rejected_fields")
        db.run("apply/drop_rejected_findings")
    if unlisted.counts:
        _write_all(db, MISSING, unlisted, lambda rows: _list(writing, rows), "versions/reject")
    db.run("apply/mark_losses", applied_at)
    db.run("apply/rename_base")
    db.run(
        "apply/write_base",
        sync_id,
        columns=columns.names(BASE),
        values=columns.base_values(),
        category=columns.record_category(),
        other_category=columns.other_category(),
        assignments=columns.base_assignments(),
    )
    if planned.missing:
        db.run("apply/mark_missing", applied_at)
    return refused


def _write_all(db: Postgres, query: str, written: Range, write: Callable[[Range], None], reject: str) -> int:
    """Write what a query counts, all of it or what the database does not refuse, and return how many rows it does."""
    refused = 0
    reasons: Counter[tuple[str, ...]] = Counter()
    for seq, error in refusals(db, query, written, write):
        if not refused:
            for table, key in _SEARCHED:
                db.run("apply/index_plan", table=table, key=key)
        if refused >= max(MOST_REFUSED, written.height // 10):
            raise LoadError(
                f"The database refuses more than {refused:,} of {written.height:,} rows, the last with: {error.detail}. "
                "Nothing was written. Something in the CMS's tables (a constraint, a trigger) no longer fits what the "
                "job writes; see what changed there, then run again."
            )
        _reject(db, reject, seq, error)
        refused += 1
        reasons[reason := _reason(error)] += 1
        if reasons[reason] >= max(_SAME_REASON, written.height // 2 + 1):
            raise LoadError(
                f"The database refuses {reasons[reason]:,} of {written.height:,} rows for one reason: {error.detail}. "
                "Nothing was written. Something in the CMS's tables no longer fits what the job writes; see what changed "
                "there, then run again."
            )
    return refused


def _reason(error: PostgresError) -> tuple[str, ...]:
    """Return what is the same in two refusals for one reason: the code, and the names of tables, columns, constraints."""
    return error.sqlstate, *_NAMES.findall(error.detail)


def _words_of(error: PostgresError) -> str:
    """Return why a row was refused: in words where a column is required, without the row's values; else the server's."""
    names = [name.strip('"') for name in _NAMES.findall(error.detail)[:2]]
    if error.sqlstate == _IS_NULL and len(names) == 2:
        return words("rejected_by_database", "reason.required", column=names[0], table=names[1])
    return error.detail


def _reject(db: Postgres, query: str, seq: int, error: PostgresError) -> None:
    unique_id = db.value(query, seq)
    message = pl.lit(words("rejected_by_database", reason=_words_of(error)))
    value = pl.lit(error.sqlstate, dtype=pl.String)
    of_record = pl.lit(unique_id, dtype=pl.String).alias("unique_id")
    db.ingest(
        "stg_issues", pl.select(of_record, *finding_columns("rejected_by_database", message, value=value))
    )


def _write(writing: _Writing, written: Range) -> None:
    db, applied_at, first, last = writing.db, writing.applied_at, written.first, written.last
    for kind in KINDS:
        actions = written.of(kind)
        if "create" in actions:
            require_all(kind, actions["create"], _create(writing, kind, first, last))
            _create_parts(db, kind, first, last)
        if "update" in actions:
            require_all(kind, actions["update"], _update(db, kind, applied_at, first, last))
            _update_parts(db, kind, first, last)
        if actions.keys() & {"create", "update"}:
            db.run("apply/insert_hours", first, last, writing.sync_id, table=kind)
        if "inactivate" in actions:
            db.run("apply/inactivate", first, last, applied_at, table=kind)
            db.run("apply/correct_missing")
        if actions and kind in writing.versions:
            write_versions(db, writing.versions[kind], first, last)


def _list(writing: _Writing, unlisted: Range) -> None:
    for kind, tables in writing.versions.items():
        if unlisted.of(kind):
            write_missing(writing.db, tables, unlisted.first, unlisted.last)


def _create(writing: _Writing, kind: Kind, first: int, last: int) -> int:
    found = writing.cms_columns[kind]
    made: int = writing.db.value(
        "apply/insert_records",
        first,
        last,
        writing.applied_at,
        table=kind,
        columns=columns.insert_record_columns(found),
        values=columns.insert_record_values(found),
    )
    return made


def _create_parts(db: Postgres, kind: Kind, first: int, last: int) -> None:
    db.run(
        "apply/insert_locales",
        first,
        last,
        table=kind,
        columns=columns.locale_columns(),
        values=columns.insert_locale_values(kind),
    )
    db.run("apply/insert_links", first, last, table=kind)
    db.run("apply/default_hours", first, last, table=kind, flag=FLAG)


def _update(db: Postgres, kind: Kind, applied_at: str, first: int, last: int) -> int:
    updated: int = db.value(
        "apply/update_records",
        first,
        last,
        applied_at,
        table=kind,
        assignments=columns.update_record_assignments(),
    )
    return updated


def _update_parts(db: Postgres, kind: Kind, first: int, last: int) -> None:
    locale = {"table": kind, "keys": columns.locale_keys()}
    db.run("apply/update_locales", first, last, assignments=columns.update_locale_assignments(), **locale)
    db.run(
        "apply/add_locales",
        first,
        last,
        columns=columns.locale_columns(),
        values=columns.add_locale_values(),
        **locale,
    )
    for name in ("rewrite_links", "delete_links", "add_links", "delete_hours"):
        db.run(f"apply/{name}", first, last, table=kind)
