"""A record's way from raw text to canonical rows, out of a snapshot; no database."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from etl.contract.raw import EXTRA, RAW_POLARS
from etl.contract.tenant import Kind
from etl.difference.model import Finding, findings
from etl.explain.model import LabelWay, RawRecord, Repair, Source, Way
from etl.match import Matcher
from etl.match.explain import Explanation
from etl.snapshot import Snapshot
from etl.transform.kind import kind_word
from etl.transform.tenants import MODES, Transformed, transform
from etl.transform.text import clean, decode_steps

_NEAR = 3


@dataclass(frozen=True)
class Sent:
    """The records of a snapshot that may be the one asked for.

    Attributes:
        rows: Raw records, all with the same cleaned uniqueId; one row each time it came, in feed order.
        positions: Their places in the feed.
        source_unique_id: That uniqueId.
    """

    rows: pl.DataFrame
    positions: tuple[int, ...]
    source_unique_id: str

    @property
    def taken(self) -> pl.DataFrame:
        """The record that a sync takes: the last one."""
        return self.rows.tail(1)


def find_sent(snapshot: Snapshot, unique_id: str, matcher: Matcher, batch_size: int) -> Sent | None:
    """Find a record by its uniqueId, or by the id that it has on one of several floors; null where it is not there.

    The snapshot is read a batch at a time. A record that has the id of its own comes before a copy.
    """
    found: dict[str, list[tuple[int, pl.DataFrame]]] = {}
    for source_id, position, row in _candidates(snapshot, unique_id, batch_size):
        found.setdefault(source_id, []).append((position, row))
    for source_id in sorted(found, key=len, reverse=True):
        places, rows = zip(*found[source_id], strict=True)
        sent = Sent(pl.concat(rows, how="diagonal"), places, source_id)
        if source_id == unique_id or unique_id in _row_ids(sent, matcher):
            return sent
    return None


def _candidates(snapshot: Snapshot, unique_id: str, size: int) -> Iterator[tuple[str, int, pl.DataFrame]]:
    position = 0
    wanted = pl.lit(unique_id)
    for raw in snapshot.batches(size):
        ids = clean(raw["uniqueId"]).values.alias("id").to_frame().with_row_index("row")
        is_prefix = wanted.str.starts_with(pl.concat_str("id", pl.lit("-")))
        for row, source_id in ids.filter((pl.col("id") == wanted) | is_prefix).iter_rows():
            yield source_id, position + row, raw[row]
        position += raw.height


def _row_ids(sent: Sent, matcher: Matcher) -> list[str]:
    return matcher.match(_transform(sent).tenants).tenants["unique_id"].to_list()


def _transform(sent: Sent) -> Transformed:
    return transform(sent.taken, sent.positions[-1])


def near_ids(snapshot: Snapshot, unique_id: str, batch_size: int) -> list[str]:
    """Return up to three ids of a snapshot that hold what was asked for, without regard to case."""
    wanted, found = unique_id.strip().lower(), list[str]()
    for raw in snapshot.batches(batch_size):
        ids = clean(raw["uniqueId"]).values.drop_nulls()
        near = ids.filter(ids.str.to_lowercase().str.contains(wanted, literal=True))
        found += near.head(_NEAR).to_list()
        if len(found) >= _NEAR:
            break
    return found[:_NEAR]


def explain_source(snapshot: Snapshot, sent: Sent, matcher: Matcher) -> Source:
    """Tell a record's way from raw text to canonical rows."""
    last = len(sent.positions) - 1
    raw = tuple(
        RawRecord(position, index == last, _present(sent.rows[index]), _repairs(sent.rows[index]))
        for index, position in enumerate(sent.positions)
    )
    return Source(str(snapshot.path), sent.source_unique_id, raw, _way(sent, matcher))


def _present(row: pl.DataFrame) -> dict[str, str]:
    values = row.row(0, named=True)
    known = {
        name: str(values[name]) for name in RAW_POLARS if name != EXTRA and values[name] not in {None, ""}
    }
    extra = json.loads(values[EXTRA] or "{}")
    return known | {
        name: value if isinstance(value, str) else json.dumps(value) for name, value in extra.items()
    }


def _repairs(row: pl.DataFrame) -> tuple[Repair, ...]:
    values = row.row(0, named=True)
    return tuple(
        Repair(field, step, after)
        for field, mode in MODES.items()
        if values.get(field)
        for step, after in decode_steps(values[field], mode)
    )


def _way(sent: Sent, matcher: Matcher) -> Way:
    transformed = _transform(sent)
    matched = matcher.match(transformed.tenants)
    tenant = transformed.tenants.row(0, named=True)
    kind: Kind = tenant["kind"]
    labels = (tenant["category_label_en"], tenant["category_label_th"])
    return Way(
        kind=kind,
        kind_word=kind_word(tenant["category_label_en"]),
        category_label=tenant["category_label_en"],
        floor_label=tenant["floor_label"],
        floors=tuple(LabelWay(part, matcher.explain_floor(part)) for part in tenant["floor_parts"]),
        category=LabelWay(" / ".join(label or "–" for label in labels), _category(matcher, kind, labels)),
        rows=tuple(_texts(row) for row in matched.tenants.iter_rows(named=True)),
        issues=_issues([transformed.issues, matched.issues]),
    )


def _category(matcher: Matcher, kind: Kind, labels: tuple[str | None, str | None]) -> Explanation:
    return matcher.explain_category(kind, *labels)


def _issues(frames: list[pl.DataFrame]) -> tuple[Finding, ...]:
    return findings(pl.concat(frames))


def _texts(row: dict[str, object]) -> dict[str, str]:
    return {
        name: _text(value)
        for name, value in row.items()
        if value is not None and name not in {"copy", "position"}
    }


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03}Z"
    return str(value).lower() if isinstance(value, bool) else str(value)
