"""The forms in which texts of two sides are compared."""

import pytest

from etl.transform.comparable import composed, folded, spelling, words


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("  T1 \u00a0\t X ", "T1 X"),
        ("\u202a\u200eT1\u202c\ufeff", "T1"),
        ("T\u00ad1\u2060\u2069", "T1"),
        ("Cafe\u0301", "Caf\u00e9"),
        ("Cafe\u200b\u0301", "Caf\u00e9"),
        ("เครื่องส\u0e4d\u0e32อาง", "เครื่องส\u0e33อาง"),
        ("น\u0e4d\u0e49\u0e32", "น\u0e49\u0e33"),
        ("น\u0e49\u0e4d\u0e32", "น\u0e49\u0e33"),
        ("\u200b", ""),
    ],
)
def test_composed(text: str, form: str) -> None:
    """NFC, sara am composed, nothing invisible, no stray white space; the case stays."""
    assert composed(text) == form


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("  Sky \u00a0 Garden\n", "sky garden"),
        ("CAFE\u0301", "caf\u00e9"),
        ("\u0102N C\u01a0M", "\u0103n c\u01a1m"),
        ("\u039f\u0394\u039f\u03a3", "\u03bf\u03b4\u03bf\u03c3"),
        ("\u03bf\u03b4\u03bf\u03c2", "\u03bf\u03b4\u03bf\u03c3"),
        ("Stra\u00dfe", "strasse"),
        ("\u0131", "i"),
        (" \u3000 ", ""),
    ],
)
def test_folded(text: str, form: str) -> None:
    """As composed, and without case, however a script writes that."""
    assert folded(text) == form


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("FASHION & ACCESSORIES.", "fashion accessory"),
        ("Fashion+Accessory", "fashion accessory"),
        ("Fashions and Accessories", "fashion accessory"),
        ("แฟชั่นและเครื่องประดับ", "แฟชั่น เครื่องประดับ"),
        ("แฟชั่น & เครื่องประดับ", "แฟชั่น เครื่องประดับ"),
        ("Band and And and Andes", "band ande"),
        ("High\u2013End / X-Y", "high end x y"),
        ("Caf\u00e9s", "cafe"),
        ("Women\u2019s Wear", "women wear"),
        ("Watches, Dresses & Boxes", "watch dress box"),
        ("Cookies", "cooky"),
        ("cookie", "cooky"),
        ("Gas Bus Glass", "gas bus glass"),
        ("Acc. (Bags)", "acc bag"),
        ("ＦＯＯＤ＆ＢＥＶＥＲＡＧＥＳ", "food beverage"),
        ("Men's T.V.", "men t.v"),
        ("and", ""),
        (" & ", ""),
    ],
)
def test_words(text: str, form: str) -> None:
    """What links words, accents, plurals and full stops do not count."""
    assert words(text) == form


@pytest.mark.parametrize("text", ["Take Home", "take-home", "TAKEHOME", "Take \u2013 Homes.", "takehome"])
def test_spelling(text: str) -> None:
    """Spaces do not count either."""
    assert spelling(text) == "takehome"
