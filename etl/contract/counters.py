"""The counters of a run, each declared once: its name, its column in the log of runs, what it counts, where it is shown."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class RunCounter:
    """A counter of a run.

    Attributes:
        name: Name in results, in JSON and in the line `sync_done`.
        column: Column of etl.sync_logs.
        meaning: What it counts, in words.
        note: Words for it in the notes on the CMS's own screen of runs; '' where they leave it out.
        is_metric: Whether it is a metric of `sync_done`.
    """

    name: str
    column: str
    meaning: str
    note: str = ""
    is_metric: bool = False


_PROCESSED = (
    "canonical records of the source: created, updated, unchanged, skipped or refused by the database"
)
_KEPT = "fields in which an editor's value was kept"

DECLARED = (
    RunCounter("fetched", "records_fetched", "records of the source"),
    RunCounter("processed", "records_processed", _PROCESSED),
    RunCounter("shops", "shops_processed", "of the processed records, those that live in shops"),
    RunCounter("dinings", "dinings_processed", "of the processed records, those that live in dinings"),
    RunCounter("created", "records_created", "new rows, INACTIVE until an editor reviews them", is_metric=True),
    RunCounter("updated", "records_updated", "rows with a changed field", is_metric=True),
    RunCounter("unchanged", "records_unchanged", "rows that were not written", "unchanged", is_metric=True),
    RunCounter("skipped", "records_skipped", "rows with skip sync, deleted by an editor, or open in the CMS", "skipped"),
    RunCounter("rejected", "records_rejected", "records that were not loaded", is_metric=True),
    RunCounter("duplicates", "records_duplicate", "records that came more than once", "that came twice"),
    RunCounter("missing", "records_missing", "rows whose record left the source", "missing", is_metric=True),
    RunCounter("inactivated", "records_inactivated", "of the missing rows, those set INACTIVE", "set INACTIVE"),
    RunCounter("kept", "fields_kept", _KEPT, "values of editors kept"),
    RunCounter("conflicts", "conflicts", "fields that source and editor both changed", "conflicts", is_metric=True),
    RunCounter(
        "unmapped_floors", "unmapped_floors", "records whose floor label, or a part of it, fits no floor",
        "with an unmapped floor", is_metric=True,
    ),
    RunCounter(
        "unmapped_categories", "unmapped_categories", "records whose category labels fit no category",
        "with an unmapped category", is_metric=True,
    ),
    RunCounter("deleted", "records_deleted", "rows that a rollback or a move deleted"),
)  # fmt: skip

COUNTERS: Mapping[str, RunCounter] = {each.name: each for each in DECLARED}


@dataclass(frozen=True)
class PlanCounts:
    """What a plan does: all counters but those of the extraction and of rollbacks."""

    processed: int
    shops: int
    dinings: int
    created: int
    updated: int
    unchanged: int
    skipped: int
    rejected: int
    duplicates: int
    missing: int
    inactivated: int
    kept: int
    conflicts: int
    unmapped_floors: int
    unmapped_categories: int

    @property
    def has_changes(self) -> bool:
        """Tell whether the plan writes to the CMS."""
        return self.created + self.updated + self.inactivated > 0


def sql_counters() -> dict[str, str]:
    """Return what statements take from here, by the name that stands for it in sql/.

    `counter_columns` is the list of all columns of counters; `counter_assignments` sets those of a sync by the object of
    JSON `counts.figures`, which has them by name.
    """
    columns = [each.column for each in DECLARED]
    values = (f"{each.column} = (counts.figures ->> '{each.name}')::int8" for each in DECLARED)
    return {"counter_columns": ", ".join(columns), "counter_assignments": ", ".join(values)}
