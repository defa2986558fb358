"""Slugs: a name as the CMS shows it in a web address, before it is made unique.

Decided here:

- `&`, `+` and other signs only part words: `H&M` is `h-m`. Spelling them out would be English in every
  language.
- Apostrophes of every kind vanish (`O'right` is `oright`), and so do ™, ®, © and ℠.
- Thai: unidecode goes letter by letter, so a vowel written before its consonant would be read before it, and
  o ang would become a backtick. Here the vowel goes behind the consonant, vowels written around it are read
  as one, silenced letters are left out, and o ang is `o` where it stands for a vowel: `ไอคอนสยาม` is
  `aikhonsyaam`.
"""

import re
from collections.abc import Callable

import polars as pl
from unidecode import unidecode

MAX_LENGTH = 80
LAST_RESORT = "shop"

_APOSTROPHES = "['`´‘’‛ʹʻʼʽʾʿˈ′＇]"
_MARKS = "[™®©℠]"
_CONSONANT = "[\u0e01-\u0e2e]"
_UNSPOKEN = f"{_CONSONANT}[\u0e34\u0e38]?\u0e4c|[\u0e47-\u0e4b\u0e4d\u0e4e]|[ๆฯ]"
_THAI: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(_UNSPOKEN), ""),  # silenced letters, tone and other marks
    (re.compile(f"เ({_CONSONANT}{{1,2}})ีย"), r"\1ia"),
    (re.compile(f"เ({_CONSONANT}{{1,2}})ือ"), r"\1uea"),
    (re.compile(f"เ({_CONSONANT})า"), r"\1ao"),
    (re.compile(f"({_CONSONANT})ัว"), r"\1ua"),
    (re.compile(f"([เแโใไ])({_CONSONANT})"), r"\2\1"),
    (re.compile("อ(?=[ะ-ฺเ-ๅa-z])"), ""),  # o ang that only carries a vowel
    (re.compile("อ"), "o"),
    (re.compile("ซ"), "s"),  # unidecode has ch
)


def transliterate(text: str) -> str:
    """Write text in ASCII; letters that have no reading are left out, and so are ™, ®, © and ℠."""
    text = re.sub(f"{_APOSTROPHES}|{_MARKS}", "", text)
    for pattern, replacement in _THAI:
        text = pattern.sub(replacement, text)
    return unidecode(text)


def slugify(names: pl.Series) -> pl.Series:
    """Make slugs of names.

    Rows: 1:1, order kept; each slug matches `[a-z0-9]+(-[a-z0-9]+)*` and has at most MAX_LENGTH characters,
    cut at the end of a word where one fits. Null where the name is null or nothing of it can be written.
    """
    foreign = names.filter(names.str.len_bytes() != names.str.len_chars()).unique()
    ascii_names = names.replace(
        foreign, pl.Series([transliterate(name) for name in foreign], dtype=pl.String)
    )
    slug = (
        pl.col("name")
        .str.replace_all(_APOSTROPHES, "")
        .str.to_lowercase()
        .str.replace_all("[^a-z0-9]+", "-")
        .str.strip_chars("-")
    )
    short = (
        pl.when(slug.str.len_bytes() > MAX_LENGTH)
        .then(slug.str.slice(0, MAX_LENGTH + 1).str.replace("(.)-[^-]*$", "${1}").str.slice(0, MAX_LENGTH))
        .otherwise(slug)
    )
    return pl.DataFrame({"name": ascii_names}).select(pl.when(short != "").then(short)).to_series()


def slug_stems(names: list[pl.Series], identifiers: list[pl.Series]) -> pl.Series:
    """Choose each record's slug stem: its first name that can be written, else `shop-<id>`, else `shop`.

    Args:
        names: Series of one length, first choice first: the English names, the Thai names.
        identifiers: Likewise: tenantId, uniqueId.

    Returns:
        Rows 1:1, never null, the length bounded by MAX_LENGTH.
    """
    stems = pl.Series("slug_stem", [None] * len(names[0]), dtype=pl.String)
    for series, make in [*((name, slugify) for name in names), *((one, _numbered) for one in identifiers)]:
        stems = _filled(stems, series, make)
    return stems.fill_null(LAST_RESORT)


def _filled(stems: pl.Series, others: pl.Series, make: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """Make the stems that are still null of others; most names come first, so that few Thai ones are transliterated."""
    rows = stems.is_null().arg_true()
    return stems.scatter(rows, make(others.gather(rows))) if len(rows) else stems


def _numbered(identifiers: pl.Series) -> pl.Series:
    stem = pl.concat_str(pl.lit(f"{LAST_RESORT}-"), pl.col("slug")).str.slice(0, MAX_LENGTH)
    return slugify(identifiers).alias("slug").to_frame().select(stem.str.strip_chars_end("-")).to_series()
