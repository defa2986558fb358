"""Which words of a text changed: pure, and in bounded work however long the texts are.

Words that are once on each side are the anchors, as in patience diff; between them it is the fewest edits.

A piece is a word, a number or clock time, a run of blanks, or any other character. Scripts that put no spaces between
words (Thai, Lao, Khmer, Burmese, Chinese, Japanese) are taken apart into what a reader sees as one character. Combining
marks always stay with the letter that carries them.
"""

import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from math import isqrt
from typing import Literal, NamedTuple

Change = Literal["same", "removed", "added"]
Words = Sequence[str]
Match = tuple[int, int]
"""Places of a word on both sides."""

LEAST_ALIKE = 0.25
"""Texts that have less than this share of their letters in common words are shown as replaced, not word by word."""

_MOST_EDITS = 128
_STEPS, _STEPS_A_WORD = 40_000, 16
"""What is compared edit by edit may cost so many steps in all; what is left then is taken as replaced."""

_DEEPEST = 16
"""Between anchors others may be found, so often."""

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


class Piece(NamedTuple):
    """A stretch of text that is the same on both sides, or on one only."""

    change: Change
    text: str


@lru_cache(maxsize=64)  # a description is there twice, once as the meta description
def word_diff(before: str, after: str) -> tuple[Piece, ...]:
    """Return what was removed from a text and what was added, in reading order, removed before added.

    The pieces `same` and `removed` joined are `before`; `same` and `added` joined are `after`. No piece is empty, and
    no two neighbours have the same change. The work is bounded by the length of the texts times a constant.
    """
    head, tail = _shared_ends(before, after)
    old, new = split_words(before[head : len(before) - tail]), split_words(after[head : len(after) - tail])
    if not _are_alike(old, new, head + tail):
        return tuple(_joined([Piece("removed", before), Piece("added", after)]))
    start, end = Piece("same", before[:head]), Piece("same", before[len(before) - tail :])
    return tuple(_joined(_without_crumbs(list(_joined([start, *_pieces(old, new), end])))))


def _shared_ends(before: str, after: str) -> tuple[int, int]:
    """Return how many letters both texts share at their start and at their end, up to a blank; most edits are small."""
    head = _shared_start(before, after)
    rest, new_rest = before[head:][::-1], after[head:][::-1]
    return head, _shared_start(rest, new_rest)


def _shared_start(one: str, other: str) -> int:
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one.startswith(other[low:middle], low) else (low, middle - 1)
    if low == len(one) == len(other):
        return low
    return max(0, *(one.rfind(blank, 0, low) for blank in " \n"))


def _are_alike(old: Words, new: Words, shared: int) -> bool:
    counts = [Counter(piece for piece in side if not piece.isspace()) for side in (old, new)]
    letters = [
        sum(len(word) * count for word, count in words.items()) for words in (*counts, counts[0] & counts[1])
    ]
    return shared + letters[2] >= LEAST_ALIKE * (shared + max(letters[:2]))


def _pieces(old: Words, new: Words) -> Iterator[Piece]:
    """Return what is the same and what is not, from the places of equal words; a piece may be empty."""
    start = place = new_place = 0
    for at, new_at in [*_matches(old, new), (len(old), len(new))]:
        if at > place or new_at > new_place:
            yield Piece("same", "".join(old[start:place]))
            yield Piece("removed", "".join(old[place:at]))
            yield Piece("added", "".join(new[new_place:new_at]))
            start = at
        place, new_place = at + 1, new_at + 1
    yield Piece("same", "".join(old[start:]))


