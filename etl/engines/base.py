"""Who does the work between the API and the staging tables: this process, or the workers of a Ray cluster."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

import polars as pl

from etl.config.settings import Settings, Source
from etl.extract.feeds import Asked, Feeds, Given, one_after_another
from etl.load.batches import Found, stage_feeds
from etl.load.staging import Stage
from etl.match import Matcher
from etl.model.options import EngineName
from etl.runs.run import Run
from etl.runtime.timing import Stages

Reference = tuple[pl.DataFrame, pl.DataFrame]
"""The floors and the categories, as `schema.read_reference` gives them."""


class Engine(Protocol):
    """How a sync gets its records into the staging tables."""

    def extract(
        self, settings: Settings, sources: Sequence[Source], stages: Stages, asked: Asked
    ) -> Sequence[Given]:
        """Fetch every page of each source's API into a snapshot of its own, as `etl.extract.feeds.one_after_another`."""

    def stage_ahead(self, feeds: Feeds, reference: Reference) -> None:
        """Do what can be done before the run's transaction begins."""

    def stage(self, feeds: Feeds, prefixes: Collection[str], matcher: Matcher) -> Found:
        """Let the plan of the run's transaction read stg_keys, stg_tenants, stg_rejected and stg_issues.

        Args:
            feeds: The records; after `stage_ahead` some of the sources may have become absent.
            prefixes: All that ids may begin with.
            matcher: Knows the floors and categories.
        """


class Here:
    """The ordinary engine: all of it in this process, a chunk at a time."""

    extract = staticmethod(one_after_another)

    def __init__(self, settings: Settings, run: Run) -> None:
        self._settings = settings
        self._run = run

    def stage_ahead(self, feeds: Feeds, reference: Reference) -> None:
        """Do nothing: the staging tables are temporary ones of the transaction."""

    def stage(self, feeds: Feeds, prefixes: Collection[str], matcher: Matcher) -> Found:
        """Transform, match and stage the records, a chunk at a time."""
        batch_size = self._settings.sync_batch_size
        return stage_feeds(Stage(self._run.db), matcher, feeds, prefixes, batch_size, self._run.stages)


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
    from etl.engines.ray.engine import on_cluster  # noqa: PLC0415 — never imported otherwise

    with on_cluster(ray_address, settings, run) as engine:
        yield engine
