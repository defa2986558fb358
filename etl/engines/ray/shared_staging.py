"""Staging that several processes load at once: unlogged tables in schema etl, named by the run, which its plan then reads.

They are not a part of the run's transaction, so they are counted in it before anything rests on them, and dropped after it.
A run that died leaves them; once a run of its source has closed its log, the next one with this engine drops them.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from etl.contract.tenant import TENANT
from etl.db.connection import Postgres
from etl.db.errors import PostgresError
from etl.errors import ConfigError, LoadError
from etl.load import columns
from etl.load.staging import prepare
from etl.runtime.log import get_logger

_SYNC_ID = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{6}", re.ASCII)
_TABLES = ("shards", "keys", "tenants", "rejected", "issues")


@dataclass(frozen=True)
class ShardRows:
    """The rows of one shard, ready to be staged.

    Attributes:
        shard: Its number, from 0 in the order of the feed.
        keys: The key of each tenant, as stg_keys has it.
        tenants: Whole tenants whose source changed, as stg_tenants has them.
        rejected: Ids of rejected records, as stg_rejected has them.
        issues: contract ISSUE, in the order of the feed.
    """

    shard: int
    keys: pl.DataFrame
    tenants: pl.DataFrame
    rejected: pl.DataFrame
    issues: pl.DataFrame


@dataclass(frozen=True)
class Expected:
    """What must be staged, as the workers count it: shards, and rows of keys and tenants."""

    shards: int
    keys: int
    tenants: int


def require_right(db: Postgres) -> None:
    """Make sure that the role may make the tables.

    Raises:
        ConfigError: It may not.
    """
    if not db.value("ray/may_create"):
        role = db.session.username
        raise ConfigError(
            f"The role {role} may not make tables in schema etl, which the Ray engine needs for what its workers stage. "
            f'Let the owner of the schema run: GRANT CREATE ON SCHEMA etl TO "{role}"'
        )


def create(db: Postgres, sync_id: str) -> None:
    """Make the staging tables of a run, empty, in a transaction of its own."""
    run = prefix_of(sync_id)
    with db.transaction():
        drop_tables(db, [f"{run}_{table}" for table in _TABLES])
        for table in ("create_shards", "create_keys", "create_rejected", "create_issues"):
            db.run(f"ray/{table}", run=run)
        db.run("ray/create_tenants", run=run, columns=columns.staging_definition())


def load(db: Postgres, sync_id: str, rows: ShardRows) -> None:
    """Stage a shard in one transaction; one that is staged already stays as it is."""
    run = prefix_of(sync_id)
    with db.transaction():
        if db.value("ray/claim_shard", rows.shard, rows.keys.height, rows.tenants.height, run=run) is None:
            return
        shard, ordinal = pl.lit(rows.shard, pl.Int32).alias("shard"), pl.int_range(pl.len()).alias("ordinal")
        frames = {
            "keys": rows.keys,
            "tenants": rows.tenants,
            "rejected": rows.rejected.select(shard, pl.all()),
            "issues": rows.issues.select(shard, ordinal, pl.all()),
        }
        for table, frame in frames.items():
            db.ingest(f"{run}_{table}", frame, schema="etl")


def attach(db: Postgres, sync_id: str, expected: Expected) -> None:
    """Let the plan of the caller's transaction read what is staged, as stg_keys, stg_tenants and stg_rejected.

    There is a list of findings too, stg_issues, which is empty yet.

    Args:
        db: Inside the transaction.
        sync_id: The run.
        expected: What must be there.

    Raises:
        LoadError: It is not there.
    """
    run = prefix_of(sync_id)
    _require(db, run, expected)
    for table in ("keys", "rejected"):
        db.run(f"ray/view_{table}", run=run)
    db.run("ray/view_tenants", run=run, columns=columns.names(TENANT))
    db.run("stage/create_issues")
    prepare(db, f"etl.{run}_keys", f"etl.{run}_tenants")


def add_issues(db: Postgres, sync_id: str, first: pl.DataFrame) -> None:
    """Put findings into the list: those of none of the records, then those that are staged.

    Args:
        db: Inside the transaction, attached.
        sync_id: The run.
        first: contract ISSUE.
    """
    db.ingest("stg_issues", first)
    db.run("ray/copy_issues", run=prefix_of(sync_id))


def _require(db: Postgres, run: str, expected: Expected) -> None:
    found = db.read("ray/count_staged", run=run).row(0, named=True)
    wanted = expected.shards, expected.keys, expected.tenants
    claimed, there = (found["keys"], found["tenants"]), (found["keys_there"], found["tenants_there"])
    if (found["shards"], *claimed) != wanted or there != claimed:
        raise LoadError(
            f"Of {expected.keys:,} staged rows {found['keys_there']:,} are there: the server crashed or changed over to "
            "another one meanwhile, which empties unlogged tables. Nothing was written. Run again."
        )


def drop(db: Postgres, sync_id: str) -> None:
    """Drop the staging tables of a run."""
    drop_tables(db, [f"{prefix_of(sync_id)}_{table}" for table in _TABLES])


def prefix_of(sync_id: str) -> str:
    """Return what the names of a run's staging tables begin with, e.g. `staged_20261123t210451z_3f9a1c`.

    Raises:
        ValueError: That is not an id of a run, so it must not get into a statement.
    """
    if not _SYNC_ID.fullmatch(sync_id):
        raise ValueError(f"{sync_id!r} is not an id of a run")
    return f"staged_{sync_id.lower().replace('-', '_')}"


def drop_left_behind(db: Postgres) -> None:
    """Drop the staging tables of runs that are over; those that another role made stay, with a warning."""
    for table in db.read("ray/left_behind")["table_name"].to_list():
        try:
            drop_tables(db, [table])
        except PostgresError as error:
            if error.is_lost:
                raise
            get_logger().warning("staging_left_behind", table=table, error=error)


def drop_tables(db: Postgres, tables: Iterable[str]) -> None:
    """Drop staging tables, where they are there."""
    for table in tables:
        db.run("ray/drop_table", table=table)
