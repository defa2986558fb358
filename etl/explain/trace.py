"""A record's way from raw text to canonical rows, as plain data."""

from collections.abc import Mapping
from dataclasses import dataclass

from etl.compare.model import Finding, Nearest
from etl.contract.tenant import Kind
from etl.match import Explanation as LabelExplanation


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
class Occurrence:
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
class LabelTrace:
    """How a label got its floor or category.

    Attributes:
        label: What was looked up: a part of the floor's label, or `English / Thai`.
        found: The rule that won, what it found, and everything that was considered.
        nearest: Of a label that fits nothing the known names that are near to it, best first.
    """

    label: str
    found: LabelExplanation
    nearest: tuple[Nearest, ...] = ()


@dataclass(frozen=True)
class HoursTrace:
    """How opening hours were read.

    Attributes:
        text: Repaired.
        is_read: False: it can't be read, and is kept as it is in hours_open.
    """

    text: str
    is_read: bool


@dataclass(frozen=True)
class Trace:
    """How the record that was taken became its rows.

    Attributes:
        kind: shops or dinings.
        kind_word: The word of the English category that makes it a dining; null for a shop.
        category_label: The English category.
        floor_label: floorRevised, else floor.
        floors: A part of that label each.
        category: Of the record's kind.
        other_category: Of the other kind; it counts where the record's row is in that table and stays there.
        hours: Null where there is no text.
        slug_source: What the slug of a new row is made of: title_en, title_th, tenantId or uniqueId; null where none
            of them can be written in ASCII.
        rows: The canonical rows, one a floor: column to value as text, null left out.
        issues: What can be said of it without a database.
    """

    kind: Kind
    kind_word: str | None
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
        snapshot: Where it is.
        source_unique_id: The uniqueId that the API sent.
        raw: Each time that it came, in feed order; the last one was taken.
        way: What became of that.
    """

    snapshot: str
    source_unique_id: str
    raw: tuple[Occurrence, ...]
    way: Trace
