r"""Clean text: decode what was escaped, drop what can't be stored, count every repair.

A value goes through DECODING again and again until nothing changes (at most MAX_PASSES times; whatever is
still escaped then stays; `&amp;amp;…` of any depth counts as one level), then once through FINISHING. Modes:

- `line`: one line of text; every run of white space becomes one space.
- `text`: several lines; line ends become LF, other white space stays.
- `address`: a line that is a web address. A named entity needs its semicolon here, as in an HTML attribute:
  `?id=1&region=2` must not become `?id=1®ion=2`.

Decided here: a `\uXXXX` that is half a surrogate pair becomes U+FFFD, as `html.unescape` has it for
`&#xD800;`. `&#0;` becomes U+FFFD (HTML5); a NUL that comes as NUL or as `\u0000` is dropped. Zero-width
spaces are trimmed like white space; inside a value they stay (Thai breaks lines at them, emoji are joined
by others).
"""

import html
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html.entities import html5
from typing import Literal

import polars as pl

Mode = Literal["line", "text", "address"]
MAX_PASSES = 8

_WHITE = "\t\n\x0b\x0c\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_INVISIBLE = "\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff"
_TRIMMED = "\t\n \u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2008\u2009\u200a\u200b\u205f\u2060\u3000"

_NUMERIC_ENTITY = "&#[0-9]+;?|&#[xX][0-9a-fA-F]+;?"
_ENTITY: dict[Mode, str] = {
    # html.unescape takes all but a few characters into a name; names are ASCII, and a class of these is compiled in no time
    "line": f"{_NUMERIC_ENTITY}|&[A-Za-z0-9]{{1,32}};?",
    "address": f"{_NUMERIC_ENTITY}|&[A-Za-z][A-Za-z0-9]{{1,31}};",
}
_ENTITY["text"] = _ENTITY["line"]
_ESCAPED_AGAIN = "&(?:(?:amp|AMP|#0*38|#[xX]0*26);){2,}"
_ESCAPE = r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}"

# Characters that may stand inside a clean value beside any others: no control character, no white space but
# the space, none that NFC changes, composes or reorders (Thai marks in the wrong order apart). A test holds
# this to unicodedata.
_PLAIN = (
    " -~\xa1-\u024f\u0e00-\u0e7f\u1e00-\u1e99\u1ea0-\u1eff\u200b-\u2027\u202a-\u202e\u2030-\u205e"
    "\u20a0-\u20bf\u2116\u2122\u3001-\u3029\u3041-\u3096\u30a1-\u30ff\u4e00-\u9fff\ufe0f\uff01-\uff9d\U0001f300-\U0001faff"
)
_THAI_DISORDER = "[\u0e48-\u0e4b][\u0e38-\u0e3a]|[\u0e38\u0e39]\u0e3a"
_SUSPECT = (
    f"&[^\t\n\x0c <&;]|\\\\u[0-9a-fA-F]{{4}}|^[{_WHITE}{_INVISIBLE}]|[{_WHITE}{_INVISIBLE}]$|{_THAI_DISORDER}"
)
_DIRTY: dict[Mode, str] = {
    "line": f"[^{_PLAIN}]|  |{_SUSPECT}",
    "address": f"[^{_PLAIN}]|  |{_SUSPECT}",
    "text": f"[^\n{_PLAIN}]|{_SUSPECT}",
}
"""What a value must match to need a repair, the empty string apart: most values don't, and are left alone."""

Step = Callable[[pl.Series, Mode], pl.Series]


@dataclass(frozen=True)
class Cleaned:
    """Clean values and what was done to get them.

    Attributes:
        values: 1:1 with what came in; null where that was null or blank.
        repairs: Step to the number of values that it changed; every step of REPAIRS is there.
        control_rows: Rows (UInt32, ascending) from which control characters were dropped.
    """

    values: pl.Series
    repairs: dict[str, int]
    control_rows: pl.Series


def _entity(token: str, mode: Mode) -> str:
    if mode == "address" and not token.startswith("&#"):
        return html5.get(token[1:], token)
    return html.unescape(token)


def _escape(token: str) -> str:
    if len(token) > 6:
        high, low = int(token[2:6], 16), int(token[8:], 16)
        return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
    code = int(token[2:], 16)
    return "\ufffd" if 0xD800 <= code <= 0xDFFF else chr(code)


