"""Finds the raw records of one id in a snapshot, a batch at a time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain
from operator import itemgetter

import polars as pl

from etl.contract.clock import Clock
from etl.contract.source_names import Prefixes
from etl.match import Matcher
from etl.match.batches import Batch, Frame, match_batches, rules_of
from etl.snapshot import Snapshot
from etl.transform.copies import fill_from_copies
from etl.transform.tenants import FILLED, USED, transform
from etl.transform.text import clean

_Record = tuple[int, pl.DataFrame]
"""A record's place in the feed, and its one row."""


@dataclass(frozen=True)
class RawRecord:
    """The raw records that make up one record of the source.

    Attributes:
        rows: All with the same cleaned uniqueId; one row each time it came, in feed order; the last is taken.
        positions: Their places in the feed.
        staged: `rows`, and the records whose own id a copy of it for one of its floors would have; in feed order.
        id_prefix: Prefix of the ids of the snapshot's source.
        clock: The mall's time.
    """

    rows: pl.DataFrame
    positions: tuple[int, ...]
    source_unique_id: str
    staged: pl.DataFrame
    staged_positions: tuple[int, ...]
    id_prefix: str = ""
    clock: Clock = field(default_factory=Clock)

    def matched(self, matcher: Matcher) -> Batch:
        """Transform and match `staged`; positions are those of the feed."""
        frame, places = Frame(self.staged), pl.Series("position", self.staged_positions, dtype=pl.Int64)
        rules = rules_of(frame, Prefixes(self.id_prefix), self.clock, self.staged.height)
        (found,) = match_batches(frame, matcher, replace(rules, places=places))
        return replace(found, tenants=found.tenants.with_columns(places.gather(found.tenants["position"])))

    @property
    def taken(self) -> pl.DataFrame:
        """The raw record that counts, its blanks filled from the ones before it."""
        rows, last = self.rows.with_row_index("position"), self.rows.height - 1
        numbered = rows.with_columns(pl.col("position").cast(pl.Int64), last=pl.lit(last, pl.Int64))
        return fill_from_copies(numbered.tail(1), [numbered.head(-1)], FILLED)[0]


def find_raw_record(
    snapshot: Snapshot, unique_id: str, matcher: Matcher, batch_size: int, clock: Clock
) -> RawRecord | None:
    """Find a record by its uniqueId, or by the id that it has on one of several floors; null where it is not there.

    The snapshot is read a batch at a time. A record that has the id of its own comes before a copy.
    """
    wanted = pl.lit(unique_id)
    is_copy = wanted.str.starts_with(pl.concat_str("id", pl.lit("-")))
    found = _scan(snapshot, (pl.col("id") == wanted) | is_copy, batch_size)
    for source_id in sorted(found, key=len, reverse=True):
        tenants = _sent(snapshot, source_id, found[source_id], (), clock).matched(matcher).tenants
        copies = set(tenants["unique_id"]) - {source_id}
        # a record whose id is too long has no tenant
        if (unique_id == source_id and tenants.height) or unique_id in copies:
            return _sent(snapshot, source_id, found[source_id], _named(snapshot, copies, batch_size), clock)
    return None


def _scan(snapshot: Snapshot, is_wanted: pl.Expr, size: int) -> dict[str, list[_Record]]:
    """Return the records for which an expression over `id`, the cleaned uniqueId with its prefix, holds; by that id."""
    prefix = pl.lit(snapshot.manifest.id_prefix)
    found: dict[str, list[_Record]] = {}
    start = 0
    for raw in snapshot.batches(size):
        ids = clean(raw["uniqueId"]).values.alias("id").to_frame().with_row_index("row")
        named = ids.with_columns(id=prefix + pl.col("id"))
        for row, source_id in named.filter(is_wanted).iter_rows():
            # a copy: a slice would keep the whole batch in memory
            found.setdefault(source_id, []).append((start + row, raw[[row]]))
        start += raw.height
    return found


def named_tenants(snapshot: Snapshot, size: int) -> Iterator[tuple[str, str | None, str | None, str]]:
    """Yield unique_id, English and Thai title, and what a slug is made of, of each record that can be loaded."""
    for raw in snapshot.batches(size, list(USED)):
        tenants = transform(raw, 0, snapshot.manifest.id_prefix).tenants
        yield from tenants.select("unique_id", "title_en", "title_th", "slug_stem").iter_rows()


def _named(snapshot: Snapshot, ids: set[str], size: int) -> Iterable[_Record]:
    if not ids:
        return ()
    return chain.from_iterable(_scan(snapshot, pl.col("id").is_in(list(ids)), size).values())


def _sent(
    snapshot: Snapshot, source_id: str, own: list[_Record], others: Iterable[_Record], clock: Clock
) -> RawRecord:
    staged = sorted((*own, *others), key=itemgetter(0))
    return RawRecord(
        rows=pl.concat(row for _, row in own),
        positions=tuple(position for position, _ in own),
        source_unique_id=source_id,
        staged=pl.concat(row for _, row in staged),
        staged_positions=tuple(position for position, _ in staged),
        id_prefix=snapshot.manifest.id_prefix,
        clock=clock,
    )
