"""The forms in which texts of two sides are compared: ids, and labels of the feed with names of the CMS.

Each is the same for all spellings of a text, and makes nothing else of itself. They are for few texts: the distinct
labels of a batch, the names of the CMS's floors and categories. What has no letter or digit has no form: ''.
"""

import re
import unicodedata

_INVISIBLE = dict.fromkeys(
    (0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF)
)
_SARA_AM = re.compile("\u0e4d([\u0e48-\u0e4b]*)\u0e32")
_ACCENTS = re.compile("[\u0300-\u036f]")
_APOSTROPHES = re.compile("['`\u2018\u2019\u02bc]")
_BETWEEN_WORDS = re.compile(r"[\s&+,;:/|()\[\]{}!?\"\u3001\u060c\u00b7\u2022\u2026\u2010-\u2015\u2212-]+|และ")
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_SIBILANT_E = re.compile("(ss|x|z|ch|sh)e$")


def composed(text: str) -> str:
    """Return a text in NFC with its sara am composed, without invisible characters and stray white space.

    This is the form of ids: they keep their case.
    """
    spaced = " ".join(unicodedata.normalize("NFC", text.translate(_INVISIBLE)).split())
    return _SARA_AM.sub("\\1\u0e33", spaced)


def folded(text: str) -> str:
    """Return the form of names: `composed`, without case."""
    before, after = "", composed(text)
    while before != after:
        # the capital comes first: the dotless i and the two small sigmas meet only there
        before, after = after, composed(after.upper().casefold())
    return after


def words(text: str) -> str:
    """Return the words of a label, with one space between them.

    Accents, plurals, apostrophes, a full stop at the end of a word and all that links words (`&`, `+`, `and`, commas,
    slashes, hyphens) do not count.
    """
    bare = _ACCENTS.sub("", unicodedata.normalize("NFD", folded(text)))
    plain = _APOSTROPHES.sub("", folded(bare).translate(_FULL_WIDTH))
    found = (_singular(word.rstrip(".")) for word in _BETWEEN_WORDS.split(plain))
    return " ".join(word for word in found if word not in {"", "and"})


def spelling(text: str) -> str:
    """Return the form of labels in which `Take Home`, `take-home` and `takehome` are one: `words` without spaces."""
    before, after = "", text
    while before != after:
        before, after = after, words(after).replace(" ", "")
    return after


def _singular(word: str) -> str:
    """Return the same for a word and its plural; it need not be the singular: `cooky` for cookie and cookies."""
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):  # `gas`, `bus`
        word = word[:-1]
    if word.endswith("ie"):
        return word[:-2] + "y"
    return _SIBILANT_E.sub("\\1", word)
