"""Opening hours: free text to the same hours every day, or hours by day.

The text is cut into tokens: days, spans of time, `closed`, separators, words that say nothing. It can't be
read if something in it is none of these, or if the tokens leave a doubt: two spans for one day, hours that
no day claims, `9-5` (to 5:00 or to 17:00), `9 - 10 PM`, `6-11` (of the morning or of the evening). What can't
be read is kept as it is and reported.

Decided here: `24 hours` is 00:00 to 23:59, and so are 0:00-24:00 and 0:00-0:00; closing at 24:00 is 00:00;
closing past midnight (18:00-02:00) is fine; a day that is closed, or not named, is not in the list;
holidays have no place in a list of days, so text that names them can't be read; the last order is no hour
of opening.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import polars as pl

from etl.contract.hours import DAYS, Day, Hours, to_text
from etl.transform.comparable import composed

MAX_TEXT = 1_000
"""Longer text is not opening hours, and is not read."""

HOURS: dict[str, pl.DataType] = {
    "hours": pl.String(),  # contract.hours; null where the source has none
    "unreadable": pl.Boolean(),  # the text is kept as `open`
}
"""Columns of a frame of hours."""

Span = tuple[str, str]
HoursRow = tuple[str, bool]

_MIDNIGHT = frozenset({"midnight", "เที่ยงคืน"})
_ALL_DAY: Span = ("00:00", "23:59")
_EARLIEST = 7 * 60
"""A place that would open before this minute may as well open in the evening, where nothing says which."""

_DASHES, _BARS, _COLONS = "‐‑‒–—―−⁃⁓⸺─━﹘﹣~～〜∼→➔⇒", "|·•", "∶ː꞉︓﹕"
_TO_ASCII: dict[int, str] = {
    **dict(zip(map(ord, "๐๑๒๓๔๕๖๗๘๙"), "0123456789", strict=True)),
    **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
    **dict.fromkeys(map(ord, _DASHES), "-"),
    **dict.fromkeys(map(ord, _BARS), ";"),
    **dict.fromkeys(map(ord, _COLONS), ":"),
}

_TO = r"\s*(?:-+|\bto\b|\btill?\b|\buntil\b|\bthrough\b|\bthru\b|จนถึง|ถึง)\s*"
_UNIT = r"(?:\s*(?:น\.?(?![ก-๙])|นาฬิกา|hrs?\b\.?|hours?\b|h\b|o'?clock\b))?"
_CLOCK = (
    r"(?:(?P<{0}_word>noon|midday|midnight|เที่ยงคืน|เที่ยงวัน|เที่ยง)"
    r"|(?P<{0}_hour>[0-9]{{1,2}})(?:\s?[:.h]\s?(?P<{0}_minute>[0-9]{{2}})(?::[0-9]{{2}})?)?"
    r"|(?P<{0}_compact>[0-9]{{4}}))(?![0-9])"
    r"(?:\s*(?P<{0}_half>[ap])\.?\s?m\b\.?)?" + _UNIT
)
_SPAN = _CLOCK.format("open") + _TO + _CLOCK.format("close")

# In its own brackets the last order may be told at length: `(last order: food 21:00, drinks 21:30)`.
_LAST_ORDER_WORDS = (
    r"(?:the\s*)?last\s*(?:food|drinks?|kitchen)?\s*(?:orders?|calls?|seatings?)(?:\s*times?)?\b|\bl[./]?\s?o\b\.?"
    r"|(?:เวลา)?(?:รับ|สั่ง)?(?:อาหาร)?(?:ออเดอร์|ออร์เดอร์|สั่ง)(?:อาหาร)?(?:ครั้ง|รอบ)?สุดท้าย"
    r"|ปิดรับ(?:ออเดอร์|ออร์เดอร์)"
)
_BEFORE_CLOSING = (
    r"(?:half\s*an\s*hour|an\s*hour|[0-9]{1,2}\s*(?:min(?:ute)?s?\b\.?|h(?:ou)?rs?\b\.?|นาที|ชั่วโมง|ชม\.?))"
    r"\s*(?:before\s*clos(?:ing|e)(?:\s*time)?|ก่อน(?:เวลา)?(?:ร้าน)?ปิด(?:ทำการ|บริการ|ร้าน)?)"
)
_LAST_ORDER = (
    rf"[(\[][^()\[\]]*(?:{_LAST_ORDER_WORDS})[^()\[\]]*[)\]]"
    rf"|\**\s*(?:{_LAST_ORDER_WORDS})(?:\s|at\b|by\b|is\b|@|เวลา|[:=-])*"
    rf"(?:{_BEFORE_CLOSING}|(?>{_CLOCK.format('ordered')})(?!{_TO}[0-9]))"
)

# A Thai abbreviation may stand without its dot (`จ-ศ`), but not for the beginning of another word.
_DAY_WORDS = {
    "mon": r"mon(?:days?)?|mo|จันทร์|จ(?![ก-๙])",
    "tue": r"tue(?:s(?:days?)?)?|tu|อังคาร|อ(?![ก-๙])",
    "wed": r"wed(?:nesdays?|s)?|we|พุธ|พ(?![ก-๙])",
    "thu": r"thu(?:r(?:s(?:days?)?)?)?|th|พฤหัส(?:บดี|ฯ)?|พฤ(?![ก-๙])",
    "fri": r"fri(?:days?)?|fr|ศุกร์|ศ(?![ก-๙])",
    "sat": r"sat(?:urdays?)?|sa|เสาร์|ส(?![ก-๙])",
    "sun": r"sun(?:days?)?|su|อาทิตย์|อา(?![ก-๙])",
}
_DAY_PATTERNS = {day: re.compile(f"(?:ทุก)?(?:วัน)?(?:{words})\\.?") for day, words in _DAY_WORDS.items()}
_DAY = rf"(?:ทุก)?(?:วัน)?(?:{'|'.join(_DAY_WORDS.values())})(?![a-z])\.?"
_GROUPS = {"every_day": DAYS, "weekdays": DAYS[:5], "weekend": DAYS[5:]}
_TOKENS = {
    "last_order": _LAST_ORDER,
    "span": _SPAN,
    "all_day": (
        r"(?:(?:open|ตลอด)\s*)?24\s*(?:-?\s*(?:hours?\b|hrs?\b\.?|h\b|ชั่วโมง|ชม\.?)|/\s*7\b)(?:\s*(?:a|per)\s*day)?"
        r"|open\s*24\b(?!\s*[-:.h]|\s*to\b)"
    ),
    "every_day": (
        r"every\s*days?|daily|all\s*days|7\s*days(?:\s*(?:a|per)\s*week)?"
        rf"|ทุก\s*วัน(?!\s*(?:หยุด|ธรรมดา|{_DAY}))"
    ),
    "weekdays": r"week\s*days?|วันธรรมดา",
    "weekend": r"week\s*ends?|(?:วันหยุด)?สุดสัปดาห์",
    "days": rf"(?P<first>{_DAY})(?:{_TO}(?P<last>{_DAY}))?",
    "closed": r"closed?\b|off\b|ปิดทำการ|ปิดบริการ|ปิด|หยุด",
    "separator": r"[,;/\n&+]|\band\b|และ",
    "noise": (
        r"[^\S\n]+|[:().]|\b(?:every|open(?:s|ing)?|business|shop|store|hours?|times?|from|on)\b"
        r"|เปิดให้บริการ|เปิดบริการ|เปิดทำการ|เวลาทำการ|เวลา|เปิด|ตั้งแต่|น\."
    ),
}
_TOKEN = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _TOKENS.items()))


class _UnreadableError(Exception):
    """The text is not understood beyond doubt; never leaves this module."""


@dataclass(frozen=True)
class _Time:
    """A time as written; `half` is 'a', 'p' or None, `sure` says that it can't be of a 12-hour clock."""

    hour: int
    minute: int
    half: str | None
    sure: bool


