"""The extraction: pages of the API into a sink, in order, a few at a time, until they add up."""

import time
from array import array
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import pyarrow as pa

from etl.errors import IncompleteExtract, SourceError
from etl.extract.arrow import Page
from etl.extract.client import Client
from etl.extract.fetcher import Fetcher, TimeIsUp
from etl.extract.pages import (
    PageFacts,
    Plan,
    Problem,
    Repeats,
    check_ids,
    check_page,
    check_totals,
    facts_of,
    hash_ids,
    make_plan,
    summarise,
)

Progress = Callable[[int, int], None]
"""Called with the records written so far in this pass, and the records promised."""

_MAX_ODD_PAGES = 10
_MAX_NAMES = 100
_OTHER_NAMES = "(other fields)"


class Sink(Protocol):
    """Where records go, e.g. a SnapshotWriter."""

    def write(self, records: pa.Table) -> None:
        """Take the records of the next page; SNAPSHOT_SCHEMA."""

    def restart(self) -> None:
        """Forget all records taken so far."""


@dataclass(frozen=True)
class ExtractReport:
    """How an extraction went.

    Attributes:
        records: Records in the sink.
        pages: Pages in the sink.
        passes: How often the list was read from its start.
        requests: HTTP requests, retries included.
        retries: Retries by reason: http_503, http_429, timeout, connection, cut_short, bad_body.
        latency_avg_s: Mean seconds from a request to the end of its page, good pages only.
        latency_max_s: The longest of them.
        unknown_fields: Per field beyond the contract, the records that have it.
        not_text: Per field, the records that have an object or a list where text was promised.
        complete: The pages add up. False only where allow_partial was given.
        problems: What does not add up; empty when complete.
        seconds: The whole of it, on the clock.
    """

    records: int
    pages: int
    passes: int
    requests: int
    retries: Mapping[str, int]
    latency_avg_s: float
    latency_max_s: float
    unknown_fields: Mapping[str, int]
    not_text: Mapping[str, int]
    complete: bool
    problems: tuple[str, ...]
    seconds: float


def extract(  # noqa: PLR0913 — each is a setting of the command line, given by name
    client: Client,
    sink: Sink,
    *,
    page_size: int = 100,
    in_flight: int = 4,
    max_passes: int = 3,
    deadline_s: float = 0,
    allow_partial: bool = False,
    progress: Progress | None = None,
) -> ExtractReport:
    """Read the whole list into the sink, in its order, and prove that it is whole.

    When the pages don't add up, the list changed while it was read: it is read again, up to
    `max_passes` times. An id that stands twice is taken for such a change too, unless two passes in a row
    gave the same ids in the same order: then the doubles are the source's own.

    After `deadline_s` seconds, all passes together (0 for no limit), what came by then is all there is.

    Memory: at most 2 * in_flight pages, 8 bytes a record, and a digest a page.

    Raises:
        IncompleteExtract: The pages still don't add up; with `allow_partial` the report says so instead.
        SourceError: A page failed for good. With `allow_partial` this holds for the first page only.
    """
    started = time.monotonic()
    previous: _Pass | None = None
    with Fetcher(client, page_size, in_flight, fail_fast=not allow_partial, deadline_s=deadline_s) as fetcher:
        for passes in range(1, max_passes + 1):
            if previous:
                sink.restart()
            is_last = passes == max_passes
            current = _Pass(sink, is_last, progress)
            current.read(fetcher)
            if current.is_whole_after(previous) or current.failed_pages or current.is_overdue:
                break
            previous = current
    problems = () if current.is_whole_after(previous) else summarise(current.problems)
    if problems and not allow_partial:
        raise IncompleteExtract(_describe(problems, passes))
    return _report(client, current, passes, problems, time.monotonic() - started)


def _describe(problems: tuple[str, ...], passes: int) -> str:
    lines = "".join(f"\n- {problem}" for problem in problems)
    return (
        f"The API did not give what it promised, in {passes} {'pass' if passes == 1 else 'passes'} over its "
        f"pages:{lines}\nThe list may change while it is read: run again, or go on with what there is "
        "(--allow-partial)."
    )


