"""The job's own tables, made by numbered, forward-only migrations, and the CMS-shaped tables of an empty database."""

from dataclasses import dataclass

import polars as pl

from etl import __version__
from etl.contract.reference import CATEGORIES, FLOORS
from etl.contract.tenant import KINDS
from etl.errors import ConfigError, ContractError
from etl.load.postgres import Postgres
from etl.queries import names

CMS_WRITTEN: dict[str, frozenset[str]] = {
    "{table}": frozenset(
        "id unique_id slug status floor_id location_zone opening_hours_same_hours_every_day opening_hours_open "
        "opening_hours_close contact_info_website contact_info_phone date_range_start_date date_range_end_date "
        "short_alphabet sort_order is_featured pin_to_iconluxe updated_at created_at".split()
    ),
    "{table}_locales": frozenset(
        "id _locale _parent_id title subtitle description location_shop_number meta_title meta_description".split()
    ),
    "{table}_rels": frozenset("id order parent_id path categories_id".split()),
    "{table}_opening_hours_per_day": frozenset("_order _parent_id id day open close".split()),
}
"""Tables of the CMS that the job writes, for shops and for dinings, and the columns that it uses."""

CMS_READ: dict[str, frozenset[str]] = {
    "floors": frozenset("id name order status".split()),
    "categories": frozenset("id type status slug".split()),
    "categories_locales": frozenset("_locale _parent_id name".split()),
}
"""Tables of the CMS that the job only reads."""


def cms_written() -> dict[str, frozenset[str]]:
    """Return the tables that the job writes, each with the columns it uses."""
    return {name.format(table=kind): columns for kind in KINDS for name, columns in CMS_WRITTEN.items()}


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
            _make_cms(db)
        db.run("schema/create_schema")
        db.run("schema/create_migrations")
        pending = pending_migrations(db)
        for name in pending:
            db.run(f"schema/etl/{name}")
            db.run("schema/record_migration", name, __version__)
    return InitResult(tuple(pending), is_empty)


def _make_cms(db: Postgres) -> None:
    from etl.demo.reference import STANDARD_CATEGORIES, STANDARD_FLOORS

    for name in (name for name in names() if name.startswith("schema/cms/")):
        if name.startswith("schema/cms/03"):
            continue
        db.run(name)
    for kind in KINDS:
        for name in (name for name in names() if name.startswith("schema/cms/03")):
            db.run(name, table=kind)
    for name, order in STANDARD_FLOORS:
        db.run("schema/insert_floor", name, order)
    for order, (kind, slug, name_en, name_th) in enumerate(STANDARD_CATEGORIES, start=1):
        db.run("schema/insert_category", kind, slug, name_en, name_th, order)


def require_ready(db: Postgres) -> dict[str, set[str]]:
    """Return the columns of the CMS's tables, once the job's tables are current and the CMS's complete.

    Raises:
        ConfigError: the job's tables are missing or old; `etl init` makes them.
        ContractError: a table or column of the CMS is missing.
    """
    pending = pending_migrations(db)
    if pending:
        raise ConfigError(
            f"{db.shown} lacks {len(pending)} of the job's {len(migration_names())} migrations "
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
            f"{db.shown} lacks {len(missing)} tables or columns of the CMS: {', '.join(missing[:3])}"
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

