"""The extraction on a cluster: workers read ranges of pages, and the driver proves that they are the whole list."""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from types import ModuleType
from typing import NamedTuple

import pyarrow as pa

from etl._version import __version__
from etl.config.api import Api
from etl.config.settings import Settings, Source
from etl.engines.ray import tasks
from etl.engines.ray.fetch import FetchedPages, Listing
from etl.engines.ray.rate_limit import Handle, SharedRateLimiter, start_rate_limiter
from etl.engines.ray.shards import ShardedWriter
from etl.engines.ray.spread import left_until, moment_after, spread
from etl.errors import SourceError
from etl.extract.client import Client, RequestCounts
from etl.extract.completeness import MAX_PASSES, Pass, Reading, read_of, read_until_whole
from etl.extract.extraction import PageProgress
from etl.extract.feed import ExtractRequest, Feed
from etl.extract.fetcher import Fetcher, time_is_up
from etl.extract.pages import PagePlan, digest, facts_of, make_plan
from etl.extract.source import folder_of, log_notes, open_client, snapshot_info
from etl.model.results import ExtractResult
from etl.runtime.timing import StageTimer
from etl.snapshot import prune_snapshots
from etl.snapshot.manifest import FileFacts

_GRACE_S = 15.0
"""How long after the deadline workers may take to hand in what they have."""


def extract_shards(  # noqa: PLR0913, PLR0917 — the cluster, the settings and what is asked
    ray: ModuleType,
    slots: int,
    settings: Settings,
    source: Source,
    stages: StageTimer,
    request: ExtractRequest,
) -> Feed:
    """Fetch every page of a source's API into a new snapshot of shards, as `etl.extract.feed.fetch` into one file.

    Args:
        ray: Connected.
        slots: How many tasks may run at a time.
        settings: Where snapshots go, how many are kept of each source, and the size of shards.
        source: Where the API is, and how to treat it.
        stages: Is told of the progress.
        request: What is asked of the extraction; its root is a folder that all nodes share, or s3://.

    Raises:
        SourceError: the API did not answer as promised; IncompleteExtract: it gave less than promised.
    """
    api, folder = source.api, folder_of(request.root or settings.snapshot_dir, source.name)
    log_notes(api)
    with stages.timed("extract"):
        rate_limiter = start_rate_limiter(ray, api.requests_per_second)
        with (
            open_client(api, SharedRateLimiter(ray, rate_limiter)) as client,
            ShardedWriter(folder, sync_id=request.sync_id) as writer,
        ):
            reader = _ClusterReader(
                ray=ray,
                slots=slots,
                client=client,
                api=api,
                rate_limiter=rate_limiter,
                address=writer.address,
                fail_fast=not request.allow_partial,
                shard_records=settings.ray_shard_records,
                progress=partial(stages.progress, "extract"),
            )
            read = read_until_whole(reader.read, max_passes=MAX_PASSES, allow_partial=request.allow_partial)
            extracted = reader.with_counts(read)
            snapshot = writer.finish(reader.shards, **snapshot_info(source, extracted, request.reference))
        pruned = prune_snapshots(folder, settings.snapshot_keep, snapshot.id)
    stages.done("extract", **extracted.figures(), pruned=len(pruned), shards=len(reader.shards))
    return Feed(source.origin, snapshot, replace(extracted, snapshot=snapshot.address))


