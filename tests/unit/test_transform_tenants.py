"""Raw records to canonical tenants, with rejections and issues."""

from datetime import UTC, datetime
from typing import Any

import polars as pl

from etl.contract.clock import Clock
from etl.contract.findings import CODES
from etl.contract.issue import ISSUE
from etl.contract.raw import RAW_POLARS
from etl.transform.tenants import MODES, REJECTED, TENANTS, Copies, transform


def raw(*records: dict[str, str | None]) -> pl.DataFrame:
    """Make a frame of raw records; fields not given are null."""
    return pl.DataFrame(list(records), schema=RAW_POLARS)


LOTUS: dict[str, str | None] = {
    "uniqueId": " T1 ",
    "tenantId": "0001",
    "brandNameEn": "Lotus &amp; Co",
    "brandNameTh": "บัว",
    "shopNameEnglish": "Lotus &amp; Co ICONSIAM",
    "shopNameThai": "ร้านบัว",
    "categoryNameEn": "Food &amp; Beverage",
    "categoryNameTh": "อาหาร",
    "zone": " A ",
    "floor": "G",
    "floorRevised": "Fl. 3,4",
    "openingHours": "10.00 - 22.00",
    "unit": "301",
    "tel": "02 123 4567",
    "website": "https://a.example/?x=1&region=2",
    "descriptionEn": "Silk\r\nand tea",
    "descriptionTh": r"\u0e01",
    "startDate": "05/01/2567",
    "endDate": "2030-12-31",
}


def test_one_record_in_full() -> None:
    """Every column of a record is made of the fields that the contract names."""
    result = transform(raw(LOTUS), 40)
    assert result.tenants.schema == TENANTS
    assert result.tenants.to_dicts() == [
        {
            "position": 40,
            "unique_id": "T1",
            "tenant_id": "0001",
            "slug_stem": "lotus-co",
            "title_en": "Lotus & Co",
            "title_th": "บัว",
            "subtitle_en": "ร้านบัว",
            "subtitle_th": "Lotus & Co ICONSIAM",
            "description_en": "Silk\nand tea",
            "description_th": "ก",
            "meta_title_en": "Lotus & Co",
            "meta_title_th": "บัว",
            "shop_number": "301",
            "zone": "A",
            "phone": "02 123 4567",
            "website": "https://a.example/?x=1&region=2",
            "start_at": datetime(2024, 1, 5, tzinfo=UTC),
            "end_at": datetime(2030, 12, 31, tzinfo=UTC),
            "sent_fields": 0b111_1111_1111_1111_1111,
            "hours": '[true, "10:00", "22:00", []]',
            "floor_label": "Fl. 3,4",
            "floor_parts": ["Fl. 3", "4"],
            "category_label_en": "Food & Beverage",
            "category_label_th": "อาหาร",
        }
    ]
    assert (result.rejected.height, result.issues.height) == (0, 0)
    assert {name: count for name, count in result.repairs.items() if count} == {
        "entities": 3,
        "escapes": 1,
        "newlines": 1,
        "trimmed": 2,
    }


def test_titles_fall_back_to_the_shops_names() -> None:
    """Without a brand the title is the shop's name; the title for search engines stays the brand's alone."""
    result = transform(
        raw({"uniqueId": "T1", "shopNameEnglish": "Tea", "shopNameThai": "ชา", "brandNameTh": " "}), 0
    )
    columns = [
        "title_en",
        "title_th",
        "subtitle_en",
        "subtitle_th",
        "meta_title_en",
        "meta_title_th",
        "slug_stem",
    ]
    assert result.tenants.select(columns).rows() == [("Tea", "ชา", "ชา", "Tea", None, None, "tea")]


def test_blank_record_is_null_everywhere() -> None:
    """A record with nothing but its id has nulls, an empty list of floors, a slug of its id, one warning."""
    result = transform(raw({"uniqueId": "T1"}), 7)
    row: dict[str, Any] = result.tenants.row(0, named=True)
    assert {name: value for name, value in row.items() if value is not None} == {
        "position": 7,
        "unique_id": "T1",
        "slug_stem": "shop-t1",
        "sent_fields": 1,
        "floor_parts": [],
    }
    message = (
        "The record has no brand or shop name in any language; the slug of a new row is made of its id. "
        "Enter a name in the directory, or in the CMS."
    )
    assert result.issues.rows() == [("T1", "warning", "no_name", None, message, None)]


