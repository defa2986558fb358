"""Dates as text to moments in UTC."""

from datetime import UTC, datetime

import polars as pl
import pytest

from etl.transform.dates import parse_dates


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-01-05", datetime(2024, 1, 5, tzinfo=UTC)),
        ("2024-1-5", datetime(2024, 1, 5, tzinfo=UTC)),
        ("2024/01/05", datetime(2024, 1, 5, tzinfo=UTC)),
        ("05/01/2024", datetime(2024, 1, 5, tzinfo=UTC)),
        ("5-1-2024 9:30", datetime(2024, 1, 5, 9, 30, tzinfo=UTC)),
        ("31/12/2024 23:59:58", datetime(2024, 12, 31, 23, 59, 58, tzinfo=UTC)),
        ("2024-01-05T10:20:30Z", datetime(2024, 1, 5, 10, 20, 30, tzinfo=UTC)),
        ("2024-01-05T10:20:30", datetime(2024, 1, 5, 10, 20, 30, tzinfo=UTC)),
        ("2024-01-05 10:20:30.1239Z", datetime(2024, 1, 5, 10, 20, 30, 123_000, tzinfo=UTC)),
        ("2024-01-05T10:20:30.5", datetime(2024, 1, 5, 10, 20, 30, 500_000, tzinfo=UTC)),
        ("2024-01-05T00:00:00.000+0700", datetime(2024, 1, 4, 17, tzinfo=UTC)),
        ("2024-01-05T00:00:00+07:00", datetime(2024, 1, 4, 17, tzinfo=UTC)),
        ("2024-01-05T00:00 -03:30", datetime(2024, 1, 5, 3, 30, tzinfo=UTC)),
        ("2024-01-05T00:00+07", datetime(2024, 1, 4, 17, tzinfo=UTC)),
        ("1704412800123", datetime(2024, 1, 5, 0, 0, 0, 123_000, tzinfo=UTC)),
        ("2567-01-05", datetime(2024, 1, 5, tzinfo=UTC)),
        ("29/02/2567", datetime(2024, 2, 29, tzinfo=UTC)),
        ("๒๕๖๗-๐๑-๐๕", datetime(2024, 1, 5, tzinfo=UTC)),
        ("1900-01-01", datetime(1900, 1, 1, tzinfo=UTC)),
        ("2200-12-31", datetime(2200, 12, 31, tzinfo=UTC)),
    ],
)
def test_readable_dates(text: str, expected: datetime) -> None:
    """ISO, Thai order, epoch milliseconds, Buddhist years and Thai digits are read; no zone means UTC."""
    read = parse_dates(pl.Series([text]))
    assert read.values.dtype == pl.Datetime("ms", "UTC")
    assert (read.values.to_list(), read.unreadable.to_list()) == ([expected], [False])


@pytest.mark.parametrize(
    "text",
    [
        "soon",
        "-",
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
        "9999-12-31",
        "0000-00-00",
        "9999999999999",
        "170441280012",
    ],
)
def test_unreadable_dates(text: str) -> None:
    """What is not a day of the calendar, no time of day, or outside 1900 to 2200 is null and reported."""
    read = parse_dates(pl.Series([text]))
    assert (read.values.to_list(), read.unreadable.to_list()) == ([None], [True])


def test_rows_stay_in_order() -> None:
    """Rows are 1:1 in order, doubled texts and nulls included; a null is not unreadable."""
    read = parse_dates(pl.Series(["x", None, "2024-01-05", "x", "2024-01-05"]))
    day = datetime(2024, 1, 5, tzinfo=UTC)
    assert read.values.to_list() == [None, None, day, None, day]
    assert read.unreadable.to_list() == [True, False, False, True, False]


def test_no_rows() -> None:
    """No texts, no dates."""
    read = parse_dates(pl.Series([], dtype=pl.String))
    assert (len(read.values), len(read.unreadable)) == (0, 0)
