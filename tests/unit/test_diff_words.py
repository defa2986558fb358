"""Which words changed: whole words are marked, marks stay with their letters, and the work is bounded."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.compare.word_diff import split_words, word_diff

_ALPHABET = st.sampled_from([
    *"ab AB 12.:'\n", "the ", "cafe\u0301 ", "é", "\u0301", "ก", "เ", "ก่", "ำ", "ไทย", "漢", "👩‍🚀", "🇹🇭", "\u200d", "\x00",
])  # fmt: skip
TEXTS = st.lists(_ALPHABET, max_size=60).map("".join)


def marked(before: str, after: str) -> str:
    """Return a diff with [-removed-] and {+added+}."""
    frames = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
    return "".join(frames[change].format(text) for change, text in word_diff(before, after))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("Kiteline Bureau", "Kiteline Bureau & Sons", "Kiteline Bureau{+ & Sons+}"),
        ("Linen for the house.", "Linen for a house.", "Linen for [-the-]{+a+} house."),
        ("Mon 10:00–21:00", "Mon 10:30–21:00", "Mon [-10:00-]{+10:30+}–21:00"),
        ("costs 1,200.50 baht", "costs 1,300.50 baht", "costs [-1,200.50-]{+1,300.50+} baht"),
        ("on 3F", "on 4F", "on [-3F-]{+4F+}"),
        ("O’Brien’s bar", "O’Briens bar", "[-O’Brien’s-]{+O’Briens+} bar"),
        ("tea and tea and tea", "tea and hot tea and tea", "tea and {+hot +}tea and tea"),
        (
            "ab " * 60 + "ab",
            "ab " * 30 + "cd " + "ab " * 30 + "ab",
            "ab " * 30 + "{+cd +}" + "ab " * 30 + "ab",
        ),
        (
            "rum tea rum rum tea ale",
            "tea tea rum tea rum ale",
            "[-rum-]{+tea+} tea rum [-rum -]tea{+ rum+} ale",
        ),
        ("a b c", "c", "[-a b -]c"),
        ("Beer, wine and tea", "Tea, rum and tea", "[-Beer, wine-]{+Tea, rum+} and tea"),
    ],
)
def test_whole_words_are_marked(before: str, after: str, expected: str) -> None:
    """Words, times, figures and names with an apostrophe change as a whole; the rest of the text is kept."""
    assert marked(before, after) == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("ร้านเสื้อผ้าผู้หญิง", "ร้านเสื้อผ้าผู้ชาย", "ร้านเสื้อผ้าผู้[-หญิง-]{+ชาย+}"),
        ("น้ำชาเย็น", "น้ำชาร้อน", "น้ำชา[-เย็-]{+ร้อ+}น"),
        ("แมงโกรฟ คาเฟ่", "แมงโกรฟ คาเฟ", "แมงโกรฟ คา[-เฟ่-]{+เฟ+}"),
        ("東京の店です", "京都の店です", "[-東京-]{+京都+}の店です"),
    ],
)
def test_scripts_without_spaces(before: str, after: str, expected: str) -> None:
    """Thai and Chinese are compared by what a reader sees as one character; tones and vowels stay with their letter."""
    assert marked(before, after) == expected


def test_combining_marks_stay_with_their_letter() -> None:
    """An accent, a joined emoji and a flag are each in one piece, and so is a word with accents."""
    assert split_words("cafe\u0301 e\u0301 👨‍👩‍👧🇹🇭 กำ เก่ง 👍🏽") == [
        "cafe\u0301", " ", "e\u0301", " ", "👨‍👩‍👧", "🇹🇭", " ", "กำ", " ", "เก่", "ง", " ", "👍🏽",
    ]  # fmt: skip
    assert marked("cafe", "cafe\u0301") == "[-cafe-]{+cafe\u0301+}"


def test_nothing_against_something() -> None:
    """An empty text has no pieces; equal texts are one."""
    assert word_diff("", "") == ()
    assert word_diff("", "new") == (("added", "new"),)
    assert word_diff("old", "") == (("removed", "old"),)
    assert word_diff("one two", "one two") == (("same", "one two"),)


def test_texts_that_are_not_alike_are_replaced() -> None:
    """Where hardly a word is common, marking each for itself would be noise."""
    before = "A quiet place for books, maps and the odd lamp"
    assert word_diff(before, "Handmade noodles and broth since 1952") == (
        ("removed", before),
        ("added", "Handmade noodles and broth since 1952"),
    )


@given(TEXTS, TEXTS)
def test_the_pieces_are_both_texts(before: str, after: str) -> None:
    """Kept and removed pieces joined are the text before; kept and added ones the text after; none is empty."""
    pieces = word_diff(before, after)
    assert "".join(text for change, text in pieces if change != "added") == before
    assert "".join(text for change, text in pieces if change != "removed") == after
    assert all(text for _, text in pieces)
    assert all(one.change != other.change for one, other in pairwise(pieces))
    assert "".join(split_words(before)) == before


@given(TEXTS, TEXTS)
def test_no_change_without_need(before: str, after: str) -> None:
    """Equal texts have no change, others have one."""
    assert {change for change, _ in word_diff(before, before)} <= {"same"}
    has_change = any(change != "same" for change, _ in word_diff(before, after))
    assert has_change == (before != after)


def test_what_would_take_too_many_steps_is_replaced() -> None:
    """With no word to hold on to and hundreds of edits, all between the common ends is one change; the rest is not."""
    before, after = "a b " * 300 + "a", "b c a d " * 300 + "b"
    assert marked(f"one 1 {before} end 2", f"one 1 {after} end 3") == (
        f"one 1 [-{before}-]{{+{after}+}} end [-2-]{{+3+}}"
    )


@pytest.mark.parametrize("unit", ["word{0} ", "ab ba ", "กข{0}", "{0}x ", "漢字"])
def test_long_texts_stay_quick(unit: str) -> None:
    """50,000 pieces against the same ones shifted, reversed and thinned: each in well under two seconds."""
    words = [unit.format(number % 997) for number in range(25_000)]
    before = "".join(words)
    for other in (words[100:] + words[:100], words[::-1], words[::2]):
        used = time.process_time()
        word_diff(before, "".join(other))
        assert time.process_time() - used < 2
