"""The known names nearest to a label that fits none: proposals for a person, never a match."""

import polars as pl

from etl.contract.tenant import Kind
from etl.match.aliases import category_aliases
from etl.match.matcher import connect
from etl.runtime import queries
from etl.transform.floors import FLOOR_ALIASES
from etl.transform.slug import transliterate

NEAREST: dict[str, pl.DataType] = {
    "label": pl.String(),
    "rank": pl.Int32(),
    "id": pl.Int32(),
    "name": pl.String(),
    "similarity": pl.Float64(),
}
NAMES: dict[str, pl.DataType] = {"id": pl.Int32(), "name": pl.String(), "spelling": pl.String()}

LEAST = 0.5
"""The smallest similarity that is worth a person's look."""

_LABELS = 500
_LENGTH = 120  # letters of a label that are compared; the time of a comparison grows with their square


def nearest_names(
    labels: pl.Series, names: pl.DataFrame, *, most: int = 3, least: float = LEAST
) -> pl.DataFrame:
    """Return the known names that are nearest to each distinct label, best first.

    Words are compared with words, wherever they stand, by the letters to change
    (Damerau-Levenshtein), in their reading in ASCII; digits must be the same. `similarity` is the harmonic mean of the
    two shares of letters that each side finds in the other: 1 where all words agree.

    Args:
        labels: Any labels; null, duplicates, and those after the first 500 are left out.
        names: NAMES, as `floor_names` and `category_names` give it; a row may have several spellings.
        most: At most so many names a label.
        least: No name below this similarity.

    Returns:
        NEAREST, by label and rank (from 1); no row for a label that nothing is near to.
    """
    distinct = labels.drop_nulls().unique(maintain_order=True).head(_LABELS)
    wanted = pl.DataFrame({"label": distinct}, schema={"label": pl.String()})
    cut = wanted.select(pl.col("label").alias("whole"), _reading("label").str.slice(0, _LENGTH))
    known = names.select(list(NAMES)).drop_nulls().with_columns(_reading("spelling"))
    connection = connect("256MB")
    try:
        connection.register("unmapped_labels", cut.select("label").unique())
        connection.register("known_names", known)
        found: pl.DataFrame = connection.sql(queries.load("match/nearest"), params=[most, least]).pl()
    finally:
        connection.close()
    joined = cut.join(found, on="label", maintain_order="left_right").with_columns(label="whole")
    return joined.select(pl.col(name).cast(dtype) for name, dtype in NEAREST.items())


def _reading(column: str) -> pl.Expr:
    """Write texts in ASCII: DuckDB compares bytes, and any two Thai letters share most of theirs."""
    return pl.col(column).map_elements(transliterate, pl.String)


def floor_names(floors: pl.DataFrame) -> pl.DataFrame:
    """Return the names of the ACTIVE floors (contract.reference.FLOORS) as NAMES, a row a spelling: own and aliases."""
    own = _active(floors).select("id", "name", spelling="name").drop_nulls()
    aliases = pl.DataFrame({"alias": list(FLOOR_ALIASES), "key": list(FLOOR_ALIASES.values())})
    known = own.with_columns(key=pl.col("name").str.to_uppercase()).join(
        aliases, on="key", maintain_order="left_right"
    )
    return pl.concat([own, known.select("id", "name", spelling="alias")])


def category_names(categories: pl.DataFrame, kind: Kind) -> pl.DataFrame:
    """Return the names of the ACTIVE categories (contract.reference.CATEGORIES) of a kind as NAMES.

    There is a row a spelling: English, Thai and each alias.
    """
    own = _active(categories).filter(type=kind).with_columns(name=pl.coalesce("name_en", "name_th", "slug"))
    aliases = own.with_columns(category=pl.col("name_en").str.to_uppercase()).join(
        category_aliases(), on="category", maintain_order="left_right"
    )
    spellings = [own.select("id", "name", spelling=column) for column in ("name_en", "name_th")]
    return pl.concat([*spellings, aliases.select("id", "name", spelling="label")]).drop_nulls()


def _active(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.filter(pl.col("status").fill_null("ACTIVE") == "ACTIVE")
