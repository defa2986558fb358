"""What others control is shown as escapes; what belongs to a letter or an emoji is left alone."""

import json
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.runtime.visible import json_visible, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        ("\x1b]52;c;cm0gLXJm\x07", r"\x1b]52;c;cm0gLXJm\x07"),  # OSC 52 writes to the clipboard
        ("\x9b2J \x9d0;t\x9c", r"\x9b2J \x9d0;t\x9c"),  # C1: the same in one character
        ("a\rb\x08\x7f\tc\x00", r"a\x0db\x08\x7f\x09c\x00"),
        ("gpj\u202eexe \u2066x\u2069 \u200e\u061c", r"gpj\u202eexe \u2066x\u2069 \u200e\u061c"),
        ("T1\u200b\u2060\ufeff\xad\u3164", r"T1\u200b\u2060\ufeff\xad\u3164"),
        ("a\u2028b\u2029", r"a\u2028b\u2029"),
        ("\ud83d x \udc00", r"\ud83d x \udc00"),
        ("hidden\U000e0041\U000e0042", r"hidden\U000e0041\U000e0042"),
        ("a\u200db\ufe0f", r"a\u200db\ufe0f"),  # between Latin letters it does nothing but hide
    ],
)
def test_what_a_terminal_obeys_or_nobody_sees(text: str, shown: str) -> None:
    """It becomes an escape."""
    assert visible(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "plain [bold]text[/] :smile: C:\\x",
        "ก๊วยเตี๋ยว น้ำ",
        "Ăn Cơm™ “x”\xa0日本",
        "👩‍🚀 ❤️ 👩‍❤️‍👨 1️⃣ #️⃣",
        "क्‍ष",
        "a\nb",
    ],
)
def test_what_people_write_stays(text: str) -> None:
    """Thai, Vietnamese, joined letters and emoji, line breaks, backslashes."""
    assert visible(text) == text


def test_a_line_break_where_a_value_stays_on_its_line() -> None:
    """It becomes a sign."""
    assert visible("a\nb\r\n", line_break="⏎") == r"a⏎b\x0d⏎"


@given(st.text(st.characters(blacklist_categories=()), max_size=40))
def test_nothing_harmful_is_left(text: str) -> None:
    """Of any text: no control but line breaks, no half character, nothing invisible of Unicode's format characters."""
    shown = visible(text)
    assert {unicodedata.category(letter) for letter in shown.replace("\n", "")}.isdisjoint(
        {"Cc", "Cs", "Zl", "Zp"}
    )
    assert set(shown).isdisjoint(
        "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c\u200b"
    )
    assert visible(shown) == shown
    shown.encode()


def test_no_format_character_is_missed() -> None:
    """Of all that Unicode calls a format character, those that are seen are left: numbers and signs of old scripts."""
    left = {chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) == "Cf"}
    seen = {letter for letter in left if visible(f"a{letter}b") != f"a{letter}b"}
    assert {f"{ord(letter):x}" for letter in left - seen} <= {
        *("600", "601", "602", "603", "604", "605", "6dd", "70f", "890", "891", "8e2", "110bd", "110cd"),
        *(f"{code:x}" for code in range(0x13430, 0x13440)),
    }


@given(
    st.text(st.characters(blacklist_categories=()), max_size=40),
    st.sampled_from(["utf-8", "cp874", "ascii", None]),
)
def test_json_means_the_same(text: str, encoding: str | None) -> None:
    """It is read as what it was, holds nothing harmful, and can be written in any encoding."""
    text = text.encode("utf-16", "surrogatepass").decode(
        "utf-16", "surrogatepass"
    )  # two halves are one, as in any JSON
    shown = json_visible(json.dumps({text: [text]}, ensure_ascii=False, indent=1), encoding)
    assert json.loads(shown) == {text: [text]}
    shown.encode(encoding or "utf-8")
    assert set(shown).isdisjoint("\x1b\x7f\x9b\u202e\u2066\u200b\u2028")


def test_json_of_another_encoding_is_ascii() -> None:
    """A character beyond the first 65,536 is a pair, as JSON has it."""
    assert json_visible('"ก😀\t"\t', "cp874") == '"\\u0e01\\ud83d\\ude00\t"\t'
    assert json_visible('"ก😀"') == '"ก😀"'
