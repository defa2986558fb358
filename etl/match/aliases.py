"""Labels of categories that mean one of the CMS's categories though their names differ.

aliases.json has the English name of each category, and the phrases that mean it. The notation: what stands in brackets may
be left out; of words joined by slashes any may stand alone, or several together. Labels are compared by their spelling
(`transform/comparable.py`), which has no `&`, `and`, comma, slash, hyphen, space, accent or plural, so spellings that
differ in these need no entry of their own.
"""

import json
import re
from collections.abc import Iterator
from importlib.resources import files
from itertools import combinations, product

import polars as pl

_OPTIONAL = re.compile(r"\(([^)]*)\)")


def category_aliases() -> pl.DataFrame:
    """Return all aliases, phrases written out: one row a label, with columns label and category."""
    known = json.loads(files("etl.match").joinpath("aliases.json").read_text(encoding="utf-8"))
    rows = [(label, name) for name, phrases in known.items() for each in phrases for label in expand(each)]
    return pl.DataFrame(rows, schema={"label": pl.String(), "category": pl.String()}, orient="row")


def expand(phrase: str) -> list[str]:
    """Return every label that a phrase stands for.

    `international/premium brand(s)` stands for `international brand`, `premium brand`,
    `international/premium brand`, and the same with `brands`.
    """
    return [
        " ".join(words)
        for variant in _without_brackets(phrase)
        for words in product(*(_alternatives(word) for word in variant.split(" ")))
    ]


def _without_brackets(phrase: str) -> Iterator[str]:
    # split() with a group gives the bracketed texts at odd places
    pieces = _OPTIONAL.split(phrase)
    choices = [("", piece) if place % 2 else (piece,) for place, piece in enumerate(pieces)]
    return ("".join(chosen) for chosen in product(*choices))


def _alternatives(word: str) -> list[str]:
    words = word.split("/")
    return ["/".join(some) for count in range(1, len(words) + 1) for some in combinations(words, count)]
