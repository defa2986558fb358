"""The job's own memory of sources: which ids are whose, how each one's last whole feed was, what became of it in a run."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from etl.db.connection import Postgres
from etl.load.guards import LastRun
from etl.model.results import PlanCounts, SourceResult

_FIGURES = {
    "processed": "records_processed",
    "created": "records_created",
    "updated": "records_updated",
    "unchanged": "records_unchanged",
    "skipped": "records_skipped",
    "rejected": "records_rejected",
    "duplicates": "records_duplicate",
    "missing": "records_missing",
    "inactivated": "records_inactivated",
    "unmapped_floors": "unmapped_floors",
    "unmapped_categories": "unmapped_categories",
}
"""The figures of a source, each with its column of etl.sync_sources."""


@dataclass(frozen=True)
class KnownSource:
    """What the job knows of a source that a run loaded.

    Attributes:
        id_prefix: What its ids begin with.
        name: Its last name.
        address: Its last address, without credentials; None where only snapshots of it were loaded.
        last: Its last whole feed; None where there was none.
    """

    id_prefix: str
    name: str
    address: str | None
    last: LastRun | None


@dataclass(frozen=True)
class GuardFigures:
    """Figures of a source's plan that guards look at.

    Attributes:
        processed: Records of the feed.
        changed: Rows that would be updated or set INACTIVE.
        gone: Records that the last sync had and the feed has not.
        known: Records that the last sync had.
        unmapped_floors: Records whose floor label fits no floor.
        unmapped_categories: Records whose category labels fit no category.
    """

    processed: int
    changed: int
    gone: int
    known: int
    unmapped_floors: int
    unmapped_categories: int


def known_sources(db: Postgres) -> dict[str, KnownSource]:
    """Return the sources that runs loaded, by their prefixes; with '' where the nameless one was ever loaded."""
    found: dict[str, KnownSource] = {}
    for prefix, name, address, sync_id, *figures in db.read("audit/sources").iter_rows():
        last = None if sync_id is None else LastRun(sync_id, *figures)
        found[prefix] = KnownSource(prefix, name, address, last)
    alone = last_good_run(db)
    own = found.get("")
    if alone and (own is None or own.last is None or is_later(db, alone.sync_id, own.last.sync_id)):
        address = own.address if own else db.value("audit/last_address")
        found[""] = KnownSource("", own.name if own else "", address, alone)
    return found


def guard_figures_of_all(db: Postgres, counts: PlanCounts) -> GuardFigures:
    """Return the figures of the plan's only source."""
    gone, known = db.read("plan/count_gone").row(0)
    return GuardFigures(
        counts.processed,
        counts.updated + counts.inactivated,
        gone,
        known,
        counts.unmapped_floors,
        counts.unmapped_categories,
    )


def guard_figures_by_source(db: Postgres) -> dict[str, GuardFigures]:
    """Return the figures of each source of the plan, by its prefix."""
    gone = {prefix: (gone, known) for prefix, gone, known in db.read("plan/count_gone_by_source").iter_rows()}
    return {
        prefix: GuardFigures(
            found["processed"],
            found["updated"] + found["inactivated"],
            *gone[prefix],
            found["unmapped_floors"],
            found["unmapped_categories"],
        )
        for prefix, found in count_by_source(db).items()
    }


def count_by_source(db: Postgres) -> dict[str, dict[str, int]]:
    """Count what the plan does with the records of each source, by its prefix."""
    rows = db.read("plan/count_by_source").iter_rows(named=True)
    return {row["id_prefix"]: {name: int(row[name]) for name in _FIGURES} for row in rows}


def keep_sources(db: Postgres, sync_id: str, sources: Iterable[SourceResult]) -> None:
    """Keep what became of the sources of a run that is done, in its own transaction."""
    rows = _rows(sources)
    db.run("audit/write_sources", sync_id, rows)
    db.run("audit/keep_sources", sync_id, rows)


def with_counts(source: SourceResult, by_source: Mapping[str, dict[str, int]]) -> SourceResult:
    """Return a source with what happened to its records; nothing did to those of one that failed."""
    if source.status == "FAILED":
        return source
    counts = by_source[source.id_prefix]
    return replace(source, counts=counts, status="PARTIAL" if counts["rejected"] else source.status)


def keep_failed(db: Postgres, sync_id: str, sources: Iterable[SourceResult]) -> None:
    """Keep what became of the sources of a run that failed: nothing of any was loaded."""
    db.run("audit/write_sources", sync_id, _rows(replace(source, status="FAILED") for source in sources))


def read_sources(db: Postgres, sync_id: str) -> pl.DataFrame:
    """Return what became of the sources of a run; no row where it had only the one without a name."""
    return db.read("audit/run_sources", sync_id)


def _rows(sources: Iterable[SourceResult]) -> str:
    return json.dumps([_row(place, source) for place, source in enumerate(sources, start=1)])


def _row(place: int, source: SourceResult) -> dict[str, Any]:
    return {
        "ordinal": place,
        "source": source.name,
        "id_prefix": source.id_prefix,
        "status": source.status,
        "external_api_url": source.address,
        "snapshot": source.snapshot,
        "is_complete": source.is_complete,
        "pages": source.pages,
        "records_fetched": source.records,
        **{column: source.counts.get(name) for name, column in _FIGURES.items()},
        "error": source.error,
    }


def is_later(db: Postgres, sync_id: str, other: str) -> bool:
    """Tell whether a run began after another one."""
    return bool(db.value("audit/is_later", sync_id, other))


def last_good_run(db: Postgres) -> LastRun | None:
    """Return the last run that loaded a whole feed, or None before the first."""
    rows = db.read("audit/last_good_run")
    return LastRun(*rows.row(0)) if rows.height else None
