"""Raw records to canonical tenants: the rules of the other modules, put together."""

from dataclasses import dataclass

import polars as pl

from etl.contract.issue import ISSUE, MAX_VALUE, finding_columns, words_column
from etl.contract.tenant import CONTENT, polars_schema
from etl.transform.dates import MAX_YEAR, MIN_YEAR, parse_dates
from etl.transform.floors import floor_label, split_floor_label
from etl.transform.hours import HOURS, parse_hours
from etl.transform.kind import kind
from etl.transform.slug import slug_stems
from etl.transform.text import Mode, clean_columns, show_control_characters

MAX_UNIQUE_ID_BYTES = 1000  # what Postgres can index, with room for a floor

MODES: dict[str, Mode] = {
    **dict.fromkeys(
        ("uniqueId", "tenantId", "brandNameEn", "brandNameTh", "shopNameEnglish", "shopNameThai"), "line"
    ),
    **dict.fromkeys(("unit", "zone", "tel", "startDate", "endDate"), "line"),
    **dict.fromkeys(("floorRevised", "floor", "categoryNameEn", "categoryNameTh"), "line"),
    **dict.fromkeys(("descriptionEn", "descriptionTh", "openingHours"), "text"),
    "website": "address",
}
"""How each of the API's fields that are used is cleaned."""

USED: tuple[str, ...] = tuple(MODES)
"""The API's fields that are used: all that `transform` needs of a raw frame."""

TENANTS: dict[str, pl.DataType] = {
    "position": pl.Int64(),  # of the record in the feed
    "unique_id": pl.String(),  # never null
    "tenant_id": pl.String(),
    "kind": pl.String(),  # shops or dinings
    "slug_stem": pl.String(),  # never null
    **polars_schema(CONTENT),
    "floor_label": pl.String(),  # floorRevised, else floor
    "floor_parts": pl.List(pl.String()),  # of floor_label; never null, may be empty
    "category_label_en": pl.String(),
    "category_label_th": pl.String(),
}
"""Columns of a frame of transformed tenants, one row a record; match/ gives them floors and categories."""

REJECTED: dict[str, pl.DataType] = {"position": pl.Int64(), "unique_id": pl.String()}
"""Columns of a frame of rejected records."""

_FOUND = {"row": pl.UInt32(), **{name: ISSUE[name] for name in ISSUE if name != "unique_id"}}


@dataclass(frozen=True)
class Transformed:
    """What became of a frame of raw records.

    Attributes:
        tenants: TENANTS, one row per accepted record, in feed order.
        rejected: REJECTED, one row per rejected record, in feed order.
        issues: contract ISSUE, in feed order.
        repairs: Name of a repair of text (text.REPAIRS) to the number of values it changed.
    """

    tenants: pl.DataFrame
    rejected: pl.DataFrame
    issues: pl.DataFrame
    repairs: dict[str, int]


def transform(raw: pl.DataFrame, first_position: int, id_prefix: str = "") -> Transformed:
    """Make canonical tenants of raw records.

    Rows: a record gives one tenant, or is rejected (it has no uniqueId); order kept. Doubled ids are kept:
    whoever sees the whole feed removes them. Raises for no content whatever.

    Args:
        raw: contract RAW_POLARS; other columns are ignored.
        first_position: The feed position of the first row.
        id_prefix: What the ids of this source begin with, so that equal ones of two sources are two records.
    """
    clean, repairs, control = clean_columns(raw, MODES)
    hours = parse_hours(clean["openingHours"])
    dates = {field: parse_dates(clean[field]) for field in ("startDate", "endDate")}
    ids = _ids(clean, id_prefix)
    read_dates = {field: read.values for field, read in dates.items()}
    tenants = _canonical(clean, ids, hours, read_dates, first_position)
    found = [
        _missing_unique_id(tenants),
        _long_unique_id(tenants),
        _no_name(tenants),
        _control_characters(raw, control),
        _unreadable_hours(hours),
        *(_unreadable_date(field, clean[field], read.unreadable) for field, read in dates.items()),
    ]
    accepted = pl.col("unique_id").is_not_null() & ~_is_long
    return Transformed(
        tenants=tenants.filter(accepted),
        rejected=tenants.filter(~accepted).select(list(REJECTED)),
        issues=_issues(found, tenants),
        repairs=repairs,
    )


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
    dates: dict[str, pl.Series],
    first_position: int,
) -> pl.DataFrame:
    """Give every record its canonical row, TENANTS; rows 1:1, unique_id null where the record has none."""
    columns = clean.with_columns(
        *(hours[name] for name in HOURS if name != "unreadable"),
        start_at=dates["startDate"],
        end_at=dates["endDate"],
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
        kind=kind(pl.col("categoryNameEn")),
        floor_parts=split_floor_label(pl.col("floor_label")),
        **{name: pl.col(field) for name, field in renamed.items()},
    ).select(list(TENANTS))


