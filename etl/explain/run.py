"""Explain one record: find its snapshot and its database, and put together what they say."""

from contextlib import ExitStack
from dataclasses import dataclass, field

import polars as pl

from etl.contract.reference import CATEGORIES, FLOORS
from etl.difference.fields import Names
from etl.difference.model import RecordChange
from etl.errors import ConfigError, EtlError
from etl.explain.database import explain_database, known_ids, plan_of
from etl.explain.model import Explained, InDatabase, Source
from etl.explain.source import Sent, explain_source, find_sent, near_ids
from etl.load import schema
from etl.load.postgres import Postgres, PostgresError
from etl.match import Matcher
from etl.settings import Settings
from etl.snapshot import Snapshot, list_snapshots, open_snapshot

_NO_RIGHT = "42501"


@dataclass
class _Search:
    """What is looked for, and what the reader has to know of how it was found."""

    settings: Settings
    unique_id: str
    notes: list[str] = field(default_factory=list)


def explain(
    settings: Settings, db: Postgres | None, unique_id: str, *, snapshot: str | None, limit: int
) -> Explained:
    """Tell all that is known of a record.

    Args:
        settings: Where snapshots are.
        db: The database; None explains from the snapshot alone, with the floors and categories that it keeps.
        unique_id: As the API sent it, or of a row.
        snapshot: Where to look for the raw record; None takes that of the latest run, else the newest one.
        limit: Tell of no more runs than this; 0 tells of all.

    Raises:
        ConfigError: neither the snapshot nor the database knows the id.
        EtlError: the named snapshot, or the database, can't be read.
    """
    search = _Search(settings, unique_id.strip())
    if db is None:
        search.notes.append(
            "Told from a snapshot alone; with a database, also what the CMS has, and since when."
        )
        chosen = _choose(search, None, snapshot)
        return _result(search, chosen, _in_snapshot(search, chosen, None)[1], None)
    db.set_session(settings.lock_timeout_s, settings.statement_timeout_s)
    cms_columns = schema.require_ready(db)
    chosen = _choose(search, db, snapshot)
    with db.transaction(commit=False):
        db.execute(
            "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ WRITE",
            doing="SET TRANSACTION",
        )
        floors, categories = schema.read_reference(db)
        names = Names(floors, categories)
        with Matcher(floors, categories) as matcher:
            found, source = _in_snapshot(search, chosen, matcher)
            plan = None if found is None else _plan(search, db, found, matcher, cms_columns, names)
        ids = known_ids(db, search.unique_id, source)
        return _result(search, chosen, source, explain_database(db, ids, names, plan, limit))


def _choose(search: _Search, db: Postgres | None, named: str | None) -> Snapshot | None:
    """Open the snapshot that was named, else that of the latest run, else the newest; null where there is none."""
    if named is not None:
        return open_snapshot(named)
    candidates = []
    if db is not None:
        candidates += db.read("explain/last_snapshot")["snapshot"].to_list()
    candidates += list_snapshots(search.settings.snapshot_dir)[-1:]
    for path in candidates:
        try:
            return open_snapshot(path)
        except EtlError as error:
            search.notes.append(f"The snapshot of the latest run can't be read: {error}")
    search.notes.append(
        "There is no snapshot to look in, so nothing is told of the source. Name one: --snapshot PATH."
    )
    return None


def _in_snapshot(
    search: _Search, snapshot: Snapshot | None, matcher: Matcher | None
) -> tuple[Sent | None, Source | None]:
    if snapshot is None:
        return None, None
    with ExitStack() as stack:
        if matcher is None:
            matcher = stack.enter_context(_own_matcher(search, snapshot))
        sent = find_sent(snapshot, search.unique_id, matcher, search.settings.sync_batch_size)
        if sent is None:
            search.notes.append(f"The snapshot {snapshot.path} has no such record.")
            return None, None
        return sent, explain_source(snapshot, sent, matcher)


def _own_matcher(search: _Search, snapshot: Snapshot) -> Matcher:
    floors, categories = snapshot.floors, snapshot.categories
    if floors is None or categories is None:
        search.notes.append(
            f"The snapshot {snapshot.path} keeps no floors and categories (`etl extract --with-reference` does), "
            "so no label fits."
        )
    return Matcher(
        pl.DataFrame(schema=FLOORS) if floors is None else floors,
        pl.DataFrame(schema=CATEGORIES) if categories is None else categories,
    )


def _plan(  # noqa: PLR0913, PLR0917 — what a plan is made from
    search: _Search,
    db: Postgres,
    sent: Sent,
    matcher: Matcher,
    cms_columns: dict[str, set[str]],
    names: Names,
) -> tuple[RecordChange, ...] | None:
    try:
        with db.savepoint("explain"):
            return plan_of(db, sent, matcher, cms_columns, names)
    except PostgresError as error:
        if error.sqlstate != _NO_RIGHT:
            raise
        search.notes.append(
            "What a sync would do is not told: the role may not make temporary tables (GRANT TEMPORARY ON DATABASE …)."
        )
        return None


def _result(
    search: _Search, snapshot: Snapshot | None, source: Source | None, database: InDatabase | None
) -> Explained:
    if source is None and (database is None or not (database.rows or database.history)):
        raise ConfigError(_unknown(search, database, snapshot))
    return Explained(search.unique_id, source, database, tuple(search.notes))


def _unknown(search: _Search, database: InDatabase | None, snapshot: Snapshot | None) -> str:
    places = [] if snapshot is None else [f"the snapshot {snapshot.path}"]
    places += [] if database is None else [database.name]
    near = [] if snapshot is None else near_ids(snapshot, search.unique_id, search.settings.sync_batch_size)
    hint = f" Is it one of these: {', '.join(near)}?" if near else ""
    return (
        f"No record is called {search.unique_id!r} in {' or '.join(places) or 'any snapshot'}.{hint} "
        "A record without a uniqueId can't be asked for: `etl runs latest` lists those."
    )
