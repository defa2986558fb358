"""The inputs of the world that came out wrong once, by one feed end to end into Postgres; each line names what is right."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from etl.model.results import SyncResult
from tests.support.api import FakeApi
from tests.support.postgres import DEFAULT, Servers
from tests.support.sync import Mall, record

pytestmark = pytest.mark.xdist_group("one_feed")

INVISIBLE = "\u200e"
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"

TEXTS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    # id: (fields of the record, what its row and its English text hold)
    "x-notebooks": (
        {"brandNameEn": "Books&notebooks"},
        {"title": "Books&notebooks", "slug": "books-notebooks"},
    ),
    "x-centre": ({"brandNameEn": "Health&centre"}, {"title": "Health&centre", "slug": "health-centre"}),
    "x-central": ({"brandNameEn": "Tom&central"}, {"title": "Tom&central", "slug": "tom-central"}),
    "x-query": (
        {"descriptionEn": "see https://x.example/?lang=th&section=3&region=2&copy=1"},
        {"description": "see https://x.example/?lang=th&section=3&region=2&copy=1"},
    ),
    "x-amp-space": ({"brandNameEn": "Salt &amp Stone"}, {"title": "Salt & Stone", "slug": "salt-stone"}),
    "x-amp": ({"brandNameEn": "A&amp;B"}, {"title": "A&B", "slug": "a-b"}),
    "x-nested": ({"brandNameEn": "H&amp;amp;M"}, {"title": "H&M", "slug": "h-m"}),
    "x-surrogate": ({"brandNameEn": "Half \ud83d Shop"}, {"title": "Half Shop", "slug": "half-shop"}),
    "x-nul": ({"brandNameEn": "A&#0;B"}, {"title": "AB", "slug": "ab"}),
    "x-number": ({"brandNameEn": "A&#9999999;C"}, {"title": "AC", "slug": "ac"}),
    "x-tag": ({"brandNameEn": "Tag <b>Shop</b>"}, {"title": "Tag Shop", "slug": "tag-shop"}),
    "x-heart": ({"brandNameEn": "I <3 Thai"}, {"title": "I <3 Thai", "slug": "i-3-thai"}),
    "x-less": ({"brandNameEn": "a < b"}, {"title": "a < b"}),
    "x-lines": (
        {"descriptionEn": "One<br>two</p><p>three<script>x()</script>"},
        {"description": "One\ntwo\nthree"},
    ),
    "x-bidi": ({"tel": "\u202d02 118 2352\u202c"}, {"phone": "02 118 2352"}),
    "x-dash": (
        {"brandNameEn": "-", "shopNameEnglish": "Real name"},
        {"title": "Real name", "slug": "real-name"},
    ),
    "x-nameless": (
        {
            "brandNameEn": "---",
            "brandNameTh": "-",
            "shopNameEnglish": "N/A",
            "shopNameThai": "null",
            "tenantId": "t77",
        },
        {"title": None, "slug": "shop-t77"},
    ),
    "x-scheme": ({"website": "www.koithe.example"}, {"website": "https://www.koithe.example"}),
    "x-script": ({"website": "javascript:alert(1)"}, {"website": None}),
    "x-ftp": ({"website": "ftp://files.example"}, {"website": None}),
    "x-placeholders": (
        {"tel": float("nan"), "website": "N/A", "zone": "null", "openingHours": "n.a."},
        {"phone": None, "website": None, "zone": None, "open": None, "close": None},
    ),
    "x-sara-am": (
        {"brandNameEn": "", "shopNameEnglish": None, "brandNameTh": "เครื่องส\u0e4d\u0e32อาง"},
        {"title_th": "เครื่องสำอาง", "slug": "khrueangsamaang"},
    ),
    "x-family": ({"brandNameEn": f"{FAMILY} Kids"}, {"title": f"{FAMILY} Kids"}),
    "t1": ({"brandNameEn": "Small t"}, {"title": "Small t"}),
    "T1": ({"brandNameEn": "Big T"}, {"title": "Big T"}),
    # hours
    "x-last-order": (
        {"openingHours": "11:00-22:00 (last order 21:30)"},
        {"every_day": True, "open": "11:00", "close": "22:00"},
    ),
    "x-early": ({"openingHours": "6-11"}, {"open": "6-11"}),
    "x-early-dots": ({"openingHours": "2.00-9.00"}, {"open": "2.00-9.00"}),
    "x-no-hours": ({"openingHours": ""}, {"every_day": True, "open": None, "close": None}),
    # dates, in the mall's zone Asia/Bangkok
    "x-mall-time": ({"startDate": "2019-10-22 17:11:00"}, {"start": "2019-10-22 10:11:00+00"}),
    "x-mall-end": ({"endDate": "2024-05-31 23:59:00"}, {"end": "2024-05-31 16:59:00+00"}),
    "x-plain-date": ({"startDate": "2024-01-01"}, {"start": "2024-01-01 00:00:00+00"}),
    "x-offset": ({"startDate": "2024-01-01T00:00:00+07:00"}, {"start": "2023-12-31 17:00:00+00"}),
    "x-no-date": ({"startDate": "0000-00-00", "endDate": "-"}, {"start": None, "end": None}),
    "x-no-end": ({"endDate": "9999-12-31"}, {"end": "9999-12-31 00:00:00+00"}),
    "x-buddhist": ({"startDate": "2567-01-31"}, {"start": "2024-01-31 00:00:00+00"}),
    "x-not-buddhist": (
        {"startDate": "2024-01-01", "endDate": "2500-12-31"},
        {"start": "2024-01-01 00:00:00+00", "end": None},
    ),
}

FLOORS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "f-minus": ({"floor": "-1"}, ["B1"]),
    "f-range": ({"floor": "1F-3F"}, ["1F", "2F", "3F"]),
    "f-to": ({"floor": "1 to 3"}, ["1F", "2F", "3F"]),
    "f-tilde": ({"floor": "B1~1F"}, ["1F", "B1", "GF", "MF", "UG"]),
    "f-pipe": ({"floor": "1F|2F"}, ["1F", "2F"]),
    "f-line": ({"floor": "1F\n2F"}, ["1F", "2F"]),
    "f-brackets": ({"floor": "1F (ICONLUXE)"}, ["1F"]),
    "f-level": ({"floor": "Lv.3"}, ["3F"]),
    "f-decimal": ({"floor": "3.0"}, ["3F"]),
    "f-storey": ({"floor": "ชั้น 3"}, ["3F"]),
    "f-slash": ({"floor": "3/F"}, ["3F"]),
    "f-slashes": ({"floor": "3F/4F"}, ["3F", "4F"]),
    "f-ordinal": ({"floor": "3rd floor"}, ["3F"]),
    "f-and": ({"floor": "3F and 4F"}, ["3F", "4F"]),
    "f-thai-and": ({"floor": "3F และ 4F"}, ["3F", "4F"]),
    "f-revised": ({"floorRevised": "N/A", "floor": "5F"}, ["5F"]),
    "f-mark": ({"floor": f"{INVISIBLE}3F"}, ["3F"]),
    "f-zero-width": ({"floor": "3\u200bF"}, ["3F"]),
}

KINDS: dict[str, tuple[str | None, str | None, str, str | None]] = {
    # id: English label, Thai label, table, category
    "k-food": ("F&amp;B", "ร้านอาหาร", "dinings", "RESTAURANT"),
    "k-thai-cafe": ("", "คาเฟ่", "dinings", "CAFE & BAKERY"),
    "k-dining": ("Dining", "อาหารและเครื่องดื่ม", "dinings", "RESTAURANT"),
    "k-coffee": ("Coffee Shop", None, "dinings", None),
    "k-bakery": ("Bakery", None, "dinings", "CAFE & BAKERY"),
    "k-barbecue": ("Barbecue", None, "dinings", None),
    "k-takeaway": ("Takeaway", None, "dinings", None),
    "k-nails": ("Nail Bar", None, "shops", None),
    "k-pets": ("Pet Food", None, "shops", None),
    "k-supplies": ("Restaurant Supplies", None, "shops", None),
    "k-barber": ("Barber", None, "shops", None),
    "k-fashions": ("Fashions", None, "shops", "FASHION"),
    "k-plus": ("Fashion + Accessories", None, "shops", "FASHION"),
    "k-full-stop": ("FASHION & ACCESSORIES.", None, "shops", "FASHION"),
    "k-cafes": ("Cafés & Bakeries", None, "dinings", "CAFE & BAKERY"),
    "k-art": ("Art", None, "shops", None),
    "k-port": ("Port", None, "shops", None),
}

TWICE = [
    record("d-blank", brandNameEn="First", shopNameEnglish="", tel="02 111 1111"),
    record("d-blank", brandNameEn="", shopNameEnglish=None, brandNameTh="-", tel="02 222 2222"),
    record("d-equal"),
    record("d-equal"),
]

NO_IDS: list[Any] = [True, {"$oid": "5f"}, [7], float("nan"), 1.5]


@dataclass(frozen=True)
class World:
    """What one sync of the whole feed left in the CMS, and what a second one did."""

    mall: Mall
    first: SyncResult
    second: SyncResult
    is_untouched: bool

    def row(self, unique_id: str) -> dict[str, Any]:
        """Return a record's row and texts, in the names of this module; '' is none, as an editor sees it."""
        (row,) = self.mall.database.query(
            "SELECT r.slug, en.title, en.description, th.title AS title_th, r.contact_info_phone AS phone, "
            "r.contact_info_website AS website, r.location_zone AS zone, "
            "r.opening_hours_same_hours_every_day AS every_day, r.opening_hours_open AS open, "
            "r.opening_hours_close AS close, (r.date_range_start_date AT TIME ZONE 'UTC')::text || '+00' AS start, "
            "(r.date_range_end_date AT TIME ZONE 'UTC')::text || '+00' AS end FROM shops r "
            "LEFT JOIN shops_locales en ON en._parent_id = r.id AND en._locale = 'en' "
            "LEFT JOIN shops_locales th ON th._parent_id = r.id AND th._locale = 'th' WHERE r.unique_id = %s",
            unique_id,
        )
        return {name: None if value == "" else value for name, value in row.items()}

    def codes(self, unique_id: str | None) -> list[str]:
        """Return the codes of the first run's findings about a record."""
        return [code for name, code in self.mall.issues(self.first.sync_id) if name == unique_id]


