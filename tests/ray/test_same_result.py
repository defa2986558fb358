"""Promise: a sync on a cluster leaves every table as the ordinary one does, however the work is shared out."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import islice
from typing import Any

import pytest

from etl.demo.sample import sample_day
from etl.model.results import SyncResult
from tests.ray.conftest import TwoNodes
from tests.support.api import FakeApi
from tests.support.postgres import DEFAULT, Servers
from tests.support.ray import everything, staging_of
from tests.support.sync import Mall

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("ray")]

DAY_1 = list(sample_day(1, 2_000))
DAY_2 = list(sample_day(2, 2_000))
LESS = DAY_2[40:]

Everything = dict[str, list[dict[str, Any]]]


def days(mall: Mall, sync: Callable[..., SyncResult]) -> Iterator[tuple[SyncResult, Everything]]:
    """Sync four days: the first load, one with changes after editors' work, the same again, and one with fewer records."""
    for records, options in ((DAY_1, {}), (DAY_2, {}), (DAY_2, {}), (LESS, {"missing": "inactivate"})):
        yield sync(records, **options), everything(mall)
        if records is DAY_1:
            mall.edit_texts("T100012", "en", title="An editor's title")
            mall.edit("T100013", location_zone="An editor's zone")
            mall.database.execute("DELETE FROM shops WHERE unique_id = 'T100023'")


def told(result: SyncResult) -> dict[str, Any]:
    """Return what a result says of the records."""
    extracted = result.extracted.as_dict()
    kept = ("records", "pages", "is_complete", "problems", "unknown_fields", "not_text")
    return {
        **{name: extracted[name] for name in kept},
        "status": result.status,
        "counts": result.counts,
        "issues": result.issues,
        "repairs": result.repairs,
        "rules": result.rules,
    }


@pytest.fixture(scope="module")
def expected(
    postgres_servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> list[tuple[dict[str, Any], Everything]]:
    """Give what the ordinary engine makes of the four days."""
    with ExitStack() as stack:
        api = stack.enter_context(FakeApi())
        database = stack.enter_context(postgres_servers.get(DEFAULT).database())
        mall = Mall(api, database, tmp_path_factory.mktemp("ordinary"))
        mall.overrides = {"sync_batch_size": 100}
        return [(told(result), rows) for result, rows in days(mall, mall.sync)]


@pytest.mark.parametrize(("shard_and_tasks", "until"), [((130, 2), 4), ((700, 1), 2), ((5_000, 0), 2)])
def test_four_days(
    two_nodes: TwoNodes,
    wide: Mall,
    expected: list[tuple[dict[str, Any], Everything]],
    shard_and_tasks: tuple[int, int],
    until: int,
) -> None:
    """The first load, changes, no changes and gone records: the same rows with the same ids, findings and counts."""
    wide.overrides |= dict(zip(("ray_shard_records", "ray_tasks"), shard_and_tasks, strict=True))

    def sync(records: Any, **options: Any) -> SyncResult:
        return two_nodes.sync(wide, records, **options)

    for (result, rows), (expected_result, expected_rows) in zip(
        islice(days(wide, sync), until), expected[:until], strict=True
    ):
        assert told(result) == expected_result
        assert rows.keys() == expected_rows.keys()
        for table, expected_ones in expected_rows.items():
            differing = [pair for pair in zip(rows[table], expected_ones, strict=True) if pair[0] != pair[1]]
            assert differing[:3] == [], table
    assert staging_of(wide) == []
