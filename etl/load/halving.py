"""Rows that the database refuses, found among those that it takes."""

from collections.abc import Callable, Iterator

import polars as pl

from etl.load.postgres import NOT_WRITTEN, Postgres, PostgresError


def refusals(
    db: Postgres, rows: pl.DataFrame, write: Callable[[pl.DataFrame], None]
) -> Iterator[tuple[int, PostgresError]]:
    """Write rows, all of them at once if the database takes them, and yield each that it refuses for its values.

    Where a range is refused its halves are tried, each under a savepoint of its own; between two refusals none is open.
    What is checked at COMMIT only is checked with each range.

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
    for half in (rows[:middle], rows[middle:]):
        # the range before may have left them immediate, and a deferred trigger wants to see a range's rows complete
        db.execute("SET CONSTRAINTS ALL DEFERRED", doing="SET CONSTRAINTS")
        yield from refusals(db, half, write)


def require_all(table: str, planned: int, written: int) -> None:
    """Make sure that the database wrote each row, within `refusals`, which finds those that it did not write.

    Raises:
        PostgresError: a trigger of the table returned null for some, at which Postgres leaves a row out without a word.
    """
    if written != planned:
        told = f"a trigger of {table} left it out and gave no reason"
        raise PostgresError(f"Postgres wrote {written:,} of {planned:,} rows: {told}.", NOT_WRITTEN, told)


def _refusal(db: Postgres, rows: pl.DataFrame, write: Callable[[pl.DataFrame], None]) -> PostgresError | None:
    try:
        with db.savepoint("refusals"):
            write(rows)
            # a trigger or constraint that is deferred would refuse the whole run
            db.execute("SET CONSTRAINTS ALL IMMEDIATE", doing="SET CONSTRAINTS")
    except PostgresError as error:
        if not error.is_about_a_row:
            raise
        return error
    return None
