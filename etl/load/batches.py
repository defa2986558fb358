"""From raw records to staged rows, a chunk at a time: transform, match, and into the database."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

import polars as pl

from etl.extract.feeds import Feed, Feeds
from etl.extract.source import source_issues
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
    """

    repairs: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    unmapped: UnmappedCategories = field(default_factory=UnmappedCategories)

    def add(self, chunk: "Chunk") -> None:
        """Count a chunk; to be called in the order of the feed."""
        self.repairs.update(chunk.repairs)
        self.rules.update(chunk.rules)
        self.unmapped.add(chunk.tenants)


@dataclass(frozen=True)
class Ids:
    """How a source's records are told from those of others.

    Attributes:
        prefix: What its ids begin with.
        prefixes: All that ids may begin with.
    """

    prefix: str
    prefixes: tuple[str, ...]


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


def prepare(raw: pl.DataFrame, position: int, ids: Ids, matcher: Matcher, stages: StageTimer) -> Chunk:
    """Make canonical tenants of raw records, with their floors and categories.

    Args:
        raw: contract RAW_POLARS.
        position: The feed position of the first.
        ids: Of the source.
        matcher: Knows the floors and categories.
        stages: Is told of the time.
    """
    with stages.timed("transform"):
        transformed = keep_apart(transform(raw, position, ids.prefix), ids.prefix, ids.prefixes)
    with stages.timed("match"):
        matched = matcher.match(transformed.tenants)
    return Chunk(
        tenants=matched.tenants,
        rejected=transformed.rejected["unique_id"],
        issues=pl.concat([transformed.issues, matched.issues]),
        repairs=transformed.repairs,
        rules=matched.rules,
    )


def first_issues(feeds: Feeds, matcher: Matcher) -> Iterator[tuple[Feed, pl.DataFrame]]:
    """Yield each feed that is loaded, with the findings that come before those of its records."""
    for place, feed in enumerate(feeds.present):
        double_names = matcher.double_names() if place == 0 else []
        yield feed, source_issues(feed.extracted, double_names, feed.name)


def stage_feeds(  # noqa: PLR0913, PLR0917 — what is staged, where to, and how
    stage: Stage,
    matcher: Matcher,
    feeds: Feeds,
    prefixes: Collection[str],
    batch_size: int,
    stages: StageTimer,
) -> StagingCounts:
    """Stage the records of all feeds, `batch_size` at a time, and return what was counted."""
    found = StagingCounts()
    done = 0
    for feed, issues in first_issues(feeds, matcher):
        stage.add_issues(issues, feed.id_prefix)
        ids, position = Ids(feed.id_prefix, tuple(prefixes)), 0
        for raw in feed.snapshot.batches(batch_size, USED):
            chunk = prepare(raw, position, ids, matcher, stages)
            with stages.timed("stage"):
                stage.add(chunk.tenants, chunk.rejected)
                stage.add_issues(chunk.issues, feed.id_prefix)
            found.add(chunk)
            position += raw.height
            stages.progress("stage", done + position, feeds.records)
        done += position
    with stages.timed("stage"):
        stage.finish()
    stages.done("transform", records=done)
    stages.done("match", records=stage.records_staged)
    stages.done("stage", records=stage.records_staged, changed_in_source=stage.records_staged_wide)
    return found
