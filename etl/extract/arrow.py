"""Bytes of a page → Arrow: the only reader of the API's JSON.

One way, the standard library's parser, because it is the fastest one that is right. Measured on 10,000
records of 2.6 KB in pages of 100:

- Polars with a schema, 80 ms: blind to unknown fields, and a lone surrogate becomes NUL
- Polars with an inferred schema, 157 ms: numbers lose their digits
- pydantic's parser, 218 ms: numbers lose their digits, and what is nested 200 deep is refused
- pyarrow.json, 231 ms with the checks that it needs: the body `null` crashes the process
- this one, 265 ms
"""

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from etl.contract.raw import RAW_NAMES, SNAPSHOT_SCHEMA
from etl.errors import SourceError

NOT_AN_OBJECT = "$item"
"""The unknown field that holds an item of `data` that is no object; such a record has no other field."""

_KNOWN = frozenset(RAW_NAMES)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_INTEGER = re.compile(r"-?[0-9]{1,18}")


class BadPage(SourceError):  # noqa: N818 — an event more than an error: the next try may bring a good page
    """A body that is not the page promised: cut, damaged, HTML, or without a promised part. Worth a retry."""


@dataclass(frozen=True)
class Page:
    """One answer of the API.

    Attributes:
        number: The page it says it is, from 1.
        limit: Records a page, as it says.
        total_records: Records in the whole list, as it says; may lie.
        total_pages: Pages in the whole list, as it says; may lie.
        records: SNAPSHOT_SCHEMA, one row an item of `data`, in its order.
        unknown_fields: Per field beyond the contract, the records that have it (null counts).
        not_text: Per field of the contract, the records that have an object or a list there.
    """

    number: int
    limit: int
    total_records: int
    total_pages: int
    records: pa.Table
    unknown_fields: Mapping[str, int]
    not_text: Mapping[str, int]


class _Number(str):
    """A JSON number, in the digits that the API sent."""

    __slots__ = ()


# strict=False: real bodies have raw control characters inside strings.
_DECODER = json.JSONDecoder(strict=False, parse_int=_Number, parse_float=_Number, parse_constant=str)


def parse_page(body: bytes) -> Page:
    """Read a page.

    Numbers and booleans become text in the API's own digits (`true`, `false`); objects and lists stay JSON
    text; null and missing are null. Of a key that comes twice the last counts, as in JavaScript. A lone
    surrogate becomes U+FFFD; NUL stays. Unknown fields go to `extra`, one JSON object a record.

    Raises:
        BadPage: The body is not the page promised.
    """
    try:
        envelope = _DECODER.decode(body.decode("utf-8-sig"))
        return _read_envelope(envelope)
    except UnicodeDecodeError as error:
        raise BadPage(f"the body is not UTF-8 (byte {error.start} of {len(body)})") from None
    except json.JSONDecodeError as error:
        raise BadPage(_describe(body, error)) from None
    except RecursionError:
        raise BadPage("the body is nested too deeply to be read") from None


def _describe(body: bytes, error: json.JSONDecodeError) -> str:
    start = body.lstrip()
    if not start:
        return "the body is empty"
    if start.startswith(b"<"):
        return "the body is an HTML or XML page, not JSON"
    return f"the body is not JSON ({error.msg} at character {error.pos} of {len(error.doc)})"


def _read_envelope(envelope: Any) -> Page:  # noqa: ANN401 — whatever JSON holds
    if not isinstance(envelope, dict):
        raise BadPage(f"the body is a JSON {_type_name(envelope)}, not an object")
    data = envelope.get("data")
    if not isinstance(data, list):
        keys = ", ".join(_UNPRINTABLE.sub("\ufffd", key)[:40] for key in list(envelope)[:5]) or "none"
        raise BadPage(f"the body has no list `data` (its keys: {keys})")
    records = [item if isinstance(item, dict) else {NOT_AN_OBJECT: item} for item in data]
    not_text: Counter[str] = Counter()
    columns = [_column(records, name, not_text) for name in RAW_NAMES]
    unknown_fields: Counter[str] = Counter()
    columns.append(pa.array([_extra(record, unknown_fields) for record in records], pa.string()))
    return Page(
        number=_integer(envelope, "page"),
        limit=_integer(envelope, "limit"),
        total_records=_integer(envelope, "totalRecord"),
        total_pages=_integer(envelope, "totalPages"),
        records=pa.Table.from_arrays(columns, schema=SNAPSHOT_SCHEMA),
        unknown_fields=dict(unknown_fields),
        not_text=dict(not_text),
    )


def _integer(envelope: dict[str, Any], name: str) -> int:
    if name not in envelope:
        raise BadPage(f"the body has no `{name}`")
    value = envelope[name]
    if not isinstance(value, str) or not _INTEGER.fullmatch(value):  # a number, or a number sent as text
        raise BadPage(f"`{name}` is no whole number")
    return int(value)


def _column(records: list[dict[str, Any]], name: str, not_text: Counter[str]) -> pa.StringArray:
    values = [record.get(name) for record in records]
    try:
        return pa.array(values, pa.string())
    except (pa.ArrowException, UnicodeEncodeError):  # something else than text, or a lone surrogate
        nested = sum(isinstance(value, (dict, list)) for value in values)
        if nested:
            not_text[name] += nested
        return pa.array([_text(value) for value in values], pa.string())


def _text(value: Any) -> str | None:  # noqa: ANN401 — whatever JSON holds
    if value is None:
        return None
    return _clean(value) if isinstance(value, str) else _dump(value)


def _extra(record: dict[str, Any], unknown_fields: Counter[str]) -> str | None:
    if record.keys() <= _KNOWN:
        return None
    unknown = {name: value for name, value in record.items() if name not in _KNOWN}
    unknown_fields.update(dict.fromkeys(map(_clean, unknown), 1))
    return _dump(unknown)


def _dump(value: Any) -> str:  # noqa: ANN401 — whatever JSON holds
    """Return JSON text with the numbers as they came, which json.dumps can't do."""
    if isinstance(value, _Number):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{_dump(key)}:{_dump(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_dump, value)) + "]"
    return _clean(json.dumps(value, ensure_ascii=False))


def _clean(text: str) -> str:
    return _LONE_SURROGATE.sub("\ufffd", text)


def _type_name(value: Any) -> str:  # noqa: ANN401 — whatever JSON holds
    if value is None:
        return "null"
    if isinstance(value, (bool, _Number)):
        return "boolean" if isinstance(value, bool) else "number"
    return "list" if isinstance(value, list) else "string"
