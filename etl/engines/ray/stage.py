"""The load on a cluster: workers transform, match and stage ranges of records."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from types import ModuleType
from typing import Any

import polars as pl

from etl._version import __version__
from etl.engines.ray import tasks
from etl.engines.ray.shared_staging import Expected
from etl.engines.ray.spread import spread
from etl.engines.ray.stage_range import Job, Part, ReferenceTables, Staged
from etl.extract.feed import Feed
from etl.load.batches import StagingCounts
from etl.match.batches import Rules
from etl.runtime.timing import StageTimer


def stage_on_workers(  # noqa: PLR0913, PLR0917 — the cluster, the run and how to share it out
    ray: ModuleType,
    slots: int,
    job: Job,
    reference: ReferenceTables,
    parts: Sequence[Part],
    stages: StageTimer,
) -> list[Staged]:
    """Stage all records of a feed, and return what became of them, in the order of the feed.

    Args:
        ray: Connected.
        slots: How many tasks may run at a time.
        job: The run.
        reference: What to match with.
        parts: The work of each task.
        stages: Gets the progress.

    Raises:
        EtlError: A worker could not.
    """
    shared = ray.put(reference)
    records = sum(len(part.places) for part in parts)
    # the job goes with each call, not into the object store: it has the database's password
    calls = ((__version__, job, shared, part) for part in parts)
    done: list[Staged] = []
    for _, staged in spread(ray, tasks.stage_range, calls, slots):
        done.append(staged)
        stages.progress("stage", sum(each.records for each in done), records)
    return sorted(done, key=lambda each: each.shard)


def split_feed(feed: Feed, rules: Rules, shard_records: int) -> list[Part]:
    """Return the work of each task for a feed."""
    snapshot = feed.snapshot
    spans = split_places(snapshot.record_count, shard_records, rules.size)
    return [
        Part(number, snapshot.address, snapshot.manifest, _rules_of(rules, places), places)
        for number, places in enumerate(spans)
    ]


def _rules_of(rules: Rules, places: range) -> Rules:
    here = pl.col("position", "last").is_between(places.start, places.stop - 1)
    return replace(rules, copies=rules.copies.filter(pl.any_horizontal(here)))


def shard_size(shard_records: int, batch_size: int) -> int:
    """Return how many records a task has: whole batches.

    So these are cut as the ordinary engine cuts them, and findings have the same order.
    """
    return -(-shard_records // batch_size) * batch_size


def split_places(records: int, shard_records: int, batch_size: int) -> Iterator[range]:
    """Yield the places of each task's records, from 0."""
    size = shard_size(shard_records, batch_size)
    for start in range(0, records, size):
        yield range(start, min(start + size, records))


def found_by(work: Sequence[Staged]) -> StagingCounts:
    """Return what was counted, as the ordinary engine counts it."""
    found = StagingCounts()
    for each in work:
        found.repairs.update(each.repairs)
        found.rules.update(each.rules)
        found.unmapped.add_pairs(each.unmapped)
    return found


def expected_of(work: Sequence[Staged]) -> Expected:
    """Return what must be staged now."""
    return Expected(len(work), sum(each.keys for each in work), sum(each.tenants for each in work))


def performance_of(work: Sequence[Staged]) -> dict[str, Any]:
    """Return what the workers took: calls, seconds of all of them by stage, and the memory of the largest."""
    seconds: Counter[str] = Counter()
    for each in work:
        seconds.update(each.seconds)
    return {
        "calls": len(work),
        "seconds": {stage: round(total, 3) for stage, total in sorted(seconds.items())},
        "peak_memory_mb": max((each.peak_memory_mb for each in work), default=0.0),
    }


def retries_of(work: Sequence[Staged]) -> Counter[str]:
    """Return what workers tried again at the database, by SQLSTATE."""
    reasons: Counter[str] = Counter()
    for each in work:
        reasons.update(each.retries)
    return reasons
