"""The job's own tables, of one build or refused, and the CMS-shaped ones of an empty database."""

from dataclasses import dataclass
from hashlib import sha256

import polars as pl

from etl._version import __version__
from etl.contract.reference import CATEGORIES, FLOORS, STANDARD_CATEGORIES, STANDARD_FLOORS
from etl.db.catalogue import columns_of
from etl.db.connection import Postgres
from etl.errors import ConfigError
from etl.load.requirements import Purpose, require
from etl.runtime.queries import split, text

ReferenceFrames = tuple[pl.DataFrame, pl.DataFrame]
"""The floors and the categories, as `read_reference` gives them."""


_INIT_LOCK = 4_985_200_318
"""Key of the advisory lock that lets one `etl init` of a database go on at a time."""

_CMS_FILES = ("types", "reference", "shops", "dinings", "links", "sync_logs", "payload")
"""The files of sql/schema/cms, in the order in which their tables refer to each other."""

_START_OVER = (
    "start over: `DROP SCHEMA etl CASCADE`, then `etl init`. That loses the log of runs, so that none can be rolled "
    "back, and the last-synced values, so that the next sync meets every row as on first contact."
)


@dataclass(frozen=True)
class InitResult:
    """What `etl init` did.

    Attributes:
        job_tables: True where it made the job's tables; False where they were there.
        cms_tables: True where the database was empty and got the CMS-shaped tables.
    """

    job_tables: bool
    cms_tables: bool


def schema_fingerprint() -> str:
    """Return a fingerprint of the statements in sql/schema/etl.sql, whatever their comments and line breaks."""
    statements = (" ".join(statement.split()) for statement in split(text("schema/etl")))
    return sha256(";".join(statements).encode()).hexdigest()[:16]


def is_made(db: Postgres) -> bool:
    """Tell whether the job's tables are there; a schema `etl` without a table counts as none.

    Raises:
        ConfigError: Schema `etl` is of another build.
    """
    found = db.read("check/etl_schema").row(0, named=True)
    if not found["is_there"]:
        return False
    builds = db.read("check/schema_build").rows() if found["has_build"] else []
    if not builds:
        raise ConfigError(
            f"Schema etl in {db.shown} names no build in etl.schema_build: an unreleased version of iconsiam-etl "
            f"made it, or another program. To use this version, {_START_OVER}"
        )
    fingerprint, version = builds[0]
    if fingerprint != schema_fingerprint():
        raise ConfigError(
            f"Schema etl in {db.shown} is of another build: iconsiam-etl {version} made it (schema {fingerprint}), "
            f"this is {__version__} (schema {schema_fingerprint()}). Use the version that made it, or {_START_OVER}"
        )
    return True


def initialise(db: Postgres) -> InitResult:
    """Make what is missing, in one transaction: the job's tables, and the CMS-shaped ones in an empty database.

    Raises:
        ConfigError: The server can't be used, or schema `etl` is of another build.
        ContractError: There is a CMS that is not what the job needs, or that the role may not see.
    """
    require(db, "init")
    with db.transaction():
        db.run("schema/lock", _INIT_LOCK)
        # also where it is there: who may not make a schema is to hear that, whatever the schema holds
        db.run("schema/create_schema")
        result = InitResult(job_tables=not is_made(db), cms_tables=db.value("check/tables") == 0)
        if result.cms_tables:
            db.run("schema/enter", db.session.home)
            _make_cms(db)
            db.run("schema/enter", "")
        if result.job_tables:
            db.run_script("schema/etl")
            db.run("schema/record_build", schema_fingerprint(), __version__)
    if result.cms_tables:
        db.find_cms()
    return result


def _make_cms(db: Postgres) -> None:
    for name in _CMS_FILES:
        db.run_script(f"schema/cms/{name}")
    for name, order in STANDARD_FLOORS:
        db.run("schema/insert_floor", name, order)
    for order, (category_type, slug, name_en, name_th) in enumerate(STANDARD_CATEGORIES, start=1):
        db.run("schema/insert_category", category_type, slug, name_en, name_th, order)


def require_made(db: Postgres) -> None:
    """Make sure that the job's tables are there, and of this build.

    Raises:
        ConfigError: They are not.
    """
    if not is_made(db):
        raise ConfigError(f"{db.shown} does not have the job's tables. Run `etl init` once.")


def require_ready(db: Postgres, purpose: Purpose = "look") -> dict[str, set[str]]:
    """Return the columns of the CMS's tables, once the job's tables are this build's and the CMS's what the job needs.

    Raises:
        ConfigError: The job's tables are missing or of another build, or the server can't be used.
        ContractError: The CMS's tables, or the role's rights, are not what the job needs.
    """
    require_made(db)
    return columns_of(require(db, purpose))


def read_reference(db: Postgres) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return floors and categories, each in the shape that contract/reference.py gives."""
    return (
        db.read("plan/read_floors").cast(FLOORS),  # type: ignore[arg-type]  # a dict of types is a schema
        db.read("plan/read_categories").cast(CATEGORIES),  # type: ignore[arg-type]  # as above
    )
