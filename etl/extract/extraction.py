"""The extraction: pages of the API into a sink, in order, a few at a time, until they add up."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

from etl.errors import SourceError
from etl.extract.client import Client
from etl.extract.completeness import MAX_PASSES, Pass, ReadResult, read_of, read_until_whole
from etl.extract.fetcher import Fetcher, TimeIsUp
from etl.extract.pages import PagePlan, facts_of, make_plan
from etl.extract.parse import Page

PageProgress = Callable[[int, int], None]
"""Called with the records written so far in this pass, and the records promised."""


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
    max_passes: int = MAX_PASSES,
    deadline_s: float = 0,
    allow_partial: bool = False,
    progress: PageProgress | None = None,
) -> ExtractReport:
    """Read the whole list into the sink, in its order, and prove that it is whole.

    When the pages don't add up, the list changed while it was read: it is read again, up to
    `max_passes` times. An id that stands twice is taken for such a change too, unless two passes in a row
    gave the same ids in the same order: then the duplicates are the source's own.

    After `deadline_s` seconds, all passes together (0 for no limit), what came by then is all there is.

    Memory: at most 2 * in_flight pages, 8 bytes a record, and a digest a page.

    Raises:
        IncompleteExtract: The pages still don't add up; with `allow_partial` the report says so instead.
        SourceError: A page failed for good. With `allow_partial` this holds for the first page only.
    """
    started = time.monotonic()
    with Fetcher(client, page_size, in_flight, fail_fast=not allow_partial, deadline_s=deadline_s) as fetcher:
        reader = _Reader(fetcher, sink, progress)
        proved = read_until_whole(reader.read, max_passes=max_passes, allow_partial=allow_partial)
    return _report(client, proved, time.monotonic() - started)


def _report(client: Client, proved: ReadResult, seconds: float) -> ExtractReport:
    counts, last = client.counts(), proved.last
    return ExtractReport(
        records=len(last.ids),
        pages=last.pages,
        passes=proved.passes,
        requests=counts.requests,
        retries=counts.retries,
        latency_avg_s=counts.latency_avg_s,
        latency_max_s=counts.latency_max_s,
        unknown_fields=dict(last.unknown_fields),
        not_text=dict(last.not_text),
        complete=not proved.problems,
        problems=proved.problems,
        seconds=seconds,
    )


@dataclass
class _Reader:
    """Reads the list into the sink, once for each pass."""

    fetcher: Fetcher
    sink: Sink
    progress: PageProgress | None
    has_read: bool = False

    def read(self, current: Pass) -> None:
        """Read all pages, or until it is clear that they don't add up and another pass will follow, or time is up."""
        if self.has_read:
            self.sink.restart()
        self.has_read = True
        plan = self._read_first(current)
        try:
            self._read_others(current, plan)
        except TimeIsUp as error:
            self.fetcher.stop.set()  # no more is waited for
            current.overrun(error)
        current.close(plan)

    def _read_first(self, current: Pass) -> PagePlan:
        asked, result = next(self.fetcher.pages(range(1, 2)))
        if isinstance(result, SourceError):
            raise result
        plan = make_plan(facts_of(asked, result))
        self._take(current, plan, asked, result)
        return plan

    def _read_others(self, current: Pass, plan: PagePlan) -> None:
        if not current.is_hopeless():
            for asked, result in self.fetcher.pages(range(2, plan.pages + 1)):
                self._take(current, plan, asked, result)
                if current.is_hopeless():
                    break
        self.fetcher.drain()

    def _take(self, current: Pass, plan: PagePlan, asked: int, result: Page | SourceError) -> None:
        if isinstance(result, SourceError):
            current.miss(result)
            return
        current.take(plan, read_of(asked, result))
        self.sink.write(result.records)
        if self.progress:
            self.progress(len(current.ids), plan.total_records)
