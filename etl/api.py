"""Snapshots and the log of runs as Polars frames: the public Python API, for notebooks.

    import etl

    today = etl.open_snapshot("snapshots/20261123T210451Z-3f9a1c")
    today.tenants.filter(phone=None)
    today.match().unmapped
    etl.diff(today, etl.open_snapshot("snapshots/20261122T210449Z-77b0de")).fields

Everything here only reads. A snapshot is matched with the floors and categories that it keeps.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from html import escape
from os import PathLike

import polars as pl

from etl.compare.model import Diff, Reference, Unmapped, Value, findings
from etl.compare.snapshots import compare_snapshots
from etl.compare.unmapped import unmapped_labels
from etl.config.settings import load_settings
from etl.contract.clock import Clock
from etl.contract.hours import readable_rows
from etl.contract.issue import ISSUE
from etl.contract.raw import RAW_POLARS
from etl.contract.reference import CATEGORIES, FLOORS
from etl.contract.source_names import Prefixes
from etl.db.connect import connect
from etl.match import Matched, Matcher
from etl.match.batches import Frame, rules_of, transform_batch
from etl.match.frames import of_own_kind
from etl.match.settle import settle
from etl.snapshot import Manifest, Snapshot, list_snapshots, open_snapshot
from etl.transform.tenants import Transformed

__all__ = [
    "MatchedSnapshot", "SavedSnapshot", "SnapshotDiff", "diff", "list_snapshots", "open_snapshot", "read_changes",
    "read_issues", "read_runs", "saved_snapshot",
]  # fmt: skip

_BATCH = 5_000

FIELDS: dict[str, pl.DataType] = dict.fromkeys(
    ("action", "table", "unique_id", "title", "field", "before", "after"), pl.String()
)
UNMAPPED: dict[str, pl.DataType] = {
    "kind": pl.String(),
    "label": pl.String(),
    "records": pl.Int64(),
    "example": pl.String(),
    "nearest": pl.String(),
    "nearest_id": pl.Int64(),
    "similarity": pl.Float64(),
}


class SavedSnapshot:
    """A snapshot in memory, as frames; each is made when it is first asked for, and kept."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.files = snapshot

    def __repr__(self) -> str:
        return f"<snapshot {self.path}: {self.record_count:,} records from {self.source}>"

    def _repr_html_(self) -> str:
        frames = {"records": self.raw, "tenants": self.tenants, "issues": self.issues}
        frames |= {"floors": self.floors, "categories": self.categories}
        rows = [frame.height for frame in frames.values()]
        return _html(self, pl.DataFrame({"frame": list(frames), "rows": rows}))

    @property
    def manifest(self) -> Manifest:
        """What the snapshot says of itself: created_at, source, records, complete, problems and more."""
        return self.files.manifest

    @property
    def path(self) -> str:
        """Where it is: a folder, or s3://."""
        return str(self.files.path)

    @property
    def source(self) -> str:
        """The API it came from, without credentials."""
        return self.manifest.source

    @property
    def record_count(self) -> int:
        """How many records it has."""
        return self.files.record_count

    @property
    def is_complete(self) -> bool:
        """False: the API gave less than it promised when the snapshot was made."""
        return self.manifest.complete

    @cached_property
    def raw(self) -> pl.DataFrame:
        """The records as the API sent them: one row a record, in its order; every column is text, null where absent.

        Columns are the API's names; `extra` holds fields that are not in the contract, as JSON.
        """
        return pl.concat([pl.DataFrame(schema=RAW_POLARS), *self.files.batches(_BATCH)])

    @cached_property
    def _transformed(self) -> Transformed:
        frame, prefixes = Frame(self.raw), Prefixes(self.manifest.id_prefix)
        rules = rules_of(frame, prefixes, Clock(load_settings().mall_timezone), max(self.raw.height, 1))
        return transform_batch(frame, self.raw, 0, rules)

    @property
    def tenants(self) -> pl.DataFrame:
        """The canonical rows: one a record that has a uniqueId, in the order of the feed, text decoded.

        A record that came twice is there once: the last, its blanks filled from the one before, as a sync has it.
        Columns: position (in the feed, from 0), unique_id, tenant_id, slug_stem, the content
        (docs/data-contract.md), floor_label and its floor_parts, category_label_en and _th. Null: the source has none.
        """
        return self._transformed.tenants

    @property
    def issues(self) -> pl.DataFrame:
        """What is wrong with the records by themselves: unique_id, severity, code, field, message, value."""
        return self._transformed.issues

    @property
    def repairs(self) -> pl.DataFrame:
        """How many values each repair of text changed: repair, values; most frequent first."""
        rows = [(name, count) for name, count in self._transformed.repairs.items() if count]
        schema = {"repair": pl.String(), "values": pl.Int64()}
        return pl.DataFrame(rows, schema=schema, orient="row").sort(
            "values", "repair", descending=[True, False]
        )

    @cached_property
    def floors(self) -> pl.DataFrame:
        """The CMS's floors of that moment: id, name, order, status; empty where the snapshot keeps none."""
        return self.files.floors if self.files.floors is not None else pl.DataFrame(schema=FLOORS)

    @cached_property
    def categories(self) -> pl.DataFrame:
        """The CMS's categories of that moment: id, type, status, slug, name_en, name_th; empty where it keeps none."""
        return self.files.categories if self.files.categories is not None else pl.DataFrame(schema=CATEGORIES)

    def match(
        self,
        aliases: Mapping[str, str] | None = None,
        *,
        floor_aliases: Mapping[str, str] | None = None,
        floors: pl.DataFrame | None = None,
        categories: pl.DataFrame | None = None,
    ) -> "MatchedSnapshot":
        """Give each tenant its floors and its category, as a sync would with the snapshot's floors and categories.

        Args:
            aliases: Further labels of categories to try out, each with the English name of the category it means.
            floor_aliases: Further labels of floors, or parts of a list of floors, to try out, in any case, each with the
                name of the floor it means.
            floors: Floors to match with instead: id, name, order, status.
            categories: Categories to match with instead: id, type, status, slug, name_en, name_th.
        """
        floors = self.floors if floors is None else floors
        categories = self.categories if categories is None else categories
        with Matcher(floors, categories, aliases=aliases, floor_aliases=floor_aliases) as matcher:
            matched = matcher.match(self.tenants)
        tenants, gave_way = settle(matched.tenants)
        settled = replace(matched, tenants=tenants, issues=pl.concat([matched.issues, gave_way]))
        return MatchedSnapshot(settled, floors, categories)


