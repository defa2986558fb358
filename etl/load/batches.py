"""From raw records to staged rows, a chunk at a time: transform, match, and into the database."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from etl.extract.feed import Feed
from etl.extract.source import source_issues
from etl.load.sources import Prefixes
from etl.load.staging import Stage
from etl.load.unmapped import UnmappedCategories
from etl.match import Matcher
from etl.runtime.timing import StageTimer
from etl.transform.ids import keep_apart
from etl.transform.tenants import USED, transform


@dataclass
class StagingCounts:
    """What was counted while records went by.

    Attributes:
        repairs: Repairs of text, in values.
        rules: How floors and categories were found.
        unmapped: What the CMS's own screen is to show of categories.
        workers: What the workers of a cluster took; empty where this process did the work.
    """

    repairs: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    unmapped: UnmappedCategories = field(default_factory=UnmappedCategories)
    workers: dict[str, Any] = field(default_factory=dict)

    def add(self, chunk: "Chunk") -> None:
        """Count a chunk; to be called in the order of the feed."""
        self.repairs.update(chunk.repairs)
        self.rules.update(chunk.rules)
        self.unmapped.add(chunk.tenants)


@dataclass(frozen=True)
class Chunk:
    """What became of some raw records.

    Attributes:
        tenants: frames.ROWS of etl/match, in the order of the feed.
        rejected: Ids of rejected records, null where one had none.
        issues: contract ISSUE: those of transform, then those of match.
        repairs: As `Transformed` has them.
        rules: As `Matched` has them.
    """

    tenants: pl.DataFrame
    rejected: pl.Series
    issues: pl.DataFrame
    repairs: Mapping[str, int]
    rules: Mapping[str, int]


def prepare(
    raw: pl.DataFrame, position: int, prefixes: Prefixes, matcher: Matcher, stages: StageTimer
) -> Chunk:
    """Make canonical tenants of raw records, with their floors and categories.

    Args:
        raw: contract RAW_POLARS.
        position: The feed position of the first.
        prefixes: What ids may begin with.
        matcher: Knows the floors and categories.
        stages: Gets the time.
    """
    with stages.timed("transform"):
        transformed = keep_apart(transform(raw, position, prefixes.own), prefixes.own, prefixes.others)
    with stages.timed("match"):
        matched = matcher.match(transformed.tenants)
    return Chunk(
        tenants=matched.tenants,
        rejected=transformed.rejected["unique_id"],
        issues=pl.concat([transformed.issues, matched.issues]),
        repairs=transformed.repairs,
        rules=matched.rules,
    )


def feed_issues(feed: Feed, matcher: Matcher) -> pl.DataFrame:
    """Return the findings that come before those of the feed's records."""
    return source_issues(feed.extracted, matcher.double_names(), feed.origin.name)


def stage_feed(  # noqa: PLR0913, PLR0917 — what is staged, where to, and how
    stage: Stage, matcher: Matcher, feed: Feed, prefixes: Prefixes, batch_size: int, stages: StageTimer
) -> StagingCounts:
    """Stage the records of a feed, `batch_size` at a time, and return what was counted."""
    found = StagingCounts()
    stage.add_issues(feed_issues(feed, matcher))
    position = 0
    for raw in feed.snapshot.batches(batch_size, USED):
        chunk = prepare(raw, position, prefixes, matcher, stages)
        with stages.timed("stage"):
            stage.add(chunk.tenants, chunk.rejected)
            stage.add_issues(chunk.issues)
        found.add(chunk)
        position += raw.height
        stages.progress("stage", position, feed.snapshot.record_count)
    with stages.timed("stage"):
        stage.finish()
    stages.done("transform", records=position)
    stages.done("match", records=stage.records_staged)
    stages.done("stage", records=stage.records_staged, changed_in_source=stage.records_staged_wide)
    return found
