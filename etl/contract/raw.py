"""The API's fields, as they come: the schema of a snapshot.

Every field is kept as text, null where the API sent null, nothing, or what can't be text: an object, a list, or for an
id anything but text and whole numbers. Such values, and what the API sends beyond these fields, are kept too, as one
JSON object per record in `extra`.
"""

from dataclasses import dataclass

import polars as pl
import pyarrow as pa

EXTRA = "extra"
"""The snapshot's column of unknown fields, and of values that can't be text: a JSON object, null where there are none."""


@dataclass(frozen=True)
class RawField:
    """A field of the API's record.

    Attributes:
        name: As the API spells it.
        meaning: What it holds, or '' where only the API's owners know.
        is_bool: The API sends true/false, not text. A snapshot holds `true` or `false` as text.
    """

    name: str
    meaning: str = ""
    is_bool: bool = False


_ATTRIBUTES = (
    "attribute1",
    "attribute2",
    "attribute3Gender3",
    "attribute4Gender4",
    *(f"attribute{n}ProductOffering{n - 4}" for n in range(5, 10)),
    *(f"attribute{n}" for n in range(10, 40)),
)

RAW_FIELDS: tuple[RawField, ...] = (
    RawField("uniqueId", "names the record; the CMS's unique_id"),
    RawField("tenantId", "names the tenant; one tenant may have several records"),
    RawField("sourceSystem"),
    RawField("type"),
    RawField("recordTypeName"),
    RawField("bandCode", "brand code (spelled so by the API)"),
    RawField("brandNameEn", "brand, English"),
    RawField("brandNameTh", "brand, Thai"),
    RawField("buildingName"),
    RawField("buildingCode"),
    RawField("shopNameEnglish", "shop, English"),
    RawField("shopNameThai", "shop, Thai"),
    RawField("status", "in the directory's own words", is_bool=True),
    RawField("statusRevised"),
    RawField("categoryNameEn", "category label, English"),
    RawField("categoryNameTh", "category label, Thai"),
    RawField("subCategoryEn"),
    RawField("subCategoryTh"),
    RawField("zone", "zone of the building"),
    RawField("floor", "floor label"),
    RawField("floorRevised", "floor label, corrected; comes before `floor`"),
    RawField("openingHours", "free text"),
    RawField("lastOrder"),
    RawField("unit", "shop number"),
    RawField("tel", "phone"),
    RawField("contact"),
    RawField("website", "web address"),
    RawField("faqs"),
    RawField("descriptionEn", "description, English"),
    RawField("descriptionTh", "description, Thai"),
    *(RawField(name) for name in _ATTRIBUTES),
    RawField("logo"),
    *(RawField(f"gallery_{n}") for n in range(1, 5)),
    RawField("mapDirectory"),
    RawField("oneSiamTenantOnboard"),
    RawField("siamGiftCard"),
    RawField("changeRequest"),
    RawField("changeReason"),
    RawField("startDate", "first day of the tenancy"),
    RawField("endDate", "last day of the tenancy"),
    RawField("tenantLastUpdate"),
    RawField("mallLastUpdate"),
    RawField("listId"),
    RawField("action"),
    RawField("jobSyncDate"),
)

RAW_NAMES: tuple[str, ...] = tuple(field.name for field in RAW_FIELDS)

COUNTED: tuple[str, ...] = (
    *("uniqueId", "tenantId", "brandNameEn", "brandNameTh", "shopNameEnglish", "shopNameThai"),
    *(
        "categoryNameEn",
        "categoryNameTh",
        "zone",
        "floor",
        "floorRevised",
        "openingHours",
        "unit",
        "tel",
        "website",
    ),
    *("descriptionEn", "descriptionTh", "startDate", "endDate"),
)
"""The fields that the job uses. The place of one is its bit in `sent_fields`, which the base keeps: new ones go last."""

ID_NAMES = ("uniqueId", "tenantId")
"""The fields that are ids: text or a whole number."""

SNAPSHOT_SCHEMA: pa.Schema = pa.schema([(name, pa.string()) for name in (*RAW_NAMES, EXTRA)])
"""The parquet schema of `tenants.parquet` in a snapshot: all text, in the order the API lists them."""

RAW_POLARS: dict[str, pl.DataType] = {name: pl.String() for name in (*RAW_NAMES, EXTRA)}
"""The same for a Polars frame of raw records."""
