"""What the commands share: choices, options, the way to the database, the ways out. Heavy imports stay inside."""

import shutil
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from enum import StrEnum
from io import StringIO
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from etl.errors import ConfigError, EtlError, Interrupted

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
    """Where records are fetched, transformed and staged."""

    local = "local"
    ray = "ray"


EngineOption = Annotated[
    EngineChoice,
    typer.Option(help="Fetch, transform and stage in this process, or on workers of Ray (docs/scaling.md)."),
]

RayAddressOption = Annotated[
    str | None,
    typer.Option(
        metavar="HOST:PORT",
        help="With --engine ray: address of a running cluster; `auto` on one of its nodes.  "
        "[default: a new cluster on this machine]",
        show_default=False,
    ),
]

SourceOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Take only this one of the sources in EXTERNAL_API_URL; '' is the source without a name.",
        show_default=False,
    ),
]

RecreateOption = Annotated[
    bool, typer.Option("--recreate", help="Make rows again that are gone from the CMS.")
]

RetakeOption = Annotated[
    bool,
    typer.Option(
        "--retake", help="Take the source's value again where the CMS has what an earlier run had replaced."
    ),
]

ForceOpenOption = Annotated[
    bool,
    typer.Option(
        "--force-open",
        help="Write rows too that somebody has open in the CMS; else they wait for the next run.",
    ),
]

JsonOption = Annotated[
    bool, typer.Option("--json", help="Print the result as one JSON document; logs go to stderr.")
]

AllOption = Annotated[
    bool, typer.Option("--all", help="Show findings of severity info too. JSON always has them.")
]

WaitOption = Annotated[
    float,
    typer.Option(
        min=0, metavar="SECONDS", help="Wait so long for another run of the source to end; 0 does not wait."
    ),
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
    from etl.runtime.visible import visible

    message = visible(log.scrub(f"etl: {error}"))
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
    from etl.runtime.visible import visible

    told = log.scrub(redact("".join(traceback.format_exception(error))))
    typer.echo(visible(told), err=True, nl=False)
    raise SystemExit(EtlError.exit_code) from None


def call(app: typer.Typer) -> NoReturn:
    """Parse the arguments, run the command that they name, and end with its exit code.

    Raises:
        ConfigError: an argument is not UTF-8, or has a control character.
    """
    for argument in sys.argv[1:]:
        _require_text(argument)
    try:
        code = app(prog_name="etl", standalone_mode=False)
    except _UsageError as error:
        from etl.runtime.visible import visible

        words = StringIO()
        with redirect_stderr(words):
            error.show()
        typer.echo(visible(words.getvalue()), err=True, nl=False)
        code = error.exit_code
    raise SystemExit(code or 0)


_UsageError: Any = typer.BadParameter.__base__
"""What is wrong with the arguments; where it is at home differs between versions of Typer."""


def _require_text(argument: str) -> None:
    from etl.runtime.visible import visible

    if any("\ud800" <= letter <= "\udfff" for letter in argument):  # a stray byte, as Python hands it over
        shown = argument.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        raise ConfigError(f"The argument '{visible(shown, line_break='⏎')}' is not UTF-8. Write it in UTF-8.")
    if any(letter < " " or "\x7f" <= letter <= "\x9f" for letter in argument):
        raise ConfigError(
            f"The argument '{visible(argument, line_break='⏎')}' has a control character or a line break, which no name "
            "or id has. Write it without."
        )
