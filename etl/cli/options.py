"""What the commands share: choices, options, the way to the database, the ways out. Heavy imports stay inside."""

import shutil
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from etl.errors import EtlError, Interrupted

if TYPE_CHECKING:
    from etl.config.settings import Settings
    from etl.db.connection import Postgres


class MissingChoice(StrEnum):
    """What happens to rows whose record left the source."""

    keep = "keep"
    inactivate = "inactivate"


class ConflictChoice(StrEnum):
    """Who wins where the source and an editor both changed a field."""

    source = "source"
    editor = "editor"


class EngineChoice(StrEnum):
    """Who fetches, transforms and stages."""

    local = "local"
    ray = "ray"


EngineOption = Annotated[
    EngineChoice,
    typer.Option(
        help="Who fetches, transforms and stages: this process, or workers of Ray (docs/scaling.md)."
    ),
]

RayAddressOption = Annotated[
    str | None,
    typer.Option(
        metavar="HOST:PORT",
        help="Address of a running Ray cluster, with --engine ray; `auto` on a node of it.  [default: one on this machine]",
        show_default=False,
    ),
]

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
    from etl.db.connect import connect
    from etl.runtime import log

    database = settings.database()
    for note in database.notes:
        log.get_logger().warning("database_address", note=note)
    with connect(database, settings.database_retries, settings.session_limits_s) as db:
        yield db


def fail(error: EtlError | Interrupted) -> NoReturn:
    """End with the message of an error of ours, without secrets, and its exit code."""
    from etl.runtime import log

    message = log.scrub(f"etl: {error}")
    if sys.stderr.isatty():
        width = shutil.get_terminal_size().columns
        fitted = (
            textwrap.fill(line, width, break_long_words=False, break_on_hyphens=False)
            for line in message.splitlines()
        )
        message = "\n".join(fitted)
    typer.echo(message, err=True)
    raise SystemExit(error.exit_code) from None


def crash(error: Exception) -> NoReturn:
    """End with the traceback of an error that is none of ours, without secrets, and exit code 1."""
    import traceback

    from etl.runtime import log
    from etl.runtime.redact import redact

    typer.echo(log.scrub(redact("".join(traceback.format_exception(error)))), err=True, nl=False)
    raise SystemExit(EtlError.exit_code) from None
