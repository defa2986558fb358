"""etl/extract/completeness.py: when passes over a list add up."""

from array import array
from collections.abc import Callable, Iterable

import pytest

from etl.errors import IncompleteExtract, SourceError
from etl.extract.completeness import Pass, Reading, read_until_whole
from etl.extract.pages import PageFacts, PagePlan


def readings(*ids: str) -> Callable[[Pass], None]:
    """Return what reads one page in each pass: that of each text in turn, a record a letter."""
    texts = iter(ids)

    def read(current: Pass) -> None:
        text = next(texts)
        facts = PageFacts(1, 1, len(text), 1, len(text))
        plan = PagePlan(len(text), 1, len(text))
        current.take(plan, Reading(facts, array("Q", map(ord, text)), {}, {}))
        current.close(plan)

    return read


@pytest.mark.parametrize(
    ("passes", "read"),
    [
        (["abc"], 1),
        (["aba", "abc"], 2),
        (["aba", "aba"], 2),
        (["aba", "abb", "abb"], 3),
        (["aba", "abb", "abc"], 3),
    ],
)
def test_a_list_is_read_until_it_adds_up(passes: Iterable[str], read: int) -> None:
    """One pass without doubled ids is enough; doubled ids are the source's own once two passes in a row have them."""
    proved = read_until_whole(readings(*passes), max_passes=3, allow_partial=False)
    assert (proved.passes, proved.problems) == (read, ())


def test_doubles_that_are_others_in_each_pass_never_add_up() -> None:
    """A list that shifts during all passes is not whole, the last one included."""
    with pytest.raises(IncompleteExtract, match="a uniqueId stands on several places"):
        read_until_whole(readings("aba", "abb", "acc"), max_passes=3, allow_partial=False)


def test_what_does_not_add_up_can_be_allowed() -> None:
    """Then the problems of the last pass are told."""
    proved = read_until_whole(readings("aba", "abb", "acc"), max_passes=3, allow_partial=True)
    assert (proved.passes, len(proved.problems)) == (3, 1)


def test_a_pass_that_lacks_a_page_is_the_last() -> None:
    """The page had its own tries, and nobody knows whether the rest adds up."""

    def read(current: Pass) -> None:
        readings("ab")(current)
        current.miss(SourceError("Page 2 did not come."))

    proved = read_until_whole(read, max_passes=3, allow_partial=True)
    assert (proved.passes, proved.problems) == (1, ("a page failed: Page 2 did not come.",))
