"""Where a diff goes: the terminal, a pipe or a file; as text, JSON or HTML."""

import sys
from collections.abc import Callable
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import TextIO

from rich.console import Group

from etl.compare.json import json_pieces
from etl.compare.select import Selected
from etl.errors import ConfigError
from etl.report.diff_text import diff_parts, show_diff
from etl.report.html import html_pieces
from etl.report.page import Console
from etl.report.text import console
from etl.runtime.streams import require_written, switch_to_utf8

PLAIN_WIDTH = 160
TEXT_LIMIT = 20
_PARTS_AT_A_TIME = 500


def default_limit(output_format: str, path: str | None) -> int:
    """Return how many records of each action to show where nobody says it: all in JSON, HTML and in a file."""
    return TEXT_LIMIT if output_format == "text" and path is None else 0


def require_place(output_format: str, path: str | None) -> None:
    """Say before any work that there is nowhere to write.

    Raises:
        ConfigError: a page would go to a terminal, or the file's folder is not there.
    """
    if output_format == "html" and path is None and sys.stdout.isatty():
        raise ConfigError(
            "A page of HTML is of no use on a terminal. Name a file: --format html -o diff.html."
        )
    if path is not None and not Path(path).parent.is_dir():
        raise ConfigError(
            f"There is no folder {Path(path).parent} for {Path(path).name}. Make it, or name another."
        )


def write_diff(selected: Selected, output_format: str, path: str | None) -> None:
    """Print a diff, or write it to a file: as text, json or html. Text has colours on a terminal only.

    Raises:
        ConfigError: the file can't be written.
        EtlError: standard output can't.
    """
    write = _WRITERS[output_format]
    if path is None:
        if output_format == "html":
            switch_to_utf8()
        if output_format == "text" and sys.stdout.isatty():
            console().print(show_diff(selected))
        else:
            write(selected, sys.stdout)
        require_written()
        return
    try:
        with Path(path).open("w", encoding="utf-8", errors="backslashreplace") as file:
            write(selected, file)
    except OSError as error:
        raise ConfigError(f"The diff can't be written to {path}: {error.strerror}.") from error


def write_text(selected: Selected, file: TextIO) -> None:
    """Write a diff as text without colours, 160 columns wide, no line with spaces at its end.

    Memory: some hundred records, however many there are.
    """
    page = StringIO()
    plain = Console(file=page, width=PLAIN_WIDTH, no_color=True, force_terminal=False)
    parts = diff_parts(selected)
    while some := list(islice(parts, _PARTS_AT_A_TIME)):
        plain.print(Group(*some))
        file.write("\n".join(line.rstrip() for line in page.getvalue().split("\n")))
        page.seek(0)
        page.truncate()


_WRITERS: dict[str, Callable[[Selected, TextIO], None]] = {
    "text": write_text,
    "json": lambda selected, file: file.writelines(json_pieces(selected, file.encoding)),
    "html": lambda selected, file: file.writelines(html_pieces(selected)),
}
