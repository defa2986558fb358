"""Reads the plan of a rollback out of its temporary tables, for people and programs; writes nothing."""

from collections import Counter
from operator import attrgetter
from typing import Any

from etl.compare.fields import Names
from etl.contract.tenant import KINDS
from etl.db.connection import Postgres
from etl.load.schema import read_reference
from etl.rollback.model import OUTCOMES, Rollback, RollbackTotals, RolledField, RolledRecord, RolledRun


def read_totals(db: Postgres) -> RollbackTotals:
    """Return the figures of the plan in this transaction."""
    records = {str(outcome): dict.fromkeys(map(str, KINDS), 0) for outcome in OUTCOMES}
    sums = dict.fromkeys(("partly", "renamed", "skipped", "refused"), 0)
    for row in db.read("rollback/totals").iter_rows(named=True):
        records[row["outcome"]][row["record_table"]] = row["records"]
        for name in sums:
            sums[name] += row[name]
    found = dict(db.read("rollback/field_totals").iter_rows())
    fields = {verdict: found.get(verdict, 0) for verdict in ("back", "same", "stays")}
    return RollbackTotals(records=records, fields=fields, **sums)


def read_rollback(db: Postgres, run: RolledRun, totals: RollbackTotals, limit: int) -> Rollback:
    """Return the plan as it is now, in the transaction in which it was made.

    Of each outcome at most `limit` rows are read, the first by unique_id; 0 is for all.
    """
    records = _records(db, Names(*read_reference(db)), limit)
    later_runs = db.read("rollback/writers")["by_run"].to_list()
    left_off = _left_off(totals, records) if limit else {}
    return Rollback(run, db.shown, totals, records, left_off, _notes(run, totals, later_runs))


def _records(db: Postgres, names: Names, limit: int) -> tuple[RolledRecord, ...]:
    fields = db.read("rollback/fields", limit).rows_by_key("seq", named=True)
    found = db.read("rollback/records", limit).rename({"record_table": "table"})
    records = []
    for seq, row in zip(found["seq"], found.drop("seq").iter_rows(named=True), strict=True):
        of_record = sorted((_field(each, names) for each in fields[seq]), key=attrgetter("field"))
        records.append(RolledRecord(**row, fields=tuple(of_record)))
    order = list(OUTCOMES)
    return tuple(sorted(records, key=lambda record: order.index(record.outcome)))


def _field(row: dict[str, Any], names: Names) -> RolledField:
    before, written, now = (names.value(row["field"], row[name]) for name in ("before", "after", "present"))
    return RolledField(row["field"], row["verdict"], before, written, now, row["message"])


def _left_off(totals: RollbackTotals, records: tuple[RolledRecord, ...]) -> dict[str, int]:
    shown = Counter(record.outcome for record in records)
    counts = {str(outcome): totals.of(outcome) - shown[outcome] for outcome in OUTCOMES}
    return {outcome: count for outcome, count in counts.items() if count}


def _notes(run: RolledRun, totals: RollbackTotals, later_runs: list[str]) -> tuple[str, ...]:
    notes = []
    if later_runs:
        some = ", ".join(later_runs[:3]) + (", …" if len(later_runs) > 3 else "")
        notes.append(
            f"Fields that stay were written by later runs: {some}. To undo those too, roll back the later runs first, "
            "the newest before the others."
        )
    if totals.of("deleted") and run.command != "move":
        notes.append(
            "A sync does not make deleted rows again: it counts them as skipped. Rolling back this rollback brings "
            "them back."
        )
    if totals.renamed:
        notes.append(
            f"Rows that get back a unique_id by which the source does not call them: {totals.renamed:,}. Until it does, "
            "syncs leave them alone: the source's record counts as skipped, the row as missing."
        )
    return tuple(notes)
