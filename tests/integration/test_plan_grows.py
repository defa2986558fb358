"""Promise: a plan of many changed records takes no longer for each than one of few."""

from typing import Any

import pytest

from tests.support.sync import Mall, record

FEW, MANY = 1_500, 9_000


def feed(count: int, zone: str) -> list[dict[str, Any]]:
    """Return so many records, all in one zone."""
    return [record(f"T{number}", zone=zone) for number in range(count)]


def plan_seconds(mall: Mall, count: int) -> float:
    """Load so many records, change all of them, and return how long the plan of that took."""
    mall.sync(feed(count, "East"))
    result = mall.sync(feed(count, "West"), force=True)
    assert result.counts.updated == count
    return result.seconds["plan"]


@pytest.mark.long
def test_six_times_the_changes_take_about_six_times_as_long(mall: Mall) -> None:
    """Measured: 6 times; 30 times where the planner takes the compared records for one."""
    mall.overrides["api_page_size"] = 1000
    few = plan_seconds(mall, FEW)
    mall.empty()
    assert plan_seconds(mall, MANY) < 15 * few
