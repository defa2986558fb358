"""The plan: what a sync will do to the CMS, made by set-based SQL, read-only but for temporary tables.

`make_plan` and `etl.load.apply.apply_plan` are apart: a dry run makes the plan and rolls back.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from etl.contract.counters import PlanCounts
from etl.contract.source_names import Prefixes
from etl.contract.tenant import CONTENT, KINDS, OTHER_KIND, SENT, TENANT, Kind
from etl.db.connection import Postgres
from etl.errors import LoadError
from etl.load import columns
from etl.load.hours import hours_in_words
from etl.load.versions import plan_versions
from etl.model.options import Missing, Winner
from etl.runtime import queries


@dataclass(frozen=True)
class PlanOptions:
    """What the person who runs a sync may choose.

    Attributes:
        missing: What happens to rows whose record left the source. With 'inactivate' those that are ACTIVE or
            COMING_SOON are set INACTIVE, unless records came without a uniqueId: whose rows are missing is not known then.
        conflicts: Whose value is taken where the source and an editor both changed a field.
        is_complete: False where the feed is not whole: nothing counts as missing then.
        prefixes: What ids may begin with: which rows are those of the source.
        recreate: Rows that are gone from the CMS are made again.
        retake: Values in the CMS that the job had replaced give way to the source's again.
        lock_rows: Lock the rows that may be written until the end of the transaction; False for a dry run.
    """

    missing: Missing = "keep"
    conflicts: Winner = "source"
    is_complete: bool = True
    prefixes: Prefixes = field(default_factory=Prefixes)
    recreate: bool = False
    retake: bool = False
    lock_rows: bool = True


def make_plan(db: Postgres, cms_columns: Mapping[str, set[str]], options: PlanOptions) -> PlanCounts:
    """Make the plan from what is staged, in the caller's transaction, and count it.

    Out: temporary tables pln_records (what happens to each record that is not plainly unchanged), pln_fields
    (each place where source and CMS differ, with base, theirs, ours and the verdict), pln_changes, pln_slugs,
    pln_links.
    """
    create_tables(db, cms_columns)
    _find_records(db, is_complete=options.is_complete)
    kinds, new_kinds = _read_kinds(db)
    if options.lock_rows:
        lock_records(db, "plan/lock_rows", kinds)
    db.run("plan/decide_actions", options.recreate)
    db.run("plan/analyze_records")  # how many are compared decides how the merge is best joined
    _merge(db, kinds, options)
    if new_kinds:
        _give_slugs(db, new_kinds)
    if options.is_complete and db.value("plan/find_missing", options.missing, *options.prefixes.values):
        if options.missing == "inactivate":
            db.run("plan/spare_rows")
        db.run("plan/withhold_inactivate")
        db.run("plan/analyze_records")  # a feed that lost thousands: the findings join them with themselves
    db.run("plan/drop_foreign_unmapped")
    db.run("plan/report_findings", hours_in_words(db, "plan/hours_in_conflict"))
    db.run("plan/report_inactive", *options.prefixes.values)
    plan_versions(db, cms_columns)
    return count_plan(db)


def create_tables(db: Postgres, cms_columns: Mapping[str, set[str]]) -> None:
    """Make the plan's temporary tables, empty, and its view of the CMS's rows."""
    skip_sync = {
        f"{kind}_skip_sync": "coalesce(skip_sync, false)" if "skip_sync" in cms_columns[kind] else "false"
        for kind in KINDS
    }
    trashed = {
        f"{kind}_is_trashed": "(deleted_at IS NOT NULL)" if "deleted_at" in cms_columns[kind] else "false"
        for kind in KINDS
    }
    db.run_script("plan/tables", **skip_sync, **trashed)


def settle_keys(db: Postgres, *, is_complete: bool) -> None:
    """Make the ids in stg_keys unique, by the rule that `etl.match.settle` asks of DuckDB."""
    _keep_rows(db)
    db.run("plan/reject_taken_ids", is_complete, taken_ids=queries.part("plan/taken_ids", base="owners"))


def _keep_rows(db: Postgres) -> None:
    """Let records whose floor label was not understood have the rows that they have, and no others."""
    db.run("plan/find_kept")
    if db.value("plan/count_held"):
        db.run("plan/analyze_kept")
        db.run(
            "plan/stage_kept_values",
            columns=columns.names(TENANT),
            values=columns.kept_values(),
        )
        db.run("plan/stage_kept")
        db.run("plan/unstage_doubted")
        for table in ("stg_keys", "stg_tenants"):
            db.run("plan/keep_floors", table=table)
        db.run("stage/analyze_keys", table="stg_keys")


def _find_records(db: Postgres, *, is_complete: bool) -> None:
    settle_keys(db, is_complete=is_complete)
    db.run("plan/count_feed")
    db.run("plan/find_by_base")
    db.run("plan/analyze_records")
    db.run("plan/find_by_unique_id")
    db.run("plan/report_odd_ids")
    db.run("plan/carry_over")
    db.run("plan/follow_deleted")
    db.run("plan/analyze_records")


def _read_kinds(db: Postgres) -> tuple[list[Kind], list[Kind]]:
    """Return the tables in which records of the plan have rows, and those in which they may get new ones."""
    found = set(db.read("plan/kinds").iter_rows())
    rows, new = ([kind for kind in KINDS if (kind, is_new) in found] for is_new in (False, True))
    return rows, new


def lock_records(db: Postgres, name: str, kinds: Iterable[Kind] = KINDS) -> None:
    """Lock the rows that may be written, by the query of a name: each record before its texts, as the CMS writes them."""
    for kind in kinds:
        db.read(name, kind=kind, table=kind, key="id")
        db.read(name, kind=kind, table=f"{kind}_locales", key="_parent_id")


def _merge(db: Postgres, kinds: Sequence[Kind], options: PlanOptions) -> None:
    for kind in kinds:
        db.run(
            "plan/stage_from_base",
            table=kind,
            other=OTHER_KIND[kind],
            content=columns.names((*CONTENT, SENT)),
            base_content=columns.qualified((*CONTENT, SENT), "base"),
        )
    unstaged = db.value("plan/count_unstaged")
    if unstaged:
        raise LoadError(
            f"{unstaged} changed records were taken for unchanged: two different records have the same hash. "
            "Nothing was written. Delete the rows of etl.tenants_base that have source_hash twice, and run again."
        )
    theirs = columns.forms("sides.field", theirs="sides.theirs")
    others = columns.forms("sides.field", base="sides.base", ours="sides.ours")
    for kind in kinds:
        db.run("plan/find_unclaimed", table=kind, fields=columns.unclaimed_values(kind), **theirs)
        db.run("plan/find_kept_blanks", table=kind, names=columns.kept_blanks())
        db.run(
            "plan/merge_fields",
            options.conflicts,
            table=kind,
            fields=columns.merge_values(kind),
            **theirs,
            **others,
        )
    if kinds:
        compared = columns.forms(
            "fields.field", before="(changes.before ->> fields.field)", theirs="fields.theirs"
        )
        db.run("plan/find_put_back", options.retake, **compared)
    for kind in kinds:
        db.run("plan/find_hidden_links", table=kind)
        db.run("plan/find_editors_links", table=kind)
    db.run("plan/rename_carried")
    db.run("plan/collect_changes")
    db.run("plan/settle_actions")
    for kind in kinds:
        db.run("plan/plan_links", table=kind)


def _give_slugs(db: Postgres, kinds: Iterable[Kind]) -> None:
    db.run("plan/analyze_records")
    for kind in kinds:
        db.run("plan/number_slugs", table=kind)
    db.run("plan/analyze_slugs")


def count_plan(db: Postgres) -> PlanCounts:
    """Count what the plan does, by its tables as they are now."""
    found = db.read("plan/count").row(0, named=True)
    refused = found.pop("rejected")
    errors = found.pop("errors")
    written = found["created"] + found["updated"] + found["skipped"] + refused
    return PlanCounts(rejected=errors, unchanged=found["processed"] - written, **found)
