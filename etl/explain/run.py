"""Explain one record: find its snapshot and its database, and put together what they say."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

import polars as pl

from etl.compare.fields import Names
from etl.config.settings import Settings
from etl.contract.clock import Clock
from etl.contract.reference import CATEGORIES, FLOORS
from etl.contract.source_names import NAME, prefix_of
from etl.db.connection import Postgres
from etl.db.errors import PostgresError
from etl.errors import ConfigError, EtlError
from etl.explain.database import RecordPlan, explain_database, known_ids, plan_of
from etl.explain.model import Explained, InDatabase, RecordInSnapshot
from etl.explain.names import find_named
from etl.explain.near import near_ids
from etl.explain.search import RawRecord, find_raw_record
from etl.explain.source import Labels, explain_source
from etl.extract.source import folder_of
from etl.load import schema
from etl.load.open_documents import OpenDocuments
from etl.load.sources import read_sources
from etl.match import Matcher
from etl.snapshot import Snapshot, list_snapshots, open_snapshot
from etl.transform.tenants import MAX_UNIQUE_ID_BYTES

_NO_RIGHT = "42501"


@dataclass
class _Search:
    """What is looked for, where, and what the reader has to know of how it was found."""

    settings: Settings
    db: Postgres | None
    unique_id: str
    notes: list[str] = field(default_factory=list)
    asked: str = ""
    chosen: Snapshot | None = None


def explain(
    settings: Settings, db: Postgres | None, unique_id: str, *, snapshot: str | None, limit: int
) -> Explained:
    """Return all that is known of a record.

    Args:
        settings: Settings that say where snapshots are.
        db: The database; None explains from the snapshot alone, with the floors and categories that it keeps.
        unique_id: Id that the API sent, or of a row; else a title, a slug, or a table and a number.
        snapshot: Place of the raw record; None takes the snapshot of the latest run, else the newest one.
        limit: The most runs to return; 0 for all.

    Raises:
        ConfigError: neither the snapshot nor the database knows it, or several records fit.
        EtlError: the named snapshot, or the database, can't be read.
    """
    asked = unique_id.strip()
    if not asked or any("\ud800" <= each <= "\udfff" for each in asked):
        raise ConfigError("RECORD is blank or no text. Name a record, e.g. etl explain T100112.")
    search = _Search(settings, db, asked)
    found = _explain(search, snapshot, limit)
    if found is not None:
        return found
    chosen = search.chosen
    named = find_named(db, _looked_in(search, chosen), asked, settings.sync_batch_size)
    if named is not None:
        note = f"{asked!r} is {named.unique_id}: {named}."
        found = _explain(_Search(settings, db, named.unique_id, [note], asked), snapshot, limit)
    if found is None:
        raise ConfigError(_unknown(search, chosen))
    return found


def _explain(search: _Search, snapshot: str | None, limit: int) -> Explained | None:
    if search.db is None:
        return _alone(search, snapshot)
    return _with_database(search, search.db, snapshot, limit)


def _alone(search: _Search, named: str | None) -> Explained | None:
    search.notes.append("Told from a snapshot alone; with a database, also what the CMS has, and since when.")
    chosen = search.chosen = _choose(search, named)
    if chosen is None:
        return None
    floors, categories = _own_reference(search, chosen)
    with Matcher(floors, categories) as matcher:
        labels = Labels(matcher, floors, categories)
        found = _find(search, chosen, matcher)
        source = None if found is None else explain_source(chosen, found, labels)
    return _result(search, source, None)


def _with_database(search: _Search, db: Postgres, named: str | None, limit: int) -> Explained | None:
    db.set_session(search.settings.lock_timeout_s, search.settings.statement_timeout_s)
    documents = OpenDocuments(schema.require_ready(db, "explain"), search.settings.cms_open_s)
    chosen = search.chosen = _choose(search, named)
    with db.transaction(commit=False):
        db.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ WRITE", doing="SET TRANSACTION")
        floors, categories = schema.read_reference(db)
        names = Names(floors, categories)
        source, plan = None, None
        with Matcher(floors, categories) as matcher:
            found = None if chosen is None else _find(search, chosen, matcher)
            if chosen is not None and found is not None:
                source = explain_source(chosen, found, Labels(matcher, floors, categories))
                plan = _plan(search, db, found, matcher, documents, names)
        ids = known_ids(db, search.unique_id, source)
        return _result(search, source, explain_database(db, ids, names, documents.read(db), plan, limit))


def _choose(search: _Search, named: str | None) -> Snapshot | None:
    """Open the snapshot that was named, else of the id's source that of the latest run, else the newest; null for none."""
    if named is not None:
        return open_snapshot(named)
    names, db = _source_names(search), search.db
    prefix = prefix_of(search.unique_id, names)
    latest = [] if db is None else db.read("explain/last_snapshot", prefix)["snapshot"].to_list()
    for path in latest:
        try:
            return open_snapshot(path)
        except EtlError as error:
            search.notes.append(f"The snapshot of the latest run can't be read: {error}")
    try:
        newest = _newest(search, names.get(prefix, ""))
        if newest is not None and newest not in latest:
            return open_snapshot(newest)
    except EtlError as error:
        search.notes.append(f"The newest snapshot in SNAPSHOT_DIR can't be read: {error}")
    search.notes.append(
        "There is no snapshot to look in, so nothing is known of the source. Name one: --snapshot PATH."
    )
    return None


