"""What happens between the sample's two days, and which records show what: the plot of `etl demo`."""

from dataclasses import dataclass
from typing import NamedTuple

from etl.contract.tenant import Kind
from etl.demo.words import WORDS, Fields


class Scene(NamedTuple):
    """One record of the plot.

    Attributes:
        key: What it shows.
        first: Raw fields on day 1, beside those of every record.
        then: What is different on day 2; None: it is gone.
    """

    key: str
    first: Fields
    then: Fields | None


def _tenant(fields: Fields) -> Fields:
    name_en, name_th = fields["brandNameEn"], fields["brandNameTh"]
    names = {"shopNameEnglish": f"{name_en} (River Hall)", "shopNameThai": f"{name_th} (ริเวอร์ฮอลล์)"}
    return {**names, **WORDS["tenant"], **fields}


SCENES = tuple(Scene(scene["key"], _tenant(scene["first"]), scene["then"]) for scene in WORDS["scenes"])
"""In the order of their places in the sample."""

ARRIVALS: tuple[Fields, ...] = tuple(map(_tenant, WORDS["arrivals"]))
"""Tenants that day 2 brings."""


@dataclass(frozen=True)
class Edit:
    """A change that an editor makes in the CMS between the days.

    Attributes:
        unique_id: Id of the record, which has one row.
        before: Value that the first sync wrote.
        editor_value: Value that the editor makes of it.
        after: Value that the second sync should leave there.
    """

    unique_id: str
    table: Kind
    field: str
    before: str
    editor_value: str
    after: str


@dataclass(frozen=True)
class Story:
    """The records that show something in the demo. Names are decoded.

    Attributes:
        kept: The source changes the phone only, so the editor's title stays.
        conflict: Source and editor both change the title; the source's is taken.
        created: unique_id and English name of each new tenant.
        gone: unique_id and name of the one that left the source.
        changed: unique_id by what the source changed: title, description, hours, phone, floor, category, kind
            (a shop that became a dining), split (one floor to two), joined (two to one), blanked (values that
            became blank, which erases nothing).
    """

    kept: Edit
    conflict: Edit
    created: tuple[tuple[str, str], ...]
    gone: tuple[str, str]
    changed: dict[str, str]
