"""A plugin of pytest that records what each test runs: lines of `etl/`, and statements of `sql/`.

    python -m pytest -p tests.mutants.record …

Each process of pytest writes one JSON file into the folder that MUTANTS_MAP names. What the set-up of a fixture of a
module or session runs counts for each test that uses the fixture, not only for the first of them.
"""

import json
import os
import resource
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import coverage
import pytest

from etl.runtime import queries

ROOT = Path(__file__).parents[2]


class Recorder:
    """What the tests of one process ran.

    Attributes:
        tests: Of each test its CPU seconds, whether it passed, and the contexts of the fixtures that it uses.
        statements: The statements that were read in each context: a test, or the set-up of a shared fixture.
        failed: The tests of which a part did not pass.
    """

    def __init__(self) -> None:
        self.tests: dict[str, dict[str, Any]] = {}
        self.statements: dict[str, set[str]] = defaultdict(set)
        self.failed: set[str] = set()
        self._context = ""
        self._coverage = coverage.Coverage(
            data_file=None, config_file=False, source=[str(ROOT / "etl")], messages=False
        )

    def start(self) -> None:
        """Count lines and statements from here on."""
        self._coverage.start()
        read = queries.text

        def noted(name: str) -> str:
            self.statements[self._context].add(name)
            return read(name)

        noted.cache_clear = read.cache_clear  # type: ignore[attr-defined]  # a test empties the cache
        queries.text = noted  # type: ignore[assignment]

    def enter(self, context: str) -> str:
        """Count for this context from here on; return the one before it."""
        before, self._context = self._context, context
        self._coverage.switch_context(context)
        return before

    def lines(self) -> dict[str, dict[str, list[int]]]:
        """Return the lines that were run, by context and file."""
        self._coverage.stop()
        data = self._coverage.get_data()
        found: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        for file in sorted(data.measured_files()):
            for line, contexts in data.contexts_by_lineno(file).items():
                for context in contexts:
                    found[context][Path(file).relative_to(ROOT).as_posix()].append(line)
        return found

    def write(self, path: Path) -> None:
        """Write all of it as JSON."""
        statements = {context: sorted(names) for context, names in self.statements.items()}
        found = {"tests": self.tests, "statements": statements, "lines": self.lines()}
        path.write_text(json.dumps(found), "utf-8")


_recorder = Recorder()


def pytest_configure() -> None:
    """Begin before any test is collected."""
    _recorder.start()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Count for a test from its set-up to the end of its clean-up."""
    before, started = _recorder.enter(item.nodeid), _cpu_seconds()
    result = yield
    _recorder.enter(before)
    _recorder.tests[item.nodeid] = {
        "seconds": round(_cpu_seconds() - started, 3),
        "passed": item.nodeid not in _recorder.failed,
        "uses": _shared_fixtures(item),
    }
    return result


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note what did not pass: a test that fails, or is skipped, kills nothing."""
    if not report.passed:
        _recorder.failed.add(report.nodeid)


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[Any]) -> Iterator[None]:
    """Count what a shared fixture does for itself."""
    if fixturedef.scope == "function":
        return (yield)
    before = _recorder.enter(_context_of(fixturedef))
    try:
        return (yield)
    finally:
        _recorder.enter(before)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write what was recorded; the process that only hands out tests has nothing."""
    if _recorder.tests:
        worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
        _recorder.write(Path(os.environ["MUTANTS_MAP"]) / f"{worker}.json")


def _shared_fixtures(item: pytest.Item) -> list[str]:
    found = item._fixtureinfo.name2fixturedefs.values()  # type: ignore[attr-defined]  # of functions only
    return [_context_of(ways[-1]) for ways in found if ways[-1].scope != "function"]


def _context_of(fixturedef: pytest.FixtureDef[Any]) -> str:
    return f"fixture {fixturedef.baseid}::{fixturedef.argname}"


def _cpu_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)
