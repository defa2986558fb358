"""What tests of the merge share: malls on tables of the CMS, editors' links, triggers, and other people's commits."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from etl.db.connection import Postgres
from tests.support.api import FakeApi
from tests.support.cms import make_cms
from tests.support.postgres import Database
from tests.support.sync import Mall


def cms_mall(api: FakeApi, database: Database, folder: Path) -> Mall:
    """Give a mall on tables of the CMS, with the job's own tables."""
    make_cms(database, skip_sync=True, api_sync_logs=False)
    mall = Mall(api, database, folder)
    mall.init()
    return mall


def floors(mall: Mall) -> dict[str, str | None]:
    """Return the floor's name of each shop by its unique_id."""
    rows = mall.database.query(
        "SELECT s.unique_id, f.name FROM shops s LEFT JOIN floors f ON f.id = s.floor_id ORDER BY s.unique_id"
    )
    return {row["unique_id"]: row["name"] for row in rows}


def base(mall: Mall, unique_id: str) -> dict[str, Any]:
    """Return a record's base."""
    (row,) = mall.database.query("SELECT * FROM etl.tenants_base WHERE unique_id = %s", unique_id)
    return dict(row)


def link(mall: Mall, unique_id: str, category: str) -> None:
    """Link a shop to a category as an editor does."""
    mall.database.execute(
        'INSERT INTO shops_rels ("order", parent_id, path, categories_id) '
        "SELECT 2, id, 'categories', %s FROM shops WHERE unique_id = %s",
        mall.category_id(category),
        unique_id,
    )
    mall.edit(unique_id)


def forbid(mall: Mall, table: str, condition: str, event: str = "INSERT OR UPDATE") -> None:
    """Let the database refuse rows of a table, as a trigger of the CMS's might."""
    mall.database.execute(
        f"CREATE FUNCTION forbid() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {condition} "
        "THEN RAISE EXCEPTION 'forbidden'; END IF; RETURN NEW; END $$"
    )
    mall.database.execute(
        f"CREATE TRIGGER forbid BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION forbid()"
    )


def during(mall: Mall, monkeypatch: pytest.MonkeyPatch, moment: str, act: Any) -> None:
    """Let another transaction commit just before the job runs a statement, once."""
    left = [act]

    def spy(call: Callable[..., Any]) -> Callable[..., Any]:
        def spied(db: Postgres, name: str, *values: Any, **parts: str) -> Any:
            if name == moment and left:
                left.pop()()
            return call(db, name, *values, **parts)

        return spied

    for method in ("run", "read"):
        monkeypatch.setattr(Postgres, method, spy(getattr(Postgres, method)))


def lose_the_answer(mall: Mall, monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> list[Any]:
    """Do something that breaks the connection just after the server has committed a run, once.

    The list that is returned is empty once that was done.
    """
    execute, left = Postgres.execute, [act]

    def lost(db: Postgres, sql: str, *values: Any, **options: Any) -> None:
        execute(db, sql, *values, **options)
        if sql == "COMMIT" and left and mall.last_run()["status"] == "COMPLETED":
            left.pop()()
            execute(db, "SELECT 1", doing="COMMIT")  # what the driver would meet

    monkeypatch.setattr(Postgres, "execute", lost)
    return left


def count_statements(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count what this process sends to Postgres from here on, by the kind of call."""
    sent: Counter[str] = Counter()

    def counted(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def count(*args: Any, **options: Any) -> Any:
            sent[name] += 1
            return call(*args, **options)

        return count

    for name in ("execute", "read", "ingest"):
        monkeypatch.setattr(Postgres, name, counted(name, getattr(Postgres, name)))
    return sent
