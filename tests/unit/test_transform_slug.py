"""Slugs: words, foreign letters, length, and what is chosen where a name can't be written."""

import polars as pl
import pytest

from etl.transform.slug import slug_stems, slugify


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Lotus Café", "lotus-cafe"),
        ("H&M", "h-m"),
        ("Dolce & Gabbana", "dolce-gabbana"),
        ("O'right", "oright"),
        ("O’right", "oright"),
        ("O`right´s", "orights"),
        ("Brand™ Shop®", "brand-shop"),
        ("Ăn Cơm Ăn Cá", "an-com-an-ca"),
        ("Straße  -- 7.5%", "strasse-7-5"),
        ("ＭＵＪＩ", "muji"),
        ("無印", "wu-yin"),
        ("-a_b/c-", "a-b-c"),
        ("???", None),
        ("😀", None),
        ("'", None),
        (None, None),
    ],
)
def test_slug_of_a_name(name: str | None, expected: str | None) -> None:
    """A slug is ASCII, lower case, words joined by `-`; null where nothing of the name can be written."""
    assert slugify(pl.Series([name], dtype=pl.String)).to_list() == [expected]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ไอคอนสยาม", "aikhonsyaam"),
        ("ร้านกาแฟ", "raankaafae"),
        ("เซ็นทรัล", "senthral"),
        ("โอ้กะจู๋", "okacchuu"),
        ("อาหาร", "aahaar"),
        ("อร่อย", "oroy"),
        ("เอ็มเค", "emkhe"),
        ("โอเอซิส", "oesis"),
        ("เรือ เพลง", "ruea-phelng"),
        ("เบียร์", "bia"),
        ("เครื่องดื่ม", "khrueangduuem"),
        ("เขา บัว", "khao-bua"),
        ("ศุกร์ กรุงเทพฯ", "suk-krungtheph"),
    ],
)
def test_slug_of_a_thai_name(name: str, expected: str) -> None:
    """Thai vowels are read where they are spoken, silenced letters are left out, o ang leaves no backtick."""
    assert slugify(pl.Series([name])).to_list() == [expected]


def test_long_slugs_end_with_a_word() -> None:
    """80 characters at most, cut between words; a single longer word is cut where it must."""
    names = ["word " * 30, "a" * 100, "ab " + "c" * 77, "ab " + "c" * 78]
    assert slugify(pl.Series(names)).to_list() == [
        "word-word-word-word-word-word-word-word-word-word-word-word-word-word-word-word",
        "a" * 80,
        "ab-" + "c" * 77,
        "ab",
    ]


def test_stem_falls_from_name_to_name_to_identifier() -> None:
    """English name, Thai name, `shop-<tenantId>`, `shop-<uniqueId>`, `shop`: the first one possible."""
    stems = slug_stems(
        [pl.Series(["Lotus", "???", None, None, None, None]), pl.Series(["บัว", "บัว", "™", None, None, None])],
        [pl.Series(["1", "2", "T 3", "?", None, "9" * 90]), pl.Series(["a", "b", "c", "U/4", "…", "f"])],
    )
    assert stems.name == "slug_stem"
    assert stems.to_list() == ["lotus", "bua", "shop-t-3", "shop-u-4", "shop", "shop-" + "9" * 75]


def test_no_rows() -> None:
    """No names, no slugs."""
    nothing = pl.Series([], dtype=pl.String)
    assert slug_stems([nothing, nothing], [nothing, nothing]).to_list() == []
