r"""Clean text: decode what was escaped, drop what can't be stored, count every repair by its name.

A value goes through DECODING again and again until nothing changes (a hostile one at most MAX_PASSES times; what is
still escaped then stays; `&amp;amp;…` of any depth counts as one level), then once through FINISHING. Modes:

- `line`: one line of text; every run of white space becomes one space, and what is invisible goes.
- `address`: a line that is a web address. A named entity needs its semicolon here, as in an HTML attribute.
- `lines`: several short lines; line ends become LF, other white space stays, what is invisible goes.
- `text`: several lines; what is invisible stays inside (Thai breaks lines at zero-width spaces).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import polars as pl

from etl.transform.blank import PLACEHOLDER
from etl.transform.entities import (
    BROKEN_NEEDLE,
    ENTITY_NEEDLE,
    ESCAPE_NEEDLE,
    decode_entities,
    decode_escapes,
    drop_broken,
)
from etl.transform.invisible import INVISIBLE, drop_invisible
from etl.transform.tags import NEEDLE as TAG_NEEDLE
from etl.transform.tags import strip_tags

Mode = Literal["line", "address", "lines", "text"]
MAX_PASSES = 32

_WHITE = "\t\n\x0b\x0c\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_SHAPELESS = f"{_WHITE}{INVISIBLE}\ufe00-\ufe0f"
_TRIMMED = "\t\n \u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2008\u2009\u200a\u200b\u205f\u2060\u3000"
_BLANK = f"^[{_SHAPELESS}]*$"
_PLACEHOLDER = f"^[{_SHAPELESS}]*{PLACEHOLDER}[{_SHAPELESS}]*$"
_SPLIT_SARA_AM = "\u0e4d([\u0e48-\u0e4b]*)\u0e32"

# Characters that may stand inside a clean value beside any others: no control character, nothing invisible, no white
# space but the space, none that NFC changes, composes or reorders (Thai marks in the wrong order apart). A test holds
# this to unicodedata.
_PLAIN = (
    " -~\xa1-\xac\xae-\u024f\u0e00-\u0e7f\u1e00-\u1e99\u1ea0-\u1eff\u2010-\u2027\u2030-\u205e"
    "\u20a0-\u20bf\u2116\u2122\u3001-\u3029\u3041-\u3096\u30a1-\u30ff\u4e00-\u9fff\ufe0f\uff01-\uff9d\U0001f300-\U0001faff"
)
_PLAIN_IN_TEXT = f"{_PLAIN}\xad\u200b-\u200f\u202a-\u202e"
_THAI_DISORDER = "[\u0e48-\u0e4b][\u0e38-\u0e3a]|[\u0e38\u0e39]\u0e3a"
_SUSPECT = (
    f"&[A-Za-z0-9#]|\\\\u[0-9a-fA-F]{{4}}|{TAG_NEEDLE}|^[{_SHAPELESS}]|[{_SHAPELESS}]$|{_THAI_DISORDER}|{_SPLIT_SARA_AM}"
    f"|{_PLACEHOLDER}"
)
_DIRTY: dict[Mode, str] = {
    "line": f"[^{_PLAIN}]|  |{_SUSPECT}",
    "address": f"[^{_PLAIN}]|  |{_SUSPECT}",
    "lines": f"[^\n{_PLAIN}]|{_SUSPECT}",
    "text": f"[^\n{_PLAIN_IN_TEXT}]|{_SUSPECT}",
}
"""What a value must match to need a repair, the empty string apart: most values don't, and are left alone."""

Step = Callable[[pl.Series, Mode], pl.Series]


@dataclass(frozen=True)
class Cleaned:
    """Clean values and what was done to get them.

    Attributes:
        values: 1:1 with what came in; null where that was null or blank.
        repairs: Step to the number of values that it changed; every step of REPAIRS is there.
        lost: Step of REPORTED to the rows (UInt32, ascending) from which it dropped something.
    """

    values: pl.Series
    repairs: dict[str, int]
    lost: dict[str, pl.Series]


def _collapse(values: pl.Series, mode: Mode) -> pl.Series:
    if mode in {"text", "lines"}:
        return values.str.replace_all("\t", " ", literal=True)
    return values.str.replace_all(f"[{_WHITE}]+", " ")


def _replacer(pattern: str, replacement: str) -> Step:
    return lambda values, _mode: values.str.replace_all(pattern, replacement)


def _alone(step: Callable[[pl.Series], pl.Series]) -> Step:
    return lambda values, _mode: step(values)


