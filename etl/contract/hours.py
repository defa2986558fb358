"""Opening hours as one value: its text in every layer, and how people read it.

The text is JSON as Postgres prints it, `[same hours every day, open, close, days]`; a day is `["mon", "10:00", "21:00"]`.
Of a record the days are in the order of the week; of a row of the CMS all is as it is there, so that it can be put back.
"""

import json
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

import polars as pl

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

FLAG = "opening_hours_same_hours_every_day"
COLUMNS: dict[str, str] = {FLAG: "bool", "opening_hours_open": "text", "opening_hours_close": "text"}
"""The CMS's columns of the value's first three parts, in their order, and their Postgres types."""

_FLAGS = {True: "on", False: "off", None: "unset"}


def sql_hours() -> dict[str, str]:
    """Return what statements take from here, by the name that stands for it in sql/: the value's days, of rows `days`."""
    days = "jsonb_build_array(days.day, days.open, days.close)"
    return {"days_of_hours": f"jsonb_agg({days} ORDER BY days._order, days.id)"}


class Day(NamedTuple):
    """The hours of a day; null where the CMS has null."""

    day: str | None
    opens: str | None
    closes: str | None


class Hours(NamedTuple):
    """Opening hours; null where the CMS has null. Text that can't be read is in `opens`."""

    same_every_day: bool | None
    opens: str | None = None
    closes: str | None = None
    days: tuple[Day, ...] = ()


def to_text(hours: Hours) -> str:
    """Return the value's text."""
    return json.dumps(hours, ensure_ascii=False)


def from_text(text: str) -> Hours:
    """Return the value of a text. Raises ValueError or TypeError where it is none."""
    same_every_day, opens, closes, days = json.loads(text)
    return Hours(same_every_day, opens, closes, tuple(Day(*day) for day in days))


def readable(text: str | None) -> str | None:
    """Return hours as people read them: `10:00–22:00`, `Mon–Fri 10:00–20:00, Sat 11:00–20:00`; null where there are none.

    Where the CMS's flag does not fit to what is there, it is named. A text that is no value of hours stays as it is.
    """
    if text is None:
        return None
    try:
        hours = from_text(text)
    except (ValueError, TypeError):
        return text
    every_day, by_day = _span(hours.opens, hours.closes), ", ".join(_by_day(hours.days))
    if not every_day and not by_day:
        return None
    if every_day and by_day:
        every_day = f"every day {every_day}"
    # what the flag hides comes last
    shown = "; ".join(filter(None, (every_day, by_day) if hours.same_every_day else (by_day, every_day)))
    is_plain = hours.same_every_day is (not by_day) and not (every_day and by_day)
    return shown if is_plain else f"{shown} (same hours every day: {_FLAGS[hours.same_every_day]})"


def readable_fields(text: str | None) -> str | None:
    """Return JSON of values by field, or of sides by field, in which the hours are as people read them."""
    fields = json.loads(text or "{}")
    if "hours" not in fields:
        return text
    value = fields["hours"]
    shown = (
        {side: readable(each) for side, each in value.items()} if isinstance(value, dict) else readable(value)
    )
    return json.dumps({**fields, "hours": shown}, ensure_ascii=False)


def readable_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows of changed fields (field, before, after), hours as people read them; rows 1:1, order kept."""
    is_hours = rows["field"] == "hours"
    shown = {
        name: [readable(text) if found else text for text, found in zip(rows[name], is_hours, strict=True)]
        for name in ("before", "after")
    }
    return rows.with_columns(pl.Series(name, texts, pl.String) for name, texts in shown.items())


def _span(opens: str | None, closes: str | None) -> str:
    return f"{opens or ''}–{closes}" if closes else opens or ""


def _by_day(days: Iterable[Day]) -> Iterator[str]:
    """Yield days in the order of the week; those that follow each other with the same hours are one."""
    placed = sorted((_place(each.day), _span(each.opens, each.closes), each.day or "?") for each in days)
    # of days in a row, place and number grow alike
    for (_, span), run in groupby(enumerate(placed), lambda item: (item[1][0] - item[0], item[1][1])):
        names = [name.capitalize() for _, (_, _, name) in run]
        yield f"{'–'.join(names[:: len(names) - 1] if len(names) > 1 else names)} {span or '–'}"


def _place(day: str | None) -> int:
    return DAYS.index(day) if day in DAYS else 2 * len(DAYS)
