"""Ids like one that nobody knows, out of a snapshot and the database."""

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

from etl.db.connection import Postgres
from etl.snapshot import Snapshot
from etl.transform.text import clean

_NEAR = 3
_ENOUGH = 200  # ids to choose from, of each place
_SLIPS_UP_TO = 40  # characters; the patterns grow with their square


def near_ids(
    db: Postgres | None, snapshots: Iterable[Snapshot], unique_id: str, batch_size: int
) -> list[str]:
    """Return up to three known ids that are like one, the likest first.

    Snapshots are read `batch_size` records at a time: memory does not grow with their number.
    """
    pattern = near_pattern(unique_id)
    found = set[str]() if db is None else set(db.read("explain/near_ids", pattern, _ENOUGH)["unique_id"])
    for snapshot in snapshots:
        found |= _in_snapshot(snapshot, pattern, batch_size)
    return _likest(unique_id, found)


def near_pattern(unique_id: str) -> str:
    """Return a regular expression, for Polars and for Postgres alike, of the ids near to one, without regard to case.

    They hold it; or differ by one slip of the pen (a character missing, too many, another, two swapped); or belong to
    the same record on other floors.
    """
    parts = [f".*{re.escape(unique_id)}.*"]
    record = unique_id.rpartition("-")[0]
    if len(record) > 1:
        parts.append(f"{re.escape(record)}(-.*)?")
    if 2 < len(unique_id) <= _SLIPS_UP_TO:
        parts += _slips(unique_id)
    return f"^({'|'.join(dict.fromkeys(parts))})$"


def _slips(text: str) -> Iterable[str]:
    for place in range(len(text) + 1):
        head, tail = re.escape(text[:place]), text[place:]
        yield f"{head}.{re.escape(tail)}"
        if tail:
            yield f"{head}.?{re.escape(tail[1:])}"
        if len(tail) > 1:
            yield f"{head}{re.escape(tail[1] + tail[0] + tail[2:])}"


def _in_snapshot(snapshot: Snapshot, pattern: str, size: int) -> set[str]:
    found: set[str] = set()
    for raw in snapshot.batches(size, ["uniqueId"]):
        ids = snapshot.manifest.id_prefix + clean(raw["uniqueId"]).values.drop_nulls()
        found |= set(ids.filter(ids.str.contains(f"(?is){pattern}")))
        if len(found) >= _ENOUGH:
            break
    return found


def _likest(wanted: str, found: Iterable[str]) -> list[str]:
    likeness = {each: SequenceMatcher(None, wanted.lower(), each.lower()).ratio() for each in found}
    return sorted(likeness, key=lambda each: (-likeness[each], each))[:_NEAR]
