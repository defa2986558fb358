"""Clean text: each repair, its count, and the order they are done in."""

import html
import sys
import unicodedata

import polars as pl
import pytest

from etl.transform import text
from etl.transform.text import clean, clean_columns, decode_steps


def cleaned(value: str, mode: text.Mode = "line") -> str | None:
    """Clean one value."""
    found: str | None = clean(pl.Series([value]), mode).values[0]
    return found


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("O&#039;right", "O'right"),
        ("H&amp;M", "H&M"),
        ("&amp;amp;", "&"),
        ("&amp;#x41;&amp;amp;#66;", "AB"),
        ("10 &ndash; 20", "10 – 20"),
        ("caf&eacute", "café"),
        ("&notit; &not; &notin;", "¬it; ¬ ∉"),
        ("&NotEqualTilde;", "≂̸"),
        ("&#x1F600;", "😀"),
        ("&#128;", "€"),
        ("&#0;&#xD800;&#x110000;", "\ufffd\ufffd\ufffd"),
        ("&#0000000000000000065;&#x000000000000042", "AB"),
        ("H&M & R&D &unknown; &# &#x; &;", "H&M & R&D &unknown; &# &#x; &;"),
    ],
)
def test_entities_are_decoded(raw: str, expected: str) -> None:
    """Named, decimal, hex and nested entities are decoded, with or without semicolon; what is none stays."""
    assert cleaned(raw) == expected


def test_every_entity_of_html5_is_known() -> None:
    """Each of HTML5's names becomes what html.unescape makes of it, spaces and control characters apart."""
    names = [f"x&{name}y" for name in html.entities.html5]
    expected = [
        unicodedata.normalize("NFC", " ".join(html.unescape(html.unescape(name)).split())) for name in names
    ]
    assert clean(pl.Series(names)).values.to_list() == expected


def test_number_with_too_many_digits_does_not_raise() -> None:
    """Python refuses to read a number of 4,301 digits; such an entity becomes U+FFFD."""
    assert cleaned(f"a&#{'9' * 5_000};b") == "a\ufffdb"
    assert cleaned(f"a&#x{'f' * 5_000};b") == "a\ufffdb"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (r"\u0e01\u0E02", "กข"),
        (r"\ud83d\ude00", "😀"),
        (r"\ud83d \ude00", "\ufffd \ufffd"),
        (r"\ude00\ud83d", "\ufffd\ufffd"),
        (r"\ud83d\ud83d\ude00", "\ufffd😀"),
        (r"\u0026amp;\u0026lt;", "&<"),
        (r"\u005cu0e01", "ก"),
        (r"&#92;u0e01", "ก"),
        (r"C:\users \u12 \U0e01", r"C:\users \u12 \U0e01"),
    ],
)
def test_escapes_are_decoded(raw: str, expected: str) -> None:
    r"""`\uXXXX` is decoded, pairs are joined, half a pair becomes U+FFFD, escapes in entities are found."""
    assert cleaned(raw) == expected


@pytest.mark.parametrize("again", ["amp;", "AMP;", "#38;", "#038;", "#x26;", "#X026;", "amp;#38;"])
def test_what_was_escaped_again_and_again_is_decoded(again: str) -> None:
    """A form that escapes at each save makes any number of levels."""
    assert cleaned(f"H&{again * 200}lt; M") == "H< M"


def test_decoding_stops_after_eight_passes() -> None:
    """Nine levels of escapes and entities by turns: eight are undone, the last stays."""
    assert cleaned("&" + "#92;u0026" * 8) == "&"
    assert cleaned("&" + "#92;u0026" * 9) == r"&#92;u0026"


@pytest.mark.parametrize(
    ("raw", "line", "several"),
    [
        ("a\r\nb\rc\u2028d", "a b c d", "a\nb\nc\nd"),
        ("a \t  b\u3000c", "a b c", "a    b\u3000c"),
        ("a\x00b\x07c\x0bd\x7fe\x85f\ufeffg", "abcdefg", "abcdefg"),
        ("\xa0a&nbsp;b\u202fc\u2007", "a b c", "a b c"),
        (" \u200b a\u200bb \u2060", "a\u200bb", "a\u200bb"),
        ("A\u0306n C\u01a1m", "Ăn Cơm", "Ăn Cơm"),
        ("\u0e01\u0e48\u0e38", "\u0e01\u0e38\u0e48", "\u0e01\u0e38\u0e48"),
        ("\n a \n\n b \n", "a b", "a \n\n b"),
        ("&#10;a\\u000ab\\u0000", "a b", "a\nb"),
    ],
)
def test_white_space_and_control_characters(raw: str, line: str, several: str) -> None:
    """Line ends stay in text of several lines and become spaces in a line; control characters go; NFC."""
    assert (cleaned(raw), cleaned(raw, "text")) == (line, several)