def _matches(old: Words, new: Words) -> Iterator[Match]:
    """Match by anchors: words that are once on each side, in the same order; then what is between them."""
    steps = _STEPS + _STEPS_A_WORD * (len(old) + len(new))
    waiting = [(0, len(old), 0, len(new), 0)]  # a stack: long texts would nest too deep for recursion
    while waiting:
        start, end, new_start, new_end, depth = waiting.pop()
        head = common_start(old[start:end], new[new_start:new_end])
        yield from ((start + place, new_start + place) for place in range(head))
        start, new_start = start + head, new_start + head
        gap = old[start:end], new[new_start:new_end]
        anchors = _anchors(*gap) if depth < _DEEPEST else []
        if not anchors:
            found, spent = _match_gap(*gap, min(_MOST_EDITS, isqrt(steps) // 2))
            yield from ((start + place, new_start + new_place) for place, new_place in found)
            steps -= spent
            continue
        stops = [(start + place, new_start + new_place) for place, new_place in anchors]
        gaps = zip([(start, new_start), *stops], [*stops, (end, new_end)], strict=True)
        waiting += [(a, b, c, d, depth + 1) for (a, c), (b, d) in reversed(list(gaps))]


def common_start(old: Words, new: Words) -> int:
    """Return how many pieces, or letters, are the same at the start of both sides."""
    pairs = enumerate(zip(old, new, strict=False))
    return next((place for place, (one, other) in pairs if one != other), min(len(old), len(new)))


def _anchors(old: Words, new: Words) -> list[Match]:
    """Return places of words that are once on each side: the longest run of them that keeps its order."""
    old_places, new_places = _places_of_single(old), _places_of_single(new)
    pairs = [(place, new_places[word]) for word, place in old_places.items() if word in new_places]
    return _rising(pairs)


def _places_of_single(words: Words) -> dict[str, int]:
    counts = Counter(words)
    return {word: place for place, word in enumerate(words) if counts[word] == 1 and not word.isspace()}


def _rising(pairs: Sequence[Match]) -> list[Match]:
    """Return the longest subsequence whose second places rise; the first ones do already."""
    tails: list[int] = []  # the smallest end of a run of each length
    ends: list[int] = []  # and where in pairs it is
    previous: list[int | None] = []
    for index, (_, place) in enumerate(pairs):
        length = bisect_left(tails, place)
        previous.append(ends[length - 1] if length else None)
        tails[length : length + 1] = [place]
        ends[length : length + 1] = [index]
    chain, at = [], ends[-1] if ends else None
    while at is not None:
        chain.append(pairs[at])
        at = previous[at]
    return chain[::-1]


def _match_gap(old: Words, new: Words, most: int) -> tuple[list[Match], int]:
    """Match what has no anchor by the fewest edits, and count the steps.

    Where more than `most` edits would be needed, only a common start and end are matched.
    """
    shared = set(old) & set(new)  # other words can't match, and would cost an edit each
    places = [place for place, word in enumerate(old) if word in shared]
    new_places = [place for place, word in enumerate(new) if word in shared]
    one, other = [old[place] for place in places], [new[place] for place in new_places]
    head = common_start(one, other)
    tail = common_start(one[head:][::-1], other[head:][::-1])
    end, new_end = len(one) - tail, len(other) - tail
    inner, spent = _fewest_edits(one[head:end], other[head:new_end], most)
    found = [(place, place) for place in range(head)]
    found += [(head + place, head + new_place) for place, new_place in inner]
    found += [(end + place, new_end + place) for place in range(tail)]
    return [(places[place], new_places[new_place]) for place, new_place in found], spent


def _fewest_edits(old: Words, new: Words, most: int) -> tuple[list[Match], int]:
    """Match two texts as Myers (1986) does; nothing where more than `most` edits are needed. Also count the steps."""
    if not old or not new:
        return [], 0
    furthest, trace = [0] * (2 * most + 3), []  # by diagonal; those below 0 are at the list's end
    for edits in range(most + 1):
        trace.append(furthest.copy())
        for diagonal in range(-edits, edits + 1, 2):
            is_added = _is_added(furthest, diagonal, edits)
            place = furthest[diagonal + 1] if is_added else furthest[diagonal - 1] + 1
            new_place = place - diagonal
            while place < len(old) and new_place < len(new) and old[place] == new[new_place]:
                place, new_place = place + 1, new_place + 1
            furthest[diagonal] = place
            if place >= len(old) and new_place >= len(new):
                return _walk_back(trace, place, new_place), edits**2
    return [], most**2


def _is_added(furthest: Sequence[int], diagonal: int, edits: int) -> bool:
    """Tell whether a diagonal is reached with a word added, from the one above, or with one removed, from below."""
    return diagonal == -edits or (diagonal != edits and furthest[diagonal - 1] < furthest[diagonal + 1])


def _walk_back(trace: Sequence[Sequence[int]], place: int, new_place: int) -> list[Match]:
    """Return the places of equal words on the way that was traced, which ends here."""
    found = []
    for edits in range(len(trace) - 1, -1, -1):
        furthest, diagonal = trace[edits], place - new_place
        is_added = _is_added(furthest, diagonal, edits)
        start = furthest[diagonal + 1] if is_added else furthest[diagonal - 1] + 1
        while place > start:
            place, new_place = place - 1, new_place - 1
            found.append((place, new_place))
        place, new_place = (place, new_place - 1) if is_added else (place - 1, new_place)
    return found[::-1]


def _without_crumbs(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Take blanks, punctuation and single characters between two changes into them: a phrase reads as one."""
    for place, piece in enumerate(pieces):
        is_between = 0 < place < len(pieces) - 1
        if piece.change == "same" and is_between and _is_crumb(piece.text):
            yield Piece("removed", piece.text)
            yield Piece("added", piece.text)
        else:
            yield piece


def _is_crumb(text: str) -> bool:
    words = [word for word in split_words(text) if not word.isspace()]
    return len(words) <= 1 and not any(len(word) > 1 and word.isalnum() for word in words)


def _joined(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Join neighbours; between two stretches that are the same, what was removed comes before what was added."""
    held: dict[Change, str] = {"same": "", "removed": "", "added": ""}
    for change, text in pieces:
        is_turn = bool(held["removed"] or held["added"]) if change == "same" else bool(held["same"])
        if text and is_turn:
            yield from _flushed(held)
        held[change] += text
    yield from _flushed(held)


def _flushed(held: dict[Change, str]) -> Iterator[Piece]:
    for change, text in held.items():
        if text:
            yield Piece(change, text)
            held[change] = ""


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
