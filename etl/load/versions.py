"""Versions: what editors see of a row in a CMS that keeps drafts, written in the run's own transaction.

A row that the run made gets a copy of itself as its latest version. One that it changed gets a new one: a copy of the row
where the version before is published as it is; where that is an editor's draft, the draft with each field that the run
changed, as long as the draft still had the value from before. docs/decisions/0015-versions.md says why.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Literal

from etl.contract.cms import versions_of
from etl.contract.tenant import KINDS, Kind
from etl.db.connection import Postgres
from etl.load import columns
from etl.load.bisect import read_range, require_all
from etl.load.hours import hours_in_words
from etl.load.version_parts import (
    Part,
    VersionTables,
    has_latest,
    left_of,
    lists,
    merged_record,
    merged_texts,
    read_version_tables,
    taken_parts,
)
from etl.runtime import queries

WRITTEN = "apply/written"
"""The query that counts what a plan writes, for `etl.load.bisect`."""

MISSING = "versions/missing"
"""The query that counts the rows without a version, for `etl.load.bisect`."""


_NAMED = 10

Writer = Literal["plan", "rollback", "move"]
"""Whose temporary tables say which rows are written, and what of each: sql/versions/of_….sql."""


def keeps_versions(cms_columns: Mapping[str, set[str]]) -> bool:
    """Tell whether the CMS keeps versions of shops or dinings."""
    return any(versions_of(kind) in cms_columns for kind in KINDS)


def plan_versions(db: Postgres, cms_columns: Mapping[str, set[str]]) -> None:
    """Find out what the versions of a plan will be, and report it, before anything is written.

    Where the CMS keeps none, no statement is sent.

    Out: ver_missing, the rows of the feed that no list shows; ver_drafts, the fields that stay as a draft has them.
    """
    if not keeps_versions(cms_columns):
        return
    db.run_script("versions/tables")
    missing = sum(
        db.value("versions/find_missing", table=kind, versions=db.cms_name(versions_of(kind)))
        for kind in listed_kinds(cms_columns)
    )
    changed = {kind for kind, done in read_range(db, WRITTEN).counts if done != "create"}
    find_drafts(db, cms_columns, changed)
    if missing or changed:
        report_versions(db)


def find_drafts(
    db: Postgres, cms_columns: Mapping[str, set[str]], changed: Collection[str], writer: Writer = "plan"
) -> None:
    """Find the fields that are about to be written and that an editor's draft has otherwise.

    Args:
        db: The connection, in the transaction, with the temporary tables of versions.
        cms_columns: The columns of the CMS's tables.
        changed: The kinds of which rows change.
        writer: Who writes them.
    """
    forms = columns.forms("sides.field", draft="sides.draft", before="sides.before", after="sides.after")
    kinds = [kind for kind in listed_kinds(cms_columns) if kind in changed]
    for tables in read_version_tables(db, cms_columns, kinds).values():
        db.run("versions/find_drafts", written=_written(tables.kind, writer), **tables.drafts, **forms)
    if kinds:
        db.run("versions/analyze_drafts")


def find_unpublished(db: Postgres, cms_columns: Mapping[str, set[str]], kind: Kind) -> set[int]:
    """Return the seq of the rows that a move takes from a table of which an editor has a draft beside the published row."""
    if kind not in listed_kinds(cms_columns):
        return set()
    rows = queries.part("versions/gone_of_move", table=kind)
    found = db.read("versions/unpublished", rows=rows, table=kind, versions=db.cms_name(versions_of(kind)))
    return set(found["seq"])


def report_versions(db: Postgres) -> None:
    """Report what `find_drafts` found, and the rows that no list shows, into stg_issues."""
    db.run("versions/report", hours_in_words(db, "versions/hours"))


def in_drafts(db: Postgres, cms_columns: Mapping[str, set[str]]) -> tuple[str, ...]:
    """Return a sentence about the fields that stay as a draft has them, where there are any, once they are found."""
    rows, named = db.read("versions/in_drafts").row(0) if keeps_versions(cms_columns) else (None, None)
    if not rows:
        return ()
    more = ", …" if rows > _NAMED else ""
    return (f"Editors' drafts of {rows:,} rows have fields otherwise, and keep them: {named}{more}.",)


def listed_kinds(cms_columns: Mapping[str, set[str]]) -> list[Kind]:
    """Return the kinds of which the CMS lists and edits the latest version."""
    return [kind for kind in KINDS if has_latest(cms_columns.get(versions_of(kind), ()))]


def _written(kind: Kind, writer: Writer) -> str:
    return queries.part(f"versions/of_{writer}", table=kind)


def write_versions(
    db: Postgres, tables: VersionTables, first: int, last: int, writer: Writer = "plan"
) -> None:
    """Give each row of a kind that was written in a range its new latest version.

    Raises:
        PostgresError: the database refuses one for its values, or a trigger leaves one out.
    """
    db.run("versions/list_written", first, last, written=_written(tables.kind, writer), **tables.listed)
    _write_listed(db, tables)


def delete_versions(db: Postgres, tables: VersionTables, first: int, last: int, writer: Writer) -> None:
    """Delete the versions of the rows of a range that are about to be deleted."""
    gone = queries.part(f"versions/gone_of_{writer}", table=tables.kind)
    db.run("versions/delete", first, last, versions=tables.of("version").from_name, gone=gone)


def write_missing(db: Postgres, tables: VersionTables, first: int, last: int) -> None:
    """Give each row of a range that no list shows a copy of itself as its version."""
    sequence = tables.of("version").sequence_name or ""
    db.run("versions/list_missing", first, last, table=tables.kind, sequence=sequence)
    _write_listed(db, tables)


def _write_listed(db: Postgres, tables: VersionTables) -> None:
    """Write the versions of the rows in ver_rows, and empty that."""
    copies, again, merges = db.read("versions/listed").row(0)
    if copies:
        _make(db, tables, "versions/copy_record", copies, tables.of("main").values)
    if merges:
        _make(db, tables, "versions/merge_record", merges, merged_record(tables))
        _merge_texts(db, tables)
    if copies or merges:
        db.run("versions/start_keys", tables.of("main").part, tables.of("version").part)
        _copy_parts(db, tables, ("main",) * bool(copies) + ("version",) * bool(merges))
    if merges:
        _take_parts(db, tables)
    if (again or merges) and has_latest(tables.own):
        db.run("versions/pass_latest", versions=tables.of("version").from_name)
    db.run("versions/clear")


def _make(db: Postgres, tables: VersionTables, name: str, planned: int, values: Mapping[str, str]) -> None:
    made = db.value(name, **tables.of("main").tables, **lists(values), **tables.flags)
    require_all(tables.of("version").part, planned, made)


def _merge_texts(db: Postgres, tables: VersionTables) -> None:
    names = tables.of("main", "_locales").tables
    texts = lists(merged_texts(tables))
    db.run("versions/merge_texts", keys=columns.locale_keys("languages._locale"), **names, **texts)


def _copy_parts(db: Postgres, tables: VersionTables, sides: Iterable[str]) -> None:
    texts = tables.of("version", "_locales")
    for side in sides:
        for part in tables.beside(side):
            if part != texts:  # merged already
                _copy_part(db, part, left_of(part, tables))


def _copy_part(db: Postgres, part: Part, left: str) -> None:
    side, parent = part.side, part.parent_part
    if part.has_parts:
        db.run("versions/find_keys", side, part.part, parent, **part.keyed)
        db.run("versions/copy_named_part", side, parent, part.part, **part.copied, **part.key_types)
    else:
        db.run("versions/copy_part", side, parent, left=left, **part.copied, **part.key_types)


def _take_parts(db: Postgres, tables: VersionTables) -> None:
    for field, (part, taken) in taken_parts(tables).items():
        db.run("versions/take_part", field, taken=taken, **part.copied)
