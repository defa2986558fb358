"""Text and consoles of rich that show what others control harmlessly: nothing is obeyed, neither escapes nor markup."""

from typing import Any

from rich import console, text
from rich.style import StyleType

from etl.runtime.visible import visible


class Text(text.Text):
    """Text as `visible` shows it, whoever wrote it; never markup.

    Made so before it is measured: escaped later, it would not fit its column.
    """

    def __init__(self, plain: str = "", style: StyleType = "", **options: Any) -> None:  # noqa: ANN401 — as rich has them
        super().__init__(visible(plain), style, **options)

    @classmethod
    def assemble(cls, *parts: "str | text.Text | tuple[str, StyleType]", **options: Any) -> "Text":  # noqa: ANN401 — as above
        """Make one text of several, each with a style or without."""
        whole = cls(**options)
        for part in parts:
            whole.append(*part) if isinstance(part, tuple) else whole.append(part)
        return whole

    def append(self, part: "str | text.Text", style: StyleType | None = None) -> "Text":
        """Add a text, which may be one of rich's own."""
        super().append(visible(part) if isinstance(part, str) else part, style)
        return self

    def append_text(self, part: text.Text) -> "Text":
        """Add a text with its styles."""
        super().append_text(part)
        return self


class Console(console.Console):
    """A console that takes a bare string for a text, as in the cell of a table: no markup, no emoji by name."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 — as rich has them
        super().__init__(**options, highlight=False)

    def render_str(self, plain: str, **options: Any) -> text.Text:  # type: ignore[override]  # noqa: ANN401 — as above
        """Return a bare string as a text."""
        return super().render_str(visible(plain), **{**options, "markup": False, "emoji": False})