def _replace_tokens(values: pl.Series, pattern: str, decode: Callable[[str], str]) -> pl.Series:
    """Decode each distinct token once, and put it back wherever it stands: faster than value by value."""
    tokens = values.str.extract_all(pattern).explode().drop_nulls().unique()
    pairs = [(token, decoded) for token in tokens if (decoded := decode(token)) != token]
    if not pairs:
        return values
    # Of patterns that match at the same place the first listed wins: `&notin;` must come before `&not`.
    pairs.sort(key=lambda pair: (-len(pair[0]), pair[0]))
    return values.str.replace_many([old for old, _ in pairs], [new for _, new in pairs], leftmost=True)


def _shorten_numbers(values: pl.Series) -> pl.Series:
    """Bound the length of numeric entities: Python refuses to read a number of more than 4,300 digits."""
    return (
        values.str.replace_all("&#0+([0-9])", "&#${1}")
        .str.replace_all("&#[xX]0+([0-9a-fA-F])", "&#x${1}")
        .str.replace_all("&#[0-9]{8,};?|&#[xX][0-9a-fA-F]{7,};?", "\ufffd")
    )


def _decode_entities(values: pl.Series, mode: Mode) -> pl.Series:
    """Decode one level, and all levels but one of `&amp;amp;…`: a form that escapes at each save makes many."""
    shallow = values.str.replace_all(_ESCAPED_AGAIN, "&amp;")
    shortened = _shorten_numbers(shallow) if shallow.str.contains("&#", literal=True).any() else shallow
    return _replace_tokens(shortened, _ENTITY[mode], lambda token: _entity(token, mode))


def _decode_escapes(values: pl.Series, _mode: Mode) -> pl.Series:
    return _replace_tokens(values, _ESCAPE, _escape)


def _collapse(values: pl.Series, mode: Mode) -> pl.Series:
    if mode == "text":
        return values.str.replace_all("\t", " ", literal=True)
    return values.str.replace_all(f"[{_WHITE}]+", " ")


def _replacer(pattern: str, replacement: str) -> Step:
    return lambda values, _mode: values.str.replace_all(pattern, replacement)


DECODING: tuple[tuple[str, str, Step], ...] = (
    ("entities", "&", _decode_entities),
    ("escapes", r"\\u", _decode_escapes),
    ("nbsp", "[\xa0\u2007\u202f]", _replacer("[\xa0\u2007\u202f]", " ")),
    ("newlines", "[\r\u2028\u2029]", _replacer("\r\n?|[\u2028\u2029]", "\n")),
    (
        "control_characters",
        "[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff]",
        _replacer("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff]", ""),
    ),
    ("nfc", f"[^\n\t{_PLAIN}]|{_THAI_DISORDER}", lambda values, _mode: values.str.normalize("NFC")),
)
"""Name, what a value must hold for the step to matter, step. Each may make work for others: hence passes."""

FINISHING: tuple[tuple[str, str, Step], ...] = (
    ("whitespace", f"[{_WHITE}]", _collapse),
    ("blank", f"^[{_WHITE}{_INVISIBLE}]*$", lambda values, _mode: values.clear(len(values))),
    ("trimmed", "", lambda values, _mode: values.str.strip_chars(_TRIMMED)),
)

REPAIRS: tuple[str, ...] = tuple(name for name, _, _ in (*DECODING, *FINISHING))
"""Every repair that is counted, in the order it is done."""


def _apply(
    values: pl.Series, rows: pl.Series, needle: str, step: Step, mode: Mode
) -> tuple[pl.Series, pl.Series]:
    """Apply a step where the needle is found among the rows; return all values and the rows that changed."""
    found = rows.filter(values.gather(rows).str.contains(needle).fill_null(value=False))
    if found.is_empty():
        return values, found
    before = values.gather(found)
    after = step(before, mode)
    changed = before.ne_missing(after)
    rows_changed = found.filter(changed)
    if rows_changed.is_empty():
        return values, rows_changed
    return values.clone().scatter(rows_changed, after.filter(changed)), rows_changed


