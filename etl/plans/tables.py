"""A plan out of its temporary tables into a file, and back, with a print of everything that it rests on."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

import polars as pl
import pyarrow as pa

from etl._version import __version__
from etl.contract.cms import versions_of
from etl.contract.issue import ISSUE
from etl.contract.source_names import Origin, label_of
from etl.contract.tenant import BASE, FIELDS, KINDS, TENANT
from etl.db.connection import Postgres
from etl.errors import ConfigError, EtlError, GuardError
from etl.extract.feed import Feed
from etl.load import columns
from etl.load.batches import StagingCounts
from etl.load.plan import create_tables, lock_records
from etl.load.schema import ReferenceFrames
from etl.load.sources import Sources, read_sources
from etl.load.versions import find_drafts, keeps_versions, listed_kinds
from etl.model.options import SyncOptions
from etl.plans.file import PlanFile, PlanManifest, PlanWriter
from etl.runtime import queries

What = Literal["row", "base", "unique_id", "slug"]

_TABLES: dict[str, str] = {
    "pln_feed": "processed",
    "pln_records": "seq",
    "pln_fields": "seq, field",
    "pln_changes": "seq",
    "pln_slugs": "seq",
    "pln_links": "seq, link_id",
    "stg_issues": "ordinal",
}
"""The tables of a plan that are saved whole, each with what orders its rows."""

_SAVED = (*_TABLES, "stg_tenants")
_UNLISTED = {"ver_missing": "seq"}
"""Saved too where the CMS keeps versions: it is made together with them."""

_PRINTS = "prints"
_PRINT_SCHEMA = pl.Schema({"seq": pl.Int64, "what": pl.String, "print": pl.String})
_NAMED = 20

_MOVED: dict[str, str] = {
    "row": "the row was changed in the CMS",
    "gone": "the row is gone",
    "base": "another run has synced it",
    "unique_id": "other rows have its unique_id now",
    "slug": "a row has its slug now",
    "version": "a version of the row was saved in the CMS",
}


@dataclass(frozen=True)
class Moved:
    """A record of a plan whose ground has moved.

    Attributes:
        unique_id: Its id.
        record_table: Where it lives, or would.
        record_id: Its row; null for a new record.
        reason: What moved.
    """

    unique_id: str
    record_table: str
    record_id: int | None
    reason: str

    def __str__(self) -> str:
        """Return it for a message."""
        place = f"{self.record_table} {self.record_id}" if self.record_id else f"new in {self.record_table}"
        return f"{self.unique_id} ({place}): {self.reason}"


def contract_fingerprint() -> str:
    """Return a print of the contract: what a column is, and how a plan's tables are made."""
    makers = ("plan/create_", "plan/tables", "stage/create_", "versions/tables")
    made = [name for name in queries.names() if name.startswith(makers)]
    parts = [
        *(f"{column.name} {column.pg_type}" for column in (*TENANT, *BASE)),
        *(repr(field) for field in FIELDS),
        *(f"{name} {dtype}" for name, dtype in ISSUE.items()),
        *(queries.text(name) for name in made),
    ]
    return _hash("\n".join(parts))


def reference_fingerprint(floors: pl.DataFrame, categories: pl.DataFrame) -> str:
    """Return a print of the floors and categories that labels were matched with."""
    return _hash(floors.write_ndjson() + categories.write_ndjson())


def preview_manifest(  # noqa: PLR0913, PLR0917 — all that a plan is made of
    db: Postgres,
    feed: Feed,
    staged: StagingCounts,
    reference: ReferenceFrames,
    sources: Sources,
    options: SyncOptions,
    refusal: EtlError | None,
) -> PlanManifest:
    """Return what a plan was made from: its feed, its reference and its options, and why a guard would refuse it."""
    return PlanManifest(
        version=__version__,
        contract=contract_fingerprint(),
        reference=reference_fingerprint(*reference),
        against=db.shown,
        options={"missing": options.missing, "conflicts": options.conflicts},
        extracted=feed.extracted,
        source_name=feed.origin.name,
        id_prefix=feed.origin.id_prefix,
        last_sync_id=sources.last_sync_id(feed.origin),
        guard=str(refusal) if isinstance(refusal, GuardError) else None,
        repairs=dict(sorted(staged.repairs.items())),
        rules=dict(sorted(staged.rules.items())),
        unmapped=staged.unmapped.pairs,
    )


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:32]


def save_plan(db: Postgres, path: str, manifest: PlanManifest, cms_columns: Mapping[str, set[str]]) -> None:
    """Write the plan of this transaction to a file, with all its values and prints of what it rests on.

    Raises:
        ConfigError: the file can't be written.
    """
    with PlanWriter(path) as writer:
        for table in (*_SAVED, *(_UNLISTED if keeps_versions(cms_columns) else ())):
            with _saved(db, table) as rows:
                writer.add(table, rows)
        writer.add(_PRINTS, _fingerprints(db, cms_columns).to_arrow().to_reader())
        writer.finish(manifest)


@contextmanager
def _saved(db: Postgres, table: str) -> Iterator[pa.RecordBatchReader]:
    """Give a table of the plan as the file keeps it."""
    if table == "stg_tenants":
        with db.reader("plan/save_tenants", columns=_columns(db, table)) as rows:
            yield rows
        return
    parts = {"table": table, "keys": {**_TABLES, **_UNLISTED}[table], "columns": _columns(db, table)}
    with db.reader("plan/save_table", **parts) as rows:
        yield rows


def _columns(db: Postgres, table: str) -> str:
    found = db.read("plan/saved_columns", table).iter_rows()
    return ", ".join(f"{name}::text AS {name}" if pg_type == "jsonb" else name for name, pg_type in found)


