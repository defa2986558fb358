"""A diff as JSON: the format that docs/diff-json.md describes. The same diff gives the same bytes."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from etl.compare.model import FieldChange, Finding, RecordChange, Reference, Totals, Value
from etl.compare.select import Selected
from etl.model.results import Side
from etl.runtime.visible import json_visible

FORMAT = "iconsiam-etl diff"
FORMAT_VERSION = 1
"""Rises when a key is renamed or removed, or changes its meaning; new keys may come at any time."""


def to_json(selected: Selected) -> str:
    """Return the text of a diff in JSON, its keys sorted, with a newline at its end."""
    return "".join(json_pieces(selected))


def json_pieces(selected: Selected, encoding: str | None = None) -> Iterator[str]:
    """Yield the text of a diff in JSON piece by piece, as `json_visible` writes it for an encoding."""
    encoder = json.JSONEncoder(ensure_ascii=False, indent=2, sort_keys=True)
    for piece in encoder.iterencode(as_dict(selected)):
        yield json_visible(piece, encoding)
    yield "\n"


def as_dict(selected: Selected) -> dict[str, Any]:
    """Return a diff ready for JSON."""
    diff, selection = selected.diff, selected.selection
    return {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "source": _side(diff.source),
        "against": _side(diff.against),
        "options": dict(diff.options),
        "selection": {
            "only": sorted(selection.only),
            "fields": sorted(selection.fields),
            "limit": selection.limit,
        },
        "notes": list(diff.notes),
        "has_changes": diff.has_changes,
        "totals": _totals(diff.totals),
        "records": [_record(record) for record in diff.records],
        "issues": [_finding(issue) for issue in diff.issues],
        "unmapped": [asdict(item) for item in diff.unmapped],
        "left_off": {"records": dict(selected.left_off), "issues": dict(selected.issues_left_off)},
    }


def _side(side: Side) -> dict[str, Any]:
    return {"kind": side.kind, "name": side.name, "records": side.records}


def _totals(totals: Totals) -> dict[str, Any]:
    records = {name: {**tables, "total": totals.of(name)} for name, tables in totals.records.items()}
    return {"records": records, "fields": dict(totals.fields), "issues": dict(totals.issues)}


def _record(record: RecordChange) -> dict[str, Any]:
    return {
        "action": record.action,
        "unique_id": record.unique_id,
        "source_unique_id": record.source_unique_id,
        "table": record.table,
        "record_id": record.record_id,
        "title": record.title,
        "tags": list(record.tags),
        "reason": record.reason,
        "message": record.message,
        "floor": _value(record.floor),
        "category": _value(record.category),
        "fields": [_field(change) for change in record.fields],
    }


def _field(change: FieldChange) -> dict[str, Any]:
    return {
        "field": change.field,
        "verdict": change.verdict,
        "before": _value(change.before),
        "after": _value(change.after),
        "base": _value(change.base),
        "source": _value(change.source),
        "winner": change.winner,
    }


def _value(value: Value) -> str | dict[str, Any] | None:
    return {"id": value.id, "name": value.name} if isinstance(value, Reference) else value


def _finding(issue: Finding) -> dict[str, Any]:
    return {**vars(issue)}
