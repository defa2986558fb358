"""A plan of a sync, as `etl diff` has it, for tests of what is made of it: text, pages, documents."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from etl.compare.model import MARKS, PLAN_ACTIONS, Diff, RecordChange, Totals, empty_counts
from etl.model.results import Side


def plan(*records: RecordChange, found: Mapping[str, int] | None = None, **values: Any) -> Diff:
    """Return a plan of these records, counted by their tables.

    Args:
        records: In their order.
        found: How many findings there are, by code.
        values: Replace other parts of the diff.
    """
    counts = empty_counts((*PLAN_ACTIONS, *MARKS))
    for record in records:
        counts[record.action][record.table or "unknown"] += 1
    made = Diff(
        source=Side("snapshot", "snapshots/today", 500),
        against=Side("database", "the CMS"),
        options={"missing": "keep", "conflicts": "source"},
        totals=Totals(counts, {}, dict(found or {})),
        records=records,
        issues=(),
    )
    return replace(made, **values)
