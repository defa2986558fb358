"""Where a diff goes: the terminal, a pipe or a file; as text or as JSON."""

import sys
from io import StringIO
from pathlib import Path

from rich.console import Console

from etl.diff.document import to_json
from etl.diff.select import Selected
from etl.errors import ConfigError
from etl.report.diff_text import show_diff
from etl.report.text import console

PLAIN_WIDTH = 160
TEXT_LIMIT = 20


def default_limit(output_format: str, path: str | None) -> int:
    """Return how many records of each action to show where nobody says it: all in JSON and in a file."""
    return TEXT_LIMIT if output_format == "text" and path is None else 0


def write_diff(selected: Selected, output_format: str, path: str | None) -> None:
    """Print a diff, or write it to a file.

    Args:
        selected: What to show.
        output_format: text or json. Text has colours on a terminal only.
        path: The file; None for standard output.

    Raises:
        ConfigError: the file can't be written.
    """
    if path is None and output_format == "text" and sys.stdout.isatty():
        console().print(show_diff(selected))
        return
    text = to_json(selected) if output_format == "json" else plain_text(selected)
    if path is None:
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"The diff can't be written to {path}: {error.strerror}.") from error


def plain_text(selected: Selected) -> str:
    """Return a diff as text without colours, 160 columns wide, no line with spaces at its end."""
    page = StringIO()
    Console(file=page, width=PLAIN_WIDTH, highlight=False, no_color=True, force_terminal=False).print(
        show_diff(selected)
    )
    return "\n".join(line.rstrip() for line in page.getvalue().split("\n"))
