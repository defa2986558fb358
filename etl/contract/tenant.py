"""The canonical tenant row, and which of its columns goes where in the CMS.

A record has one such row from transform to audit, with the same column names in the frames, in the staging
tables, in `etl.tenants_base`, in plans and in the audit trail.
"""

from dataclasses import dataclass
from typing import Literal

import polars as pl

Kind = Literal["shops", "dinings"]
KINDS: tuple[Kind, ...] = ("shops", "dinings")
OTHER_KIND: dict[Kind, Kind] = {"shops": "dinings", "dinings": "shops"}

Part = Literal["record", "locale", "category_link", "hours"]
Owner = Literal["source", "created_once"]


@dataclass(frozen=True)
class Column:
    """A column of the canonical row.

    Attributes:
        name: The same in every layer.
        dtype: Its Polars type.
        pg_type: Its Postgres type in staging and in the base.
        sources: The API's fields that it is made of, first choice first.
        meaning: For readers of docs/data-contract.md.
    """

    name: str
    dtype: pl.DataType
    pg_type: str
    sources: tuple[str, ...]
    meaning: str


@dataclass(frozen=True)
class Field:
    """A place in the CMS that a canonical column is written to; the unit of the three-way merge.

    Attributes:
        name: As diffs and the audit call it, e.g. `title_zh`.
        column: The canonical column that it is written from; None for a constant.
        part: Where in the CMS: the record's own table, its locales, its category link; its hours are in three columns of
            the record's own table (contract.hours.COLUMNS) and in the rows of the days, and written all together.
        cms_column: The column there.
        owner: 'source': merged on every sync. 'created_once': written when the row is made, then the editor's.
        locale: en, th or zh where part is 'locale'.
        constant: SQL of the value where column is None.
    """

    name: str
    column: str | None
    part: Part
    cms_column: str
    owner: Owner = "source"
    locale: str | None = None
    constant: str | None = None


_TEXT = (pl.String(), "text")
_INT = (pl.Int32(), "int4")
_BOOL = (pl.Boolean(), "bool")
_TIME = (pl.Datetime("ms", "UTC"), "timestamptz")

CONTENT: tuple[Column, ...] = (
    Column("title_en", *_TEXT, ("brandNameEn", "shopNameEnglish"), "title, English"),
    Column("title_th", *_TEXT, ("brandNameTh", "shopNameThai"), "title, Thai"),
    Column("subtitle_en", *_TEXT, ("shopNameThai",), "subtitle of the English page"),
    Column("subtitle_th", *_TEXT, ("shopNameEnglish",), "subtitle of the Thai page"),
    Column("description_en", *_TEXT, ("descriptionEn",), "description, English"),
    Column("description_th", *_TEXT, ("descriptionTh",), "description, Thai"),
    Column("meta_title_en", *_TEXT, ("brandNameEn",), "title for search engines, English"),
    Column("meta_title_th", *_TEXT, ("brandNameTh",), "title for search engines, Thai"),
    Column("shop_number", *_TEXT, ("unit",), "unit number in the building"),
    Column("zone", *_TEXT, ("zone",), "zone of the building"),
    Column("phone", *_TEXT, ("tel",), "phone number"),
    Column("website", *_TEXT, ("website",), "web address"),
    Column("start_at", *_TIME, ("startDate",), "start of the tenancy, UTC"),
    Column("end_at", *_TIME, ("endDate",), "end of the tenancy, UTC"),
    Column(
        "hours",
        *_TEXT,
        ("openingHours",),
        'JSON as Postgres prints it: [same every day, open, close, [["mon", "10:00", "21:00"], …]], days in the order '
        "of the week; text that can't be read is in open",
    ),
)
"""What transform makes of a record and the CMS gets. Null: the source has none, and what is in the CMS stays."""

