"""The engine of a sync on a Ray cluster."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING, cast

import polars as pl
import pyarrow as pa
from pydantic import SecretStr

from etl.config.settings import Settings, Source
from etl.contract.clock import Clock
from etl.contract.source_names import Prefixes
from etl.engines.ray import shared_staging
from etl.engines.ray.connection import connected, slots_of
from etl.engines.ray.extract import extract_shards
from etl.engines.ray.stage import (
    expected_of,
    found_by,
    performance_of,
    retries_of,
    split_feed,
    stage_on_workers,
)
from etl.engines.ray.stage_range import Job, ReferenceTables, Staged
from etl.errors import EtlError, LoadError
from etl.extract.feed import ExtractRequest, Feed
from etl.load.batches import StagingCounts, feed_issues
from etl.load.schema import ReferenceFrames
from etl.load.sources import read_sources
from etl.load.staging import read_known
from etl.match import Matcher
from etl.match.batches import rules_of
from etl.model.options import SyncOptions
from etl.runs.run import Run
from etl.runtime.log import get_logger

if TYPE_CHECKING:
    from etl.engines.base import Fetch


class RayEngine:
    """Fetches, transforms, matches and stages by the workers of a cluster.

    Args:
        ray: The connected cluster.
        slots: How many tasks may run at a time.
        settings: The settings of the run.
        run: The run; its connection stays the driver's.
        recreate: Records whose row is gone from the CMS are staged whole.
    """

    def __init__(
        self, ray: ModuleType, slots: int, settings: Settings, run: Run, *, recreate: bool = False
    ) -> None:
        self._recreate = recreate
        self._ray = ray
        self._slots = slots
        self._settings = settings
        self._clock = Clock(settings.mall_timezone, datetime.now(UTC))
        self._run = run
        self._reference: ReferenceFrames | None = None
        self._staged: Sequence[Staged] = ()

    def extract(self, source: Source, request: ExtractRequest) -> Feed:
        """Fetch every page of a source's API into a new snapshot."""
        return extract_shards(self._ray, self._slots, self._settings, source, self._run.stages, request)

    def stage_ahead(self, feed: Feed, reference: ReferenceFrames, named: tuple[str, ...]) -> None:
        """Let workers stage all records in unlogged tables, which the transaction then reads."""
        settings, run = self._settings, self._run
        with run.stages.timed("stage"):
            known, prefixes = run.again(partial(self._prepare, feed, named))
            rules = rules_of(feed.snapshot, prefixes, self._clock, settings.sync_batch_size)
            floors, categories = reference
            self._staged = stage_on_workers(
                self._ray,
                self._slots,
                self._job(),
                ReferenceTables(
                    floors.to_arrow(), categories.to_arrow(), cast("pa.Int64Array", known.to_arrow())
                ),
                split_feed(feed, rules, settings.ray_shard_records),
                run.stages,
            )
        self._reference = reference
        retries, given = retries_of(self._staged), run.session.retries
        # they are logged with the run's own, and spend nothing of what it has
        given.reasons.update(retries)
        given.most += retries.total()

    def _prepare(self, feed: Feed, named: tuple[str, ...]) -> tuple[pl.Series, Prefixes]:
        db = self._run.db
        shared_staging.create(db, self._run.sync_id)
        return read_known(db, recreate=self._recreate), read_sources(db, named).prefixes(
            feed.origin.id_prefix
        )

    def _job(self) -> Job:
        settings, db = self._settings, self._run.db
        return Job(
            sync_id=self._run.sync_id,
            dsn=SecretStr(db.dsn),
            database=db.shown,
            limits_s=(settings.lock_timeout_s, settings.statement_timeout_s),
            retries=settings.database_retries,
        )

    def stage(self, feed: Feed, reference: ReferenceFrames, prefixes: Prefixes) -> StagingCounts:  # noqa: ARG002 — as Engine has it
        """Let the transaction read what workers staged.

        Raises:
            LoadError: it is not there, or was matched with floors and categories that are not the present ones.
        """
        run, work = self._run, self._staged
        self._require_same(reference)
        with run.stages.timed("stage"):
            shared_staging.attach(run.db, run.sync_id, expected_of(work))
            with Matcher(*reference) as matcher:
                shared_staging.add_issues(run.db, run.sync_id, feed_issues(feed, matcher))
        workers = performance_of(work)
        run.stages.done(
            "stage",
            records=sum(staged.keys for staged in work),
            changed_in_source=sum(staged.tenants for staged in work),
            calls=len(work),
            workers_seconds=workers["seconds"],
        )
        return replace(found_by(work), workers=workers)

    def _require_same(self, reference: ReferenceFrames) -> None:
        before = self._reference or reference
        if not all(frame.equals(earlier) for frame, earlier in zip(reference, before, strict=True)):
            raise LoadError(
                "Floors or categories were changed in the CMS while the workers matched records with them. Nothing was "
                "written. Run again."
            )


@contextmanager
def on_cluster(options: SyncOptions, settings: Settings, run: Run) -> Iterator[RayEngine]:
    """Give the engine for the length of the block; then no worker is left, and the run's staging is dropped.

    Raises:
        ConfigError: Ray is not installed, or the role may not make the staging tables.
        ClusterError: The cluster can't be reached.
    """
    shared_staging.require_right(run.db)
    shared_staging.drop_left_behind(run.db)
    with ExitStack() as stack:
        stack.callback(_clean, run)
        with run.stages.timed("cluster"):
            ray = stack.enter_context(connected(options.ray_address, settings.ray_tasks))
        slots = slots_of(ray, settings.ray_tasks)
        run.stages.done("cluster", tasks=slots)
        yield RayEngine(ray, slots, settings, run, recreate=options.recreate)


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
def fetching(address: str | None, settings: Settings) -> "Iterator[Fetch]":
    """Give what fetches a source on a cluster, for `etl extract`.

    Raises:
        ConfigError: Ray is not installed.
        ClusterError: The cluster can't be reached.
    """
    with connected(address, settings.ray_tasks) as ray:
        slots = slots_of(ray, settings.ray_tasks)
        yield lambda given, source, stages, request: extract_shards(
            ray, slots, given, source, stages, request
        )
