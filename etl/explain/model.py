"""What is known of one record, as plain data: the same for text, JSON and tests. The source's part is trace.py."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from etl.compare.model import Finding, RecordChange, Value
from etl.contract.tenant import Kind
from etl.explain.trace import RecordInSnapshot

FORMAT = "iconsiam-etl explain"
FORMAT_VERSION = 1
"""Rises when a key is renamed or removed, or changes its meaning; new keys may come at any time."""


@dataclass(frozen=True)
class Writer:
    """Who wrote a value last.

    Attributes:
        who: run; editor; earlier (there before the first run, or written by another job); nobody (no value);
            unknown (as `earlier`, or by a run whose changes are not kept any more).
        sync_id: The run; of an editor's value the last run that wrote the field before, null if none did.
        at: When that run started, ISO 8601 in UTC.
        command: What that run was: sync or rollback.
    """

    who: str
    sync_id: str | None = None
    at: str | None = None
    command: str | None = None


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
        unique_id: As it was asked for.
        source: In the snapshot; null where it has none, or none could be read.
        database: In the database; null where none was asked.
        notes: What the reader has to know.
    """

    unique_id: str
    source: RecordInSnapshot | None
    database: InDatabase | None
    notes: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return it ready for JSON, as docs/explain-json.md says."""
        return {"format": FORMAT, "version": FORMAT_VERSION, **asdict(self)}
