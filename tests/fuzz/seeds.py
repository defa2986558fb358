"""Seeds and words for each target, from what the repository has: the sample's mess, and cases of tests."""

import json
import re
from collections.abc import Iterator
from itertools import islice
from types import ModuleType
from typing import Any

from etl.contract.raw import RAW_NAMES
from etl.demo.sample import sample_day
from etl.demo.words import FLOOR_LABELS, HOURS, TEXTS
from etl.transform import floors, hours
from tests.fuzz.targets import BETWEEN
from tests.property import test_transform_properties as properties
from tests.unit import test_extract_parse, test_transform_floors, test_transform_hours, test_transform_slug
from tests.unit import test_transform_text as text_tests


def seeds(name: str) -> list[bytes]:
    """Return inputs to begin with, distinct and in order."""
    found: Iterator[str | bytes]
    if name == "page":
        found = iter([*_pages(), *_cases(test_extract_parse)])
    elif name == "text":
        found = iter([*_strings(TEXTS), *_cases(text_tests), *_cases(test_transform_slug)])
    elif name == "hours":
        found = iter([*_strings(HOURS), *_cases(test_transform_hours)])
    else:
        found = iter([*FLOOR_LABELS, *_cases(test_transform_floors)])
    raw = (seed if isinstance(seed, bytes) else seed.encode(errors="replace") for seed in found)
    return list(dict.fromkeys(seed for seed in raw if len(seed) < 4000))


def words(name: str) -> list[bytes]:
    """Return what atheris may put in: words of the parser's language."""
    common = [*properties.FRAGMENTS, BETWEEN.decode()]
    own = {
        "page": [
            *RAW_NAMES[:6],
            '{"',
            '":',
            "[]",
            "{}",
            "null",
            "\\ud800",
            '{"data":[',
            "},{",
            "1e999",
            "NaN",
        ],
        "text": ["&amp;amp;", "&#38;", "\\u005c", "\u0e33", "\u0e4d", "\ufb1d", "\u1e9b\u0323", "ſ", "İ"],
        "hours": [*properties.HOURS_WORDS.split(), *_words_of(hours._TOKEN.pattern)],
        "floors": [*properties.FLOOR_WORDS.split(), *floors.FLOOR_ALIASES],
    }[name]
    return [word.encode(errors="replace") for word in dict.fromkeys([*common, *own]) if word]


def _pages() -> Iterator[bytes]:
    """Give a sample in pages of two records, alone and two at a time, with few of the fields."""
    records = [_short(record) for record in islice(sample_day(1), 40)]
    for at in range(0, len(records), 4):
        bodies = [
            json.dumps(
                {
                    "totalRecord": 4,
                    "page": n,
                    "limit": 2,
                    "totalPages": 2,
                    "data": records[at:][2 * n - 2 : 2 * n],
                }
            )
            for n in (1, 2)
        ]
        yield bodies[0].encode()
        yield BETWEEN.join(body.encode() for body in bodies)


def _short(record: dict[str, object]) -> dict[str, object]:
    kept = ("uniqueId", "status", "brandNameTh", "floor", "website", "openingHours")
    return {name: value for name, value in record.items() if name in kept}


def _cases(tests: ModuleType) -> Iterator[str | bytes]:
    """Give every text among the parameters of a module's tests."""
    for test in vars(tests).values():
        for mark in getattr(test, "pytestmark", []):
            if mark.name == "parametrize":
                yield from _strings(mark.args[1])


def _strings(value: Any) -> Iterator[str | bytes]:
    if isinstance(value, (str, bytes)):
        yield value
    elif isinstance(value, dict):
        yield from _strings(list(value.values()))
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _strings(item)


def _words_of(pattern: str) -> list[str]:
    return re.findall("[a-z]{2,}|[ก-๛]+", pattern)