def _fingerprints(db: Postgres, cms_columns: Mapping[str, set[str]]) -> pl.DataFrame:
    """Return what each record of the plan rests on: seq, what, print; by seq and what."""
    frames = [db.read("plan/fingerprint_bases"), db.read("plan/fingerprint_ids")]
    for kind in KINDS:
        frames += [
            db.read("plan/fingerprint_rows", table=kind),
            db.read("plan/fingerprint_slugs", table=kind),
        ]
    for kind in listed_kinds(cms_columns):
        versions = db.cms_name(versions_of(kind))
        frames.append(db.read("plan/fingerprint_versions", table=kind, versions=versions))
    return pl.concat(frames).cast(_PRINT_SCHEMA).sort("seq", "what")


def restore_plan(db: Postgres, plan: PlanFile, cms_columns: Mapping[str, set[str]]) -> None:
    """Put a saved plan back into temporary tables, hold the rows that it writes, and make sure that nothing moved.

    Raises:
        GuardError: the contract, the floors or categories, or the ground of some record is not what it was.
        ConfigError: the file is damaged.
    """
    _require_same_contract(plan)
    create_tables(db, cms_columns)
    db.run("stage/create_issues")
    db.run("stage/create_tenants", columns=columns.staging_definition())
    db.run("plan/create_saved_changes")
    is_versioned = keeps_versions(cms_columns)
    if is_versioned:
        db.run_script("versions/tables")
    # a plan that was made before the CMS kept versions has none
    unlisted = [table for table in _UNLISTED if is_versioned and table in plan.manifest.tables]
    for table in (*_SAVED, *unlisted):
        with _saved(db, table) as rows:
            schema = rows.schema  # what the file must have: the table is still empty
        for batch in plan.batches(table, schema):
            db.ingest("sav_changes" if table == "pln_changes" else table, batch)
    db.run("plan/load_changes")
    db.run("stage/index_tenants", table="stg_tenants")
    db.run("stage/analyze_tenants", table="stg_tenants")
    db.run("plan/analyze_records")
    lock_records(db, "plan/lock_planned")
    if is_versioned:
        find_drafts(db, cms_columns, KINDS)
    _require_unmoved(db, plan, cms_columns)


def _require_same_contract(plan: PlanFile) -> None:
    if plan.manifest.contract != contract_fingerprint():
        raise GuardError(
            f"The plan {plan.path} was made under another contract (by version {plan.manifest.version}). "
            "Nothing was written. Make a new plan with `etl diff --save-plan`."
        )


def require_same_reference(plan: PlanFile, floors: pl.DataFrame, categories: pl.DataFrame) -> None:
    """Make sure that labels would be matched as when the plan was made.

    Raises:
        GuardError: floors or categories are not what they were.
    """
    if plan.manifest.reference != reference_fingerprint(floors, categories):
        raise GuardError(
            f"Floors or categories were changed in the CMS since the plan {plan.path} was made. Nothing was written. "
            "Make a new plan with `etl diff --save-plan`."
        )


def _require_unmoved(db: Postgres, plan: PlanFile, cms_columns: Mapping[str, set[str]]) -> None:
    moved = list(find_moved(db, plan, cms_columns))
    if not moved:
        _require_no_run_since(db, plan)
        return
    more = f"; and {len(moved) - _NAMED} more" if len(moved) > _NAMED else ""
    raise GuardError(
        f"{len(moved)} records of the plan {plan.path} have moved since it was made: "
        f"{'; '.join(map(str, moved[:_NAMED]))}{more}. Nothing was written. "
        "Make a new plan with `etl diff --save-plan`."
    )


def _require_no_run_since(db: Postgres, plan: PlanFile) -> None:
    """A run that saw the records again and changed nothing has moved them too: its feed is newer than the plan's."""
    manifest = plan.manifest
    origin = Origin(manifest.source_name, manifest.id_prefix)
    latest = read_sources(db).last_sync_id(origin)
    if latest != manifest.last_sync_id:
        raise GuardError(
            f"Run {latest} has loaded {label_of(origin.name)} since the plan {plan.path} was made. Nothing was written. "
            "Make a new plan with `etl diff --save-plan`."
        )


def find_moved(db: Postgres, plan: PlanFile, cms_columns: Mapping[str, set[str]]) -> Iterator[Moved]:
    """Yield the records of a restored plan whose ground has moved, in the order of the feed; each once."""
    saved = plan.table(_PRINTS, pl.DataFrame(schema=_PRINT_SCHEMA).to_arrow().schema)
    now = _fingerprints(db, cms_columns)
    if not saved["what"].is_in(list(_MOVED)).all():
        raise ConfigError(
            f"{plan.path} is not a plan that can be read: {_PRINTS} has others than a plan has."
        )
    joined = saved.join(now, on=["seq", "what"], how="full", coalesce=True, suffix="_now")
    differing = joined.filter(pl.col("print").ne_missing(pl.col("print_now")))
    gone = (pl.col("what") == "row") & pl.col("print_now").is_null()
    reasons = differing.with_columns(what=pl.when(gone).then(pl.lit("gone")).otherwise("what"))
    order = pl.col("what").replace_strict({name: place for place, name in enumerate(_MOVED)})
    first = reasons.sort("seq", order).unique("seq", keep="first", maintain_order=True)
    for batch in plan.batches("pln_records"):
        named = batch.join(first, on="seq", how="inner", maintain_order="left")
        for row in named.iter_rows(named=True):
            table = row["record_table"] or row["kind"]
            yield Moved(row["unique_id"], table, row["record_id"], _MOVED[row["what"]])
