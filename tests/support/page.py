"""What a terminal shows of something that rich can draw."""

import io

from rich.console import Console, RenderableType


def drawn(renderable: RenderableType, width: int = 80) -> list[str]:
    """Return the lines that a terminal of a width shows, without colours and spaces at their end."""
    page = io.StringIO()
    Console(file=page, width=width, highlight=False, no_color=True).print(renderable, crop=False)
    return [line.rstrip() for line in page.getvalue().splitlines()]
