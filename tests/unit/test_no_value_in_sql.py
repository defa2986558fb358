"""Promise: no value of the feed, an editor or a setting becomes SQL: each text of a statement is proved, or listed here."""

import re
from pathlib import Path

import pytest

from etl.runtime import queries
from tests.support.sql_proof import ROOT, Unproved, package, unproved, unproved_in

LISTED: dict[Unproved, str] = {
    Unproved(file, function, expression): reason
    for file, function, expression, reason in (
        # the way of every statement: what comes in is proved where it is called
        ("etl/db/connection.py", "run", "load(name, _WORDS, **parts)", "parts are those of the callers"),
        ("etl/db/connection.py", "run", "parts", "parts are those of the callers"),
        ("etl/db/connection.py", "run_script", "parts", "parts are those of the callers"),
        ("etl/db/connection.py", "work", "statement", "what run_script loaded"),
        ("etl/db/connection.py", "execute", "sql", "the callers' text"),
        ("etl/db/connection.py", "_execute", "sql", "the text of execute or of run_script"),
        ("etl/db/connection.py", "fetch", "part(name, _WORDS, **parts)", "parts are those of read's callers"),
        ("etl/db/connection.py", "reader", "part(name, _WORDS, **parts)", "parts are those of the callers"),
        ("etl/db/connection.py", "value", "parts", "parts are those of the callers"),
        ("etl/db/connection.py", "ingest", "table", "the callers' name"),
        ("etl/load/staging.py", "prepare", "keys", "the callers' name"),
        ("etl/load/staging.py", "prepare", "tenants", "the callers' name"),
        ("etl/db/connection.py", "savepoint", "f'SAVEPOINT {name}'", "the callers' name"),
        ("etl/db/connection.py", "savepoint", "f'ROLLBACK TO SAVEPOINT {name}'", "the callers' name"),
        ("etl/db/connection.py", "savepoint", "f'RELEASE SAVEPOINT {name}'", "the callers' name"),
        (
            "etl/match/matcher.py",
            "_create",
            "f'CREATE TEMP TABLE {table} AS SELECT * FROM incoming'",
            "the callers' name",
        ),
        ("etl/runs/retention.py", "_delete_until", "table", "the callers' name"),
        # kinds that the plan has, of those that the contract has
        ("etl/load/plan.py", "_give_slugs", "kind", "a kind, by its type"),
        ("etl/load/plan.py", "_merge", "columns.merge_values(kind)", "a kind, by its type"),
        ("etl/load/plan.py", "_merge", "columns.unclaimed_values(kind)", "a kind, by its type"),
        ("etl/load/plan.py", "_merge", "kind", "a kind, by its type"),
        ("etl/load/plan.py", "lock_records", "f'{kind}_locales'", "a kind, by its type"),
        ("etl/load/plan.py", "lock_records", "kind", "a kind, by its type"),
        ("etl/load/open_documents.py", "read", "kind", "a kind, by its type"),
        ("etl/move/plan.py", "make_plan", "kind", "a kind, by its type"),
        ("etl/move/plan.py", "_note_references", "plan.kind", "a kind, by its type"),
        ("etl/move/run.py", "_apply", "plan.kind", "a kind, by its type"),
        ("etl/move/run.py", "_apply", "f'{plan.kind}{ending}'", "a kind, by its type, and a text written out there"),
        # from the contract
        ("etl/rollback/apply.py", "_return_base", "columns.names(BASE)", "names of columns, of the contract"),
        (
            "etl/rollback/apply.py", "_return_base", "columns.qualified(BASE, 'earlier')",
            "names of columns, of the contract",
        ),
        ("etl/load/apply.py", "_apply", "columns.names(BASE)", "names of columns, of the contract"),
        ("etl/load/plan.py", "_merge", "columns.qualified((*CONTENT, SENT), 'base')", "names of columns, of the contract"),
        ("etl/load/plan.py", "_merge", "columns.names((*CONTENT, SENT))", "names of columns, of the contract"),
        ("etl/load/plan.py", "_keep_rows", "columns.names(TENANT)", "names of columns, of the contract"),
        ("etl/load/plan.py", "create_tables", "skip_sync", "keys by kind; one of two texts written out there"),
        ("etl/load/plan.py", "create_tables", "trashed", "keys by kind; one of two texts written out there"),
        ("etl/engines/ray/shared_staging.py", "attach", "columns.names(TENANT)", "names of columns, of the contract"),
        # made of the id of a run, which prefix_of holds against its form: test_only_an_id_gets_into_a_name
        ("etl/engines/ray/shared_staging.py", "create", "run", "prefix_of gives it"),
        ("etl/engines/ray/shared_staging.py", "load", "run", "prefix_of gives it"),
        ("etl/engines/ray/shared_staging.py", "load", "f'{run}_{table}'", "prefix_of gives it; a name written out there"),
        ("etl/engines/ray/shared_staging.py", "attach", "run", "prefix_of gives it"),
        ("etl/engines/ray/shared_staging.py", "add_issues", "prefix_of(sync_id)", "prefix_of gives it"),
        ("etl/engines/ray/shared_staging.py", "_require", "run", "prefix_of gives it"),
        ("etl/engines/ray/shared_staging.py", "drop_tables", "table", "prefix_of gives it, or the catalogue"),
        ("etl/demo/show.py", "run_demo", "edit.table", "a kind, by its type"),
        ("etl/demo/show.py", "_outcome_of", "edit.table", "a kind, by its type"),
        # from the database's catalogue; test_injection.py has such names with quotes in them
        ("etl/runs/cms_log.py", "_show", "inserted(_START, tables[_LOGS])", "columns of a list; types by format_type"),
        ("etl/runs/cms_log.py", "_finish", "assigned(_FINISH, tables[_LOGS])", "columns of a list; types likewise"),
        ("etl/runs/cms_log.py", "_fill", "parts", "made by `inserted`: columns of a list; types likewise"),
        ("etl/plans/tables.py", "_saved", "parts", "a constant's table and keys, and its columns, the job's own"),
        ("etl/plans/tables.py", "_saved", "_columns(db, table)", "columns of a temporary table of the job's own"),
        ("etl/rollback/plan.py", "_find_references", "table", "regclass::text quotes it"),
        ("etl/move/parts.py", "copy_rows", "both", "regclass::text quotes them"),
        ("etl/move/parts.py", "copy_rows", "keys", "quote_ident quotes the key; its type by format_type"),
        ("etl/move/parts.py", "copy_rows", "lists", "quote_ident quotes the columns; types by format_type"),
        ("etl/move/parts.py", "count_rows", "part.from_name", "regclass::text quotes it"),
        ("etl/move/parts.py", "count_rows", "part.key or ''", "quote_ident quotes it"),
        ("etl/move/parts.py", "find_keys", "part.from_name", "regclass::text quotes it"),
        ("etl/move/parts.py", "find_keys", "part.key or ''", "quote_ident quotes it"),
        ("etl/move/plan.py", "_note_references", "table", "regclass::text quotes it"),
        ("etl/move/plan.py", "_note_references", "column", "quote_ident quotes it"),
        ("etl/db/catalogue.py", "behind", "sequence", "regclass::text quotes it"),
        ("etl/rollback/plan.py", "_find_references", "column", "quote_ident quotes it"),
        ("etl/load/versions.py", "_copy_part", "left", "a text written out, its side a table's of the contract"),
        ("etl/load/versions.py", "_copy_part", "part.copied", "quoted by sql/versions/parts; types by format_type"),
        ("etl/load/versions.py", "_copy_part", "part.key_types", "types by format_type"),
        ("etl/load/versions.py", "_copy_part", "part.keyed", "quoted by sql/versions/parts; a type by format_type"),
        ("etl/load/versions.py", "find_drafts", "tables.drafts", "quoted by sql/versions/parts; fields of the contract"),
        ("etl/load/versions.py", "_make", "tables.of('main').tables", "quoted by sql/versions/parts"),
        ("etl/load/versions.py", "_make", "lists(values)", "quoted by sql/versions/parts; fields of the contract"),
        ("etl/load/versions.py", "_make", "tables.flags", "names and values written out there"),
        ("etl/load/versions.py", "_merge_texts", "names", "quoted by sql/versions/parts"),
        ("etl/load/versions.py", "_merge_texts", "texts", "quoted by sql/versions/parts; fields of the contract"),
        ("etl/load/versions.py", "_take_parts", "part.copied", "quoted by sql/versions/parts; types by format_type"),
        ("etl/load/versions.py", "_take_parts", "taken", "a text written out there"),
        ("etl/load/versions.py", "plan_versions", "db.cms_name(versions_of(kind))", "cms_name quotes both names"),
        ("etl/load/versions.py", "_write_listed", "tables.of('version').from_name", "regclass::text quotes it"),
        ("etl/load/versions.py", "delete_versions", "tables.of('version').from_name", "regclass::text quotes it"),
        ("etl/load/versions.py", "delete_versions", "gone", "a file of sql/, its table a kind"),
        ("etl/load/versions.py", "find_drafts", "_written(tables.kind, writer)", "a file of sql/, its table a kind"),
        ("etl/load/versions.py", "find_unpublished", "db.cms_name(versions_of(kind))", "cms_name quotes both names"),
        ("etl/load/versions.py", "write_versions", "_written(tables.kind, writer)", "a file of sql/, its table a kind"),
        ("etl/rollback/plan.py", "_decide", "db.cms_name(versions_of(kind))", "cms_name quotes both names"),
        ("etl/rollback/plan.py", "_decide", "kind", "a kind, by its type"),
        ("etl/plans/tables.py", "_fingerprints", "kind", "a kind, by its type"),
        (
            "etl/plans/tables.py", "restore_plan", "'sav_changes' if table == 'pln_changes' else table",
            "a name of the constants there",
        ),
        ("etl/plans/tables.py", "_fingerprints", "versions", "cms_name quotes both names"),
        ("etl/load/versions.py", "write_missing", "sequence", "quote_literal quotes it"),
        ("etl/load/versions.py", "write_versions", "tables.listed", "quoted by sql/versions/parts"),
        ("etl/load/versions.py", "plan_versions", "kind", "a kind, by its type"),
        ("etl/load/versions.py", "write_missing", "tables.kind", "a kind, by its type"),
        ("etl/load/version_parts.py", "read_version_tables", "kind", "a kind, by its type"),
        ("etl/load/apply.py", "_create", "columns.insert_record_columns(found)", "of the contract"),
        ("etl/load/apply.py", "_create", "columns.insert_record_values(found)", "of the contract"),
    )
}  # fmt: skip
"""Each text that the proof can't follow, with why it is fixed all the same."""

