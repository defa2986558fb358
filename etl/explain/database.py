"""A record in the database: its rows, who wrote each field last, what a sync would do, and its history."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from etl.compare.fields import PLAN_FIELDS, Names
from etl.compare.model import Finding, RecordChange
from etl.compare.plan_reader import read_plan
from etl.contract.hours import readable_fields
from etl.contract.tenant import KINDS, Kind
from etl.db.connection import Postgres
from etl.explain.model import CmsRow, FieldState, InDatabase, Link, RecordInSnapshot, RunOfRecord, Writer
from etl.explain.search import RawRecord
from etl.load import columns
from etl.load.open_documents import OpenDocuments, OpenRows, hold_open
from etl.load.plan import PlanOptions, make_plan
from etl.load.staging import Stage
from etl.match import Matcher
from etl.model.results import Side


@dataclass(frozen=True)
class RecordPlan:
    """What a sync of one record would do: its rows that are not plainly unchanged, and what it would report."""

    records: tuple[RecordChange, ...]
    issues: tuple[Finding, ...]


def known_ids(db: Postgres, unique_id: str, source: RecordInSnapshot | None) -> list[str]:
    """Return the ids that a record has or had: asked for, sent, of its rows, and before it was carried over."""
    sent = None if source is None else source.source_unique_id
    known = set(db.read("explain/ids", unique_id, sent)["unique_id"].to_list())
    if source is not None:
        known |= {source.source_unique_id, *(row["unique_id"] for row in source.way.rows)}
    return sorted(known)


def explain_database(  # noqa: PLR0913, PLR0917 — what is asked for, and what is known of it
    db: Postgres, ids: list[str], names: Names, open_rows: OpenRows, plan: RecordPlan | None, limit: int
) -> InDatabase:
    """Return what the database has of a record; the role needs only SELECT.

    The record has the ids of `known_ids`. Of its runs there are at most `limit`; 0 is for all.
    """
    history, left_off = _history(db, ids, names, limit)
    rows = tuple(row for kind in KINDS for row in _rows(db, kind, ids, names, open_rows.get(kind, ())))
    records, issues = (None, None) if plan is None else (plan.records, plan.issues)
    return InDatabase(db.shown, rows, records, issues, history, left_off)


def plan_of(
    db: Postgres, sent: RawRecord, matcher: Matcher, documents: OpenDocuments, names: Names
) -> RecordPlan:
    """Make the plan of a sync of this one record, in the caller's transaction.

    Rows that are missing are left out: only the whole feed shows them.
    """
    stage, matched = Stage(db), sent.matched(matcher)
    stage.add(matched.tenants, matched.rejected)
    stage.add_issues(matched.issues)
    stage.finish()
    planned = make_plan(db, documents.cms_columns, PlanOptions(is_complete=False, lock_rows=False))
    counts = hold_open(db, documents, planned)
    found = read_plan(db, counts=counts, names=names, source=Side("snapshot", "", 1), options={})
    records = tuple(each for each in found.records if each.source_unique_id == sent.source_unique_id)
    ids = {
        sent.source_unique_id,
        *matched.tenants.filter(source_unique_id=sent.source_unique_id)["unique_id"],
    }
    ids -= {each.unique_id for each in records if each.action == "rejected"} - {sent.source_unique_id}
    return RecordPlan(records, tuple(issue for issue in found.issues if issue.unique_id in ids))


def _rows(
    db: Postgres, kind: Kind, ids: list[str], names: Names, open_ids: Sequence[int]
) -> Iterable[CmsRow]:
    rows = db.read("explain/rows", json.dumps(ids), table=kind)
    wanted = json.dumps(rows["id"].to_list())
    sides = columns.forms("sides.field", base="sides.base", theirs="sides.theirs")
    fields = db.read(
        "explain/fields", wanted, table=kind, fields=columns.known_values(kind), **sides
    ).rows_by_key("record_id", named=True)
    links = db.read("explain/links", wanted, table=kind).rows_by_key("record_id", named=True)
    written_form = columns.forms(
        "written.field", written="written.value", before="(changes.before ->> written.field)"
    )
    writers = db.read("explain/writers", kind, wanted, **written_form).rows_by_key("record_id", named=True)
    for row in rows.iter_rows(named=True):
        lacks_changes = row.pop("lacks_changes")
        written = {each["field"]: each for each in writers[row["id"]]}
        states = (
            _state(each, written.get(each["field"]), names, lacks_changes=lacks_changes)
            for each in fields[row["id"]]
            if each["compared_base"] or each["compared_cms"]
        )
        yield CmsRow(
            table=kind,
            **row,
            is_open=row["id"] in open_ids,
            fields=tuple(sorted(states, key=lambda state: PLAN_FIELDS.index(state.field))),
            links=tuple(_link(each, names) for each in links[row["id"]]),
        )


def _state(
    field: Mapping[str, Any], written: Mapping[str, Any] | None, names: Names, *, lacks_changes: bool
) -> FieldState:
    name = field["field"]
    writer = _writer(field["compared_base"], field["compared_cms"], written, lacks_changes=lacks_changes)
    return FieldState(name, names.value(name, field["base"]), names.value(name, field["cms"]), writer)


def _writer(
    base: str | None, cms: str | None, written: Mapping[str, Any] | None, *, lacks_changes: bool
) -> Writer:
    """Say who wrote a value last: the last run that wrote the field, if it wrote this; else what is left."""
    if written is not None:
        # the CMS and the merge take '' for no value
        who = "run" if (written["form"] or "") == (cms or "") else "editor"
        if who == "editor" and base is not None and base != cms and written["replaced"] == (cms or ""):
            who = "form"
        return Writer(who, written["sync_id"], written["started_at"], written["command"])
    if not cms:
        return Writer("editor" if base else "nobody")
    if base is not None and base != cms:
        return Writer("editor")
    return Writer("unknown" if lacks_changes else "earlier")


def _link(row: Mapping[str, Any], names: Names) -> Link:
    return Link(row["path"], row["link_order"], names.value("category", row["category_id"]), row["is_jobs"])


def _history(db: Postgres, ids: list[str], names: Names, limit: int) -> tuple[tuple[RunOfRecord, ...], int]:
    runs = db.read("explain/runs", json.dumps(ids), limit)
    wanted = json.dumps(ids), json.dumps(runs["sync_id"].to_list())
    changes = db.read("explain/changes", *wanted).rows_by_key("sync_id", named=True)
    issues = db.read("explain/issues", *wanted).rows_by_key("sync_id", named=True)
    found = tuple(
        RunOfRecord(
            **run,
            changes=tuple(_change(row, names) for row in changes[run["sync_id"]]),
            issues=tuple(Finding(**row) for row in issues[run["sync_id"]]),
        )
        for run in runs.drop("runs").iter_rows(named=True)
    )
    return found, (runs["runs"][0] if runs.height else 0) - len(found)


def _change(row: dict[str, Any], names: Names) -> dict[str, Any]:
    change = {**row, "conflicts": json.loads(readable_fields(row["conflicts"]) or "null")}
    for side in ("before", "after"):
        values = json.loads(row[side] or "null")
        change[side] = values and {name: names.value(name, value) for name, value in values.items()}
    return change
