"""What a move does, as plain data: the same for text, JSON and tests."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from etl.compare.model import Finding, Value
from etl.contract.source_names import Origin
from etl.contract.tenant import Kind
from etl.model.panel import NO_PANEL, Panel

FORMAT = "iconsiam-etl move"
FORMAT_VERSION = 1


@dataclass(frozen=True)
class MovedField:
    """A field of a row that is moved.

    Attributes:
        field: Name in the contract; another column's own; `links` beside the category; the name of another table of the
            CMS that has rows of it.
        before: Value in the old row.
        after: Value in the new row; the same, but for the category, a slug that is taken there, and what the other table
            does not have.
    """

    field: str
    before: Value
    after: Value


@dataclass(frozen=True)
class MovedRow:
    """A row of the record.

    Attributes:
        from_id: Number of the old row.
        to_id: Number of the new row; null until it is made.
        status: Status of the old row until now, and of the new one.
        fields: What is filled in the old row or the new one, in the order of diffs.
    """

    unique_id: str
    title: str | None
    from_table: Kind
    from_id: int
    to_table: Kind
    to_id: int | None
    status: str | None
    fields: tuple[MovedField, ...]


@dataclass(frozen=True)
class Move:
    """What a move would do, or did.

    Attributes:
        record: The source's uniqueId.
        origin: Its source.
        database: Name of the database in messages.
        is_deleting: The old rows are deleted; else they are set INACTIVE.
        rows: Rows of the record, one for each of its floors, by unique_id.
        findings: What does not go along, and what still names an old row.
        sync_id: Id of the move; null where it only shows.
        seconds: Time by stage, and `total`.
        panel: The panel of the CMS, for links to its rows; not in JSON.
    """

    record: str
    origin: Origin
    database: str
    is_deleting: bool
    rows: tuple[MovedRow, ...]
    findings: tuple[Finding, ...]
    sync_id: str | None = None
    seconds: Mapping[str, float] | None = None
    panel: Panel = NO_PANEL

    def old_url(self, row: MovedRow) -> str | None:
        """Return the address of the old row's document; None where the move has deleted it, or nobody named the panel."""
        is_gone = self.is_deleting and self.sync_id is not None
        return None if is_gone else self.panel.document(row.from_table, row.from_id)

    def new_url(self, row: MovedRow) -> str | None:
        """Return the address of the new row's document; None until it is made, or where nobody named the panel."""
        return self.panel.document(row.to_table, row.to_id)

    @property
    def from_table(self) -> Kind:
        """The table that the record leaves."""
        return self.rows[0].from_table

    @property
    def to_table(self) -> Kind:
        """The table that it goes to."""
        return self.rows[0].to_table

    @property
    def inactivated(self) -> int:
        """How many old rows are set INACTIVE; those that are so already stay as they are."""
        return 0 if self.is_deleting else sum(row.status != "INACTIVE" for row in self.rows)

    def as_dict(self) -> dict[str, Any]:
        """Return the result ready for JSON."""
        return {
            "format": FORMAT,
            "version": FORMAT_VERSION,
            "record": self.record,
            "source": self.origin.name,
            "database": self.database,
            "is_done": self.sync_id is not None,
            "sync_id": self.sync_id,
            "is_deleting": self.is_deleting,
            "rows": [
                asdict(row) | {"from_url": self.old_url(row), "to_url": self.new_url(row)}
                for row in self.rows
            ],
            "findings": [asdict(finding) for finding in self.findings],
            "seconds": dict(self.seconds or {}),
        }
