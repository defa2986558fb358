"""The sample: always the same, all the mess of real data, and the plot of the demo."""

import hashlib
import json
import re
import tracemalloc
from collections import Counter
from itertools import islice

import pytest

from etl.contract.raw import RAW_NAMES
from etl.contract.reference import STANDARD_CATEGORIES, STANDARD_FLOORS
from etl.demo import words
from etl.demo.sample import sample_day, story

Record = dict[str, object]


def _by_id(records: list[Record]) -> dict[object, Record]:
    return {record["uniqueId"]: record for record in records}


@pytest.fixture(scope="module")
def day_1() -> list[Record]:
    """The default sample of day 1."""
    return list(sample_day(1))


@pytest.fixture(scope="module")
def day_2() -> list[Record]:
    """The default sample of day 2."""
    return list(sample_day(2))


def _texts(records: list[Record]) -> str:
    """All texts of the records, one a line."""
    return "\n".join(value for record in records for value in record.values() if isinstance(value, str))


def test_sample_never_changes(day_1: list[Record], day_2: list[Record]) -> None:
    """The bytes of both days are the same on every Python; who changes the sample changes this hash."""
    digests = [hashlib.sha256(json.dumps(day).encode()).hexdigest()[:16] for day in (day_1, day_2)]
    assert digests == ["687df33edcce198f", "cb01bca0f988ee37"]


def test_sizes(day_1: list[Record], day_2: list[Record]) -> None:
    """500 records on day 1; one gone and four new on day 2; about 2.5 KB of JSON each."""
    assert (len(day_1), len(day_2)) == (500, 503)
    average = sum(len(json.dumps(r, ensure_ascii=False, separators=(",", ":")).encode()) for r in day_1) / 500
    assert 2400 < average < 2700


def test_records_have_the_apis_fields_in_its_order(day_1: list[Record]) -> None:
    """All 86 fields, but for five records that lack some or have more."""
    assert sum(tuple(record) == RAW_NAMES for record in day_1) == 495
    unknown = {name for record in day_1 for name in record if name not in RAW_NAMES}
    assert unknown == {"loyaltyTier", "parking"}


def test_values_are_text_null_or_the_status(day_1: list[Record]) -> None:
    """Known fields hold text or null; `status` is true, or null."""
    kinds = {(name == "status", type(r[name])) for r in day_1 for name in RAW_NAMES if name in r}
    assert kinds == {(False, str), (False, type(None)), (True, bool), (True, type(None))}


@pytest.mark.parametrize(
    "pattern",
    [
        "O&#039;W",
        "Thorn &amp;amp; Thimble",
        "&ndash;",
        "&#x1F33F;",
        "&eacute;",
        r"\\u0e01",
        r"\\ud83c\\udf3f",
        "line\\.\r\nSecond",
        "\x00",
        "\x0b",
        "\x07",
        "\u00a0",
        "Ăn Cỏ Ăn Lá",
        "™",
        "“Quiet” Corner’s",
        r"(?m)^  Padded Plover  $",
        "Cafe\u0301",
        "๑๐.๐๐",
        "10.00–22.00 น.",
        "24 hours",
        "25:99",
        "By appointment only",
        "Mon-Fri 10:00-21:00, Sat-Sun 10:00-22:00",
    ],
)
def test_day_1_holds_every_mess_of_text(day_1: list[Record], pattern: str) -> None:
    """Entities, escapes, control characters, odd spaces, scripts and hours of real data are all there."""
    assert re.search(pattern, _texts(day_1))


def test_day_1_holds_every_floor_label(day_1: list[Record]) -> None:
    """Every form of a label and of a list, a corrected floor, and labels that fit no floor."""
    found = {record.get("floor") for record in day_1}
    seen = (
        "B1|1F|1|1f|G|GF|GA|U|M|BM1|BM2|BM|7A|basement 1|ground floor|upper ground|mezzanine|mezzanine floor"
    )
    seen += "|first floor|eighth floor|B1 Floor|3F Floor|Fl. 3|Fl. G|Fl. GA|Fl. M|Fl. U|Fl. B1|Fl. BM1|Fl. BF"
    seen += "|,1|2,3|Fl. 3,4|Fl. G,GA|Fl. M,1|7,8|7,7A,8A|Fl. BM1,G|Fl. 99,77|Rooftop Garden"
    assert set(seen.split("|")) - found == set()
    assert "Fl. 5,6" in {record.get("floorRevised") for record in day_1}


