"""Promise: a copy for one of several floors gives way: in Postgres, in DuckDB and by a model alike."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from etl.contract.issue import ISSUE
from etl.db.connection import Postgres
from etl.load.plan import create_tables, settle_keys
from etl.match.settle import settle
from tests.support.postgres import Database
from tests.support.stories import of_chance

SCHEMA = {
    "position": pl.Int64, "copy": pl.Int32, "unique_id": pl.String, "source_unique_id": pl.String, "derived": pl.Boolean,
}  # fmt: skip
IDS = st.sampled_from(["A", "B", "A-G", "A-G-G", "B-1", "ก", ""])
FLOORS = st.lists(st.sampled_from(["G", "1", "G-G"]), max_size=3, unique=True)
Row = tuple[int, int, str, str, bool]


@st.composite
def matched_rows(draw: st.DrawFn) -> list[Row]:
    """Any few records with ids that collide, some of them on several floors: rows as matching gives them."""
    rows: list[Row] = []
    records = st.lists(st.tuples(IDS, FLOORS), max_size=8, unique_by=lambda record: record[0])
    for position, (record, floors) in enumerate(draw(records)):
        if len(floors) < 2:
            rows.append((position, 0, record, record, False))
        else:
            rows += [(position, copy, f"{record}-{at}", record, True) for copy, at in enumerate(floors)]
    return rows


def expected(rows: list[Row]) -> list[Row]:
    """Return the rows that stay, by the rule in words."""
    sources = {record for _, _, _, record, _ in rows}
    free = [row for row in rows if not (row[4] and row[2] in sources)]
    owners: dict[str, Row] = {}
    for row in sorted(
        free, key=lambda each: each[4]
    ):  # a record's own row before a copy, else the first in the feed
        owners.setdefault(row[2], row)
    return [row for row in free if owners[row[2]] == row]


def in_postgres(db: Postgres, rows: pl.DataFrame) -> tuple[list[Row], list[tuple[object, ...]]]:
    """Return the rows that stay after a plan has settled them, and its findings."""
    keys = rows.with_row_index("seq", 1).select(
        pl.col("seq").cast(pl.Int64), "unique_id", "source_unique_id", "derived",
        kind=pl.lit("shops"), kind_rule=pl.lit("blank"), floor_id=pl.col("copy"), floor_is_understood=pl.lit(value=True),
        source_hash=pl.col("position"),
    )  # fmt: skip
    with db.transaction(commit=False):
        for name in ("create_keys", "create_issues", "create_rejected"):
            db.run(f"stage/{name}")
        create_tables(db, {"shops": set(), "dinings": set()})
        db.ingest("stg_keys", keys)
        settle_keys(db, is_complete=True)
        columns = "source_hash AS position, floor_id, unique_id, source_unique_id, derived"
        kept = db.read("plan/save_table", table="stg_keys", columns=columns, keys="seq")
        found = db.read("plan/save_table", table="stg_issues", columns=", ".join(ISSUE), keys="ordinal")
    return kept.rows(), sorted(found.rows(), key=repr)


@of_chance(60)
@given(rows=matched_rows())
def test_the_same_rows_stay(database: Database, rows: list[Row]) -> None:
    """The rows that stay, and the findings about the others, are the same on both engines; the rows are the model's."""
    frame = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    kept, found = settle(frame)
    with Postgres(database.dsn) as db:
        assert in_postgres(db, frame) == (kept.rows(), sorted(found.rows(), key=repr))
    assert kept.rows() == expected(rows)
    assert dict(kept.schema) == SCHEMA
