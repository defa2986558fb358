"""The catalogue: what the CMS's tables and the job's own really are, and what the CMS's must be for the job to go on.

What is in the way is a sentence each, with the remedy; the same for `etl check` and every run.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from etl.contract.cms import OPTIONAL, SCREEN, TABLES, VERSION_TABLES, WRITTEN, CmsColumn, versions_of
from etl.contract.tenant import KINDS, Kind
from etl.db.connection import Postgres
from etl.db.session import Session

_INTEGERS = frozenset({"integer", "bigint", "smallint"})
_TIMES = frozenset({"timestamp with time zone", "timestamp without time zone"})
_CATEGORIES = {"text": "S", "boolean": "B", "number": "N"}
_ADVICE = {
    "integer": "The CMS must be set up with whole numbers for ids (idType: 'serial').",
    "text": "Let the field be a text in the CMS (no rich text, no JSON), and run its migrations.",
    "choice": "Let the field be a select in the CMS, and run its migrations.",
    "boolean": "Let the field be a checkbox in the CMS, and run its migrations.",
    "number": "Let the field be a number in the CMS, and run its migrations.",
    "time": "Let the field be a date in the CMS, and run its migrations.",
}


@dataclass(frozen=True)
class FoundColumn:
    """A column as the catalogue has it: its type as SQL, the kind of type, an enum's labels, and what a new row needs.

    The database makes each value of a generated one.
    """

    name: str
    type_name: str
    category: str
    base_type: str
    labels: tuple[str, ...]
    is_not_null: bool
    is_required: bool
    is_generated: bool
    sequence: str | None
    may_use_sequence: bool


@dataclass(frozen=True)
class FoundTable:
    """A table as the catalogue has it: whose it is, whether it hides rows from the role, and the role's rights on it.

    Its rules, joined by commas, do something in place of a statement.
    """

    owner: str
    hides_rows: bool
    rights: frozenset[str]
    rules: str
    columns: dict[str, FoundColumn] = field(default_factory=dict)


Catalogue = Mapping[str, FoundTable]
"""The tables that are there, by name; the job's own as `etl.sync_logs`."""


def read_catalogue(db: Postgres, own: Iterable[str]) -> Catalogue:
    """Read what is there of the CMS's tables and the job's own, in one statement.

    Args:
        db: Outside any transaction, or in one.
        own: The job's own, as `etl.sync_logs`.
    """
    found: dict[str, FoundTable] = {}
    names = ",".join(name.removeprefix("etl.") for name in own)
    for row in db.read("check/catalogue", ",".join((*TABLES, *OPTIONAL, *SCREEN)), names).iter_rows(
        named=True
    ):
        rights = frozenset(filter(None, row["rights"].split(",")))
        table = found.setdefault(
            row["table_name"], FoundTable(row["owner"], row["hides_rows"], rights, row["rules"])
        )
        table.columns[row["column_name"]] = _column(row)
    return found


def _column(row: Mapping[str, Any]) -> FoundColumn:
    return FoundColumn(
        row["column_name"],
        row["type_name"],
        row["category"],
        row["base_type"],
        tuple(filter(None, row["labels"].split("\n"))),
        row["is_not_null"],
        row["is_required"],
        row["is_generated"],
        row["sequence_name"],
        row["may_use_sequence"],
    )


def columns_of(catalogue: Catalogue) -> dict[str, set[str]]:
    """Return the names of the columns of each of the CMS's tables that a run uses."""
    wanted = {*TABLES, *OPTIONAL, *map(versions_of, KINDS)}
    return {name: set(table.columns) for name, table in catalogue.items() if name in wanted}


def missing_columns(wanted: Mapping[str, Iterable[str]], found: Mapping[str, set[str]]) -> list[str]:
    """Return what is missing: `shops` for a whole table, `shops.slug` for a column."""
    missing = []
    for table, columns in sorted(wanted.items()):
        if table not in found:
            missing.append(table)
        else:
            missing += [f"{table}.{column}" for column in sorted(set(columns) - found[table])]
    return missing


