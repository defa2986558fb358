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
        ("Salt &amp Stone &amp", "Salt & Stone &"),
        ("&amp–", "&–"),
        ("&notit; &not; &notin;", "&notit; ¬ ∉"),
        ("&ampere &amp x", "&ampere & x"),
        ("&NotEqualTilde;", "≂̸"),
        ("&#x1F600;", "😀"),
        ("&#128;", "€"),
        ("&#0000000000000000065;&#x000000000000042", "AB"),
        ("H&M & R&D &unknown; &# &#x; &;", "H&M & R&D &unknown; &# &#x; &;"),
    ],
)
def test_entities_are_decoded(raw: str, expected: str) -> None:
    """Named, decimal, hex and nested entities are decoded, with or without semicolon; what is none stays."""
    assert cleaned(raw) == expected


@pytest.mark.parametrize(
    "value",
    [
        "Books&notebooks",
        "Health&centre",
        "Tom&central",
        "a&ltb",
        "?lang=th&copy=1",
        "O&#39s",
        "&#x41G",
        "&ampก",
        "&amp๑",
        "see https://x.example/?lang=th&section=3&region=2&copy=1",
    ],
)
@pytest.mark.parametrize("mode", ["line", "lines", "text", "address"])
def test_no_entity_without_semicolon_within_a_word(value: str, mode: text.Mode) -> None:
    """Where a letter, a digit or `=` follows, an entity needs its semicolon."""
    assert cleaned(value, mode) == value


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (r"Half \ud83d Shop", "Half Shop"),
        (r"\ud83d\ud83d\ude00!", "😀!"),
        (r"\ude00\ud83d", None),
        ("A&#0;B", "AB"),
        ("A&#9999999;B", "AB"),
        ("A&#xD800;&#x110000;&#xFFFF;&#65533;&#1;B", "AB"),
        ("A&amp;#0;B", "AB"),
        (f"a&#{'9' * 5_000};b", "ab"),
        (f"a&#x{'f' * 5_000};b", "ab"),
    ],
)
def test_codes_of_no_character_are_dropped(raw: str, expected: str | None) -> None:
    """Half a pair and impossible numbers leave nothing behind, and count by a name of their own."""
    result = clean(pl.Series([raw]))
    assert result.values.to_list() == [expected]
    assert result.repairs["broken_characters"] == 1
    assert result.lost["broken_characters"].to_list() == [0]


def test_a_replacement_character_that_was_sent_stays() -> None:
    """Only what decoding would make is dropped: what stands in the source is the source's."""
    assert cleaned("Caf\ufffd") == "Caf\ufffd"


@pytest.mark.parametrize(
    ("raw", "line", "several"),
    [
        ("Tag <b>Shop</b>", "Tag Shop", "Tag Shop"),
        ("&lt;I&gt;Tag&lt;/I&gt;", "Tag", "Tag"),
        ("One<br>two</p><p>three<script>x()</script>", "One two three", "One\ntwo\nthree"),
        ("<ul><li>a</li><LI class='x'>b</LI></ul>", "a b", "a\nb"),
        ("a<br/>b<BR />c", "a b c", "a\nb\nc"),
        ("a<style>b{}</style><!-- c --><hr>d", "ad", "ad"),
        ('<a href="https://x.example/?a>b" target=_blank>x</a>', "x", "x"),
        ("<a href='x>y</a>", "y", "y"),
        ("<script>one", "one", "one"),
        ("<scr<b>ipt>x</script>y", "xy", "xy"),
        ("I <3 Thai", "I <3 Thai", "I <3 Thai"),
        (
            "a < b, c > d, <e>, </f>, <bar>",
            "a < b, c > d, <e>, </f>, <bar>",
            "a < b, c > d, <e>, </f>, <bar>",
        ),
        ("<THE MALL>", "<THE MALL>", "<THE MALL>"),
        ("<b", "<b", "<b"),
    ],
)
def test_tags_are_taken_out(raw: str, line: str, several: str) -> None:
    """Of the names that HTML knows, with all that is in them; some are line ends; what is no tag stays."""
    assert (cleaned(raw), cleaned(raw, "text")) == (line, several)
    assert clean(pl.Series([raw])).repairs["tags"] == (raw != line)


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        ("\u202d02 118 2352\u202c", "02 118 2352"),
        (r"\u202d02 118 2352\u202c", "02 118 2352"),
        ("Lo\xadtus\u200b \u2066Co\u2069\ufeff", "Lotus Co"),
        ("👨\u200d👩\u200d👧 Kids", "👨\u200d👩\u200d👧 Kids"),
        ("❤\ufe0f\u200d🔥", "❤\ufe0f\u200d🔥"),
        ("ก\u200cข", "ก\u200cข"),
        ("T\u200d1\u200d", "T1"),
        ("a\u200d\u200db \u200dc", "ab c"),
        ("a&zwj;1", "a1"),
        ("&am\u200bp; x", "& x"),
    ],
)
def test_invisible_characters_go_from_a_line(raw: str, line: str) -> None:
    """But a joiner between two letters or emoji; in text of several lines all stay."""
    assert cleaned(raw) == line
    assert cleaned("x \u200b y", "text") == "x \u200b y"
    assert cleaned("x\u200b\ny", "lines") == "x\ny"


