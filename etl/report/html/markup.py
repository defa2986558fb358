"""HTML that is safe by construction: a text is escaped unless it is Html already, and only `tag` makes Html."""

import html
import unicodedata
from collections.abc import Iterable

from etl.runtime.visible import visible

_VOID = frozenset({"meta", "link", "input"})


class Html(str):
    """A piece of HTML."""

    __slots__ = ()


Child = str | None | Iterable["Child"]
"""A text, HTML, nothing, or several of them."""


def tag(name: str, *children: Child, **attributes: str | int | bool | None) -> Html:
    """Return an element with the attributes of `start`.

    Texts in it are escaped, and their controls and marks of direction made visible.
    """
    opening = start(name, **attributes)
    return opening if name in _VOID else Html(f"{opening}{join(*children)}{end(name)}")


def start(name: str, **attributes: str | int | bool | None) -> Html:
    """Return the start of an element, for one that is written piece by piece.

    In attributes `_` stands for `-`, and is dropped at the end (`class_`); True is an attribute without value, None and
    False leave it out.
    """
    pairs = (
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{escaped(str(value))}"')
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    return Html(f"<{name}{''.join(pairs)}>")


def end(name: str) -> Html:
    """Return the end of an element that `start` began."""
    return Html(f"</{name}>")


def join(*children: Child) -> Html:
    """Return children one behind the other."""
    return Html("".join(_parts(children)))


def _parts(children: Iterable[Child]) -> Iterable[str]:
    for child in children:
        if isinstance(child, Html):
            yield child
        elif isinstance(child, str):
            yield escaped(child)
        elif child is not None:
            yield from _parts(child)


def escaped(text: str) -> Html:
    """Return a text as HTML that shows it."""
    return Html(html.escape(visible(text)))


def exact(text: str) -> str:
    """Return a text with everything as an escape that a reader can't see, e.g. a zero-width space; for what changed."""
    if text.isascii():
        return visible(text)
    return "".join(
        f"\\u{ord(letter):04x}" if unicodedata.category(letter) == "Cf" or letter == "\xa0" else letter
        for letter in visible(text)
    )
