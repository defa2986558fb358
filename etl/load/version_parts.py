"""The tables of a shop's or dining's versions, by the catalogue, and the column lists of the statements in sql/versions.

Payload keeps versions of a collection whose configuration says `versions`. With drafts, its panel lists and edits the
version that is `latest`; without them, versions are a history that nothing else reads.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from etl.contract import hours
from etl.contract.cms import versions_of
from etl.contract.tenant import FIELDS, KINDS, MERGED, Kind
from etl.db.connection import Postgres
from etl.load import columns

_FLAGS = {"latest": "TRUE", "autosave": "FALSE"}
"""The columns that only a version has, and what they are in a new one; others stay null, as the CMS leaves them."""


@dataclass(frozen=True)
class Part:
    """A table of a record or of its versions, as sql/versions/parts.sql finds it.

    Attributes:
        side: What it holds: main, the record itself; version, a version of it.
        part: Its name.
        parent_part: The table that its key names; null for that of the records, and of the versions.
        from_name: Its name, quoted.
        from_key: The column that names its parent, quoted.
        from_key_type: The type of that.
        to_name: The version's table for the same, quoted; null where it has none.
        to_key: The column there that names the parent, quoted.
        to_key_type: The type of that.
        columns: The columns there, quoted.
        expressions: What each takes, of an alias that is the side.
        sequence_name: What the ids there come from, as a literal.
        has_parts: Whether other tables name its rows.
    """

    side: str
    part: str
    parent_part: str | None
    from_name: str
    from_key: str | None
    from_key_type: str | None
    to_name: str | None
    to_key: str | None
    to_key_type: str | None
    columns: list[str]
    expressions: list[str]
    sequence_name: str | None
    has_parts: bool

    @property
    def values(self) -> dict[str, str]:
        """What each column there takes, by its name, quoted."""
        return dict(zip(self.columns, self.expressions, strict=True))

    @property
    def tables(self) -> dict[str, str]:
        """The two tables, as parts of a statement."""
        return {"from_name": self.from_name, "to_name": self.to_name or ""}

    @property
    def copied(self) -> dict[str, str]:
        """The two tables, the columns that name a parent, and what each column takes, as parts of a statement."""
        keys = {"from_key": self.from_key or "", "to_key": self.to_key or ""}
        return {"side": self.side, **self.tables, **keys, **lists(self.values)}

    @property
    def key_types(self) -> dict[str, str]:
        """The types of the columns that name a parent, as parts of a statement."""
        return {"from_key_type": self.from_key_type or "", "to_key_type": self.to_key_type or ""}

    @property
    def keyed(self) -> dict[str, str]:
        """What gives the rows new ids, as parts of a statement."""
        return {
            "from_name": self.from_name,
            "from_key": self.from_key or "",
            "from_key_type": self.from_key_type or "",
            "sequence": self.sequence_name or "",
        }


@dataclass(frozen=True)
class VersionTables:
    """The tables of a kind, and those of its versions.

    Attributes:
        kind: shops or dinings.
        parts: All of them, a parent before its parts.
        own: The columns of the versions' own table.
    """

    kind: Kind
    parts: tuple[Part, ...]
    own: Collection[str]

    def of(self, side: str, ending: str = "") -> Part:
        """Return one of the parts that each CMS has: the record or version itself, its texts, its links or its hours."""
        root = self.kind if side == "main" else versions_of(self.kind)
        between = "_version" if side == "version" and ending == _HOURS else ""
        return next(part for part in self.parts if part.side == side and part.part == root + between + ending)

    def beside(self, side: str) -> tuple[Part, ...]:
        """Return the parts of a side that have a table among the versions', but for the record or version itself."""
        return tuple(
            part for part in self.parts if part.side == side and part.to_name and part.parent_part is not None
        )

    @property
    def flags(self) -> dict[str, str]:
        """SQL of what only a version has: the list of its columns and that of their values, each behind a comma."""
        present = {name: value for name, value in _FLAGS.items() if name in self.own}
        return {
            "flags": "".join(f", {name}" for name in present),
            "flag_values": "".join(f", {value}" for value in present.values()),
        }

    @property
    def listed(self) -> dict[str, str]:
        """The versions' own table, what its ids come from, and what says so of a version, as parts of a statement."""
        return {"table": self.kind, "sequence": self.of("version").sequence_name or "", **self.states}

    @property
    def drafts(self) -> dict[str, str]:
        """The versions' tables that each CMS has, and what their fields are, as parts of a statement."""
        endings = {"locales": "_locales", "links": "_rels", "hours": _HOURS}
        parts = {name: self.of("version", ending).from_name for name, ending in endings.items()}
        return {"table": self.kind, "fields": draft_values(), **parts, **self.states}

    @property
    def states(self) -> dict[str, str]:
        """The versions' own table, and what makes a `version` the latest, and one that is published as it is."""
        is_published = [
            condition
            for name, condition in (
                ("version__status", "version.version__status::text = 'published'"),
                ("published_locale", "version.published_locale IS NULL"),
            )
            if name in self.own
        ]
        return {
            "versions": self.of("version").from_name,
            "is_latest": "coalesce(version.latest, FALSE)" if has_latest(self.own) else "FALSE",
            "is_published": " AND ".join(is_published) if "version__status" in self.own else "FALSE",
        }


