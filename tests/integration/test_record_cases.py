"""Text, dates and doubled records that came out wrong once: one feed, end to end into Postgres."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.sync import Mall, record

TEXT: dict[str, tuple[dict[str, Any], str | None, str]] = {
    "books": ({"brandNameEn": "Books&notebooks"}, "Books&notebooks", "books-notebooks"),
    "health": ({"brandNameEn": "Health&centre"}, "Health&centre", "health-centre"),
    "tom": ({"brandNameEn": "Tom&central"}, "Tom&central", "tom-central"),
    "salt": ({"brandNameEn": "Salt &amp Stone"}, "Salt & Stone", "salt-stone"),
    "ab": ({"brandNameEn": "A&amp;B"}, "A&B", "a-b"),
    "half": ({"brandNameEn": "Half \ud83d Shop"}, "Half Shop", "half-shop"),
    "nul": ({"brandNameEn": "Nul&#0;A"}, "NulA", "nula"),
    "huge": ({"brandNameEn": "Huge&#9999999;A"}, "HugeA", "hugea"),
    "tag": ({"brandNameEn": "Tag <b>Shop</b>"}, "Tag Shop", "tag-shop"),
    "thai": ({"brandNameEn": "I <3 Thai"}, "I <3 Thai", "i-3-thai"),
    "less": ({"brandNameEn": "a < b"}, "a < b", "a-b-2"),
    "dash": ({"brandNameEn": "-", "shopNameEnglish": "Real name"}, "Real name", "real-name"),
    "kids": ({"brandNameEn": "👨\u200d👩\u200d👧 Kids"}, "👨\u200d👩\u200d👧 Kids", "kids"),
    "t1": ({"brandNameEn": "Lower"}, "Lower", "lower"),
    "T1": ({"brandNameEn": "Upper"}, "Upper", "upper"),
}
"""By uniqueId what is sent, the English title, and the slug."""

NOW = datetime(2026, 12, 1, tzinfo=UTC)
DATES: dict[str, tuple[str | None, str | None, datetime | None, datetime | None, list[str]]] = {
    "zoneless": (
        "2019-10-22 17:11:00",
        "2099-05-31 23:59:00",
        datetime(2019, 10, 22, 10, 11, tzinfo=UTC),
        datetime(2099, 5, 31, 16, 59, tzinfo=UTC),
        [],
    ),
    "plain": (
        "2024-01-01",
        "2099-01-01T00:00:00+07:00",
        datetime(2024, 1, 1, tzinfo=UTC),
        datetime(2098, 12, 31, 17, tzinfo=UTC),
        [],
    ),
    "no-end": ("0000-00-00", "9999-12-31", None, datetime(9999, 12, 31, tzinfo=UTC), []),
    "blank": ("-", "N/A", None, None, []),
    "buddhist": ("2567-01-31", None, datetime(2024, 1, 31, tzinfo=UTC), None, []),
    "far": ("2024-01-01", "2500-12-31", datetime(2024, 1, 1, tzinfo=UTC), None, ["unreadable_date"]),
    "reversed": (
        "2099-01-02",
        "2099-01-01",
        datetime(2099, 1, 2, tzinfo=UTC),
        datetime(2099, 1, 1, tzinfo=UTC),
        ["start_after_end"],
    ),
    "past": (
        "2020-01-01",
        "2021-01-01",
        datetime(2020, 1, 1, tzinfo=UTC),
        datetime(2021, 1, 1, tzinfo=UTC),
        ["end_past"],
    ),
}
"""By uniqueId start and end as sent, both as loaded, and the findings."""


def found(mall: Mall, sync_id: str) -> dict[str | None, list[str]]:
    """Return the codes of a run's findings by record."""
    codes: dict[str | None, list[str]] = {}
    for unique_id, code in mall.issues(sync_id):
        codes.setdefault(unique_id, []).append(code)
    return codes


