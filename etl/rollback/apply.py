"""Apply: write the plan of a rollback to the CMS, set-based, in the plan's own transaction."""

from collections.abc import Mapping
from functools import partial

from etl.contract.tenant import BASE, KINDS, Kind
from etl.db.connection import Postgres
from etl.errors import LoadError
from etl.load import columns
from etl.load.bisect import Range, read_range, refusals
from etl.load.version_parts import VersionTables
from etl.load.versions import delete_versions, write_versions
from etl.rollback.plan import describe

_PARTS = {
    "record": ("", "id"),
    "locales": ("_locales", "_parent_id"),
    "rels": ("_rels", "parent_id"),
    "hours": ("_opening_hours_per_day", "_parent_id"),
}
"""The parts of a record, as row images name them: the end of the table's name, and its key; parents first."""

_WRITTEN = "rollback/written"


def apply_plan(db: Postgres, sync_id: str, applied_at: str, versions: Mapping[Kind, VersionTables]) -> int:
    """Write what the plan says and return how many records the database refused; those stay as they are.

    It has to be the transaction in which the plan was made. `sync_id` is the rollback's own; `versions` are the tables of
    versions, by kind, where the CMS keeps any.

    Raises:
        PostgresError: anything else than a row's own values is to blame; the transaction is then lost.
        LoadError: a row of a moved record is refused.
    """
    written = read_range(db, _WRITTEN)
    refused = 0
    write = partial(_write, db, sync_id, applied_at, versions)
    for seq, error in refusals(db, _WRITTEN, written, write):
        db.run("rollback/reject_record", seq, error.detail)
        refused += 1
    if refused:
        db.run("rollback/reject_fields")
        describe(db)
    _return_base(db)
    return refused


def _return_base(db: Postgres) -> None:
    """Let the base go back with moved records: each is in one table or the other."""
    moved, refused = db.read("rollback/count_moved").row(0)
    if refused:
        raise LoadError(
            "The database refuses a row of a moved record, so it can't go back as a whole. Nothing was written. The log of "
            "the database says which constraint or trigger it was."
        )
    if moved:
        db.run("rollback/keep_base")
        db.run("rollback/return_base", columns=columns.names(BASE), values=columns.qualified(BASE, "earlier"))


def _write(
    db: Postgres,
    sync_id: str,
    applied_at: str,
    versions: Mapping[Kind, VersionTables],
    written: Range,
) -> None:
    first, last = written.first, written.last
    for kind in KINDS:
        outcomes = written.of(kind).keys()
        if "deleted" in outcomes:
            if kind in versions:
                delete_versions(db, versions[kind], first, last, "rollback")
            for part, (ending, key) in reversed(_PARTS.items()):
                names = {"kind": kind, "table": f"{kind}{ending}", "key": key}
                db.run("rollback/delete_rows", first, last, part, **names)
        if outcomes & {"put_back", "inactivated"}:
            assignments = columns.update_record_assignments()
            db.run("rollback/update_records", first, last, applied_at, table=kind, assignments=assignments)
        if "put_back" in outcomes:
            _put_back_texts(db, kind, first, last)
            for name in ("take_links", "give_links", "take_hours", "return_hours"):
                db.run(f"rollback/{name}", first, last, table=kind)
            db.run("rollback/write_hours", first, last, sync_id, table=kind)
        if "restored" in outcomes:
            for part, (ending, _) in _PARTS.items():
                db.run("rollback/restore_rows", first, last, part, kind=kind, table=f"{kind}{ending}")
        if kind in versions and outcomes - {"deleted"}:
            write_versions(db, versions[kind], first, last, "rollback")


def _put_back_texts(db: Postgres, kind: Kind, first: int, last: int) -> None:
    locale = {"table": kind, "keys": columns.locale_keys()}
    db.run("rollback/return_locales", first, last, **locale)
    db.run("rollback/update_locales", first, last, assignments=columns.update_locale_assignments(), **locale)
    added = {"columns": columns.locale_columns(), "values": columns.add_locale_values()}
    db.run("rollback/add_locales", first, last, **added, **locale)
    db.run("rollback/drop_empty_locales", first, last, **locale)
