"""Promise: the job is at home in 0.25 vCPU and 512 MB, whatever the number of records."""

import json
import subprocess
from collections.abc import Iterator

import pytest

from bench.cgroup import Cgroup, small_task
from tests.support.process import run
from tests.support.sync import Mall, record
from tests.support.versions import IN_CI

MOST_MB = 280
"""Resident memory of the whole process, the libraries' code included; bench/README.md has the figures."""


@pytest.fixture
def task() -> Iterator[Cgroup]:
    """Make a control group like the smallest Fargate task; where none can be made, skip, and fail in CI."""
    with small_task() as task:
        if task is None:
            told = "no control group can be made here: that takes root, and cgroups that can be written"
            if IN_CI:
                pytest.fail(told)
            pytest.skip(told)
        yield task


def synced(mall: Mall, task: Cgroup) -> dict[str, float]:
    """Run a sync in the task and return its last line of the log."""
    done: subprocess.CompletedProcess[str] = run(mall, "sync", before=task.enter, api_page_size=1000)
    assert done.returncode == 0, done.stderr
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def feed(records: int) -> list[dict[str, object]]:
    """Return records with texts of their own, of the size of real ones."""
    return [record(f"T{number}", descriptionEn=f"{number} sells lamps. " * 40) for number in range(records)]


def test_memory_does_not_grow_with_the_records(mall: Mall, task: Cgroup) -> None:
    """First load and unchanged, of 500 and of 15,000 records, stay in the task, and in the same memory but for a tenth."""
    mall.api.records = feed(500)
    few = [synced(mall, task)["peak_memory_mb"] for _ in range(2)]
    mall.api.records = feed(15_000)
    many = [synced(mall, task) for _ in range(2)]
    assert [each["created"] for each in many] == [14_500, 0]
    assert max(each["peak_memory_mb"] for each in many) <= max(few) * 1.25
    assert max(each["peak_memory_mb"] for each in many) <= MOST_MB
    assert task.peak_mb <= 512
