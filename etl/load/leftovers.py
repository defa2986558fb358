"""Staging tables that a run which died left: those of the workers of a cluster, by their names."""

import re
from collections.abc import Iterable

from etl.db.connection import Postgres
from etl.db.errors import PostgresError
from etl.runtime.log import get_logger

_SYNC_ID = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{6}", re.ASCII)


def prefix_of(sync_id: str) -> str:
    """Return what the names of a run's staging tables begin with, e.g. `staged_20261123t210451z_3f9a1c`.

    Raises:
        ValueError: That is not an id of a run, so it must not get into a statement.
    """
    if not _SYNC_ID.fullmatch(sync_id):
        raise ValueError(f"{sync_id!r} is not an id of a run")
    return f"staged_{sync_id.lower().replace('-', '_')}"


def drop_left_behind(db: Postgres, sync_id: str) -> None:
    """Drop the staging tables of every other run; the caller, `sync_id`, holds the lock, so none is alive.

    Those that another role made stay, with a warning.
    """
    own = prefix_of(sync_id)
    names = db.read("shared/left_behind")["table_name"].to_list()
    for table in (name for name in names if not name.startswith(f"{own}_")):
        try:
            drop_tables(db, [table])
        except PostgresError as error:
            if error.is_lost:
                raise
            get_logger().warning("staging_left_behind", table=table, error=error)


def drop_tables(db: Postgres, tables: Iterable[str]) -> None:
    """Drop staging tables, where they are there."""
    for table in tables:
        db.run("shared/drop_table", table=table)