def missing_of_cms(catalogue: Catalogue) -> list[str]:
    """Return the tables and columns of the CMS that are not there."""
    wanted = {table: [column.name for column in columns] for table, columns in TABLES.items()}
    return missing_columns(wanted, columns_of(catalogue))


def misplaced(session: Session) -> Iterator[str]:
    """Yield why the schema of the CMS's tables can't be told, or not be used."""
    if not session.cms_schema and len(session.cms_schemas) > 1:
        yield (
            f"The CMS's tables are in {len(session.cms_schemas)} schemas: {', '.join(session.cms_schemas)}. Name the "
            "CMS's own in DATABASE_URL: ?schema=NAME (for public: ?options=-csearch_path%3Dpublic)."
        )
    elif not session.cms_schema and session.cms_schemas:
        yield (
            f"DATABASE_URL names a schema that does not have the CMS's tables; {session.cms_schemas[0]} has them. "
            f"Write schema={session.cms_schemas[0]}, or leave the parameter out."
        )
    elif not session.may_use_cms:
        yield (
            f"The CMS's tables are in schema {session.cms_schema}, which {session.username} may not use. Let its owner "
            f"GRANT USAGE ON SCHEMA {session.cms_schema}, and the rights on the tables: sql/roles.sql has all."
        )


def misshapen(catalogue: Catalogue) -> Iterator[str]:
    """Yield what of the CMS's tables is not as the job needs it; columns that are not there are left out."""
    for name, wanted in (*TABLES.items(), *OPTIONAL.items()):
        if name in catalogue:
            table = catalogue[name]
            for column in wanted:
                if column.name in table.columns:
                    yield from _wrong(name, column, table.columns[column.name])
            if name in WRITTEN:
                yield from _unfilled(name, table, wanted)
    for kind in KINDS:
        if versions_of(kind) in catalogue:
            yield from _wrong_versions(kind, catalogue)


def _wrong_versions(kind: Kind, catalogue: Catalogue) -> Iterator[str]:
    wanted = VERSION_TABLES[kind]
    found = {name: set(table.columns) for name, table in catalogue.items()}
    names = {name: [column.name for column in columns] for name, columns in wanted.items()}
    if missing := missing_columns(names, found):
        yield (
            f"The CMS keeps versions of {kind}, and {', '.join(missing[:3])}{', …' if len(missing) > 3 else ''} "
            "is not there, so that a row could not be copied into one. Run the CMS's migrations."
        )
        return
    for name, columns in wanted.items():
        table = catalogue[name]
        for column in columns:
            yield from _wrong(name, column, table.columns[column.name])
        filled = {column.name for column in columns} | _version_columns(kind, name, found)
        yield from _never_filled(name, table, filled)
        if table.owner != catalogue[kind].owner:
            yield (
                f"{name} belongs to {table.owner}, and {kind} to {catalogue[kind].owner}, so that it is not known for the "
                f"CMS's. Let its owner run ALTER TABLE {name} OWNER TO {catalogue[kind].owner}."
            )
    if not catalogue[versions_of(kind)].columns["id"].sequence:
        yield (
            f"{versions_of(kind)}.id takes no value from a sequence, so that a new version has no id. The CMS must be set "
            "up with whole numbers for ids (idType: 'serial')."
        )


def _version_columns(kind: Kind, name: str, found: Mapping[str, set[str]]) -> set[str]:
    """Return the columns of a table of versions that a copy of a row fills, of those that the contract does not name."""
    main = name.replace(f"{versions_of(kind)}_version", kind).replace(versions_of(kind), kind)
    return {"latest", "autosave"} | {f"version_{column}" for column in found[main]} | found[main] - {"id"}


def _wrong(table: str, wanted: CmsColumn, found: FoundColumn) -> Iterator[str]:
    if not _fits(wanted, found):
        holds = "text or an enum" if wanted.holds == "choice" else wanted.holds
        yield f"{table}.{found.name} is {found.type_name}, not {holds}. {_ADVICE[wanted.holds]}"
    elif found.category == "E" and (missing := [one for one in wanted.labels if one not in found.labels]):
        what = "a locale" if found.name == "_locale" else "an option"
        yield (
            f"The enum of {table}.{found.name} does not have {', '.join(missing)}. Add it as {what} in the CMS's "
            "configuration, and run its migrations."
        )


