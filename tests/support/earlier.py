"""A plugin of pytest: leave out the tests that an earlier run of the same commit has passed.

`--note-passed=FILE` writes the ids of the tests that passed, `--passed-before=FILE` leaves these out. Tests of hypothesis
are run again: how many examples they try is the run's.
"""

from collections import defaultdict
from pathlib import Path

import pytest

NOTE = "--note-passed"
BEFORE = "--passed-before"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the two options."""
    group = parser.getgroup("earlier")
    group.addoption(NOTE, type=Path, metavar="FILE", help="write the ids of the tests that pass")
    group.addoption(BEFORE, type=Path, metavar="FILE", help="leave out the tests that an earlier run noted")


def pytest_configure(config: pytest.Config) -> None:
    """Note results where that is asked for: once, in the process that hears of all tests."""
    if (before := config.getoption(BEFORE)) and not before.is_file():
        raise pytest.UsageError(f"{BEFORE}: there is no file {before}")
    if (file := config.getoption(NOTE)) and not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Notes(file), "earlier-notes")


class _Notes:
    def __init__(self, file: Path) -> None:
        self._file = file
        self._outcomes: defaultdict[str, list[str]] = defaultdict(list)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._outcomes[report.nodeid].append(report.outcome)

    def pytest_sessionfinish(self) -> None:
        passed = [test for test, found in self._outcomes.items() if found == ["passed"] * 3]
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_text("".join(f"{test}\n" for test in sorted(passed)), encoding="utf-8")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what passed before."""
    if (file := config.getoption(BEFORE)) is None:
        return
    passed = set(file.read_text(encoding="utf-8").splitlines())
    left_out = [item for item in items if item.nodeid in passed and not _is_of_chance(item)]
    config.hook.pytest_deselected(items=left_out)
    gone = {item.nodeid for item in left_out}
    items[:] = [item for item in items if item.nodeid not in gone]


def _is_of_chance(item: pytest.Item) -> bool:
    return bool(getattr(getattr(item, "obj", None), "is_hypothesis_test", False))