@pytest.mark.parametrize(
    "raw", ["", " ", "\xa0", "\r\n", "&nbsp;", "\x00", "\u200b", "\ufeff", "\u200e\u200d", r"\u0020"]
)
def test_blank_is_null(raw: str) -> None:
    """A value in which nothing can be seen becomes null."""
    assert cleaned(raw) is None
    assert cleaned(raw, "text") is None


def test_web_address_keeps_its_parameters() -> None:
    """In a web address `&region=` is a parameter, not `®ion=`; entities with semicolon are decoded."""
    raw = "https://a.example/?x=1&region=2&amp;copy=3&#38;y=&eacute;&nosuch;"
    assert cleaned(raw, "address") == "https://a.example/?x=1&region=2&copy=3&y=é&nosuch;"
    assert cleaned("?x=1&region=2") == "?x=1®ion=2"


def test_each_repair_counts_the_values_it_changed() -> None:
    """A value counts once per repair, whatever the number of passes; clean and null values count nowhere."""
    values = pl.Series(
        "name", ["ok", None, "&amp;amp;", r"\u0e01&lt;", "a\x00\r\nb", " x ", "\xa0", "", "e\u0301"]
    )
    result = clean(values)
    assert result.values.to_list() == ["ok", None, "&", "ก<", "a b", "x", None, None, "é"]
    assert result.values.name == "name"
    assert result.repairs == {
        "entities": 2,
        "escapes": 1,
        "nbsp": 1,
        "newlines": 1,
        "control_characters": 1,
        "nfc": 1,
        "whitespace": 1,
        "blank": 2,
        "trimmed": 1,
    }
    assert result.control_rows.to_list() == [4]


def test_the_callers_series_stays_as_it_was() -> None:
    """Polars scatters in place; the input must not change."""
    values = pl.Series(["&amp;", "x"])
    clean(values)
    assert values.to_list() == ["&amp;", "x"]


def test_empty_series() -> None:
    """No values, no repairs."""
    result = clean(pl.Series([], dtype=pl.String))
    assert (len(result.values), sum(result.repairs.values()), len(result.control_rows)) == (0, 0, 0)


def test_steps_of_one_value() -> None:
    """The steps of a value are listed in order, each with the text after it."""
    assert decode_steps("&amp;#x41; \x00x\xa0") == [
        ("entities", "&#x41; \x00x\xa0"),
        ("nbsp", "&#x41; \x00x "),
        ("control_characters", "&#x41; x "),
        ("entities", "A x "),
        ("trimmed", "A x"),
    ]
    assert decode_steps("plain") == []
    assert decode_steps("") == [("blank", "")]


def test_columns_are_cleaned_by_their_modes() -> None:
    """Each column keeps its place; repairs are added up; control characters are located by row and field."""
    frame = pl.DataFrame(
        {"a": ["x\x00", "&amp;"], "b": ["1\n2", "\x01"], "c": ["?a&lt=1", None], "d": ["-", "-"]}
    )
    clean_frame, repairs, control = clean_columns(frame, {"a": "line", "c": "address", "b": "text"})
    assert clean_frame.to_dict(as_series=False) == {
        "a": ["x", "&"],
        "c": ["?a&lt=1", None],
        "b": ["1\n2", None],
    }
    assert {name: count for name, count in repairs.items() if count} == {
        "entities": 1,
        "control_characters": 2,
        "blank": 1,
    }
    assert sorted(control.rows()) == [(0, "a"), (1, "b")]


def test_control_characters_are_shown() -> None:
    """Control characters are written as escapes, other text is left alone."""
    values = pl.Series(["a\x00b\n\x7f\x85\ufeff", "กé"])
    assert text.show_control_characters(values).to_list() == [r"a\x00b\x0a\x7f\x85\xfeff", "กé"]


def test_plain_characters_need_no_normalisation() -> None:
    """No character that skips the careful path is changed, composed or reordered by NFC, or a control."""
    plain = pl.Series([chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code <= 0xDFFF])
    plain = plain.filter(plain.str.contains(f"^[{text._PLAIN}]$"))
    composing = {
        unicodedata.decomposition(chr(code)).split()[-1]
        for code in range(0x30000)
        if unicodedata.decomposition(chr(code))
        and not unicodedata.decomposition(chr(code)).startswith("<")
        and " " in unicodedata.decomposition(chr(code))
    }
    thai_or_lao_marks = {"\u0e38", "\u0e39", "\u0e3a", "\u0e48", "\u0e49", "\u0e4a", "\u0e4b"}
    bad = [
        char
        for char in plain
        if unicodedata.normalize("NFC", char) != char
        or (unicodedata.combining(char) and char not in thai_or_lao_marks)
        or f"{ord(char):04X}" in composing
        or unicodedata.category(char) == "Cc"
        or (char.isspace() and char != " ")
    ]
    assert bad == []
    assert len(plain) > 20_000
