"""The ids of matched tenants made unique, by the statements by which a sync does it in Postgres."""

import polars as pl

from etl.contract.issue import finding_columns, words_column
from etl.match.matcher import connect
from etl.runtime import queries

_KEYS = ("seq", "unique_id", "source_unique_id", "derived")
_MEMORY = "1GB"  # what a million records take is less than a quarter of it


def settle(rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Make unique_id unique, as a sync does: a copy for one of several floors gives way to a record that has its id.

    Rows: a filter, order kept. The second frame holds the findings about what was dropped; contract.issue.ISSUE.

    Args:
        rows: frames.ROWS, each record once.

    Query: sql/plan/taken_ids.sql
    """
    numbered = rows.with_row_index("seq")
    taken = _ask("plan/taken_ids", numbered)
    found = _taken(numbered.join(taken, on="seq", how="semi", maintain_order="left"))
    return numbered.join(taken, on="seq", how="anti", maintain_order="left").drop("seq"), found


def _ask(name: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Return what a statement finds in rows, where no record was synced before."""
    with connect(_MEMORY) as session:
        session.register("stg_keys", rows.select(_KEYS))
        session.register("no_base", rows.select("unique_id", "source_unique_id").clear())
        found: pl.DataFrame = session.sql(queries.load(name, {"base": "no_base"})).pl()
    return found


def _taken(rows: pl.DataFrame) -> pl.DataFrame:
    message = words_column("derived_id_taken", record="source_unique_id", unique_id="unique_id")
    columns = finding_columns("derived_id_taken", message, "unique_id", pl.col("unique_id"))
    return rows.select(pl.col("source_unique_id").alias("unique_id"), *columns)
