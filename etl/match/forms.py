"""The tables that sql/match reads: the CMS's names and the feed's labels, both in the forms in which they are compared."""

from collections.abc import Callable

import polars as pl

from etl.contract.tenant import KINDS
from etl.transform.comparable import composed, folded, spelling, words

LANGUAGES = ("en", "th")


def known_floors(floors: pl.DataFrame) -> pl.DataFrame:
    """Return the floors (contract.reference.FLOORS) that have a name: id, name, key, words, order, is_active."""
    return floors.select(
        "id",
        _form("name", composed).alias("name"),
        _form("name", folded).alias("key"),
        _form("name", words).alias("words"),
        "order",
        _is_active,
    ).drop_nulls("name")


def wanted_floors(candidates: pl.DataFrame) -> pl.DataFrame:
    """Return the labels (transform.floors.CANDIDATES) with their forms: key, words, alias_key, code_key, fallback_key.

    Rows: 1:1.
    """
    return candidates.select(
        "label",
        _form("label", folded).alias("key"),
        _form("label", words).alias("words"),
        *(_form(name, folded).alias(f"{name}_key") for name in ("alias", "code", "fallback")),
        "low",
        "high",
    )


def known_categories(categories: pl.DataFrame) -> pl.DataFrame:
    """Return the names of shops' and dinings' categories (contract.reference.CATEGORIES), a row a language.

    Columns: id, kind, language (en, th), name (that a person knows it by), own_name (of the language), key, spelling,
    words, is_active.
    """
    shown = pl.coalesce(_form("name_en", composed), _form("name_th", composed), "slug")
    of_kinds = categories.filter(pl.col("type").is_in(KINDS)).with_columns(_is_active, shown.alias("name"))
    return pl.concat(
        of_kinds.select(
            "id",
            pl.col("type").alias("kind"),
            pl.lit(language).alias("language"),
            "name",
            _form(f"name_{language}", composed).alias("own_name"),
            *_forms(f"name_{language}"),
            "is_active",
        ).drop_nulls("own_name")
        for language in LANGUAGES
    )


def wanted_categories(pairs: pl.DataFrame) -> pl.DataFrame:
    """Return the pairs of labels (label_en, label_th) with a number, `pair`, and each label's forms. Rows: 1:1."""
    forms = (
        form.name.suffix(f"_{language}") for language in LANGUAGES for form in _forms(f"label_{language}")
    )
    return pairs.with_row_index("pair").with_columns(*forms)


def wanted_aliases(aliases: pl.DataFrame) -> pl.DataFrame:
    """Return the aliases (label, category) as distinct pairs of spellings: spelling, category_spelling."""
    spelled = {"spelling": "label", "category_spelling": "category"}
    return aliases.select(_form(column, spelling).alias(name) for name, column in spelled.items()).unique()


def _forms(column: str) -> list[pl.Expr]:
    made = {"key": folded, "spelling": spelling, "words": words}
    return [_form(column, form).alias(name) for name, form in made.items()]


def _form(column: str, form: Callable[[str], str]) -> pl.Expr:
    """Return a form of a column's texts; null where nothing is left of one."""
    return pl.col(column).map_elements(lambda text: form(text) or None, return_dtype=pl.String)


_is_active = (pl.col("status").fill_null("ACTIVE") == "ACTIVE").alias("is_active")
