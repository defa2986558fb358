"""Watch that the database refuses no row of a run: a search for refused rows would hide a statement that is wrong."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from etl.db.connection import Postgres
from etl.db.errors import PostgresError


@contextmanager
def refusals_watched(db: Postgres, refused: bool | None) -> Iterator[None]:
    """Run a sync or rollback, and fail where the database refused rows though none should be, or none though some should.

    What is refused as a whole is written in parts (etl/load/bisect.py). A statement that is wrong only for several
    records, or only with rows in both tables, would pass so, and nobody would see it.

    Args:
        db: The run's connection.
        refused: Whether rows are to be refused; None where a test can't know it.
    """
    found: list[str] = []
    savepoint = db.savepoint

    @contextmanager
    def watched(name: str) -> Iterator[None]:
        with savepoint(name):
            try:
                yield
            except PostgresError as error:
                if name == "refusals" and error.is_about_a_row:
                    found.append(str(error))
                raise

    with patch.object(db, "savepoint", watched):
        yield
    assert refused is None or bool(found) == refused, f"the database refused: {found or 'nothing'}"