@dataclass(frozen=True)
class _Token:
    """A token that says something; `apart`: a separator stands before it."""

    days: tuple[str, ...] = ()
    span: Span | None = None
    apart: bool = False

    @property
    def is_closed(self) -> bool:
        return not self.days and self.span is None


def _time(found: re.Match[str], end: str) -> _Time:
    half = found[f"{end}_half"]
    if word := found[f"{end}_word"]:
        return _Time(0 if word in _MIDNIGHT else 12, 0, None, sure=True)
    if compact := found[f"{end}_compact"]:
        return _Time(int(compact[:2]), int(compact[2:]), half, sure=True)
    digits = found[f"{end}_hour"]
    hour = int(digits)
    return _Time(hour, int(found[f"{end}_minute"] or 0), half, sure=hour > 12 or digits.startswith("0"))


def _minutes(time: _Time, half: str | None) -> int:
    """Return minutes since midnight; `22:00 PM` is what it says, `22:00 AM` is nothing."""
    hour = time.hour
    if half and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    total = hour * 60 + time.minute
    if time.minute > 59 or total > 24 * 60 or (half == "a" and hour > 12) or (half == "p" and hour == 0):
        raise _UnreadableError
    return total


def _opening_minutes(opens: _Time, closes: _Time) -> int:
    """Return when it opens; where only the closing time has AM or PM, by the one reading that makes sense."""
    if opens.half or not closes.half or opens.sure or closes.hour > 12:
        return _minutes(opens, opens.half)
    if _minutes(opens, closes.half) < _minutes(closes, closes.half):
        raise _UnreadableError  # 9 - 10 PM: an hour in the evening, or the whole day
    return _minutes(opens, "a" if closes.half == "p" else "p")


