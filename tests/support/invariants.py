"""What holds of any input whatever: of the page reader, text, slugs, hours and floor labels.

Hypothesis (tests/property) and atheris (tests/fuzz) make the input; what is asserted of it stands here once.
"""

import html
import json
import re
import unicodedata
from array import array
from collections import Counter
from collections.abc import Callable
from typing import Any

import polars as pl

from etl.contract.hours import DAYS
from etl.contract.raw import RAW_NAMES, SNAPSHOT_SCHEMA
from etl.extract.pages import (
    Repeats,
    check_ids,
    check_page,
    check_totals,
    facts_of,
    hash_ids,
    make_plan,
    summarise,
)
from etl.extract.parse import NOT_AN_OBJECT, BadPage, Page, parse_page
from etl.extract.parse_fast import PageReader
from etl.transform.floors import FLOOR_ALIASES, candidates_of, floor_candidates, split_floor_label
from etl.transform.hours import HoursRow, parse_hours, read_hours
from etl.transform.slug import slug_stems, slugify
from etl.transform.text import MAX_PASSES, Mode, clean, decode_steps

CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff]")
SLUG = re.compile("[a-z0-9]+(-[a-z0-9]+)*")

_SHAPELESS = re.compile("[\\s\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_WHITE = "\t\n\x0b\x0c\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
_TIME = "([01][0-9]|2[0-3]):[0-5][0-9]"
_FLOOR_CODE = re.compile("[1-9][0-9]{0,2}F|BF|BM|BM?[1-9][0-9]?")


# Pages


_READER = PageReader()


def assert_page_or_bad_page(body: bytes) -> Page | None:
    """Whatever comes is a page with nothing lost, or a BadPage that can be logged; no other error escapes.

    The quick way gives the same, both before it knows the body's unknown fields and after.
    """
    page = _read_or_refuse(parse_page, body)
    for reader in (PageReader(), _READER, _READER):
        assert _read_or_refuse(reader.read, body) == page
    if page is None:
        return None
    assert page.records.schema == SNAPSHOT_SCHEMA
    page.records.validate(full=True)
    for figure in (page.number, page.limit, page.total_records, page.total_pages):
        assert abs(figure) < 10**18
    _assert_nothing_lost(page, body)
    return page


def _read_or_refuse(read: Callable[[bytes], Page], body: bytes) -> Page | None:
    try:
        return read(body)
    except BadPage as error:
        _assert_can_be_shown(str(error))
        return None


def _assert_can_be_shown(message: str) -> None:
    """One line for a log or a terminal: short, UTF-8, without control characters."""
    assert len(message) < 300
    assert not [char for char in message if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")]


class _Number(str):
    """The digits of a number."""

    __slots__ = ()


def _load(text: str) -> Any:
    """Read JSON with numbers as their digits, and NaN as null."""
    return json.loads(
        text, strict=False, parse_int=_Number, parse_float=_Number, parse_constant=lambda _name: None
    )


def _is_text(name: str, value: Any) -> bool:
    """Tell whether a value of a field goes into its column; others go into `extra`."""
    if isinstance(value, dict | list):
        return False
    is_id = name in ("uniqueId", "tenantId")
    is_odd = isinstance(value, bool) or (isinstance(value, _Number) and not re.fullmatch("-?[0-9]+", value))
    return not (is_id and is_odd)


def _whole(value: Any) -> Any:
    """Write lone surrogates in JSON as escapes, in keys too; of keys that become one the last counts."""
    if isinstance(value, str):
        return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", value)
    if isinstance(value, list):
        return [_whole(item) for item in value]
    if isinstance(value, dict):
        return {_whole(key): _whole(item) for key, item in value.items()}
    return value


def _assert_nothing_lost(page: Page, body: bytes) -> None:
    """Every field of every record can be read back, and unknown fields are counted by record."""
    items = _load(body.decode("utf-8-sig"))["data"]
    rows = page.records.to_pylist()
    assert len(rows) == len(items)
    unknown_fields: Counter[str] = Counter()
    not_text: Counter[str] = Counter()
    for row, item in zip(rows, items, strict=True):
        record = item if isinstance(item, dict) else {NOT_AN_OBJECT: item}
        unknown = {name: value for name, value in record.items() if name not in RAW_NAMES}
        odd = {name: record[name] for name in RAW_NAMES if not _is_text(name, record.get(name))}
        assert (None if row["extra"] is None else _load(row["extra"])) == (_whole(unknown | odd) or None)
        unknown_fields.update(_whole(unknown).keys())
        for name in RAW_NAMES:
            value = record.get(name)
            if name in odd:
                assert row[name] is None
                not_text[name] += isinstance(value, (dict, list))
            elif value is None or isinstance(value, str):
                assert row[name] == _whole(value)
            else:
                assert _load(row[name]) == _whole(value)
    assert page.unknown_fields == unknown_fields
    assert page.not_text == +not_text


def assert_pages_add_up(pages: list[Page]) -> None:
    """Pages without a problem hold just the records promised, each page its share, no id twice."""
    facts = [facts_of(asked, page) for asked, page in enumerate(pages, start=1)]
    first, plan = facts[0], make_plan(facts[0])
    assert plan.pages >= 1
    assert plan.expected(plan.pages + 1) == 0
    if plan.pages < 1000:
        shares = [plan.expected(number) for number in range(1, plan.pages + 1)]
        assert sum(shares) == max(plan.total_records, 0)
        assert all(0 <= share <= plan.page_size for share in shares)
    hashes, repeats, repeated = array("Q"), Repeats(), []
    for asked, page in enumerate(pages, start=1):
        repeated += repeats.check(asked, hash_ids(page.records))
        hashes.extend(hash_ids(page.records))
    ids = [one for page in pages for one in page.records.column("uniqueId").to_pylist()]
    assert len(hashes) == len(ids)
    problems = [problem for page in facts for problem in check_page(plan, first, page)]
    problems += check_totals(first, plan, len(hashes))
    problems += repeated
    doubles = check_ids(hashes, plan.page_size)
    named = Counter(one for one in ids if one is not None and one.strip(_WHITE))
    assert bool(doubles) == any(count > 1 for count in named.values())
    lines = summarise([*problems, *doubles])
    assert len(lines) == len({problem.kind for problem in [*problems, *doubles]})
    for line in lines:
        _assert_can_be_shown(line)
    if not problems:
        assert len(ids) == first.total_records
        assert [page.number for page in pages] == list(range(1, len(pages) + 1))


# Text


_ENTITY = re.compile("&(#[0-9]+|#[xX][0-9a-fA-F]+|[A-Za-z0-9]+)(;?)")
_SURROGATES = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)
_TAG = re.compile("<[A-Za-z/!]")


def _decode_entity(found: re.Match[str]) -> str:
    """Decode an entity as DOMAIN.md says: without its semicolon only where no letter, digit or `=` follows."""
    name, semicolon = found.groups()
    following = found.string[found.end() : found.end() + 1]
    if not semicolon and following and (following == "=" or unicodedata.category(following)[0] in "LMN"):
        return found[0]
    if name.startswith("#"):
        code = int(name[2:], 16) if name[1] in "xX" else int(name[1:])
        return "" if code > 0x10FFFF else html.unescape(f"&{name};").replace("\ufffd", "")
    return html.entities.html5.get(name + semicolon, found[0])


def decode_one(value: str) -> tuple[str, bool]:
    """Decode entities and escapes of one value, as DOMAIN.md says: the slow way. Also say whether all were."""
    for _ in range(MAX_PASSES):
        before = value
        value = re.sub("&(?:(?:amp|AMP|#0*38|#[xX]0*26);){2,}", "&amp;", value)
        value = _ENTITY.sub(lambda found: found[0] if _decode_entity(found) else "", value)
        value = _SURROGATES.sub(lambda found: found[0] if len(found[0]) > 6 else "", value)
        value = _ENTITY.sub(_decode_entity, value)
        value = re.sub(
            r"(?:\\u[0-9a-fA-F]{4})+",
            lambda run: bytes.fromhex(run[0].replace("\\u", "")).decode("utf-16-be", errors="ignore"),
            value,
        )
        value = re.sub("[\xa0\u2007\u202f]", " ", value)
        value = re.sub("\r\n|[\r\u2028\u2029]", "\n", value)
        value = unicodedata.normalize("NFC", CONTROL.sub("", value))
        value = re.sub("\u0e4d([\u0e48-\u0e4b]*)\u0e32", "\\1\u0e33", value)
        if value == before:
            return value, True
    return value, False


def _visible(text: str | None) -> str:
    """Leave out white space and what has no shape; how those are trimmed and collapsed is tested elsewhere."""
    return _SHAPELESS.sub("", text or "")


def assert_decodes_one_by_one(values: list[str]) -> None:
    """Replacing distinct tokens gives what Python gives for each value by itself; tags and placeholders apart."""
    cleaned = clean(pl.Series(values, dtype=pl.String), "text").values
    for value, text in zip(values, cleaned, strict=True):
        decoded = decode_one(value)[0]
        if not _TAG.search(decoded) and text is not None:
            assert _visible(text) == _visible(decoded)


def assert_cleaning_is_idempotent(values: list[str | None], mode: Mode) -> None:
    """Clean text stays as it is, unless it was escaped deeper than MAX_PASSES; nothing is counted again."""
    whole = [value for value in values if value is None or decode_one(value)[1]]
    once = clean(pl.Series(whole, dtype=pl.String), mode).values
    twice = clean(once, mode)
    assert twice.values.to_list() == once.to_list()
    assert sum(twice.repairs.values()) == 0


def assert_steps_end_clean(values: list[str], mode: Mode) -> None:
    """What `etl explain` shows of a value ends with what the whole column gets, whatever else is in it."""
    cleaned = clean(pl.Series(values, dtype=pl.String), mode)
    steps = [decode_steps(value, mode) for value in values]
    ends = [(its[-1][1] if its else value) or None for its, value in zip(steps, values, strict=True)]
    assert ends == cleaned.values.to_list()
    counted = {name: sum(name in dict(its) for its in steps) for name in cleaned.repairs}
    assert counted == cleaned.repairs


def assert_can_be_stored(values: list[str], mode: Mode) -> None:
    """No control character, no surrogate, no blank; NFC; a line has no line end."""
    cleaned = clean(pl.Series(values, dtype=pl.String), mode)
    assert len(cleaned.values) == len(values)
    for text in cleaned.values.drop_nulls():
        assert not CONTROL.search(text)
        assert text.strip()
        assert text == text.strip()
        assert unicodedata.is_normalized("NFC", text)
        assert mode in {"text", "lines"} or "\n" not in text
        text.encode()


def assert_slugs(names: list[str], others: list[str], ids: list[str]) -> None:
    """Whatever the names, a slug stem is words of ASCII joined by `-`, at most 80 characters, its own slug."""
    columns = [pl.Series(values, dtype=pl.String) for values in (names, others, ids)]
    stems = slug_stems(columns[:2], columns[2:])
    assert len(stems) == len(names)
    for stem in stems:
        assert SLUG.fullmatch(stem)
        assert len(stem) <= 80
    assert slugify(stems).to_list() == stems.to_list()


# Hours


def assert_hours_row(text: str) -> HoursRow:
    """Hours that were read are times of day, which read as themselves; else the text is kept as one line."""
    row = value, unreadable = read_hours(text)
    same, opens, closes, days = json.loads(value)
    assert json.dumps([same, opens, closes, days], ensure_ascii=False) == value
    if unreadable:
        assert (same, opens, closes, days) == (True, " ".join(text.split()), None, [])
    elif same:
        assert re.fullmatch(_TIME, opens)
        assert re.fullmatch(_TIME, closes)
        assert days == []
        assert read_hours(_compact(opens, closes)) == row
    else:
        assert (opens, closes) == (None, None)
        names = [day for day, _, _ in days]
        assert names == [day for day in DAYS if day in names] != []
        assert all(re.fullmatch(_TIME, time) for _, *times in days for time in times)
        assert read_hours("; ".join(f"{day} {_compact(start, end)}" for day, start, end in days)) == row
    return row


def _compact(opens: str, closes: str) -> str:
    return f"{opens}-{closes}".replace(":", "")


def assert_hours(texts: list[str | None]) -> None:
    """A column of hours is each text read by itself, in order; null where the text is null."""
    rows = parse_hours(pl.Series(texts, dtype=pl.String)).rows()
    assert rows == [(None, None) if text is None else assert_hours_row(text) for text in texts]


# Floors


def assert_floor_candidates(label: str) -> None:
    """A label means a known alias or a code; a code of the usual form means itself."""
    alias, code, fallback = candidates_of(label)
    assert alias is None or (alias in FLOOR_ALIASES.values() and code is None)
    assert code is None or (code.strip() == code != "" and code == code.upper())
    assert fallback is None or re.fullmatch("B[1-9][0-9]?", fallback)
    meaning = alias or code
    if meaning and (alias or _FLOOR_CODE.fullmatch(meaning)):
        again_alias, again_code, again_fallback = candidates_of(meaning)
        assert (again_alias or again_code) == meaning
        assert again_fallback == fallback


def assert_floor_labels(labels: list[str]) -> None:
    """Parts are distinct, trimmed, not blank and no lists themselves, and each has one row of candidates."""
    parts = _split(clean(pl.Series(labels, dtype=pl.String)).values)
    for row in parts:
        assert len(set(row)) == len(row)
        assert all(part == part.strip() != "" for part in row)
    distinct = sorted({part for row in parts for part in row})
    assert _split(pl.Series(distinct, dtype=pl.String)) == [[part] for part in distinct]
    candidates = floor_candidates(pl.Series(distinct, dtype=pl.String))
    assert set(distinct) <= set(candidates["label"])
    assert candidates["label"].is_unique().all()
    for part in distinct:
        assert_floor_candidates(part)


def _split(labels: pl.Series) -> list[list[str]]:
    split = pl.DataFrame({"label": labels}).select(split_floor_label(pl.col("label")))
    return split.to_series().to_list()
