"""Stories for property tests: editors' work, each done to the model's row and to the CMS's alike, and feeds."""

import os
import random
from collections.abc import Callable
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st

from tests.support.merge_model import (
    CATEGORIES,
    COLUMNS,
    FLOORS,
    HOURS,
    HOURS_PARTS,
    NO_HOURS,
    PER_DAY,
    TEXTS,
    Hours,
    Model,
    Row,
)
from tests.support.sync import Mall, record

EXAMPLES = int(os.environ.get("ETL_TEST_EXAMPLES", "3"))
"""How many stories are told."""
SEED = int(os.environ.get("ETL_TEST_SEED") or 0)
"""Another number is other stories; without one they are the same each time."""
_SEEDS_APART = 1_000

Test = TypeVar("Test", bound=Callable[..., None])


def seed_of(number: int) -> int:
    """Return the seed of a story by its number: that number itself, or another of ETL_TEST_SEED."""
    return SEED * _SEEDS_APART + number


def of_chance(examples: int) -> Callable[[Test], Test]:
    """Return what makes a test of hypothesis tell so many stories: the same ones each time, or those of ETL_TEST_SEED."""
    chosen = settings(
        max_examples=examples,
        derandomize=not SEED,
        deadline=None,
        database=None,
        phases=[Phase.generate],  # shrinking would take minutes
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    return lambda test: seed(seed_of(0))(chosen(test)) if SEED else chosen(test)


EDITORS_CATEGORIES = ("BEAUTY", "FASHION", "LUXURY", "RESTAURANT")


def edit_column(mall: Mall, row: Row, name: str, value: Any) -> None:
    """Change a column of the record."""
    if name in HOURS_PARTS:
        parts = dict(zip(HOURS_PARTS, row.fields["hours"], strict=True)) | {name: value}
        row.fields["hours"] = tuple(parts.values())
    else:
        row.fields[name] = value
    mall.edit(row.unique_id, row.table, **{COLUMNS[name]: value})


def edit_text(mall: Mall, row: Row, name: str, value: Any) -> None:
    """Change a text in a language; in Chinese it is the editor's own."""
    stem, locale = name.rsplit("_", 1)
    if locale == "zh":
        row.zh[stem] = value
    else:
        row.fields[name] = value
    mall.edit_texts(row.unique_id, locale, row.table, **{TEXTS[stem]: value})


def move(mall: Mall, row: Row, floor: str | None) -> None:
    """Put the record on another floor."""
    row.fields["floor"] = floor
    mall.database.execute(
        f"UPDATE {row.table} SET floor_id = (SELECT id FROM floors WHERE name = %s) WHERE unique_id = %s",
        floor,
        row.unique_id,
    )
    mall.edit(row.unique_id, row.table)


def publish(mall: Mall, row: Row, status: str) -> None:
    """Give the record a status, and a slug with it."""
    row.status, row.slug = status, f"my-{row.table}-{row.number}x"
    mall.edit(row.unique_id, row.table, status=row.status, slug=row.slug)


def tick(mall: Mall, row: Row, value: bool) -> None:
    """Tick or untick skip_sync."""
    row.skip_sync = value
    mall.edit(row.unique_id, row.table, skip_sync=value)


def add_link(mall: Mall, row: Row, category: str) -> None:
    """Link the record to one more category."""
    if category not in row.editors_links | {row.fields["category"]}:
        if category == row.job_category:  # put back: nobody can tell it from the job's
            row.fields["category"] = category
        else:
            row.editors_links.add(category)
        mall.database.execute(
            f'INSERT INTO {row.table}_rels ("order", parent_id, path, categories_id) '
            f"SELECT 9, id, 'categories', %s FROM {row.table} WHERE unique_id = %s",
            mall.category_id(category),
            row.unique_id,
        )
    mall.edit(row.unique_id, row.table)


def remove_links(mall: Mall, row: Row) -> None:
    """Remove every category of the record."""
    row.fields["category"], row.editors_links = None, set()
    _delete_of(mall, row, "rels", "parent_id")


def clear_days(mall: Mall, row: Row) -> None:
    """Remove the hours per day."""
    row.fields["hours"] = (*row.fields["hours"][:3], ())
    _delete_of(mall, row, "opening_hours_per_day", "_parent_id")


def set_hours(mall: Mall, row: Row, hours: Hours) -> None:
    """Enter other hours, the days in any order."""
    clear_days(mall, row)
    row.fields["hours"] = hours
    for order, day in enumerate(hours[3], start=1):
        mall.database.execute(
            f"INSERT INTO {row.table}_opening_hours_per_day (_order, _parent_id, id, day, open, close) "
            f"SELECT %s, id, md5(id || %s), %s, %s, %s FROM {row.table} WHERE unique_id = %s",
            order, f"{row.table}{order}{hours}", *day, row.unique_id,
        )  # fmt: skip
    columns = {COLUMNS[name]: value for name, value in zip(HOURS_PARTS[:3], hours[:3], strict=True)}
    mall.edit(row.unique_id, row.table, **columns)


EDITORS_HOURS: list[Hours] = [
    *filter(None, HOURS.values()),
    NO_HOURS,
    (True, "08:00", "20:00", ()),
    (False, "", "", tuple(reversed(PER_DAY))),
    (True, "10:00", "22:00", PER_DAY),
    (False, "10:00", "22:00", ()),
]


def drop_thai(mall: Mall, row: Row) -> None:
    """Remove the Thai texts, the row of the language with them."""
    row.fields |= {f"{name}_th": None for name in TEXTS}
    _delete_of(mall, row, "locales", "_locale = 'th' AND _parent_id")


def _delete_of(mall: Mall, row: Row, part: str, condition: str) -> None:
    mall.database.execute(
        f"DELETE FROM {row.table}_{part} WHERE {condition} = (SELECT id FROM {row.table} WHERE unique_id = %s)",
        row.unique_id,
    )
    mall.edit(row.unique_id, row.table)


def delete(mall: Mall, model: Model, row: Row) -> None:
    """Delete the record."""
    model.rows.remove(row)
    mall.database.execute(f"DELETE FROM {row.table} WHERE unique_id = %s", row.unique_id)


VALUES = st.sampled_from(["East", "West", "Mine", "", None])
FIELDS: dict[str, list[Any]] = {
    "uniqueId": ["T1", "T1", "T2", "T2", "T1-3F", None],
    "floor": ["3", "3,4", "3", "3,4", *FLOORS],
    "categoryNameEn": ["Fashion", "Fashion", *CATEGORIES],
    "categoryNameTh": [None],
    "openingHours": ["10:00 - 22:00", "10:00 - 22:00", *HOURS],
    "zone": ["East", "East", "West", " ", None],
    "tel": ["East", "West", "\u00a0", None],
    "brandNameEn": ["Alpha", "Alpha", "Beta", "", None],
    "brandNameTh": ["Gamma", None],
    "descriptionEn": ["East", "West", None],
    "unit": ["101", "East", None],
}
"""What a record of a story has; what stands twice comes more often."""


def _record(fields: dict[str, Any]) -> dict[str, Any]:
    return record(fields.pop("uniqueId"), **fields, shopNameEnglish="Shop", shopNameThai="Raan")


def long_feed(number: int, size: int) -> list[dict[str, Any]]:
    """Return a feed of many records, some of one id; by its number, as hypothesis draws no so large examples."""
    chance = random.Random(number)
    ids = [*FIELDS["uniqueId"], *(f"T{number}" for number in range(3, 3 + size))]
    return [
        _record({name: chance.choice(values) for name, values in {**FIELDS, "uniqueId": ids}.items()})
        for _ in range(size)
    ]


RECORDS = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in FIELDS.items()}).map(
    _record
)
LONG_FEEDS = st.builds(long_feed, st.integers(0, 1 << 16), st.integers(4, 15))

