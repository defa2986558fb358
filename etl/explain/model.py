"""What is known of one record, as plain data: the same for text, JSON and tests."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from etl.contract.tenant import Kind
from etl.difference.model import Finding, RecordChange, Value
from etl.match import Explanation as LabelExplanation

FORMAT = "iconsiam-etl explain"
FORMAT_VERSION = 1
"""Rises when a key is renamed or removed, or changes its meaning; new keys may come at any time."""


@dataclass(frozen=True)
class Repair:
    """A step that changed a raw text.

    Attributes:
        field: As the API calls it.
        step: A name of transform.text.REPAIRS.
        after: The text after it.
    """

    field: str
    step: str
    after: str


@dataclass(frozen=True)
class RawRecord:
    """The record as the API sent it, once.

    Attributes:
        position: In the feed, from 0.
        is_taken: False: the same uniqueId came again later, and this one was dropped.
        fields: What is not blank, by the API's names, in its order; unknown fields too.
        repairs: In the order in which they were done.
    """

    position: int
    is_taken: bool
    fields: Mapping[str, str]
    repairs: tuple[Repair, ...]


@dataclass(frozen=True)
class LabelWay:
    """How a label got its floor or category.

    Attributes:
        label: What was looked up: a part of the floor's label, or `English / Thai`.
        found: The rule that won, what it found, and everything that was considered.
    """

    label: str
    found: LabelExplanation


@dataclass(frozen=True)
class Way:
    """How the record that was taken became its rows.

    Attributes:
        kind: shops or dinings.
        kind_word: The word of the English category that makes it a dining; null for a shop.
        category_label: The English category.
        floor_label: floorRevised, else floor.
        floors: A part of that label each.
        category: Of the record's kind.
        rows: The canonical rows, one a floor: column to value as text, null left out.
        issues: What the sync reports of it.
    """

    kind: Kind
    kind_word: str | None
    category_label: str | None
    floor_label: str | None
    floors: tuple[LabelWay, ...]
    category: LabelWay
    rows: tuple[Mapping[str, str], ...]
    issues: tuple[Finding, ...]


@dataclass(frozen=True)
class Source:
    """The record in a snapshot.

    Attributes:
        snapshot: Where it is.
        source_unique_id: The uniqueId that the API sent.
        raw: Each time that it came, in feed order; the last one was taken.
        way: What became of that.
    """

    snapshot: str
    source_unique_id: str
    raw: tuple[RawRecord, ...]
    way: Way


@dataclass(frozen=True)
class Writer:
    """Who wrote a value last.

    Attributes:
        who: run; editor; earlier (there before the first run, or written by another job); nobody (no value).
        sync_id: The run; of an editor's value the last run that wrote the field before, null if none did.
        at: When that run started, ISO 8601 in UTC.
    """

    who: str
    sync_id: str | None = None
    at: str | None = None


@dataclass(frozen=True)
class FieldState:
    """A field of a row in the CMS.

    Attributes:
        field: As diffs call it.
        base: What the last sync had from the source; null where it had nothing.
        cms: In the CMS now.
        writer: Who wrote that last.
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
        order: Its place.
        category: Where it points to.
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
        table: shops or dinings.
        id: Its id there.
        unique_id: Its unique_id.
        slug: Its slug.
        status: Its status.
        skip_sync: An editor ticked that no sync may touch it.
        updated_at: When it was last saved, ISO 8601 in UTC.
        has_base: A sync of this job knows it.
        first_sync_id: The first run that did; null without a base.
        last_sync_id: The last run that changed what it knows of it; null without a base.
        missing_since: Since when the source does not have it; null where it does.
        fields: In the order of diffs.
        links: Its category links.
    """

    table: Kind
    id: int
    unique_id: str
    slug: str | None
    status: str | None
    skip_sync: bool
    updated_at: str | None
    has_base: bool
    first_sync_id: str | None
    last_sync_id: str | None
    missing_since: str | None
    fields: tuple[FieldState, ...]
    links: tuple[Link, ...]


@dataclass(frozen=True)
class RunOfRecord:
    """What a run did to the record, or said of it.

    Attributes:
        sync_id: The run.
        command: sync or rollback.
        started_at: ISO 8601 in UTC.
        status: How it ended.
        changes: unique_id, record_table, record_id, action, before, after, conflicts.
        issues: What it found.
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
        name: Of the database.
        rows: Its rows in the CMS.
        plan: What a sync of the snapshot's record would do now; null where there is no such record.
        history: The latest runs that have something of it, newest first.
        runs_left_off: How many more such runs there are.
    """

    name: str
    rows: tuple[CmsRow, ...]
    plan: tuple[RecordChange, ...] | None
    history: tuple[RunOfRecord, ...]
    runs_left_off: int


@dataclass(frozen=True)
class Explained:
    """All that is known of a record.

    Attributes:
        unique_id: As it was asked for.
        source: In the snapshot; null where it has none, or none could be read.
        database: In the database; null where none was asked.
        notes: What the reader has to know.
    """

    unique_id: str
    source: Source | None
    database: InDatabase | None
    notes: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return it ready for JSON, as docs/explain-json.md says."""
        return {"format": FORMAT, "version": FORMAT_VERSION, **asdict(self)}
