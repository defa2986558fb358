"""Rows that the database refuses, found among those that it takes."""

from collections.abc import Callable, Iterator

import polars as pl

from etl.load.postgres import Postgres, PostgresError


def refusals(
    db: Postgres, rows: pl.DataFrame, write: Callable[[pl.DataFrame], None]
) -> Iterator[tuple[int, PostgresError]]:
    """Write rows, all of them at once if the database takes them, and yield each that it refuses for its values.

    Where a range is refused its halves are tried, each under a savepoint of its own; between two refusals none is open.

    Args:
        db: A connection inside a transaction.
        rows: What is to be written, in order; they have a `seq`.
        write: Writes a range of them.

    Yields:
        The `seq` of a refused row, and what the database said.

    Raises:
        PostgresError: anything else than a row's own values is to blame; the transaction is then lost.
    """
    refusal = _refusal(db, rows, write) if rows.height else None
    if refusal is None:
        return
    if rows.height == 1:
        yield rows["seq"][0], refusal
        return
    middle = rows.height // 2
    yield from refusals(db, rows[:middle], write)
    yield from refusals(db, rows[middle:], write)


def _refusal(db: Postgres, rows: pl.DataFrame, write: Callable[[pl.DataFrame], None]) -> PostgresError | None:
    try:
        with db.savepoint("refusals"):
            write(rows)
    except PostgresError as error:
        if not error.is_about_a_row:
            raise
        return error
    return None
