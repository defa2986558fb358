"""Sample data: a mall's directory as the API gives it, on two days, any number of records, always the same.

Record i is made from `seed` and i alone, so a sample of a million streams in flat memory, and day 2 is made
without day 1 at hand. Brands are invented.
"""

import json
from collections.abc import Iterator, Sequence
from functools import cache
from html import unescape
from random import Random
from typing import TypeVar

from etl.contract.raw import RAW_NAMES
from etl.contract.tenant import Kind
from etl.demo import words
from etl.demo.story import ARRIVALS, SCENES, Edit, Scene, Story

__all__ = ["DEFAULT_COUNT", "as_page", "sample_day", "story"]

DEFAULT_COUNT = 500
"""Records on day 1; the whole mess and the whole story repeat with this period in a larger sample."""

REPEAT_SLOT = 310
"""The place where the record before comes again, as when the list shifts while it is paged."""
TAKEN_ID_SLOT = 300
"""The place of a record whose own id is the one that a copy of the record before would get (`T123-5F`)."""

_FIRST_ID, _FIRST_ARRIVAL_ID = 100_001, 5_000_001
_TEMPLATE: dict[str, object] = dict.fromkeys(RAW_NAMES) | words.CONSTANTS
_PROFILES = tuple(profile for profile in words.PROFILES for _ in range(profile.share))
_SCENES = {10 * k + 1: scene for k, scene in enumerate(SCENES)}
_SERIES = ((2, words.FLOORS), (4, words.CATEGORIES), (6, words.HOURS), (8, words.TEXTS))
_MESS = {10 * k + offset: fields for offset, series in _SERIES for k, fields in enumerate(series)}
_T = TypeVar("_T")


def sample_day(day: int, count: int = DEFAULT_COUNT, seed: int = 7) -> Iterator[dict[str, object]]:
    """Make the records of a day, ready for JSON, in the order that the API lists them.

    Day 2 is day 1 with some records changed, one of every 500 gone, and four of every 500 new (last of all,
    for a sample of up to 500).

    Args:
        day: 1 or 2.
        count: Records on day 1.
        seed: Another seed gives other brands, floors and hours; the mess and the story stay.

    Raises:
        ValueError: There is no such day, or the count is negative.
    """
    if day not in (1, 2) or count < 0:
        raise ValueError(f"day {day} of {count} records: the sample has days 1 and 2, and no negative count")
    return _records(day, count, seed)