def _feed() -> list[dict[str, Any]]:
    return [
        *(record(unique_id, **fields) for unique_id, (fields, _) in TEXTS.items()),
        *(record(unique_id, **fields) for unique_id, (fields, _) in FLOORS.items()),
        *(record(name, categoryNameEn=en, categoryNameTh=th) for name, (en, th, _, _) in KINDS.items()),
        *TWICE,
        *(record(None) | {"uniqueId": unique_id} for unique_id in NO_IDS),
    ]


@pytest.fixture(scope="module")
def world(postgres_servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Give the CMS after two syncs of the feed; the tests only look."""
    with FakeApi() as api, postgres_servers.get(DEFAULT).database() as database:
        mall = Mall(api, database, tmp_path_factory.mktemp("world"))
        first = mall.sync(_feed())
        before = mall.fingerprint()
        second = mall.sync()
        yield World(mall, first, second, mall.fingerprint() == before)


@pytest.mark.quick(cases=1)
@pytest.mark.parametrize("unique_id", TEXTS)
def test_texts_hours_and_dates(world: World, unique_id: str) -> None:
    """What the row holds is what a person would have typed in."""
    expected = TEXTS[unique_id][1]
    row = world.row(unique_id)
    assert {name: row[name] for name in expected} == expected


@pytest.mark.parametrize("unique_id", FLOORS)
def test_floors(world: World, unique_id: str) -> None:
    """A label is all the floors that it names, one row each."""
    rows = world.mall.database.query(
        "SELECT f.name FROM shops s JOIN floors f ON f.id = s.floor_id "
        "WHERE s.unique_id = %s OR s.unique_id LIKE %s || '-%%' ORDER BY f.name COLLATE \"C\"",
        unique_id,
        unique_id,
    )
    assert [row["name"] for row in rows] == FLOORS[unique_id][1]


@pytest.mark.parametrize("unique_id", KINDS)
def test_kinds_and_categories(world: World, unique_id: str) -> None:
    """A record is in the table, and under the category, that its labels mean."""
    _, _, table, category = KINDS[unique_id]
    assert world.mall.row(unique_id, table)["status"] == "INACTIVE"
    assert [name for _, _, name in world.mall.links(unique_id, table)] == ([category] if category else [])


def test_a_later_blank_copy_never_erases(world: World) -> None:
    """The last of two copies counts, its blanks filled from the one before."""
    row = world.row("d-blank")
    assert (row["title"], row["title_th"], row["phone"]) == ("First", "แบรนด์ d-blank", "02 222 2222")


def test_what_is_no_id_is_rejected(world: World) -> None:
    """True, an object, a list, NaN and a fraction name no record: each is rejected with a finding."""
    assert world.codes(None).count("missing_unique_id") == len(NO_IDS)
    (count,) = world.mall.database.query(
        "SELECT count(*) AS rows FROM shops WHERE unique_id ~ '^(true|\\{|\\[|nan|1.5)'"
    )
    assert count["rows"] == 0


def test_the_second_sync_writes_nothing(world: World) -> None:
    """The same feed again finds all as it left it."""
    counts = world.second.counts
    assert (counts.created, counts.updated, world.is_untouched) == (0, 0, True)
