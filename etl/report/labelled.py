"""Labels and what is said under them, side by side."""

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment


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
        """Yield the lines."""
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
