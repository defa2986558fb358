"""What holds of transform for any text whatever."""

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from etl.contract.raw import RAW_POLARS
from etl.transform.tenants import MODES, TENANTS, transform
from etl.transform.text import Mode
from tests.support.invariants import (
    CONTROL,
    assert_can_be_stored,
    assert_cleaning_is_idempotent,
    assert_decodes_one_by_one,
    assert_floor_labels,
    assert_hours,
    assert_slugs,
    assert_steps_end_clean,
)

FRAGMENTS = [
    *("&amp;", "&amp", "amp;", "&lt", "lt;", "&not", "&notin;", "&nbsp;", "&#", "&#x", "39;", "41", ";", "&"),
    *(
        "\\u",
        "\\u0e01",
        "\\ud83d",
        "\\ude00",
        "\\u0026",
        "\\u005c",
        "\\u0000",
        "\\",
        "u0e01",
        "&#92;",
        "&#0;",
    ),
    *(
        "\x00",
        "\x85",
        "\ufeff",
        "\r\n",
        "\r",
        "\n",
        "\t",
        " ",
        "\xa0",
        "\u200b",
        "\u2028",
        "\u200e",
        "\u202e",
    ),
    *("e\u0301", "\u0e48\u0e38", "\u0e38", "\u212a", "\u037e", "\uac00", "\u11a8", "ก", "é", "😀", "\u3000"),
    *(
        "10:00-22:00",
        "Mon",
        "-",
        "จ.",
        "ทุกวัน",
        "24 hours",
        "closed",
        ",",
        "/F",
        "G",
        "Fl. ",
        "3",
        "A",
        "#",
        "x",
    ),
    *("2024-01-05", "T10:00", "๒", "'", "™", "0026"),
    *("<b>", "</p>", "<br", "/>", "<script>", "</script>", "<!--", "-->", "<", ">", "="),
    *("\u200d", "\u200c", "👨", "\u0e4d", "\u0e32", "\u0e33", "n/a", "0000-00-00"),
]
MESS = st.one_of(st.lists(st.sampled_from(FRAGMENTS), max_size=12).map("".join), st.text(max_size=30))
MODE: st.SearchStrategy[Mode] = st.sampled_from(["line", "lines", "text", "address"])
HOURS_WORDS = (
    "10 9 22 :00 .30 0900 2400 am PM - to : , ; & / | Mon tue จ. ศ. ทุกวัน วันหยุด daily weekdays closed ปิด "
    "24 hours noon น. ถึง 00:00 h"
)
FLOOR_WORDS = "Fl. floor ชั้น ที่ G GA M B BM basement mezzanine 1 2 007 99 12F A th / /F F , และ and & ; - ( ) # ลอย ๓ first"


def phrases(words: str) -> st.SearchStrategy[str]:
    """Make text of some words, with a space behind each or not."""
    word = st.builds("".join, st.tuples(st.sampled_from(words.split()), st.sampled_from(["", " "])))
    return st.lists(word, max_size=12).map("".join)


@settings(deadline=None)
@given(st.lists(MESS, max_size=8))
@example(["&lt", "&ltx", "&notit;", "&not", "a&notin;b", "&amp=", "&amp\u0e01", "&amp\u2013"])
def test_decoding_in_bulk_is_decoding_one_by_one(values: list[str]) -> None:
    """Replacing distinct tokens gives what html.unescape and UTF-16 give for each value by itself."""
    assert_decodes_one_by_one(values)


@settings(deadline=None)
@given(st.lists(st.one_of(MESS, st.none()), max_size=8), MODE)
def test_cleaning_is_idempotent(values: list[str | None], mode: Mode) -> None:
    """Clean text stays as it is, and nothing is counted the second time but nulls that were blank."""
    assert_cleaning_is_idempotent(values, mode)


@settings(deadline=None)
@given(st.lists(MESS, min_size=1, max_size=8), MODE)
def test_steps_of_a_value_end_at_its_clean_text(values: list[str], mode: Mode) -> None:
    """What `etl explain` shows of a value ends with what the whole column gets, whatever else is in it."""
    assert_steps_end_clean(values, mode)


@settings(deadline=None)
@given(st.lists(MESS, max_size=8), MODE)
def test_clean_text_can_be_stored(values: list[str], mode: Mode) -> None:
    """No control character, no surrogate, no blank; NFC; a line has no line end."""
    assert_can_be_stored(values, mode)


@settings(deadline=None)
@given(st.lists(st.tuples(MESS, MESS, MESS), max_size=5))
def test_slugs_are_always_slugs(rows: list[tuple[str, str, str]]) -> None:
    """Whatever the names, a slug stem is words of ASCII joined by `-`, of at most 80 characters."""
    assert_slugs(*([row[column] for row in rows] for column in range(3)))


@settings(deadline=None)
@given(st.lists(st.one_of(MESS, phrases(HOURS_WORDS), st.none()), max_size=8))
def test_hours_are_times_of_day_or_kept(texts: list[str | None]) -> None:
    """Hours that were read are times of day, and read as themselves; else the text is kept."""
    assert_hours(texts)


@settings(deadline=None)
@given(st.lists(st.one_of(MESS, phrases(FLOOR_WORDS)), max_size=8))
def test_parts_of_floor_labels_are_clean(labels: list[str]) -> None:
    """Parts are distinct, trimmed, not blank and no lists, and each has one row of candidates."""
    assert_floor_labels(labels)


@settings(max_examples=min(60, (settings.default or settings()).max_examples))
@given(
    st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(MODES, st.one_of(MESS, st.none()))), max_size=5)
)
def test_transform_never_raises(records: list[dict[str, str | None]]) -> None:
    """Every record is a tenant or rejected; no text that leaves transform holds a control character."""
    result = transform(pl.DataFrame(records, schema=RAW_POLARS), 10)
    positions = [*result.tenants["position"], *result.rejected["position"]]
    assert sorted(positions) == list(range(10, 10 + len(records)))
    assert result.tenants.schema == TENANTS
    for column in (*result.tenants.select(pl.col(pl.String)), *result.issues):
        for text in column.drop_nulls():
            assert not CONTROL.search(text)
            assert "\t" not in text
            assert "\n" not in text or column.name.startswith(("description", "floor_label"))


@pytest.mark.long
def test_fields_of_a_megabyte() -> None:
    """Large fields, made to be slow to read, pass: each field is a megabyte of something else."""
    pieces = [
        "&amp;",
        "amp;&",
        "\\u0e01",
        "\\ud83d",
        "&#9",
        "x ",
        "&",
        "1 ",
        "a\x00",
        "-",
        "a,",
        "ก",
        " ",
        "9",
    ]
    record = {
        field: "T" + pieces[index % len(pieces)] * (1_000_000 // len(pieces[index % len(pieces)]))
        for index, field in enumerate(MODES)
    }
    rejected = transform(pl.DataFrame([record], schema=RAW_POLARS), 0)
    assert rejected.issues["code"].to_list() == ["long_unique_id"]

    result = transform(pl.DataFrame([record | {"uniqueId": "T1"}], schema=RAW_POLARS), 0)
    assert result.tenants["position"].to_list() == [0]
    assert result.tenants["description_en"].to_list() == ["Tamp;" + "&" * 200_000]
