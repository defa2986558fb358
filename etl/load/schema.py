"""The job's own tables, made by forward-only migrations, and the CMS-shaped ones of an empty database."""

from dataclasses import dataclass

import polars as pl

from etl._version import __version__
from etl.contract.reference import CATEGORIES, FLOORS, STANDARD_CATEGORIES, STANDARD_FLOORS
from etl.contract.tenant import KINDS
from etl.db.catalogue import columns_of
from etl.db.connection import Postgres
from etl.errors import ConfigError
from etl.load.requirements import Purpose, require
from etl.runtime.queries import names

ReferenceFrames = tuple[pl.DataFrame, pl.DataFrame]
"""The floors and the categories, as `read_reference` gives them."""


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
    """Make what is missing, in one transaction: the job's tables, and the CMS-shaped ones in an empty database.

    Raises:
        ConfigError: the server can't be used, or the job's tables are a newer version's.
        ContractError: there is a CMS that is not what the job needs, or that the role may not see.
    """
    require(db, "init")
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


def require_ready(db: Postgres, purpose: Purpose = "look") -> dict[str, set[str]]:
    """Return the columns of the CMS's tables, once the job's tables are current and the CMS's what the job needs.

    Raises:
        ConfigError: the job's tables are missing or old (`etl init` makes them), or the server can't be used.
        ContractError: the CMS's tables, or the role's rights, are not what the job needs.
    """
    pending = pending_migrations(db)
    if pending:
        raise ConfigError(
            f"{db.shown} does not have {len(pending)} of the job's {len(migration_names())} migrations "
            f"(next: {pending[0]}). Run `etl init` once."
        )
    return columns_of(require(db, purpose))


def read_reference(db: Postgres) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return floors and categories, each in the shape that contract/reference.py gives."""
    return (
        db.read("plan/read_floors").cast(FLOORS),  # type: ignore[arg-type]  # a dict of types is a schema
        db.read("plan/read_categories").cast(CATEGORIES),  # type: ignore[arg-type]  # as above
    )
