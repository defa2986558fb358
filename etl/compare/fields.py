"""Fields in a diff: what they are called, in which order they come, and their values. Pure."""

from collections.abc import Iterable

import polars as pl

from etl.compare.model import FieldChange, Reference, Value
from etl.contract.hours import readable
from etl.contract.tenant import CONTENT, FIELDS, MERGED, TENANT

PLAN_FIELDS: tuple[str, ...] = (
    *("unique_id", "slug"),
    *(field.name for field in sorted(FIELDS, key=lambda field: field.part != "locale")),
    "hidden_links",
)
"""The fields of a plan in the order in which they are shown: keys, texts, then the rest as in the contract.

`hidden_links` are ids of categories that the earlier job linked where the CMS never shows them, beside a visible link to
the record's category; on first contact they are removed.
"""


def _compared_name(column: str) -> str:
    fields = [field.name for field in MERGED if field.column == column]
    return column if column in fields or len(fields) > 1 else fields[0]


COMPARED: dict[str, str] = {_compared_name(column.name): column.name for column in CONTENT}
"""Fields that are compared between snapshots as text, and their canonical columns; named as in a plan where they can be."""

LABELS: dict[str, str] = {
    "floor": "floor_label",
    "category_en": "category_label_en",
    "category_th": "category_label_th",
}
"""What is compared in place of floors and categories where none are known: the labels, decoded."""

SNAPSHOT_FIELDS: tuple[str, ...] = ("kind", *COMPARED, "floor", "category", *LABELS.values())
"""The fields of a comparison of snapshots, in the order in which they are shown."""

_ORDER = {
    name: place
    for place, name in enumerate(
        dict.fromkeys((*PLAN_FIELDS[:2], *SNAPSHOT_FIELDS[:1], *PLAN_FIELDS, *SNAPSHOT_FIELDS))
    )
}


def fields_in_order(fields: Iterable[FieldChange]) -> tuple[FieldChange, ...]:
    """Return the fields of a record in the order in which they are shown."""
    return tuple(sorted(fields, key=lambda change: _ORDER[change.field]))


def _fields_of_findings() -> dict[str, frozenset[str]]:
    names: dict[str, set[str]] = {name: {name} for name in (*PLAN_FIELDS, *SNAPSHOT_FIELDS)}
    for field in FIELDS:
        names.setdefault(field.column or field.name, set()).add(field.name)
    for name, column in (*COMPARED.items(), ("floor", "floor_id")):
        names.setdefault(column, set()).add(name)
    for kind in ("shops", "dinings"):
        names[f"{kind}_category_id"] = {"category", *LABELS.values()} - {"floor_label"}
    for canonical in TENANT:
        for source in canonical.sources:
            names.setdefault(source, set()).update(names.get(canonical.name, set()))
    return {name: frozenset(found) for name, found in names.items()}


FIELDS_OF_FINDINGS: dict[str, frozenset[str]] = _fields_of_findings()
"""The fields that a finding is about, by its own field: a canonical column, or a field of the API."""


class Names:
    """Names of floors and categories (contract.reference.FLOORS and CATEGORIES) by their ids."""

    def __init__(self, floors: pl.DataFrame, categories: pl.DataFrame) -> None:
        shown = categories.select("id", pl.coalesce("name_en", "name_th", "slug"))
        self.floors = floors
        self.categories = categories
        self._names: dict[str, dict[int, str | None]] = {
            "floor": dict(floors.select("id", "name").iter_rows()),
            "category": dict(shown.iter_rows()),
        }

    def value(self, field: str, text: str | int | None) -> Value:
        """Return a field's value from its text; the id of a floor or category gets its name, hours their words.

        All links of a row that is to go are one text.
        """
        if text is None:
            return None
        if field == "hours":
            return readable(str(text))
        return self.reference(field, text) if field in self._names and str(text).isdecimal() else str(text)

    def reference(self, field: str, key: str | int | None) -> Reference | None:
        """Return a floor or category by its id; null has none. `field` is floor or category."""
        return None if key is None else Reference(int(key), self._names[field].get(int(key)))
