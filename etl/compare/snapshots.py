"""Compares the canonical records of two snapshots, joined by unique_id; no database."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import polars as pl

from etl.compare import model
from etl.compare.canonical import References, read_canonical
from etl.compare.fields import COMPARED, LABELS, Names, fields_in_order
from etl.compare.model import SNAPSHOT_ACTIONS, Action, Diff, FieldChange, RecordChange, Totals
from etl.compare.unmapped import unmapped_labels
from etl.contract.clock import Clock
from etl.contract.source_names import label_of
from etl.errors import ConfigError
from etl.extract.feed import ExtractRequest, fetch
from etl.model.results import Side
from etl.runtime.timing import StageTimer
from etl.snapshot import Snapshot, open_snapshot
from etl.snapshot.storage import scratch_folder

if TYPE_CHECKING:
    from etl.config.settings import Settings, Source
    from etl.runtime.progress import Progress

_REFERENCES = ("floor", "category")
_OLD = "_old"


def compare(settings: "Settings", snapshot: str | None, against: str, watch: "Progress") -> Diff:
    """Compare a saved snapshot, or the API of now where there is none, with an older snapshot.

    Raises:
        EtlError: a snapshot can't be read, or the API does not answer as promised. Nothing is kept of its answer.
    """
    old = open_snapshot(against)
    if snapshot is not None:
        new = open_snapshot(snapshot)
        _require_same_source(new, old)
        return compare_snapshots(new, old, settings.sync_batch_size, Clock(settings.mall_timezone))
    source = _source_of(settings, old)
    with scratch_folder() as folder:
        new = fetch(settings, source, StageTimer(watch), ExtractRequest(folder)).snapshot
        clock = Clock(settings.mall_timezone)
        return compare_snapshots(new, old, settings.sync_batch_size, clock, is_saved=False)


def _require_same_source(new: Snapshot, old: Snapshot) -> None:
    if new.manifest.id_prefix != old.manifest.id_prefix:
        raise ConfigError(
            f"{new.path} is of {label_of(new.manifest.source_name)}, {old.path} of {label_of(old.manifest.source_name)}: "
            "they have no record in common. Compare two snapshots of one source."
        )


def _source_of(settings: "Settings", old: Snapshot) -> "Source":
    sources = settings.sources()
    found = [source for source in sources if source.id_prefix == old.manifest.id_prefix]
    if not found:
        names = ", ".join(label_of(source.name) for source in sources)
        raise ConfigError(
            f"{old.path} is of {label_of(old.manifest.source_name)}, which EXTERNAL_API_URL does not name (it names "
            f"{names}). Give a snapshot to compare it with: etl diff SNAPSHOT --against {old.path}"
        )
    return found[0]


def compare_snapshots(
    new: Snapshot, old: Snapshot, batch_size: int, clock: Clock | None = None, *, is_saved: bool = True
) -> Diff:
    """Return what is different in one snapshot against another.

    `batch_size` records are transformed at a time; the canonical rows of both are held in memory. Where the new one is not
    saved, it is the API of now, in a folder that will be gone.
    """
    references = References(new, old), References(old, new)
    sides = [
        read_canonical(each, reference, batch_size, clock or Clock())
        for each, reference in zip((new, old), references, strict=True)
    ]
    joined = _join(sides[0].rows, sides[1].rows)
    issues = model.findings(_new_issues(sides[0].issues, sides[1].issues))
    of_new = model.findings(sides[0].issues)
    unmapped = model.unmapped_ids(of_new)
    records = [
        _record(row, references[0].names, references[1].names, unmapped)
        for row in joined.filter(pl.col("action") != "unchanged").iter_rows(named=True)
    ]
    refused = model.rejected(issues)
    return Diff(
        source=Side.of(new, is_saved=is_saved),
        against=Side("snapshot", old.path, old.record_count),
        options={},
        totals=_totals(joined, records, len(refused), Counter(issue.code for issue in issues)),
        records=model.in_order([*records, *refused], SNAPSHOT_ACTIONS),
        issues=issues,
        notes=_notes(new, old, references),
        unmapped=unmapped_labels(of_new, references[0].floors, references[0].categories),
    )


def _compared(columns: Iterable[str]) -> list[str]:
    """Return the fields to compare among the columns of joined rows."""
    known = {*COMPARED, *LABELS.values(), *_REFERENCES, "kind"}
    return [column for column in columns if column in known]


def _differs(name: str) -> pl.Expr:
    """Tell whether a field differs; floors and categories by id and name, so that other ids of another database don't."""
    differs = pl.col(name).ne_missing(pl.col(f"{name}{_OLD}"))
    return differs & _differs(f"{name}_name") if name in _REFERENCES else differs


