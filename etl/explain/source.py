"""A record's way from raw text to canonical rows, out of a snapshot; no database."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from etl.compare.model import Nearest, findings
from etl.compare.unmapped import nearest
from etl.contract.hours import readable
from etl.contract.raw import EXTRA, RAW_POLARS
from etl.contract.tenant import KINDS, Kind
from etl.explain.model import HoursTrace, LabelTrace, Occurrence, RecordInSnapshot, Repair, Trace
from etl.explain.search import RawRecord
from etl.match import Matcher
from etl.match.nearest import category_names, floor_names
from etl.match.settle import settle
from etl.snapshot import Snapshot
from etl.transform.hours import read_hours
from etl.transform.slug import slugify
from etl.transform.tenants import MODES, transform
from etl.transform.text import Mode, clean, decode_steps

_SLUG_SOURCES = ("title_en", "title_th", "tenant_id", "unique_id")
_API_NAMES = {"tenant_id": "tenantId", "unique_id": "uniqueId"}


@dataclass(frozen=True)
class Labels:
    """A matcher, with the floors and categories (contract.reference.FLOORS and CATEGORIES) that it has."""

    matcher: Matcher
    floors: pl.DataFrame
    categories: pl.DataFrame

    def floor(self, label: str) -> LabelTrace:
        """Tell how a part of a floor's label gets its floor."""
        found = self.matcher.explain_floor(label)
        near = _nearest([label], floor_names(self.floors)) if found.id is None else ()
        return LabelTrace(label, found, near)

    def category(self, kind: Kind, label_en: str | None, label_th: str | None) -> LabelTrace:
        """Tell how two labels get their category of a kind."""
        found = self.matcher.explain_category(kind, label_en, label_th)
        names = category_names(self.categories, kind)
        near = _nearest([label_en, label_th], names) if found.id is None else ()
        return LabelTrace(f"{label_en or '–'} / {label_th or '–'}", found, near)


def _nearest(labels: list[str | None], names: pl.DataFrame) -> tuple[Nearest, ...]:
    """Return the names that are near to the first label that has such."""
    found = (nearest([label], names).get(label, ()) for label in filter(None, labels))
    return next(filter(None, found), ())


def explain_source(snapshot: Snapshot, sent: RawRecord, labels: Labels) -> RecordInSnapshot:
    """Tell a record's way from raw text to canonical rows."""
    last = len(sent.positions) - 1
    raw = tuple(
        Occurrence(position + 1, index == last, _present(sent.rows[index]), _repairs(sent.rows[index]))
        for index, position in enumerate(sent.positions)
    )
    return RecordInSnapshot(str(snapshot.path), sent.source_unique_id, raw, _way(sent, labels))


def _present(row: pl.DataFrame) -> dict[str, str]:
    values = row.row(0, named=True)
    extra = json.loads(values.pop(EXTRA) or "{}")
    known = {name: values[name] for name in RAW_POLARS if values.get(name)}
    return known | {name: each if isinstance(each, str) else json.dumps(each) for name, each in extra.items()}


def _repairs(row: pl.DataFrame) -> tuple[Repair, ...]:
    values = row.row(0, named=True)
    return tuple(
        repair
        for field, mode in MODES.items()
        if values.get(field)
        for repair in _steps(field, values[field], mode)
    )


def _steps(field: str, text: str, mode: Mode) -> Iterator[Repair]:
    for step, after in decode_steps(text, mode):
        yield Repair(field, step, text, after)
        text = after


def _way(sent: RawRecord, labels: Labels) -> Trace:
    matched = sent.matched(labels.matcher)
    settled, gave_way = settle(matched.tenants)
    rows = settled.filter(source_unique_id=sent.source_unique_id)
    ids = [sent.source_unique_id, *rows["unique_id"]]
    issues = pl.concat([matched.issues, gave_way]).filter(pl.col("unique_id").is_in(ids))
    tenant = transform(sent.taken, 0, sent.id_prefix, sent.clock).tenants.row(0, named=True)
    pair = (tenant["category_label_en"], tenant["category_label_th"])
    found = labels.matcher.explain_kind(*pair)
    other: Kind = next(kind for kind in KINDS if kind != found.kind)
    return Trace(
        kind=found.kind,
        kind_rule=found.rule,
        kind_reason=found.reason,
        category_label=tenant["category_label_en"],
        floor_label=tenant["floor_label"],
        floors=tuple(labels.floor(part) for part in tenant["floor_parts"]),
        category=labels.category(found.kind, *pair),
        other_category=labels.category(other, *pair),
        hours=_hours(sent),
        slug_source=_slug_source(tenant),
        rows=tuple(_texts(row) for row in rows.iter_rows(named=True)),
        issues=findings(issues),
    )


def _hours(sent: RawRecord) -> HoursTrace | None:
    text = clean(sent.taken["openingHours"], MODES["openingHours"]).values[0]
    if text is None:
        return None
    hours, unreadable = read_hours(text)
    return HoursTrace(text, not unreadable, readable(hours))


def _slug_source(tenant: dict[str, Any]) -> str | None:
    """Name the value that the stem is made of, as transform.slug.slug_stems chooses it."""
    slugs = slugify(pl.Series([tenant[name] for name in _SLUG_SOURCES], dtype=pl.String))
    written = (name for name, slug in zip(_SLUG_SOURCES, slugs, strict=True) if slug is not None)
    name = next(written, None)
    return None if name is None else _API_NAMES.get(name, name)


def _texts(row: dict[str, Any]) -> dict[str, str]:
    hidden = {"copy", "position"}
    shown = {**row, "hours": readable(row["hours"])}
    return {name: _text(value) for name, value in shown.items() if value is not None and name not in hidden}


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03}Z"
    return str(value).lower() if isinstance(value, bool) else str(value)
