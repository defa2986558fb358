"""Dates as text to moments in UTC."""

from datetime import UTC, datetime

import polars as pl
import pytest

from etl.transform.dates import Tenancy, read_tenancy

BANGKOK = "Asia/Bangkok"


def read(start: str | None, end: str | None = None, timezone: str = BANGKOK) -> Tenancy:
    """Read the dates of one tenancy."""
    return read_tenancy(
        pl.Series("startDate", [start], dtype=pl.String),
        pl.Series("endDate", [end], dtype=pl.String),
        timezone,
    )


def moments(tenancy: Tenancy) -> tuple[datetime | None, datetime | None]:
    """Return the one start and end."""
    return tenancy.starts[0], tenancy.ends[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-01-05", datetime(2024, 1, 5, tzinfo=UTC)),
        ("2024-1-5", datetime(2024, 1, 5, tzinfo=UTC)),
        ("2024/01/05", datetime(2024, 1, 5, tzinfo=UTC)),
        ("05/01/2024", datetime(2024, 1, 5, tzinfo=UTC)),
        ("5-1-2024 9:30", datetime(2024, 1, 5, 2, 30, tzinfo=UTC)),
        ("31/12/2024 23:59:58", datetime(2024, 12, 31, 16, 59, 58, tzinfo=UTC)),
        ("2019-10-22 17:11:00", datetime(2019, 10, 22, 10, 11, tzinfo=UTC)),
        ("2024-01-05T10:20:30Z", datetime(2024, 1, 5, 10, 20, 30, tzinfo=UTC)),
        ("2024-01-05T10:20:30", datetime(2024, 1, 5, 3, 20, 30, tzinfo=UTC)),
        ("2024-01-05 00:00:00", datetime(2024, 1, 4, 17, tzinfo=UTC)),
        ("2024-01-05 10:20:30.1239Z", datetime(2024, 1, 5, 10, 20, 30, 123_000, tzinfo=UTC)),
        ("2024-01-05T10:20:30.5", datetime(2024, 1, 5, 3, 20, 30, 500_000, tzinfo=UTC)),
        ("2024-01-05T00:00:00.000+0700", datetime(2024, 1, 4, 17, tzinfo=UTC)),
        ("2024-01-05T00:00:00+07:00", datetime(2024, 1, 4, 17, tzinfo=UTC)),
        ("2024-01-05T00:00 -03:30", datetime(2024, 1, 5, 3, 30, tzinfo=UTC)),
        ("2024-01-05T00:00+07", datetime(2024, 1, 4, 17, tzinfo=UTC)),
        ("1704412800123", datetime(2024, 1, 5, 0, 0, 0, 123_000, tzinfo=UTC)),
        ("2567-01-05", datetime(2024, 1, 5, tzinfo=UTC)),
        ("2567-01-05 07:00", datetime(2024, 1, 5, tzinfo=UTC)),
        ("29/02/2567", datetime(2024, 2, 29, tzinfo=UTC)),
        ("๒๕๖๗-๐๑-๐๕", datetime(2024, 1, 5, tzinfo=UTC)),
        ("1900-01-01", datetime(1900, 1, 1, tzinfo=UTC)),
        ("2200-12-31", datetime(2200, 12, 31, tzinfo=UTC)),
    ],
)
def test_readable_dates(text: str, expected: datetime) -> None:
    """ISO, Thai order, epoch milliseconds, Buddhist years and Thai digits; a time without a zone is the mall's."""
    tenancy = read(text, text)
    assert tenancy.starts.dtype == pl.Datetime("ms", "UTC")
    assert moments(tenancy) == (expected, expected)
    assert (tenancy.bad_starts[0], tenancy.bad_ends[0]) == (False, False)


@pytest.mark.parametrize(
    "text",
    [
        "soon",
        "2024",
        "31/12/67",
        "2024-13-01",
        "12/25/2024",
        "2023-02-29",
        "29/02/2566",
        "2024-01-05T24:00:00",
        "2024-01-05T10:60",
        "2024-01-05T10:00:60",
        "2024-01-05T10:00+15:00",
        "2024-01-05T10:00+07:60",
        "2024-01-05Z10:00",
        "2024-01-05 and more",
        "1899-12-31",
        "2201-01-01",
        "0001-01-01",
        "9999-12-30",
        "9999999999999",
        "170441280012",
    ],
)
def test_unreadable_dates(text: str) -> None:
    """What is not a day of the calendar, no time of day, or outside 1900 to 2200 is null and reported."""
    tenancy = read(text, text)
    assert moments(tenancy) == (None, None)
    assert (tenancy.bad_starts[0], tenancy.bad_ends[0]) == (True, True)


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        ("9999-12-31", datetime(9999, 12, 31, tzinfo=UTC)),
        ("9999-12-31 23:59:00", datetime(9999, 12, 31, 16, 59, tzinfo=UTC)),
        ("9999-12-31T23:59:59-10:00", datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)),
    ],
)
def test_no_end(end: str, expected: datetime) -> None:
    """The last day there is means no end: it is loaded as it is, and is no start."""
    tenancy = read(end, end)
    assert moments(tenancy) == (None, expected)
    assert (tenancy.bad_starts[0], tenancy.bad_ends[0]) == (True, False)
    assert not tenancy.past(datetime(2026, 1, 1, tzinfo=UTC))[0]


