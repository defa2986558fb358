"""Promise: after many syncs memory, dead rows and the job's own tables are no larger than after few.

A story of ETL_TEST_SOAK syncs (40) over a year of pretended days, into one database with autovacuum on, by one
process. Once the oldest runs are old enough to be deleted nothing may grow any more.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from etl.embedded.postgres import EmbeddedPostgres
from tests.support.api import FakeApi
from tests.support.postgres import BINARIES, FAST, database_at, initialise_database
from tests.support.sync import Mall, record

pytestmark = pytest.mark.quick(cases=1)

SYNCS = int(os.environ.get("ETL_TEST_SOAK", "40"))
RECORDS = int(os.environ.get("ETL_TEST_SOAK_RECORDS", "300"))
DAYS = 400
"""How many days the story pretends to last: runs and changes grow old enough to go."""

OWN = ("sync_logs", "sync_issues", "sync_changes", "tenants_base")
CATALOGUE = ("pg_class", "pg_attribute", "pg_type", "pg_depend", "pg_index", "pg_statistic")


@pytest.fixture
def mall(api: FakeApi, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Iterator[Mall]:
    """Give a mall on a server of its own, whose autovacuum is as eager as that of a day's work in a minute."""
    home = tmp_path_factory.mktemp("soak")
    for folder in (home, *home.parents[:2]):
        folder.chmod(0o755)  # a root user's server runs as nobody
    settings = {**FAST, "autovacuum": "on", "autovacuum_naptime": "1s", "autovacuum_max_workers": "3"}
    with EmbeddedPostgres(home / "data", binaries=BINARIES, settings=settings) as server:
        database = database_at(server.dsn())
        initialise_database(database)
        mall = Mall(api, database, tmp_path / "snapshots")
        mall.overrides = {"snapshot_keep": 5, "api_page_size": 1000}
        yield mall


def feed(day: int, size: int) -> list[dict[str, Any]]:
    """Return a day's feed: of each 25 records one says something new, some come and go, and some labels fit nothing."""
    records = [record(f"T{number}") for number in range(size) if (number + day) % 50]
    for number, one in enumerate(records):
        if (number + day) % 25 == 0:
            one["zone"] = f"Zone {day}"
            one["openingHours"] = "Mon-Fri 10:00-21:00, Sat-Sun 10:00-22:00" if day % 2 else "10:00 - 22:00"
        if number % 40 == 0:
            one["floor"] = f"Fl. {80 + day % 10}"
    return records


def measure(mall: Mall) -> dict[str, float]:
    """Return what must stay bounded: MB of memory and of tables, rows and dead rows."""
    (sizes,) = mall.database.query(
        "SELECT "
        + ", ".join(f"pg_total_relation_size('etl.{table}') AS {table}" for table in OWN)
        + ", (SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relname = ANY(%s)) AS catalogue"
        + ", (SELECT sum(n_dead_tup) FROM pg_stat_all_tables WHERE schemaname <> 'pg_toast') AS dead_rows"
        + ", (SELECT sum(pg_total_relation_size(relid)) FROM pg_stat_user_tables WHERE schemaname = 'public') AS cms",
        list(CATALOGUE),
    )
    megabytes = {name: float(value) / 1e6 for name, value in sizes.items() if name != "dead_rows"}
    resident = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf(
        "SC_PAGE_SIZE"
    )
    return {"resident": resident / 1e6, **megabytes, "dead_rows": float(sizes["dead_rows"])}


@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("syncs", "records"), [(12, 60), (SYNCS, RECORDS)], ids=["few", "many"])
def test_many_syncs(mall: Mall, syncs: int, records: int) -> None:
    """Each measure's peak in the last third is at most a quarter above that of the third before, and some rows and MB."""
    told = []
    for number in range(syncs):
        # a run is so many days after the one before
        mall.database.execute(
            "UPDATE etl.sync_logs SET started_at = started_at - make_interval(secs => %s)",
            DAYS / syncs * 86_400,
        )
        result = mall.sync(feed(number, records))
        assert result.status in {"COMPLETED", "PARTIAL"}
        told.append(measure(mall))
        if number % 10 == 0:
            print(number, {name: round(value, 1) for name, value in told[-1].items()})
    print(syncs, {name: round(value, 1) for name, value in told[-1].items()})
    third = syncs // 3
    for name in told[0]:
        before = max(each[name] for each in told[third : 2 * third])
        after = max(each[name] for each in told[2 * third :])
        slack = {"dead_rows": 2_000, "resident": 24, "catalogue": 4}.get(name, 0.5)
        assert after <= before * 1.25 + slack, f"{name} grows: {before:.1f}, then {after:.1f}"

    (rows,) = mall.database.query(
        "SELECT (SELECT count(*) FROM etl.sync_logs) AS runs, "
        "(SELECT count(DISTINCT sync_id) FROM etl.sync_changes) AS with_changes, "
        "(SELECT count(DISTINCT sync_id) FROM etl.sync_issues) AS with_findings"
    )
    days = DAYS / syncs
    assert rows["runs"] <= 365 / days + 1
    assert rows["with_changes"] <= 90 / days + 1
    assert rows["with_findings"] <= 90 / days + 1
    mall.wait_until_nothing_is_left()
    assert len(list(Path(mall.folder).iterdir())) <= 6