def test_day_1_holds_every_category_label(day_1: list[Record]) -> None:
    """Every alias that is known, Thai only, blank, and labels that fit no category."""
    found = {(record["categoryNameEn"], record["categoryNameTh"]) for record in day_1}
    assert set(words.CATEGORY_LABELS) - found == set()
    assert {(None, None), (None, "ความงาม"), ("Pop-Up Market", "ตลาดนัดชั่วคราว")} <= found


def test_day_1_has_odd_ids(day_1: list[Record]) -> None:
    """One record comes twice, whole; one has no id; one has the id of another's copy."""
    ids = Counter(record["uniqueId"] for record in day_1)
    assert ids[None] == 1
    twice = [unique_id for unique_id, n in ids.items() if n > 1]
    assert twice == ["T100310"]
    assert day_1[309] == day_1[310]
    by_id = _by_id(day_1)
    assert by_id["T100299"]["floor"] == "4,5"
    assert "T100299-5F" in by_id


def test_a_brand_is_on_two_floors(day_1: list[Record]) -> None:
    """The same tenant has two records, each with its own id and floor."""
    otters = [record for record in day_1 if record.get("tenantId") == "TN-OTTER"]
    assert [record["floor"] for record in otters] == ["1F", "4F"]
    assert {record["brandNameEn"] for record in otters} == {"Cinnabar Otter"}
    assert len({record["uniqueId"] for record in otters}) == 2


def test_most_records_are_clean(day_1: list[Record]) -> None:
    """Outside the places of the mess, no record does not have a name, hours, a floor or a category."""
    clean = [record for index, record in enumerate(day_1) if index % 2 == 1]
    needed = ("uniqueId", "brandNameEn", "openingHours", "floor", "categoryNameEn", "unit", "descriptionTh")
    assert len(clean) == 250
    assert all(isinstance(record[name], str) and record[name] for record in clean for name in needed)


def test_day_2_changes_what_the_story_tells(day_1: list[Record], day_2: list[Record]) -> None:
    """Beside dates of the source, only the records of the story change."""
    first, second, plot = _by_id(day_1), _by_id(day_2), story()
    dates = {"tenantLastUpdate", "jobSyncDate"}
    changed = {
        key: {name for name in first[key] if first[key][name] != second[key][name]} - dates
        for key in first.keys() & second.keys()
    }
    assert {key: names for key, names in changed.items() if names} == {
        plot.changed["title"]: {"brandNameEn"},
        plot.changed["description"]: {"descriptionEn"},
        plot.changed["hours"]: {"openingHours"},
        plot.changed["phone"]: {"tel"},
        plot.changed["floor"]: {"floor"},
        plot.changed["category"]: {"categoryNameEn", "categoryNameTh"},
        plot.changed["kind"]: {"categoryNameEn", "categoryNameTh"},
        plot.changed["split"]: {"floor"},
        plot.changed["joined"]: {"floor"},
        plot.changed["blanked"]: {"website", "zone"},
        plot.kept.unique_id: {"tel"},
        plot.conflict.unique_id: {"brandNameEn"},
    }


def test_day_2_has_new_tenants_and_misses_one(day_1: list[Record], day_2: list[Record]) -> None:
    """Four ids are new, one is gone, as the story says."""
    first, second, plot = _by_id(day_1), _by_id(day_2), story()
    assert first.keys() - second.keys() == {"T100122"}
    assert plot.gone == ("T100122", "Paper Egret")
    assert second.keys() - first.keys() == {"T5000001", "T5000002", "T5000003", "T5000004"}
    assert plot.created == (
        ("T5000001", "Tidewater & Tamarisk"),
        ("T5000002", "Stationers' Nook"),
        ("T5000003", "Café Brindillette"),
        ("T5000004", "Quán Sương Đêm"),
    )


def test_story_says_what_the_editor_does(day_1: list[Record], day_2: list[Record]) -> None:
    """One title of the editor's survives; of the other, changed on both sides, the source's is taken."""
    plot = story()
    assert (plot.kept.table, plot.kept.field, plot.conflict.table) == ("shops", "title_en", "dinings")
    assert plot.kept.before == _by_id(day_1)[plot.kept.unique_id]["brandNameEn"] == "Lanternlight & Loam"
    assert plot.kept.editor_value == plot.kept.after == "Lanternlight & Loam Atelier"
    assert plot.conflict.before == "Mangrove Meridian"
    assert plot.conflict.editor_value == "Mangrove Meridian Café"
    assert (
        plot.conflict.after
        == _by_id(day_2)[plot.conflict.unique_id]["brandNameEn"]
        == "Mangrove Meridian Kitchen"
    )


