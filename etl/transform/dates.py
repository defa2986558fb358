"""Dates as text to moments in UTC.

Read are ISO dates and date-times (`-` or `/`, `T` or space, fraction, `Z` or offset), `dd/mm/yyyy` and
`dd-mm-yyyy` (day first, as in Thailand; optional time) and epoch milliseconds (13 digits). Thai digits are
digits. A plain date is midnight UTC, as it was for the earlier job (JavaScript's rule); a date-time without a zone is the
mall's time. Fractions are cut to milliseconds. Years from 2400 on are Buddhist, unless that made an end before its start.
9999-12-31 as an end means that there is none.
"""

from dataclasses import dataclass
from datetime import datetime

import polars as pl

MOMENT = pl.Datetime("ms", "UTC")
MIN_YEAR, MAX_YEAR = 1900, 2200
FIRST_BUDDHIST_YEAR, BUDDHIST_OFFSET = 2400, 543

_NO_END = (9999, 12, 31)
_DAY_MS, _HOUR_MS = 86_400_000, 3_600_000
_LAST_MS = 253_402_300_799_999  # of the year 9999, beyond which no date of Python's lies
_THAI_DIGITS = dict(zip("๐๑๒๓๔๕๖๗๘๙", "0123456789", strict=True))
_TIME = (
    r"(?:(?:[Tt]|\s+)(?<hour>[0-9]{1,2}):(?<minute>[0-9]{2})(?::(?<second>[0-9]{2})(?:[.,](?<fraction>[0-9]{1,9}))?)?"
    r"\s*(?:(?<utc>[Zz])|(?<sign>[+-])(?<zone_hours>[0-9]{2}):?(?<zone_minutes>[0-9]{2})?)?)?"
)
_YEAR_FIRST = rf"^(?<year>[0-9]{{4}})[-/](?<month>[0-9]{{1,2}})[-/](?<day>[0-9]{{1,2}}){_TIME}$"
_DAY_FIRST = rf"^(?<day>[0-9]{{1,2}})[-/](?<month>[0-9]{{1,2}})[-/](?<year>[0-9]{{4}}){_TIME}$"
_EPOCH_MS = "^[0-9]{13}$"


@dataclass(frozen=True)
class Tenancy:
    """Starts and ends read from text, 1:1 with it.

    Attributes:
        starts, ends: MOMENT; null where the text is null or can't be read.
        bad_starts, bad_ends: Boolean: there is text, and it is not a date or lies outside MIN_YEAR..MAX_YEAR.
    """

    starts: pl.Series
    ends: pl.Series
    bad_starts: pl.Series
    bad_ends: pl.Series

    @property
    def reversed(self) -> pl.Series:
        """Whether the start is after the end."""
        return (self.starts > self.ends).fill_null(value=False)

    def past(self, now: datetime | None) -> pl.Series:
        """Whether the end is past; a plain date, which is midnight UTC, lasts a day."""
        ends = self.ends.to_physical()
        over = ends + (ends % _DAY_MS == 0).cast(pl.Int64) * _DAY_MS
        moment = None if now is None else int(now.timestamp() * 1000)
        return (over < pl.Series([moment], dtype=pl.Int64)).fill_null(value=False)


def read_tenancy(starts: pl.Series, ends: pl.Series, timezone: str) -> Tenancy:
    """Read the dates of tenancies; each distinct text once.

    Rows: 1:1, order kept. The texts are clean: trimmed, null where blank.

    Args:
        starts: Texts.
        ends: Texts of the same records.
        timezone: Of date-times without a zone; a name of the IANA database.
    """
    known = _known(pl.concat([starts.rename("text"), ends.rename("text")]), timezone)
    pairs = [
        pl.DataFrame({"text": texts})
        .join(known, on="text", how="left", maintain_order="left")
        .select(pl.all().name.prefix(side))
        for side, texts in (("start_", starts), ("end_", ends))
    ]
    start = pl.coalesce("start_moment", "start_buddhist")
    end = pl.coalesce("end_moment", "end_no_end", "end_buddhist")
    is_reversed = (start > end).fill_null(value=False)
    end_is_buddhist = pl.coalesce("end_moment", "end_no_end").is_null()
    read = pl.concat(pairs, how="horizontal").select(
        start=pl.when(~(is_reversed & ~end_is_buddhist & pl.col("start_moment").is_null())).then(start),
        end=pl.when(~(is_reversed & end_is_buddhist)).then(end),
    )
    moments = [read[name].cast(pl.Datetime("ms")).dt.replace_time_zone("UTC") for name in ("start", "end")]
    bad = [
        texts.is_not_null() & moment.is_null() for texts, moment in zip((starts, ends), moments, strict=True)
    ]
    return Tenancy(*moments, *bad)


