"""A feed of 300 records, and the documents that Payload is to show of them in each language.

Each record is one of SHAPES, which stand in turn; what a shape has of the API and what of the CMS stand beside each other.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.support.payload import LOCALES, Json, Payload
from tests.support.sync import record

COUNT = 300

FLOORS = {"B1": 2, "GF": 3, "MF": 5, "1F": 6, "3F": 8, "7F": 12}
"""Ids of some of the seed's floors."""

CATEGORIES = {"LUXURY": 1, "FASHION": 2, "BEAUTY": 3, "GENERAL": 7, "RESTAURANT": 9, "CAFE": 10}
"""Ids of some of the seed's categories."""

OPEN_DAILY = {"sameHoursEveryDay": True, "open": "10:00", "close": "22:00", "perDay": []}

_WEEK = [("mon", "10:00", "21:00"), ("tue", "10:00", "21:00"), ("wed", "10:00", "21:00"), ("thu", "10:00", "21:00"),
         ("fri", "10:00", "21:00"), ("sat", "09:30", "22:00"), ("sun", "09:30", "22:00")]  # fmt: skip


@dataclass(frozen=True)
class Shape:
    """What some records have in the API, and their documents in the CMS.

    Attributes:
        collection: Where the document is.
        raw: Fields of the API that differ from `record`'s.
        shown: Fields of the document, in any language, that differ from `document_of`'s.
        texts: Its texts by field, in English (and Chinese) and in Thai, where they differ.
    """

    collection: str = "shops"
    raw: Mapping[str, Any] = field(default_factory=dict)
    shown: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[str, tuple[str | None, str | None]] = field(default_factory=dict)


SHAPES = (
    Shape(),
    Shape(
        raw={
            "categoryNameEn": "Beauty &amp; Wellness", "floor": "Fl. G",
            "openingHours": "Mon-Fri 10:00-21:00, Sat-Sun 09:30-22:00",
            "descriptionEn": "Tea &amp; cake&nbsp;™\r\nsince 1999", "descriptionTh": "ชา\\u0e41ละเค้ก",
        },
        shown={
            "categories": [CATEGORIES["BEAUTY"]], "floor": FLOORS["GF"],
            "openingHours": {
                "sameHoursEveryDay": False, "open": None, "close": None,
                "perDay": [{"day": day, "open": first, "close": last} for day, first, last in _WEEK],
            },
        },
        texts={"description": ("Tea & cake ™\nsince 1999", "ชาและเค้ก")},
    ),
    Shape(
        "dinings",
        raw={
            "categoryNameEn": "Food & Beverage", "categoryNameTh": "-", "floor": "7", "openingHours": "ask the staff",
            "website": "www.example.com/menu", "tel": "\u200e02 111 1111",
        },
        shown={
            "categories": [CATEGORIES["RESTAURANT"]], "floor": FLOORS["7F"],
            "openingHours": {"sameHoursEveryDay": True, "open": "ask the staff", "close": None, "perDay": []},
            "website": "https://www.example.com/menu", "phone": "02 111 1111",
        },
    ),
    Shape(
        raw={
            "categoryNameEn": "no such thing", "categoryNameTh": "ไม่มี", "floor": "roof", "zone": "N/A",
            "openingHours": None, "website": None, "tel": "-", "unit": "", "descriptionEn": "TBC", "descriptionTh": None,
        },
        shown={
            "categories": [], "floor": None, "zone": None, "website": None, "phone": None,
            "openingHours": {"sameHoursEveryDay": True, "open": None, "close": None, "perDay": []},
        },
        texts={"description": (None, None), "shopNumber": (None, None)},
    ),
    Shape(
        "dinings",
        raw={
            "categoryNameEn": "Cafe", "floorRevised": "mezzanine", "startDate": "2019-10-22 17:11:00",
            "endDate": "9999-12-31", "openingHours": "๑๐.๐๐ - ๒๒.๐๐ น.",
        },
        shown={
            "categories": [CATEGORIES["CAFE"]], "floor": FLOORS["MF"],
            "dateRange": {"startDate": "2019-10-22T10:11:00.000Z", "endDate": "9999-12-31T00:00:00.000Z"},
        },
    ),
)  # fmt: skip


