"""Bytes of a page → Arrow: the reader of the API's JSON that is right about whatever comes.

The standard library's parser, because it is the fastest one that is. Measured on 10,000 records of 2.6 KB in pages of 100:

- Polars with a schema, 80 ms: blind to unknown fields, and a lone surrogate becomes NUL
- Polars with an inferred schema, 157 ms: numbers lose their digits
- pydantic's parser, 218 ms: numbers lose their digits, and what is nested 200 deep is refused
- pyarrow.json, 231 ms with the checks that it needs: the body `null` crashes the process
- this one, 265 ms

Pages of plain text, nearly all, go a quicker way to the same result: parse_fast.py.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from etl.contract.raw import ID_NAMES, RAW_NAMES, SNAPSHOT_SCHEMA
from etl.errors import SourceError

NOT_AN_OBJECT = "$item"
"""The unknown field that holds an item of `data` that is not an object; such a record has no other field."""

_KNOWN = frozenset(RAW_NAMES)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_INTEGER = re.compile(r"-?[0-9]{1,18}")
_FRACTION = re.compile("[.eE]")

_MOST_OBJECTS = 20_000
_MOST_VALUES = 1_000_000
_MOST_LEVELS = 100
_FIELD_LEVEL = 4  # the envelope, its list, a record, a field's value
_BRACKET = re.compile(rb'"(?:[^"\\]|\\.)*+"|[\[{]|[\]}]', re.DOTALL)


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


class _Verbatim(str):
    """JSON that stands as it is: of a number, the digits that the API sent."""

    __slots__ = ()


# strict=False: real bodies have raw control characters inside strings. NaN and Infinity are null.
_DECODER = json.JSONDecoder(
    strict=False, parse_int=_Verbatim, parse_float=_Verbatim, parse_constant=lambda _name: None
)


def require_few_objects(body: bytes) -> None:
    """Raise BadPage for a body of so many objects that reading it would take many times its size."""
    if body.count(b"{") > _MOST_OBJECTS:
        raise BadPage(f"the body has more than {_MOST_OBJECTS:,} objects; ask for fewer records a page")


def parse_page(body: bytes) -> Page:
    """Read a page.

    Numbers and booleans become text in the API's own digits (`true`, `false`); null, missing, NaN and Infinity are
    null. Of a key that comes twice the last counts, as in JavaScript. A lone surrogate becomes the text of its escape;
    NUL stays. Unknown fields go to `extra`, one JSON object a record, by name; and so do objects and lists in known
    fields, and what is neither text nor a whole number in an id: these fields are null. A field that is nested deeper
    than the parser can read is kept as a list of one text, its JSON.

    Memory: bounded by the size of the body.

    Raises:
        BadPage: The body is not the page promised, or has more objects or values than a page can have.
    """
    require_few_objects(body)
    if sum(map(body.count, (b",", b"[", b"{"))) > _MOST_VALUES:
        raise BadPage(f"the body has more than {_MOST_VALUES:,} values; ask for fewer records a page")
    try:
        try:
            return _read_envelope(_DECODER.decode(body.decode("utf-8-sig")))
        except RecursionError:
            return _read_envelope(_DECODER.decode(_flattened(body).decode("utf-8-sig")))
    except UnicodeDecodeError as error:
        raise BadPage(f"the body is not UTF-8 (byte {error.start} of {len(body)})") from None
    except json.JSONDecodeError as error:
        raise BadPage(_describe(body, error)) from None
    except RecursionError:
        raise BadPage("the body is nested too deeply to be read") from None


def _flattened(body: bytes) -> bytes:
    """Put each field that is nested deeper than _MOST_LEVELS into a list of one text; the rest stays."""
    parts: list[bytes] = []
    done = start = level = deepest = 0
    for token in _BRACKET.finditer(body):
        if token[0] in b"[{":
            level += 1
            if level == _FIELD_LEVEL:
                start, deepest = token.start(), level
            deepest = max(deepest, level)
        elif token[0] in b"]}":
            if level == _FIELD_LEVEL and deepest - level >= _MOST_LEVELS:
                text = body[start : token.end()].decode("utf-8", "replace")
                parts += [body[done:start], json.dumps([text]).encode()]
                done = token.end()
            level -= 1
    return b"".join([*parts, body[done:]])


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
    odd: _Odd = defaultdict(dict)
    columns = [_column(records, name, odd) for name in RAW_NAMES]
    unknown_fields: Counter[str] = Counter()
    extra = [_extra(record, odd.get(row), unknown_fields) for row, record in enumerate(records)]
    columns.append(pa.array(extra, pa.string()))
    not_text = Counter(name for found in odd.values() for name, value in found.items() if _is_nested(value))
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
    if not isinstance(value, str):
        raise BadPage(f"`{name}` is not a whole number")
    return read_figure(name, value)


def read_figure(name: str, digits: str) -> int:
    """Return a figure of the envelope from its digits, a number's or a text's; raise BadPage for anything else."""
    if not _INTEGER.fullmatch(digits):
        raise BadPage(f"`{name}` is not a whole number")
    return int(digits)


_Odd = defaultdict[int, dict[str, Any]]
"""By record the values of known fields that can't be text."""


