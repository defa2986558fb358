"""Reads the plan of a sync out of its temporary tables, for people and programs; writes nothing."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

import polars as pl

from etl.compare import model
from etl.compare.fields import Names, fields_in_order
from etl.compare.model import Action, Diff, FieldChange, Finding, RecordChange, Reference, Totals
from etl.compare.unmapped import unmapped_labels
from etl.contract.counters import PlanCounts
from etl.contract.tenant import KINDS, Kind
from etl.db.connection import Postgres
from etl.load import columns
from etl.model.results import Side

_ACTIONS: dict[str, Action] = {
    "create": "created",
    "update": "updated",
    "inactivate": "inactivated",
    "unchanged": "unchanged",
    "skip": "skipped",
    "missing": "missing",
}


def read_plan(  # noqa: PLR0913 — what a diff is made of, given by name
    db: Postgres,
    *,
    counts: PlanCounts,
    names: Names,
    source: Side,
    options: Mapping[str, str],
    notes: tuple[str, ...] = (),
    most_created: int = 0,
) -> Diff:
    """Return what the plan in this transaction would do.

    Args:
        db: A connection inside the transaction in which the plan was made.
        counts: Figures of the plan.
        names: Names of the floors and categories of this database.
        source: Where the plan's records are from.
        options: How it treats missing records and conflicts.
        notes: What the reader has to know.
        most_created: The most new records of each table to read, the first by unique_id; 0 for all. Totals count all.
    """
    issues = model.findings(db.read("diff/issues"))
    fields = db.read("diff/fields")
    unmapped = model.unmapped_ids(issues)
    fields_by_seq = fields.rows_by_key("seq", named=True)
    records = [
        _record(row, fields_by_seq[row["seq"]], names, unmapped)
        for row in db.read("diff/records").iter_rows(named=True)
    ]
    for kind in KINDS:
        rows = db.read("diff/created", most_created, table=kind, pairs=columns.created_pairs(kind))
        records += [_new(row, kind, names, unmapped) for row in rows.iter_rows(named=True)]
    return Diff(
        source=source,
        against=Side("database", db.shown),
        options=options,
        totals=_totals(db, counts, fields, issues),
        records=model.in_order([*records, *model.rejected(issues)], model.PLAN_ACTIONS),
        issues=issues,
        notes=notes,
        unmapped=unmapped_labels(issues, names.floors, names.categories),
    )


def _new(row: Mapping[str, Any], kind: Kind, names: Names, unmapped: frozenset[str | None]) -> RecordChange:
    after: dict[str, str] = json.loads(row["after"])
    return RecordChange(
        action="created",
        unique_id=row["unique_id"],
        source_unique_id=row["source_unique_id"],
        table=kind,
        title=row["title"],
        tags=model.tags_of("created", unmapped=row["source_unique_id"] in unmapped),
        fields=fields_in_order(
            FieldChange(name, "created", after=names.value(name, value)) for name, value in after.items()
        ),
        floor=names.reference("floor", after.get("floor")),
        category=names.reference("category", after.get("category")),
    )


def _field(row: Mapping[str, Any], names: Names) -> FieldChange:
    base, theirs, ours = (names.value(row["field"], row[side]) for side in ("base", "theirs", "ours"))
    has_sides = row["verdict"] in {"kept", "conflict"} or row["is_put_back"]
    return FieldChange(
        field=row["field"],
        verdict="put_back" if row["is_put_back"] else row["verdict"],
        before=theirs,
        after=ours if row["is_written"] else theirs,
        base=base,
        source=ours,
        winner=("source" if row["is_written"] else "editor") if has_sides else None,
    )


def _record(
    row: Mapping[str, Any], found: list[dict[str, Any]], names: Names, unmapped: frozenset[str | None]
) -> RecordChange:
    action = _ACTIONS[row["action"]]
    fields = [_field(field, names) for field in found]
    if action == "inactivated":
        fields = [FieldChange("status", "inactivated", before=row["reason"], after="INACTIVE")]
    verdicts = {field["verdict"] for field in found}
    reason = _reason(action, row)
    return RecordChange(
        action=action,
        unique_id=row["unique_id"],
        source_unique_id=row["source_unique_id"],
        table=row["record_table"],
        record_id=row["record_id"],
        title=row["title"],
        tags=model.tags_of(
            action,
            kept="kept" in verdicts,
            conflict="conflict" in verdicts,
            kind_changed=row["is_kind_changed"],
            unmapped=row["source_unique_id"] in unmapped,
        ),
        reason=reason,
        message=model.REASONS.get(reason or ""),
        fields=fields_in_order(fields),
        floor=_afterwards("floor", fields, names.reference("floor", row["floor_id"])),
        category=_afterwards("category", fields, names.reference("category", row["category_id"])),
    )


def _afterwards(name: str, fields: list[FieldChange], now: Reference | None) -> Reference | None:
    """Return where a record is after the sync, from what changes and what the CMS has now."""
    changed = (change.after for change in fields if change.field == name)
    return next((after for after in changed if isinstance(after, Reference)), now)


def _reason(action: Action, row: Mapping[str, Any]) -> str | None:
    if action == "skipped":
        return str(row["reason"])
    if action == "missing" and row["reason"] == "open_in_cms":
        return "open_in_cms"
    if action in {"missing", "inactivated"}:
        return "left_source" if row["has_base"] else "not_ours"
    return None


def _totals(db: Postgres, counts: PlanCounts, fields: pl.DataFrame, issues: tuple[Finding, ...]) -> Totals:
    records = model.empty_counts((*model.PLAN_ACTIONS, *model.MARKS))
    for row in db.read("diff/totals").iter_rows(named=True):
        records[_ACTIONS[row["action"]]][row["record_table"]] += row["records"]
        for mark in model.MARKS:
            records[mark][row["record_table"]] += row[mark]
    records["rejected"]["unknown"] = counts.rejected
    for table, processed in (("shops", counts.shops), ("dinings", counts.dinings)):
        # what is plainly unchanged is in no table of the plan
        others = sum(records[action][table] for action in ("created", "updated", "skipped"))
        records["unchanged"][table] = processed - others
    verdicts = Counter(fields["verdict"].to_list())
    written = int(fields["is_written"].sum()) + sum(records["inactivated"].values())
    return Totals(
        records=records,
        fields={"written": written, "kept": verdicts["kept"], "conflict": verdicts["conflict"]},
        issues=dict(sorted(Counter(issue.code for issue in issues).items())),
    )
