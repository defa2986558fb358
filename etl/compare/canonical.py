"""A snapshot's records as a sync would stage them, ready to be compared; no database."""

from dataclasses import dataclass

import polars as pl

from etl.compare.fields import COMPARED, LABELS, Names
from etl.contract.clock import Clock
from etl.contract.raw import RAW_POLARS
from etl.contract.reference import CATEGORIES, FLOORS
from etl.contract.source_names import Prefixes
from etl.extract.source import source_issues
from etl.match import Matcher
from etl.match.batches import Frame, match_batches, rules_of
from etl.match.frames import of_own_kind
from etl.match.settle import settle
from etl.snapshot import Snapshot

_KEYS = ("unique_id", "source_unique_id", "kind")


@dataclass(frozen=True)
class Canonical:
    """A snapshot's records.

    Attributes:
        rows: One row a tenant: unique_id (unique), source_unique_id, kind, and the compared fields as text; floor and
            category are ids, with their names in floor_name and category_name.
        issues: contract.issue.ISSUE.
    """

    rows: pl.DataFrame
    issues: pl.DataFrame


class References:
    """Floors and categories of a snapshot: its own, else those of the other one, else none.

    Attributes:
        floors: contract.reference.FLOORS.
        categories: contract.reference.CATEGORIES.
        unknown: `floor` and `category` where neither snapshot has them.
        borrowed: The same where the other snapshot's are taken.
        names: Names of both.
    """

    def __init__(self, snapshot: Snapshot, other: Snapshot) -> None:
        pairs = {
            "floor": (snapshot.floors, other.floors),
            "category": (snapshot.categories, other.categories),
        }
        self.unknown = tuple(name for name, (own, its) in pairs.items() if own is None and its is None)
        self.borrowed = tuple(name for name, (own, its) in pairs.items() if own is None and its is not None)
        self.floors = _first_of(*pairs["floor"], FLOORS)
        self.categories = _first_of(*pairs["category"], CATEGORIES)
        self.names = Names(self.floors, self.categories)


def _first_of(
    own: pl.DataFrame | None, other: pl.DataFrame | None, schema: dict[str, pl.DataType]
) -> pl.DataFrame:
    frame = own if own is not None else other
    return pl.DataFrame(schema=schema) if frame is None else frame


def read_canonical(snapshot: Snapshot, reference: References, batch_size: int, clock: Clock) -> Canonical:
    """Transform, match and settle the records of a snapshot, `batch_size` at a time; the result is in memory."""
    matched, issues = _read(snapshot, reference, batch_size, clock)
    rows, taken = settle(matched)
    return Canonical(_comparable(rows, reference), pl.concat([issues, taken]))


def _read(
    snapshot: Snapshot, reference: References, batch_size: int, clock: Clock
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the matched tenants (match.frames.ROWS) and the findings of a snapshot, in feed order."""
    # the empty frame gives a snapshot without records its columns
    records = snapshot if snapshot.record_count else Frame(pl.DataFrame(schema=RAW_POLARS))
    rules = rules_of(records, Prefixes(snapshot.manifest.id_prefix), clock, batch_size)
    with Matcher(reference.floors, reference.categories) as matcher:
        first = source_issues(snapshot.extracted, matcher.double_names())
        batches = list(match_batches(records, matcher, rules))
    # where nothing is known, nothing can be unmapped
    codes = {"floor": ["unmapped_floor"], "category": ["unmapped_category", "kind_by_default"]}
    senseless = pl.col("code").is_in([code for name in reference.unknown for code in codes[name]])
    issues = pl.concat([first, *(batch.issues for batch in batches)])
    return pl.concat(batch.tenants for batch in batches), issues.filter(~senseless)


def _comparable(rows: pl.DataFrame, reference: References) -> pl.DataFrame:
    """Return keys and compared fields of settled rows, as Canonical.rows says. Rows: 1:1."""
    labels = [
        label
        for name, label in LABELS.items()
        if name.removesuffix("_en").removesuffix("_th") in reference.unknown
    ]
    chosen = rows.select(
        *_KEYS,
        *(_text(column, rows.schema[column]).alias(name) for name, column in COMPARED.items()),
        *labels,
        floor=pl.col("floor_id"),
        category=of_own_kind("category_id"),
    )
    floors = reference.floors.select(floor="id", floor_name="name")
    categories = reference.categories.select(
        category="id", category_name=pl.coalesce("name_en", "name_th", "slug")
    )
    return chosen.join(floors, on="floor", how="left").join(categories, on="category", how="left")


def _text(column: str, dtype: pl.DataType) -> pl.Expr:
    if isinstance(dtype, pl.Datetime):
        return pl.col(column).dt.strftime("%Y-%m-%dT%H:%M:%S%.3fZ")
    return pl.col(column).cast(pl.String)
