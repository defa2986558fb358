"""The proof that an extraction is whole, page by page and pass by pass, whoever reads the pages."""

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from etl.errors import IncompleteExtract, SourceError
from etl.extract.pages import (
    PageFacts,
    PagePlan,
    Problem,
    Repeats,
    check_ids,
    check_page,
    check_totals,
    facts_of,
    hash_ids,
    summarise,
)
from etl.extract.parse import Page
from etl.model.results import ExtractResult

MAX_PASSES = 3
"""How often a list is read at most, where its pages don't add up."""

_MAX_ODD_PAGES = 10
_MAX_NAMES = 100
_OTHER_NAMES = "(other fields)"
_LONGEST_NAME = 100


@dataclass(frozen=True)
class Reading:
    """What the proof needs of a page, without its records.

    Attributes:
        facts: Its figures.
        ids: A hash of each record's uniqueId, as `pages.hash_ids` gives them.
        unknown_fields: As `arrow.Page` has them.
        not_text: Likewise.
    """

    facts: PageFacts
    ids: "array[int]"
    unknown_fields: Mapping[str, int]
    not_text: Mapping[str, int]


def read_of(asked: int, page: Page, hash_one: Callable[[str], int] = hash) -> Reading:
    """Return what the proof needs of a page; readings that are held together have the same `hash_one`."""
    ids = hash_ids(page.records, hash_one)
    return Reading(facts_of(asked, page), ids, page.unknown_fields, page.not_text)


@dataclass
class Pass:
    """One reading of the list, from its first page on; the pages are taken in order.

    Attributes:
        is_last: No other pass follows: a few problems don't end it.
        first: The figures of the first page; set by the first page that is taken where that is page 1.
        ids: A hash of each record's id, in order.
        pages: How many pages were taken.
        problems: What does not add up so far.
        failed_pages: Pages that did not come.
        is_overdue: Time was up before the last page.
    """

    is_last: bool
    first: PageFacts | None = None
    ids: "array[int]" = field(default_factory=lambda: array("Q"))
    pages: int = 0
    problems: list[Problem] = field(default_factory=list)
    duplicates: list[Problem] = field(default_factory=list)
    failed_pages: int = 0
    is_overdue: bool = False
    repeats: Repeats = field(default_factory=Repeats)
    unknown_fields: Counter[str] = field(default_factory=Counter)
    not_text: Counter[str] = field(default_factory=Counter)

    def take(self, plan: PagePlan, reading: Reading) -> None:
        """Hold the next page against the plan and the pages before it."""
        facts = reading.facts
        self.first = self.first or facts
        self.pages += 1
        self.problems += check_page(plan, self.first, facts)
        self.problems += self.repeats.check(facts.asked, reading.ids)
        self.ids.extend(reading.ids)
        _add(self.unknown_fields, reading.unknown_fields)
        _add(self.not_text, reading.not_text)

    def miss(self, error: SourceError) -> None:
        """Note that the next page did not come."""
        self.failed_pages += 1
        self.problems.append(Problem("a page failed", str(error)))

    def overrun(self, error: SourceError) -> None:
        """Note that time is up: what came by now is all there is."""
        self.is_overdue = True
        self.problems.append(Problem("the time is up", str(error)))

    def close(self, plan: PagePlan) -> None:
        """Hold what came in all against what the first page promised; to be called once, after the last page."""
        if self.first is None:
            raise ValueError("a pass without its first page")
        self.problems += check_totals(self.first, plan, len(self.ids))
        self.duplicates = check_ids(self.ids, plan.page_size)
        self.problems += self.duplicates

    def is_hopeless(self) -> bool:
        """Tell whether to stop: another pass follows, or so much is odd that the rest won't be better."""
        is_kept = self.is_last or self.failed_pages
        return len(self.problems) >= _MAX_ODD_PAGES if is_kept else bool(self.problems)

    def is_whole_after(self, previous: "Pass | None") -> bool:
        """Tell whether the pages add up; doubled ids do if the pass before had the same ids."""
        if self.problems == self.duplicates:
            return not self.duplicates or (previous is not None and previous.ids == self.ids)
        return False


def read_until_whole(
    read: Callable[[Pass], object], *, max_passes: int, allow_partial: bool
) -> ExtractResult:
    """Read a list until its pages add up, `max_passes` times at most; the records of the last pass count.

    Args:
        read: Reads the list once, from its first page on, into the pass that it is given; it forgets what it read before.
        max_passes: How often.
        allow_partial: Return what does not add up, instead of raising.

    Raises:
        IncompleteExtract: The pages still don't add up.
    """
    previous: Pass | None = None
    for passes in range(1, max_passes + 1):
        current = Pass(is_last=passes == max_passes)
        read(current)
        if current.is_whole_after(previous) or current.failed_pages or current.is_overdue:
            break
        if passes < max_passes:
            previous = current
    problems = () if current.is_whole_after(previous) else summarise(current.problems)
    if problems and not allow_partial:
        raise IncompleteExtract(_describe(problems, passes))
    return ExtractResult(
        snapshot="",
        records=len(current.ids),
        pages=current.pages,
        is_complete=not problems,
        problems=problems,
        unknown_fields=dict(current.unknown_fields),
        not_text=dict(current.not_text),
        passes=passes,
    )


def _describe(problems: Iterable[str], passes: int) -> str:
    lines = "".join(f"\n- {problem}" for problem in problems)
    return (
        f"The API did not give what it promised, in {passes} {'pass' if passes == 1 else 'passes'} over its "
        f"pages:{lines}\nThe list may change while it is read: run again, or go on with what there is "
        "(--allow-partial)."
    )


def _add(counts: Counter[str], new: Mapping[str, int]) -> None:
    """Add counts by name, cut; beyond a hundred names, a feed of ever new ones, they are counted together."""
    for whole, count in new.items():
        name = whole if len(whole) <= _LONGEST_NAME else f"{whole[:_LONGEST_NAME]}…"
        counts[name if name in counts or len(counts) < _MAX_NAMES else _OTHER_NAMES] += count
