"""What the process may use."""

from pathlib import Path

import pytest

from etl.runtime.limits import cpus, set_up


def files(folder: Path, texts: dict[str, str]) -> Path:
    """Write a control group's files and return its folder."""
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


@pytest.fixture(autouse=True)
def eight_cpus(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the machine have eight CPUs."""
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(8)), raising=False)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ({"cpu.max": "25000 100000\n"}, 0.25),
        ({"cpu.max": "max 100000\n"}, 8.0),
        ({"cpu.max": "1600000 100000\n"}, 8.0),
        ({"cpu/cpu.cfs_quota_us": "150000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 1.5),
        ({"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, 8.0),
        ({"cpu.max": "what\n"}, 8.0),
        ({}, 8.0),
    ],
)
def test_the_container_says_how_many_cpus_there_are(
    texts: dict[str, str], expected: float, tmp_path: Path
) -> None:
    """Its quota counts, of either version, and never more than the machine has; without one, the machine's number."""
    assert cpus(files(tmp_path, texts)) == expected


@pytest.mark.parametrize(("found", "threads"), [(0.25, "1"), (1.5, "1"), (3.0, "3"), (64.0, "4")])
def test_libraries_are_told_how_many_threads_to_start(
    found: float, threads: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At least one, and no more than the work can use."""
    monkeypatch.setattr("etl.runtime.limits.cpus", lambda: found)
    environment: dict[str, str] = {}
    set_up(environment)
    assert (environment["POLARS_MAX_THREADS"], environment["OMP_NUM_THREADS"]) == (threads, threads)


def test_what_an_operator_set_stays() -> None:
    """Whoever knows better says so in the environment."""
    environment = {"POLARS_MAX_THREADS": "7", "ARROW_DEFAULT_MEMORY_POOL": "jemalloc"}
    set_up(environment)
    assert (environment["POLARS_MAX_THREADS"], environment["ARROW_DEFAULT_MEMORY_POOL"]) == ("7", "jemalloc")
