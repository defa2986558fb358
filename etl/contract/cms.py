"""The CMS's tables that the job uses, and what each of their columns must hold; its own are in sql/schema.

`etl check`, `init`, `diff` and `sync` hold a database to this list (etl/db/catalogue.py).
"""

from typing import Literal, NamedTuple

from etl.contract import hours
from etl.contract.tenant import BASE, FIELDS, KINDS, TENANT, Kind, Part

Holds = Literal["integer", "text", "choice", "boolean", "number", "time"]
"""What a column may hold: a choice is an enum or text; a number has any numeric type."""


class CmsColumn(NamedTuple):
    """A column of the CMS: its name, what it must hold, and the labels that an enum there must have."""

    name: str
    holds: Holds
    labels: tuple[str, ...] = ()


LANGUAGES = ("en", "th", "zh")
"""The locales in which the job writes texts."""

_STATUS = CmsColumn("status", "choice", ("ACTIVE", "INACTIVE"))
_HOLDS: dict[str, Holds] = {"text": "text", "int4": "integer", "bool": "boolean", "timestamptz": "time"}
_ID = CmsColumn("id", "integer")
_PARENT = CmsColumn("_parent_id", "integer")

READ: dict[str, tuple[CmsColumn, ...]] = {
    "floors": (_ID, CmsColumn("name", "text"), CmsColumn("order", "number"), _STATUS),
    "categories": (_ID, CmsColumn("type", "choice", KINDS), _STATUS, CmsColumn("slug", "text")),
    "categories_locales": (CmsColumn("_locale", "choice", ("en", "th")), _PARENT, CmsColumn("name", "text")),
}
"""Tables that the job only reads."""

_OWN: dict[str, tuple[CmsColumn, ...]] = {
    "": (
        _ID,
        CmsColumn("unique_id", "text"),
        CmsColumn("slug", "text"),
        CmsColumn("updated_at", "time"),
        CmsColumn("created_at", "time"),
        *(CmsColumn(name, _HOLDS[pg_type]) for name, pg_type in hours.COLUMNS.items()),
    ),
    "_locales": (_ID, CmsColumn("_locale", "choice", LANGUAGES), _PARENT),
    "_rels": (
        _ID,
        CmsColumn("order", "number"),
        CmsColumn("parent_id", "integer"),
        CmsColumn("path", "text"),
    ),
    "_opening_hours_per_day": (
        CmsColumn("id", "text"),
        CmsColumn("_order", "number"),
        _PARENT,
        CmsColumn("day", "choice", hours.DAYS),
        CmsColumn("open", "text"),
        CmsColumn("close", "text"),
    ),
}
"""Columns that the job uses in the tables of shops and of dinings beside the contract's fields."""

_PART_TABLES: dict[Part, str] = {
    "record": "",
    "locale": "_locales",
    "category_link": "_rels",
}
_CONSTANTS: dict[str, CmsColumn] = {
    "status": _STATUS,
    "sort_order": CmsColumn("sort_order", "number"),
    "is_featured": CmsColumn("is_featured", "boolean"),
    "pin_to_iconluxe": CmsColumn("pin_to_iconluxe", "boolean"),
    "short_alphabet": CmsColumn("short_alphabet", "text"),
}
_PG_TYPES = {column.name: column.pg_type for column in (*TENANT, *BASE)}


def _of_fields(suffix: str) -> tuple[CmsColumn, ...]:
    """Return the columns of the contract's fields in a table, each once."""
    found: dict[str, CmsColumn] = {}
    for field in FIELDS:
        name = field.cms_column
        if _PART_TABLES.get(field.part) == suffix:  # the hours are among the job's own columns, above
            found[name] = _CONSTANTS.get(name) or CmsColumn(name, _HOLDS[_PG_TYPES[field.column or ""]])
    return tuple(found.values())


WRITTEN: dict[str, tuple[CmsColumn, ...]] = {
    f"{kind}{suffix}": (*own, *_of_fields(suffix)) for kind in KINDS for suffix, own in _OWN.items()
}
"""Tables that the job writes, each with every column that it uses."""

TABLES: dict[str, tuple[CmsColumn, ...]] = {**READ, **WRITTEN}
"""All tables that the job can't do without."""


def versions_of(kind: Kind) -> str:
    """Return the table in which a CMS that keeps versions has those of a kind."""
    return f"_{kind}_v"


def _of_version(kind: Kind, ending: str) -> tuple[CmsColumn, ...]:
    """Return the columns that the job uses in a table of versions, from those of the record's own."""
    columns = WRITTEN[f"{kind}{ending}"]
    if ending in {"_rels", "_opening_hours_per_day"}:
        return tuple(_ID if column.name == "id" else column for column in columns)
    own = ("id", "_locale", "_parent_id")
    copied = [
        column if column.name in own else column._replace(name=f"version_{column.name}") for column in columns
    ]
    times = (CmsColumn("created_at", "time"), CmsColumn("updated_at", "time"))
    return (*copied, CmsColumn("parent_id", "integer"), *times) if not ending else tuple(copied)


VERSION_TABLES: dict[Kind, dict[str, tuple[CmsColumn, ...]]] = {
    kind: {
        f"{versions_of(kind)}{'_version' if ending == '_opening_hours_per_day' else ''}{ending}": _of_version(
            kind, ending
        )
        for ending in _OWN
    }
    for kind in KINDS
}
"""Tables in which a CMS may keep versions of shops and dinings, each with the columns that the job uses."""

LOCKS, LOCKED = "payload_locked_documents", "payload_locked_documents_rels"
"""Where Payload notes which documents somebody is editing, and what they are; a CMS may go without."""

OPTIONAL: dict[str, tuple[CmsColumn, ...]] = {
    LOCKS: (_ID, CmsColumn("updated_at", "time")),
    LOCKED: (
        CmsColumn("parent_id", "integer"),
        CmsColumn("path", "text"),
        *(CmsColumn(f"{kind}_id", "integer") for kind in KINDS),
    ),
}
"""Tables that the job reads where they are; a column that is not there counts as empty."""

SCREEN = (
    "api_sync_logs",
    "api_sync_logs_errors",
    "api_sync_logs_validation_issues",
    "api_sync_logs_unmapped_data_unmapped_floors",
    "api_sync_logs_unmapped_data_unmapped_categories",
)
"""The CMS's own screen of runs, which it may not have."""
