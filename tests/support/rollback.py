"""Roll back a run of a test mall, and read the CMS's tables as an independent reader does."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from etl.db.connection import Postgres
from etl.rollback.model import Rollback
from etl.rollback.run import rollback, show
from etl.runtime.progress import LogProgress
from tests.support.refusals import refusals_watched
from tests.support.sync import Mall, settings_for

Rows = dict[tuple[str, int], dict[str, Any]]
"""Records with all their parts, by table and id."""

_ROWS = """
SELECT to_jsonb(t) AS record,
  (SELECT coalesce(jsonb_object_agg(l._locale, to_jsonb(l)), '{{}}') FROM {table}_locales l
   WHERE l._parent_id = t.id) AS locales,
  (SELECT coalesce(jsonb_agg(to_jsonb(r) ORDER BY r.id), '[]') FROM {table}_rels r WHERE r.parent_id = t.id) AS rels,
  (SELECT coalesce(jsonb_agg(to_jsonb(d) ORDER BY d._order, d.id), '[]')
   FROM {table}_opening_hours_per_day d WHERE d._parent_id = t.id) AS hours
FROM {table} t
"""


def roll_back(
    mall: Mall,
    sync_id: str,
    *,
    dry: bool = False,
    limit: int = 0,
    role: str | None = None,
    refused: bool | None = False,
    force_open: bool = False,
) -> Rollback:
    """Run `etl rollback SYNC_ID --yes`, or without --yes where dry; as a role where one is given.

    `refused` says whether the database is to refuse rows.
    """
    dsn = mall.database.owner_dsn if role else mall.dsn
    if role:
        dsn += f"{'&' if '?' in dsn else '?'}options=-crole%3D{role}"
    settings = settings_for(mall.dsn, mall.api.url, mall.folder, **mall.overrides)
    with Postgres(dsn, "the mall") as db, refusals_watched(db, refused):
        return (show if dry else rollback)(
            settings, db, sync_id, LogProgress(), limit=limit, force_open=force_open
        )


def outcomes(result: Rollback) -> dict[str, str]:
    """Return what became of each record."""
    return {record.unique_id: record.outcome for record in result.records}


def read_rows(mall: Mall) -> Rows:
    """Return every row of the CMS's tables to the last column, `updated_at` apart."""
    found: Rows = {}
    for table in ("shops", "dinings"):
        for row in mall.database.query(_ROWS.format(table=table)):
            del row["record"]["updated_at"]
            found[table, row["record"]["id"]] = row
    return found


def as_people_see(rows: Rows) -> Rows:
    """Return rows with what no reader of the CMS can tell apart made the same.

    An empty text is saved as '' or as null, a language without texts as a row or none, and rows of hours per day
    are known by their place, not by their id.
    """
    return {key: _seen(row) for key, row in rows.items()}


def _seen(row: dict[str, Any]) -> dict[str, Any]:
    texts = {
        locale: {name: value for name, value in columns.items() if value not in (None, "") and name != "id"}
        for locale, columns in row["locales"].items()
    }
    return {
        "record": {name: None if value == "" else value for name, value in row["record"].items()},
        "locales": {locale: columns for locale, columns in texts.items() if len(columns) > 2},
        "rels": row["rels"],
        "hours": [(day["day"], day["open"] or "", day["close"] or "") for day in row["hours"]],
    }


@contextmanager
def reader_without(mall: Mall, table: str) -> Iterator[str]:
    """Give a role that may read every table of both schemas but one; it is dropped in the end."""
    role = f"reader_{uuid4().hex}"
    mall.database.execute(f"CREATE ROLE {role}; GRANT USAGE ON SCHEMA etl TO {role}")
    try:
        mall.database.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public, etl TO {role}")
        mall.database.execute(f"REVOKE ALL ON {table} FROM {role}")
        yield role
    finally:
        mall.database.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")