def test_text(mall: Mall) -> None:
    """Each title and slug is the one expected, what was lost is a finding, and the same feed again writes nothing."""
    feed = [record(unique_id, **fields) for unique_id, (fields, _, _) in TEXT.items()]
    first = mall.sync(feed)
    titles = {unique_id: mall.texts(unique_id, "en")["title"] for unique_id in TEXT}
    assert titles == {unique_id: title for unique_id, (_, title, _) in TEXT.items()}
    assert {unique_id: mall.row(unique_id)["slug"] for unique_id in TEXT} == {
        unique_id: slug for unique_id, (_, _, slug) in TEXT.items()
    }
    broken = ["broken_characters"]
    assert found(mall, first.sync_id) == {"half": broken, "nul": broken, "huge": broken}
    (half,) = mall.database.query(
        "SELECT value FROM etl.sync_issues WHERE sync_id = %s AND unique_id = 'half'", first.sync_id
    )
    assert half["value"] == r"Half \ud83d Shop"

    before = mall.fingerprint()
    again = mall.sync(feed)
    assert (again.counts.created, again.counts.updated, mall.fingerprint()) == (0, 0, before)


def test_lines_and_descriptions(mall: Mall) -> None:
    """Descriptions keep what is no entity and get line ends; marks go from phones; websites get a scheme or nothing."""
    address = "see https://x.example/?lang=th&section=3&region=2&copy=1"
    result = mall.sync(
        [
            record(
                "T1",
                descriptionEn=address,
                descriptionTh="One<br>two</p><p>three<script>x()</script>",
                tel="\u202d02 118 2352\u202c",
                website="www.koithe.example",
            ),
            record(
                "T2",
                website="javascript:alert(1)",
                brandNameTh="เครื่องสํา\u200bอาง",
                brandNameEn="---",
                shopNameEnglish=None,
            ),
            record(
                "T3", brandNameEn="---", brandNameTh="-", shopNameEnglish=None, shopNameThai=None, tel=["1"]
            ),
        ]
    )
    assert mall.texts("T1", "en")["description"] == address
    assert mall.texts("T1", "th")["description"] == "One\ntwo\nthree"
    row = mall.row("T1")
    assert (row["contact_info_phone"], row["contact_info_website"]) == (
        "02 118 2352",
        "https://www.koithe.example",
    )
    assert mall.row("T2")["contact_info_website"] is None
    assert mall.texts("T2", "th")["title"] == "เครื่องสำอาง"
    assert (mall.row("T2")["slug"], mall.row("T3")["contact_info_phone"]) == ("khrueangsamaang", None)
    assert found(mall, result.sync_id) == {
        None: ["not_text"],
        "T2": ["no_english_title", "bad_website"],
        "T3": ["no_name", "not_text"],
    }
    counted = {"entities", "tags", "invisible", "placeholder_blanked", "sara_am", "website_scheme"}
    assert counted - {"entities"} <= result.repairs.keys()


@pytest.mark.parametrize("blank", [float("nan"), "N/A", "null", "-", " ", None, "\u200b"])
def test_blanks_leave_what_is_there(mall: Mall, blank: object) -> None:
    """Whatever says that there is nothing erases nothing."""
    mall.sync([record("T1")])
    before = mall.fingerprint()

    again = mall.sync([record("T1", tel=blank, website=blank, zone=blank, openingHours=blank, floor=blank)])

    assert again.counts.updated == 0
    assert mall.fingerprint() == before


def test_dates(mall: Mall) -> None:
    """Moments are the mall's, and what makes no sense is a finding."""
    feed = [record(name, startDate=case[0], endDate=case[1]) for name, case in DATES.items()]
    result = mall.sync(feed)
    columns = ("date_range_start_date", "date_range_end_date")
    rows = {name: tuple(mall.row(name)[column] for column in columns) for name in DATES}
    assert rows == {name: (start, end) for name, (_, _, start, end, _) in DATES.items()}
    codes = found(mall, result.sync_id)
    assert codes == {name: case[4] for name, case in DATES.items() if case[4]}

    before = mall.fingerprint()
    assert mall.sync(feed).counts.updated == 0
    assert mall.fingerprint() == before


def test_dates_of_another_mall(mall: Mall) -> None:
    """MALL_TIMEZONE says whose time it is."""
    mall.overrides["mall_timezone"] = "Asia/Tokyo"
    mall.sync([record("T1", startDate="2019-10-22 17:11:00")])
    assert mall.row("T1")["date_range_start_date"] == datetime(2019, 10, 22, 8, 11, tzinfo=UTC)


