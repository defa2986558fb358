"""A diff as JSON: the format that docs/diff-json.md describes. The same diff gives the same bytes."""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

from etl.compare.model import Diff, RecordChange
from etl.compare.select import Selected
from etl.runtime.visible import json_visible

FORMAT = "iconsiam-etl diff"
FORMAT_VERSION = 1
"""Rises when a key is renamed or removed, or changes its meaning; new keys may come at any time."""


def to_json(selected: Selected) -> str:
    """Return the text of a diff in JSON, its keys sorted, with a newline at its end."""
    return "".join(json_pieces(selected))


def json_pieces(selected: Selected, encoding: str | None = None) -> Iterator[str]:
    """Yield the text of a diff in JSON piece by piece, as `json_visible` writes it for an encoding."""
    plain = partial(_plain, selected.diff)
    encoder = json.JSONEncoder(ensure_ascii=False, indent=2, sort_keys=True, default=plain)
    for piece in encoder.iterencode(_as_dict(selected)):
        yield json_visible(piece, encoding)
    yield "\n"


def _plain(diff: Diff, value: object) -> dict[str, Any]:
    """Return a dataclass as its attributes; a record with the address of its document."""
    return {**vars(value), "url": diff.url_of(value)} if isinstance(value, RecordChange) else vars(value)


def _as_dict(selected: Selected) -> dict[str, Any]:
    """Return a diff ready for JSON but for its dataclasses, whose attributes are the keys."""
    diff, selection, totals = selected.diff, selected.selection, selected.diff.totals
    records = {name: {**tables, "total": totals.of(name)} for name, tables in totals.records.items()}
    return {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "source": diff.source,
        "against": diff.against,
        "options": diff.options,
        "selection": {
            "only": sorted(selection.only),
            "fields": sorted(selection.fields),
            "limit": selection.limit,
        },
        "notes": diff.notes,
        "has_changes": diff.has_changes,
        "totals": {"records": records, "fields": totals.fields, "issues": totals.issues},
        "records": diff.records,
        "issues": diff.issues,
        "unmapped": diff.unmapped,
        "left_off": {"records": selected.left_off, "issues": selected.issues_left_off},
    }
