"""Who does the work between the API and the staging tables: this process, or the workers of a Ray cluster.

Light, as every command that has the option loads it: an engine is imported once it is asked for, and this module is
the only one that knows where Ray's is.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from etl.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from etl.config.settings import Settings, Source
    from etl.contract.source_names import Prefixes
    from etl.db.connection import Postgres
    from etl.extract.feed import ExtractRequest, Feed
    from etl.load.batches import StagingCounts
    from etl.load.schema import ReferenceFrames
    from etl.model.options import EngineName, SyncOptions
    from etl.runs.run import Run
    from etl.runtime.timing import StageTimer

    Fetch = Callable[[Settings, Source, StageTimer, ExtractRequest], Feed]
    """Fetches a source, as `etl.extract.feed.fetch`."""


class Engine(Protocol):
    """How a sync gets its records into the staging tables."""

    def extract(self, source: Source, request: ExtractRequest) -> Feed:
        """Fetch every page of a source's API into a new snapshot, as `etl.extract.feed.fetch`."""

    def stage_ahead(self, feed: Feed, reference: ReferenceFrames, named: tuple[str, ...]) -> None:
        """Do what can be done before the run's transaction begins.

        Args:
            feed: The records.
            reference: The floors and categories of this moment.
            named: What the ids of the sources begin with that the settings name.
        """

    def stage(self, feed: Feed, reference: ReferenceFrames, prefixes: Prefixes) -> StagingCounts:
        """Let the plan of the run's transaction read stg_keys, stg_tenants, stg_rejected and stg_issues.

        Args:
            feed: The records.
            reference: The floors and categories to match with.
            prefixes: What ids may begin with.
        """


@contextmanager
def open_engine(options: SyncOptions, settings: Settings, run: Run) -> Iterator[Engine]:
    """Give the engine of a sync for the length of the block.

    Raises:
        ConfigError: Ray is not installed, or its staging may not be made.
        ClusterError: The cluster can't be reached.
    """
    if options.engine == "local":
        from etl.engines.local import LocalEngine  # noqa: PLC0415 — Polars and DuckDB are not loaded before

        yield LocalEngine(settings, run.db, run.stages, recreate=options.recreate)
        return
    from etl.engines.ray.engine import on_cluster  # noqa: PLC0415 — never imported otherwise

    with on_cluster(options, settings, run) as engine:
        yield engine


def require_engine(name: EngineName, ray_address: str | None) -> None:
    """Make sure that an engine is there, before anything else is tried.

    Raises:
        ConfigError: Ray is not installed, or its address goes with another engine.
    """
    if name == "ray":
        from etl.engines.ray.connection import require_ray  # noqa: PLC0415 — never imported otherwise

        require_ray(ray_address)
    elif ray_address is not None:
        raise ConfigError("--ray-address goes with --engine ray only.")


def describe_cluster(ray_address: str | None, tasks: int) -> str:
    """Return what the cluster is, in words.

    Raises:
        ClusterError: It can't be reached, or started.
    """
    from etl.engines.ray.connection import describe  # noqa: PLC0415 — never imported otherwise

    return describe(ray_address, tasks)


def require_staging_right(db: Postgres) -> None:
    """Make sure that the role may make the tables that the workers of a cluster stage in.

    Raises:
        ConfigError: It may not.
    """
    from etl.engines.ray.shared_staging import require_right  # noqa: PLC0415 — never imported otherwise

    require_right(db)


def open_fetch(
    name: EngineName, ray_address: str | None, settings: Settings
) -> AbstractContextManager[Fetch]:
    """Return what fetches sources, as a context, for `etl extract`.

    Raises:
        ConfigError: Ray is not installed.
        ClusterError: The cluster can't be reached.
    """
    if name == "local":
        from contextlib import nullcontext  # noqa: PLC0415 — as below

        from etl.extract.feed import fetch  # noqa: PLC0415 — Polars is not loaded before

        return nullcontext(fetch)
    from etl.engines.ray.engine import fetching  # noqa: PLC0415 — never imported otherwise

    return fetching(ray_address, settings)
