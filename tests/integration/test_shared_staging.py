"""Staging that several processes load at once: a shard that comes twice is there once, and what is lost is noticed."""

import threading
from io import StringIO
from typing import Any

import polars as pl
import pytest

from etl.contract.issue import ISSUE
from etl.contract.tenant import TENANT, polars_schema
from etl.db.connection import Postgres
from etl.db.errors import PostgresError
from etl.engines.ray.shared_staging import (
    Expected,
    ShardRows,
    add_issues,
    attach,
    create,
    drop,
    drop_left_behind,
    load,
    prefix_of,
    require_right,
)
from etl.errors import ConfigError, LoadError
from etl.runtime import queries
from tests.support.postgres import ROLE, as_user, make_user
from tests.support.ray import leave_to_make_tables, staging_of
from tests.support.sync import Mall, record

RUN, OTHER = "20261123T210451Z-3f9a1c", "20261123T200000Z-000000"


@pytest.fixture
def role(mall: Mall) -> Mall:
    """Give a mall whose role may make the tables."""
    return leave_to_make_tables(mall)


@pytest.fixture
def apart(mall: Mall) -> Mall:
    """Give a mall whose job is not the tables' owner, on a given server too."""
    if not ROLE:
        mall.database.execute(queries.text("roles"))
        make_user(mall.database, "etl_sync")
        mall.via = as_user(mall.database.owner_dsn, "etl_sync")
    return mall


def rows(shard: int, *ids: str) -> ShardRows:
    """Return a shard of tenants, each with a finding; the last of them changed at the source."""
    seq = pl.Series("seq", [shard * 100 + place for place in range(len(ids))], pl.Int64)
    keys = pl.DataFrame({"seq": seq, "unique_id": ids, "source_unique_id": ids}).with_columns(
        derived=pl.lit(value=False),
        kind=pl.lit("shops"),
        kind_rule=pl.lit("blank"),
        floor_id=pl.lit(None, pl.Int32),
        floor_is_understood=pl.lit(value=False),
        source_hash=pl.col("seq"),
    )
    empty = pl.DataFrame(schema={"seq": pl.Int64(), **polars_schema(TENANT)})
    tenants = pl.concat(
        [empty, keys.tail(1).select("seq", "unique_id", "source_unique_id", "kind")], how="diagonal"
    )
    issues = [(unique_id, "warning", "odd", None, f"{unique_id} is odd.", None) for unique_id in ids]
    return ShardRows(
        shard=shard,
        keys=keys,
        tenants=tenants,
        rejected=pl.DataFrame({"unique_id": [f"rejected {shard}"]}),
        issues=pl.DataFrame(issues, schema=ISSUE, orient="row"),
    )


def first_issue() -> pl.DataFrame:
    """Return a finding that concerns no record."""
    return pl.DataFrame(
        [(None, "warning", "first", None, "It comes first.", None)], schema=ISSUE, orient="row"
    )


def attached(mall: Mall, expected: Expected) -> dict[str, list[str]]:
    """Return what a plan would see: ids of keys, tenants and rejected records, and the findings in their order."""
    columns = {"keys": "unique_id", "tenants": "unique_id", "rejected": "unique_id", "issues": "message"}
    with Postgres(mall.dsn) as db, db.transaction():
        attach(db, RUN, expected)
        add_issues(db, RUN, first_issue())
        db.execute("DELETE FROM stg_keys WHERE unique_id = 'dropped'")
        for table, column in columns.items():
            order = "ordinal" if table == "issues" else column
            db.execute(
                f"CREATE TABLE etl.seen_{table} AS SELECT {column} AS it FROM stg_{table} ORDER BY {order}"
            )
    return {
        table: [row["it"] for row in mall.database.query(f"SELECT it FROM etl.seen_{table}")]
        for table in columns
    }


def test_a_plan_sees_what_was_staged(role: Mall) -> None:
    """Under the names that it knows; findings are in the order of the feed, whichever shard came first."""
    with Postgres(role.dsn) as db:
        create(db, RUN)
        load(db, RUN, rows(1, "T3", "dropped"))
        load(db, RUN, rows(0, "T1", "T2"))
    assert attached(role, Expected(2, 4, 2)) == {
        "keys": ["T1", "T2", "T3"],
        "tenants": ["T2", "dropped"],
        "rejected": ["rejected 0", "rejected 1"],
        "issues": ["It comes first.", "T1 is odd.", "T2 is odd.", "T3 is odd.", "dropped is odd."],
    }


def test_a_shard_that_comes_twice(role: Mall) -> None:
    """Its worker died after it had staged it, before it could say so: the second time changes nothing."""
    with Postgres(role.dsn) as db:
        create(db, RUN)
        for _ in range(2):
            load(db, RUN, rows(0, "T1", "T2"))
    assert attached(role, Expected(1, 2, 1))["issues"] == ["It comes first.", "T1 is odd.", "T2 is odd."]