def _source_names(search: _Search) -> dict[str, str]:
    names = {"": ""}
    head, colon, _ = search.unique_id.partition(":")
    with suppress(EtlError):
        # whatever the settings name now, there may be snapshots of it
        if colon and NAME.fullmatch(head) and _newest(search, head):
            names[f"{head}:"] = head
    if search.db is not None:
        names |= {prefix: source.origin.name for prefix, source in read_sources(search.db).known.items()}
    with suppress(ConfigError):  # an API is not needed here
        names |= {source.id_prefix: source.name for source in search.settings.sources()}
    return names


def _newest(search: _Search, name: str) -> str | None:
    return next(iter(list_snapshots(folder_of(search.settings.snapshot_dir, name))[-1:]), None)


def _find(search: _Search, snapshot: Snapshot, matcher: Matcher) -> RawRecord | None:
    """Find the record of that id, else the one that the row of that id was once made of."""
    size, clock = search.settings.sync_batch_size, Clock(search.settings.mall_timezone, datetime.now(UTC))
    found = find_raw_record(snapshot, search.unique_id, matcher, size, clock)
    if found is not None:
        return found
    if search.db is not None:
        for source_id in search.db.read("explain/source_ids", search.unique_id)["source_unique_id"]:
            found = find_raw_record(snapshot, source_id, matcher, size, clock)
            if found is not None:
                search.notes.append(
                    f"The source gives no row {search.unique_id} any more; this is its record {source_id}, "
                    "of which that row was made."
                )
                return found
    search.notes.append(f"The snapshot {snapshot.path} has no such record.")
    return None


def _own_reference(search: _Search, snapshot: Snapshot) -> tuple[pl.DataFrame, pl.DataFrame]:
    floors, categories = snapshot.floors, snapshot.categories
    if floors is None or categories is None:
        search.notes.append(
            f"The snapshot {snapshot.path} keeps no floors and categories (`etl extract --with-reference` does), "
            "so no label fits."
        )
    return (
        pl.DataFrame(schema=FLOORS) if floors is None else floors,
        pl.DataFrame(schema=CATEGORIES) if categories is None else categories,
    )


def _plan(  # noqa: PLR0913, PLR0917 — what a plan is made from
    search: _Search,
    db: Postgres,
    sent: RawRecord,
    matcher: Matcher,
    documents: OpenDocuments,
    names: Names,
) -> RecordPlan | None:
    try:
        with db.savepoint("explain"):
            return plan_of(db, sent, matcher, documents, names)
    except PostgresError as error:
        if error.sqlstate != _NO_RIGHT:
            raise
        search.notes.append(
            "What a sync would do is not shown: the role may not make temporary tables (GRANT TEMPORARY ON DATABASE …)."
        )
        return None


def _result(
    search: _Search, source: RecordInSnapshot | None, database: InDatabase | None
) -> Explained | None:
    """Return what was found; null where nothing is known of the id."""
    if source is None and (database is None or not (database.rows or database.history)):
        return None
    asked = search.asked or search.unique_id
    return Explained(asked, search.unique_id, source, database, tuple(search.notes), search.settings.panel)


def _unknown(search: _Search, snapshot: Snapshot | None) -> str:
    places = [] if snapshot is None else [f"the snapshot {snapshot.path}"]
    places += [] if search.db is None else [search.db.shown]
    near = near_ids(
        search.db, _looked_in(search, snapshot), search.unique_id, search.settings.sync_batch_size
    )
    hint = f" Is it one of these: {', '.join(map(repr, near))}?" if near else ""
    return (
        f"No record is called {search.unique_id!r} in {' or '.join(places) or 'any snapshot'}, by uniqueId, title or "
        f"slug.{hint} "
        f"A record without a uniqueId, or with one of more than {MAX_UNIQUE_ID_BYTES:,} bytes, is rejected "
        "and can't be asked for: `etl runs latest` lists those."
    )


def _looked_in(search: _Search, snapshot: Snapshot | None) -> Iterator[Snapshot]:
    """Yield the snapshot; without a database, the newest one of each other source too."""
    if snapshot is not None:
        yield snapshot
    if search.db is None:
        for prefix, name in _source_names(search).items():
            if snapshot is None or prefix != snapshot.manifest.id_prefix:
                with suppress(EtlError):
                    if newest := _newest(search, name):
                        yield open_snapshot(newest)
