"""From raw records to staged rows, a chunk at a time: transform, match, and into the database."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from etl.load.cms_log import UnmappedCategories
from etl.load.stage import Stage
from etl.match import Matcher
from etl.snapshot import Snapshot
from etl.stages import Stages
from etl.transform.tenants import USED, transform


@dataclass
class Found:
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


def prepare(raw: pl.DataFrame, position: int, matcher: Matcher, stages: Stages) -> Chunk:
    """Make canonical tenants of raw records, with their floors and categories.

    Args:
        raw: contract RAW_POLARS.
        position: The feed position of the first.
        matcher: Knows the floors and categories.
        stages: Is told of the time.
    """
    with stages.timed("transform"):
        transformed = transform(raw, position)
    with stages.timed("match"):
        matched = matcher.match(transformed.tenants)
    return Chunk(
        tenants=matched.tenants,
        rejected=transformed.rejected["unique_id"],
        issues=pl.concat([transformed.issues, matched.issues]),
        repairs=transformed.repairs,
        rules=matched.rules,
    )


def stage_records(
    stage: Stage, matcher: Matcher, snapshot: Snapshot, batch_size: int, stages: Stages
) -> Found:
    """Stage the records of a snapshot, `batch_size` at a time, and return what was counted."""
    found = Found()
    position = 0
    for raw in snapshot.batches(batch_size, USED):
        chunk = prepare(raw, position, matcher, stages)
        with stages.timed("stage"):
            stage.add(chunk.tenants, chunk.rejected)
            stage.add_issues(chunk.issues)
        found.add(chunk)
        position += raw.height
        stages.progress("stage", position, snapshot.record_count)
    with stages.timed("stage"):
        stage.finish()
    stages.done("transform", records=position)
    stages.done("match", records=stage.records_staged)
    stages.done("stage", records=stage.records_staged, changed_in_source=stage.records_staged_wide)
    return found
