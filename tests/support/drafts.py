"""A CMS that keeps drafts, without Payload itself: its tables of versions, and an editor who saves as Payload does."""

from pathlib import Path
from typing import Any

from etl.runtime import queries
from tests.support.postgres import ROLE, Database
from tests.support.sync import Mall

KINDS = ("shops", "dinings")
_SQL = Path(__file__).with_suffix(".sql")
_PARTS = {
    "_locales": ("_locales", "_parent_id"),
    "_rels": ("_rels", "parent_id"),
    "_opening_hours_per_day": ("_version_opening_hours_per_day", "_parent_id"),
}
"""The tables of a row by their endings: the ending of the version's, and the column that names the row."""


def keep_drafts(database: Database) -> None:
    """Make the tables of versions, as when drafts are turned on in the CMS, with the job's rights on them."""
    for kind in KINDS:
        database.execute(_SQL.read_text(encoding="utf-8").replace("{kind}", kind))
    if ROLE:
        database.execute(queries.text("roles"))


class Drafts:
    """The versions of a mall's rows, as an editor sees and saves them.

    Attributes:
        mall: The mall.
    """

    def __init__(self, mall: Mall) -> None:
        self.mall = mall
        self._query = mall.database.query

    def save(self, unique_id: str, kind: str = "shops", *, draft: bool = False, **fields: Any) -> None:
        """Save fields of a row, all of whose others are those of its latest version, as Payload's panel does.

        Args:
            unique_id: The row's.
            kind: shops or dinings.
            draft: Leave the row itself as it is.
            fields: Columns of the record; `title_th` and the like are texts; `hours` are days as (day, open, close);
                `categories` are ids.
        """
        with self.mall.database.connect() as session:
            session.execute(f"SELECT set_config('edit.kind', '{kind}', true)")
            (old,) = session.execute(
                f"SELECT v.* FROM _{kind}_v v JOIN {kind} m ON m.id = v.parent_id WHERE m.unique_id = %s AND v.latest",
                (unique_id,),
            ).fetchall()
            new = {
                name: value
                for name, value in old.items()
                if name not in {"id", "created_at", "updated_at", "latest"}
            }
            own = {name: value for name, value in fields.items() if f"version_{name}" in old}
            new |= {f"version_{name}": value for name, value in own.items()}
            new["version__status"] = "draft" if draft else "published"
            columns = ", ".join(new)
            saved = "clock_timestamp() + interval '2 ms'"
            (made,) = session.execute(
                f"INSERT INTO _{kind}_v ({columns}, created_at, updated_at, latest) "
                f"VALUES ({', '.join(['%s'] * len(new))}, {saved}, {saved}, true) RETURNING id",
                list(new.values()),
            ).fetchall()
            session.execute(
                f"UPDATE _{kind}_v SET latest = false WHERE parent_id = %s AND id <> %s",
                (old["parent_id"], made["id"]),
            )
            self._copy_parts(session, kind, old["id"], made["id"])
            self._edit_parts(session, kind, made["id"], {k: v for k, v in fields.items() if k not in own})
            if not draft:
                self._publish(session, kind, old["parent_id"], made["id"])

    def _copy_parts(self, session: Any, kind: str, old: int, new: int) -> None:
        for ending, key in _PARTS.values():
            table = f"_{kind}_v{ending}"
            names = [
                row["name"]
                for row in session.execute(
                    "SELECT attname::text AS name FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 "
                    "AND NOT attisdropped AND attname NOT IN ('id', %s)",
                    (table, key),
                ).fetchall()
            ]
            columns = ", ".join(f'"{name}"' for name in names)
            session.execute(
                f"INSERT INTO {table} ({key}, {columns}) SELECT %s, {columns} FROM {table} WHERE {key} = %s ORDER BY id",
                (new, old),
            )

    def _edit_parts(self, session: Any, kind: str, version: int, fields: dict[str, Any]) -> None:
        for name, value in fields.items():
            if name == "hours":
                table = f"_{kind}_v_version_opening_hours_per_day"
                session.execute(f"DELETE FROM {table} WHERE _parent_id = %s", (version,))
                for order, (day, opens, closes) in enumerate(value, start=1):
                    session.execute(
                        f"INSERT INTO {table} (_order, _parent_id, day, open, close, _uuid) VALUES (%s, %s, %s, %s, %s, "
                        "left(md5(random()::text), 24))",
                        (order, version, day, opens, closes),
                    )
            elif name == "categories":
                session.execute(
                    f"DELETE FROM _{kind}_v_rels WHERE parent_id = %s AND path = 'version.categories'",
                    (version,),
                )
                for order, category in enumerate(value, start=1):
                    session.execute(
                        f'INSERT INTO _{kind}_v_rels ("order", parent_id, path, categories_id) '
                        "VALUES (%s, %s, 'version.categories', %s)",
                        (order, version, category),
                    )
            else:
                column, locale = name.rsplit("_", 1)
                session.execute(
                    f"INSERT INTO _{kind}_v_locales (_parent_id, _locale, version_{column}) VALUES (%s, %s, %s) "
                    f"ON CONFLICT (_locale, _parent_id) DO UPDATE SET version_{column} = excluded.version_{column}",
                    (version, locale, value),
                )

    def _publish(self, session: Any, kind: str, record_id: int, version: int) -> None:
        names = [
            row["name"]
            for row in session.execute(
                "SELECT substr(attname, 9)::text AS name FROM pg_attribute WHERE attrelid = %s::regclass "
                "AND starts_with(attname, 'version_') AND attname NOT IN ('version_updated_at', 'version_created_at')",
                (f"_{kind}_v",),
            ).fetchall()
        ]
        sets = ", ".join(
            f'"{name}" = v."version_{name}"'
            + ("::text::enum_" + kind + "__status" if name == "_status" else "")
            for name in names
        )
        session.execute(
            f"UPDATE {kind} m SET {sets}, updated_at = clock_timestamp() + interval '1 ms' FROM _{kind}_v v "
            "WHERE m.id = %s AND v.id = %s",
            (record_id, version),
        )
        session.execute(
            f"UPDATE _{kind}_v v SET version_updated_at = m.updated_at FROM {kind} m WHERE m.id = %s AND v.id = %s",
            (record_id, version),
        )
        for ending, (_, key) in _PARTS.items():
            session.execute(f"DELETE FROM {kind}{ending} WHERE {key} = %s", (record_id,))
        texts = ("title", "subtitle", "description", "location_shop_number", "meta_title", "meta_description")
        session.execute(
            f"INSERT INTO {kind}_locales (_parent_id, _locale, {', '.join(texts)}) "
            f"SELECT %s, _locale, {', '.join('version_' + name for name in texts)} FROM _{kind}_v_locales "
            "WHERE _parent_id = %s",
            (record_id, version),
        )
        session.execute(
            f'INSERT INTO {kind}_rels (parent_id, "order", path, categories_id, shops_id, dinings_id, promotions_id) '
            'SELECT %s, "order", substr(path, 9), categories_id, shops_id, dinings_id, promotions_id '
            f"FROM _{kind}_v_rels WHERE parent_id = %s",
            (record_id, version),
        )
        session.execute(
            f"INSERT INTO {kind}_opening_hours_per_day (_parent_id, _order, id, day, open, close) "
            f"SELECT %s, _order, _uuid, day::text::enum_{kind}_opening_hours_per_day_day, open, close "
            f"FROM _{kind}_v_version_opening_hours_per_day WHERE _parent_id = %s",
            (record_id, version),
        )

    def listed(self, kind: str = "shops") -> dict[int, dict[str, Any]]:
        """Return what the panel lists: the content of each latest version by the row's number, as `content` gives it.

        Raises:
            AssertionError: a row has two latest versions.
        """
        rows = self._query(
            f"SELECT id, parent_id FROM _{kind}_v WHERE latest AND parent_id IS NOT NULL ORDER BY parent_id"
        )
        assert len({row["parent_id"] for row in rows}) == len(rows)
        return {row["parent_id"]: self._content(f"_{kind}_v", row["id"], "version_") for row in rows}

    def rows(self, kind: str = "shops") -> dict[int, dict[str, Any]]:
        """Return the content of each row itself, in the same shape."""
        return {
            row["id"]: self._content(kind, row["id"], "")
            for row in self._query(f"SELECT id FROM {kind} ORDER BY id")
        }

    def _content(self, table: str, number: int, prefix: str) -> dict[str, Any]:
        own = {"id", "parent_id", "latest", "autosave", "snapshot", "published_locale"}
        (record,) = self._query(f"SELECT * FROM {table} WHERE id = %s", number)
        own |= {"created_at", "updated_at"} if prefix else set()
        texts = self._query(f"SELECT * FROM {table}_locales WHERE _parent_id = %s ORDER BY _locale", number)
        links = self._query(
            f'SELECT * FROM {table}_rels WHERE parent_id = %s ORDER BY path, "order", id', number
        )
        hours = "_version_opening_hours_per_day" if prefix else "_opening_hours_per_day"
        uuid = "_uuid" if prefix else "id"
        days = self._query(
            f"SELECT _order, {uuid} AS uuid, day::text, open, close FROM {table}{hours} WHERE _parent_id = %s "
            "ORDER BY _order",
            number,
        )
        plain = {
            name.removeprefix("version_") if prefix else name: value
            for name, value in record.items()
            if name not in own
        }
        return {
            **plain,
            "texts": {
                row["_locale"]: {
                    name.removeprefix(prefix): value
                    for name, value in row.items()
                    if name not in {"id", "_locale", "_parent_id"}
                }
                for row in texts
            },
            "links": [
                {
                    **{name: value for name, value in row.items() if name not in {"id", "parent_id"}},
                    "path": row["path"].removeprefix("version."),
                }
                for row in links
                if row["path"] != "/"
            ],
            "days": days,
        }

    def count(self, kind: str = "shops") -> int:
        """Count the versions of all rows."""
        (row,) = self._query(f"SELECT count(*) AS versions FROM _{kind}_v")
        return int(row["versions"])
