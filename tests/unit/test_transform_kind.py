"""Shop or dining."""

import polars as pl
import pytest

from etl.transform.kind import kind, kind_word


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Food & Beverage", "dinings"),
        ("BEVERAGES", "dinings"),
        ("Thai Restaurants", "dinings"),
        ("cafe", "dinings"),
        ("CAFÉ", "dinings"),
        ("Cafe\u0301 & Bakery", "dinings"),
        ("Take Home", "dinings"),
        ("takehome", "dinings"),
        ("Take-Home", "dinings"),
        ("Take – Home", "dinings"),
        ("Bar", "dinings"),
        ("Wine bar/Lounge", "dinings"),
        ("Barber", "shops"),
        ("Minibar", "shops"),
        ("Fashion", "shops"),
        (None, "shops"),
    ],
)
def test_kind_by_the_words_of_the_category(label: str | None, expected: str) -> None:
    """Words of food make a dining, 'bar' only as a word of its own; all else, and no category, is a shop."""
    labels = pl.DataFrame({"label": [label]}, schema={"label": pl.String})
    assert labels.select(kind(pl.col("label"))).to_series().to_list() == [expected]


def test_the_word_that_decides() -> None:
    """The first word that makes a dining, as it is written; null for a shop and for no label."""
    assert kind_word("Food & Beverage") == "Food"
    assert kind_word("Wine BAR") == "BAR"
    assert kind_word("Barber") is None
    assert kind_word(None) is None
