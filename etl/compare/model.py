"""What a diff says, as plain data: the same for text, JSON and tests."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import polars as pl

from etl.contract.tenant import KINDS
from etl.model.panel import NO_PANEL, Panel
from etl.model.results import Side

_PlanAction = Literal["created", "updated", "inactivated", "unchanged", "skipped", "missing", "rejected"]
_SnapshotAction = Literal["added", "changed", "gone", "unchanged", "rejected"]
Action = _PlanAction | _SnapshotAction

PLAN_ACTIONS: tuple[Action, ...] = get_args(_PlanAction)
"""What a sync does to a record, in the order in which it is shown."""

SNAPSHOT_ACTIONS: tuple[Action, ...] = get_args(_SnapshotAction)
"""What happened to a record between two snapshots, in the order in which it is shown."""

MARKS: tuple[str, ...] = ("kept", "conflict", "kind_changed")
"""Marks that a record may have beside its action, counted by table; between snapshots only the last."""

UNMAPPED_CODES = frozenset({"unmapped_floor", "unmapped_category"})

REASONS: dict[str, str] = {
    "skip_sync": "skip sync is ticked in the CMS",
    "deleted_in_cms": "the row is gone from the CMS, and is not made again without --recreate",
    "in_trash": "the row is in the CMS's trash, where it stays until an editor restores it",
    "open_in_cms": "somebody has it open in the CMS: it waits for the next run, unless with --force-open",
    "left_source": "the source no longer has it",
    "not_ours": "the source does not have it, and no sync of this job wrote the row",
}
"""Why a record is skipped or missing; a rejected one has the code and the message of its finding."""


@dataclass(frozen=True)
class Reference:
    """A floor or a category.

    Attributes:
        id: floors.id or categories.id.
        name: Null where it is not among those that are known.
    """

    id: int
    name: str | None


Value = str | Reference | None
"""A field's value: text, as the merge compares it, or a floor or category; '' says 'none', null is unknown or absent."""


@dataclass(frozen=True)
class FieldChange:
    """A field of a record that changes, or that differs and is left alone.

    Attributes:
        field: As the contract names it, e.g. `title_en`; also `unique_id`, `slug`, `kind`.
        verdict: Why. Of a sync: created; source (the source changed it), first_contact (no sync wrote the row
            before), carried_over (a new unique_id), conflict, kept (only the editor changed it), put_back (an old form
            put back what a run had replaced), inactivated.
            Between snapshots: added, changed, gone.
        before: In the CMS now, which is the editor's where one changed it; in the other snapshot.
        after: In the CMS after the sync; in this snapshot.
        base: What the last sync wrote; null where there is none.
        source: What the source says; null where the sync does not ask it.
        winner: Whose value is there after the sync, where editor and source differ: source or editor.
    """

    field: str
    verdict: str
    before: Value = None
    after: Value = None
    base: Value = None
    source: Value = None
    winner: Literal["source", "editor"] | None = None

    @property
    def is_left_put_back(self) -> bool:
        """Tell whether an old form put back what a run had replaced, and the sync leaves it."""
        return self.verdict == "put_back" and self.winner == "editor"


@dataclass(frozen=True)
class RecordChange:
    """A record that is not plainly unchanged.

    Attributes:
        action: What happens to it, or happened.
        unique_id: unique_id of its row; null for a rejected record without one.
        source_unique_id: uniqueId that the API sent.
        table: shops or dinings, where it lives or will; null where it was rejected.
        record_id: Id of its row in the CMS; null where there is none.
        title: Title for people, English first.
        tags: Its action, and marks: kept, conflict, kind_changed, unmapped; sorted.
        reason: A key of REASONS, or the code of the finding that rejected it.
        message: The reason in words.
        fields: In the order of FIELD_ORDER.
        floor: Where it is afterwards: after the sync, in the newer snapshot; where it was, if it is gone. Null where
            it has none, no floors are known, or it was rejected.
        category: The same. A row may have several in the CMS: the one that the source names, else the last sync's,
            else the first.
    """

    action: Action
    unique_id: str | None
    source_unique_id: str | None
    table: str | None
    record_id: int | None = None
    title: str | None = None
    tags: tuple[str, ...] = ()
    reason: str | None = None
    message: str | None = None
    fields: tuple[FieldChange, ...] = ()
    floor: Reference | None = None
    category: Reference | None = None


@dataclass(frozen=True)
class Finding:
    """A finding as a sync would write it to `etl.sync_issues`; the columns are those of contract.issue.ISSUE.

    Attributes:
        title: Name of the record, for people; null where it has none, or nobody looked.
    """

    unique_id: str | None
    severity: str
    code: str
    field: str | None
    message: str
    value: str | None
    title: str | None = None


LabelKind = Literal["floor", "shops", "dinings"]
"""What a label names: a floor, or a category of shops or dinings."""


