"""What holds of a page, and of pages together, for any bytes whatever."""

import json

from hypothesis import example, given, settings
from hypothesis import strategies as st

from etl.contract.raw import RAW_NAMES
from tests.support.invariants import assert_page_or_bad_page, assert_pages_add_up

TEXT = st.one_of(
    st.text(st.characters(codec=None), max_size=8), st.sampled_from(["\x00", "\ud800", "\x1b[31m", "T1"])
)
VALUE = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXT),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
RECORD = st.dictionaries(st.one_of(st.sampled_from(RAW_NAMES[:4]), TEXT), VALUE, max_size=4)
ITEM = st.one_of(RECORD, RECORD, VALUE)
FIGURE = st.one_of(st.integers(-2, 12), VALUE)
ENVELOPE = st.fixed_dictionaries(
    {"data": st.one_of(st.lists(ITEM, max_size=4), VALUE)},
    optional={
        **dict.fromkeys(("totalRecord", "page", "limit", "totalPages"), FIGURE),
        "code": VALUE,
        "message\x1b[2J": VALUE,
    },
)
NUMBERED = st.fixed_dictionaries(
    {
        "data": st.lists(
            st.fixed_dictionaries({"uniqueId": st.sampled_from(["A", "B", "C", "D", "", " ", None])})
        ),
        **dict.fromkeys(("totalRecord", "page", "limit", "totalPages"), st.integers(-1, 9)),
    }
)


@settings(deadline=None)
@given(st.one_of(ENVELOPE, VALUE), st.booleans())
def test_any_json_is_a_page_or_a_bad_page(envelope: object, ascii_only: bool) -> None:
    """Nothing of a page is lost; what is none is refused in words that can be shown."""
    assert_page_or_bad_page(json.dumps(envelope, ensure_ascii=ascii_only).encode(errors="surrogatepass"))


@settings(deadline=None)
@given(st.binary(max_size=200))
@example(b"")
def test_any_bytes_are_a_page_or_a_bad_page(body: bytes) -> None:
    """Whatever comes, alone or among the items of a page, no other error escapes."""
    assert_page_or_bad_page(body)
    assert_page_or_bad_page(b'{"totalRecord":1,"page":1,"limit":1,"totalPages":1,"data":[' + body + b"]}")


@settings(deadline=None)
@given(st.lists(NUMBERED, min_size=1, max_size=4))
def test_pages_without_a_problem_are_whole(envelopes: list[dict[str, object]]) -> None:
    """Figures that lie, doubled ids and records too few or too many are problems, and only they."""
    pages = [assert_page_or_bad_page(json.dumps(envelope).encode()) for envelope in envelopes]
    assert_pages_add_up([page for page in pages if page])