_is_long = pl.col("unique_id").str.len_bytes() > MAX_UNIQUE_ID_BYTES


def _found(
    rows: pl.Series, code: str, field: str | None, message: pl.Expr, value: pl.Series | None
) -> pl.DataFrame:
    """Make findings, one about each row; message and value are 1:1 with rows, or one for all."""
    frame = pl.DataFrame({"row": rows}, schema={"row": pl.UInt32})
    cut = None if value is None else pl.lit(value.str.slice(0, MAX_VALUE))
    return frame.with_columns(finding_columns(code, message, field, cut)).select(list(_FOUND))


def _missing_unique_id(tenants: pl.DataFrame) -> pl.DataFrame:
    rows = tenants["unique_id"].is_null().arg_true()
    messages = _naming_record("missing_unique_id", tenants.gather(rows))
    return _found(rows, "missing_unique_id", "uniqueId", pl.lit(messages), None)


def _naming_record(code: str, lost: pl.DataFrame, **values: pl.Expr) -> pl.Series:
    """Return the words about records that have no id to be known by; a feed's positions are counted from 1."""
    name = pl.coalesce(
        words_column(code, "name.title", title=pl.coalesce("title_en", "title_th").str.slice(0, 100)),
        words_column(code, "name.tenant_id", tenant_id=pl.col("tenant_id").str.slice(0, 100)),
        words_column(code, "name.none"),
    )
    return lost.select(
        words_column(code, "", position=pl.col("position") + 1, name=name, **values)
    ).to_series()


def _long_unique_id(tenants: pl.DataFrame) -> pl.DataFrame:
    rows = tenants.select(_is_long.fill_null(value=False)).to_series().arg_true()
    lost = tenants.gather(rows)
    messages = _naming_record("long_unique_id", lost, bytes=pl.lit(MAX_UNIQUE_ID_BYTES))
    return _found(rows, "long_unique_id", "uniqueId", pl.lit(messages), lost["unique_id"])


def _no_name(tenants: pl.DataFrame) -> pl.DataFrame:
    rows = (tenants["title_en"].is_null() & tenants["title_th"].is_null()).arg_true()
    return _found(rows, "no_name", None, words_column("no_name"), None)


def _control_characters(raw: pl.DataFrame, control: pl.DataFrame) -> pl.DataFrame:
    """Report each record and field that lost control characters; the value shows them as visible escapes."""
    found = [pl.DataFrame(schema=_FOUND)]
    for field in control["field"].unique(maintain_order=True):
        rows = control.filter(pl.col("field") == field)["row"]
        value = show_control_characters(raw[field].gather(rows).str.slice(0, MAX_VALUE))
        message = words_column("control_characters", field=pl.lit(field))
        found.append(_found(rows, "control_characters", field, message, value))
    return pl.concat(found)


def _unreadable_hours(hours: pl.DataFrame) -> pl.DataFrame:
    rows = hours["unreadable"].fill_null(value=False).arg_true()
    message = words_column("unreadable_hours")
    return _found(rows, "unreadable_hours", "openingHours", message, hours["hours_open"].gather(rows))


def _unreadable_date(field: str, texts: pl.Series, unreadable: pl.Series) -> pl.DataFrame:
    rows = unreadable.arg_true()
    message = words_column(
        "unreadable_date", field=pl.lit(field), first_year=pl.lit(MIN_YEAR), last_year=pl.lit(MAX_YEAR)
    )
    return _found(rows, "unreadable_date", field, message, texts.gather(rows))


def _issues(found: list[pl.DataFrame], tenants: pl.DataFrame) -> pl.DataFrame:
    """Join findings in feed order; of a record that was not loaded only errors are kept."""
    findings = pl.concat(found)
    unique_ids = tenants.select(pl.when(_is_long).then(None).otherwise("unique_id")).to_series()
    return (
        findings.with_columns(unique_id=unique_ids.gather(findings["row"]))
        .filter((pl.col("severity") == "error") | pl.col("unique_id").is_not_null())
        .sort("row", maintain_order=True)
        .select(list(ISSUE))
    )