_HOURS = "_opening_hours_per_day"


def has_latest(own: Collection[str]) -> bool:
    """Tell by the columns of the versions' own table whether the CMS lists and edits what it calls the latest."""
    return "latest" in own


def read_version_tables(
    db: Postgres, cms_columns: Mapping[str, set[str]], kinds: Iterable[Kind] = KINDS
) -> dict[Kind, VersionTables]:
    """Return the tables of each kind of which the CMS keeps versions; none, and no statement, where it keeps none."""
    return {
        kind: VersionTables(
            kind,
            tuple(Part(**row) for row in db.read("versions/parts", table=kind).iter_rows(named=True)),
            frozenset(cms_columns[versions_of(kind)]),
        )
        for kind in kinds
        if versions_of(kind) in cms_columns
    }


def lists(values: Mapping[str, str]) -> dict[str, str]:
    """Return two lists as SQL: of the columns, and of what each takes."""
    return {"columns": ", ".join(values), "values": ",\n    ".join(values.values())}


def merged_record(tables: VersionTables) -> dict[str, str]:
    """Return what each column of a merged version takes: the row's where it takes the field, else the latest version's."""
    fields = {
        "unique_id": "unique_id",
        **{field.cms_column: field.name for field in FIELDS if field.part == "record"},
        **dict.fromkeys(hours.COLUMNS, "hours"),
    }
    main = tables.of("main").values
    return {
        column: _taken(f"'{fields[name]}'", main[column], latest)
        if name in fields and column in main
        else latest
        for column, latest in tables.of("version").values.items()
        if (name := column.removeprefix("version_")) != "updated_at"
    }


def merged_texts(tables: VersionTables) -> dict[str, str]:
    """Return what each text of a merged version takes, as `merged_record`; the name of its field has the row's language."""
    stems = {field.cms_column: field.name.removesuffix("_en") for field in FIELDS if field.locale == "en"}
    main = tables.of("main", "_locales").values
    return {
        column: (
            _taken(f"'{stems[name]}_' || rows._locale", main[column], latest)
            if name in stems and column in main
            else latest
        )
        for column, latest in tables.of("version", "_locales").values.items()
        if (name := column.removeprefix("version_")) != "_locale"
    }


def _taken(field: str, row: str, latest: str) -> str:
    return f"CASE WHEN rows.takes ? ({field}) THEN {row} ELSE {latest} END"


def draft_values() -> str:
    """Return a row `(name, value)` for each field that a run may change but the category: what a version has, as text.

    Aliases: record, en, th, hours, all of the version.
    """
    fields = [field for field in MERGED if field.part != "category_link"]
    rows = [(field.name, columns.held_value(field, "version_")) for field in fields]
    own = [(name, f"record.version_{name}::text") for name in ("unique_id", "status")]
    return ",\n    ".join(f"('{name}', {value})" for name, value in (*rows, *own))


def left_of(part: Part, tables: VersionTables) -> str:
    """Return SQL of the rows of a part that are not copied: the CMS hides them, or the row's are taken in their place."""
    taking = "keys.new_id IN (SELECT rows.new_id FROM ver_rows AS rows WHERE rows.takes ? '{field}')"
    if part == tables.of("main", "_rels"):
        return "main.path = '/'"
    if part == tables.of("version", "_rels"):
        return f"version.path = 'version.categories' AND {taking.format(field='category')}"
    if part == tables.of("version", _HOURS):
        return taking.format(field="hours")
    return "FALSE"


def taken_parts(tables: VersionTables) -> dict[str, tuple[Part, str]]:
    """Return, by the field that is rows of a part, the part of the row, and SQL of which of its rows they are."""
    return {
        "hours": (tables.of("main", _HOURS), "TRUE"),
        "category": (tables.of("main", "_rels"), "main.path = 'categories'"),
    }