def _clean(values: pl.Series, mode: Mode) -> Iterator[tuple[str, pl.Series, pl.Series]]:
    """Yield each step that changed something: its name, the rows it changed, all values after it."""
    active = pl.arange(len(values), dtype=pl.UInt32, eager=True)
    for _ in range(MAX_PASSES):
        moved = []
        for name, needle, step in DECODING:
            values, changed = _apply(values, active, needle, step, mode)
            if not changed.is_empty():
                moved.append(changed)
                yield name, changed, values
        if not moved:
            break
        active = pl.concat(moved).unique().sort()
    everything = pl.arange(len(values), dtype=pl.UInt32, eager=True)
    for name, needle, step in FINISHING:
        values, changed = _apply(values, everything, needle, step, mode)
        if not changed.is_empty():
            yield name, changed, values


def _dirty(values: pl.Series, mode: Mode) -> pl.Series:
    """Return the rows with something to clean, ascending."""
    return (values.str.contains(_DIRTY[mode]) | (values == "")).fill_null(value=False).arg_true()


def clean(values: pl.Series, mode: Mode = "line") -> Cleaned:
    """Clean a series of text.

    Rows: 1:1, order and name kept; null where the value was null or blank. Cleaning clean text changes
    nothing, unless MAX_PASSES were not enough for it.
    """
    dirty = _dirty(values, mode)
    if dirty.is_empty():
        return Cleaned(values, dict.fromkeys(REPAIRS, 0), dirty)
    changed: dict[str, list[pl.Series]] = {name: [] for name in REPAIRS}
    cleaned = values.gather(dirty)
    for name, rows, after in _clean(cleaned, mode):
        changed[name].append(rows)
        cleaned = after
    distinct = {name: pl.concat(rows).unique().sort() for name, rows in changed.items() if rows}
    control = distinct.get("control_characters", pl.Series(dtype=pl.UInt32))
    return Cleaned(
        values=values.clone().scatter(dirty, cleaned),  # scatter works in place
        repairs={name: len(distinct.get(name, ())) for name in REPAIRS},
        control_rows=dirty.gather(control),
    )


def decode_steps(value: str, mode: Mode = "line") -> list[tuple[str, str]]:
    """List what `clean` does to one value: each step that changed it, with the text after it ('': blank)."""
    values = pl.Series([value], dtype=pl.String)
    if _dirty(values, mode).is_empty():
        return []
    return [(name, after[0] or "") for name, _, after in _clean(values, mode)]


def clean_columns(
    frame: pl.DataFrame, modes: dict[str, Mode]
) -> tuple[pl.DataFrame, dict[str, int], pl.DataFrame]:
    """Clean columns of a frame, all columns of a mode in one go.

    Args:
        frame: Has the columns that `modes` names, all text.
        modes: Column to how it is cleaned.

    Returns:
        The cleaned columns (rows 1:1, order kept; the other columns are left out), the repairs by name, and
        a row (`row` UInt32, `field`) per value that lost control characters, in no particular order.
    """
    columns: dict[str, pl.Series] = {}
    repairs = dict.fromkeys(REPAIRS, 0)
    control = [pl.DataFrame(schema={"row": pl.UInt32, "field": pl.String})]
    for mode in dict.fromkeys(modes.values()):
        names = [name for name, its_mode in modes.items() if its_mode == mode]
        cleaned = clean(pl.concat([frame[name].alias("") for name in names]), mode)
        repairs = {name: count + cleaned.repairs[name] for name, count in repairs.items()}
        for index, name in enumerate(names):
            columns[name] = cleaned.values.slice(index * frame.height, frame.height).alias(name)
        control.append(_locate(cleaned.control_rows, names, frame.height))
    return pl.DataFrame(columns).select(list(modes)), repairs, pl.concat(control)


def _locate(rows: pl.Series, names: list[str], height: int) -> pl.DataFrame:
    """Say in which row and column of a frame the rows of its concatenated columns stand."""
    found = pl.DataFrame({"at": rows}, schema={"at": pl.UInt32})
    fields = pl.Series(names, dtype=pl.String)
    height = max(height, 1)
    return found.select(
        row=(pl.col("at") % height).cast(pl.UInt32),
        field=pl.lit(fields).gather((pl.col("at") // height).cast(pl.UInt32)),
    )


def show_control_characters(values: pl.Series) -> pl.Series:
    """Write control characters as visible escapes, so that the text can be stored and read. Rows: 1:1."""
    codes = [*range(0x20), *range(0x7F, 0xA0), 0xFEFF]
    return values.str.replace_many([chr(code) for code in codes], [f"\\x{code:02x}" for code in codes])