DECODING: tuple[tuple[str, str, Step], ...] = (
    ("broken_characters", BROKEN_NEEDLE, _alone(drop_broken)),
    ("entities", ENTITY_NEEDLE, lambda values, mode: decode_entities(values, semicolon=mode == "address")),
    ("escapes", ESCAPE_NEEDLE, _alone(decode_escapes)),
    ("nbsp", "[\xa0\u2007\u202f]", _replacer("[\xa0\u2007\u202f]", " ")),
    ("newlines", "[\r\u2028\u2029]", _replacer("\r\n?|[\u2028\u2029]", "\n")),
    (
        "control_characters",
        "[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff]",
        _replacer("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff]", ""),
    ),
    (
        "invisible",
        f"[{INVISIBLE}]",
        lambda values, mode: values if mode == "text" else drop_invisible(values),
    ),
    ("tags", TAG_NEEDLE, _alone(strip_tags)),
    ("nfc", f"[^\n\t{_PLAIN}]|{_THAI_DISORDER}", _alone(lambda values: values.str.normalize("NFC"))),
    ("sara_am", _SPLIT_SARA_AM, _replacer(_SPLIT_SARA_AM, "${1}\u0e33")),
)
"""Name, what a value must hold for the step to matter, step. Each may make work for others: hence passes."""

_RARE = "|".join(needle for name, needle, _ in DECODING if name != "entities")

FINISHING: tuple[tuple[str, str, Step], ...] = (
    ("whitespace", f"[{_WHITE}]", _collapse),
    ("blank", _BLANK, _alone(lambda values: values.clear(len(values)))),
    ("placeholder_blanked", _PLACEHOLDER, _alone(lambda values: values.clear(len(values)))),
    ("trimmed", "", lambda values, _mode: values.str.strip_chars(_TRIMMED)),
)

REPAIRS: tuple[str, ...] = tuple(name for name, _, _ in (*DECODING, *FINISHING))
"""Every repair that is counted, in the order it is done."""

REPORTED = ("control_characters", "broken_characters")
"""The repairs of which each record and field is a finding."""


def _apply(
    values: pl.Series, rows: pl.Series, needle: str, step: Step, mode: Mode
) -> tuple[pl.Series, pl.Series]:
    """Apply a step where the needle is found among the rows; return all values and the rows that changed."""
    if rows.is_empty():
        return values, rows
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
        # most need nothing but their entities decoded, and are spared a look for each of the other steps
        rare = active.filter(values.gather(active).str.contains(_RARE).fill_null(value=False))
        for name, needle, step in DECODING:
            values, changed = _apply(values, active if name == "entities" else rare, needle, step, mode)
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
        return Cleaned(values, dict.fromkeys(REPAIRS, 0), dict.fromkeys(REPORTED, dirty))
    changed: dict[str, list[pl.Series]] = {name: [] for name in REPAIRS}
    cleaned = values.gather(dirty)
    for name, rows, after in _clean(cleaned, mode):
        changed[name].append(rows)
        cleaned = after
    distinct = {name: pl.concat(rows).unique().sort() for name, rows in changed.items() if rows}
    none = pl.Series(dtype=pl.UInt32)
    return Cleaned(
        values=values.clone().scatter(dirty, cleaned),  # scatter works in place
        repairs={name: len(distinct.get(name, ())) for name in REPAIRS},
        lost={name: dirty.gather(distinct.get(name, none)) for name in REPORTED},
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
        a row (`row` UInt32, `field`, `repair`) per value and repair of REPORTED, in no particular order.
    """
    columns: dict[str, pl.Series] = {}
    repairs = dict.fromkeys(REPAIRS, 0)
    lost = [pl.DataFrame(schema={"row": pl.UInt32, "field": pl.String, "repair": pl.String})]
    for mode in dict.fromkeys(modes.values()):
        names = [name for name, its_mode in modes.items() if its_mode == mode]
        cleaned = clean(pl.concat([frame[name].alias("") for name in names]), mode)
        repairs = {name: count + cleaned.repairs[name] for name, count in repairs.items()}
        for index, name in enumerate(names):
            columns[name] = cleaned.values.slice(index * frame.height, frame.height).alias(name)
        lost += [
            _locate(rows, names, frame.height).with_columns(repair=pl.lit(repair))
            for repair, rows in cleaned.lost.items()
        ]
    return pl.DataFrame(columns).select(list(modes)), repairs, pl.concat(lost)


def _locate(rows: pl.Series, names: list[str], height: int) -> pl.DataFrame:
    """Say in which row and column of a frame the rows of its concatenated columns stand."""
    found = pl.DataFrame({"at": rows}, schema={"at": pl.UInt32})
    fields = pl.Series(names, dtype=pl.String)
    height = max(height, 1)
    return found.select(
        row=(pl.col("at") % height).cast(pl.UInt32),
        field=pl.lit(fields).gather((pl.col("at") // height).cast(pl.UInt32)),
    )


def show_unseen(values: pl.Series) -> pl.Series:
    """Write control and invisible characters as visible escapes, so that the text can be stored and read. Rows: 1:1."""
    controls = (*range(0x20), *range(0x7F, 0xA0))
    invisible = (
        0xAD,
        0x61C,
        0x180E,
        *range(0x200B, 0x2010),
        *range(0x202A, 0x202F),
        *range(0x2060, 0x206A),
        0xFEFF,
    )
    escapes = {
        chr(code): f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" for code in (*controls, *invisible)
    }
    return values.str.replace_many(escapes)