class MatchedSnapshot:
    """A snapshot's tenants with their floors and categories.

    Attributes:
        issues: What matching found (unmapped_floor, unmapped_category, derived_id_taken): unique_id,
            severity, code, field, message, value.
    """

    def __init__(self, matched: Matched, floors: pl.DataFrame, categories: pl.DataFrame) -> None:
        self._matched = matched
        self._floors = floors
        self._categories = categories
        self.issues = matched.issues

    def __repr__(self) -> str:
        return (
            f"<{self.tenants.height:,} tenants, {self.unmapped['label'].n_unique()} labels that fit nothing>"
        )

    def _repr_html_(self) -> str:
        return _html(self, self.rules)

    @cached_property
    def tenants(self) -> pl.DataFrame:
        """One row a tenant and floor, in the order of the feed; unique_id is unique, as a sync would load them.

        Columns: unique_id, source_unique_id (as the API sent it), kind (shops or dinings), kind_rule, the content,
        floor_id, floor_name, floor_rule, floor_is_understood, category_id, category_name, category_rule (of the
        tenant's kind), and the labels. A rule is exact, alias, code, fallback, range, partial, unmapped (nothing fits) or
        blank (no label); with the last two id and name are null. A kind's rule is category_en, category_th, words_en,
        words_th, default or blank.
        """
        columns = ("category_id", "category_rule")
        chosen = self._matched.tenants.with_columns(of_own_kind(name).alias(name) for name in columns)
        floors = self._floors.select(floor_id="id", floor_name="name")
        names = pl.coalesce("name_en", "name_th", "slug")
        categories = self._categories.select(category_id="id", category_name=names)
        joined = chosen.join(floors, on="floor_id", how="left", maintain_order="left").join(
            categories, on="category_id", how="left", maintain_order="left"
        )
        return joined.drop("copy", "derived", "^(shops|dinings)_category_.*$")

    @property
    def rules(self) -> pl.DataFrame:
        """How floors, kinds and categories were found: what (floor, kind, category), rule, rows; most frequent first.

        Counted as in the log of runs: floors by row, the others by record.
        """
        rows = [(*name.split(":"), count) for name, count in self._matched.rules.items()]
        schema = {"what": pl.String(), "rule": pl.String(), "rows": pl.Int64()}
        return pl.DataFrame(rows, schema=schema, orient="row").sort(
            "what", "rows", "rule", descending=[False, True, False]
        )

    @cached_property
    def unmapped(self) -> pl.DataFrame:
        """Labels that fit nothing: kind (floor, shops, dinings), label, records, example, and the nearest known name.

        One row a label and near name (`nearest`, `nearest_id`, `similarity` up to 1), best first; null where nothing is
        near. The most frequent labels come first.
        """
        found = unmapped_labels(findings(self.issues), self._floors, self._categories)
        rows = [row for item in found for row in _unmapped_rows(item)]
        return pl.DataFrame(rows, schema=UNMAPPED, orient="row")


