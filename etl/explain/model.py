"""What is known of one record, as plain data: the same for text, JSON and tests."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from etl.compare.model import Finding, Nearest, RecordChange, Value
from etl.contract.tenant import Kind
from etl.match import Explanation as LabelExplanation
from etl.model.panel import NO_PANEL, Panel

FORMAT = "iconsiam-etl explain"
FORMAT_VERSION = 1
"""Rises when a key is renamed or removed, or changes its meaning; new keys may come at any time."""


@dataclass(frozen=True)
class Repair:
    """A step that changed a raw text.

    Attributes:
        field: Name in the API.
        step: Name of the step, of transform.text.REPAIRS.
        before: Text before it.
        after: Text after it; '' where nothing was left.
    """

    field: str
    step: str
    before: str
    after: str


@dataclass(frozen=True)
class Occurrence:
    """The record as the API sent it, once.

    Attributes:
        position: Place in the feed, from 1.
        is_taken: False: the same uniqueId came again later, and this one was dropped.
        fields: What is not blank, by the API's names, in its order; unknown fields too.
        repairs: In the order in which they were done.
    """

    position: int
    is_taken: bool
    fields: Mapping[str, str]
    repairs: tuple[Repair, ...]


@dataclass(frozen=True)
class LabelTrace:
    """How a label got its floor or category.

    Attributes:
        label: Text that was looked up: a part of the floor's label, or `English / Thai`.
        found: The rule that won, what it found, and everything that was considered.
        nearest: Known names that are near to a label that fits nothing, best first.
    """

    label: str
    found: LabelExplanation
    nearest: tuple[Nearest, ...] = ()


@dataclass(frozen=True)
class HoursTrace:
    """How opening hours were read.

    Attributes:
        text: The text, repaired.
        is_read: False: it can't be read, and is kept as it is.
        read: What was read, as people read it.
    """

    text: str
    is_read: bool
    read: str | None


@dataclass(frozen=True)
class Trace:
    """How the record that was taken became its rows.

    Attributes:
        kind_rule: Rule that decided: one of match.KindExplanation's.
        kind_reason: Name of the category, or word of a dining, by which it did; null where no label speaks.
        category_label: English category.
        floor_label: floorRevised, else floor.
        floors: One for each part of that label.
        category: Category of the record's kind.
        other_category: Category of the other kind; it counts where the record's row is in that table and stays there.
        hours: Null where there is no text.
        slug_source: What the slug of a new row is made of: title_en, title_th, tenantId or uniqueId; null where none
            of them can be written in ASCII.
        rows: The canonical rows, one a floor: column to value as text, null left out.
        issues: Findings that need no database.
    """

    kind: Kind
    kind_rule: str
    kind_reason: str | None
    category_label: str | None
    floor_label: str | None
    floors: tuple[LabelTrace, ...]
    category: LabelTrace
    other_category: LabelTrace
    hours: HoursTrace | None
    slug_source: str | None
    rows: tuple[Mapping[str, str], ...]
    issues: tuple[Finding, ...]


@dataclass(frozen=True)
class RecordInSnapshot:
    """The record in a snapshot.

    Attributes:
        source_unique_id: uniqueId that the API sent.
        raw: Each time that it came, in feed order; the last one was taken.
        way: How that became its rows.
    """

    snapshot: str
    source_unique_id: str
    raw: tuple[Occurrence, ...]
    way: Trace


@dataclass(frozen=True)
class Writer:
    """Who wrote a value last.

    Attributes:
        who: run; editor; form (an old one put back what the run had replaced); earlier (there before the first run, or
            written by another job); nobody (no value); unknown (as `earlier`, or by a run whose changes are not kept any
            more).
        sync_id: The run; for an editor's value the last run that wrote the field before, null if none did.
        at: Start of that run, ISO 8601 in UTC.
        command: What that run was: sync, move or rollback.
    """

    who: str
    sync_id: str | None = None
    at: str | None = None
    command: str | None = None


@dataclass(frozen=True)
class FieldState:
    """A field of a row in the CMS.

    Attributes:
        field: Name in diffs.
        base: Value that the last sync had from the source; null where it had none.
        cms: Value in the CMS now.
    """

    field: str
    base: Value
    cms: Value
    writer: Writer


@dataclass(frozen=True)
class Link:
    """A category link of a row.

    Attributes:
        path: 'categories', or '/' of the earlier job, which the CMS never shows.
        is_jobs: The job made it, so the source owns it; an editor's is never touched.
    """

    path: str
    order: int | None
    category: Value
    is_jobs: bool


@dataclass(frozen=True)
class CmsRow:
    """A row of the CMS that the record has.

    Attributes:
        unique_id: In the form in which ids are compared.
        written_id: As it is written in the CMS; it may have blanks, or marks that nobody sees.
        skip_sync: An editor ticked that no sync may touch it.
        is_trashed: An editor put it in the CMS's trash.
        is_open: Somebody is editing it in the CMS at this moment.
        updated_at: Time of its last change, ISO 8601 in UTC.
        has_base: A sync of this job knows it.
        first_sync_id: First run that did; null without a base.
        last_sync_id: Last run that changed what it knows of it; null without a base.
        missing_since: Time since when the source does not have it; null where it does.
        fields: Fields in the order of diffs.
    """

    table: Kind
    id: int
    unique_id: str
    written_id: str
    slug: str | None
    status: str | None
    skip_sync: bool
    is_trashed: bool
    is_open: bool
    updated_at: str | None
    has_base: bool
    first_sync_id: str | None
    last_sync_id: str | None
    missing_since: str | None
    fields: tuple[FieldState, ...]
    links: tuple[Link, ...]


@dataclass(frozen=True)
class RunOfRecord:
    """What a run did to the record, or found about it.

    Attributes:
        command: sync, move or rollback.
        started_at: ISO 8601 in UTC.
        changes: unique_id, record_table, record_id, action, before, after, conflicts.
    """

    sync_id: str
    command: str
    started_at: str
    status: str
    changes: tuple[Mapping[str, Any], ...]
    issues: tuple[Finding, ...]


@dataclass(frozen=True)
class InDatabase:
    """The record in the database.

    Attributes:
        plan: What a sync of the snapshot's record would do now; null where there is no such record, or the role may
            not make temporary tables.
        issues: What that sync would report of it; null likewise.
        history: The latest runs that have something of it, newest first.
        runs_left_off: How many more such runs there are.
    """

    name: str
    rows: tuple[CmsRow, ...]
    plan: tuple[RecordChange, ...] | None
    issues: tuple[Finding, ...] | None
    history: tuple[RunOfRecord, ...]
    runs_left_off: int


@dataclass(frozen=True)
class Explained:
    """All that is known of a record.

    Attributes:
        asked: What was asked for.
        unique_id: Id by that, or found by a title, a slug, or a table and a number.
        source: The record in the snapshot; null where it has none, or none could be read.
        database: The record in the database; null where none was asked.
        panel: The panel of the CMS, for links to its rows; not in JSON.
    """

    asked: str
    unique_id: str
    source: RecordInSnapshot | None
    database: InDatabase | None
    notes: tuple[str, ...]
    panel: Panel = NO_PANEL

    def as_dict(self) -> dict[str, Any]:
        """Return it ready for JSON, as docs/explain-json.md says: rows, planned records and changes with their `url`."""
        found = asdict(self)
        del found["panel"]
        if database := found["database"]:
            for row in database["rows"]:
                row["url"] = self.panel.document(row["table"], row["id"])
            for record in database["plan"] or ():
                record["url"] = self.panel.document(record["table"], record["record_id"])
            for change in (each for run in database["history"] for each in run["changes"]):
                change["url"] = self.panel.document(change["record_table"], change["record_id"])
        return {"format": FORMAT, "version": FORMAT_VERSION, **found}