def _report(
    client: Client, last: "_Pass", passes: int, problems: tuple[str, ...], seconds: float
) -> ExtractReport:
    counts = client.counts()
    return ExtractReport(
        records=len(last.ids),
        pages=len(last.pages),
        passes=passes,
        requests=counts.requests,
        retries=counts.retries,
        latency_avg_s=counts.latency_avg_s,
        latency_max_s=counts.latency_max_s,
        unknown_fields=dict(last.unknown_fields),
        not_text=dict(last.not_text),
        complete=not problems,
        problems=problems,
        seconds=seconds,
    )


@dataclass
class _Pass:
    """One reading of the list, from its first page on."""

    sink: Sink
    is_last: bool
    progress: Progress | None
    ids: "array[int]" = field(default_factory=lambda: array("Q"))
    pages: list[PageFacts] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    doubles: list[Problem] = field(default_factory=list)
    failed_pages: int = 0
    is_overdue: bool = False
    repeats: Repeats = field(default_factory=Repeats)
    unknown_fields: Counter[str] = field(default_factory=Counter)
    not_text: Counter[str] = field(default_factory=Counter)

    def is_whole_after(self, previous: "_Pass | None") -> bool:
        """Tell whether the pages add up; doubled ids do if the pass before had the same ids."""
        if self.problems == self.doubles:
            return not self.doubles or (previous is not None and previous.ids == self.ids)
        return False

    def read(self, fetcher: Fetcher) -> None:
        """Read all pages, or until it is clear that they don't add up and another pass will follow, or time is up."""
        plan = self._read_first(fetcher)
        try:
            self._read_others(fetcher, plan)
        except TimeIsUp as error:
            fetcher.stop.set()  # no more is waited for
            self.is_overdue = True
            self.problems.append(Problem("the time is up", str(error)))
        self.problems += check_totals(self.pages[0], plan, len(self.ids))
        self.doubles = check_ids(self.ids, plan.page_size)
        self.problems += self.doubles

    def _read_others(self, fetcher: Fetcher, plan: Plan) -> None:
        if not self._is_hopeless():
            for asked, result in fetcher.pages(range(2, plan.pages + 1)):
                self._take(plan, asked, result)
                if self._is_hopeless():
                    break
        fetcher.drain()

    def _read_first(self, fetcher: Fetcher) -> Plan:
        asked, result = next(fetcher.pages(range(1, 2)))
        if isinstance(result, SourceError):
            raise result
        plan = make_plan(facts_of(asked, result))
        self._take(plan, asked, result)
        return plan

    def _take(self, plan: Plan, asked: int, result: Page | SourceError) -> None:
        if isinstance(result, SourceError):
            self.failed_pages += 1
            self.problems.append(Problem("a page failed", str(result)))
            return
        facts = facts_of(asked, result)
        self.pages.append(facts)
        self.problems += check_page(plan, self.pages[0], facts)
        ids = hash_ids(result.records)
        self.problems += self.repeats.check(asked, ids)
        self.ids.extend(ids)
        _add(self.unknown_fields, result.unknown_fields)
        _add(self.not_text, result.not_text)
        self.sink.write(result.records)
        if self.progress:
            self.progress(len(self.ids), plan.total_records)

    def _is_hopeless(self) -> bool:
        """Tell whether to stop: another pass follows, or so much is odd that the rest won't be better."""
        is_kept = self.is_last or self.failed_pages
        return len(self.problems) >= _MAX_ODD_PAGES if is_kept else bool(self.problems)


def _add(counts: Counter[str], new: Mapping[str, int]) -> None:
    """Add counts by name; beyond a hundred names, a feed of ever new ones, they are counted together."""
    for name, count in new.items():
        counts[name if name in counts or len(counts) < _MAX_NAMES else _OTHER_NAMES] += count
