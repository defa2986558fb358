"""The extraction: pages of the API into a sink, in order, a few at a time, until they add up."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

from etl.errors import SourceError
from etl.extract.client import Client
from etl.extract.completeness import MAX_PASSES, Pass, read_of, read_until_whole
from etl.extract.fetcher import Fetcher, TimeIsUp
from etl.extract.pages import PagePlan, facts_of, make_plan
from etl.extract.parse import Page
from etl.model.results import ExtractResult

PageProgress = Callable[[int, int], None]
"""Called with the records written so far in this pass, and the records promised."""


class Sink(Protocol):
    """Where records go, e.g. a SnapshotWriter."""

    def write(self, records: pa.Table) -> None:
        """Take the records of the next page; SNAPSHOT_SCHEMA."""

    def restart(self) -> None:
        """Forget all records taken so far."""


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
) -> ExtractResult:
    """Read the whole list into the sink, in its order, and prove that it is whole.

    When the pages don't add up, the list changed while it was read: it is read again, up to
    `max_passes` times. An id that stands twice is taken for such a change too, unless two passes in a row
    gave the same ids in the same order: then the duplicates are the source's own.

    After `deadline_s` seconds, all passes together (0 for no limit), what came by then is all there is.

    Memory: at most 2 * in_flight pages, 8 bytes a record, and a digest a page.

    Raises:
        IncompleteExtract: The pages still don't add up; with `allow_partial` the result says so instead.
        SourceError: A page failed for good. With `allow_partial` this holds for the first page only.
    """
    with Fetcher(client, page_size, in_flight, fail_fast=not allow_partial, deadline_s=deadline_s) as fetcher:
        reader = _Reader(fetcher, sink, progress)
        extracted = read_until_whole(reader.read, max_passes=max_passes, allow_partial=allow_partial)
    return client.counts().added_to(extracted)


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
