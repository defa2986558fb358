"""The feed of a run: the records of one source, from its API or from a saved snapshot."""

import time
from dataclasses import dataclass, replace
from functools import partial

import polars as pl

from etl.config.settings import Settings, Source
from etl.contract.source_names import Origin
from etl.errors import IncompleteExtract
from etl.extract.extraction import extract
from etl.extract.source import folder_of, log_notes, open_client, snapshot_info
from etl.model.results import ExtractResult
from etl.runtime.timing import StageTimer
from etl.snapshot import Snapshot, SnapshotWriter, open_snapshot, prune_snapshots


@dataclass(frozen=True)
class Feed:
    """The records of a source in a run.

    Attributes:
        origin: The source.
        snapshot: The records.
        extracted: How they came.
    """

    origin: Origin
    snapshot: Snapshot
    extracted: ExtractResult

    @property
    def is_complete(self) -> bool:
        """Whether the API gave what it promised."""
        return self.extracted.is_complete


@dataclass(frozen=True)
class ExtractRequest:
    """What is asked of an extraction.

    Attributes:
        root: Folder or s3:// address to put the snapshot in; None is the setting.
        sync_id: The name of the snapshot, which is the run's; None for one of its own.
        allow_partial: Keep what came even where it is less than promised.
        reference: Floors and categories of this moment, to be kept beside the records.
    """

    root: str | None = None
    sync_id: str | None = None
    allow_partial: bool = False
    reference: tuple[pl.DataFrame, pl.DataFrame] | None = None


def fetch(settings: Settings, source: Source, stages: StageTimer, request: ExtractRequest) -> Feed:
    """Fetch every page of a source's API into a new snapshot; a named one's goes into a folder of that name.

    Args:
        settings: Where snapshots go, and how many are kept of each source.
        source: Where the API is, and how to treat it.
        stages: Gets the progress.
        request: What is asked of the extraction.

    Raises:
        SourceError: the API did not answer as promised; IncompleteExtract: it gave less than promised.
        EtlError: the snapshot can't be written.
    """
    api, folder = source.api, folder_of(request.root or settings.snapshot_dir, source.name)
    started = time.monotonic()
    log_notes(api)
    with stages.timed("extract"), open_client(api) as client:
        with SnapshotWriter(folder, sync_id=request.sync_id) as writer:
            extracted = extract(
                client,
                writer,
                page_size=api.page_size,
                in_flight=api.in_flight,
                deadline_s=api.deadline_s,
                allow_partial=request.allow_partial,
                progress=partial(stages.progress, "extract"),
            )
            snapshot = writer.finish(**snapshot_info(source, extracted, request.reference))
        pruned = prune_snapshots(folder, settings.snapshot_keep, snapshot.id)
    named = {"source": source.name, "source_s": round(time.monotonic() - started, 3)} if source.name else {}
    stages.done("extract", **extracted.figures(), pruned=len(pruned), **named)
    return Feed(source.origin, snapshot, replace(extracted, snapshot=snapshot.address))


def replay(path: str) -> Feed:
    """Open a saved snapshot.

    Raises:
        ConfigError: it can't be read.
        ContractError: it is damaged.
    """
    snapshot = open_snapshot(path)
    manifest = snapshot.manifest
    return Feed(Origin(manifest.source_name, manifest.id_prefix), snapshot, snapshot.extracted)


def require_complete(extracted: ExtractResult, *, allow_partial: bool) -> None:
    """Make sure that the API gave what it promised, or that less is allowed.

    Raises:
        IncompleteExtract: it gave less.
    """
    if extracted.is_complete or allow_partial:
        return
    raise IncompleteExtract(
        f"The snapshot {extracted.snapshot} is not whole: {'; '.join(extracted.problems[:3])}. Nothing was written. "
        "Make a new one, or load what it has with --allow-partial."
    )