def test_sara_am_is_composed() -> None:
    """Nikhahit and sara aa are sara am, with a tone mark between them or without."""
    assert cleaned("เครื่องสํา\u200bอาง") == "เครื่องสำอาง"
    assert cleaned("น\u0e4d\u0e49\u0e32", "text") == "น\u0e49\u0e33"
    assert clean(pl.Series(["ส\u0e4d\u0e32"])).repairs["sara_am"] == 1


def test_every_entity_of_html5_is_known() -> None:
    """Each of HTML5's names becomes what html.unescape makes of it, spaces and control characters apart."""
    names = [f"x&{name}{'' if name.endswith(';') else '. '}y" for name in html.entities.html5]
    expected = [
        unicodedata.normalize("NFC", " ".join(html.unescape(html.unescape(name)).split())) for name in names
    ]
    found = clean(pl.Series(names), "text").values
    assert [" ".join(value.split()) for value in found] == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (r"\u0e01\u0E02", "กข"),
        (r"\ud83d\ude00", "😀"),
        (r"\u0026amp;\u0026lt;", "&<"),
        (r"\u005cu0e01", "ก"),
        (r"&#92;u0e01", "ก"),
        (r"C:\users \u12 \U0e01", r"C:\users \u12 \U0e01"),
    ],
)
def test_escapes_are_decoded(raw: str, expected: str) -> None:
    r"""`\uXXXX` is decoded, pairs are joined, escapes in entities are found."""
    assert cleaned(raw) == expected


@pytest.mark.parametrize("again", ["amp;", "AMP;", "#38;", "#038;", "#x26;", "#X026;", "amp;#38;"])
def test_what_was_escaped_again_and_again_is_decoded(again: str) -> None:
    """A form that escapes at each save makes any number of levels."""
    assert cleaned(f"H&{again * 200}lt; M") == "H< M"


def test_decoding_stops_after_32_passes() -> None:
    """Levels of escapes and entities by turns: 32 are undone, one more stays."""
    assert cleaned("&" + "#92;u0026" * 32) == "&"
    assert cleaned("&" + "#92;u0026" * 33) == r"&#92;u0026"


