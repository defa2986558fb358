"""The same snapshot gives the same plan, byte for byte: on any server, in any order of rows, in chunks of any size."""

from pathlib import Path

import pytest

from etl.compare.json import to_json
from etl.compare.select import Selection, select
from etl.db.connection import Postgres
from etl.demo.sample import sample_day
from etl.pipeline import SyncOptions
from tests.support.api import FakeApi
from tests.support.postgres import VERSIONS, Servers
from tests.support.sync import Mall, diff_source, settings_for

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("same plan")]  # made once, for all of them

SHUFFLES = ("UPDATE {table} SET id = id WHERE id % 3 = 1", "UPDATE {table} SET id = id WHERE id % 2 = 0")
"""Rewrite rows, so that they lie in another order; no value changes."""


def shuffle(mall: Mall) -> None:
    """Put the rows of the CMS's tables and of the base in another physical order."""
    for kind in ("shops", "dinings"):
        for part in ("", "_locales", "_rels"):
            for statement in SHUFFLES:
                mall.database.execute(statement.format(table=f"{kind}{part}"))
    mall.database.execute("UPDATE etl.tenants_base SET zone = zone WHERE length(unique_id) % 2 = 1")
    for table in ("floors", "categories"):
        mall.database.execute(f"UPDATE {table} SET id = id WHERE id % 2 = 1")
    mall.database.execute("ANALYZE")


@pytest.fixture(scope="module")
def plans(
    postgres_servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, tuple[str, bytes]]:
    """Return the plan of the second day as JSON and as a file, made on each server, shuffled, and in small chunks."""
    folder = tmp_path_factory.mktemp("plans")
    found: dict[str, tuple[str, bytes]] = {}
    with FakeApi() as api:
        for number, version in enumerate(VERSIONS):
            with postgres_servers.get(version).database() as database:
                mall = Mall(api, database, folder / version)
                first = mall.sync(list(sample_day(1, 200)))
                mall.edit_texts("T100102", "en", title="An editor's")
                snapshot = str(_second_day(mall, folder)) if number == 0 else found["path"][0]
                found.setdefault("path", (snapshot, b""))
                database.execute("UPDATE etl.tenants_base SET first_sync_id = 'x', last_sync_id = 'x'")
                assert first.counts.created > 200
                found[version] = _plan(mall, snapshot, folder / f"{version}.plan", 5_000)
                shuffle(mall)
                found[f"{version}, shuffled"] = _plan(mall, snapshot, folder / f"{version}-2.plan", 5_000)
                found[f"{version}, in sevens"] = _plan(mall, snapshot, folder / f"{version}-3.plan", 7)
    del found["path"]
    return found


def _second_day(mall: Mall, folder: Path) -> Path:
    other = Mall(mall.api, mall.database, folder / "second")
    settings = settings_for(mall.database.dsn, mall.api.url, other.folder)
    mall.api.records = list(sample_day(2, 200))
    with Postgres(mall.database.dsn, "the CMS") as db:
        diff_source(settings, db, SyncOptions(), save_to=str(folder / "kept.plan"))
    return next(other.folder.iterdir())


def _plan(mall: Mall, snapshot: str, path: Path, batch_size: int) -> tuple[str, bytes]:
    settings = settings_for(mall.database.dsn, mall.api.url, mall.folder, sync_batch_size=batch_size)
    with Postgres(mall.database.dsn, "the CMS") as db:
        found = diff_source(settings, db, SyncOptions(snapshot=snapshot), save_to=str(path))
    return to_json(select(found, Selection())), path.read_bytes()


def test_the_same_json(plans: dict[str, tuple[str, bytes]]) -> None:
    """Six ways to make it, one text."""
    assert len(plans) == 3 * len(VERSIONS)
    assert {text for text, _ in plans.values()} == {next(iter(plans.values()))[0]}


def test_a_saved_plan_is_the_same_file(plans: dict[str, tuple[str, bytes]]) -> None:
    """On one server and in chunks of one size, the file is the same to the last byte."""
    for version in VERSIONS:
        assert plans[version][1] == plans[f"{version}, shuffled"][1]
