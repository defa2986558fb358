"""Bytes of a page to Arrow."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.contract.raw import RAW_NAMES, SNAPSHOT_SCHEMA
from etl.extract.parse import BadPage, Page, parse_page


def page_of(*items: str) -> bytes:
    """Return the body of a page with these items, each given as JSON text."""
    return (
        '{"totalRecord": 7, "page": 2, "limit": 3, "totalPages": 4, "data": [' + ",".join(items) + "]}"
    ).encode()


def rows_of(page: Page) -> list[dict[str, Any]]:
    """Return the records without their nulls."""
    return [{k: v for k, v in row.items() if v is not None} for row in page.records.to_pylist()]


def read(*items: str) -> list[dict[str, Any]]:
    """Return the records of a page with these items, without their nulls."""
    return rows_of(parse_page(page_of(*items)))


def test_a_page_keeps_its_figures_and_order() -> None:
    """The envelope's figures come as numbers, records in the API's order, in the snapshot's schema."""
    page = parse_page(page_of('{"uniqueId": "T2", "status": true}', '{"uniqueId": "T1", "status": false}'))
    assert (page.total_records, page.number, page.limit, page.total_pages) == (7, 2, 3, 4)
    assert page.records.schema == SNAPSHOT_SCHEMA
    assert rows_of(page) == [{"uniqueId": "T2", "status": "true"}, {"uniqueId": "T1", "status": "false"}]
    assert (page.unknown_fields, page.not_text) == ({}, {})


def test_figures_may_be_sent_as_text() -> None:
    """Some gateways send numbers as text."""
    body = b'{"totalRecord": "472", "page": "1", "limit": "100", "totalPages": "-5", "data": []}'
    page = parse_page(body)
    assert (page.total_records, page.number, page.limit, page.total_pages) == (472, 1, 100, -5)


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ('{"zone": "A"}', {"zone": "A"}),
        ('{"zone": ""}', {"zone": ""}),
        ('{"zone": null}', {}),
        ("{}", {}),
        ('{"zone": 1.50}', {"zone": "1.50"}),
        ('{"zone": -0}', {"zone": "-0"}),
        ('{"zone": 12345678901234567890123}', {"zone": "12345678901234567890123"}),
        ('{"zone": 1e999}', {"zone": "1e999"}),
        ('{"zone": NaN}', {}),
        ('{"zone": -Infinity}', {}),
        ('{"uniqueId": 7, "tenantId": -12}', {"uniqueId": "7", "tenantId": "-12"}),
        ('{"uniqueId": "1.5", "tenantId": "true"}', {"uniqueId": "1.5", "tenantId": "true"}),
        ('{"uniqueId": 1.50}', {"extra": '{"uniqueId":1.50}'}),
        ('{"uniqueId": 1e3}', {"extra": '{"uniqueId":1e3}'}),
        ('{"uniqueId": true, "tenantId": [7]}', {"extra": '{"tenantId":[7],"uniqueId":true}'}),
        ('{"uniqueId": NaN}', {}),
        ('{"zone": true}', {"zone": "true"}),
        ('{"zone": false}', {"zone": "false"}),
        ('{"status": "true"}', {"status": "true"}),
        ('{"status": 1}', {"status": "1"}),
        (r'{"zone": "a\u0000b"}', {"zone": "a\0b"}),
        ('{"zone": "a\r\n\x01b"}', {"zone": "a\r\n\x01b"}),
        (r'{"zone": "\ud83d\ude00"}', {"zone": "😀"}),
        (r'{"zone": "x\ud83d"}', {"zone": r"x\ud83d"}),
        (r'{"zone": "\ude00\ud83d"}', {"zone": r"\ude00\ud83d"}),
        (r'{"zone": "\\u0e01 O&#039;right"}', {"zone": r"\u0e01 O&#039;right"}),
        ('{"zone": "ชั้น Ăn Cơm™ "}', {"zone": "ชั้น Ăn Cơm™ "}),
        ('{"zone": "first", "zone": "last"}', {"zone": "last"}),
    ],
)
def test_a_field_becomes_text(item: str, expected: dict[str, str]) -> None:
    """Numbers keep their digits, booleans become words, text stays but for what UTF-8 can't hold."""
    assert read(item) == [expected]


def test_a_number_of_any_length_is_text() -> None:
    """Python refuses to read integers of more than 4,300 digits; the page must not fail for it."""
    assert read('{"tel": ' + "9" * 6000 + "}") == [{"tel": "9" * 6000}]


def test_objects_and_lists_in_place_of_text_are_kept_and_counted() -> None:
    """The field is null, `extra` has their JSON with the digits that came; each is counted by field."""
    body = page_of(
        r'{"zone": {"a": [1.0, null, "ก\"\ud800"]}}', '{"zone": [], "tel": [true]}', '{"zone": "A"}'
    )
    page = parse_page(body)
    assert rows_of(page) == [
        {"extra": r'{"zone":{"a":[1.0,null,"ก\"\\ud800"]}}'},
        {"extra": '{"tel":[true],"zone":[]}'},
        {"zone": "A"},
    ]
    assert page.not_text == {"zone": 2, "tel": 1}


@pytest.mark.parametrize("levels", [400, 900, 100_000])
def test_a_field_nested_without_end_costs_no_other(levels: int) -> None:
    """What the parser can't reach the bottom of is kept as a list of one text, its JSON."""
    nested = "[" * levels + '"]"' + "]" * levels
    page = parse_page(page_of('{"zone": ' + nested + ', "unit": "7"}', '{"zone": "A"}'))
    first, second = rows_of(page)
    kept = (f'{{"zone":{nested}}}', f'{{"zone":{json.dumps([nested])}}}')
    assert first in [{"unit": "7", "extra": each} for each in kept]
    assert second == {"zone": "A"}
    assert page.not_text == {"zone": 1}


