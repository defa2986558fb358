"""From raw records to canonical tenants with their floors and categories, a batch at a time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import polars as pl

from etl.contract.clock import Clock
from etl.contract.source_names import Prefixes
from etl.match.matcher import Matched, Matcher
from etl.runtime.progress import NoProgress
from etl.runtime.timing import StageTimer
from etl.runtime.visible import visible
from etl.transform.copies import COPIES, fill_from_copies, find_copies
from etl.transform.ids import keep_apart
from etl.transform.tenants import FILLED, USED, Copies, Transformed, transform
from etl.transform.text import clean


class Records(Protocol):
    """Raw records (contract RAW_POLARS) in the order of the feed, as a snapshot has them."""

    def batches(
        self, size: int, columns: Sequence[str] | None = None, places: range | None = None
    ) -> Iterator[pl.DataFrame]:
        """Yield them, `size` at a time: some columns, and those at some places, from 0."""


@dataclass(frozen=True)
class Frame:
    """Raw records in memory."""

    raw: pl.DataFrame

    def batches(
        self, size: int, columns: Sequence[str] | None = None, places: range | None = None
    ) -> Iterator[pl.DataFrame]:
        """Yield them as `Records` says; where there are none, a frame without rows."""
        wanted = self.raw if places is None else self.raw.slice(places.start, len(places))
        chosen = wanted if columns is None else wanted.select(columns)
        yield from chosen.iter_slices(size) if chosen.height else [chosen]


@dataclass(frozen=True)
class Rules:
    """What the records of a feed are read by.

    Attributes:
        prefixes: What ids may begin with.
        clock: The mall's time.
        size: Records at a time.
        copies: COPIES of the feed, as `copies_of` finds them.
        places: Where the records stand in the feed, where they are only some of it; for words.
    """

    prefixes: Prefixes
    clock: Clock
    size: int
    copies: pl.DataFrame
    places: pl.Series | None = None


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


def rules_of(records: Records, prefixes: Prefixes, clock: Clock, size: int) -> Rules:
    """Return the rules of a feed, whose ids are looked through for records that came more than once."""
    return Rules(prefixes, clock, size, copies_of(records, size))


def copies_of(records: Records, size: int) -> pl.DataFrame:
    """Return COPIES of a feed. Memory: 8 bytes a record, and the ids of those that came more than once."""
    hashes = [ids.hash() for ids in _ids(records, size)]
    doubled = pl.concat([pl.Series(dtype=pl.UInt64), *hashes]).is_duplicated()
    if not doubled.any():
        return pl.DataFrame(schema=COPIES)
    found = [pl.DataFrame(schema={"position": pl.Int64, "id": pl.String})]
    start = 0
    for ids in _ids(records, size):
        rows = doubled.slice(start, len(ids)).arg_true()
        found.append(pl.DataFrame({"position": rows.cast(pl.Int64) + start, "id": ids.gather(rows)}))
        start += len(ids)
    return find_copies(pl.concat(found))


def _ids(records: Records, size: int) -> Iterator[pl.Series]:
    return (clean(raw["uniqueId"]).values for raw in records.batches(size, ["uniqueId"]))


def match_batches(
    records: Records,
    matcher: Matcher,
    rules: Rules,
    places: range | None = None,
    stages: StageTimer | None = None,
) -> Iterator[Batch]:
    """Transform and match raw records; of those that came more than once only the last is a tenant.

    Args:
        records: All of the feed.
        matcher: Knows the floors and categories.
        rules: What they are read by.
        places: Where those stand in the feed that are wanted, from 0; None for all.
        stages: Gets the time of the stages transform and match.
    """
    position, timer = places.start if places else 0, stages or StageTimer(NoProgress())
    for batch in records.batches(rules.size, USED, places):
        with timer.timed("transform"):
            transformed = transform_batch(records, batch, position, rules)
        with timer.timed("match"):
            matched = matcher.match(transformed.tenants)
        yield Batch(
            tenants=matched.tenants,
            issues=_readable(pl.concat([transformed.issues, matched.issues])),
            rules=matched.rules,
            records=batch.height,
            rejected=transformed.rejected["unique_id"],
            repairs=transformed.repairs,
        )
        position += batch.height


def transform_batch(records: Records, raw: pl.DataFrame, position: int, rules: Rules) -> Transformed:
    """Transform a frame of the records, whose first one stands at a position."""
    whole, copies = _merged(records, raw, position, rules)
    transformed = transform(whole, position, rules.prefixes.own, rules.clock, copies)
    return keep_apart(transformed, rules.prefixes)


def _merged(
    records: Records, raw: pl.DataFrame, position: int, rules: Rules
) -> tuple[pl.DataFrame, Copies | None]:
    """Fill the records of a batch that came before, and say which of it came again later."""
    here = pl.lit(position), pl.lit(position + raw.height - 1)
    dropped = rules.copies.filter(pl.col("position").is_between(*here))["position"] - position
    earlier = rules.copies.filter(pl.col("last").is_between(*here))
    if earlier.is_empty():
        return raw, Copies(dropped) if len(dropped) else None
    rows = earlier["last"].unique().sort() - position
    counted = raw[rows].with_columns(position=rows + position)
    filled, compared = fill_from_copies(counted, _pieces(records, earlier, rules.size), FILLED)
    whole = raw.with_columns(raw[name].clone().scatter(rows, filled[name]) for name in FILLED)  # in place
    shown = [
        compared[name] if rules.places is None else rules.places.gather(compared[name]).alias(name)
        for name in COPIES
    ]
    return whole, Copies(dropped, compared.with_columns(*shown, row=pl.col("last") - position))


def _pieces(records: Records, copies: pl.DataFrame, size: int) -> Iterator[pl.DataFrame]:
    """Yield the raw records of COPIES, in the order of the feed, no more than `size` at a time."""
    for (block,), some in copies.sort("position").group_by(pl.col("position") // size, maintain_order=True):
        start = int(block) * size
        for raw in records.batches(size, USED, range(start, start + size)):
            yield raw[some["position"] - start].with_columns(some["position"], some["last"])


def _readable(issues: pl.DataFrame) -> pl.DataFrame:
    """Show what nobody sees as escapes in the words of findings: people read them in the CMS and by SQL too."""
    words = pl.col("message").map_elements(lambda text: visible(text, line_break="⏎"), pl.String)
    return issues.with_columns(words)
