"""Reads the plan of a rollback out of its temporary tables, for people and programs; writes nothing."""

from collections import defaultdict
from typing import Any

from etl.contract.tenant import KINDS
from etl.difference.fields import Names
from etl.difference.model import Value
from etl.load.postgres import Postgres
from etl.rollback.model import OUTCOMES, RolledField, RolledRecord, Totals


def read_totals(db: Postgres) -> Totals:
    """Return the figures of the plan in this transaction."""
    records = {str(outcome): dict.fromkeys(map(str, KINDS), 0) for outcome in OUTCOMES}
    sums = dict.fromkeys(("partly", "renamed", "skipped", "refused"), 0)
    for row in db.read("rollback/totals").iter_rows(named=True):
        records[row["outcome"]][row["record_table"]] = row["records"]
        for name in sums:
            sums[name] += row[name]
    found = dict(db.read("rollback/field_totals").iter_rows())
    fields = {verdict: found.get(verdict, 0) for verdict in ("back", "same", "stays")}
    return Totals(records=records, fields=fields, **sums)


def read_records(db: Postgres, names: Names, limit: int) -> tuple[RolledRecord, ...]:
    """Return what becomes of the rows that the run changed, by outcome.

    Args:
        db: A connection inside the transaction in which the plan was made.
        names: Of the floors and categories of this database.
        limit: The most rows of each outcome, the first by unique_id; 0 for all.
    """
    by_seq: defaultdict[int, list[RolledField]] = defaultdict(list)
    for row in db.read("rollback/fields", limit).iter_rows(named=True):
        by_seq[row["seq"]].append(_field(row, names))
    rows = db.read("rollback/records", limit).rows(named=True)
    order = list(OUTCOMES)
    rows.sort(key=lambda row: order.index(row["outcome"]))
    return tuple(
        RolledRecord(
            outcome=row["outcome"],
            unique_id=row["unique_id"],
            table=row["record_table"],
            record_id=row["record_id"],
            was=row["was"],
            title=row["title"],
            reason=row["reason"],
            message=row["message"],
            fields=tuple(sorted(by_seq.get(row["seq"], []), key=lambda field: field.field)),
        )
        for row in rows
    )


def _field(row: dict[str, Any], names: Names) -> RolledField:
    before, written, now = (_value(row["field"], row[name], names) for name in ("before", "after", "present"))
    return RolledField(row["field"], row["verdict"], before, written, now, row["message"])


def _value(field: str, text: str | None, names: Names) -> Value:
    # all links of a row that is to go are one text; else it is an id
    return names.value(field, text) if text is None or text.isdecimal() else text