def _join(new: pl.DataFrame, old: pl.DataFrame) -> pl.DataFrame:
    """Return every unique_id of either side once, with both sides' columns, `action` and a flag for each field."""
    present = pl.lit(value=True).alias("present")
    joined = new.with_columns(present).join(
        old.with_columns(present), on="unique_id", how="full", coalesce=True, suffix=_OLD
    )
    names = _compared(new.columns)
    flags = joined.with_columns(_differs(name).alias(f"differs_{name}") for name in names)
    action = (
        pl.when(pl.col(f"present{_OLD}").is_null())
        .then(pl.lit("added"))
        .when(pl.col("present").is_null())
        .then(pl.lit("gone"))
        .when(pl.any_horizontal(f"differs_{name}" for name in names))
        .then(pl.lit("changed"))
        .otherwise(pl.lit("unchanged"))
    )
    return flags.with_columns(action=action)


def _record(row: Mapping[str, Any], new: Names, old: Names, unmapped: frozenset[str | None]) -> RecordChange:
    action: Action = row["action"]
    side = _OLD if action == "gone" else ""
    is_kind_changed = action == "changed" and row["differs_kind"]
    return RecordChange(
        action=action,
        unique_id=row["unique_id"],
        source_unique_id=row[f"source_unique_id{side}"],
        table=row[f"kind{side}"],
        title=row[f"title_en{side}"] or row[f"title_th{side}"],
        tags=model.tags_of(
            action, kind_changed=is_kind_changed, unmapped=row["source_unique_id"] in unmapped
        ),
        fields=fields_in_order(
            FieldChange(
                name, action, before=old.value(name, row[f"{name}{_OLD}"]), after=new.value(name, row[name])
            )
            for name in _compared(row)
            if row[f"differs_{name}"] and (name != "kind" or is_kind_changed)
        ),
        floor=(old if side else new).reference("floor", row[f"floor{side}"]),
        category=(old if side else new).reference("category", row[f"category{side}"]),
    )


def _totals(joined: pl.DataFrame, records: list[RecordChange], refused: int, issues: Counter[str]) -> Totals:
    counts = model.empty_counts((*SNAPSHOT_ACTIONS, "kind_changed"))
    kind = pl.coalesce("kind", f"kind{_OLD}").alias("kind")
    for action, table, found in joined.group_by("action", kind).len().iter_rows():
        counts[action][table] = found
    for record in records:
        if "kind_changed" in record.tags and record.table:
            counts["kind_changed"][record.table] += 1
    counts["rejected"]["unknown"] = refused
    changed = sum(len(record.fields) for record in records if record.action == "changed")
    return Totals(records=counts, fields={"changed": changed}, issues=dict(sorted(issues.items())))


def _new_issues(new: pl.DataFrame, old: pl.DataFrame) -> pl.DataFrame:
    """Return the findings that the other snapshot does not have; one about no record is known by its words."""
    words = pl.col("message").str.replace("position [0-9]+", "position")  # places shift from day to day
    about = pl.when(pl.col("unique_id").is_null()).then(words).alias("about")
    keys = ["unique_id", "code", "field", "value", "about"]
    return new.with_columns(about).join(
        old.with_columns(about), on=keys, how="anti", nulls_equal=True, maintain_order="left"
    ).drop("about")  # fmt: skip


def _notes(new: Snapshot, old: Snapshot, references: tuple[References, References]) -> tuple[str, ...]:
    words = {"floor": "floors", "category": "categories"}
    notes = [
        f"Neither snapshot has {words[name]} (`etl extract --with-reference` keeps them): the labels are compared as "
        "they are" + (", and lists of floors are not split." if name == "floor" else ".")
        for name in references[0].unknown
    ]
    for snapshot, reference in zip((new, old), references, strict=True):
        if reference.borrowed:
            which = " and ".join(words[name] for name in reference.borrowed)
            notes.append(f"{snapshot.path} has no {which}; those of the other snapshot are taken.")
        if not snapshot.manifest.complete:
            problems = "; ".join(snapshot.manifest.problems[:3])
            notes.append(f"{snapshot.path} is not whole, so records may only seem to be gone: {problems}.")
    return tuple(notes)