@pytest.mark.parametrize(
    ("start", "end", "years"),
    [
        ("2567-01-31", None, (2024, None)),
        ("2567-01-31", "2568-01-31", (2024, 2025)),
        ("2567-01-31", "2025-01-31", (2024, 2025)),
        ("2024-01-01", "2567-01-31", (2024, 2024)),
        ("2567-01-31", "9999-12-31", (2024, 9999)),
        ("2024-01-01", "2500-12-31", (2024, None)),
        ("2567-01-31", "2540-01-31", (2024, None)),
        ("2567-01-31", "2020-01-31", (None, 2020)),
        ("soon", "2567-01-31", (None, 2024)),
    ],
)
def test_a_buddhist_year_makes_no_end_before_its_start(
    start: str, end: str | None, years: tuple[int | None, int | None]
) -> None:
    """Such a year is taken for no Buddhist one, and is out of range: unreadable."""
    tenancy = read(start, end)
    found = moments(tenancy)
    assert tuple(moment and moment.year for moment in found) == years
    bad = (tenancy.bad_starts[0], tenancy.bad_ends[0])
    assert bad == (years[0] is None, end is not None and years[1] is None)
    assert not tenancy.reversed[0]


def test_start_after_end() -> None:
    """Both stay as they are, and it is told; the same moment is none after the other."""
    tenancy = read("2024-02-01", "2023-01-01")
    assert moments(tenancy) == (datetime(2024, 2, 1, tzinfo=UTC), datetime(2023, 1, 1, tzinfo=UTC))
    assert tenancy.reversed[0]
    assert not read("2024-02-01", "2024-02-01").reversed[0]
    assert not read("2024-02-01").reversed[0]


@pytest.mark.parametrize(
    ("end", "now", "is_past"),
    [
        ("2024-05-31", datetime(2024, 5, 31, 23, 59, tzinfo=UTC), False),
        ("2024-05-31", datetime(2024, 6, 1, 0, 0, 1, tzinfo=UTC), True),
        ("2024-05-31 23:59:00", datetime(2024, 5, 31, 16, 58, tzinfo=UTC), False),
        ("2024-05-31 23:59:00", datetime(2024, 5, 31, 17, 0, tzinfo=UTC), True),
        ("2024-05-31", None, False),
        (None, datetime(2024, 6, 1, tzinfo=UTC), False),
    ],
)
def test_an_end_is_past(end: str | None, now: datetime | None, is_past: bool) -> None:
    """A plain date lasts a day; without a moment of the run nothing is past."""
    assert read(None, end).past(now)[0] is is_past


def test_another_zone_with_summer_time() -> None:
    """Of a time that clocks show twice the first is meant; of one that they skip, an hour later."""
    tenancy = read("2024-03-10 02:30:00", "2024-11-03 01:30:00", "America/New_York")
    assert moments(tenancy) == (
        datetime(2024, 3, 10, 7, 30, tzinfo=UTC),
        datetime(2024, 11, 3, 5, 30, tzinfo=UTC),
    )


def test_rows_stay_in_order() -> None:
    """Rows are 1:1 in order, doubled texts and nulls included; a null is not unreadable."""
    texts = pl.Series(["x", None, "2024-01-05", "x", "2024-01-05"])
    tenancy = read_tenancy(texts, texts.reverse(), BANGKOK)
    day = datetime(2024, 1, 5, tzinfo=UTC)
    assert tenancy.starts.to_list() == [None, None, day, None, day]
    assert tenancy.ends.to_list() == [day, None, day, None, None]
    assert tenancy.bad_starts.to_list() == [True, False, False, True, False]


def test_no_rows() -> None:
    """No texts, no dates."""
    nothing = pl.Series([], dtype=pl.String)
    tenancy = read_tenancy(nothing, nothing, BANGKOK)
    assert (len(tenancy.starts), len(tenancy.bad_ends)) == (0, 0)
