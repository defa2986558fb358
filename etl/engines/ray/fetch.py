"""What a worker does for the extraction: it reads some pages of the API, and writes their records as a shard."""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module

import pyarrow as pa

from etl.config.api import Api
from etl.engines.ray.rate_limit import Handle, SharedRateLimiter
from etl.engines.ray.shards import ShardFile
from etl.errors import SourceError
from etl.extract.client import Client, RequestCounts
from etl.extract.completeness import Pass, Reading, read_of
from etl.extract.fetcher import Fetcher, TimeIsUp
from etl.extract.pages import PageFacts, PagePlan, digest
from etl.extract.parse import Page
from etl.extract.source import open_client
from etl.snapshot.manifest import FileFacts


@dataclass(frozen=True)
class Listing:
    """A list that is read, as every worker has to know it.

    Attributes:
        api: How to call the API.
        rate_limiter: The pace.
        in_flight: Pages on their way at a time, of one worker.
        fail_fast: One page that fails ends it all.
        ends_at: Seconds since 1970 at which time is up; infinite for never.
        plan: What the first page promised.
        first: The figures of the first page.
        is_last: No other pass over the list follows.
        address: Where shards go.
    """

    api: Api
    rate_limiter: Handle
    in_flight: int
    fail_fast: bool
    ends_at: float
    plan: PagePlan
    first: PageFacts
    is_last: bool
    address: str


@dataclass(frozen=True)
class FetchedPages:
    """What became of some pages.

    Attributes:
        readings: What the proof needs of each page, in order, or why the page failed.
        shard: The name of the file, and what the manifest says of it.
        is_overdue: Time was up before the last page.
        counts: What the client did.
    """

    readings: list[Reading | SourceError]
    shard: tuple[str, FileFacts]
    is_overdue: bool
    counts: RequestCounts


def fetch_pages(
    listing: Listing, number: int, pages: range, first: tuple[Reading, pa.Table] | None = None
) -> FetchedPages:
    """Read pages in order and write their records as a shard.

    Doing it again does no harm: it writes the same file, or one that nobody will read.

    Args:
        listing: The list.
        number: The shard's place, from 0.
        pages: The pages to ask for.
        first: The page before them where that was read already, with its records.

    Raises:
        EtlError: A page failed for good, and one is enough; or the shard can't be written.
    """
    readings: list[Reading | SourceError] = []
    is_overdue = False
    rate_limiter = SharedRateLimiter(import_module("ray"), listing.rate_limiter)
    with open_client(listing.api, rate_limiter) as client, ShardFile(listing.address, number) as shard:
        if first is not None:
            readings.append(first[0])
            shard.write(first[1])
        try:
            for reading, page in _read(listing, client, pages):
                readings.append(reading)
                if page is not None:
                    shard.write(page.records)
        except TimeIsUp:
            is_overdue = True
        return FetchedPages(readings, shard.finish(), is_overdue, client.counts())


def _read(
    listing: Listing, client: Client, pages: range
) -> Iterator[tuple[Reading | SourceError, Page | None]]:
    """Yield pages until the last, or until it is clear that they don't add up."""
    left_s = listing.ends_at - time.time()
    if left_s <= 0:
        raise TimeIsUp
    proof = Pass(listing.is_last, listing.first)
    arguments = client, listing.api.page_size, listing.in_flight
    deadline_s = 0 if math.isinf(left_s) else left_s
    with Fetcher(*arguments, fail_fast=listing.fail_fast, deadline_s=deadline_s) as fetcher:
        for asked, result in fetcher.pages(pages):
            if isinstance(result, SourceError):
                proof.miss(result)
                yield result, None
            else:
                reading = read_of(asked, result, digest)
                proof.take(listing.plan, reading)
                yield reading, result
            if proof.is_hopeless():
                return
