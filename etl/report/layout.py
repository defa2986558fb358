"""What a diff and a rollback show alike: totals, headings, records and their values."""

from collections.abc import Iterable, Sequence

from rich.cells import cell_len, set_cell_size
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment
from rich.style import Style
from rich.table import Table

from etl.compare.model import Reference, Value
from etl.contract.tenant import KINDS
from etl.report.diff_meaning import literal
from etl.report.page import Text

SHORT = 44
"""Letters of a value that fits beside another one on a line."""

_LONGEST = 160
_LEAD = 24


class Labelled:
    """Rows of a label and its content, which is folded beside it.

    It looks as a `Table.grid` of two columns does, which measures each cell several times: a diff of 100,000 records, 1,000
    of them changed, takes 9.9 s so instead of 12.9 (bench/README.md).

    Args:
        rows: Label and content; at least one.
        indent: Columns before the labels.
        gap: Columns between the longest label and the contents.
        style: That of the labels.
    """

    def __init__(
        self, rows: Sequence[tuple[str, RenderableType]], *, indent: int = 0, gap: int = 1, style: str = "dim"
    ) -> None:
        self._rows = rows
        self._indent = indent
        self._gap = gap
        self._style = style

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = max(cell_len(label) for label, _ in self._rows)
        left = self._indent + width + self._gap
        beside = options.update(width=max(options.max_width - left, 1), overflow="fold", highlight=False)
        style = console.get_style(self._style)
        for label, content in self._rows:
            head = [
                Segment(" " * self._indent),
                Segment(set_cell_size(label, width), style),
                Segment(" " * self._gap),
            ]
            for line in console.render_lines(content, beside, pad=False):
                yield from head
                yield from line
                yield Segment.line()
                head = [Segment(" " * left)]


def totals_table(name: str, rows: Iterable[tuple[str, str, Sequence[str], int, str]]) -> Table:
    """Return figures by table and in all; those of nothing are dim.

    A row is a name, its style, figures by table, their total, and what it means.
    """
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column(name)
    for heading in (*KINDS, "total"):
        table.add_column(heading, justify="right")
    table.add_column("")
    for label, style, figures, total, meaning in rows:
        name_cell = Text(label, style=style if total else "dim")
        means = Text(meaning, style="dim")
        table.add_row(name_cell, *figures, f"{total:,}", means, style="" if total else "dim")
    return table


def heading(title: str, style: str, shown: int, left_off: int) -> Text:
    """Return the heading of a list, after an empty line, with how many of it are shown and how many more there are."""
    more = f", {left_off:,} more (--limit 0 shows all)" if left_off else ""
    return Text.assemble("\n", (title, f"bold {style}".strip()), (f"  {shown:,} shown{more}", "dim"))


def linked(style: str, url: str | None) -> str | Style:
    """Return a style whose text is a link, on a terminal that knows such (OSC 8); without an address the style itself."""
    return style if url is None else Style.parse(style) + Style(link=url)


def record_line(unique_id: str, place: str, title: str | None, url: str | None = None) -> Text:
    """Return the line of a record: its id, where it is, which is a link where it has an address, its title."""
    line = Text(f"  {literal(unique_id)}", style="bold")
    for text, style in ((place, linked("not bold dim", url)), (title, "not bold")):
        if text:
            line.append("  ").append(literal(text), style=style)
    return line


def value_text(value: Value) -> str:
    """Return a value as people read it."""
    if value is None:
        return "–"
    if isinstance(value, Reference):
        return f"{literal(value.name)} ({value.id})" if value.name else f"id {value.id}"
    return literal(value) or "(none)"


def cut(text: str, place: int = 0) -> str:
    """Return a long text around a place: what leads to it, and what follows."""
    start = max(0, place - _LEAD) if len(text) > _LONGEST else 0
    end = start + _LONGEST
    return ("…" if start else "") + text[start:end] + ("…" if end < len(text) else "")