DRIVERS = re.compile(
    r"^\s*(?:import|from) (adbc\w*|duckdb|psycopg\w*|sqlite3|sqlalchemy|connectorx)\b", re.MULTILINE
)


def test_every_text_of_a_statement_is_fixed() -> None:
    """In the whole package: proved by its source, or listed above with a reason; and the list has nothing else."""
    found = {each for path in package() for each in unproved(path)}
    assert sorted(found - LISTED.keys(), key=repr) == []
    assert sorted(LISTED.keys() - found, key=repr) == []


def test_few_modules_talk_to_a_database() -> None:
    """A driver is imported in these only, so that no statement goes another way than the proof knows."""
    found = {path.relative_to(ROOT).as_posix() for path in package() if DRIVERS.search(path.read_text())}
    assert found == {"etl/db/connection.py", "etl/db/driver.py", "etl/db/errors.py", "etl/match/matcher.py"}


def test_files_of_sql_build_no_statement_from_text() -> None:
    """EXECUTE stands in roles.sql and where views are made, and there all that varies is an identifier (%I)."""
    bodies = {name: re.sub(r"--.*", "", queries.text(name)) for name in queries.names()}
    with_execute = {name: body for name, body in bodies.items() if re.search(r"\bEXECUTE\b", body)}
    assert list(with_execute) == ["check/shade_cms", "roles"]
    for body in with_execute.values():
        assert set(re.findall(r"%(?:\d\$)?(\w)", body)) == {"I"}
        assert len(re.findall(r"EXECUTE format\('", body)) == len(re.findall(r"EXECUTE", body))


