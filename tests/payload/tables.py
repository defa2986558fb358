"""Write sql/schema/cms: the tables of an empty database, just as Payload makes them of config.mjs's preset `plain`.

`make cms-tables` does it, after a change of the preset or of Payload's release. A test holds the files to Payload.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.support.payload import PRESETS, PayloadTemplates
from tests.support.postgres import Database, Servers

Row = dict[str, Any]

FOLDER = Path(__file__).parents[2] / "sql" / "schema" / "cms"

FILES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "reference": (
        "users, media, floors, categories and promotions",
        ("users", "users_sessions", "media", "floors", "categories", "categories_locales", "promotions"),
    ),
    "shops": ("shops with their texts and hours", ("shops", "shops_locales", "shops_opening_hours_per_day")),
    "dinings": ("dinings with their texts and hours", ("dinings", "dinings_locales", "dinings_opening_hours_per_day")),
    "links": ("links of shops and dinings", ("shops_rels", "dinings_rels")),
    "sync_logs": (
        "the CMS's own screen of runs",
        ("api_sync_logs", "api_sync_logs_errors", "api_sync_logs_validation_issues",
         "api_sync_logs_unmapped_data_unmapped_floors", "api_sync_logs_unmapped_data_unmapped_categories"),
    ),
    "payload": (
        "what Payload keeps for itself (open documents, preferences, migrations)",
        ("payload_kv", "payload_locked_documents", "payload_locked_documents_rels", "payload_preferences",
         "payload_preferences_rels", "payload_migrations"),
    ),
}  # fmt: skip
"""Which tables a file makes, and what its header says; the files in the order in which they can be run, after `types`."""

_WIDTH = 128
_TYPES = {
    "character varying": "varchar", "integer": "int", "boolean": "bool", "timestamp(3) with time zone": "timestamptz(3)",
}  # fmt: skip
_ENUMS = """
    SELECT t.typname AS name, array_agg(e.enumlabel::text ORDER BY e.enumsortorder) AS labels
    FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid GROUP BY t.typname ORDER BY t.typname
"""
_COLUMNS = """
    SELECT c.relname AS "table", a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS is_needed,
      pg_get_expr(d.adbin, d.adrelid) AS "default"
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace ORDER BY c.relname, a.attnum
"""
_KEYS = """
    SELECT conrelid::regclass::text AS "table", conname AS name, contype::text AS type, confrelid::regclass::text AS target,
      confdeltype::text AS on_delete, confupdtype::text AS on_update, condeferrable AS is_deferrable,
      (SELECT array_agg(attname::text) FROM pg_attribute WHERE attrelid = conrelid AND attnum = ANY (conkey)) AS columns,
      (SELECT array_agg(attname::text) FROM pg_attribute WHERE attrelid = confrelid AND attnum = ANY (confkey)) AS targets
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n' ORDER BY conrelid, conname
"""
_INDEXES = """
    SELECT tablename AS "table", indexname AS name, indexdef AS definition FROM pg_indexes
    WHERE schemaname = 'public' AND indexname NOT IN (SELECT conname FROM pg_constraint) ORDER BY tablename, indexname
"""
_ON_DELETE = {"c": "CASCADE", "n": "SET NULL"}


def read_tables(database: Database) -> dict[str, str]:
    """Return the text of each file by its name, from the catalogue of a database whose tables Payload made."""
    rows = {name: database.query(query) for name, query in
            (("columns", _COLUMNS), ("keys", _KEYS), ("indexes", _INDEXES))}  # fmt: skip
    listed = [table for _, tables in FILES.values() for table in tables]
    if unlisted := {row["table"] for row in rows["columns"]} ^ set(listed):
        raise ValueError(f"Payload's tables and those of FILES differ by {sorted(unlisted)}.")
    _require_order(listed, rows["keys"])
    texts = {
        "types": _file("the types of the CMS's tables", map(_type, database.query(_ENUMS)), "none", "types")
    }
    for name, (made, tables) in FILES.items():
        statements = (statement for table in tables for statement in _table(table, rows))
        texts[name] = _file(
            made, statements, "the files before it, in the order of etl/load/schema.py", "tables"
        )
    return texts


def _require_order(listed: list[str], keys: Iterable[Row]) -> None:
    for key in keys:
        if key["type"] == "f" and listed.index(key["target"]) > listed.index(key["table"]):
            raise ValueError(f"{key['table']} is made before {key['target']}, which it names.")


def _file(made: str, statements: Iterable[str], needed: str, out: str) -> str:
    header = (
        f"-- Purpose: make {made} in an empty database, just as Payload does\n"
        f"-- In: {needed}\n"
        f"-- Out: {out}\n"
        "-- Params: none; written by `make cms-tables` (tests/payload/tables.py), not by hand\n"
    )
    return header + "\n".join(statements).rstrip() + "\n"


def _type(enum: Row) -> str:
    labels = ", ".join(f"'{label}'" for label in enum["labels"])
    return f"CREATE TYPE {enum['name']} AS ENUM ({labels});"


def _table(table: str, rows: Mapping[str, list[Row]]) -> Iterator[str]:
    columns = [_column(row) for row in rows["columns"] if row["table"] == table]
    keys = [_foreign_key(row) for row in rows["keys"] if row["table"] == table and row["type"] == "f"]
    (primary,) = (row for row in rows["keys"] if row["table"] == table and row["type"] == "p")
    if (primary["columns"], primary["name"]) != (["id"], f"{table}_pkey"):
        raise ValueError(f"The primary key of {table} is another one than a statement here can make.")
    yield f"CREATE TABLE {table} (\n    " + ",\n    ".join([*columns, *keys]) + "\n);"
    for row in rows["indexes"]:
        if row["table"] == table:
            yield _index(row)
    yield ""


def _column(row: Row) -> str:
    name = '"order"' if row["name"] == "order" else row["name"]
    type_name = _TYPES.get(row["type"], row["type"])
    if row["name"] == "id":
        return f"id {'serial' if row['default'] else type_name} PRIMARY KEY"
    default = f" DEFAULT {row['default'].split('::')[0]}" if row["default"] else ""
    return f"{name} {type_name}{' NOT NULL' if row['is_needed'] else ''}{default}"


def _foreign_key(row: Row) -> str:
    if (row["on_update"], row["is_deferrable"], row["targets"]) != ("a", False, ["id"]):
        raise ValueError(f"{row['name']} is another kind of key than a statement here can make.")
    (column,) = row["columns"]
    return (
        f"CONSTRAINT {row['name']}\n"
        f"    FOREIGN KEY ({column}) REFERENCES {row['target']} ON DELETE {_ON_DELETE[row['on_delete']]}"
    )


def _index(row: Row) -> str:
    head, _, columns = row["definition"].replace("public.", "").partition(" USING btree ")
    made, _, table = head.partition(" ON ")
    line = f"{made} ON {table} {columns};"
    return line if len(line) <= _WIDTH else f"{made}\nON {table} {columns};"


def main() -> None:
    """Write the files."""
    with ExitStack() as stack, PayloadTemplates(Servers(stack)) as templates:
        texts = read_tables(templates.seeded(PRESETS["plain"]))
    FOLDER.mkdir(exist_ok=True)
    for name, text in texts.items():
        (FOLDER / f"{name}.sql").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
