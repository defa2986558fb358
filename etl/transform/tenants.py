"""Raw records to canonical tenants: the rules of the other modules, put together."""

from dataclasses import dataclass, field

import polars as pl

from etl.contract.clock import Clock
from etl.contract.issue import ISSUE
from etl.contract.raw import COUNTED, EXTRA
from etl.contract.tenant import CONTENT, SENT, polars_schema
from etl.transform import findings
from etl.transform.copies import COMPARED
from etl.transform.dates import Tenancy, read_tenancy
from etl.transform.floors import floor_label, split_floor_label
from etl.transform.hours import parse_hours
from etl.transform.odd_values import odd_values
from etl.transform.slug import slug_stems
from etl.transform.text import Mode, clean_columns
from etl.transform.website import complete_websites

MAX_UNIQUE_ID_BYTES = findings.MAX_UNIQUE_ID_BYTES

MODES: dict[str, Mode] = {
    **dict.fromkeys(
        ("uniqueId", "tenantId", "brandNameEn", "brandNameTh", "shopNameEnglish", "shopNameThai"), "line"
    ),
    **dict.fromkeys(("unit", "zone", "tel", "startDate", "endDate"), "line"),
    # a line end parts the floors of a list
    **dict.fromkeys(("floorRevised", "floor"), "lines"),
    **dict.fromkeys(("categoryNameEn", "categoryNameTh"), "line"),
    **dict.fromkeys(("descriptionEn", "descriptionTh"), "text"),
    "openingHours": "lines",
    "website": "address",
}
"""How each of the API's fields that the CMS gets something of is cleaned."""

FILLED: dict[str, Mode] = {
    **{name: mode for name, mode in MODES.items() if name != "uniqueId"},
    **dict.fromkeys(findings.STATUSES, "line"),
}
"""The fields that are filled from an earlier copy of a record where they are blank."""

USED: tuple[str, ...] = (*MODES, *findings.STATUSES, EXTRA)
"""The API's fields that are used: all that `transform` needs of a raw frame."""

TENANTS: dict[str, pl.DataType] = {
    "position": pl.Int64(),  # of the record in the feed
    "unique_id": pl.String(),  # never null
    "tenant_id": pl.String(),
    "slug_stem": pl.String(),  # never null
    **polars_schema((*CONTENT, SENT)),
    "floor_label": pl.String(),  # floorRevised, else floor
    "floor_parts": pl.List(pl.String()),  # of floor_label; never null, may be empty
    "category_label_en": pl.String(),
    "category_label_th": pl.String(),
}
"""Columns of a frame of transformed tenants, one row a record; match/ gives them floors, kind and categories."""

REJECTED: dict[str, pl.DataType] = {"position": pl.Int64(), "unique_id": pl.String()}
"""Columns of a frame of rejected records."""


@dataclass(frozen=True)
class Transformed:
    """What became of a frame of raw records.

    Attributes:
        tenants: TENANTS, one row per accepted record, in feed order.
        rejected: REJECTED, one row per rejected record, in feed order.
        issues: contract ISSUE, in feed order.
        repairs: Name of a repair (text.REPAIRS, website_scheme) to the number of values it changed.
    """

    tenants: pl.DataFrame
    rejected: pl.DataFrame
    issues: pl.DataFrame
    repairs: dict[str, int]


@dataclass(frozen=True)
class Copies:
    """The copies that concern a frame of raw records.

    Attributes:
        dropped: Rows of the frame whose record comes again later.
        compared: COMPARED and `row`: the copies that came before records of the frame, with which these were filled.
    """

    dropped: pl.Series = field(default_factory=lambda: pl.Series(dtype=pl.Int64))
    compared: pl.DataFrame = field(
        default_factory=lambda: pl.DataFrame(schema=COMPARED | {"row": pl.Int64()})
    )