BAD = {
    "an f-string": "def f(db, who): db.execute(f\"SELECT * FROM shops WHERE title = '{who}'\")",
    "percent": "def f(db, who): db.execute(\"SELECT '%s'\" % who)",
    "format": "def f(db, who): db.execute(\"SELECT '{}'\".format(who))",
    "a sum": 'def f(db, who): db.execute("SELECT " + who)',
    "a join": 'def f(db, names): db.execute(", ".join(names))',
    "by a name": 'def f(db, who):\n    sql = "SELECT "\n    sql += who\n    db.execute(sql)',
    "in one branch": 'def f(db, who):\n    sql = "SELECT 1"\n    if who:\n        sql = who\n    db.execute(sql)',
    "by a loop": 'def f(db, rows):\n    for row in rows:\n        db.run("apply/index_plan", table=row, key="seq")',
    "a part": 'def f(db, table): db.run("plan/lock_rows", kind="shops", table=table, key="id")',
    "a part of text": 'def f(db, table: str): db.read("rollback/lock_rows", kind=table, table="shops", key="id")',
    "parts": 'def f(db, parts): db.value("plan/count", **parts)',
    "parts of a dict": 'def f(db, who):\n    parts = {"table": "shops"}\n    parts["key"] = who\n    db.run("x", **parts)',
    "a column list": "def f(db, names):\n    db.run('x', columns=columns.qualified(names, 'base'))",
    "a lambda": "def f(cursor, who): call(lambda: cursor.execute(who))",
    "duckdb": "def f(connection, label): connection.sql(f\"SELECT '{label}'\").pl()",
    "polars": "def f(frame, label): frame.sql(f\"SELECT '{label}'\")",
    "a keyword": "def f(connection, label): connection.sql(query=label)",
    "a savepoint": "def f(db, record): db.savepoint(record['uniqueId'])",
    "a table": "def f(db, record, frame): db.ingest(record['table'], frame)",
    "load": "from etl.runtime.queries import load\ndef f(cursor, who): cursor.execute(load('x', table=who))",
    "shared parts": "from etl.runtime.queries import load\ndef f(cursor, who): cursor.execute(load('x', who))",
    "round by another": "def round(text): return text\ndef f(db, who): db.execute(f'SET x = {round(who)}')",
    "a module's own": "db.execute(input())",
    "inside": "def f(db):\n    def g(who):\n        db.execute(who)\n    return g",
    "with": "def f(db, path):\n    with open(path) as sql:\n        db.execute(sql)",
    "a default": "def f(db, who):\n    def g(x=db.execute(who)):\n        return x\n    return g",
}

