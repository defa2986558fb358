"""The engine of a sync on a Ray cluster."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from types import ModuleType
from typing import Any, cast

import polars as pl
import pyarrow as pa
from pydantic import SecretStr

from etl.cluster.connection import connected, slots_of
from etl.cluster.extract import extract_shards
from etl.cluster.stage import expected_of, found_by, performance_of, retries_of, stage_on_workers
from etl.cluster.stage_range import Job, Reference, Staged
from etl.errors import EtlError
from etl.load import shared_stage
from etl.load.stage import read_known
from etl.log import get_logger
from etl.logged_run import Run
from etl.match import Matcher
from etl.report.results import Extracted
from etl.settings import Settings
from etl.snapshot import Snapshot
from etl.stages import Stages
from etl.staging import Found

_Frames = tuple[pl.DataFrame, pl.DataFrame]


class OnCluster:
    """Fetches, transforms, matches and stages by the workers of a cluster.

    Args:
        ray: Connected.
        settings: Of the run.
        run: The run; its connection stays the driver's.
    """

    def __init__(self, ray: ModuleType, settings: Settings, run: Run) -> None:
        self._ray = ray
        self._slots = slots_of(ray, settings.ray_tasks)
        self._settings = settings
        self._run = run
        self._work: Sequence[Staged] = ()

    def extract(
        self, *, name: str, allow_partial: bool, reference: _Frames | None, root: str | None
    ) -> tuple[Snapshot, Extracted]:
        """Fetch every page of the API into a new snapshot of shards."""
        return extract_shards(
            self._ray,
            self._slots,
            self._settings,
            self._run.stages,
            root=root,
            name=name,
            allow_partial=allow_partial,
            reference=reference,
        )

    def stage_ahead(self, snapshot: Snapshot, reference: _Frames) -> None:
        """Let workers stage all records in unlogged tables, which the transaction then reads."""
        settings, run = self._settings, self._run
        with run.stages.timed("stage"):
            known = run.again(self._prepare)
            floors, categories = reference
            self._work = stage_on_workers(
                self._ray,
                self._slots,
                self._job(snapshot),
                Reference(floors.to_arrow(), categories.to_arrow(), cast("pa.Int64Array", known.to_arrow())),
                settings.ray_shard_records,
                run.stages,
            )
        retries = retries_of(self._work)
        # they are told with the run's own, and spend nothing of what it has
        run.retries.reasons.update(retries)
        run.retries.most += retries.total()
        run.workers = performance_of(self._work)

    def _prepare(self) -> pl.Series:
        shared_stage.create(self._run.db, self._run.sync_id)
        return read_known(self._run.db)

    def _job(self, snapshot: Snapshot) -> Job:
        settings, db = self._settings, self._run.db
        return Job(
            sync_id=self._run.sync_id,
            address=snapshot.address,
            manifest=snapshot.manifest,
            batch_size=settings.sync_batch_size,
            dsn=SecretStr(db.dsn),
            database=db.shown,
            limits_s=(settings.lock_timeout_s, settings.statement_timeout_s),
            retries=settings.database_retries,
        )

    def stage(self, snapshot: Snapshot, matcher: Matcher, issues: pl.DataFrame) -> Found:  # noqa: ARG002 — as Engine has it
        """Let the transaction read what workers staged."""
        run, expected = self._run, expected_of(self._work)
        with run.stages.timed("stage"):
            shared_stage.attach(run.db, run.sync_id, expected, issues)
        told: dict[str, Any] = {"calls": len(self._work), "changed_in_source": expected.tenants}
        run.stages.done("stage", records=expected.keys, **told, workers_seconds=run.workers["seconds"])
        return found_by(self._work)


@contextmanager
def on_cluster(address: str | None, settings: Settings, run: Run) -> Iterator[OnCluster]:
    """Give the engine for the length of the block; then no worker is left, and the run's staging is dropped.

    Raises:
        ConfigError: Ray is not installed, or the role may not make the staging tables.
        ClusterError: The cluster can't be reached.
    """
    shared_stage.require_right(run.db)
    with ExitStack() as stack:
        stack.callback(_clean, run)
        with run.stages.timed("cluster"):
            ray = stack.enter_context(connected(address, settings.ray_tasks))
        run.stages.done("cluster", tasks=slots_of(ray, settings.ray_tasks))
        yield OnCluster(ray, settings, run)


def _clean(run: Run) -> None:
    """Drop the staging; where that fails, the next run does it."""
    try:
        with suppress(EtlError):
            shared_stage.drop(run.db, run.sync_id)
            return
        with run.db.another() as db:
            shared_stage.drop(db, run.sync_id)
    except EtlError as error:
        get_logger().warning("staging_left_behind", error=error)


def extract_on_cluster(  # noqa: PLR0913 — each is an option of the command line
    address: str | None,
    settings: Settings,
    stages: Stages,
    *,
    root: str | None,
    allow_partial: bool,
    reference: _Frames | None,
) -> tuple[Snapshot, Extracted]:
    """Do `etl extract` on a cluster. Raises as `on_cluster` and `extract_shards`."""
    with connected(address, settings.ray_tasks) as ray:
        slots = slots_of(ray, settings.ray_tasks)
        return extract_shards(
            ray, slots, settings, stages, root=root, allow_partial=allow_partial, reference=reference
        )
