"""Shop or dining, by the words of the English category.

The API has one list for both; the CMS has a table for each.
"""

import polars as pl

# 'bar' as a word only: a barber is a shop. The letter and the accent of 'café' may be apart.
_DINING = r"(?i)food|beverage|restaurant|caf(?:e|é|e\x{301})|take[\s\p{Pd}]*home|\bbar\b"


def kind(category_label_en: pl.Expr) -> pl.Expr:
    """Say which table a record belongs to: `dinings` or `shops`. Rows: 1:1; a null label is a shop's."""
    is_dining = category_label_en.str.contains(_DINING).fill_null(value=False)
    return pl.when(is_dining).then(pl.lit("dinings")).otherwise(pl.lit("shops"))


def kind_word(category_label_en: str | None) -> str | None:
    """Return the word of an English category that makes a record a dining, as it is written there; null for a shop."""
    found: str | None = pl.Series([category_label_en], dtype=pl.String).str.extract(_DINING, 0)[0]
    return found