def _fits(wanted: CmsColumn, found: FoundColumn) -> bool:
    if wanted.holds == "integer":
        return found.base_type in _INTEGERS
    if wanted.holds == "time":
        return found.base_type in _TIMES
    if wanted.holds == "choice":
        return found.category in {"E", "S"}
    return found.category == _CATEGORIES[wanted.holds]


def _unfilled(name: str, table: FoundTable, wanted: Sequence[CmsColumn]) -> Iterator[str]:
    yield from _never_filled(
        name, table, {column.name for column in wanted if column.name != "id" or column.holds == "text"}
    )
    if name.endswith("_rels") and "locale" in table.columns:
        yield (
            f"{name} has a column locale: links are per language, which the job does not know. Let the relationship to "
            "categories be without localization in the CMS, and run its migrations."
        )


def _never_filled(name: str, table: FoundTable, filled: Collection[str]) -> Iterator[str]:
    if table.rules:
        yield (
            f"{name} has a rule, {table.rules}, that does something in place of what is written, so that nobody would know "
            "what becomes of it. Let its owner DROP RULE, or make it a trigger."
        )
    for column in table.columns.values():
        if column.is_generated and column.name in filled:
            yield (
                f"{name}.{column.name} is generated by the database, so that the job can't write it. Let its owner ALTER "
                f"TABLE {name} ALTER {column.name} DROP EXPRESSION."
            )
        if column.is_required and column.name not in filled:
            yield (
                f"{name}.{column.name} must not be null, has no default, and the job does not fill it. Let the CMS make it "
                "optional or give it a default, and run its migrations."
            )


def hidden(catalogue: Catalogue, username: str) -> Iterator[str]:
    """Yield the tables of which row level security may hide rows from the role."""
    names = sorted(name for name, table in catalogue.items() if table.hides_rows and name not in SCREEN)
    if names:
        yield (
            f"Row level security applies to {username} on {', '.join(names)}, so that rows may be hidden from it. Let the "
            "server's administrator run ALTER ROLE … BYPASSRLS, or let the job log in as a role to which it does not apply."
        )


def lacking(catalogue: Catalogue, wanted: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the rights that the role does not have on tables that are there, e.g. `INSERT on shops`."""
    found = []
    for name, rights in wanted.items():
        if name in catalogue:
            table = catalogue[name]
            found += [(name, right) for right in rights if right not in table.rights]
            if "INSERT" in rights:
                found += [
                    (column.sequence.rsplit(".", maxsplit=1)[-1], "USAGE")
                    for column in table.columns.values()
                    if column.sequence and not column.may_use_sequence
                ]
    return [f"{right} on {name}" for name, right in sorted(found)]


def behind(db: Postgres, catalogue: Catalogue) -> Iterator[str]:
    """Yield the sequences whose next id a table has already, or that have none left; the tables must be readable."""
    sequences = {
        name: table.columns["id"].sequence
        for name, table in catalogue.items()
        if name in WRITTEN and "id" in table.columns and table.columns["id"].sequence
    }
    if not sequences:
        return
    rows = db.read("check/sequences", "\n".join(sequences), "\n".join(filter(None, sequences.values())))
    for table, sequence, given, highest, is_readable, is_at_end in rows.iter_rows():
        if is_at_end:
            yield (
                f"The sequence {sequence} is at its end: no new row of {table} could have an id. Let its owner raise its "
                "MAXVALUE, and the column's type where that is smaller."
            )
            continue
        following = db.value("check/sequence", sequence=sequence) if given is None and is_readable else given
        if following is None or following <= highest:
            state = "may not be read" if following is None else f"gives {following} next"
            yield (
                f"The sequence {sequence} {state}, and {table} has id {highest} already: a new row would be refused. "
                f"Let its owner run SELECT setval('{sequence}', {highest})."
            )