GOOD = {
    "a constant": 'def f(db, who): db.execute("SELECT $1", who)',
    "a number": 'def f(db, s): db.execute(f"SET lock_timeout = {round(s * 1000)}")',
    "a name": 'def f(db):\n    sql = "SELECT 1"\n    db.execute(sql)',
    "kinds": "from etl.contract.tenant import KINDS\ndef f(db):\n    for kind in KINDS:\n"
    "        db.run('x', table=kind, other=f'{kind}_locales')",
    "a kind": "def f(db, kind: Kind): db.run('x', table=kind)",
    "the contract": "from etl.load import columns\ndef f(db, kind: Kind):\n"
    "    parts = {'keys': columns.merge_values(kind)}\n"
    "    db.run('x', **parts)",
    "no statement": "def f(stream): stream.read(100)",
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_value_in_a_text_is_found(name: str) -> None:
    """Planted in a snippet."""
    assert list(unproved_in(BAD[name]))


@pytest.mark.parametrize("name", GOOD)
def test_a_fixed_text_is_proved(name: str) -> None:
    """What is written out, and what is made of nothing else."""
    assert list(unproved_in(GOOD[name])) == []


def test_a_value_planted_in_the_package_is_found(tmp_path: Path) -> None:
    """The check sees a real module of the package with one line changed."""
    text = (ROOT / "etl/runs/log.py").read_text()
    spoiled = text.replace('db.read("audit/runs", limit)', 'db.read("audit/runs", limit, table=str(limit))')
    assert spoiled != text
    assert [each.expression for each in unproved_in(spoiled)] == ["str(limit)"]
