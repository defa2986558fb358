"""The plan of a rollback: what becomes of each change of a run, by set-based SQL; read-only but for temporary tables."""

from etl.contract.cms import versions_of
from etl.contract.issue import words
from etl.contract.tenant import KINDS, Kind
from etl.db.connection import Postgres
from etl.load import columns
from etl.load.open_documents import OpenDocuments, as_json
from etl.load.plan import lock_records
from etl.load.versions import find_drafts, keeps_versions, listed_kinds


def make_plan(db: Postgres, sync_id: str, documents: OpenDocuments, *, lock_rows: bool) -> None:
    """Make the plan of rolling back a run, in the caller's transaction; rows that somebody has open stay.

    Out: temporary tables rbk_changes (what becomes of each row that the run changed), rbk_fields (field by field)
    and rbk_back (what is written). Rows are locked until the end of the transaction, but for a plan that is only shown.
    """
    db.run_script("rollback/tables")
    db.run("rollback/read_changes", sync_id)
    db.run("rollback/analyze_changes")
    if lock_rows:
        lock_records(db, "rollback/lock_rows")
    for kind in KINDS:
        db.run("rollback/judge_rows", table=kind)
    forms = columns.forms(
        "fields.field", before="fields.before", after="fields.after", present="fields.present"
    )
    for kind in KINDS:
        db.run("rollback/compare_fields", table=kind, fields=columns.present_values(), **forms)
    db.run("rollback/analyze_fields")
    _decide(db, documents)
    if keeps_versions(documents.cms_columns):
        db.run_script("versions/tables")
        db.run("stage/create_issues")
        find_drafts(db, documents.cms_columns, KINDS, "rollback")
    describe(db)


def describe(db: Postgres) -> None:
    """Say for people why rows and fields stay, as the plan is now."""
    db.run("rollback/describe_records")
    db.run("rollback/describe_fields")


def _decide(db: Postgres, documents: OpenDocuments) -> None:
    for kind in KINDS:
        _find_references(db, kind)
        db.run("rollback/decide_created", table=kind)
    for kind in listed_kinds(documents.cms_columns):
        db.run("rollback/keep_drafts", table=kind, versions=db.cms_name(versions_of(kind)))
    db.run("rollback/keep_taken_ids")
    db.run(
        "rollback/find_writers",
        **columns.forms("kept.field", later="(later.after ->> kept.field)", present="kept.present"),
    )
    db.run("rollback/collect_back")
    db.run("rollback/settle_updated")
    if open_rows := documents.read(db):
        db.run("rollback/hold_open", as_json(open_rows))
    db.run("rollback/keep_moved")
    db.run("rollback/keep_moved_fields")
    for kind in KINDS:
        db.run("rollback/collect_inactivated", table=kind)
    db.run("rollback/analyze_changes")
    db.run("rollback/analyze_back")


def _find_references(db: Postgres, kind: Kind) -> None:
    for table, column, is_readable in db.read("rollback/references", table=kind).iter_rows():
        if is_readable:
            name = f"{table}.{column}"
            db.run("rollback/find_references", name, table=kind, referrer=table, key=column)
        else:
            name = words("set_inactive", "referrer.unreadable", column=f"{table}.{column}")
            db.run("rollback/doubt_references", name, table=kind)
