"""The feeds of a run: of each source a snapshot of its records, or why there is none; one source's fault is its own.

Sources are asked one after another, in the order of the settings: memory, pace and the way out after a signal are
those of one source, and the run is the same in whatever order the APIs would answer. (The workers of a cluster ask
several at a time.)
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import polars as pl

from etl.config.settings import Settings, Source
from etl.contract.source_names import label_of, said_of
from etl.errors import ConfigError, EtlError, GuardError, IncompleteExtract, SourceError
from etl.extract.source import extract_snapshot, replayed
from etl.model.results import ExtractResult, Side, SourceResult
from etl.runtime.log import get_logger
from etl.runtime.timing import StageTimer
from etl.snapshot import Snapshot, open_snapshot

_LEAST_S = 0.001  # 0 would be no limit


@dataclass(frozen=True)
class Feed:
    """A source's records in a run.

    Attributes:
        name: Of the source; '' for the one without a name.
        id_prefix: What its ids begin with.
        address: Of its API, without credentials; None for a snapshot that was replayed.
        snapshot: The records.
        extracted: How they came.
    """

    name: str
    id_prefix: str
    address: str | None
    snapshot: Snapshot
    extracted: ExtractResult


@dataclass(frozen=True)
class Absent:
    """A source of which a run loads nothing; its rows stay as they are.

    Attributes:
        name: As of a Feed.
        id_prefix: Likewise.
        address: Likewise.
        error: Why.
        extracted: What came of it all the same.
    """

    name: str
    id_prefix: str
    address: str | None
    error: EtlError
    extracted: ExtractResult | None = None


class SourcesRefused(EtlError):  # noqa: N818 — as IncompleteExtract, an event more than an error
    """Some of a run's sources are refused by guards of theirs; the others may go on without them.

    Args:
        errors: Why, by the sources' prefixes.
    """

    def __init__(self, errors: Mapping[str, EtlError]) -> None:
        super().__init__("; ".join(map(str, errors.values())))
        self.errors = errors


@dataclass(frozen=True)
class Feeds:
    """What the sources of a run gave.

    Attributes:
        sources: In the order of the settings.
    """

    sources: tuple[Feed | Absent, ...]

    @property
    def present(self) -> tuple[Feed, ...]:
        """The sources whose records are loaded."""
        return tuple(source for source in self.sources if isinstance(source, Feed))

    @property
    def absent(self) -> tuple[Absent, ...]:
        """The sources of which nothing is loaded."""
        return tuple(source for source in self.sources if isinstance(source, Absent))

    @property
    def is_single(self) -> bool:
        """Whether there is one source only: what is wrong with it ends the run."""
        return len(self.sources) == 1

    @property
    def is_plain(self) -> bool:
        """Whether that is the source without a name: the run is told as it was before there were several."""
        return self.is_single and not (self.sources[0].name or self.sources[0].id_prefix)

    @property
    def records(self) -> int:
        """The records of all feeds."""
        return sum(feed.snapshot.record_count for feed in self.present)

    def without(self, errors: Mapping[str, EtlError]) -> "Feeds":
        """Return the feeds without those that are refused, by their prefixes."""
        sources = (
            _absent(source, errors[source.id_prefix])
            if isinstance(source, Feed) and source.id_prefix in errors
            else source
            for source in self.sources
        )
        return Feeds(tuple(sources))

    def require_some(self) -> None:
        """Make sure that there is something to load.

        Raises:
            EtlError: there is not; of the kind of the first source's error.
        """
        if self.present:
            return
        first = self.absent[0].error
        if self.is_single:
            raise first
        told = "\n".join(f"- {label_of(source.name)}: {source.error}" for source in self.absent)
        raise _kind(first)(f"None of the {len(self.sources)} sources can be loaded:\n{told}")

    def known(self, others: Iterable[str]) -> dict[str, bool]:
        """Return each prefix that ids may have: of these sources, of others, and none; and whether its feed is whole."""
        own = {
            source.id_prefix: isinstance(source, Feed) and source.extracted.is_complete
            for source in self.sources
        }
        return own | {prefix: False for prefix in ("", *others) if prefix not in own}

    def as_dict(self) -> dict[str, Any]:
        """Return what came, ready for JSON: of the nameless source alone its extraction, else what each gave."""
        if self.is_plain:
            return self.present[0].extracted.as_dict()
        sources = [asdict(source) for source in self.sourced()]
        for source in sources:
            del source["counts"]
        return {"status": "PARTIAL" if self.absent else "COMPLETED", "sources": sources}

    def side(self, *, is_saved: bool) -> Side:
        """Say where the records are from, for a diff."""
        sides = [Side.of(feed.snapshot, is_saved=is_saved) for feed in self.present]
        names = [
            side.name if is_saved or not feed.name else f"{feed.name}={side.name}"
            for feed, side in zip(self.present, sides, strict=True)
        ]
        return replace(sides[0], name=" ".join(names), records=self.records)

    def notes(self) -> tuple[str, ...]:
        """Say of a diff which sources are not in it, and why."""
        return tuple(f"Nothing of {label_of(each.name)} is loaded. {each.error}" for each in self.absent)

    def sourced(self) -> tuple[SourceResult, ...]:
        """Return what is known of each source before anything is loaded; nothing where the only one has no name."""
        return () if self.is_plain else tuple(map(_sourced, self.sources))

    def extracted(self) -> ExtractResult:
        """Return how the feeds came: of one its own, of several all together."""
        if self.is_single:
            return self.present[0].extracted
        parts = [(feed.name, feed.extracted) for feed in self.present]
        requests = sum(part.pages for _, part in parts)
        latency_s = sum(part.latency_avg_s * part.pages for _, part in parts)
        return ExtractResult(
            snapshot="",
            records=sum(part.records for _, part in parts),
            pages=requests,
            retries=_sum(part.retries for _, part in parts),
            is_complete=all(part.is_complete for _, part in parts),
            problems=tuple(said_of(name, problem) for name, part in parts for problem in part.problems),
            unknown_fields=_sum(part.unknown_fields for _, part in parts),
            not_text=_sum(part.not_text for _, part in parts),
            latency_avg_s=round(latency_s / requests, 4) if requests else 0.0,
            latency_max_s=max(part.latency_max_s for _, part in parts),
        )


def _sum(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for each in counts:
        total.update(each)
    return dict(total)


def _absent(feed: Feed, error: EtlError) -> Absent:
    get_logger().warning("source_left_out", source=label_of(feed.name), error=error)
    return Absent(feed.name, feed.id_prefix, feed.address, error, feed.extracted)


def _sourced(source: Feed | Absent) -> SourceResult:
    came = source.extracted
    if isinstance(source, Absent):
        told = SourceResult(source.name, source.id_prefix, "FAILED", source.address, error=str(source.error))
    else:
        problems = "; ".join(source.extracted.problems) or None
        status: Literal["PARTIAL", "COMPLETED"] = "PARTIAL" if problems else "COMPLETED"
        told = SourceResult(source.name, source.id_prefix, status, source.address, error=problems)
    if came is None:
        return told
    return replace(
        told, snapshot=came.snapshot, is_complete=came.is_complete, pages=came.pages, records=came.records
    )


def _kind(error: EtlError) -> type[EtlError]:
    kinds = (IncompleteExtract, SourceError, GuardError)
    return next((kind for kind in kinds if isinstance(error, kind)), EtlError)


@dataclass(frozen=True)
class ExtractRequest:
    """What is asked of an extraction.

    Attributes:
        root: Folder or s3:// address to put the snapshots in; None is the setting.
        sync_id: The run, by which the snapshots are named; None where there is none.
        allow_partial: Keep what came even where it is less than promised.
        reference: Floors and categories of this moment, to be kept beside the records.
    """

    root: str | None = None
    sync_id: str | None = None
    allow_partial: bool = False
    reference: tuple[pl.DataFrame, pl.DataFrame] | None = None


ExtractOutcome = tuple[Snapshot, ExtractResult] | SourceError
"""What a source gave, or why it gave nothing."""

Extract = Callable[[Settings, Sequence[Source], StageTimer, ExtractRequest], Sequence[ExtractOutcome]]
"""Fetches all sources, and returns what each gave, in their order."""


def fetch(
    settings: Settings, stages: StageTimer, asked: ExtractRequest, extract: "Extract | None" = None
) -> Feeds:
    """Fetch every page of each source's API into a snapshot of its own.

    A source whose API fails, or gives less than it promised, is absent. API_DEADLINE_S holds for all together.

    Args:
        settings: Where the APIs are, and how to treat them.
        stages: Is told of the progress.
        asked: What is asked of it.
        extract: Who fetches; None for this process, one source after another.

    Raises:
        ConfigError: the settings are wrong.
        EtlError: a snapshot can't be written.
    """
    sources = settings.sources()
    found: list[Feed | Absent] = []
    given = (extract or one_after_another)(settings, sources, stages, asked)
    for source, each in zip(sources, given, strict=True):
        told = source.name, source.id_prefix, source.api.shown
        found.append(Absent(*told, each) if isinstance(each, SourceError) else Feed(*told, *each))
    feeds = Feeds(tuple(found))
    if not feeds.is_single:
        failed = len(feeds.absent)
        stages.done("extract", records=feeds.records, sources=len(sources), sources_failed=failed)
    return feeds


def one_after_another(
    settings: Settings, sources: Sequence[Source], stages: StageTimer, asked: ExtractRequest
) -> list[ExtractOutcome]:
    """Fetch sources in this process; each may take an equal part of what is left of API_DEADLINE_S."""
    ends_at = time.monotonic() + settings.api_deadline_s
    given: list[ExtractOutcome] = []
    for place, source in enumerate(sources):
        share_s = max((ends_at - time.monotonic()) / (len(sources) - place), _LEAST_S)
        limited = replace(source.api, deadline_s=round(share_s, 3)) if settings.api_deadline_s else source.api
        of = replace(source, api=source.api if len(sources) == 1 else limited)
        try:
            given.append(extract_snapshot(settings, of, stages, **vars(asked)))
        except SourceError as error:
            if len(sources) > 1:
                warn_failed(source, error)
            given.append(error)
    return given


def warn_failed(source: Source, error: SourceError) -> None:
    """Log that one of several sources gave nothing."""
    get_logger().warning("source_failed", source=label_of(source.name), error=error)


def replay(paths: Sequence[str], stages: StageTimer) -> Feeds:
    """Open saved snapshots, one of each source.

    Raises:
        ConfigError: one can't be read, or two are of one source.
        ContractError: one is damaged.
    """
    found: list[Feed | Absent] = []
    with stages.timed("extract"):
        for path in paths:
            snapshot = open_snapshot(path)
            manifest = snapshot.manifest
            if twice := [each for each in found if each.id_prefix == manifest.id_prefix]:
                raise ConfigError(
                    f"{path} is of {label_of(manifest.source_name)}, as a snapshot before it"
                    f"{'' if twice[0].name == manifest.source_name else f' ({twice[0].name})'}. "
                    "Give one of each source."
                )
            found.append(Feed(manifest.source_name, manifest.id_prefix, None, snapshot, replayed(snapshot)))
    feeds = Feeds(tuple(found))
    ids = " ".join(feed.snapshot.id for feed in feeds.present)
    named = {} if feeds.is_single else {"sources": len(found)}
    stages.done("extract", records=feeds.records, replayed=ids, **named)
    return feeds


def not_whole(extracted: ExtractResult, outcome: str = " Nothing was written.") -> IncompleteExtract:
    """Return the error of a snapshot that has less than its API promised."""
    return IncompleteExtract(
        f"The snapshot {extracted.snapshot} is not whole: {'; '.join(extracted.problems[:3])}.{outcome} "
        "Make a new one, or load what it has with --allow-partial."
    )