def _span(found: re.Match[str]) -> Span:
    opens, closes = _time(found, "open"), _time(found, "close")
    start, end = _opening_minutes(opens, closes), _minutes(closes, closes.half)
    is_24_hour_clock = closes.sure or (opens.sure and not opens.half)
    if not closes.half and not is_24_hour_clock and (opens.half or end <= start):
        raise _UnreadableError  # 9-5, 10 AM - 9: the closing time may be of the afternoon
    is_plain = not (opens.half or opens.sure or closes.half)
    if is_plain and start < _EARLIEST and (not closes.sure or found["close_word"] in _MIDNIGHT):
        raise _UnreadableError  # 6-11, 2.00-9.00, 6 - midnight: the opening time may be of the afternoon
    if start % 1440 == 0 and end % 1440 == 0:
        return _ALL_DAY
    return f"{start // 60 % 24:02}:{start % 60:02}", f"{end // 60 % 24:02}:{end % 60:02}"


def _day_range(first: str, last: str | None) -> tuple[str, ...]:
    """Name the days from one to another, across Sunday where need be."""
    start, end = (
        next(at for at, day in enumerate(DAYS) if _DAY_PATTERNS[day].fullmatch(word))
        for word in (first, last or first)
    )
    return tuple(DAYS[(start + step) % 7] for step in range((end - start) % 7 + 1))


def _tokens(text: str) -> Iterator[_Token]:
    """Cut text into tokens that say something; raise where a part of it is not a token."""
    at, apart = 0, False
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise _UnreadableError
        at, name = found.end(), found.lastgroup or ""
        if name in {"noise", "last_order"}:
            continue
        if name == "span":
            yield _Token(span=_span(found), apart=apart)
        elif name == "all_day":
            yield _Token(span=_ALL_DAY, apart=apart)
        elif name == "closed":
            yield _Token(apart=apart)
        elif name != "separator":
            days = _day_range(found["first"], found["last"]) if name == "days" else _GROUPS[name]
            yield _Token(days=days, apart=apart)
        apart = name == "separator"