def test_floors_of_two_records_split_and_join(day_1: list[Record], day_2: list[Record]) -> None:
    """One record goes from one floor to two, another from two to one that stays."""
    first, second, changed = _by_id(day_1), _by_id(day_2), story().changed
    assert (first[changed["split"]]["floor"], second[changed["split"]]["floor"]) == ("3F", "Fl. 3,4")
    assert (first[changed["joined"]]["floor"], second[changed["joined"]]["floor"]) == ("Fl. 5,6", "6F")


@pytest.mark.parametrize(
    ("count", "on_day_2"), [(0, 0), (1, 5), (121, 125), (122, 125), (500, 503), (1200, 1209)]
)
def test_any_number_of_records(count: int, on_day_2: int) -> None:
    """A smaller sample is the beginning of a larger one; day 2 adds four for each 500 begun."""
    assert sum(1 for _ in sample_day(1, count)) == count
    assert list(sample_day(1, min(count, 50))) == list(islice(sample_day(1, max(count, 50)), min(count, 50)))
    assert sum(1 for _ in sample_day(2, count)) == on_day_2


def test_large_sample_keeps_ids_apart() -> None:
    """In 20,000 records an id comes twice only where the record does: once in every 500."""
    ids = Counter(record["uniqueId"] for record in sample_day(2, 20_000))
    assert ids.pop(None) == 40
    assert sum(n > 1 for n in ids.values()) == 40


def test_large_sample_keeps_brands_apart() -> None:
    """Pairs of words come once in 1,517 records, then with a third word, then with a figure."""
    names = [record["brandNameEn"] for index, record in enumerate(sample_day(1, 20_000)) if index % 500 == 3]
    assert len(set(names)) == 40
    assert names[0] == "Ember Sparrow"
    assert names[5] == "Tamarind &amp; Theory Avenue"
    assert names[39] == "Nimbus Heron Avenue 2"


def test_memory_stays_flat() -> None:
    """Streaming ten times the records takes no more memory."""
    tracemalloc.start()
    for _ in sample_day(1, 5000):
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


def test_seed_changes_what_is_plain_and_not_the_story() -> None:
    """Another seed gives other tenants; the story's records keep their names."""
    one, other = list(sample_day(1, 130, seed=7)), list(sample_day(1, 130, seed=8))
    assert one[3]["brandNameEn"] != other[3]["brandNameEn"]
    assert one[101]["brandNameEn"] == other[101]["brandNameEn"] == "Lanternlight & Loam"


@pytest.mark.parametrize(("day", "count"), [(0, 5), (3, 5), (1, -1)])
def test_no_such_day(day: int, count: int) -> None:
    """Days are 1 and 2, and counts not negative; anything else is refused at once."""
    with pytest.raises(ValueError, match="the sample has days 1 and 2"):
        sample_day(day, count)


def test_words_give_unique_pairs() -> None:
    """The two lists of words have no common factor, hold no word twice, and shares make 100 percent."""
    assert (len(set(words.FIRST)), len(set(words.SECOND))) == (41, 37)
    assert (len(words.FIRST), len(words.SECOND)) == (41, 37)
    assert sum(profile.share for profile in words.PROFILES) == 100


def test_standard_floors() -> None:
    """Thirteen floors from the lowest up."""
    names = ["B2", "B1", "GF", "UG", "MF", "1F", "2F", "3F", "4F", "5F", "6F", "7F", "8F"]
    assert [floor.name for floor in STANDARD_FLOORS] == names
    assert [floor.order for floor in STANDARD_FLOORS] == list(range(1, 14))


def test_standard_categories() -> None:
    """Slugs are unique; within a kind no name comes twice; every target of an alias is there."""
    assert len({category.slug for category in STANDARD_CATEGORIES}) == len(STANDARD_CATEGORIES) == 16
    names = {(category.type, category.name_en) for category in STANDARD_CATEGORIES}
    assert len(names) == 16
    targets = ("LUXURY", "FASHION", "BEAUTY", "GADGET", "HOME & LIVING", "GENERAL", "COSMETIC & FRAGRANCE")
    assert {("shops", name) for name in (*targets, "CLUB & LOUNGE")} <= names
    assert {("dinings", "RESTAURANT"), ("dinings", "CLUB & LOUNGE"), ("dinings", "CAFE & BAKERY")} <= names
