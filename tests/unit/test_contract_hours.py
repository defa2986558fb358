"""Opening hours as one value: their text, and how people read it."""

import polars as pl
import pytest

from etl.contract.hours import DAYS, Day, Hours, from_text, readable, readable_fields, readable_rows, to_text

WEEK = tuple(Day(day, "10:00", "20:00" if day not in {"sat", "sun"} else "21:00") for day in DAYS)
READ = "Mon–Fri 10:00–20:00, Sat–Sun 10:00–21:00"
DAILY = '[true, "10:00", "22:00", []]'


def test_the_text_is_as_postgres_prints_it() -> None:
    """A space after each comma, Thai as it is; null and '' stay apart, and so does the order of the days."""
    hours = Hours(None, "ถามที่ร้าน", "", (Day("sun", "9:00", None), Day("mon", None, "")))
    text = '[null, "ถามที่ร้าน", "", [["sun", "9:00", null], ["mon", null, ""]]]'
    assert to_text(hours) == text
    assert from_text(text) == hours


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (Hours(True, "10:00", "22:00"), "10:00–22:00"),
        (Hours(False, None, None, WEEK), READ),
        (Hours(False, "", "", tuple(reversed(WEEK))), READ),
        (Hours(True, "ask the shop"), "ask the shop"),
        (Hours(True, "10:00", ""), "10:00"),
        (Hours(True, None, "22:00"), "–22:00"),
        (Hours(True), None),
        (Hours(False, "", ""), None),
        (Hours(False, days=WEEK[::2]), "Mon 10:00–20:00, Wed 10:00–20:00, Fri 10:00–20:00, Sun 10:00–21:00"),
        (
            Hours(False, days=(Day("mon", "10:00", "12:00"), Day("mon", "14:00", "20:00"))),
            "Mon 10:00–12:00, Mon 14:00–20:00",
        ),
        (Hours(False, days=(Day(None, "10:00", None), Day("tue", None, ""))), "Tue –, ? 10:00"),
        (Hours(False, "10:00", "22:00"), "10:00–22:00 (same hours every day: off)"),
        (Hours(None, "10:00", "22:00"), "10:00–22:00 (same hours every day: unset)"),
        (Hours(True, days=WEEK), f"{READ} (same hours every day: on)"),
        (
            Hours(True, "10:00", "22:00", WEEK),
            f"every day 10:00–22:00; {READ} (same hours every day: on)",
        ),
        (
            Hours(False, "10:00", "22:00", WEEK),
            f"{READ}; every day 10:00–22:00 (same hours every day: off)",
        ),
    ],
)
def test_hours_as_people_read_them(hours: Hours, words: str | None) -> None:
    """Days in a row with the same hours are one; a flag that does not fit is named; no hours are none."""
    assert readable(to_text(hours)) == words


@pytest.mark.parametrize("text", ["10:00", "[", '[["mon", "10:00", "21:00"]]', "[1, 2, 3, 4]", "{}"])
def test_what_is_no_value_of_hours_stays(text: str) -> None:
    """A text of another kind is shown as it is."""
    assert readable(text) == text


def test_fields_and_sides_of_a_change() -> None:
    """Only the hours are put into words, alone or side by side; the rest stays to the letter."""
    assert readable_fields('{"zone": "[1]", "hours": "[true, \\"10:00\\", \\"22:00\\", []]"}') == (
        '{"zone": "[1]", "hours": "10:00–22:00"}'
    )
    assert readable_fields('{"hours": {"base": null, "ours": "[true, null, null, []]"}}') == (
        '{"hours": {"base": null, "ours": null}}'
    )
    for other in (None, '{"zone":  "x"}'):
        assert readable_fields(other) == other


def test_rows_of_changed_fields() -> None:
    """The hours before and after are put into words; other fields stay."""
    schema = {"field": pl.String(), "before": pl.String(), "after": pl.String()}
    rows = pl.DataFrame(
        [("hours", None, DAILY), ("zone", DAILY, None), ("hours", DAILY, "[true, null, null, []]")],
        schema,
        orient="row",
    )
    assert readable_rows(rows).rows() == [
        ("hours", None, "10:00–22:00"), ("zone", DAILY, None), ("hours", "10:00–22:00", None),
    ]  # fmt: skip
    assert readable_rows(rows.clear()).schema == schema