def test_the_same_id_twice(mall: Mall) -> None:
    """The last counts, its blanks are filled from the one before; the finding names the fields, or says equal."""
    feed = [
        record("T1", brandNameEn="First", brandNameTh="แรก", zone="Old", unit="7"),
        record("T2"),
        record(" T1 ", brandNameEn=" ", brandNameTh="N/A", shopNameEnglish=None, zone="New", unit="-"),
        record("T2"),
    ]
    first = mall.sync(feed)
    assert (first.counts.created, first.counts.duplicates, first.counts.processed) == (2, 2, 2)
    assert mall.texts("T1", "en")["title"] == "First"
    assert mall.texts("T1", "th")["title"] == "แรก"
    assert mall.texts("T1", "en")["location_shop_number"] == "7"
    assert (mall.row("T1")["location_zone"], mall.row("T1")["slug"]) == ("New", "first")
    told = mall.database.query(
        "SELECT unique_id, message, value FROM etl.sync_issues WHERE sync_id = %s ORDER BY id", first.sync_id
    )
    assert [tuple(row.values()) for row in told] == [
        (
            "T1",
            "The record came again: the one at position 1 was dropped, the one at position 3 was taken, its blanks filled "
            "from the other. They differ in tenantId, brandNameEn, brandNameTh, shopNameEnglish, unit, zone.",
            "tenantId, brandNameEn, brandNameTh, shopNameEnglish, unit, zone",
        ),
        (
            "T2",
            "The record came again: the one at position 2 was dropped, the one at position 4 was taken. "
            "Both are equal in all that the job uses.",
            None,
        ),
    ]

    before = mall.fingerprint()
    again = mall.sync(feed)
    assert (again.counts.updated, again.counts.duplicates, mall.fingerprint()) == (0, 2, before)


def test_no_ids(mall: Mall) -> None:
    """What is neither a text nor a whole number is no id; the finding names its position, from 1."""
    odd: list[object] = [True, {"$oid": "5f"}, [7], float("nan"), 1.5]
    result = mall.sync(
        [record("T1"), *(record(None, uniqueId=each) for each in odd), record(None, uniqueId=15)]
    )
    assert (result.counts.created, result.counts.rejected) == (2, 5)
    assert mall.row("15")["slug"] == "brand-none"
    told = mall.database.query(
        "SELECT message FROM etl.sync_issues WHERE sync_id = %s AND code = 'missing_unique_id' ORDER BY id",
        result.sync_id,
    )
    assert [row["message"].split(", so ")[0] for row in told] == [
        "The record at position 2 of the feed (named 'Brand None') has true in place of a uniqueId, which is a text or a "
        "whole number",
        """The record at position 3 of the feed (named 'Brand None') has {"$oid":"5f"} in place of a uniqueId, """
        "which is a text or a whole number",
        "The record at position 4 of the feed (named 'Brand None') has [7] in place of a uniqueId, which is a text or a "
        "whole number",
        "The record at position 5 of the feed (named 'Brand None') has no uniqueId",
        "The record at position 6 of the feed (named 'Brand None') has 1.5 in place of a uniqueId, which is a text or a "
        "whole number",
    ]


def test_odd_names_and_entries(mall: Mall) -> None:
    """Names of fields that nobody can read, and entries that are no records: the run goes on, and they are told, cut."""
    long = "x" * 3_000_000
    entries: list[Any] = [record("T1", **{"new\x00\x1b[31m": "1", long: "2"}), None, "oops", []]
    result = mall.sync(entries)
    assert (result.counts.created, result.counts.rejected) == (1, 3)
    told = mall.database.query(
        "SELECT code, field, message FROM etl.sync_issues WHERE sync_id = %s AND code <> 'missing_unique_id' ORDER BY id",
        result.sync_id,
    )
    cut = "x" * 100 + "…"
    unused = "it is not in the contract, so it is not used."
    assert [tuple(row.values()) for row in told] == [
        (
            "not_objects",
            "data",
            "3 entries of data are not objects, so they were not loaded. The API has to send objects.",
        ),
        (
            "unknown_fields",
            r"new\x00\x1b[31m",
            rf"The API sent 'new\x00\x1b[31m' in 1 record; {unused}",
        ),
        ("unknown_fields", cut, f"The API sent '{cut}' in 1 record; {unused}"),
    ]


def test_not_active(mall: Mall) -> None:
    """A tenant that the directory calls inactive is loaded as any other, and told."""
    result = mall.sync(
        [
            record("T1", status=False),
            record("T2", statusRevised="Terminated"),
            record("T3", statusRevised="Open"),
        ]
    )
    assert (result.status, result.counts.created) == ("COMPLETED", 3)
    assert found(mall, result.sync_id) == {"T1": ["not_active"], "T2": ["not_active"]}
