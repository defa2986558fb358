"""Dates as text to moments in UTC.

Read are ISO dates and date-times (`-` or `/`, `T` or space, fraction, `Z` or offset), `dd/mm/yyyy` and
`dd-mm-yyyy` (day first, as in Thailand; optional time) and epoch milliseconds (13 digits). Thai digits are
digits; years from 2400 on are Buddhist. Without a zone the time is UTC, as it was for the earlier job
(JavaScript's rule for plain dates, and its container's zone). Fractions are cut to milliseconds.
"""

from dataclasses import dataclass

import polars as pl

MOMENT = pl.Datetime("ms", "UTC")
MIN_YEAR, MAX_YEAR = 1900, 2200
FIRST_BUDDHIST_YEAR, BUDDHIST_OFFSET = 2400, 543

_THAI_DIGITS = dict(zip("๐๑๒๓๔๕๖๗๘๙", "0123456789", strict=True))
_TIME = (
    r"(?:(?:[Tt]|\s+)(?<hour>[0-9]{1,2}):(?<minute>[0-9]{2})(?::(?<second>[0-9]{2})(?:[.,](?<fraction>[0-9]{1,9}))?)?"
    r"\s*(?:[Zz]|(?<sign>[+-])(?<zone_hours>[0-9]{2}):?(?<zone_minutes>[0-9]{2})?)?)?"
)
_YEAR_FIRST = rf"^(?<year>[0-9]{{4}})[-/](?<month>[0-9]{{1,2}})[-/](?<day>[0-9]{{1,2}}){_TIME}$"
_DAY_FIRST = rf"^(?<day>[0-9]{{1,2}})[-/](?<month>[0-9]{{1,2}})[-/](?<year>[0-9]{{4}}){_TIME}$"
_EPOCH_MS = "^[0-9]{13}$"


@dataclass(frozen=True)
class Dates:
    """Moments read from text.

    Attributes:
        values: MOMENT, 1:1 with the text; null where it is null or can't be read.
        unreadable: Boolean, 1:1: there is text, and it is not a date or lies outside MIN_YEAR..MAX_YEAR.
    """

    values: pl.Series
    unreadable: pl.Series


def _part(name: str) -> pl.Expr:
    year_first, day_first = pl.col("year_first").struct, pl.col("day_first").struct
    return pl.coalesce(year_first.field(name), day_first.field(name))


def _number(name: str) -> pl.Expr:
    return _part(name).cast(pl.Int64, strict=False).fill_null(0)


def _zone_ms() -> pl.Expr:
    minutes = _number("zone_hours") * 60 + _number("zone_minutes")
    in_range = (_number("zone_hours") <= 14) & (_number("zone_minutes") < 60)
    signed = pl.when(_part("sign") == "-").then(-minutes).otherwise(minutes)
    return pl.when(in_range).then(signed * 60_000)


def _calendar_moment() -> pl.Expr:
    """Make a moment of the parts; null where they are not a date, or not a time of day."""
    year = _number("year")
    gregorian = pl.when(year >= FIRST_BUDDHIST_YEAR).then(year - BUDDHIST_OFFSET).otherwise(year)
    numbers = [gregorian, *(_number(name) for name in ("month", "day", "hour", "minute", "second"))]
    text = pl.format("{}-{}-{} {}:{}:{}", *(number.cast(pl.String).str.zfill(2) for number in numbers))
    moment = text.str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="ms", strict=False)
    fraction_ms = _part("fraction").str.pad_end(3, "0").str.slice(0, 3).cast(pl.Int64).fill_null(0)
    shifted = moment.cast(pl.Int64) + fraction_ms - _zone_ms()
    return pl.when(_part("year").is_not_null() & (_number("second") < 60)).then(shifted)


def parse_dates(texts: pl.Series) -> Dates:
    """Read dates; each distinct text once.

    Rows: 1:1, order kept. The texts are clean: trimmed, null where blank.
    """
    distinct = texts.unique().drop_nulls()
    if distinct.is_empty():
        nothing = pl.Series([None], dtype=MOMENT).new_from_index(0, len(texts))
        return Dates(values=nothing, unreadable=texts.is_not_null())
    plain = pl.col("text").str.replace_many(_THAI_DIGITS)
    known = (
        pl.DataFrame({"text": distinct}, schema={"text": pl.String})
        .with_columns(
            year_first=plain.str.extract_groups(_YEAR_FIRST), day_first=plain.str.extract_groups(_DAY_FIRST)
        )
        .with_columns(
            moment=pl.coalesce(
                _calendar_moment(),
                pl.when(plain.str.contains(_EPOCH_MS)).then(plain.cast(pl.Int64, strict=False)),
            ).cast(pl.Datetime("ms"))
        )
        .select("text", pl.when(pl.col("moment").dt.year().is_between(MIN_YEAR, MAX_YEAR)).then("moment"))
    )
    joined = pl.DataFrame({"text": texts}, schema={"text": pl.String}).join(
        known, on="text", how="left", maintain_order="left"
    )
    values = joined["moment"].dt.replace_time_zone("UTC")
    return Dates(values=values, unreadable=texts.is_not_null() & values.is_null())
