"""The records of a diff as data for the page's script; texts are texts there, and the script never makes HTML of them."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from etl.compare.model import FieldChange, RecordChange, Reference, Value
from etl.compare.word_diff import Change, Piece, word_diff
from etl.report.diff_meaning import WHOLE, kind_remark
from etl.report.html.markup import Html, exact
from etl.runtime.visible import visible

_UNSAFE = re.compile("[<>&\u2028\u2029]")
_NUMBERS: dict[Change, int] = {"removed": 1, "added": 2}

_WHY = {
    "source": "changed by the source",
    "first_contact": "first sync of this row",
    "carried_over": "the row goes on under another id",
    "conflict": "source and editor changed it",
    "kept": "kept for the editor",
    "put_back": "an old form put it back",
    "inactivated": "left the source",
}

Pieces = list[str | list[int | str]]
"""A text in pieces: what is the same as it is, what was removed as [1, text], what was added as [2, text]."""


def records_json(records: Sequence[RecordChange]) -> Iterator[Html]:
    """Yield, record by record, JSON that can stand inside a script element: no `<`, `>` or `&` in it.

    A record: action, tags, id, title, table, row, floor, category, remarks, and fields; a field: name, why and sides,
    each with label, pieces (see Pieces; null: no value) and what becomes of it.
    """
    between = "["
    for record in records:
        text = json.dumps(_record(record), ensure_ascii=False, separators=(",", ":"))
        yield Html(between + _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text))
        between = ","
    yield Html("]" if records else "[]")


def _record(record: RecordChange) -> dict[str, Any]:
    remarks = [kind_remark(record)] if "kind_changed" in record.tags else []
    remarks += [record.message] if record.message else []
    return {
        "action": record.action,
        "tags": list(record.tags),
        "id": visible(record.unique_id or ""),
        "title": visible(record.title or ""),
        "table": record.table or "",
        "row": record.record_id,
        "floor": reference_name(record.floor),
        "category": reference_name(record.category),
        "remarks": [visible(remark) for remark in remarks],
        "fields": [_field(change) for change in record.fields],
    }


def reference_name(reference: Reference | None) -> str:
    """Return the name of a floor or category; without one, its id, and nothing for none."""
    if reference is None:
        return ""
    return visible(reference.name) if reference.name else f"id {reference.id}"


def _field(change: FieldChange) -> dict[str, Any]:
    return {"name": change.field, "why": _WHY.get(change.verdict, ""), "sides": _sides(change)}


def _sides(change: FieldChange) -> list[dict[str, Any]]:
    if change.verdict in WHOLE:
        gone = change.verdict == "gone"
        return [_side("before" if gone else "after", _whole(change.before if gone else change.after))]
    if change.winner is None:
        before, after = _compared(change.before, change.after)
        return [_side("before", before), _side("after", after)]
    becomes = {change.winner: "stays" if change.winner == "editor" else "is written"}
    theirs = "CMS" if change.verdict == "put_back" else "editor"
    editor = _side(theirs, _compared(change.base, change.before)[1], becomes.get("editor"))
    base = _side("last sync", _whole(change.base))
    if change.verdict == "kept" or change.is_left_put_back:
        return [base, editor]
    return [base, editor, _side("source", _compared(change.base, change.source)[1], becomes.get("source"))]


def _side(label: str, pieces: Pieces | None, becomes: str | None = None) -> dict[str, Any]:
    side: dict[str, Any] = {"label": label, "pieces": pieces}
    return side | {"becomes": becomes} if becomes else side


def _whole(value: Value) -> Pieces | None:
    text = _text(value)
    return None if text is None else [visible(text)]


def _compared(before: Value, after: Value) -> tuple[Pieces | None, Pieces | None]:
    """Return both values, each with what the other has not marked in it."""
    one, other = _text(before), _text(after)
    if isinstance(before, Reference) and isinstance(after, Reference):
        # two names that share a word are still two
        return [[1, exact(one or "")]], [[2, exact(other or "")]]
    pieces = word_diff(one or "", other or "")
    return (
        None if one is None else [_piece(piece) for piece in pieces if piece.change != "added"],
        None if other is None else [_piece(piece) for piece in pieces if piece.change != "removed"],
    )


def _piece(piece: Piece) -> str | list[int | str]:
    return visible(piece.text) if piece.change == "same" else [_NUMBERS[piece.change], exact(piece.text)]


def _text(value: Value) -> str | None:
    if value is None:
        return None
    if isinstance(value, Reference):
        return f"{value.name} (id {value.id})" if value.name else f"id {value.id}"
    return value
