"""From raw records to canonical tenants with their floors and categories, a batch at a time."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from etl.contract.source_names import Prefixes
from etl.match.matcher import Matched, Matcher
from etl.runtime.progress import NoProgress
from etl.runtime.timing import StageTimer
from etl.runtime.visible import visible
from etl.transform.ids import keep_apart
from etl.transform.tenants import transform


@dataclass(frozen=True)
class Batch(Matched):
    """What became of some raw records: as `Matched`, with the findings of transform before those of match.

    Attributes:
        records: How many they were.
        rejected: Ids of rejected records, null where one had none.
        repairs: As `Transformed` has them.
    """

    records: int
    rejected: pl.Series
    repairs: Mapping[str, int]


def match_batches(
    raws: Iterable[pl.DataFrame],
    matcher: Matcher,
    prefixes: Prefixes,
    first: int = 0,
    stages: StageTimer | None = None,
) -> Iterator[Batch]:
    """Transform and match raw records.

    Args:
        raws: contract RAW_POLARS, or the columns of it that transform uses; in the order of the feed.
        matcher: Knows the floors and categories.
        prefixes: What ids may begin with.
        first: The feed position of the first record.
        stages: Gets the time of the stages transform and match.
    """
    position, timer = first, stages or StageTimer(NoProgress())
    for raw in raws:
        with timer.timed("transform"):
            transformed = keep_apart(transform(raw, position, prefixes.own), prefixes)
        with timer.timed("match"):
            matched = matcher.match(transformed.tenants)
        yield Batch(
            tenants=matched.tenants,
            issues=_readable(pl.concat([transformed.issues, matched.issues])),
            rules=matched.rules,
            records=raw.height,
            rejected=transformed.rejected["unique_id"],
            repairs=transformed.repairs,
        )
        position += raw.height


def _readable(issues: pl.DataFrame) -> pl.DataFrame:
    """Show what nobody sees as escapes in the words of findings: people read them in the CMS and by SQL too."""
    words = pl.col("message").map_elements(lambda text: visible(text, line_break="⏎"), pl.String)
    return issues.with_columns(words)
