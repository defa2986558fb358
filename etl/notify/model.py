"""What is told of a run, as plain data: the same for JSON, chats and tests. docs/notify.md describes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

FORMAT = "iconsiam-etl notice"
FORMAT_VERSION = 1
"""Rises when a key is renamed or removed, or changes its meaning; new keys may come at any time."""

TYPE = "etl.run"
"""The `type` of Standard Webhooks."""

Event = Literal["refused", "failed", "recovered", "findings", "written"]

EVENTS: dict[Event, str] = {
    "refused": "a guard refused the run, and the one before was done",
    "failed": "the run failed, and the one before was done",
    "recovered": "the run is done, and the one before was not",
    "findings": "records can't be loaded that could be before, or are new",
    "written": "rows of the CMS were written",
}
"""What is worth telling, in the order in which it is told, and what it means."""


@dataclass(frozen=True)
class ToldRun:
    """A run as it is told.

    Attributes:
        command: sync, move or rollback.
        source: Name of its source; '' for the one without a name.
        status: COMPLETED, PARTIAL or FAILED.
        started_at: UTC, as completed_at.
        exit_code: Null for a process that died.
        error: Why it failed; null where it did not.
    """

    sync_id: str
    command: str
    source: str
    status: str
    started_at: datetime
    completed_at: datetime
    exit_code: int | None
    error: str | None


@dataclass(frozen=True)
class NewError:
    """A finding of severity error that the source's last run that was done did not have."""

    unique_id: str | None
    code: str
    field: str | None
    message: str


@dataclass(frozen=True)
class Document:
    """A row of the CMS that was written.

    Attributes:
        collection: shops or dinings.
        title: English first; null where it has none.
        slug: The one that it has now, or had.
        action: created, updated, inactivated, deleted or restored.
        fields: Of an updated or inactivated one the fields that were written; else null.
        url: Its page in the CMS's panel; null where it is gone, or CMS_URL is not set.
    """

    collection: str
    id: int
    unique_id: str
    title: str | None
    slug: str | None
    action: str
    fields: tuple[str, ...] | None = None
    url: str | None = None


@dataclass(frozen=True)
class Notice:
    """What is told of a run.

    Attributes:
        job: ETL_JOB.
        run: The run.
        events: Why it is told; not empty.
        failed_since: Start of the first of the runs that failed before one that recovered; else null.
        failed_runs: How many these were.
        new_errors: How many new findings of severity error there are.
        errors: The first of them.
        written: Rows that were written, by table and action.
        documents: The first of them.
    """

    job: str
    run: ToldRun
    events: tuple[Event, ...]
    failed_since: datetime | None = None
    failed_runs: int = 0
    new_errors: int = 0
    errors: tuple[NewError, ...] = ()
    written: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    documents: tuple[Document, ...] = ()

    @property
    def rows(self) -> int:
        """How many rows were written."""
        return sum(count for actions in self.written.values() for count in actions.values())

    def as_dict(self) -> dict[str, Any]:
        """Return it ready for JSON: the envelope of Standard Webhooks, and in `data` what docs/notify.md says."""
        data = {
            "format": FORMAT,
            "version": FORMAT_VERSION,
            "job": self.job,
            "events": list(self.events),
            "run": {name: _plain(value) for name, value in vars(self.run).items()},
            "failed_since": _plain(self.failed_since),
            "failed_runs": self.failed_runs,
            "findings": {"new": self.new_errors, "first": [vars(each) for each in self.errors]},
            "written": {"total": self.rows, **{table: dict(count) for table, count in self.written.items()}},
            "documents": [vars(each) for each in self.documents],
            "truncated": self.rows > len(self.documents),
        }
        return {"type": TYPE, "timestamp": _plain(self.run.completed_at), "data": data}


def _plain(value: object) -> object:
    return f"{value:%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z" if isinstance(value, datetime) else value