MATCHED: tuple[Column, ...] = (
    Column("floor_id", *_INT, ("floorRevised", "floor"), "floors.id; null where no floor fits"),
    Column(
        "shops_category_id",
        *_INT,
        ("categoryNameEn", "categoryNameTh"),
        "categories.id of type shops that fits",
    ),
    Column(
        "dinings_category_id",
        *_INT,
        ("categoryNameEn", "categoryNameTh"),
        "categories.id of type dinings that fits",
    ),
)
"""What match adds. A record's row uses the category of the table that it lives in."""

KEYS: tuple[Column, ...] = (
    Column(
        "unique_id",
        *_TEXT,
        ("uniqueId",),
        "names the row; derived (`T123-3F`) where a record has several floors",
    ),
    Column("source_unique_id", *_TEXT, ("uniqueId",), "the uniqueId that the API sent"),
    Column("kind", *_TEXT, ("categoryNameEn",), "shops or dinings, by the category's words"),
    Column(
        "slug_stem",
        *_TEXT,
        ("brandNameEn", "brandNameTh", "tenantId"),
        "slug before it is made unique; used at creation",
    ),
)

SENT = Column(
    "sent_fields",
    *_INT,
    (),
    "which of the API's fields were not blank: a bit each, by the places of raw.COUNTED",
)
"""What drift is seen by: a field that stops coming leaves no trace in the CMS, since a blank erases nothing."""

TENANT: tuple[Column, ...] = (*KEYS, *CONTENT, *MATCHED, SENT)
"""The canonical row: what is staged."""

CATEGORY_ID = Column(
    "category_id", *_INT, (), "shops_category_id or dinings_category_id, by the table of the row"
)

BASE: tuple[Column, ...] = (*CONTENT, MATCHED[0], CATEGORY_ID, SENT)
"""The columns of `etl.tenants_base` that hold what the last sync had from the source."""


def _locale_fields(locale: str, source: str, owner: Owner) -> tuple[Field, ...]:
    def field(name: str, column: str, cms_column: str) -> Field:
        return Field(f"{name}_{locale}", column, "locale", cms_column, owner, locale)

    return (
        field("title", f"title_{source}", "title"),
        field("subtitle", f"subtitle_{source}", "subtitle"),
        field("description", f"description_{source}", "description"),
        field("meta_title", f"meta_title_{source}", "meta_title"),
        field("meta_description", f"description_{source}", "meta_description"),
        field("shop_number", "shop_number", "location_shop_number"),
    )


FIELDS: tuple[Field, ...] = (
    Field("floor", "floor_id", "record", "floor_id"),
    Field("zone", "zone", "record", "location_zone"),
    Field("hours", "hours", "hours", "opening_hours_*"),
    Field("phone", "phone", "record", "contact_info_phone"),
    Field("website", "website", "record", "contact_info_website"),
    Field("start_date", "start_at", "record", "date_range_start_date"),
    Field("end_date", "end_at", "record", "date_range_end_date"),
    Field("category", "category_id", "category_link", "categories_id"),
    *_locale_fields("en", "en", "source"),
    *_locale_fields("th", "th", "source"),
    *_locale_fields("zh", "en", "created_once"),
    Field("status", None, "record", "status", "created_once", constant="'INACTIVE'"),
    Field("sort_order", None, "record", "sort_order", "created_once", constant="0"),
    Field("is_featured", None, "record", "is_featured", "created_once", constant="false"),
    Field("pin_to_iconluxe", None, "record", "pin_to_iconluxe", "created_once", constant="false"),
    Field("short_alphabet", None, "record", "short_alphabet", "created_once", constant="''"),
)
"""Every place in the CMS that the job writes, `unique_id`, `slug`, `created_at` and `updated_at` apart."""

MERGED: tuple[Field, ...] = tuple(field for field in FIELDS if field.owner == "source")
"""The fields that every sync merges."""


def polars_schema(columns: tuple[Column, ...]) -> dict[str, pl.DataType]:
    """Return the Polars schema of a frame with these columns."""
    return {column.name: column.dtype for column in columns}
