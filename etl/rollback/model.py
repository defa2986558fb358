"""What a rollback does, as plain data: the same for text, JSON and tests."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from etl.compare.model import Value
from etl.model.panel import NO_PANEL, Panel
from etl.model.results import Status

Outcome = Literal["put_back", "restored", "deleted", "inactivated", "stays", "already"]

OUTCOMES: dict[Outcome, str] = {
    "put_back": "rows whose fields go back to what they were",
    "restored": "deleted rows that come back as they were",
    "deleted": "rows that the run made and nobody touched",
    "inactivated": "rows that the run made, in use since: set INACTIVE",
    "stays": "rows that stay as they are",
    "already": "rows that are as before the run already",
}
"""What may become of a row that the run changed, in the order in which it is shown, and what it means."""

FORMAT = "iconsiam-etl rollback"
FORMAT_VERSION = 1


@dataclass(frozen=True)
class RolledField:
    """A field that the run wrote, or one of a row that it made which is no longer as it was written.

    Attributes:
        field: Name in the contract.
        verdict: back (is put back), same (is as before already), stays; else the outcome of the whole row.
        before: Value before the run; null for none.
        now: Value in the CMS now, or until this rollback.
        message: Why it stays; else null.
    """

    field: str
    verdict: str
    before: Value
    written: Value
    now: Value
    message: str | None = None


@dataclass(frozen=True)
class RolledRecord:
    """A row that the run changed.

    Attributes:
        unique_id: The one that it has now.
        table: shops or dinings.
        was: What the run did to it, as in `etl.sync_changes`.
        reason: Why it stays, or is not deleted: gone, in_trash, another_row, skip_sync, open_in_cms, id_taken,
            unique_id_taken, refused, moved, referenced, saved_since, changed_since; else null.
        fields: Fields by name.
    """

    outcome: Outcome
    unique_id: str
    table: str
    record_id: int
    was: str
    title: str | None = None
    reason: str | None = None
    message: str | None = None
    fields: tuple[RolledField, ...] = ()


@dataclass(frozen=True)
class RollbackTotals:
    """Figures of the whole rollback, whatever part of it is shown.

    Attributes:
        records: Rows by outcome and table.
        fields: Fields of updated rows by verdict: back, same, stays.
        partly: Rows in which a field stays.
        renamed: Rows that get a unique_id back by which the source does not call them.
        skipped: Rows with skip_sync.
        refused: Rows that the database refused.
    """

    records: Mapping[str, Mapping[str, int]]
    fields: Mapping[str, int]
    partly: int = 0
    renamed: int = 0
    skipped: int = 0
    refused: int = 0

    def of(self, outcome: str) -> int:
        """Return the rows of an outcome in all tables."""
        return sum(self.records[outcome].values())

    @property
    def changes(self) -> int:
        """Return the rows that the run changed."""
        return sum(self.of(outcome) for outcome in OUTCOMES)

    @property
    def written(self) -> int:
        """Return the rows that the rollback writes."""
        return sum(self.of(outcome) for outcome in ("put_back", "restored", "deleted", "inactivated"))

    @property
    def status(self) -> Status:
        """Return PARTIAL where a row or a field is not as it was before the run."""
        stays = self.of("stays") + self.of("inactivated") + self.partly
        return "PARTIAL" if stays else "COMPLETED"


@dataclass(frozen=True)
class RolledRun:
    """The run that is rolled back.

    Attributes:
        command: sync, move or rollback.
        status: COMPLETED or PARTIAL.
        started_at: Time of its start, UTC.
        source: Name of its source; '' for the one without a name.
        id_prefix: Prefix of the source's ids.
    """

    sync_id: str
    command: str
    status: str
    started_at: datetime
    source: str = ""
    id_prefix: str = ""


@dataclass(frozen=True)
class Rollback:
    """What a rollback would do, or did.

    Attributes:
        database: Name of the database in messages.
        totals: Figures of the whole.
        records: Rows by outcome, then by unique_id.
        left_off: Rows beyond the limit, by outcome.
        sync_id: Id of the rollback itself; null where it only shows, or had nothing to do.
        seconds: Time by stage, and `total`.
        panel: The panel of the CMS, for links to its rows; not in JSON.
    """

    run: RolledRun
    database: str
    totals: RollbackTotals
    records: tuple[RolledRecord, ...] = ()
    left_off: Mapping[str, int] | None = None
    notes: tuple[str, ...] = ()
    sync_id: str | None = None
    seconds: Mapping[str, float] | None = None
    panel: Panel = NO_PANEL

    def url_of(self, record: RolledRecord) -> str | None:
        """Return the address of a row's document in the panel; None where the row is gone, or nobody named the panel."""
        is_gone = record.reason == "gone" or (self.is_done and record.outcome == "deleted")
        return None if is_gone else self.panel.document(record.table, record.record_id)

    @property
    def is_done(self) -> bool:
        """Tell whether it was done, or only shown."""
        return self.sync_id is not None

    def as_dict(self) -> dict[str, Any]:
        """Return the result ready for JSON."""
        totals = asdict(self.totals)
        for name, tables in totals["records"].items():
            tables["total"] = self.totals.of(name)
        return {
            "format": FORMAT,
            "version": FORMAT_VERSION,
            "run": vars(self.run),
            "database": self.database,
            "is_done": self.is_done,
            "sync_id": self.sync_id,
            "status": self.totals.status,
            "totals": {**totals, "written": self.totals.written},
            "records": [asdict(record) | {"url": self.url_of(record)} for record in self.records],
            "left_off": dict(self.left_off or {}),
            "notes": list(self.notes),
            "seconds": dict(self.seconds or {}),
        }
