"""What the CMS's tables, the base and the log have, as short lines of text, and what changed between two moments."""

from itertools import groupby
from typing import Any

from tests.support.sync import Mall

Seen = dict[str, dict[str, str]]
"""What the CMS has of each row, by table and number: values by name, without those that are empty."""

_ROWS = """
SELECT '{table} ' || t.id AS row, to_jsonb(t) - 'id' - 'floor_id' - 'updated_at' - 'created_at' AS columns,
  f.name AS floor,
  (SELECT string_agg(concat_ws(' ', r."order", r.path, c.name), ', ' ORDER BY r."order", r.path, c.name)
   FROM {table}_rels r JOIN categories_locales c ON c._parent_id = r.categories_id AND c._locale = 'en'
   WHERE r.parent_id = t.id) AS links,
  (SELECT jsonb_object_agg(l._locale, to_jsonb(l) - 'id' - '_locale' - '_parent_id') FROM {table}_locales l
   WHERE l._parent_id = t.id) AS texts,
  (SELECT jsonb_agg(jsonb_build_array(d.day, d.open || '-' || d.close) ORDER BY d._order)
   FROM {table}_opening_hours_per_day d WHERE d._parent_id = t.id) AS days
FROM {table} t LEFT JOIN floors f ON f.id = t.floor_id
"""

_SHORT = {
    "location_zone": "zone", "opening_hours_same_hours_every_day": "daily", "opening_hours_open": "open",
    "opening_hours_close": "close", "contact_info_phone": "phone", "contact_info_website": "website",
}  # fmt: skip
_TEXTS = ("title", "subtitle", "description", "location_shop_number", "meta_title", "meta_description")
_AT_CREATION = {
    "status": "INACTIVE", "sort_order": "0", "is_featured": "False", "pin_to_iconluxe": "False", "slug_lock": "True",
    "skip_sync": "False", "location_coordinates_poi_x": "0", "location_coordinates_poi_y": "0",
}  # fmt: skip
"""What every row has that the job made and nobody touched: left out."""


def see(mall: Mall) -> Seen:
    """Return what the CMS has in every row of its tables, times apart."""
    return {
        row["row"]: _seen(row)
        for table in ("shops", "dinings")
        for row in mall.database.query(_ROWS.format(table=table))
    }


def _seen(row: dict[str, Any]) -> dict[str, str]:
    columns = {
        _SHORT.get(name, name): str(value)
        for name, value in row["columns"].items()
        if value not in (None, "") and str(value) != _AT_CREATION.get(name)
    }
    texts = {
        locale: " | ".join(columns[name] or "" for name in _TEXTS)
        for locale, columns in (row["texts"] or {}).items()
    }
    parts = {"floor": row["floor"], "links": row["links"], "days": _days(row["days"] or [])}
    return {**columns, **{name: value for name, value in parts.items() if value}, **texts}


def _days(days: list[list[str]]) -> str:
    spans = [(times, [day for day, _ in same]) for times, same in groupby(days, key=lambda day: day[1])]
    return ", ".join(f"{span[0]}-{span[-1]} {times}" for times, span in spans)


def changed(before: Seen, after: Seen) -> dict[str, str]:
    """Return what is not as it was, by row and name, e.g. `shops 1 zone`: `East > West`; a row that came or went is one."""
    found = {}
    for row in sorted(before.keys() | after.keys()):
        if row not in before:
            found[f"{row} new"] = "; ".join(f"{name} {value}" for name, value in sorted(after[row].items()))
            continue
        if row not in after:
            found[f"{row} gone"] = before[row].get("unique_id", "-")
            continue
        was, now = before[row], after[row]
        for name in sorted(was.keys() | now.keys()):
            if was.get(name) != now.get(name):
                found[f"{row} {name}"] = f"{was.get(name, '-')} > {now.get(name, '-')}"
    return found


def saved_at(mall: Mall) -> dict[str, Any]:
    """Return when each row was last saved, by table and number."""
    return {
        f"{table} {row['id']}": row["updated_at"]
        for table in ("shops", "dinings")
        for row in mall.database.query(f"SELECT id, updated_at FROM {table}")
    }


def findings(mall: Mall, sync_id: str | None) -> list[str]:
    """Return a run's findings in order, e.g. `S15 missing: shops 15`."""
    rows = mall.database.query(
        "SELECT concat_ws(' ', unique_id, code, field) || coalesce(': ' || value, '') AS found FROM etl.sync_issues "
        "WHERE sync_id = %s ORDER BY id",
        sync_id,
    )
    return [row["found"] for row in rows]


def logged(mall: Mall, sync_id: str | None) -> list[str]:
    """Return what the log of changes has of a run, e.g. `S1 shops 1 updated: zone`."""
    rows = mall.database.query(
        "SELECT unique_id, record_table, record_id, action, after FROM etl.sync_changes WHERE sync_id = %s ORDER BY id",
        sync_id,
    )
    return [
        f"{row['unique_id']} {row['record_table']} {row['record_id']} {row['action']}"
        + (f": {', '.join(sorted(row['after']))}" if row["action"] == "updated" else "")
        for row in rows
    ]


def bases(mall: Mall) -> Seen:
    """Return what the job remembers of each record, by its id: where it is, its links, and whether it is as it was left."""
    rows = mall.database.query(
        """SELECT b.unique_id, b.source_unique_id AS source, b.record_table || ' ' || b.record_id AS row, f.name AS floor,
          b.zone, b.title_en, b.hours::jsonb -> 3 -> 0 ->> 1 AS days_from,
          c.slug AS category, j.slug AS job_category,
          b.missing_since IS NOT NULL AS missing, b.inactivated_at IS NOT NULL AS inactivated, b.found_in_cms AS found,
          b.record_updated_at IS NOT DISTINCT FROM coalesce(s.updated_at, d.updated_at) AS as_left
        FROM etl.tenants_base b
        LEFT JOIN floors f ON f.id = b.floor_id
        LEFT JOIN categories c ON c.id = b.category_id
        LEFT JOIN categories j ON j.id = b.job_category_id
        LEFT JOIN shops s ON b.record_table = 'shops' AND s.id = b.record_id
        LEFT JOIN dinings d ON b.record_table = 'dinings' AND d.id = b.record_id"""
    )
    return {
        row.pop("unique_id"): {
            name: str(value) for name, value in row.items() if value not in (None, "", False)
        }
        for row in rows
    }
