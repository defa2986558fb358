"""The CMS as the model of the merge shows it, and what differs."""

from typing import Any

from tests.support.merge_model import COLUMNS, TEXTS
from tests.support.sync import Mall


def read_cms(mall: Mall) -> dict[Any, Any]:
    """Return every row of the CMS by table and unique_id."""
    shown: dict[Any, Any] = {}
    for table in ("shops", "dinings"):
        columns = ", ".join(f"t.{column} AS {name}" for name, column in COLUMNS.items())
        texts = ", ".join(f"'{name}', l.{column}" for name, column in TEXTS.items())
        rows = mall.database.query(
            f"""SELECT unique_id, t.slug, t.status::text AS status, skip_sync, f.name AS floor, {columns},
            (SELECT jsonb_object_agg(l._locale, jsonb_build_object({texts})) FROM {table}_locales l
             WHERE l._parent_id = t.id) AS texts,
            (SELECT jsonb_agg(jsonb_build_array(day, open, close) ORDER BY _order)
             FROM {table}_opening_hours_per_day d WHERE d._parent_id = t.id) AS per_day,
            (SELECT coalesce(jsonb_agg(c.name ORDER BY c.name), '[]') FROM {table}_rels r
             JOIN categories_locales c ON c._parent_id = r.categories_id AND c._locale = 'en'
             WHERE r.parent_id = t.id AND r.path = 'categories') AS links
            FROM {table} t LEFT JOIN floors f ON f.id = t.floor_id"""
        )
        for row in rows:
            by_language = row.pop("texts")
            texts_shown = {
                f"{name}_{language}": by_language.get(language, {}).get(name)
                for language in ("en", "th")
                for name in TEXTS
            }
            days = tuple(map(tuple, row["per_day"])) if row["per_day"] else None
            key = (table, row.pop("unique_id"))
            assert key not in shown, f"{key} is there twice"
            zh = {name: text or None for name, text in by_language.get("zh", {}).items()}
            seen = {name: None if value == "" else value for name, value in {**row, **texts_shown}.items()}
            shown[key] = {**seen, "per_day": days, "zh": zh}
    return shown


def differences(found: dict[Any, Any], expected: dict[Any, Any]) -> list[Any]:
    """Return (row, field, found, expected) of whatever is not as expected, for people to read."""
    told: list[Any] = [(key, "row", key in found, key in expected) for key in found.keys() ^ expected.keys()]
    for key in found.keys() & expected.keys():
        for name in expected[key]:
            if found[key][name] != expected[key][name]:
                told.append((key, name, found[key][name], expected[key][name]))
    return told


def read_xmins(mall: Mall) -> dict[Any, tuple[str, Any]]:
    """Return each row's transaction id and updated_at by table and unique_id."""
    return {
        (table, row["unique_id"]): (row["xmin"], row["updated_at"])
        for table in ("shops", "dinings")
        for row in mall.database.query(f"SELECT xmin::text AS xmin, unique_id, updated_at FROM {table}")
    }
