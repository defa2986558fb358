"""Promise: several malls on a cluster are what they are in one process: each by itself, and none stops another."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from etl.model.results import SyncResult
from etl.snapshot import open_snapshot
from tests.ray.conftest import TwoNodes
from tests.ray.test_same_result import Everything, told
from tests.support.api import FakeApi, status
from tests.support.malls import OLD, Malls
from tests.support.postgres import DEFAULT, Servers
from tests.support.ray import everything, leave_to_make_tables, staging_of
from tests.support.sync import record

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("ray")]


def some(count: int, of: str, **fields: Any) -> list[dict[str, Any]]:
    """Return records T0, T1, … whose titles say which mall they are of; every tenth is on two floors."""
    return [
        record(
            f"T{number}",
            brandNameEn=f"{of} {number}",
            **{"floor": "3,4" if number % 10 == 0 else "1F", **fields},
        )
        for number in range(count)
    ]


DAY_1 = {OLD: some(250, "Old"), "icon": some(120, "Icon"), "siam": some(330, "Siam"), "tiny": some(1, "Tiny")}


def days(malls: Malls, **options: Any) -> Iterator[tuple[dict[str, Any], Everything]]:
    """Sync four days: all malls; one fails and one shrank; one's floors fit nothing any more; all are well again."""

    def sync(records: dict[str, list[Any]]) -> tuple[dict[str, Any], Everything]:
        outcomes = malls.outcomes(records, **options)
        said = {
            name: told(outcome) if isinstance(outcome, SyncResult) else type(outcome).__name__
            for name, outcome in outcomes.items()
        }
        return said, everything(malls)

    yield sync(DAY_1)
    malls.apis["siam"].fail_always(2, status(403))
    yield sync({**DAY_1, "icon": some(10, "Icon"), OLD: some(251, "Old", zone="West")})
    malls.apis["siam"]._always.clear()
    yield sync({**DAY_1, "icon": some(121, "Icon", floor="nowhere"), "siam": some(331, "Siam", unit="9")})
    yield sync({**DAY_1, "tiny": some(2, "Tiny")})


@pytest.fixture
def apis() -> Iterator[dict[str, FakeApi]]:
    """Give the API of each mall."""
    with ExitStack() as stack:
        yield {name: stack.enter_context(FakeApi()) for name in DAY_1}


def test_several_malls(
    two_nodes: TwoNodes, apis: dict[str, FakeApi], postgres_servers: Servers, tmp_path: Path
) -> None:
    """The same rows, ids, findings and figures of each mall, on all four days."""
    found: dict[str, list[Any]] = {}
    on_ray = {"engine": "ray", "ray_address": two_nodes.address}
    for name, options in (("ordinary", {}), ("cluster", on_ray)):
        with postgres_servers.get(DEFAULT).database() as database:
            malls = Malls(apis, database, tmp_path / name)
            malls.overrides |= {"sync_batch_size": 50, "ray_shard_records": 100}
            leave_to_make_tables(malls)
            found[name] = list(days(malls, **options))
            assert staging_of(malls) == []
            shown = {name: malls.last_run_of(name)["snapshot"] for name in malls.named}
            assert {name: open_snapshot(path).record_count for name, path in shown.items()} == {
                OLD: 250, "icon": 120, "siam": 330, "tiny": 2
            }  # fmt: skip
    for (result, rows), (expected_result, expected_rows) in zip(*found.values(), strict=True):
        assert result == expected_result
        for table in expected_rows:
            assert rows[table] == expected_rows[table], table
    failed = [
        {name: outcome for name, outcome in outcomes.items() if isinstance(outcome, str)}
        for outcomes, _ in found["cluster"]
    ]
    assert failed == [
        {},
        {OLD: "GuardError", "icon": "GuardError", "siam": "SourceError"},
        {"icon": "GuardError", "siam": "GuardError"},
        {},
    ]
