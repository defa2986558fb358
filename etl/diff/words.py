"""Which words of a text changed: pure, and in bounded work however long the texts are.

A piece is a word, a number or clock time, a run of blanks, or any other character. Scripts that put no spaces between
words (Thai, Lao, Khmer, Burmese, Chinese, Japanese) are taken apart into what a reader sees as one character. Combining
marks always stay with the letter that carries them.
"""

import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from math import isqrt
from typing import Literal, NamedTuple

Change = Literal["same", "removed", "added"]
Words = Sequence[str]

LEAST_ALIKE = 0.3
"""Texts that have less than this share of their words in common are shown as replaced, not word by word."""

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


def word_diff(before: str, after: str) -> tuple[Piece, ...]:
    """Return what was removed from a text and what was added, in reading order, removed before added.

    The pieces `same` and `removed` joined are `before`; `same` and `added` joined are `after`. No piece is empty, and
    no two neighbours have the same change. The work is bounded by the length of the texts times a constant.
    """
    old, new = split_words(before), split_words(after)
    if not _are_alike(old, new):
        return tuple(_joined([("removed", before), ("added", after)]))
    return tuple(_joined(_without_crumbs(list(_joined(_compare(old, new))))))


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


def _are_alike(old: Words, new: Words) -> bool:
    counts = [Counter(piece for piece in side if not piece.isspace()) for side in (old, new)]
    most = max(counts[0].total(), counts[1].total())
    return (counts[0] & counts[1]).total() >= LEAST_ALIKE * most


def _compare(old: Words, new: Words) -> Iterator[Piece]:
    """Compare by anchors: words that are once on each side, in the same order; then what is between them."""
    steps = _STEPS + _STEPS_A_WORD * (len(old) + len(new))
    waiting = [(0, len(old), 0, len(new), 0)]  # a stack: long texts would nest too deep for recursion
    while waiting:
        start, end, new_start, new_end, depth = waiting.pop()
        head = _common(old[start:end], new[new_start:new_end])
        yield from (Piece("same", piece) for piece in old[start : start + head])
        start, new_start = start + head, new_start + head
        anchors = _anchors(old[start:end], new[new_start:new_end]) if depth < _DEEPEST else []
        if not anchors:
            most = min(_MOST_EDITS, isqrt(steps) // 2)
            pieces, spent = _compare_gap(old[start:end], new[new_start:new_end], most)
            yield from pieces
            steps -= spent
            continue
        stops = [(start + place, new_start + new_place) for place, new_place in anchors]
        gaps = zip([(start, new_start), *stops], [*stops, (end, new_end)], strict=True)
        waiting += [(a, b, c, d, depth + 1) for (a, c), (b, d) in reversed(list(gaps))]


def _common(old: Words, new: Words) -> int:
    """Return how many pieces are the same at the start of both sides."""
    pairs = enumerate(zip(old, new, strict=False))
    return next((place for place, (one, other) in pairs if one != other), min(len(old), len(new)))


def _anchors(old: Words, new: Words) -> list[tuple[int, int]]:
    """Return places of words that are once on each side: the longest run of them that keeps its order."""
    old_places, new_places = _places_of_single(old), _places_of_single(new)
    pairs = [(place, new_places[word]) for word, place in old_places.items() if word in new_places]
    return _rising(pairs)


def _places_of_single(words: Words) -> dict[str, int]:
    counts = Counter(words)
    return {word: place for place, word in enumerate(words) if counts[word] == 1 and not word.isspace()}


def _rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
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


def _compare_gap(old: Words, new: Words, most: int) -> tuple[list[Piece], int]:
    """Compare what has no anchor by the fewest edits, and count the steps.

    Where more than `most` edits would be needed, all but a common end is taken as replaced.
    """
    tail = _common(old[::-1], new[::-1])
    end, new_end = len(old) - tail, len(new) - tail
    is_on_both = bool(end and new_end)
    trace = _trace(old[:end], new[:new_end], most) if is_on_both else []
    pieces, place, new_place = [], 0, 0
    for at, new_at in [*_matches(trace, end, new_end), (end, new_end)]:
        pieces += [Piece("removed", piece) for piece in old[place:at]]
        pieces += [Piece("added", piece) for piece in new[new_place:new_at]]
        pieces += [Piece("same", piece) for piece in old[at : min(at + 1, end)]]
        place, new_place = at + 1, new_at + 1
    return pieces + [Piece("same", piece) for piece in old[end:]], (
        len(trace) or most
    ) ** 2 if is_on_both else 0


def _trace(old: Words, new: Words, most: int) -> list[dict[int, int]]:
    """Return how far each diagonal gets with 0, 1, 2, … edits (Myers, 1986); nothing where `most` don't do."""
    furthest, trace = {1: 0}, []
    for edits in range(most + 1):
        trace.append(dict(furthest))
        for diagonal in range(-edits, edits + 1, 2):
            place = _next(furthest, diagonal, edits)
            while place < len(old) and place - diagonal < len(new) and old[place] == new[place - diagonal]:
                place += 1
            furthest[diagonal] = place
            if place >= len(old) and place - diagonal >= len(new):
                return trace
    return []


def _next(furthest: Mapping[int, int], diagonal: int, edits: int) -> int:
    """Return where an edit leads on a diagonal: one more word removed from the one below, or added from the one above."""
    is_added = _is_added(furthest, diagonal, edits)
    return furthest[diagonal + 1] if is_added else furthest[diagonal - 1] + 1


def _is_added(furthest: Mapping[int, int], diagonal: int, edits: int) -> bool:
    return diagonal == -edits or (diagonal != edits and furthest[diagonal - 1] < furthest[diagonal + 1])


def _matches(trace: Sequence[Mapping[int, int]], place: int, new_place: int) -> list[tuple[int, int]]:
    """Return the places of equal words on the way that was traced, from its end back to its start."""
    found = []
    for edits in range(len(trace) - 1, -1, -1):
        diagonal = place - new_place
        start = _next(trace[edits], diagonal, edits)
        while place > start:
            place, new_place = place - 1, new_place - 1
            found.append((place, new_place))
        is_added = _is_added(trace[edits], diagonal, edits)
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


def _joined(pieces: Iterable[tuple[Change, str]]) -> Iterator[Piece]:
    """Join neighbours; between two stretches that are the same, what was removed comes before what was added."""
    held: dict[Change, list[str]] = {"same": [], "removed": [], "added": []}
    for change, text in pieces:
        is_turn = change == "same" and (held["removed"] or held["added"])
        if is_turn or (change != "same" and held["same"]):
            yield from _flushed(held)
        if text:
            held[change].append(text)
    yield from _flushed(held)


def _flushed(held: dict[Change, list[str]]) -> Iterator[Piece]:
    for change, texts in held.items():
        if texts:
            yield Piece(change, "".join(texts))
        texts.clear()
