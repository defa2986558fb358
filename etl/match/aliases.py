"""Labels of categories that mean one of the CMS's categories though their names differ.

The notation: what stands in brackets may be left out; of words joined by slashes any may stand alone, or
several together. Labels are compared by their spelling key (`sql/match/spelling_key.sql`), which has no `&`,
`and`, comma, slash, hyphen or space, so spellings that differ in these need no entry of their own.
"""

import re
from collections.abc import Iterator
from itertools import combinations, product

import polars as pl

ALIASES: dict[str, tuple[str, ...]] = {
    "LUXURY": (
        "international luxury",
        "international luxury brand(s)",
        "luxury international",
        "premium/high-end luxury",
        "luxury brand(s)/fashion",
    ),
    "FASHION": (
        "fashion & accessory",
        "fashion & accessories",
        "international/premium/high-end fashion",
        "fashion brand(s)",
    ),
    "BEAUTY": (
        "health & beauty",
        "beauty & wellness",
        "beauty brand(s)",
        "international beauty",
        "premium beauty",
        "international/premium cosmetic(s)",
    ),
    "GADGET": ("mobile(s), gadget(s), electronic(s)",),
    "RESTAURANT": ("food(s) & beverage(s)",),
    "HOME & LIVING": (
        "grocery, lifestyle & department store(s)",
        "groceries, lifestyle & department store(s)",
    ),
    "CLUB & LOUNGE": ("leisure & entertainment(s)",),
    "GENERAL": ("service(s)", "special(i)ty"),
    "COSMETIC & FRAGRANCE": ("special(i)ty item(s)", "cosmetic(s) & fragrance(s)"),
}
"""The English name of a category, and the phrases that mean it."""

_OPTIONAL = re.compile(r"\(([^)]*)\)")


def category_aliases() -> pl.DataFrame:
    """Return all aliases, phrases written out: one row a label, with columns label and category."""
    phrases = ((phrase, category) for category, phrases in ALIASES.items() for phrase in phrases)
    rows = [(label, category) for phrase, category in phrases for label in expand(phrase)]
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