def test_a_shard_that_two_workers_stage_at_once(role: Mall) -> None:
    """One that was taken for dead is alive: the second waits for the first, and then does nothing."""
    with Postgres(role.dsn) as db:
        create(db, RUN)
    gate = threading.Barrier(4)

    def work() -> None:
        with Postgres(role.dsn) as db:
            gate.wait()
            load(db, RUN, rows(0, *(f"T{number}" for number in range(500))))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(attached(role, Expected(1, 500, 1))["keys"]) == 500


def test_a_shard_that_is_refused_midway(role: Mall) -> None:
    """Nothing of it stays, not even that it was there, so it can come again."""
    broken = rows(0, "T1")
    broken.rejected.extend(pl.DataFrame({"unique_id": [None]}, schema={"unique_id": pl.String}))
    with Postgres(role.dsn) as db:
        create(db, RUN)
        with pytest.raises(PostgresError):
            load(db, RUN, broken)
        load(db, RUN, rows(0, "T1"))
    assert attached(role, Expected(1, 1, 1))["keys"] == ["T1"]


@pytest.mark.parametrize(
    "loss",
    [
        "TRUNCATE {0}_shards, {0}_keys, {0}_tenants, {0}_issues, {0}_rejected",
        "TRUNCATE {0}_keys",
        "DELETE FROM {0}_tenants",
    ],
)
def test_rows_that_were_lost(role: Mall, loss: str) -> None:
    """After a crash of the server unlogged tables are empty: no plan is made of what is left."""
    with Postgres(role.dsn) as db:
        create(db, RUN)
        load(db, RUN, rows(0, "T1", "T2"))
    role.database.execute(loss.format(f"etl.{prefix_of(RUN)}"))
    with pytest.raises(LoadError, match="the server crashed or changed over to another one"):
        attached(role, Expected(1, 2, 1))


def test_a_shard_that_lacks(role: Mall) -> None:
    """Those that say what they staged are believed only as far as it is there."""
    with Postgres(role.dsn) as db:
        create(db, RUN)
        load(db, RUN, rows(0, "T1", "T2"))
    with pytest.raises(LoadError, match="Of 5 staged rows 2 are there"):
        attached(role, Expected(2, 5, 2))


def test_only_dead_runs_lose_their_staging(role: Mall) -> None:
    """Those of runs that are over go; those of a run under way stay, and any other table of the schema."""
    role.database.execute("CREATE TABLE etl.staged_by_hand (a int)")
    with Postgres(role.dsn) as db:
        create(db, RUN)
        create(db, OTHER)
        role.database.execute(
            "INSERT INTO etl.sync_logs (sync_id, status, started_at, version) VALUES (%s, 'RUNNING', now(), '0')",
            RUN,
        )
        drop_left_behind(db)
        assert sorted(staging_of(role)) == sorted(
            [
                "staged_by_hand",
                *(f"{prefix_of(RUN)}_{name}" for name in ("issues", "keys", "rejected", "shards", "tenants")),
            ]
        )
        drop(db, RUN)
    assert staging_of(role) == ["staged_by_hand"]


def test_an_ordinary_run_asks_nothing_about_it(role: Mall, monkeypatch: pytest.MonkeyPatch) -> None:
    """It executes no statement of this engine; what a dead run left waits for the next one with it."""
    asked: list[str] = []
    call = Postgres._call

    def noted(db: Postgres, doing: str, work: Any) -> Any:
        asked.append(doing)
        return call(db, doing, work)

    monkeypatch.setattr(Postgres, "_call", noted)
    with Postgres(role.dsn) as db:
        create(db, OTHER)
    assert [name for name in asked if name.startswith("ray/")]
    asked.clear()
    role.sync([record("T1")])
    assert [name for name in asked if name.startswith("ray/")] == []
    assert len(staging_of(role)) == 5


def test_staging_of_another_role(apart: Mall, log_lines: StringIO) -> None:
    """It can't be dropped: the run warns and goes on."""
    with Postgres(apart.database.owner_dsn) as db:
        create(db, OTHER)
    with Postgres(leave_to_make_tables(apart).dsn) as db:
        drop_left_behind(db)
    assert len(staging_of(apart)) == 5
    assert log_lines.getvalue().count("staging_left_behind") == 5


def test_a_role_without_the_right(apart: Mall) -> None:
    """It is told which, and how to get it."""
    with (
        Postgres(apart.dsn) as db,
        pytest.raises(ConfigError, match='GRANT CREATE ON SCHEMA etl TO "test_etl_sync"'),
    ):
        require_right(db)


@pytest.mark.parametrize(
    "sync_id", ["", "x; DROP TABLE shops", "20261123T210451Z-3f9a1c;", "20261123T210451Z-3F9A1C"]
)
def test_only_an_id_gets_into_a_name(sync_id: str) -> None:
    """Tables are named by what the job makes, never by what comes in."""
    with pytest.raises(ValueError, match="is not an id of a run"):
        prefix_of(sync_id)
