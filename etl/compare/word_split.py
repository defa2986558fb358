"""Takes a text apart into words, so that two texts can be compared.

A piece is a word, a number or clock time, a run of blanks, or any other character. Scripts that put no spaces between
words (Thai, Lao, Khmer, Burmese, Chinese, Japanese) are taken apart into what a reader sees as one character. Combining
marks always stay with the letter that carries them.
"""

import re
import unicodedata
from functools import cache

_UNSPACED = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f"  # Burmese
    "\u1780-\u17ff"  # Khmer
    "\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Chinese, Japanese
)
_MARK_PLANES = (range(0x0300, 0x20000), range(0xE0000, 0xE0200))
_SKIN_TONES = "\U0001f3fb-\U0001f3ff"
_FLAG = "[\U0001f1e6-\U0001f1ff]{2}"
_THAI = "[\u0e40-\u0e44]?[\u0e01-\u0e2e]{marks}[\u0e30\u0e32\u0e33\u0e45]?{marks}"


def split_words(text: str) -> list[str]:
    """Return the pieces of a text; joined they are the text."""
    return _pattern().findall(text)


@cache
def _pattern() -> re.Pattern[str]:
    marks = f"[{_marks()}{_SKIN_TONES}]*"
    letter = rf"(?:[^\W{_UNSPACED}]{marks})"
    number = r"[0-9]+(?:[:.,][0-9]+)*(?!\w)"
    word = rf"{letter}+(?:['’]{letter}+)*"
    other = rf".{marks}(?:\u200d.{marks})*"
    return re.compile("|".join((r"\s+", number, word, _THAI.format(marks=marks), _FLAG, other)), re.DOTALL)


def _marks() -> str:
    """Return all combining marks as the inside of a character class; the module `re` has no name for them."""
    found = (
        code for plane in _MARK_PLANES for code in plane if unicodedata.category(chr(code)).startswith("M")
    )
    ranges: list[list[int]] = []
    for code in found:
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)