WHICH = st.integers(0, 3)
TEXT_NAMES = ["title_en", "description_en", "title_th", "number_th", "title_zh", "description_zh"]
EDITS = st.one_of(
    st.tuples(
        st.just(edit_column), WHICH, st.sampled_from(["zone", "phone", "website", "open", "close"]), VALUES
    ),
    st.tuples(st.just(set_hours), WHICH, st.sampled_from(EDITORS_HOURS)),
    st.tuples(st.just(edit_text), WHICH, st.sampled_from(TEXT_NAMES), VALUES),
    st.tuples(st.just(move), WHICH, st.sampled_from(["3F", "4F", "8F", None])),
    st.tuples(st.just(publish), WHICH, st.sampled_from(["ACTIVE", "ACTIVE", "COMING_SOON", "CLOSED"])),
    st.tuples(st.just(tick), WHICH, st.booleans()),
    st.tuples(st.just(add_link), WHICH, st.sampled_from(EDITORS_CATEGORIES)),
    st.tuples(st.sampled_from([remove_links, clear_days, drop_thai]), WHICH),
    st.tuples(st.just(delete), WHICH),
)
STEPS = st.tuples(
    st.lists(EDITS, max_size=4),
    st.lists(RECORDS, min_size=1, max_size=3),
    st.sampled_from(["source", "editor"]),
    st.sampled_from(["keep", "keep", "inactivate"]),
)


def do_edits(mall: Mall, model: Model, edits: list[Any]) -> None:
    """Let editors work on the rows that there are."""
    for act, which, *values in edits:
        if not model.rows:
            return
        row = model.rows[which % len(model.rows)]
        if act is delete:
            delete(mall, model, row)
        elif act is edit_text and values[0].endswith("_th") and "th" not in languages(mall, row):
            continue
        else:
            act(mall, row, *values)


def languages(mall: Mall, row: Row) -> set[str]:
    """Return the languages that a row has texts in."""
    found = mall.database.query(
        f"SELECT _locale::text FROM {row.table}_locales l JOIN {row.table} t ON t.id = l._parent_id "
        "WHERE t.unique_id = %s",
        row.unique_id,
    )
    return {text["_locale"] for text in found}
