"""Several sources on a cluster: each whole one is the work of one worker, several at a time.

A mall has some hundred records: its pages are not worth sharing out. Within one worker pace, passes and proof are those of
the ordinary engine, which does the work there, so each API is asked no more than the settings say of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from secrets import token_hex
from types import ModuleType

from etl._version import __version__
from etl.config.settings import Settings, Source
from etl.engines.ray import tasks
from etl.engines.ray.extract import extract_shards
from etl.engines.ray.spread import left_until, moment_after, spread
from etl.errors import SourceError
from etl.extract.feeds import ExtractOutcome, ExtractRequest, warn_failed
from etl.extract.source import extract_snapshot, figures_of, log_notes
from etl.model.results import ExtractResult
from etl.runtime.progress import NoProgress
from etl.runtime.timing import StageTimer
from etl.snapshot import Manifest, Snapshot
from etl.snapshot.storage import locate


@dataclass(frozen=True)
class FetchedSource:
    """What a source gave, as it travels.

    Attributes:
        address: Of the snapshot.
        manifest: Of the snapshot.
        extracted: How it came.
        error: Why there is none of it.
    """

    address: str = ""
    manifest: Manifest | None = None
    extracted: ExtractResult | None = None
    error: SourceError | None = None

    def given(self) -> ExtractOutcome:
        """Return it as `etl.extract.feeds` has it."""
        if self.manifest is None or self.extracted is None:
            return self.error or SourceError("A worker returned nothing.")
        return Snapshot(locate(self.address), self.manifest), self.extracted


def fetch_source(
    folder: str, keep: int, source: Source, asked: ExtractRequest, ends_at: float
) -> FetchedSource:
    """Fetch a whole source, in a worker.

    Doing it again does no harm: it makes another snapshot, and the one that nobody names is one among those that are kept.
    The name of each has an end of its own, as the first try may be under way still, on a node that is cut off.

    Args:
        folder: SNAPSHOT_DIR.
        keep: SNAPSHOT_KEEP.
        source: Where the API is, and how to treat it.
        asked: What is asked of it.
        ends_at: Seconds since 1970 at which time is up for all sources; infinite for never.

    Raises:
        EtlError: The snapshot can't be written.
    """
    limited = replace(source, api=replace(source.api, deadline_s=left_until(ends_at)))
    # a worker gets none of the settings with secrets: its source has those that it sends
    settings = Settings.model_construct(snapshot_dir=folder, snapshot_keep=keep)
    if asked.sync_id:
        asked = replace(asked, sync_id=f"{asked.sync_id}-{token_hex(3)}")
    try:
        snapshot, extracted = extract_snapshot(settings, limited, StageTimer(NoProgress()), **vars(asked))
    except SourceError as error:
        return FetchedSource(error=error)
    return FetchedSource(snapshot.address, snapshot.manifest, extracted)


def extract_sources(  # noqa: PLR0913, PLR0917 — the cluster, the settings and what is asked
    ray: ModuleType,
    slots: int,
    settings: Settings,
    sources: Sequence[Source],
    stages: StageTimer,
    asked: ExtractRequest,
) -> list[ExtractOutcome]:
    """Fetch every page of each source's API into a snapshot of its own; a single source's pages are shared out.

    Args:
        ray: Connected.
        slots: How many tasks may run at a time.
        settings: Of the run.
        sources: In the order of the settings.
        stages: Is told of the progress.
        asked: What is asked of it.

    Raises:
        EtlError: a snapshot can't be written, or the cluster failed.
    """
    if len(sources) == 1:
        try:
            return [extract_shards(ray, slots, settings, sources[0], stages, asked)]
        except SourceError as error:
            return [error]
    ends_at = moment_after(settings.api_deadline_s)
    folder, keep = settings.snapshot_dir, settings.snapshot_keep
    calls = ((__version__, folder, keep, source, asked, ends_at) for source in sources)
    given: dict[int, ExtractOutcome] = {}
    with stages.timed("extract"):
        for number, fetched in spread(ray, tasks.fetch_source, calls, slots):
            given[number] = fetched.given()
            _tell(sources[number], given[number], stages)
            stages.progress("extract", len(given), len(sources))
    return [given[number] for number in range(len(sources))]


def _tell(source: Source, given: ExtractOutcome, stages: StageTimer) -> None:
    log_notes(source.api)
    if isinstance(given, SourceError):
        warn_failed(source, given)
    else:
        stages.done("extract", **figures_of(given[1]), source=source.name)