def _column(records: list[dict[str, Any]], name: str, odd: _Odd) -> pa.StringArray:
    values = [record.get(name) for record in records]
    if name not in ID_NAMES:
        try:
            return pa.array(values, pa.string())
        except (pa.ArrowException, UnicodeEncodeError):  # something else than text, or a lone surrogate
            pass
    for row, value in enumerate(values):
        if _is_nested(value) or (name in ID_NAMES and not _is_id(value)):
            odd[row][name], values[row] = value, None
    return pa.array([_text(value) for value in values], pa.string())


def _is_nested(value: object) -> bool:
    return isinstance(value, (dict, list))


def _is_id(value: object) -> bool:
    is_fraction = isinstance(value, _Verbatim) and _FRACTION.search(value)
    return value is None or (isinstance(value, str) and not is_fraction)


def _text(value: Any) -> str | None:  # noqa: ANN401 — whatever JSON holds
    if value is None:
        return None
    return _clean(value) if isinstance(value, str) else _dump(value)


def _extra(record: dict[str, Any], odd: dict[str, Any] | None, unknown_fields: Counter[str]) -> str | None:
    if record.keys() <= _KNOWN and not odd:
        return None
    unknown = {name: value for name, value in record.items() if name not in _KNOWN}
    return dump_extra(unknown, unknown_fields, odd)


def dump_extra(
    unknown: dict[str, Any], unknown_fields: Counter[str], odd: dict[str, Any] | None = None
) -> str:
    """Return the JSON of a record's unknown fields and odd values, by name, and count each unknown name once."""
    unknown_fields.update(dict.fromkeys(map(_clean, unknown), 1))
    return _dump(dict(sorted((unknown | (odd or {})).items())))


def decode_value(text: bytes) -> Any:  # noqa: ANN401 — whatever JSON holds
    """Return a value of JSON, its numbers in the digits that came."""
    return _DECODER.decode(text.decode())


def _dump(value: Any) -> str:  # noqa: ANN401 — whatever JSON holds
    """Return JSON text with the numbers as they came, which json.dumps can't do; of any depth."""
    parts: list[str] = []
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, _Verbatim):
            parts.append(str(item))
        elif isinstance(item, (dict, list)):
            waiting += reversed(_spelled(item))
        else:
            parts.append(json.dumps(_clean(item) if isinstance(item, str) else item, ensure_ascii=False))
    return "".join(parts)


def _spelled(value: dict[str, Any] | list[Any]) -> list[Any]:
    """Return the parts of an object or a list in the order in which they are written."""
    pairs = value.items() if isinstance(value, dict) else ((None, item) for item in value)
    parts: list[Any] = []
    for key, item in pairs:
        parts += [_Verbatim(","), item] if key is None else [_Verbatim(","), key, _Verbatim(":"), item]
    brackets = "{}" if isinstance(value, dict) else "[]"
    return [_Verbatim(brackets[0]), *parts[1:], _Verbatim(brackets[1])]


def _clean(text: str) -> str:
    return _LONE_SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _type_name(value: Any) -> str:  # noqa: ANN401 — whatever JSON holds
    if value is None:
        return "null"
    if isinstance(value, (bool, _Verbatim)):
        return "boolean" if isinstance(value, bool) else "number"
    return "list" if isinstance(value, list) else "string"
