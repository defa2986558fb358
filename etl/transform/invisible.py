"""Invisible characters: dropped from text of one line, but for the joiners of a letter or an emoji."""

import re
import unicodedata

import polars as pl

_JOINERS = "\u200c\u200d"
_OTHERS = "\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff"
_JOINER = re.compile(f"[{_JOINERS}]")

INVISIBLE = f"{_OTHERS}{_JOINERS}"
"""The inside of a character class."""


def drop_invisible(values: pl.Series) -> pl.Series:
    """Drop invisible characters; a joiner between two letters or emoji stays. Rows: 1:1."""
    dropped = values.str.replace_all(f"[{_OTHERS}]", "")
    joined = dropped.filter(dropped.str.contains(f"[{_JOINERS}]")).unique()
    if joined.is_empty():
        return dropped
    return dropped.replace(joined, pl.Series([_JOINER.sub(_keep, text) for text in joined], dtype=pl.String))


def _keep(found: re.Match[str]) -> str:
    text, place = found.string, found.start()
    return found[0] if _joins(text[place - 1 : place]) and _joins(text[place + 1 : place + 2]) else ""


def _joins(character: str) -> bool:
    """Tell whether it is a letter, a mark of one, or (a part of) an emoji."""
    return bool(character) and (unicodedata.category(character) in {"So", "Sk"} or is_letter(character))


def is_letter(character: str) -> bool:
    """Tell whether it is a letter, or a mark that belongs to one."""
    return unicodedata.category(character)[0] in "LM"
