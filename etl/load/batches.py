"""From raw records to staged rows, a batch at a time: transform, match, and into the database."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from etl.extract.feed import Feed
from etl.extract.source import source_issues
from etl.load.staging import Stage
from etl.load.unmapped import UnmappedCategories
from etl.match import Matcher
from etl.match.batches import Batch, Rules, match_batches
from etl.runtime.timing import StageTimer


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

    def add(self, batch: Batch) -> None:
        """Count a batch; to be called in the order of the feed."""
        self.repairs.update(batch.repairs)
        self.rules.update(batch.rules)
        self.unmapped.add(batch.tenants)


def feed_issues(feed: Feed, matcher: Matcher) -> pl.DataFrame:
    """Return the findings that come before those of the feed's records."""
    return source_issues(feed.extracted, matcher.double_names(), feed.origin.name)


def stage_feed(stage: Stage, matcher: Matcher, feed: Feed, rules: Rules, stages: StageTimer) -> StagingCounts:
    """Stage the records of a feed, a batch at a time, and return what was counted."""
    found = StagingCounts()
    stage.add_issues(feed_issues(feed, matcher))
    position = 0
    for batch in match_batches(feed.snapshot, matcher, rules, stages=stages):
        with stages.timed("stage"):
            stage.add(batch.tenants, batch.rejected)
            stage.add_issues(batch.issues)
        found.add(batch)
        position += batch.records
        stages.progress("stage", position, feed.snapshot.record_count)
    with stages.timed("stage"):
        stage.finish()
    stages.done("transform", records=position)
    stages.done("match", records=stage.records_staged)
    stages.done("stage", records=stage.records_staged, changed_in_source=stage.records_staged_wide)
    return found
