"""Rows that the database refuses, found among those that it takes."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from etl.contract.issue import words
from etl.db.connection import Postgres
from etl.db.errors import NOT_WRITTEN, PostgresError

_LAST = (1 << 63) - 1


@dataclass(frozen=True)
class Range:
    """Rows of a plan that follow each other.

    Attributes:
        first: The `seq` of the first.
        last: That of the last.
        counts: Table (shops, dinings) and what is done there, to the number of rows.
    """

    first: int
    last: int
    counts: Mapping[tuple[str, str], int]

    @property
    def height(self) -> int:
        """How many rows there are."""
        return sum(self.counts.values())

    def of(self, table: str) -> dict[str, int]:
        """Return what is done in a table, to the number of rows; what is done nowhere is left out."""
        return {done: count for (its, done), count in self.counts.items() if its == table}


def read_range(db: Postgres, query: str, first: int = 0, last: int = _LAST) -> Range:
    """Count what a plan writes between two `seq`, without reading its rows; an empty range has no counts.

    Args:
        db: The connection in whose transaction the plan was made.
        query: Gives table, what is done, first and last `seq`, and rows, one row for each of the first two.
        first: From here on.
        last: Up to here.
    """
    found = db.read(query, first, last).to_dicts()
    return Range(
        first=min((row["first"] for row in found), default=first),
        last=max((row["last"] for row in found), default=last),
        counts={(row["record_table"], row["done"]): row["rows"] for row in found},
    )


def refusals(
    db: Postgres, query: str, rows: Range, write: Callable[[Range], None]
) -> Iterator[tuple[int, PostgresError]]:
    """Write rows, all of them at once if the database takes them, and yield each that it refuses for its values.

    Where a range is refused, its first refused row is searched for by halving, and what lies before it is written. From
    there it goes on with as many rows as lay between the last two refusals, and twice as many each time that they are
    taken. Each try is under a savepoint of its own; between two refusals none is open. What is checked at COMMIT only is
    checked with each range.

    Args:
        db: A connection inside a transaction.
        query: Name of the query, as in `read_range`.
        rows: What is to be written.
        write: Writes a range of it.

    Yields:
        The `seq` of a refused row, and what the database said.

    Raises:
        PostgresError: anything else than a row's own values is to blame; the transaction is then lost.
    """
    refusal = _refusal(db, rows, write) if rows.counts else None
    if refusal is None:
        return
    if rows.height == 1:
        yield rows.first, refusal
        return
    # a deferred trigger wants to see a range's rows complete; what a range leaves immediate is deferred again
    db.execute("SET CONSTRAINTS ALL DEFERRED", doing="SET CONSTRAINTS")
    at, width, before = rows.first, 1, rows.first - 1
    suspect: int | None = rows.last  # a row from `at` to here is refused, so they need not be tried together
    while at <= rows.last:
        end = min(at + width - 1, rows.last) if suspect is None else (at + suspect) // 2
        part = read_range(db, query, at, end)
        refusal = _refusal(db, part, write) if part.counts else None
        if refusal is None:
            at, width = end + 1, 2 * width if suspect is None else width
            if suspect is not None and at > suspect:  # they were refused together, and apart they are not
                suspect = None
            if part.counts:
                db.execute("SET CONSTRAINTS ALL DEFERRED", doing="SET CONSTRAINTS")
        elif part.height > 1:
            at, suspect = part.first, part.last
        else:
            yield part.first, refusal
            at, suspect, width, before = part.first + 1, None, part.first - before, part.first


def require_all(table: str, planned: int, written: int) -> None:
    """Make sure that the database wrote each row, within `refusals`, which finds those that it did not write.

    Raises:
        PostgresError: a trigger of the table returned null for some, at which Postgres leaves a row out without a word.
    """
    if written != planned:
        reason = words("rejected_by_database", "reason.left_out", table=table)
        raise PostgresError(f"Postgres wrote {written:,} of {planned:,} rows: {reason}.", NOT_WRITTEN, reason)


def _refusal(db: Postgres, rows: Range, write: Callable[[Range], None]) -> PostgresError | None:
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
