"""A diff as JSON: the format that docs/diff-json.md describes. The same diff gives the same bytes."""

import json
import re
from collections.abc import Iterator
from typing import Any

from etl.compare.select import Selected

FORMAT = "iconsiam-etl diff"
FORMAT_VERSION = 1
"""Rises when a key is renamed or removed, or changes its meaning; new keys may come at any time."""

# what a terminal may take for a command or turn around: C1, and marks of direction
_UNSHOWN = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def to_json(selected: Selected) -> str:
    """Return the text of a diff in JSON, its keys sorted, with a newline at its end."""
    return "".join(json_pieces(selected))


def json_pieces(selected: Selected) -> Iterator[str]:
    """Yield the text of a diff in JSON piece by piece."""
    encoder = json.JSONEncoder(ensure_ascii=False, indent=2, sort_keys=True, default=vars)
    for piece in encoder.iterencode(_as_dict(selected)):
        yield _UNSHOWN.sub(lambda found: f"\\u{ord(found[0]):04x}", piece)
    yield "\n"


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
