"""Records that came more than once: the last counts, and its blanks are filled from the ones before it."""

from collections.abc import Iterable

import polars as pl

from etl.transform.text import Mode, clean_columns

COPIES: dict[str, pl.DataType] = {"position": pl.Int64(), "last": pl.Int64()}
"""Columns of a frame of copies: where in the feed one stands that came again, and where the one that counts."""

COMPARED: dict[str, pl.DataType] = {**COPIES, "fields": pl.String()}
"""COPIES with the names of the fields in which both differ, '' where they are equal."""


def find_copies(ids: pl.DataFrame) -> pl.DataFrame:
    """Return COPIES of records with one id, by position.

    Args:
        ids: `position` and the cleaned `id`; null ids are none.
    """
    last = pl.col("position").max().over("id")
    named = ids.filter(pl.col("id").is_not_null() & pl.col("id").is_duplicated())
    return named.select("position", last=last).filter(pl.col("position") < pl.col("last")).sort("position")


def fill_from_copies(
    records: pl.DataFrame, pieces: Iterable[pl.DataFrame], modes: dict[str, Mode]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Fill the blanks of records, field by field, each from the nearest of its copies that has a value.

    Rows: 1:1, order kept. The second frame is COMPARED, by position.

    Args:
        records: Raw records that count, with their `position`.
        pieces: Raw records that came before them, with `position` and `last`; in the order of the feed.
        modes: The fields that are filled, and how each is cleaned before one can say whether it is blank.
    """
    own, _, _ = clean_columns(records, modes)
    counted = own.with_columns(records["position"].alias("last"))
    found = pl.DataFrame(schema={"last": pl.Int64, **dict.fromkeys(modes, pl.String)})
    compared = [pl.DataFrame(schema=COMPARED)]
    for piece in pieces:
        values, _, _ = clean_columns(piece, modes)
        compared.append(_compare(piece, values, counted))
        named = [pl.when(values[name].is_not_null()).then(name).alias(name) for name in modes]
        found = _latest(pl.concat([found, piece.select("last", *named)]))
    filled = records.select(position="position").join(
        found, left_on="position", right_on="last", how="left", maintain_order="left"
    )
    blank = [name for name in modes if own[name].has_nulls()]
    columns = [
        pl.when(own[name].is_null()).then(pl.coalesce(filled[name], name)).otherwise(name).alias(name)
        for name in blank
    ]
    return records.with_columns(columns), pl.concat(compared).sort("position")


def _latest(values: pl.DataFrame) -> pl.DataFrame:
    return values.group_by("last", maintain_order=True).agg(pl.all().drop_nulls().last())


def _compare(piece: pl.DataFrame, values: pl.DataFrame, counted: pl.DataFrame) -> pl.DataFrame:
    """Return COMPARED of copies, by their cleaned values and those of the records that count."""
    others = piece.select("last").join(counted, on="last", how="left", maintain_order="left")
    differing = [pl.when(values[name].ne_missing(others[name])).then(pl.lit(name)) for name in values.columns]
    fields = pl.concat_list(differing).list.drop_nulls().list.join(", ")
    return piece.select("position", "last", fields=fields)