@dataclass(frozen=True)
class Nearest:
    """A known name that is near to a label that fits none.

    Attributes:
        id: floors.id or categories.id.
        similarity: 1 where all words agree, 0.5 at least.
    """

    id: int
    name: str
    similarity: float


@dataclass(frozen=True)
class Unmapped:
    """A label that no floor or category fits.

    Attributes:
        label: Text of the source, decoded; English where there is one.
        records: Number of records that have it.
        example: The first of their ids.
        nearest: The names that are nearest to it, best first.
    """

    kind: LabelKind
    label: str
    records: int
    example: str
    nearest: tuple[Nearest, ...] = ()


@dataclass(frozen=True)
class Totals:
    """Figures of the whole diff, whatever part of it is shown.

    Attributes:
        records: Per action and mark, records by table: shops, dinings, and unknown for rejected ones.
        fields: Fields of existing rows: written, kept, conflict; between snapshots: changed.
        issues: Findings by code, sorted.
    """

    records: Mapping[str, Mapping[str, int]]
    fields: Mapping[str, int]
    issues: Mapping[str, int]

    def of(self, name: str) -> int:
        """Return the records of an action or a mark in all tables."""
        return sum(self.records[name].values())


@dataclass(frozen=True)
class Diff:
    """What a sync would change, or what changed between two snapshots.

    Attributes:
        source: What a sync would load, or the newer snapshot.
        against: The database, or the older snapshot.
        options: How a sync would treat missing records and conflicts; empty between snapshots.
        totals: Figures of the whole.
        records: By action, then by unique_id.
        issues: Findings, sorted; between snapshots those that the other one does not have.
        notes: What the reader has to know, e.g. that a guard would refuse the sync.
        unmapped: Labels of the source that fit no floor or category, the most frequent first.
        panel: The panel of the CMS, for links to its rows.
    """

    source: Side
    against: Side
    options: Mapping[str, str]
    totals: Totals
    records: tuple[RecordChange, ...]
    issues: tuple[Finding, ...]
    notes: tuple[str, ...] = ()
    unmapped: tuple[Unmapped, ...] = ()
    panel: Panel = NO_PANEL

    def url_of(self, record: RecordChange) -> str | None:
        """Return the address of a record's document in the panel; None where it has no row, or nobody named the panel."""
        return self.panel.document(record.table, record.record_id)

    @property
    def is_plan(self) -> bool:
        """Tell a sync's plan from a comparison of snapshots."""
        return self.against.kind == "database"

    @property
    def actions(self) -> tuple[Action, ...]:
        """The actions that such a diff may have, in the order in which they are shown."""
        return PLAN_ACTIONS if self.is_plan else SNAPSHOT_ACTIONS

    @property
    def has_changes(self) -> bool:
        """Tell whether a sync would write to the CMS; between snapshots, whether any record differs."""
        names = ("created", "updated", "inactivated") if self.is_plan else ("added", "changed", "gone")
        return any(self.totals.of(name) for name in names)


def findings(issues: pl.DataFrame) -> tuple[Finding, ...]:
    """Return a frame of contract.issue.ISSUE, and `title` perhaps, as findings, sorted by those columns, null first."""
    rows = issues.sort("unique_id", "code", "field", "value", "message", "severity")
    return tuple(Finding(**row) for row in rows.iter_rows(named=True))


def rejected(issues: Iterable[Finding]) -> list[RecordChange]:
    """Return the records that were rejected, one a finding of severity error."""
    return [
        RecordChange(
            action="rejected",
            # the copy for one of several floors is what was not loaded, not the record itself
            unique_id=issue.value if issue.code == "derived_id_taken" else issue.unique_id,
            source_unique_id=issue.unique_id,
            table=None,
            title=issue.title,
            tags=("rejected",),
            reason=issue.code,
            message=issue.message,
        )
        for issue in issues
        if issue.severity == "error"
    ]


def tags_of(action: Action, **marks: bool) -> tuple[str, ...]:
    """Return the tags of a record: its action and the marks that hold, sorted."""
    return tuple(sorted((action, *(name for name, holds in marks.items() if holds))))


def unmapped_ids(issues: Iterable[Finding]) -> frozenset[str | None]:
    """Return the ids, as the API sent them, of records with a label that no floor or category fits."""
    return frozenset(issue.unique_id for issue in issues if issue.code in UNMAPPED_CODES)


def in_order(records: Iterable[RecordChange], actions: tuple[Action, ...]) -> tuple[RecordChange, ...]:
    """Return records by action, then unique_id, table and row."""

    def key(record: RecordChange) -> tuple[Any, ...]:
        place = (record.unique_id or "", record.table or "", record.record_id or 0, record.message or "")
        return (actions.index(record.action), *place)

    return tuple(sorted(records, key=key))


def empty_counts(names: Iterable[str]) -> dict[str, dict[str, int]]:
    """Return a zero for each name and table."""
    return {name: dict.fromkeys((*KINDS, "unknown"), 0) for name in names}
