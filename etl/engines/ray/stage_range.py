"""What a worker does for the load: it transforms and matches the records of some places, and stages them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import polars as pl
import pyarrow as pa
from pydantic import SecretStr

from etl.contract.issue import empty_issues
from etl.db.connection import Postgres
from etl.db.retry import Retries
from etl.engines.ray.shared_staging import ShardRows, load
from etl.load.batches import StagingCounts
from etl.load.staging import split
from etl.match import Matcher
from etl.match.batches import Batch, Rules, match_batches
from etl.runtime.progress import NoProgress
from etl.runtime.timing import StageTimer, peak_memory_mb
from etl.snapshot import Manifest, Snapshot
from etl.snapshot.location import locate

_MOST_COPIES = 1 << 20
"""More rows than one record can have: one a floor."""


@dataclass(frozen=True)
class Job:
    """What every worker has to know of a run.

    Attributes:
        sync_id: The run.
        dsn: The database.
        database: What messages call it.
        limits_s: Seconds that a statement of a session may wait for a lock, and run.
        retries: Further tries of a transaction.
    """

    sync_id: str
    dsn: SecretStr
    database: str
    limits_s: tuple[float, float]
    retries: int


@dataclass(frozen=True)
class Part:
    """Some records of a feed.

    Attributes:
        shard: The number of this work, from 0 in the order of the feed.
        address: Address of the snapshot.
        manifest: The snapshot's manifest, against which the driver has checked the files.
        rules: What they are read by; of the feed's copies those that concern them.
        places: Places of the records in the snapshot, from 0.
    """

    shard: int
    address: str
    manifest: Manifest
    rules: Rules
    places: range


@dataclass(frozen=True)
class ReferenceTables:
    """What records are matched with, the same for all workers.

    Attributes:
        floors: contract/reference.FLOORS.
        categories: contract/reference.CATEGORIES.
        known: The hash of every record's last source, sorted.
    """

    floors: pa.Table
    categories: pa.Table
    known: pa.Int64Array


@dataclass(frozen=True)
class Staged:
    """What became of the records of some places.

    Attributes:
        shard: Their number.
        records: How many they were.
        keys: Tenants that were staged.
        tenants: Tenants among these whose source changed.
        repairs: Repairs of text by kind, in values.
        rules: How floors and categories were found, by rule, in records.
        unmapped: Pairs of category labels that fit no category: kind, English, Thai.
        seconds: Time by stage, in the worker.
        retries: What was tried again at the database, by SQLSTATE.
        peak_memory_mb: Highest resident memory of the worker so far, in MiB, as `etl.runtime.timing.peak_memory_mb` says.
    """

    shard: int
    records: int
    keys: int
    tenants: int
    repairs: Mapping[str, int]
    rules: Mapping[str, int]
    unmapped: tuple[tuple[str, str | None, str | None], ...]
    seconds: Mapping[str, float]
    retries: Mapping[str, int]
    peak_memory_mb: float


def stage_range(job: Job, reference: ReferenceTables, part: Part) -> Staged:
    """Transform, match and stage some records.

    Doing it again does no harm: what is staged already stays as it is.

    Args:
        job: The run.
        reference: What to match with.
        part: The records.

    Raises:
        EtlError: The snapshot can't be read, or the database refused.
    """
    stages = StageTimer(NoProgress())
    snapshot = Snapshot(locate(part.address), part.manifest)
    matcher = _matchers.get(job.sync_id, reference)
    found = StagingCounts()
    batches = list(match_batches(snapshot, matcher, part.rules, part.places, stages))
    for batch in batches:
        found.add(batch)
    retries = Retries(job.retries)
    with stages.timed("stage"):
        rows = _rows(part, batches, reference.known)
        retries.call(lambda: _load(job, rows))
    return Staged(
        shard=part.shard,
        records=sum(batch.records for batch in batches),
        keys=rows.keys.height,
        tenants=rows.tenants.height,
        repairs=found.repairs,
        rules=found.rules,
        unmapped=found.unmapped.pairs,
        seconds=stages.seconds,
        retries=dict(retries.reasons),
        peak_memory_mb=peak_memory_mb(),
    )


class _Matchers:
    """The matcher of the run at hand, which remembers the labels that it met; it has none of an earlier run."""

    def __init__(self) -> None:
        self._sync_id = ""
        self._matcher: Matcher | None = None

    def get(self, sync_id: str, reference: ReferenceTables) -> Matcher:
        """Return the matcher of a run."""
        if self._matcher is None or self._sync_id != sync_id:
            if self._matcher is not None:
                self._matcher.close()
            self._matcher = Matcher(_frame(reference.floors), _frame(reference.categories))
            self._sync_id = sync_id
        return self._matcher


_matchers = _Matchers()


def _frame(table: pa.Table) -> pl.DataFrame:
    return cast("pl.DataFrame", pl.from_arrow(table))


def _rows(part: Part, batches: list[Batch], known: pa.Int64Array) -> ShardRows:
    """Return what is staged of some batches, each tenant with its place in the order of the feed."""
    hashes = cast("pl.Series", pl.from_arrow(known))
    seq = pl.col("position") * _MOST_COPIES + pl.col("copy") + 1
    parts = [split(batch.tenants.with_columns(seq.alias("seq")), hashes) for batch in batches]
    rejected = [batch.rejected.drop_nulls().to_frame("unique_id") for batch in batches]
    return ShardRows(
        shard=part.shard,
        keys=pl.concat([keys for keys, _ in parts]),
        tenants=pl.concat([changed for _, changed in parts]),
        rejected=pl.concat(rejected),
        issues=pl.concat([empty_issues(), *(batch.issues for batch in batches)]),
    )


def _load(job: Job, rows: ShardRows) -> None:
    with Postgres(job.dsn.get_secret_value(), job.database, limits_s=job.limits_s, opening="own") as db:
        load(db, job.sync_id, rows)
