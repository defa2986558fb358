"""The job's own memory of sources, `etl.sources`: which ids are whose, and how each one's last whole feed was."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from etl.contract.counters import PlanCounts
from etl.contract.findings import CODES
from etl.contract.issue import ISSUE, words
from etl.contract.source_names import Origin, Prefixes, label_of
from etl.db.connection import Postgres
from etl.load.guards import LastRun
from etl.model.results import ExtractResult


@dataclass(frozen=True)
class KnownSource:
    """What the job knows of a source that a run loaded.

    Attributes:
        origin: Its last name and address, and what its ids begin with; no address where only snapshots of it were loaded.
        last_sync_id: The last run that loaded it.
        last: Its last whole feed; None where there was none.
    """

    origin: Origin
    last_sync_id: str
    last: LastRun | None


@dataclass(frozen=True)
class Sources:
    """All sources at the moment of a plan.

    Attributes:
        known: Those that runs loaded, by what their ids begin with.
        named: What the ids of those begin with that the settings name, in their order.
    """

    known: Mapping[str, KnownSource]
    named: tuple[str, ...] = ()

    def prefixes(self, own: str) -> Prefixes:
        """Return what ids may begin with, seen from one source."""
        others = {prefix for prefix in (*self.known, *self.named) if prefix and prefix != own}
        return Prefixes(own, tuple(sorted(others)))

    def last(self, origin: Origin) -> LastRun | None:
        """Return the last whole feed of a source; None where there was none."""
        return self.known[origin.id_prefix].last if origin.id_prefix in self.known else None

    def last_sync_id(self, origin: Origin) -> str | None:
        """Return the last run that loaded a source; None where there was none."""
        return self.known[origin.id_prefix].last_sync_id if origin.id_prefix in self.known else None

    def is_known(self, origin: Origin) -> bool:
        """Tell whether a run loaded a source before."""
        return origin.id_prefix in self.known


def read_sources(db: Postgres, named: Iterable[str] = ()) -> Sources:
    """Return the sources that runs loaded, with those that the settings name."""
    known: dict[str, KnownSource] = {}
    for prefix, name, address, latest, sync_id, *figures in db.read("audit/sources").iter_rows():
        last = None if sync_id is None else LastRun(sync_id, *figures)
        known[prefix] = KnownSource(Origin(name, prefix, address), latest, last)
    return Sources(known, tuple(named))


def keep_source(
    db: Postgres, sync_id: str, origin: Origin, extracted: ExtractResult, counts: PlanCounts
) -> None:
    """Remember the source that a run loaded, in the run's own transaction."""
    figures = extracted.records, counts.unmapped_floors, counts.unmapped_categories
    source = origin.id_prefix, origin.name, origin.address
    db.run("audit/keep_source", sync_id, *source, extracted.is_complete, *figures)


def report_lost(db: Postgres, origin: Origin, sources: Sources) -> pl.DataFrame:
    """Return a finding for each source whose records are in the CMS and that the settings do not name any more.

    They are findings of the first source's run, and of none that replays a snapshot.
    """
    is_asked = origin.address is not None and sources.named[:1] == (origin.id_prefix,)
    is_lost = is_asked and sources.known.keys() - set(sources.named)
    rows = list(_lost(db, sources.named)) if is_lost else []
    return pl.DataFrame(rows, schema=ISSUE, orient="row")


def _lost(db: Postgres, named: tuple[str, ...]) -> Iterator[tuple[str | None, ...]]:
    for name, records in db.read("audit/count_lost", json.dumps(named)).iter_rows():
        message = words("source_not_named", count=records, source=label_of(name))
        yield None, CODES["source_not_named"].severity, "source_not_named", None, message, name or None
