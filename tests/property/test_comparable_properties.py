"""Properties of the forms in which texts are compared."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.transform.comparable import composed, folded, spelling, words

FORMS = st.sampled_from([composed, folded, words, spelling])
MARKS = "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202e\u2060\u2066\u2069\ufeff"
WORDS = [
    "Fashion",
    "Caf\u00e9",
    "Accessory",
    "Watch",
    "Cookie",
    "Dress",
    "แฟชั่น",
    "น\u0e49\u0e33หอม",
    "TV",
    "Box",
]
PLURALS = {"Accessory": "Accessories", "Watch": "Watches", "Dress": "Dresses", "Box": "Boxes", "TV": "TV"}
TEXTS = st.text(max_size=12) | st.text("aAsSeEiI xzhc.\u0e4d\u0e48\u0e32\u0301\u200b&+,-'dnDN", max_size=16)


@pytest.mark.long
@given(TEXTS, FORMS)
def test_a_form_is_its_own_form(text: str, form: Callable[[str], str]) -> None:
    """Nothing is left to do."""
    assert form(form(text)) == form(text)


@st.composite
def spellings(draw: st.DrawFn, chosen: list[str]) -> str:
    """Write some words in one of the many ways that people write them."""
    written = []
    for word in chosen:
        plural = word if ord(word[0]) > 0x7F else PLURALS.get(word, f"{word}s")
        one = draw(
            st.sampled_from([word, plural, word.upper(), plural.lower(), word.replace("\u00e9", "e\u0301")])
        )
        one = draw(
            st.sampled_from(
                [one, one.replace("\u00e9", "e"), one.replace("\u0e49\u0e33", "\u0e4d\u0e49\u0e32")]
            )
        )
        at = draw(st.integers(0, len(one)))
        written.append(one[:at] + draw(st.sampled_from(["", *MARKS])) + one[at:])
    links = [" ", "  ", " & ", "&", " + ", " and ", " AND ", "และ", " และ ", ", ", "/", " - ", "\u00a0", "\n"]
    text = written[0]
    for word in written[1:]:
        text += draw(st.sampled_from(links)) + word
    before, after = draw(st.sampled_from(["", " ", "\u200e"])), draw(st.sampled_from(["", ".", " ", ". "]))
    return f"{before}{text}{after}"


@given(st.data(), st.lists(st.sampled_from(WORDS), min_size=1, max_size=4))
def test_all_spellings_of_a_label_are_one(data: st.DataObject, chosen: list[str]) -> None:
    """Case, accents, marks, plurals, links and spaces make no other label."""
    one, other = data.draw(spellings(chosen)), data.draw(spellings(chosen))
    assert words(one) == words(other)
    assert spelling(one) == spelling(other)
