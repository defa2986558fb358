"""The aliases of categories, and the notation they are written in."""

import pytest

from etl.match.aliases import category_aliases, expand
from etl.match.forms import wanted_aliases


@pytest.mark.parametrize(
    ("phrase", "labels"),
    [
        ("premium beauty", ["premium beauty"]),
        ("service(s)", ["service", "services"]),
        ("special(i)ty", ["specialty", "speciality"]),
        ("premium/high-end luxury", ["premium luxury", "high-end luxury", "premium/high-end luxury"]),
        (
            "luxury brand(s)/fashion",
            [
                *("luxury brand", "luxury fashion", "luxury brand/fashion"),
                *("luxury brands", "luxury fashion", "luxury brands/fashion"),
            ],
        ),
        (
            "a/b/c fashion",
            [
                "a fashion",
                "b fashion",
                "c fashion",
                "a/b fashion",
                "a/c fashion",
                "b/c fashion",
                "a/b/c fashion",
            ],
        ),
        ("x(s) & y(s)", ["x & y", "x & ys", "xs & y", "xs & ys"]),
    ],
)
def test_expand_writes_a_phrase_out(phrase: str, labels: list[str]) -> None:
    """Brackets may be left out; of words joined by slashes any may stand alone, or several together."""
    assert expand(phrase) == labels


def test_no_alias_means_two_categories() -> None:
    """Labels that are spelled alike mean the same category, so that the list's order decides nothing."""
    spelled = wanted_aliases(category_aliases())
    assert spelled["spelling"].is_unique().all()
    assert spelled.null_count().row(0) == (0, 0)
