"""What every section of an explained record is made of. Whatever comes from outside is shown literally."""

from collections.abc import Iterable

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table

from etl.compare.model import Finding
from etl.report.diff_meaning import literal
from etl.report.page import Text

_LONGEST = 240


def heading(title: str, remark: str = "") -> Text:
    """Return the title of a section, after an empty line."""
    return Text.assemble("\n", (title, "bold underline"), (f"  {remark}" if remark else "", "dim"))


def table(rows: Iterable[tuple[str | Text, ...]], *, first_style: str = "cyan") -> RenderableType:
    """Return rows under each other, indented; the first cell names the row and is never folded."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style=first_style, no_wrap=True)
    for cells in rows:
        grid.add_row(*(cell if isinstance(cell, Text) else Text(cell) for cell in cells))
    return Padding(grid, (0, 0, 0, 2))


def cut(text: str, longest: int = _LONGEST) -> str:
    """Return the beginning of a text literally, on one line, and say how long the whole is."""
    shown = literal(text)
    return shown if len(shown) <= longest else f"{shown[:longest]}… ({len(text):,} characters)"


def told_findings(issues: Iterable[Finding]) -> RenderableType:
    """Return findings, one a row."""
    rows = ((issue.code.replace("_", " "), cut(issue.message)) for issue in issues)
    return table(rows, first_style="yellow")
