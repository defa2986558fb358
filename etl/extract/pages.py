"""Page arithmetic, and the proof that an extract is whole. Pure.

A list that is paged while it changes gives some records twice and others never, with every request answered
well. So the figures of all pages are held against each other, and against what the first page promised.
"""

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import blake2b
from typing import NamedTuple

import polars as pl
import pyarrow as pa

from etl.extract.parse import Page

_EXAMPLES = 3
_NO_ID = 0
_64_BITS = (1 << 64) - 1


class Problem(NamedTuple):
    """Something that does not add up.

    Attributes:
        kind: What, the same for all cases of it.
        detail: Where, promised and got.
    """

    kind: str
    detail: str


class PageFacts(NamedTuple):
    """The figures of one page.

    Attributes:
        asked: The page asked for.
        number: The page it says it is.
        total_records: Records in the list, as it says.
        total_pages: Pages in the list, as it says.
        rows: Records that it has.
    """

    asked: int
    number: int
    total_records: int
    total_pages: int
    rows: int


@dataclass(frozen=True)
class PagePlan:
    """What the first page promised.

    Attributes:
        total_records: Records in the list.
        total_pages: Pages in the list, as the API says.
        page_size: Records a page: what the first one has, for the API may cap the limit.
    """

    total_records: int
    total_pages: int
    page_size: int

    @property
    def pages(self) -> int:
        """The pages that hold the records, at least 1. Not the API's own figure, which may lie."""
        return max(-(-self.total_records // self.page_size), 1)

    def expected(self, number: int) -> int:
        """Return how many records a page has."""
        before = (number - 1) * self.page_size
        return min(max(self.total_records - before, 0), self.page_size)


def facts_of(asked: int, page: Page) -> PageFacts:
    """Return the figures of a page."""
    return PageFacts(asked, page.number, page.total_records, page.total_pages, page.records.num_rows)


def make_plan(first: PageFacts) -> PagePlan:
    """Return what the first page promises.

    A first page without records promises none further, so a total that lies costs no further request.
    """
    if first.rows == 0:
        return PagePlan(min(first.total_records, 1), first.total_pages, 1)
    return PagePlan(first.total_records, first.total_pages, first.rows)


def check_page(plan: PagePlan, first: PageFacts, page: PageFacts) -> list[Problem]:
    """Hold a page (also the first one) against the plan."""
    problems = []
    if page.number != page.asked:
        problems.append(Problem("another page came than asked for", f"asked {page.asked}, got {page.number}"))
    if page.total_records != first.total_records:
        problems.append(
            Problem(
                "totalRecord changed while the pages were read",
                f"page {page.asked}: {page.total_records}, page 1: {first.total_records}",
            )
        )
    if page.total_pages != first.total_pages:
        problems.append(
            Problem(
                "totalPages changed while the pages were read",
                f"page {page.asked}: {page.total_pages}, page 1: {first.total_pages}",
            )
        )
    expected = plan.expected(page.asked)
    if page.rows == 0 and expected:
        problems.append(Problem("a page is empty", f"page {page.asked} of {plan.pages}"))
    elif page.rows != expected:
        kind = "a page has another number of records than promised"
        problems.append(Problem(kind, f"page {page.asked}: promised {expected}, got {page.rows}"))
    return problems


def check_totals(first: PageFacts, plan: PagePlan, rows: int) -> list[Problem]:
    """Hold the number of records that came against the first page's totals."""
    problems = []
    fitting = {0, 1} if first.total_records == 0 else {plan.pages}
    if (first.rows or first.total_records == 0) and first.total_pages not in fitting:
        problems.append(
            Problem(
                "totalPages does not fit totalRecord",
                f"promised {first.total_pages}, but {first.total_records} records "
                f"in pages of {plan.page_size} are {plan.pages}",
            )
        )
    if rows != first.total_records:
        detail = f"promised {first.total_records}, got {rows}"
        problems.append(Problem("the number of records is not the one promised", detail))
    return problems


def hash_ids(records: pa.Table, hash_one: Callable[[str], int] = hash) -> "array[int]":
    """Return a 64-bit hash of each record's uniqueId, in order; 0 where it is null or blank.

    Two ids with one hash are less likely than 1 in 10 million for a million records, and would only cost
    a second pass. Python's own hash holds within a process; `digest` holds anywhere.
    """
    # not by Polars: it lets go of the interpreter, and waits behind the threads that read pages to get it back
    ids = records.column("uniqueId").to_pylist()
    return array("Q", [hash_one(one) & _64_BITS or 1 if one and not one.isspace() else _NO_ID for one in ids])


def digest(text: str) -> int:
    """Return a 64-bit hash that is the same in every process; several times as slow as Python's own."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")


def check_ids(hashes: "array[int]", page_size: int) -> list[Problem]:
    """Return a problem if ids stand on several places; missing ids don't count.

    Memory: twice that of the hashes, where no id is a duplicate.
    """
    column = pa.Array.from_buffers(pa.uint64(), len(hashes), [None, pa.py_buffer(hashes)])
    ids = pl.DataFrame(pa.table({"id": column})).to_series()
    in_order = ids.filter(ids != _NO_ID).sort()
    if not (in_order == in_order.shift()).any():
        return []
    doubled = (
        pl.DataFrame({"id": ids, "place": pl.int_range(1, len(ids) + 1, eager=True)})
        .filter((pl.col("id") != _NO_ID) & pl.col("id").is_duplicated())
        .group_by("id", maintain_order=True)
        .agg("place")
    )
    examples = "; ".join(_describe_places(places, page_size) for places in doubled["place"].head(_EXAMPLES))
    more = "; …" if doubled.height > _EXAMPLES else ""
    return [Problem("a uniqueId stands on several places", f"{doubled.height} in all: {examples}{more}")]


class Repeats:
    """Tells a page that holds just the records of an earlier one: the page number went unheard.

    Asked page by page, so that a list that promises a billion records and gives one page for ever ends soon.
    Memory: a digest of 8 bytes a page, whatever a page holds.
    """

    def __init__(self) -> None:
        self._seen: dict[bytes, int] = {}

    def check(self, number: int, hashes: "array[int]") -> list[Problem]:
        """Return a problem if an earlier page had these hashes of ids; one record, or none with an id, may be chance."""
        if len(hashes) < 2 or not any(hashes):
            return []
        earlier = self._seen.setdefault(blake2b(hashes.tobytes(), digest_size=8).digest(), number)
        if earlier == number:
            return []
        return [Problem("a page has the records of another page", f"page {number} those of page {earlier}")]


def _describe_places(places: Iterable[int], page_size: int) -> str:
    first = list(places)[:_EXAMPLES]
    return " and ".join(f"record {place} (page {(place - 1) // page_size + 1})" for place in first)


def summarise(problems: Iterable[Problem]) -> tuple[str, ...]:
    """Return one line for each kind: how many, with up to three examples."""
    details: dict[str, list[str]] = defaultdict(list)
    for problem in problems:
        details[problem.kind].append(problem.detail)
    return tuple(_summarise_kind(kind, found) for kind, found in details.items())


def _summarise_kind(kind: str, details: list[str]) -> str:
    if len(details) == 1:
        return f"{kind}: {details[0]}"
    more = ", …" if len(details) > _EXAMPLES else ""
    return f"{kind}, {len(details)} times: {'; '.join(details[:_EXAMPLES])}{more}"