def shape_of(number: int) -> Shape:
    """Return the shape of a record by its number."""
    return SHAPES[number % len(SHAPES)]


def feed(count: int = COUNT) -> list[Json]:
    """Return so many records of the API, T0, T1, …."""
    return [record(f"T{number}", **shape_of(number).raw) for number in range(count)]


def document_of(number: int, locale: str) -> Json:
    """Return the document of a record in a language, without id and times."""
    shape, is_thai = shape_of(number), locale == "th"
    shown = {"floor": FLOORS["1F"], "categories": [CATEGORIES["FASHION"]], "zone": "East", "openingHours": OPEN_DAILY,
             "website": "https://example.com", "phone": "02 000 0000",
             "dateRange": {"startDate": None, "endDate": None}, **shape.shown}  # fmt: skip
    texts = {"description": ("A shop.", "ร้านค้า"), "shopNumber": ("101", "101"), **shape.texts}
    brand, thai = f"Brand T{number}", f"แบรนด์ T{number}"
    return {
        "uniqueId": f"T{number}",
        "title": thai if is_thai else brand,
        "subtitle": f"Shop T{number}" if is_thai else f"ร้าน T{number}",
        "description": texts["description"][is_thai],
        "status": "INACTIVE",
        "floor": shown["floor"],
        "categories": shown["categories"],
        "location": {
            "zone": shown["zone"],
            "shopNumber": texts["shopNumber"][is_thai],
            "coordinates": {"poi_x": 0, "poi_y": 0},
        },
        "openingHours": shown["openingHours"],
        "contactInfo": {
            "website": shown["website"], "phone": shown["phone"], "instagramUrl": None, "facebookUrl": None,
            "wechatAccount": None, "lineAccount": None, "weiboUrl": None,
        },
        "images": {"logo": None, "mainImage": None, "thumbnail": None, "facebookImage": None},
        "dateRange": shown["dateRange"],
        "shortAlphabet": "",
        "sortOrder": 0,
        "isFeatured": False,
        "pinToIconluxe": False,
        "skipSync": False,
        "relatedShops": [],
        "relatedDinings": [],
        "promotions": [],
        "meta": {"title": thai if is_thai else brand, "description": texts["description"][is_thai]},
        "slug": f"brand-t{number}",
        "slugLock": True,
    }  # fmt: skip


def expected_documents(count: int = COUNT) -> dict[str, dict[str, Json]]:
    """Return all documents of the feed, by language and unique_id."""
    return {
        locale: {f"T{number}": document_of(number, locale) for number in range(count)} for locale in LOCALES
    }


def read_documents(payload: Payload, **args: Any) -> dict[str, dict[str, Json]]:
    """Return what Payload's lists show, by language and unique_id, without ids and times; `args` as `draft=True`."""
    return {locale: dict(_documents(payload, locale, args)) for locale in LOCALES}


def _documents(payload: Payload, locale: str, args: Json) -> Iterator[tuple[str, Json]]:
    for collection in ("shops", "dinings"):
        for found in payload.find(collection, locale=locale, **args):
            shown = {
                name: value
                for name, value in found.items()
                if name not in ("id", "createdAt", "updatedAt", "_status")
            }
            days = [
                {name: day[name] for name in ("day", "open", "close")}
                for day in shown["openingHours"]["perDay"]
            ]
            shown["openingHours"] = {**shown["openingHours"], "perDay": days}
            assert shape_of(int(found["uniqueId"][1:])).collection == collection
            yield found["uniqueId"], shown


def differences(found: Any, expected: Any, place: str = "") -> list[tuple[str, Any, Any]]:
    """Return (place, found, expected) of whatever is not as expected, for people to read."""
    if not (isinstance(found, Mapping) and isinstance(expected, Mapping)):
        return [] if found == expected else [(place, found, expected)]
    keys = dict.fromkeys([*found, *expected])
    nothing = "(none)"
    return [
        each
        for key in keys
        for each in differences(found.get(key, nothing), expected.get(key, nothing), f"{place}/{key}")
    ]