def _known(texts: pl.Series, timezone: str) -> pl.DataFrame:
    """Read each distinct text: what it says, what it says in Buddhist years, and whether it says no end; epoch ms."""
    plain = pl.col("text").str.replace_many(_THAI_DIGITS)
    parts = (
        pl.DataFrame({"text": texts.unique().drop_nulls()}, schema={"text": pl.String})
        .with_columns(
            year_first=plain.str.extract_groups(_YEAR_FIRST), day_first=plain.str.extract_groups(_DAY_FIRST)
        )
        .with_columns(
            year=_number("year"),
            epoch=pl.when(plain.str.contains(_EPOCH_MS)).then(plain.cast(pl.Int64, strict=False)),
        )
    )
    none = pl.lit(None, dtype=pl.Int64)
    has_late = (
        parts["year"] >= FIRST_BUDDHIST_YEAR
    ).any()  # few feeds have: the rest is not asked for what they mean
    year, epoch = pl.col("year"), pl.col("epoch")
    buddhist = pl.when(year >= FIRST_BUDDHIST_YEAR).then(_in_range(year - BUDDHIST_OFFSET))
    is_no_end = (year == _NO_END[0]) & (_number("month") == _NO_END[1]) & (_number("day") == _NO_END[2])
    no_end = _calendar_moment(pl.when(is_no_end).then(year), timezone).clip(upper_bound=_LAST_MS)
    return parts.select(
        "text",
        moment=pl.coalesce(
            _calendar_moment(_in_range(year), timezone),
            pl.when(_in_range(pl.from_epoch(epoch, "ms").dt.year()).is_not_null()).then(epoch),
        ),
        buddhist=_calendar_moment(buddhist, timezone) if has_late else none,
        no_end=no_end if has_late else none,
    )


def _in_range(year: pl.Expr) -> pl.Expr:
    """Return a year; null outside MIN_YEAR..MAX_YEAR."""
    return pl.when(year.is_between(MIN_YEAR, MAX_YEAR)).then(year)


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


def _calendar_moment(year: pl.Expr, timezone: str) -> pl.Expr:
    """Make a moment of the parts, in epoch ms; null where they are not a date, or not a time of day."""
    numbers = [year, *(_number(name) for name in ("month", "day", "hour", "minute", "second"))]
    text = pl.format("{}-{}-{} {}:{}:{}", *(number.cast(pl.String).str.zfill(2) for number in numbers))
    written = text.str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="ms", strict=False)
    fraction_ms = _part("fraction").str.pad_end(3, "0").str.slice(0, 3).cast(pl.Int64).fill_null(0)
    has_zone = _part("hour").is_null() | _part("utc").is_not_null() | _part("sign").is_not_null()
    moment = (
        pl.when(has_zone).then(written.cast(pl.Int64) - _zone_ms()).otherwise(_in_zone(written, timezone))
    )
    return pl.when(_part("year").is_not_null() & (_number("second") < 60)).then(moment + fraction_ms)


def _in_zone(written: pl.Expr, timezone: str) -> pl.Expr:
    """Return the moment at which clocks of a zone show a time; of two the first, of none an hour later."""
    later = (written.cast(pl.Int64) + _HOUR_MS).cast(pl.Datetime("ms"))
    shown = [
        each.dt.replace_time_zone(timezone, ambiguous="earliest", non_existent="null").cast(pl.Int64)
        for each in (written, later)
    ]
    return pl.coalesce(shown)