@pytest.mark.parametrize(
    ("raw", "line", "several"),
    [
        ("a\r\nb\rc\u2028d", "a b c d", "a\nb\nc\nd"),
        ("a \t  b\u3000c", "a b c", "a    b\u3000c"),
        ("a\x00b\x07c\x0bd\x7fe\x85f\ufeffg", "abcdefg", "abcdefg"),
        ("\xa0a&nbsp;b\u202fc\u2007", "a b c", "a b c"),
        (" \u200b a\u200bb \u2060", "ab", "a\u200bb"),
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
    "raw",
    [
        *(
            "",
            " ",
            "\xa0",
            "\r\n",
            "&nbsp;",
            "\x00",
            "\u200b",
            "\ufeff",
            "\u200e\u200d",
            r"\u0020",
            "<p></p>",
        ),
        *(
            "-",
            "--",
            "---",
            "–",
            "—",
            ".",
            "N/A",
            "n/a",
            "n.a.",
            "#N/A",
            "null",
            "NULL",
            "undefined",
            "NaN",
            "TBC",
        ),
        *(
            "tba",
            "0000-00-00",
            "0000-00-00 00:00:00",
            " - ",
            "&ndash;",
            "\u200b-\u200b",
            r"\u002d",
            "<b>n/a</b>",
        ),
    ],
)
def test_blank_is_null(raw: str) -> None:
    """A value in which nothing can be seen, or that is nothing but a placeholder, becomes null."""
    assert cleaned(raw) is None
    assert cleaned(raw, "text") is None


@pytest.mark.parametrize(
    "value", ["N/A Store", "NA", "Nan's", "A-", "...", "None", "TBC Bakery", "0", "null island"]
)
def test_what_only_looks_like_a_placeholder_stays(value: str) -> None:
    """A placeholder fills the whole value, and no word that may be a name is one."""
    assert cleaned(value) == value


def test_a_blanked_placeholder_counts_as_a_repair() -> None:
    """By its own name, so that it is told from what came blank."""
    repairs = clean(pl.Series(["-", " n/a ", "", "x"])).repairs
    assert (repairs["placeholder_blanked"], repairs["blank"]) == (2, 1)
    assert decode_steps("&ndash;") == [("entities", "–"), ("placeholder_blanked", "")]


def test_web_address_keeps_its_parameters() -> None:
    """In a web address `&region=` is a parameter, not `®ion=`; entities with semicolon are decoded."""
    raw = "https://a.example/?x=1&region=2&amp;copy=3&#38;y=&eacute;&nosuch;"
    assert cleaned(raw, "address") == "https://a.example/?x=1&region=2&copy=3&y=é&nosuch;"
    assert (cleaned("?x=1&reg", "address"), cleaned("?x=1&reg")) == ("?x=1&reg", "?x=1®")


def test_each_repair_counts_the_values_it_changed() -> None:
    """A value counts once per repair, whatever the number of passes; clean and null values count nowhere."""
    values = pl.Series(
        "name", ["ok", None, "&amp;amp;", r"\u0e01&lt;", "a\x00\r\nb", " x ", "\xa0", "", "e\u0301"]
    )
    result = clean(values)
    assert result.values.to_list() == ["ok", None, "&", "ก<", "a b", "x", None, None, "é"]
    assert result.values.name == "name"
    assert {name: count for name, count in result.repairs.items() if count} == {
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
    assert result.lost["control_characters"].to_list() == [4]


def test_the_callers_series_stays_as_it_was() -> None:
    """Polars scatters in place; the input must not change."""
    values = pl.Series(["&amp;", "x"])
    clean(values)
    assert values.to_list() == ["&amp;", "x"]


def test_empty_series() -> None:
    """No values, no repairs."""
    result = clean(pl.Series([], dtype=pl.String))
    assert (len(result.values), sum(result.repairs.values()), len(result.lost["control_characters"])) == (
        0,
        0,
        0,
    )


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
        {"a": ["x\x00", "&amp;"], "b": ["1\n2", "\x01"], "c": ["?a&lt=1", "&#0;x"], "d": ["-", "-"]}
    )
    clean_frame, repairs, lost = clean_columns(frame, {"a": "line", "c": "address", "b": "text"})
    assert clean_frame.to_dict(as_series=False) == {
        "a": ["x", "&"],
        "c": ["?a&lt=1", "x"],
        "b": ["1\n2", None],
    }
    assert {name: count for name, count in repairs.items() if count} == {
        "broken_characters": 1,
        "entities": 1,
        "control_characters": 2,
        "blank": 1,
    }
    assert sorted(lost.rows()) == [
        (0, "a", "control_characters"),
        (1, "b", "control_characters"),
        (1, "c", "broken_characters"),
    ]


def test_what_is_unseen_is_shown() -> None:
    """Control and invisible characters are written as escapes, other text is left alone."""
    values = pl.Series(["a\x00b\n\x7f\x85\ufeff\u202e", "กé"])
    assert text.show_unseen(values).to_list() == [r"a\x00b\x0a\x7f\x85\ufeff\u202e", "กé"]


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
