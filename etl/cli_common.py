"""What the commands share: choices, options, and the way to the database. Heavy imports stay inside."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from etl.load.postgres import Postgres
    from etl.settings import Settings


class MissingChoice(StrEnum):
    """What happens to rows whose record left the source."""

    keep = "keep"
    inactivate = "inactivate"


class ConflictChoice(StrEnum):
    """Who wins where the source and an editor both changed a field."""

    source = "source"
    editor = "editor"


JsonOption = Annotated[
    bool, typer.Option("--json", help="Print the result as one JSON document; logs go to stderr.")
]

WaitOption = Annotated[
    float,
    typer.Option(min=0, metavar="SECONDS", help="How long to wait for another run to end; 0 does not wait."),
]


@contextmanager
def open_database(settings: "Settings") -> Iterator["Postgres"]:
    """Connect to the database of the settings, and log what a person should know of its address."""
    from etl.load.connect import connect
    from etl.log import get_logger

    database = settings.database()
    for note in database.notes:
        get_logger().warning("database_address", note=note)
    with connect(database, settings.database_retries) as db:
        yield db
