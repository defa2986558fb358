"""JSON of files that others may have made: read so that it means one thing only, or not at all."""

import json
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import TypeAdapter

_T = TypeVar("_T")

MOST_BYTES = 16 << 20
"""A manifest larger than this is none of ours."""


def read_object(text: bytes) -> dict[str, Any]:
    """Read a JSON object of at most MOST_BYTES.

    Raises:
        ValueError: It is too large, no UTF-8, no object, nested too deeply, or has a key twice, a number that is none,
            or half a character.
    """
    if len(text) > MOST_BYTES:
        raise ValueError(f"more than {MOST_BYTES:,} bytes")
    try:
        found = json.loads(
            text.decode("utf-8"), object_pairs_hook=_require_single_keys, parse_constant=_refuse
        )
        json.dumps(found, ensure_ascii=False).encode("utf-8")  # half a character would fail where it is shown
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if not isinstance(found, dict):
        raise ValueError("it is no JSON object")  # noqa: TRY004 — to callers, one kind of damage
    return found


def build(kind: type[_T], fields: Mapping[str, Any]) -> _T:
    """Make a dataclass of an object of JSON, each value of just the type that it names.

    Raises:
        ValueError: A value is of another type, or is missing; the message holds no value.
    """
    adapter = TypeAdapter(kind)
    try:
        return adapter.validate_json(json.dumps(fields), strict=True)
    except ValueError as error:
        raise ValueError("a field of it is missing or of a wrong type") from error


def _require_single_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key in it comes twice")
    return found


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is not a JSON number")