@dataclass
class _ClusterReader:
    """Reads the list, once for each pass; the shards are those of the latest one."""

    ray: ModuleType
    slots: int
    client: Client
    api: Api
    rate_limiter: Handle
    address: str
    fail_fast: bool
    shard_records: int
    progress: PageProgress
    shards: dict[str, FileFacts] = field(default_factory=dict)
    counts: list[tuple[int, RequestCounts]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._ends_at = moment_after(self.api.deadline_s)

    def read(self, current: Pass) -> None:
        """Read all pages, or until it is clear that they don't add up and another pass will follow, or time is up."""
        self.shards = {}
        plan, first = self._read_first()
        alone = Pass(current.is_last)
        alone.take(plan, first[0])
        pages = _Pages(1 if alone.is_hopeless() else plan.pages, max(self.shard_records // plan.page_size, 1))
        waiting: dict[int, FetchedPages] = {}
        taken = 0
        for number, fetched in self._fetch(self._listing(plan, first[0], pages, current), pages, first):
            waiting[number] = fetched
            # in the order of the list, whichever comes first
            while taken in waiting and not current.is_hopeless():
                self._take(current, plan, waiting.pop(taken))
                taken += 1
            if current.is_hopeless():
                break
        else:
            if taken < pages.shards or current.is_overdue:
                self._take_rest(current, plan, waiting)
        current.close(plan)

    def _read_first(self) -> tuple[PagePlan, tuple[Reading, pa.Table]]:
        left_s = left_until(self._ends_at)
        with Fetcher(self.client, self.api.page_size, 1, fail_fast=True, deadline_s=left_s) as fetcher:
            asked, page = next(fetcher.pages(range(1, 2)))
        if isinstance(page, SourceError):
            raise page
        return make_plan(facts_of(asked, page)), (read_of(asked, page, digest), page.records)

    def _listing(self, plan: PagePlan, first: Reading, pages: "_Pages", current: Pass) -> Listing:
        return Listing(
            api=self.api,
            rate_limiter=self.rate_limiter,
            in_flight=self.api.in_flight // self._at_a_time(pages),
            fail_fast=self.fail_fast,
            ends_at=self._ends_at,
            plan=plan,
            first=first.facts,
            is_last=current.is_last,
            address=self.address,
        )

    def _at_a_time(self, pages: "_Pages") -> int:
        return min(self.slots, self.api.in_flight, pages.shards)

    def _fetch(
        self, listing: Listing, pages: "_Pages", first: tuple[Reading, pa.Table]
    ) -> Iterator[tuple[int, FetchedPages]]:
        # the listing goes with each call, not into the object store: it has secrets
        calls = (
            (__version__, listing, number, numbers, first if number == 0 else None)
            for number, numbers in enumerate(pages.ranges())
            if number == 0 or time.time() < self._ends_at
        )
        until = self._ends_at + _GRACE_S
        return spread(self.ray, tasks.fetch_pages, calls, self._at_a_time(pages), until)

    def _take(self, current: Pass, plan: PagePlan, fetched: FetchedPages) -> None:
        name, facts = fetched.shard
        self.shards[name] = facts
        good = 0
        for reading in fetched.readings:
            if isinstance(reading, SourceError):
                current.miss(reading)
            else:
                current.take(plan, reading)
                good += 1
        self.counts.append((good, fetched.counts))
        if fetched.is_overdue and not current.is_overdue:
            current.overrun(time_is_up(self.client.shown_url, self.api.deadline_s))
        self.progress(len(current.ids), plan.total_records)

    def _take_rest(self, current: Pass, plan: PagePlan, waiting: dict[int, FetchedPages]) -> None:
        """Take what came in time behind what did not."""
        for number in sorted(waiting):
            self._take(current, plan, waiting[number])
        if not current.is_overdue:
            current.overrun(time_is_up(self.client.shown_url, self.api.deadline_s))

    def with_counts(self, read: ExtractResult) -> ExtractResult:
        """Return the outcome with the driver's own requests and those of all workers that were heard."""
        counts = [(read.passes, self.client.counts()), *self.counts]
        retries: Counter[str] = Counter()
        for _, each in counts:
            retries.update(each.retries)
        good = sum(pages for pages, _ in counts)
        return RequestCounts(
            requests=sum(each.requests for _, each in counts),
            retries=retries,
            latency_avg_s=sum(pages * each.latency_avg_s for pages, each in counts) / good,
            latency_max_s=max(each.latency_max_s for _, each in counts),
        ).added_to(read)


class _Pages(NamedTuple):
    """How the pages of a list are shared out.

    Attributes:
        last: The last page that is asked for.
        size: Pages a shard.
    """

    last: int
    size: int

    @property
    def shards(self) -> int:
        """How many shards there are."""
        return -(-self.last // self.size)

    def ranges(self) -> Iterator[range]:
        """Yield the pages of each shard that are asked for; the first page is there already."""
        for start in range(1, self.last + 1, self.size):
            yield range(max(start, 2), min(start + self.size, self.last + 1))
