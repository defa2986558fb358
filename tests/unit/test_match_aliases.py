"""The aliases of categories, and the notation they are written in."""

import pytest

from etl.match.aliases import category_aliases, expand
from etl.match.matcher import connect


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
    connection = connect()
    connection.register("category_aliases", category_aliases())
    unclear = connection.sql(
        "SELECT spelling_key(label) FROM category_aliases GROUP BY ALL HAVING count(DISTINCT category) > 1"
    )
    assert unclear.fetchall() == []


@pytest.mark.parametrize(
    ("text", "tidied", "folded", "key"),
    [
        (None, None, None, None),
        ("", None, None, None),
        (" \u00a0\u3000\t\n", None, None, None),
        ("  Health \u00a0 &\nBeauty ", "Health & Beauty", "health & beauty", "healthbeauty"),
        ("Health&Beauty", "Health&Beauty", "health&beauty", "healthbeauty"),
        ("Health, and Beauty", "Health, and Beauty", "health, and beauty", "healthbeauty"),
        ("Band and And and Andes", "Band and And and Andes", "band and and and andes", "bandandes"),
        ("High\u2013End / X-Y", "High\u2013End / X-Y", "high\u2013end / x-y", "highendxy"),
        ("and", "and", "and", None),
        (" & ", "&", "&", None),
        ("CAFE\u0301", "CAF\u00c9", "caf\u00e9", "caf\u00e9"),
        ("\u0102N C\u01a0M", "\u0102N C\u01a0M", "\u0103n c\u01a1m", "\u0103nc\u01a1m"),
        (
            "\u039f\u0394\u039f\u03a3",
            "\u039f\u0394\u039f\u03a3",
            "\u03bf\u03b4\u03bf\u03c3",
            "\u03bf\u03b4\u03bf\u03c3",
        ),
        (
            "\u03bf\u03b4\u03bf\u03c2",
            "\u03bf\u03b4\u03bf\u03c2",
            "\u03bf\u03b4\u03bf\u03c3",
            "\u03bf\u03b4\u03bf\u03c3",
        ),
        ("\u0130", "\u0130", "i", "i"),
        ("แฟชั่น and ข", "แฟชั่น and ข", "แฟชั่น and ข", "แฟชั่นข"),
    ],
)
def test_forms_in_which_texts_are_compared(text: str, tidied: str, folded: str, key: str | None) -> None:
    """Tidied folds white space, folded case as well; spelling_key leaves out what varies between spellings."""
    connection = connect()
    found = connection.sql("SELECT tidied($1), folded($1), spelling_key($1)", params=[text]).fetchall()
    assert found == [(tidied, folded, key)]