def _records(day: int, count: int, seed: int) -> Iterator[dict[str, object]]:
    random = Random()  # noqa: S311 — sample data
    for index in range(count):
        slot = index % DEFAULT_COUNT
        scene = _SCENES.get(slot)
        if day == 1 or scene is None or scene.then is not None:
            yield _record(random, day, index - (slot == REPEAT_SLOT), seed)
        is_last = index == count - 1
        if day == 2 and (is_last or slot == DEFAULT_COUNT - 1):
            yield from _arrivals(random, index // DEFAULT_COUNT, seed)


def _arrivals(random: Random, block: int, seed: int) -> Iterator[dict[str, object]]:
    for k, fields in enumerate(ARRIVALS):
        number = block * len(ARRIVALS) + k
        record = _plain(random, _FIRST_ARRIVAL_ID + number, seed)
        yield record | fields | _dates(2, is_changed=True)


def _record(random: Random, day: int, index: int, seed: int) -> dict[str, object]:
    slot = index % DEFAULT_COUNT
    record = _plain(random, _FIRST_ID + index, seed)
    scene = _SCENES.get(slot)
    if scene is not None:
        record |= scene.first
        record |= (scene.then or {}) if day == 2 else {}
    elif slot in _MESS:
        record |= _MESS[slot]
        record = {name: value for name, value in record.items() if value != words.MISSING}
    elif slot == TAKEN_ID_SLOT:
        record["uniqueId"] = f"T{_FIRST_ID + index - 2}-5F"
    return record | _dates(day, is_changed=scene is not None and day == 2)


def _dates(day: int, is_changed: bool) -> dict[str, object]:
    return {
        "tenantLastUpdate": "2025-07-02T03:10:00Z" if is_changed else "2025-06-18T08:45:12Z",
        "jobSyncDate": f"2025-07-0{day}T22:00:00Z",
    }


def _plain(random: Random, number: int, seed: int) -> dict[str, object]:
    """Make a record with nothing wrong in it, but for what is common: entities, blanks and free labels."""
    random.seed((seed << 40) + number)
    profile = _pick(random, _PROFILES)
    name_en, name_th = _brand(random, number, seed, profile.category_en in words.DININGS)
    zone = _pick(random, words.ZONES)
    record = _TEMPLATE | _place(random, profile.floors, zone) | _contact(random, number)
    record |= {
        "uniqueId": f"T{number}",
        "tenantId": f"TN-{number}",
        "bandCode": f"B{number % 100_000:05d}",
        "brandNameEn": name_en,
        "brandNameTh": name_th if random.random() > 0.04 else "",
        "shopNameEnglish": f"{name_en} ({zone})",
        "shopNameThai": f"{name_th or name_en} (ชั้นริมน้ำ)",
        "categoryNameEn": profile.category_en,
        "categoryNameTh": profile.category_th,
        "subCategoryEn": profile.sub_en,
        "subCategoryTh": profile.sub_th,
        "descriptionEn": f"{name_en} brings {profile.product_en}. {_pick(random, words.SENTENCES_EN)}",
        "descriptionTh": f"{name_th} นำเสนอ{profile.product_th} {_pick(random, words.SENTENCES_TH)}",
    }
    return record


def _brand(random: Random, number: int, seed: int, is_dining: bool) -> tuple[str, str]:
    """Return a brand in English and Thai.

    The pairs of words last for 1,517 numbers; after that comes a third word, and after those a figure.
    """
    if is_dining and random.random() < 0.1:
        return _pick(random, words.WORLD)
    first_en, first_th = words.FIRST[(number * 17 + seed) % len(words.FIRST)]
    second_en, second_th = words.SECOND[(number * 23 + seed) % len(words.SECOND)]
    third_en, third_th = _third((number - _FIRST_ID) // (len(words.FIRST) * len(words.SECOND)))
    both = " &amp; " if random.random() < 0.15 else " "
    return f"{first_en}{both}{second_en}{third_en}", f"{first_th} {second_th}{third_th}"


@cache
def _third(series: int) -> tuple[str, str]:
    if series == 0:
        return "", ""
    word_en, word_th = words.THIRD[(series - 1) % len(words.THIRD)]
    figure = (series - 1) // len(words.THIRD)
    tail = f" {figure + 1}" if figure else ""
    return f" {word_en}{tail}", f" {word_th}{tail}"


def _place(random: Random, floors: list[str], zone: str) -> dict[str, object]:
    floor = _pick(random, floors)
    return {
        "zone": zone,
        "floor": floor,
        "floorRevised": floor if random.random() < 0.3 else None,
        "openingHours": _pick(random, words.USUAL_HOURS),
        "unit": f"{_pick(random, ('A', 'B', 'C', 'G', 'R'))}{100 + int(random.random() * 800)}",
        "startDate": f"20{18 + int(random.random() * 7)}-{1 + int(random.random() * 12):02d}-01",
        "endDate": f"20{27 + int(random.random() * 5)}-12-31" if random.random() < 0.5 else "",
    }


def _contact(random: Random, number: int) -> dict[str, object]:
    site = f"https://tenant-{number}.example"
    images = f"https://cdn.example/{number}"
    return {
        "tel": f"02 555 {int(random.random() * 10_000):04d}",
        "contact": f"Shop manager, {number % 90 + 10}",
        "website": site if random.random() < 0.7 else None,
        "logo": f"{images}/logo.png",
        "gallery_1": f"{images}/1.jpg",
        "siamGiftCard": "Y" if random.random() < 0.6 else "N",
        "listId": f"a0B{number:012d}",
    }


def _pick(random: Random, choices: Sequence[_T]) -> _T:
    return choices[int(random.random() * len(choices))]


def as_page(records: Sequence[dict[str, object]]) -> bytes:
    """Return records as the one page of an API that has no others."""
    head = {"totalRecord": len(records), "page": 1, "limit": len(records), "totalPages": 1}
    return json.dumps({**head, "data": records}).encode()


def story() -> Story:
    """Return who shows what between the sample's two days; holds for every seed and any count from 130 up."""
    by_key = {scene.key: (f"T{_FIRST_ID + slot}", scene) for slot, scene in _SCENES.items()}
    of_their_own = ("kept", "conflict", "gone")
    kept, conflict, gone = (by_key[key] for key in of_their_own)
    return Story(
        kept=_edit(*kept, table="shops", editor_value="Lanternlight & Loam Atelier", after="editor"),
        conflict=_edit(*conflict, table="dinings", editor_value="Mangrove Meridian Café", after="source"),
        created=tuple((f"T{_FIRST_ARRIVAL_ID + k}", _name(fields)) for k, fields in enumerate(ARRIVALS)),
        gone=(gone[0], _name(gone[1].first)),
        changed={key: unique_id for key, (unique_id, _) in by_key.items() if key not in of_their_own},
    )


def _edit(unique_id: str, scene: Scene, table: Kind, editor_value: str, after: str) -> Edit:
    before, source = _name(scene.first), _name(scene.first | (scene.then or {}))
    left = editor_value if after == "editor" else source
    return Edit(unique_id, table, "title_en", before, editor_value, left)


def _name(fields: dict[str, object]) -> str:
    return unescape(str(fields["brandNameEn"]))
