"""The job's own tables, made by forward-only migrations, and the CMS-shaped ones of an empty database."""

from dataclasses import dataclass

import polars as pl

from etl._version import __version__
from etl.contract.reference import CATEGORIES, FLOORS, STANDARD_CATEGORIES, STANDARD_FLOORS
from etl.contract.tenant import FIELDS, KINDS, Part
from etl.db.connection import Postgres
from etl.errors import ConfigError, ContractError
from etl.runtime.queries import names

ReferenceFrames = tuple[pl.DataFrame, pl.DataFrame]
"""The floors and the categories, as `read_reference` gives them."""


_OWN_COLUMNS: dict[str, frozenset[str]] = {
    "": frozenset({"id", "unique_id", "slug", "updated_at", "created_at"}),
    "_locales": frozenset({"id", "_locale", "_parent_id"}),
    "_rels": frozenset({"id", "order", "parent_id", "path"}),
    "_opening_hours_per_day": frozenset({"id", "_order", "_parent_id", "open", "close"}),
}
"""Columns that the job uses in the tables of shops and of dinings beside the contract's fields."""

_PART_TABLES: dict[Part, str] = {
    "record": "",
    "locale": "_locales",
    "category_link": "_rels",
    "hours_per_day": "_opening_hours_per_day",
}

CMS_READ: dict[str, frozenset[str]] = {
    "floors": frozenset(["id", "name", "order", "status"]),
    "categories": frozenset(["id", "type", "status", "slug"]),
    "categories_locales": frozenset(["_locale", "_parent_id", "name"]),
}
"""Tables of the CMS that the job only reads."""


def cms_written() -> dict[str, frozenset[str]]:
    """Return the CMS's tables that the job writes, each with the columns that it uses."""
    used = {
        suffix: own | {field.cms_column for field in FIELDS if _PART_TABLES[field.part] == suffix}
        for suffix, own in _OWN_COLUMNS.items()
    }
    return {f"{kind}{suffix}": columns for kind in KINDS for suffix, columns in used.items()}


@dataclass(frozen=True)
class InitResult:
    """What `etl init` did.

    Attributes:
        migrations: The migrations applied now, in order; empty where all were there.
        cms_tables: True where the database was empty and got the CMS-shaped tables.
    """

    migrations: tuple[str, ...]
    cms_tables: bool


def migration_names() -> list[str]:
    """Return the job's migrations in order, e.g. `0001_sync_logs`."""
    return sorted(name.removeprefix("schema/etl/") for name in names() if name.startswith("schema/etl/"))


def pending_migrations(db: Postgres) -> list[str]:
    """Return the migrations that the database does not have yet.

    Raises:
        ConfigError: the database was made by a newer version of this job.
    """
    if not db.value("check/etl_schema"):
        return migration_names()
    applied = set(db.read("check/migrations")["name"].to_list())
    unknown = sorted(applied - set(migration_names()))
    if unknown:
        raise ConfigError(
            f"{db.shown} has {len(unknown)} migrations that this version ({__version__}) does not know "
            f"({', '.join(unknown[:3])}): it was set up by a newer version. Update iconsiam-etl."
        )
    return [name for name in migration_names() if name not in applied]


def initialise(db: Postgres) -> InitResult:
    """Make what is missing, in one transaction: the job's tables, and the CMS-shaped ones in an empty database."""
    with db.transaction():
        is_empty = db.value("check/tables") == 0
        if is_empty:
            db.run("schema/enter", db.session.home)
            _make_cms(db)
            db.run("schema/enter", "")
        db.run("schema/create_schema")
        db.run("schema/create_migrations")
        pending = pending_migrations(db)
        for name in pending:
            db.run(f"schema/etl/{name}")
            db.run("schema/record_migration", name, __version__)
    if is_empty:
        db.find_cms()
    return InitResult(tuple(pending), is_empty)


def _make_cms(db: Postgres) -> None:
    for name in (name for name in names() if name.startswith("schema/cms/")):
        tables = [{"table": kind} for kind in KINDS] if name.startswith("schema/cms/03") else [{}]
        for parts in tables:
            db.run(name, **parts)
    for name, order in STANDARD_FLOORS:
        db.run("schema/insert_floor", name, order)
    for order, (category_type, slug, name_en, name_th) in enumerate(STANDARD_CATEGORIES, start=1):
        db.run("schema/insert_category", category_type, slug, name_en, name_th, order)


def require_ready(db: Postgres) -> dict[str, set[str]]:
    """Return the columns of the CMS's tables, once the job's tables are current and the CMS's complete.

    Raises:
        ConfigError: the job's tables are missing or old; `etl init` makes them.
        ContractError: a table or column of the CMS is missing.
    """
    pending = pending_migrations(db)
    if pending:
        raise ConfigError(
            f"{db.shown} does not have {len(pending)} of the job's {len(migration_names())} migrations "
            f"(next: {pending[0]}). Run `etl init` once."
        )
    return require_cms(db)


def read_reference(db: Postgres) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return floors and categories, each in the shape that contract/reference.py gives."""
    return (
        db.read("plan/read_floors").cast(FLOORS),  # type: ignore[arg-type]  # a dict of types is a schema
        db.read("plan/read_categories").cast(CATEGORIES),  # type: ignore[arg-type]  # as above
    )


def require_cms(db: Postgres) -> dict[str, set[str]]:
    """Return the columns of the CMS's tables.

    Raises:
        ContractError: one is missing.
    """
    wanted = {**cms_written(), **CMS_READ}
    found = db.columns(sorted(wanted))
    missing = missing_columns(wanted, found)
    if missing:
        raise ContractError(
            f"{db.shown} does not have {len(missing)} tables or columns of the CMS: {', '.join(missing[:3])}"
            f"{', …' if len(missing) > 3 else ''}. Is it the CMS's database, and its schema on the search path? "
            "`etl check` lists all; `etl init` makes them in an empty database."
        )
    return found


def missing_columns(wanted: dict[str, frozenset[str]], found: dict[str, set[str]]) -> list[str]:
    """Return what is missing: `shops` for a whole table, `shops.slug` for a column."""
    missing = []
    for table, columns in sorted(wanted.items()):
        if table not in found:
            missing.append(table)
        else:
            missing += [f"{table}.{column}" for column in sorted(columns - found[table])]
    return missing