def test_record_without_unique_id_is_rejected() -> None:
    """No or a blank uniqueId: rejected with one error that names its position, counted from 1, and its name."""
    result = transform(
        raw(
            {"brandNameEn": "Tea\x00", "openingHours": "?"},
            {"uniqueId": "T2", "brandNameEn": "Silk"},
            {"uniqueId": " &nbsp;", "tenantId": "77"},
            {"uniqueId": ""},
        ),
        100,
    )
    assert result.tenants["position"].to_list() == [101]
    assert result.rejected.schema == REJECTED
    assert result.rejected.rows() == [(100, None), (102, None), (103, None)]
    asked = "has no uniqueId, so it was not loaded. Give it one in the directory."
    assert result.issues.rows() == [
        (None, "error", "missing_unique_id", "uniqueId", f"The record at position {where} {asked}", None)
        for where in (
            "101 of the feed (named 'Tea')",
            "103 of the feed (without a name, tenantId '77')",
            "104 of the feed (without a name, without a tenantId)",
        )
    ]


def test_issues_come_in_feed_order() -> None:
    """Findings are sorted by record; each says field and value; control characters are shown as escapes."""
    result = transform(
        raw(
            {"uniqueId": "T1", "brandNameEn": "A", "startDate": "soon", "endDate": "31/12/67"},
            {
                "uniqueId": "T2",
                "brandNameEn": "B\x00\x07",
                "descriptionTh": "x\x85",
                "openingHours": "ask\nus",
            },
            {"uniqueId": "T3", "brandNameEn": "C", "zone": "&#x81;Z"},
        ),
        0,
    )
    assert result.issues.schema == ISSUE
    columns = ["unique_id", "severity", "code", "field", "value"]
    assert result.issues.select(columns).rows() == [
        ("T1", "warning", "unreadable_date", "startDate", "soon"),
        ("T1", "warning", "unreadable_date", "endDate", "31/12/67"),
        ("T2", "warning", "control_characters", "brandNameEn", r"B\x00\x07"),
        ("T2", "warning", "control_characters", "descriptionTh", r"x\x85"),
        ("T2", "warning", "unreadable_hours", "openingHours", "ask us"),
        ("T3", "warning", "control_characters", "zone", "&#x81;Z"),
    ]
    assert result.issues["message"].to_list() == [
        "startDate is not a date from 1900 to 2200, so it was left out. Write it like 2024-01-31 in the directory.",
        "endDate is not a date from 1900 to 2200, so it was left out. Write it like 2024-01-31 in the directory.",
        "Control characters were dropped from brandNameEn. Correct the text in the directory.",
        "Control characters were dropped from descriptionTh. Correct the text in the directory.",
        "The opening hours can't be read, so they are taken as text. Write them like 10:00-22:00 in the directory.",
        "Control characters were dropped from zone. Correct the text in the directory.",
    ]
    assert set(result.issues["code"]) <= set(CODES)


def test_values_of_issues_are_cut() -> None:
    """The value of an issue has at most 500 characters; the record keeps the whole text."""
    result = transform(
        raw({"uniqueId": "T1", "brandNameEn": "A" * 600 + "\x00", "openingHours": "x" * 600}), 0
    )
    assert result.issues["value"].to_list() == ["A" * 500, "x" * 500]
    kept = ("A" * 600, f'[true, "{"x" * 600}", null, []]')
    assert result.tenants.select("title_en", "hours").row(0) == kept


def test_empty_frame() -> None:
    """No records give empty frames of the same schemas, and no repairs."""
    result = transform(raw(), 0)
    assert result.tenants.schema == TENANTS
    assert result.rejected.schema == REJECTED
    assert result.issues.schema == ISSUE
    assert (result.tenants.height, result.rejected.height, result.issues.height) == (0, 0, 0)
    assert sum(result.repairs.values()) == 0


def test_every_field_that_is_used_is_in_the_contract() -> None:
    """The fields that transform reads are fields of the API."""
    assert set(MODES) <= set(RAW_POLARS)


def test_the_ids_of_a_named_source() -> None:
    """They begin with its prefix, and so does a slug that is made of one; the tenantId stays, and none stays none."""
    nameless: dict[str, str | None] = {"uniqueId": "T2", "tenantId": "0002"}

    result = transform(raw(LOTUS, nameless, {"uniqueId": " "}), 0, "siam:")

    assert result.tenants.select("unique_id", "tenant_id", "slug_stem").rows() == [
        ("siam:T1", "0001", "lotus-co"),
        ("siam:T2", "0002", "shop-siam-0002"),
    ]
    assert result.rejected.rows() == [(2, None)]
    assert result.issues.filter(code="no_name")["unique_id"].to_list() == ["siam:T2"]


