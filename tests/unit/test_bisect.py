"""Rows that the database refuses are found in few tries, and each other row is written once."""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from contextlib import contextmanager

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.db.connection import Postgres
from etl.db.errors import PostgresError
from etl.load.bisect import Range, read_range, refusals


class Table(Postgres):
    """A database that refuses some rows, and, of any two that are to be apart, the later one while both are there."""

    def __init__(self, rows: set[int], refused: set[int], apart: set[int] | None = None) -> None:
        self.rows, self.refused, self.apart = sorted(rows), refused, apart or set()
        self.written: list[int] = []
        self.tries = 0

    def read(self, name: str, *values: object, **_: str) -> pl.DataFrame:
        first, last = values
        found = self.between(int(first), int(last))  # type: ignore[call-overload]
        one = {
            "record_table": "shops",
            "done": "create",
            "first": min(found, default=0),
            "last": max(found, default=0),
        }
        return pl.DataFrame([one | {"rows": len(found)}] if found else [])

    def between(self, first: int, last: int) -> list[int]:
        return self.rows[bisect_left(self.rows, first) : bisect_right(self.rows, last)]

    def execute(self, sql: str, *values: object, doing: str = "") -> None:
        pass

    @contextmanager
    def savepoint(self, name: str) -> Iterator[None]:
        before = len(self.written)
        try:
            yield
        except PostgresError:
            del self.written[before:]
            raise

    def write(self, rows: Range) -> None:
        self.tries += 1
        new = self.between(rows.first, rows.last)
        self.written += new
        if self.refused.intersection(new) or (self.apart and len(self.apart.intersection(self.written)) > 1):
            raise PostgresError("refused", "23514", "refused")

    def find(self) -> list[int]:
        return [seq for seq, _ in refusals(self, "rows", read_range(self, "rows"), self.write)]


@settings(deadline=None)
@given(st.sets(st.integers(0, 5_000), max_size=300), st.data())
def test_each_row_is_written_or_told(rows: set[int], data: st.DataObject) -> None:
    """Wherever the refused rows are, and however far apart the rows."""
    drawn = st.sets(st.sampled_from(sorted(rows))) if rows else st.just(set[int]())
    table = Table(rows, data.draw(drawn, "refused"))
    assert table.find() == sorted(table.refused)
    assert table.written == sorted(rows - table.refused)


@settings(deadline=None)
@given(st.sets(st.integers(0, 500), min_size=2, max_size=60), st.data())
def test_rows_that_do_not_go_together(rows: set[int], data: st.DataObject) -> None:
    """Two rows of one number, say: the first one is written, and the others are told."""
    apart = data.draw(st.sets(st.sampled_from(sorted(rows))))
    table = Table(rows, set(), apart)
    assert table.find() == sorted(apart)[1:]
    assert table.written == [row for row in sorted(rows) if row not in sorted(apart)[1:]]


@pytest.mark.parametrize("every", [1, 2, 10, 100, 1_000])
@pytest.mark.parametrize("offset", [0, 0.5, 0.99])
def test_few_tries(every: int, offset: float) -> None:
    """Some log2(n / refused) and a few tries for each refused row; no way of asking for halves takes fewer than log2."""
    size = 2_000
    refused = set(range(int(offset * every), size, every))
    table = Table(set(range(size)), refused)
    assert len(table.find()) == len(refused)
    assert table.tries <= len(refused) * (math.log2(size / len(refused)) + 3) + 2 * math.log2(size)


def test_nothing_to_write() -> None:
    """No try at all."""
    table = Table(set(), set())
    assert (table.find(), table.tries) == ([], 0)
