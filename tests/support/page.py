"""What a terminal shows of something that rich can draw."""

import io
import re

from rich.console import Console, RenderableType


def drawn(renderable: RenderableType, width: int = 80) -> list[str]:
    """Return the lines that a terminal of a width shows, without colours and spaces at their end."""
    page = io.StringIO()
    Console(file=page, width=width, highlight=False, no_color=True).print(renderable, crop=False)
    return [line.rstrip() for line in page.getvalue().splitlines()]


def links(renderable: RenderableType) -> dict[str, str]:
    """Return the texts that are links (OSC 8) on a terminal that knows such, each with its address."""
    page = io.StringIO()
    Console(
        file=page, width=200, highlight=False, force_terminal=True, color_system="truecolor", _environ={}
    ).print(renderable)
    found = re.findall(r"\x1b\]8;[^;]*;([^\x1b]+)\x1b\\(.*?)\x1b\]8;;\x1b\\", page.getvalue())
    return {re.sub(r"\x1b\[[0-9;]*m", "", text): url for url, text in found}
