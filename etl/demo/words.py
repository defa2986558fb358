"""The words of the sample, read from words.yaml: brands in two languages, and the mess of real data.

The mess is four series, FLOORS, CATEGORIES, HOURS and TEXTS, each of overrides of a record's raw fields. `sample.py` lays
a series over every tenth record, so that a day of 500 holds all of it, and a larger sample the same share.
"""

from importlib.resources import files
from typing import Any, NamedTuple

from yaml import SafeLoader

Fields = dict[str, object]
Pairs = tuple[tuple[str, str], ...]

MISSING = "(missing)"
"""The value of a field that is not in the JSON at all."""

WORDS: dict[str, Any] = SafeLoader(
    files("etl.demo").joinpath("words.yaml").read_text(encoding="utf-8")
).get_single_data()

FIRST: Pairs = tuple(WORDS["first"].items())
SECOND: Pairs = tuple(WORDS["second"].items())
THIRD: Pairs = tuple(WORDS["third"].items())
WORLD: Pairs = tuple(WORDS["world"].items())
USUAL_HOURS: list[str] = WORDS["usual_hours"]
ZONES: list[str] = WORDS["zones"]
SENTENCES_EN: list[str] = WORDS["sentences_en"]
SENTENCES_TH: list[str] = WORDS["sentences_th"]
CONSTANTS: Fields = WORDS["constants"]
CHANGES: dict[str, str] = WORDS["changes"]
DININGS: list[str] = WORDS["dinings"]


class Profile(NamedTuple):
    """A sort of tenant.

    Attributes:
        share: Percent of the records.
        category_en: Label as the directory writes it.
        sub_en: Sub-category.
        product_en: What is sold, for the description.
        floors: Labels of the floors where such tenants are.
    """

    share: int
    category_en: str
    category_th: str
    sub_en: str
    sub_th: str
    product_en: str
    product_th: str
    floors: list[str]


PROFILES = tuple(Profile(**profile) for profile in WORDS["profiles"])

FLOOR_LABELS: tuple[str, ...] = tuple(WORDS["floor_labels"])
CATEGORY_LABELS: tuple[tuple[str | None, str | None], ...] = tuple(map(tuple, WORDS["category_labels"]))

FLOORS: tuple[Fields, ...] = (
    *({"floor": label} for label in WORDS["floor_labels"]),
    *WORDS["revised_floors"],
)
CATEGORIES: tuple[Fields, ...] = tuple(
    {"categoryNameEn": english, "categoryNameTh": thai} for english, thai in CATEGORY_LABELS
)
HOURS: tuple[Fields, ...] = tuple({"openingHours": text} for text in WORDS["hours"])
TEXTS: tuple[Fields, ...] = tuple(WORDS["texts"])
