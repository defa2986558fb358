"""The engine of a sync on a Ray cluster."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from types import ModuleType
from typing import cast

import polars as pl
import pyarrow as pa
from pydantic import SecretStr

from etl.config.settings import Settings, Source
from etl.engines.ray import shared_staging
from etl.engines.ray.connection import connected, slots_of
from etl.engines.ray.sources import extract_sources
from etl.engines.ray.stage import (
    expected_of,
    found_by,
    performance_of,
    retries_of,
    split_feeds,
    stage_on_workers,
)
from etl.engines.ray.stage_range import Job, Part, ReferenceTables, Staged, seqs_of
from etl.errors import EtlError
from etl.extract.feeds import Extract, ExtractOutcome, ExtractRequest, Feeds
from etl.load.batches import StagingCounts, first_issues
from etl.load.known_sources import known_sources
from etl.load.staging import read_known
from etl.match import Matcher
from etl.runs.run import Run
from etl.runtime.log import get_logger
from etl.runtime.timing import StageTimer


class RayEngine:
    """Fetches, transforms, matches and stages by the workers of a cluster.

    Args:
        ray: Connected.
        slots: How many tasks may run at a time.
        settings: Of the run.
        run: The run; its connection stays the driver's.
    """

    def __init__(self, ray: ModuleType, slots: int, settings: Settings, run: Run) -> None:
        self._ray = ray
        self._slots = slots
        self._settings = settings
        self._run = run
        self._parts: dict[str, list[Part]] = {}
        self._staged: Sequence[Staged] = ()

    def extract(
        self, settings: Settings, sources: Sequence[Source], stages: StageTimer, asked: ExtractRequest
    ) -> Sequence[ExtractOutcome]:
        """Fetch every page of each source's API into a snapshot of its own."""
        return extract_sources(self._ray, self._slots, settings, sources, stages, asked)

    def stage_ahead(self, feeds: Feeds, reference: tuple[pl.DataFrame, pl.DataFrame]) -> None:
        """Let workers stage all records in unlogged tables, which the transaction then reads."""
        settings, run = self._settings, self._run
        with run.stages.timed("stage"):
            known, prefixes = run.again(partial(self._prepare, feeds))
            shared_out = split_feeds(feeds, prefixes, settings.ray_shard_records, settings.sync_batch_size)
            self._parts = {feed.id_prefix: parts for feed, parts in shared_out}
            floors, categories = reference
            self._staged = stage_on_workers(
                self._ray,
                self._slots,
                self._job(),
                ReferenceTables(
                    floors.to_arrow(), categories.to_arrow(), cast("pa.Int64Array", known.to_arrow())
                ),
                [part for parts in self._parts.values() for part in parts],
                run.stages,
            )
        retries = retries_of(self._staged)
        # they are told with the run's own, and spend nothing of what it has
        run.retries.reasons.update(retries)
        run.retries.most += retries.total()
        run.workers = performance_of(self._staged)

    def _prepare(self, feeds: Feeds) -> tuple[pl.Series, Collection[str]]:
        db = self._run.db
        shared_staging.create(db, self._run.sync_id)
        return read_known(db), feeds.known(known_sources(db)).keys()

    def _job(self) -> Job:
        settings, db = self._settings, self._run.db
        return Job(
            sync_id=self._run.sync_id,
            batch_size=settings.sync_batch_size,
            dsn=SecretStr(db.dsn),
            database=db.shown,
            limits_s=(settings.lock_timeout_s, settings.statement_timeout_s),
            retries=settings.database_retries,
        )

    def stage(self, feeds: Feeds, prefixes: Collection[str], matcher: Matcher) -> StagingCounts:  # noqa: ARG002 — as Engine has it
        """Let the transaction read what workers staged of the feeds that are still to be loaded."""
        run, expected = self._run, expected_of(self._staged)
        kept: list[Staged] = []
        with run.stages.timed("stage"):
            shared_staging.attach(run.db, run.sync_id, expected)
            for feed, issues in first_issues(feeds, matcher):
                shards = self._shards(feed.id_prefix)
                shared_staging.add_issues(run.db, run.sync_id, issues, shards, feed.id_prefix)
                kept += [staged for staged in self._staged if staged.shard in shards]
            for prefix in self._parts.keys() - {feed.id_prefix for feed in feeds.present}:
                shared_staging.leave_out(run.db, run.sync_id, self._shards(prefix), self._seqs(prefix))
        run.stages.done(
            "stage",
            records=sum(staged.keys for staged in kept),
            changed_in_source=sum(staged.tenants for staged in kept),
            calls=len(self._staged),
            workers_seconds=run.workers["seconds"],
        )
        return found_by(kept)

    def _shards(self, prefix: str) -> range:
        parts = self._parts[prefix]
        return range(parts[0].shard, parts[-1].shard + 1) if parts else range(0)

    def _seqs(self, prefix: str) -> range:
        parts = self._parts[prefix]
        records = sum(len(part.places) for part in parts)
        return seqs_of(parts[0].before, records) if parts else range(0)


@contextmanager
def on_cluster(address: str | None, settings: Settings, run: Run) -> Iterator[RayEngine]:
    """Give the engine for the length of the block; then no worker is left, and the run's staging is dropped.

    Raises:
        ConfigError: Ray is not installed, or the role may not make the staging tables.
        ClusterError: The cluster can't be reached.
    """
    shared_staging.require_right(run.db)
    shared_staging.drop_left_behind(run.db, run.sync_id)
    with ExitStack() as stack:
        stack.callback(_clean, run)
        with run.stages.timed("cluster"):
            ray = stack.enter_context(connected(address, settings.ray_tasks))
        slots = slots_of(ray, settings.ray_tasks)
        run.stages.done("cluster", tasks=slots)
        yield RayEngine(ray, slots, settings, run)


def _clean(run: Run) -> None:
    """Drop the staging; where that fails, the next run with this engine does it."""
    try:
        with suppress(EtlError):
            shared_staging.drop(run.db, run.sync_id)
            return
        with run.db.another() as db:
            shared_staging.drop(db, run.sync_id)
    except EtlError as error:
        get_logger().warning("staging_left_behind", error=error)


@contextmanager
def extractor(address: str | None, settings: Settings) -> Iterator[Extract]:
    """Give what fetches sources on a cluster, for `etl extract`.

    Raises:
        ConfigError: Ray is not installed.
        ClusterError: The cluster can't be reached.
    """
    with connected(address, settings.ray_tasks) as ray:
        yield partial(extract_sources, ray, slots_of(ray, settings.ray_tasks))