def transform(
    raw: pl.DataFrame,
    first_position: int,
    id_prefix: str = "",
    clock: Clock | None = None,
    copies: Copies | None = None,
) -> Transformed:
    """Make canonical tenants of raw records.

    Rows: a record gives one tenant, or is rejected (it has no uniqueId), or dropped (it came again later); order kept.
    Raises for no content whatever.

    Args:
        raw: contract RAW_POLARS, or the columns of USED.
        first_position: The feed position of the first row.
        id_prefix: What the ids of this source begin with, so that equal ones of two sources are two records.
        clock: The mall's time; None for that of malls without a setting, at no moment.
        copies: Those that concern the frame; None where none does.
    """
    clock, copies = clock or Clock(), copies or Copies()
    cleaned, repairs, lost = clean_columns(raw, MODES)
    clean = cleaned.with_columns(complete_websites(cleaned["website"]))
    hours = parse_hours(clean["openingHours"])
    tenancy = read_tenancy(clean["startDate"], clean["endDate"], clock.timezone)
    tenants = _canonical(clean, _ids(clean, id_prefix), hours, tenancy, first_position)
    odd = odd_values(raw, list(MODES))
    found = [
        findings.missing_unique_id(tenants, odd),
        findings.long_unique_id(tenants),
        findings.copies(copies.compared),
        findings.names(tenants),
        findings.odd_values(odd),
        findings.lost_characters(raw, lost),
        findings.unreadable_hours(hours),
        findings.bad_website(cleaned["website"], clean["website"]),
        findings.dates(clean, tenancy, clock.now),
        findings.not_active(raw),
    ]
    is_dropped = (pl.col("position") - first_position).is_in(copies.dropped.implode())
    accepted = pl.col("unique_id").is_not_null() & ~findings.IS_LONG & ~is_dropped
    return Transformed(
        tenants=tenants.filter(accepted),
        rejected=tenants.filter(~accepted & ~is_dropped).select(list(REJECTED)),
        issues=_issues(found, tenants.with_columns(is_dropped=is_dropped)),
        repairs=repairs | {"website_scheme": _count_completed(cleaned["website"], clean["website"])},
    )


def _count_completed(before: pl.Series, after: pl.Series) -> int:
    return int((before != after).sum())


def _ids(clean: pl.DataFrame, id_prefix: str) -> pl.DataFrame:
    """Return uniqueId and tenantId as they are told from those of other sources; rows 1:1, null stays null."""
    ids = clean.select("uniqueId", "tenantId")
    return (
        ids.select((pl.lit(id_prefix) + pl.col(name)).alias(name) for name in ids.columns)
        if id_prefix
        else ids
    )


def _canonical(
    clean: pl.DataFrame,
    ids: pl.DataFrame,
    hours: pl.DataFrame,
    tenancy: Tenancy,
    first_position: int,
) -> pl.DataFrame:
    """Give every record its canonical row, TENANTS; rows 1:1, unique_id null where the record has none."""
    columns = clean.with_columns(
        hours["hours"],
        start_at=tenancy.starts,
        end_at=tenancy.ends,
        title_en=pl.coalesce("brandNameEn", "shopNameEnglish"),
        title_th=pl.coalesce("brandNameTh", "shopNameThai"),
        floor_label=floor_label(pl.col("floorRevised"), pl.col("floor")),
    )
    stems = slug_stems([columns["title_en"], columns["title_th"]], [ids["tenantId"], ids["uniqueId"]])
    renamed = {
        "tenant_id": "tenantId",
        "subtitle_en": "shopNameThai",
        "subtitle_th": "shopNameEnglish",
        "description_en": "descriptionEn",
        "description_th": "descriptionTh",
        "meta_title_en": "brandNameEn",
        "meta_title_th": "brandNameTh",
        "shop_number": "unit",
        "phone": "tel",
        "category_label_en": "categoryNameEn",
        "category_label_th": "categoryNameTh",
    }
    return columns.with_columns(
        stems,
        ids["uniqueId"].alias("unique_id"),
        position=pl.int_range(pl.len(), dtype=pl.Int64) + first_position,
        floor_parts=split_floor_label(pl.col("floor_label")),
        sent_fields=pl.sum_horizontal(
            pl.col(name).is_not_null().cast(pl.Int32) * (1 << place) for place, name in enumerate(COUNTED)
        ),
        **{name: pl.col(field) for name, field in renamed.items()},
    ).select(list(TENANTS))


def _issues(found: list[pl.DataFrame], tenants: pl.DataFrame) -> pl.DataFrame:
    """Join findings in feed order; none of a copy that was dropped, and only errors of a record that was not loaded."""
    every = pl.concat(found)
    about = tenants.select(
        "is_dropped", unique_id=pl.when(findings.IS_LONG).then(None).otherwise("unique_id")
    )[every["row"]]
    return (
        pl.concat([every, about], how="horizontal")
        .filter(~pl.col("is_dropped") & ((pl.col("severity") == "error") | pl.col("unique_id").is_not_null()))
        .sort("row", maintain_order=True)
        .select(list(ISSUE))
    )