def test_unknown_fields_are_kept_wherever_they_appear() -> None:
    """One JSON object a record, by name, null counts too, also when only the last record has one."""
    page = parse_page(
        page_of(
            '{"uniqueId": "T1"}', '{"brandCode": null}', '{"new": 1e400, "brandCode": [1.50], "extra": "x"}'
        )
    )
    assert rows_of(page) == [
        {"uniqueId": "T1"},
        {"extra": '{"brandCode":null}'},
        {"extra": '{"brandCode":[1.50],"extra":"x","new":1e400}'},
    ]
    assert page.unknown_fields == {"brandCode": 2, "new": 1, "extra": 1}


def test_unknown_field_names_hold_no_lone_surrogate() -> None:
    """Names go to the manifest and the audit, which are UTF-8."""
    page = parse_page(page_of(r'{"\ud800": 1}'))
    assert page.unknown_fields == {r"\ud800": 1}
    assert rows_of(page) == [{"extra": r'{"\\ud800":1}'}]


def test_unknown_field_names_that_become_one_count_once_a_record() -> None:
    """The count is of records, however many of their names differ in how a lone surrogate is written only."""
    page = parse_page(page_of(r'{"\ud800": 1, "\\ud800": 2}', r'{"\ud800": 3}'))
    assert page.unknown_fields == {r"\ud800": 2}


def test_an_item_that_is_no_object_costs_itself_only() -> None:
    """It becomes a record without fields, which keeps what came; it is counted as an unknown field."""
    page = parse_page(page_of("null", "3", '"x"', '["y"]', '{"zone": "A"}'))
    assert rows_of(page) == [
        {"extra": '{"$item":null}'},
        {"extra": '{"$item":3}'},
        {"extra": '{"$item":"x"}'},
        {"extra": '{"$item":["y"]}'},
        {"zone": "A"},
    ]
    assert page.unknown_fields == {"$item": 4}


def test_a_byte_order_mark_is_no_error() -> None:
    """Some servers begin with one."""
    assert parse_page(b"\xef\xbb\xbf" + page_of()).total_records == 7


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "the body is empty"),
        (b" \n", "the body is empty"),
        (b"\n<!DOCTYPE html><title>x</title>", "the body is an HTML or XML page, not JSON"),
        (b"null", "the body is a JSON null, not an object"),
        (b"[]", "the body is a JSON list, not an object"),
        (b"1", "the body is a JSON number, not an object"),
        (b"true", "the body is a JSON boolean, not an object"),
        (b'"x"', "the body is a JSON string, not an object"),
        (b"{}", "the body has no list `data` (its keys: none)"),
        (b'{"data": null}', "the body has no list `data` (its keys: data)"),
        (b'{"code": 9, "message": "busy"}', "the body has no list `data` (its keys: code, message)"),
        (b'{"a\r\\u001b[31m\\ud800": 9}', "the body has no list `data` (its keys: a\ufffd\ufffd[31m\ufffd)"),
        (b'{"data": [], "totalPages": 1, "page": 1, "limit": 1}', "the body has no `totalRecord`"),
        (b'{"data": [], "totalRecord": 1.5, "page": 1, "limit": 1}', "`totalRecord` is not a whole number"),
        (b'{"data": [], "totalRecord": true, "page": 1, "limit": 1}', "`totalRecord` is not a whole number"),
        (b'{"data": [], "page": null}', "`page` is not a whole number"),
        (b'{"data": [{"zone": "\xff"}]}', "the body is not UTF-8 (byte 20 of 25)"),
        (b'{"data": [', "the body is not JSON (Expecting value at character 10 of 10)"),
        (b'{"data": []} {}', "the body is not JSON (Extra data at character 13 of 15)"),
        (b"[" * 100_000, "the body is nested too deeply to be read"),
        (page_of(*["{}"] * 20_000), "the body has more than 20,000 objects; ask for fewer records a page"),
        (
            page_of('{"zone": [' + "1," * 1_000_000 + "1]}"),
            "the body has more than 1,000,000 values; ask for fewer records a page",
        ),
    ],
)
def test_what_is_no_page_is_refused(body: bytes, message: str) -> None:
    """One error, worth a retry, which says what came and holds no data of it."""
    with pytest.raises(BadPage) as caught:
        parse_page(body)
    assert str(caught.value) == message


TEXTS = st.text(st.characters(codec="utf-8"))
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), TEXTS)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3)
)
RECORDS = st.lists(st.dictionaries(st.sampled_from([*RAW_NAMES[:4], "new", "extra"]), VALUES), max_size=4)


def is_text(name: str, value: object) -> bool:
    """Tell whether a value of a field goes into its column."""
    is_odd = isinstance(value, dict | list) or (name in ("uniqueId", "tenantId") and isinstance(value, bool))
    return name in RAW_NAMES and not is_odd


@given(RECORDS, st.booleans())
def test_nothing_is_lost(records: list[dict[str, Any]], ascii_only: bool) -> None:
    """Any records of JSON can be read back from the frame: what may be text as text, the rest from `extra`."""
    figures = {"totalRecord": 1, "page": 1, "limit": 1, "totalPages": 1}
    page = parse_page(json.dumps({**figures, "data": records}, ensure_ascii=ascii_only).encode())
    rows = page.records.to_pylist()
    assert len(rows) == len(records)
    for row, record in zip(rows, records, strict=True):
        extra = json.loads(row["extra"] or "{}")
        assert extra == {name: value for name, value in record.items() if not is_text(name, value)}
        for name in set(RAW_NAMES[:4]) - extra.keys():
            value = record.get(name)
            back = row[name] if value is None or isinstance(value, str) else json.loads(row[name])
            assert back == value
