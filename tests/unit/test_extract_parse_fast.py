"""Plain pages the quick way."""

import pytest

from etl.extract import parse_fast
from etl.extract.parse import BadPage, Page, parse_page
from etl.extract.parse_fast import PageReader

HEAD = b'{"totalRecord": 2, "page": 1, "limit": 100, "totalPages": 1, "data": ['


@pytest.fixture
def exact(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Note the bodies that the exact reader is given."""
    bodies: list[bytes] = []

    def note(body: bytes) -> Page:
        bodies.append(body)
        return parse_page(body)

    monkeypatch.setattr(parse_fast, "parse_page", note)
    return bodies


def page_of(*items: bytes) -> bytes:
    """Return the body of a page with these items."""
    return HEAD + b",".join(items) + b"]}"


@pytest.mark.parametrize(
    "item",
    [
        b"{}",
        b'{"uniqueId": "T1", "status": true, "zone": null}',
        b'{"status": false}',
        b'{"status": "true"}',
        '{"brandNameTh": "ร้าน\\u0e01 \\ud83d\\ude00 ™\\u0000"}'.encode(),
        b'{"zone": "first", "zone": "last"}',
        b'{"\\u007aone": "A"}',
    ],
)
def test_plain_records_are_read_as_the_exact_reader_reads_them(item: bytes, exact: list[bytes]) -> None:
    """Text, true, false and null need no other reader, and give the same table."""
    body = page_of(item, b'{"uniqueId": "T2"}')
    assert PageReader().read(body) == parse_page(body)
    assert exact == []


@pytest.mark.parametrize(
    "item",
    [
        b'{"zone": 1.50}',
        b'{"zone": true}',
        b'{"zone": ["A"]}',
        b'{"zone": "\\ud800"}',
        b'{"zone": "a\rb"}',
        b'"no object"',
    ],
)
def test_what_is_not_plain_is_left_to_the_exact_reader(item: bytes, exact: list[bytes]) -> None:
    """Digits, nested values, half characters and raw control characters keep their meaning."""
    body = page_of(item)
    assert PageReader().read(body) == parse_page(body)
    assert exact == [body]


def test_an_unknown_field_is_learned(exact: list[bytes]) -> None:
    """A field that the API added is read exactly once; from then on it is as quick as the others."""
    reader = PageReader()
    first = page_of(b'{"uniqueId": "T1", "parking": 1.50}')
    second = page_of(b'{"parking": {"b": [1e5], "a": "x"}, "uniqueId": "T2"}', b'{"uniqueId": "T3"}')
    reader.read(first)
    page = reader.read(second)
    assert exact == [first]
    assert page.records.column("extra").to_pylist() == ['{"parking":{"b":[1e5],"a":"x"}}', None]
    assert page.unknown_fields == {"parking": 1}


def test_ever_new_names_are_not_learned(exact: list[bytes]) -> None:
    """A feed of ever new names takes no more memory, and stays right."""
    reader = PageReader()
    bodies = [page_of(b'{"new%d": "x"}' % number) for number in range(60)]
    for body in bodies:
        reader.read(body)
    assert reader.read(bodies[59]).unknown_fields == {"new59": 1}
    assert exact == [*bodies, bodies[59]]


def test_a_bad_page_is_told_as_the_exact_reader_tells_it() -> None:
    """One message, whichever way was tried first."""
    with pytest.raises(BadPage, match=r"^`page` is not a whole number$"):
        PageReader().read(b'{"totalRecord": 2, "page": 1.0, "limit": 100, "totalPages": 1, "data": []}')
