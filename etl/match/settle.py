"""The ids of matched tenants made unique, by the statements by which a sync does it in Postgres."""

import polars as pl

from etl.contract.issue import finding_columns, words_column
from etl.match.matcher import connect
from etl.runtime import queries

_KEYS = ("seq", "position", "unique_id", "source_unique_id", "derived")
_MEMORY = "1GB"  # what a million records take is less than a quarter of it


def settle(rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Make unique_id unique, as a sync does: of a record that came again the last is taken.

    A copy for one of several floors gives way to a record that has its id. Rows: a filter, order kept. The second
    frame holds the findings about what was dropped; contract.issue.ISSUE.

    Args:
        rows: frames.ROWS.

    Queries: sql/plan/repeated_ids.sql, sql/plan/taken_ids.sql
    """
    numbered = rows.with_row_index("seq")
    repeated = numbered.join(
        _ask("plan/repeated_ids", numbered), on="source_unique_id", how="left", maintain_order="left"
    ).with_columns(is_last=pl.col("position") == pl.coalesce("last_position", "position"))
    single = repeated.filter("is_last").select(numbered.columns)
    taken = _ask("plan/taken_ids", single)
    findings = [
        _duplicates(repeated.filter(~pl.col("is_last"))),
        _taken(single.join(taken, on="seq", how="semi", maintain_order="left")),
    ]
    return single.join(taken, on="seq", how="anti", maintain_order="left").drop("seq"), pl.concat(findings)


def _ask(name: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Return what a statement finds in rows, where no record was synced before."""
    with connect(_MEMORY) as session:
        session.register("stg_keys", rows.select(_KEYS))
        session.register("no_base", rows.select("unique_id", "source_unique_id").clear())
        found: pl.DataFrame = session.sql(queries.load(name, {"base": "no_base"})).pl()
    return found


def _duplicates(rows: pl.DataFrame) -> pl.DataFrame:
    found = rows.select("position", "last_position", unique_id="source_unique_id").unique()
    dropped, taken = (pl.col(name) + 1 for name in ("position", "last_position"))
    message = words_column("duplicate_record", dropped=dropped, taken=taken)
    return found.select("unique_id", *finding_columns("duplicate_record", message))


def _taken(rows: pl.DataFrame) -> pl.DataFrame:
    message = words_column("derived_id_taken", record="source_unique_id", unique_id="unique_id")
    columns = finding_columns("derived_id_taken", message, "unique_id", pl.col("unique_id"))
    return rows.select(pl.col("source_unique_id").alias("unique_id"), *columns)