def _join_days(tokens: Iterator[_Token]) -> list[_Token]:
    """Turn each run of days into one token."""
    joined: list[_Token] = []
    for token in tokens:
        if token.days and joined and joined[-1].days:
            joined[-1] = _Token(days=(*joined[-1].days, *token.days), apart=joined[-1].apart)
        else:
            joined.append(token)
    return joined


def _take_closed(tokens: list[_Token]) -> tuple[list[_Token], set[str]]:
    """Take out `closed` with its days, which follow it (`closed Mon`) unless hours follow those."""
    kept: list[_Token] = []
    closed: set[str] = set()
    at = 0
    while at < len(tokens):
        token, following = tokens[at], tokens[at + 1 : at + 3]
        at += 1
        if not token.is_closed:
            kept.append(token)
        elif following and following[0].days and (len(following) == 1 or following[1].days):
            closed.update(following[0].days)
            at += 1
        elif kept and kept[-1].days:
            closed.update(kept.pop().days)
        else:
            raise _UnreadableError
    return kept, closed


def _pairs(tokens: list[_Token]) -> list[tuple[tuple[str, ...], Span]]:
    """Give each span its days, which stand before all of the spans or after all of them."""
    if len(tokens) == 1 and tokens[0].span:
        return [(DAYS, tokens[0].span)]
    if (
        len(tokens) % 2
        or not tokens
        or any(bool(one.days) == bool(other.days) for one, other in pairwise(tokens))
    ):
        raise _UnreadableError
    days_first = bool(tokens[0].days)
    days, spans = (tokens[::2], tokens[1::2]) if days_first else (tokens[1::2], tokens[::2])
    if not days_first and len(spans) > 1 and any(token.apart for token in days):
        raise _UnreadableError
    return [(token.days, span.span) for token, span in zip(days, spans, strict=True) if span.span]


def _plain(text: str) -> str:
    """Return a text in one spelling, line by line: nothing invisible, lower case, ASCII digits and dashes."""
    return "\n".join(map(composed, text.splitlines())).translate(_TO_ASCII).lower()


def _hours_by_day(text: str) -> dict[str, Span]:
    """Read text; return the hours of each day that has some, in the order of the week."""
    if len(text) > MAX_TEXT:
        raise _UnreadableError
    tokens, closed = _take_closed(_join_days(_tokens(_plain(text))))
    hours: dict[str, Span] = {}
    for days, span in _pairs(tokens):
        if any(hours.setdefault(day, span) != span for day in days):
            raise _UnreadableError
    if not hours.keys() - closed:
        raise _UnreadableError
    return {day: hours[day] for day in DAYS if day in hours and day not in closed}


def read_hours(text: str) -> HoursRow:
    """Read one text; return the values of HOURS. Text that can't be read is kept as a single line."""
    try:
        hours = _hours_by_day(text)
    except _UnreadableError:
        return to_text(Hours(same_every_day=True, opens=" ".join(text.split()))), True
    if len(hours) == len(DAYS) and len(set(hours.values())) == 1:
        return to_text(Hours(True, *hours["mon"])), False
    return to_text(Hours(False, days=tuple(Day(day, *span) for day, span in hours.items()))), False


def parse_hours(texts: pl.Series) -> pl.DataFrame:
    """Read opening hours; each distinct text once.

    Args:
        texts: Clean text, line by line; null where blank.

    Returns:
        HOURS, rows 1:1, order kept; all null where the text is null.
    """
    distinct = texts.drop_nulls().unique()
    rows = pl.DataFrame([read_hours(text) for text in distinct], schema=HOURS, orient="row")
    known = rows.with_columns(distinct.cast(pl.String).alias("text"))
    given = pl.DataFrame({"text": texts}, schema={"text": pl.String})
    return given.join(known, on="text", how="left", maintain_order="left").select(list(HOURS))
