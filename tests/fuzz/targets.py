"""One target a parser: bytes to rows, what is watched of each input, and what is held of many at once.

Limits: atheris counts branches of Python, so it sees the page reader, the readers of hours and floor labels,
transliteration and html.unescape. The rules of text, slugs and the splitting of labels are expressions of
Polars, in Rust: it can't see into them. There `watch` runs the slow reading of one value in Python, which
leads it to new input, and `hold` runs the expressions on the rows of many inputs (a call costs milliseconds
however few the rows). Nothing here imports atheris: a finding can be run as an ordinary test.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from etl.transform.slug import transliterate
from tests.support.invariants import (
    assert_can_be_stored,
    assert_cleaning_is_idempotent,
    assert_decodes_one_by_one,
    assert_floor_candidates,
    assert_floor_labels,
    assert_hours,
    assert_hours_row,
    assert_page_or_bad_page,
    assert_pages_add_up,
    assert_slugs,
    assert_steps_end_clean,
    decode_one,
)

BETWEEN = b"\x1e"
"""Parts the rows of an input (for pages: the bodies)."""

_ENVELOPE = b'{"totalRecord":%d,"page":1,"limit":9,"totalPages":1,"data":[%b]}'


@dataclass(frozen=True)
class Target:
    """A parser to fuzz.

    Attributes:
        rows: Cuts an input into rows.
        watch: Asserts what it can in Python alone, of the rows of one input.
        hold: Asserts the rest, of the rows of any number of inputs.
    """

    rows: Callable[[bytes], list[Any]]
    watch: Callable[[list[Any]], None]
    hold: Callable[[list[Any]], None]

    def run(self, data: bytes) -> None:
        """Assert everything of one input."""
        rows = self.rows(data)
        self.watch(rows)
        self.hold(rows)


def _texts(data: bytes) -> list[str]:
    return data.decode(errors="replace").split(BETWEEN.decode())


def _watch_page(bodies: list[bytes]) -> None:
    pages = [page for body in bodies if (page := assert_page_or_bad_page(body))]
    if pages:
        assert_pages_add_up(pages)
    items = b",".join(bodies)
    if page := assert_page_or_bad_page(_ENVELOPE % (len(bodies), items)):
        assert_pages_add_up([page])


def _hold_nothing(_rows: list[Any]) -> None:
    pass


def _watch_text(values: list[str]) -> None:
    for value in values:
        assert transliterate(decode_one(value)[0]).isascii()


def _hold_text(values: list[str]) -> None:
    assert_decodes_one_by_one(values)
    for mode in ("line", "text", "address"):
        assert_cleaning_is_idempotent(list(values), mode)
        assert_can_be_stored(values, mode)
        assert_steps_end_clean(values[-2:], mode)
    assert_slugs(values, values[::-1], values)


def _watch_hours(texts: list[str]) -> None:
    for text in texts:
        assert_hours_row(text)


def _hold_hours(texts: list[str]) -> None:
    assert_hours([*texts, None])


def _watch_floors(labels: list[str]) -> None:
    for label in labels:
        assert_floor_candidates(label)


TARGETS: dict[str, Target] = {
    "page": Target(lambda data: data.split(BETWEEN), _watch_page, _hold_nothing),
    "text": Target(_texts, _watch_text, _hold_text),
    "hours": Target(_texts, _watch_hours, _hold_hours),
    "floors": Target(_texts, _watch_floors, assert_floor_labels),
}
