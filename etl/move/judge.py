"""Why a record can't be moved: in words, before anything is written."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from etl.contract.tenant import KINDS
from etl.db.connection import Postgres
from etl.errors import ConfigError, GuardError
from etl.explain.near import near_ids
from etl.load.open_documents import OpenDocuments, OpenRows
from etl.load.plan import lock_records

_SINGULAR = {"shops": "a shop", "dinings": "a dining"}

State = Mapping[str, Any]
"""A row of sql/move/states.sql."""


def find_rows(db: Postgres, unique_id: str, documents: OpenDocuments, *, lock_rows: bool) -> Sequence[State]:
    """List the rows that move, in mov_rows and as the result, once nothing is in the way.

    All rows of the record in the wrong table move together, whichever of them is named: the kind is the record's.

    Raises:
        ConfigError: nobody knows the id.
        GuardError: the record, or one of its rows, can't be moved as things are.
    """
    db.run("move/find_rows", unique_id)
    if lock_rows:
        lock_records(db, "move/lock_rows", KINDS)
    states = db.read("move/states").to_dicts()
    if not states:
        raise _unknown(db, unique_id)
    moving = [state for state in states if _is_to_move(state)]
    if not any(state["is_there"] for state in moving):
        raise GuardError(_nothing_to_move(states, moving))
    going = [state for state in moving if state["is_there"]]
    open_rows = documents.read(db)
    reasons = [reason for state in going for reason in _reasons(state, open_rows)]
    if reasons:
        raise GuardError(" ".join((*reasons, "Nothing was written.")))
    db.run("move/leave_rows", json.dumps([state["seq"] for state in going]))
    return going


def _is_to_move(state: State) -> bool:
    return state["missing_since"] is None and state["from_table"] != state["to_table"]


def _unknown(db: Postgres, unique_id: str) -> ConfigError | GuardError:
    rows = db.read("move/cms_rows", unique_id)
    if rows.height:
        found = ", ".join(f"{table} {number}" for table, number in rows.iter_rows())
        return GuardError(
            f"No sync has loaded {unique_id!r} yet, so nobody knows which kind it is; the CMS has it as {found}. "
            "Run `etl sync`, then move it. Nothing was written."
        )
    near = near_ids(db, (), unique_id, 1)
    hint = f" Is it one of these: {', '.join(map(repr, near))}?" if near else ""
    return ConfigError(f"No record is called {unique_id!r} in {db.shown}.{hint}")


def _nothing_to_move(states: Sequence[State], moving: Sequence[State]) -> str:
    record = states[0]["source_unique_id"]
    if moving:
        first = moving[0]
        place, other = f"{first['from_table']} {first['from_id']}", first["twins"] or first["others"]
        if other:
            return (
                f"{place}, the row of {record} that the last sync knew, is gone from the CMS; {other} has its id now. "
                "Run `etl sync`, which gets to know it. Nothing was written."
            )
        return (
            f"{place}, the row of {record}, is gone from the CMS: there is nothing to move. The next sync makes the "
            f"record in {first['to_table']}. Nothing was written."
        )
    here = [state for state in states if state["missing_since"] is None]
    if not here:
        return (
            f"{record} has left the source, so nobody knows which kind it is now: it stays where it is. "
            "Nothing was written."
        )
    table = here[0]["from_table"]
    return (
        f"{record} is {_SINGULAR[table]} by what the last sync knew, and its row is in {table} already: there is "
        "nothing to move. Nothing was written."
    )


def _reasons(state: State, open_rows: OpenRows) -> Iterator[str]:
    place = f"{state['from_table']} {state['from_id']}"
    if state["from_id"] in open_rows.get(state["from_table"], ()):
        yield (
            f"Somebody has {place} ({state['unique_id']}) open in the CMS, and what they save would not be moved. Move the "
            "record once it is closed, or with --force-open."
        )
    if state["skip_sync"]:
        yield f"skip sync is ticked for {place} ({state['unique_id']}) in the CMS: the row is not touched. Untick it first."
    if state["twins"]:
        yield (
            f"{place} is not the only row of {state['unique_id']} in use: {state['twins']} has the same unique_id. "
            "Which one is meant is for an editor to say: delete the other one, or set it INACTIVE."
        )
    if state["others"]:
        way = (
            f" A move left it: to undo that, roll it back (etl rollback {state['left_by']})."
            if state["left_by"]
            else " Delete it in the CMS, or give it another unique_id."
        )
        yield f"{state['others']} has the unique_id {state['unique_id']} already.{way}"


def still_named(name: str, place: str, rows: int | None) -> str:
    """Say why a row that another table names is not deleted; null rows: nobody knows."""
    named = f"{name} can't be read by this role, and may name" if rows is None else f"{name} names"
    times = f" ({rows:,} times)" if rows else ""
    return (
        f"{named} {place}{times}, so it is not deleted. Move the record without --delete: the row is then set "
        "INACTIVE, and what names it stays whole. Nothing was written."
    )
