"""Who does the work between the API and the staging tables: this process, or the workers of a Ray cluster."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import polars as pl

from etl.engine_choice import EngineName
from etl.load.stage import Stage
from etl.logged_run import Run
from etl.match import Matcher
from etl.report.results import Extracted
from etl.settings import Settings
from etl.snapshot import Snapshot
from etl.source import extract_snapshot
from etl.staging import Found, stage_records

Reference = tuple[pl.DataFrame, pl.DataFrame]
"""The floors and the categories, as `schema.read_reference` gives them."""


class Engine(Protocol):
    """How a sync gets its records into the staging tables."""

    def extract(
        self, *, name: str, allow_partial: bool, reference: Reference | None, root: str | None
    ) -> tuple[Snapshot, Extracted]:
        """Fetch every page of the API into a new snapshot, in `root` or where the settings say."""

    def stage_ahead(self, snapshot: Snapshot, reference: Reference) -> None:
        """Do what can be done before the run's transaction begins."""

    def stage(self, snapshot: Snapshot, matcher: Matcher, issues: pl.DataFrame) -> Found:
        """Let the plan of the run's transaction read stg_keys, stg_tenants, stg_rejected and stg_issues.

        Args:
            snapshot: The records.
            matcher: Knows the floors and categories.
            issues: Findings that come before those of the records.
        """


class Here:
    """The ordinary engine: all of it in this process, a chunk at a time."""

    def __init__(self, settings: Settings, run: Run) -> None:
        self._settings = settings
        self._run = run

    def extract(
        self, *, name: str, allow_partial: bool, reference: Reference | None, root: str | None
    ) -> tuple[Snapshot, Extracted]:
        """Fetch every page of the API into a new snapshot, in `root` or where the settings say."""
        return extract_snapshot(
            self._settings,
            self._run.stages,
            root=root,
            name=name,
            allow_partial=allow_partial,
            reference=reference,
        )

    def stage_ahead(self, snapshot: Snapshot, reference: Reference) -> None:
        """Do nothing: the staging tables are temporary ones of the transaction."""

    def stage(self, snapshot: Snapshot, matcher: Matcher, issues: pl.DataFrame) -> Found:
        """Transform, match and stage the records, a chunk at a time."""
        stage = Stage(self._run.db)
        stage.add_issues(issues)
        batch_size = self._settings.sync_batch_size
        return stage_records(stage, matcher, snapshot, batch_size, self._run.stages)


@contextmanager
def open_engine(name: EngineName, ray_address: str | None, settings: Settings, run: Run) -> Iterator[Engine]:
    """Give the engine of a sync for the length of the block.

    Raises:
        ConfigError: Ray is not installed, or its staging may not be made.
        ClusterError: The cluster can't be reached.
    """
    if name == "local":
        yield Here(settings, run)
        return
    from etl.cluster.engine import on_cluster  # noqa: PLC0415 — never imported otherwise

    with on_cluster(ray_address, settings, run) as engine:
        yield engine
