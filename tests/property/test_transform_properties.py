"""What holds of transform for any text whatever."""

import html
import re
import unicodedata

import polars as pl
from hypothesis import example, given, settings
from hypothesis import strategies as st

from etl.contract.raw import RAW_POLARS
from etl.transform.floors import floor_candidates, split_floor_label
from etl.transform.hours import parse_hours
from etl.transform.slug import slug_stems
from etl.transform.tenants import MODES, TENANTS, transform
from etl.transform.text import Mode, clean, decode_steps

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
]
MESS = st.one_of(st.lists(st.sampled_from(FRAGMENTS), max_size=12).map("".join), st.text(max_size=30))
MODE: st.SearchStrategy[Mode] = st.sampled_from(["line", "text", "address"])
SHAPELESS = re.compile("[\\s\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f]")
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff]")


def decode_one(value: str) -> str:
    """Decode entities and escapes one value at a time, as DOMAIN.md says: the slow way."""
    for _ in range(8):
        before = value
        value = html.unescape(value)
        value = re.sub(
            r"(?:\\u[0-9a-fA-F]{4})+",
            lambda run: bytes.fromhex(run[0].replace("\\u", "")).decode("utf-16-be", errors="replace"),
            value,
        )
        value = re.sub("[\xa0\u2007\u202f]", " ", value)
        value = re.sub("\r\n|[\r\u2028\u2029]", "\n", value)
        value = unicodedata.normalize("NFC", CONTROL.sub("", value))
        if value == before:
            break
    return value


def visible(text: str | None) -> str:
    """Leave out white space and what has no shape; how those are trimmed and collapsed is tested elsewhere."""
    return SHAPELESS.sub("", text or "")


@settings(deadline=None)
@given(st.lists(MESS, max_size=8))
@example(["&lt", "&ltx", "&notit;", "&not", "a&notin;b"])
def test_decoding_in_bulk_is_decoding_one_by_one(values: list[str]) -> None:
    """Replacing distinct tokens gives what html.unescape and UTF-16 give for each value by itself."""
    cleaned = clean(pl.Series(values, dtype=pl.String)).values
    assert [visible(text) for text in cleaned] == [visible(decode_one(value)) for value in values]


@settings(deadline=None)
@given(st.lists(st.one_of(MESS, st.none()), max_size=8), MODE)
def test_cleaning_is_idempotent(values: list[str | None], mode: Mode) -> None:
    """Clean text stays as it is, and nothing is counted the second time but nulls that were blank."""
    once = clean(pl.Series(values, dtype=pl.String), mode).values
    twice = clean(once, mode)
    assert twice.values.to_list() == once.to_list()
    assert sum(twice.repairs.values()) == 0


@settings(deadline=None)
@given(st.lists(MESS, min_size=1, max_size=8), MODE)
def test_steps_of_a_value_end_at_its_clean_text(values: list[str], mode: Mode) -> None:
    """What `etl explain` shows of a value ends with what the whole column gets, whatever else is in it."""
    cleaned = clean(pl.Series(values, dtype=pl.String), mode)
    steps = [decode_steps(value, mode) for value in values]
    ends = [(its[-1][1] if its else value) or None for its, value in zip(steps, values, strict=True)]
    assert ends == cleaned.values.to_list()
    counted = {name: sum(name in dict(its) for its in steps) for name in cleaned.repairs}
    assert counted == cleaned.repairs


@settings(deadline=None)
@given(st.lists(MESS, max_size=8), MODE)
def test_clean_text_can_be_stored(values: list[str], mode: Mode) -> None:
    """No control character, no surrogate, no blank; NFC; a line has no line end."""
    for text in clean(pl.Series(values, dtype=pl.String), mode).values.drop_nulls():
        assert not CONTROL.search(text)
        assert text.strip()
        assert text == text.strip()
        assert unicodedata.is_normalized("NFC", text)
        assert mode == "text" or "\n" not in text
        text.encode()


@settings(deadline=None)
@given(st.lists(st.tuples(MESS, MESS, MESS), max_size=5))
def test_slugs_are_always_slugs(rows: list[tuple[str, str, str]]) -> None:
    """Whatever the names, a slug stem is words of ASCII joined by `-`, of at most 80 characters."""
    names, others, ids = (pl.Series([row[column] for row in rows], dtype=pl.String) for column in range(3))
    stems = slug_stems([names, others], [ids])
    assert len(stems) == len(rows)
    for stem in stems:
        assert re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", stem)
        assert len(stem) <= 80


@settings(deadline=None)
@given(st.lists(MESS, max_size=8))
def test_hours_are_times_of_day_or_kept(texts: list[str]) -> None:
    """Hours that were read are times of day; else the text is kept."""
    time = "([01][0-9]|2[0-3]):[0-5][0-9]"
    for same, opens, closes, per_day, unreadable in parse_hours(pl.Series(texts, dtype=pl.String)).rows():
        if unreadable:
            assert (same, closes, per_day) == (True, "", "")
        elif same:
            assert re.fullmatch(time, opens)
            assert re.fullmatch(time, closes)
        else:
            assert re.fullmatch(rf'\[(\["[a-z]{{3}}", "{time}", "{time}"\](, )?)+\]', per_day)


@settings(deadline=None)
@given(st.lists(MESS, max_size=8))
def test_parts_of_floor_labels_are_clean(labels: list[str]) -> None:
    """Parts are distinct, trimmed and not blank, and each has one row of candidates."""
    frame = pl.DataFrame({"label": clean(pl.Series(labels, dtype=pl.String)).values})
    parts = frame.select(split_floor_label(pl.col("label"))).to_series()
    for row in parts:
        assert len(set(row)) == len(row)
        assert all(part == part.strip() != "" for part in row)
    distinct = set(parts.explode().drop_nulls())
    assert set(floor_candidates(pl.Series(list(distinct), dtype=pl.String))["label"]) == distinct


@settings(max_examples=60, deadline=None)
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
            assert "\n" not in text or column.name.startswith("description")


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