def codes(*records: dict[str, str | None], now: datetime | None = None) -> list[tuple[Any, ...]]:
    """Return record, code, field and value of each finding, those without a name apart."""
    issues = transform(raw(*records), 0, "", Clock(now=now)).issues.filter(pl.col("code") != "no_name")
    return issues.select("unique_id", "code", "field", "value").rows()


def test_placeholders_speak_for_nothing_before_a_fallback() -> None:
    """A revised floor that says nothing lets the floor speak, a brand the shop's name."""
    result = transform(
        raw(
            {
                "uniqueId": "T1",
                "floorRevised": "N/A",
                "floor": "5F",
                "brandNameEn": "-",
                "shopNameEnglish": "Real name",
                "tel": "null",
            }
        ),
        0,
    )
    columns = ["floor_label", "title_en", "slug_stem", "phone"]
    assert result.tenants.select(columns).rows() == [("5F", "Real name", "real-name", None)]
    assert result.repairs["placeholder_blanked"] == 3


def test_a_website_is_completed_or_left_out() -> None:
    """The first is a repair, the second a finding."""
    records: list[dict[str, str | None]] = [
        {"uniqueId": "T1", "website": "a.example"},
        {"uniqueId": "T2", "website": "javascript:x"},
    ]
    result = transform(raw(*records), 0)
    assert result.tenants["website"].to_list() == ["https://a.example", None]
    assert result.repairs["website_scheme"] == 1
    assert codes(*records) == [("T2", "bad_website", "website", "javascript:x")]


def test_dates_that_make_no_sense() -> None:
    """A start after its end, and an end that is past at the moment of the run."""
    records: list[dict[str, str | None]] = [
        {"uniqueId": "T1", "startDate": "2099-01-02", "endDate": "2099-01-01"},
        {"uniqueId": "T2", "endDate": "2021-01-01"},
        {"uniqueId": "T3", "endDate": "9999-12-31"},
        {"uniqueId": "T4", "startDate": "0000-00-00", "endDate": "-"},
    ]
    past = ("T2", "end_past", "endDate", "2021-01-01")
    start = ("T1", "start_after_end", "startDate", "2099-01-02 – 2099-01-01")
    assert codes(*records, now=datetime(2026, 1, 1, tzinfo=UTC)) == [start, past]
    assert codes(*records) == [start]


def test_a_tenant_that_is_not_active() -> None:
    """One finding a record, by what the directory revised before what it said first; another word is none."""
    assert codes(
        {"uniqueId": "T1", "status": "false"},
        {"uniqueId": "T2", "status": "false", "statusRevised": "Terminated"},
        {"uniqueId": "T3", "status": "true", "statusRevised": "Open"},
    ) == [("T1", "not_active", "status", "false"), ("T2", "not_active", "statusRevised", "Terminated")]


def test_a_record_without_an_english_title() -> None:
    """It is told where there is a Thai one."""
    assert codes({"uniqueId": "T1", "shopNameThai": "ชา"}) == [("T1", "no_english_title", "title_en", "ชา")]


def test_values_that_cannot_be_text() -> None:
    """They are blank, and told with the record; in place of an id they are told by the record's rejection."""
    found = codes(
        {"uniqueId": "T1", "extra": '{"tel":[1.50],"new":{"zone":1}}'},
        {"extra": '{"uniqueId":true,"tel":{}}'},
        {"uniqueId": "T3", "extra": '{"tel":' + "[" * 5_000 + "]" * 5_000 + "}"},
    )
    assert found == [("T1", "not_text", "tel", "[1.50]"), (None, "missing_unique_id", "uniqueId", "true")]


def test_copies_are_dropped_and_told() -> None:
    """A row that comes again later is no tenant and has no other finding; the one that counts has one for each."""
    compared = {"position": [0], "last": [1], "fields": ["zone"], "row": [1]}
    copies = Copies(pl.Series([0]), pl.DataFrame(compared))
    result = transform(
        raw({"uniqueId": "T1", "startDate": "soon"}, {"uniqueId": "T1", "zone": "A"}), 0, copies=copies
    )
    assert result.tenants["position"].to_list() == [1]
    assert result.rejected.height == 0
    assert result.issues.select("code", "value").rows() == [("duplicate_record", "zone"), ("no_name", None)]