def _unmapped_rows(item: Unmapped) -> list[tuple[object, ...]]:
    label = (item.kind, item.label, item.records, item.example)
    near: list[tuple[object, ...]] = [(*label, name.name, name.id, name.similarity) for name in item.nearest]
    return near or [(*label, None, None, None)]


class SnapshotDiff:
    """What is different in one snapshot against another, as frames.

    Attributes:
        changes: The same as dataclasses (etl.compare.model.Diff).
    """

    def __init__(self, changes: Diff) -> None:
        self.changes = changes

    def __repr__(self) -> str:
        totals = self.changes.totals
        return f"<{', '.join(f'{totals.of(name):,} {name}' for name in ('added', 'changed', 'gone', 'unchanged'))}>"

    def _repr_html_(self) -> str:
        return _html(self, self.totals)

    @property
    def totals(self) -> pl.DataFrame:
        """Records by what happened to them: action (added, changed, gone, unchanged), table, records."""
        rows = [
            (action, table, count)
            for action in ("added", "changed", "gone", "unchanged")
            for table, count in self.changes.totals.records[action].items()
            if table != "unknown"
        ]
        schema = {"action": pl.String, "table": pl.String, "records": pl.Int64}
        return pl.DataFrame(rows, schema=schema, orient="row")

    @cached_property
    def fields(self) -> pl.DataFrame:
        """One row a field that differs: action, table, unique_id, title, field, before, after; all text.

        A floor or category has its name. Null: there is no value, or not on that side.
        """
        rows = [
            (
                each.action,
                each.table,
                each.unique_id,
                each.title,
                change.field,
                _name(change.before),
                _name(change.after),
            )
            for each in self.changes.records
            for change in each.fields
        ]
        return pl.DataFrame(rows, schema=FIELDS, orient="row")

    @property
    def issues(self) -> pl.DataFrame:
        """Findings that the older snapshot does not have: unique_id, severity, code, field, message, value."""
        rows = [tuple(vars(issue)[name] for name in ISSUE) for issue in self.changes.issues]
        return pl.DataFrame(rows, schema=ISSUE, orient="row")


def _name(value: Value) -> str | None:
    return (value.name or f"id {value.id}") if isinstance(value, Reference) else value


def _html(described: object, frame: pl.DataFrame) -> str:
    with pl.Config(tbl_rows=-1):
        return f"<p>{escape(repr(described).strip('<>'))}</p>{frame._repr_html_()}"


def saved_snapshot(path: str | PathLike[str]) -> SavedSnapshot:
    """Open a snapshot: a folder, or s3://bucket/prefix.

    Raises:
        EtlError: there is none, or it can't be read.
    """
    return SavedSnapshot(open_snapshot(str(path)))


def diff(new: SavedSnapshot, old: SavedSnapshot) -> SnapshotDiff:
    """Return what is different in one snapshot against an older one, as `etl diff NEW --against OLD` shows it."""
    return SnapshotDiff(compare_snapshots(new.files, old.files, _BATCH))


def read_runs(database_url: str | None = None) -> pl.DataFrame:
    """Read the log of runs, `etl.sync_logs`: one row a run, oldest first, times in UTC.

    The JSON columns (options, performance, repairs, rules) are text; `performance` has seconds by stage.

    Args:
        database_url: Address of the database; None takes the setting DATABASE_URL.

    Raises:
        EtlError: the database can't be read, or has no log yet.
    """
    return _read("frames/runs", database_url)


def read_issues(sync_id: str | None = None, database_url: str | None = None) -> pl.DataFrame:
    """Read findings, `etl.sync_issues`: sync_id, unique_id, severity, code, field, message, value.

    Those of one run, or of all where none is given; `database_url` is that of `read_runs`.
    """
    return _read("frames/issues", database_url, sync_id)


def read_changes(sync_id: str | None = None, database_url: str | None = None) -> pl.DataFrame:
    """Read what runs changed, one row a field: sync_id, unique_id, record_table, record_id, action, field, before, after.

    Changes of one run, or of all where none is given; hours are as people read them; `database_url` is that of `read_runs`.
    """
    return readable_rows(_read("frames/changes", database_url, sync_id))


def _read(query: str, database_url: str | None, *values: str | None) -> pl.DataFrame:
    settings = load_settings() if database_url is None else load_settings(database_url=database_url)
    with connect(settings.database(), settings.database_retries, settings.session_limits_s) as db:
        return db.read(query, *values)
