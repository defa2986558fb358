"""Which tests run what: recorded once, and kept in `.mutants/map.json` until the product changes.

A test file that changed is recorded again alone. After a change of tests/support the map still holds, since it only
says which tests are worth running; `--map` makes all of it again.
"""

import ast
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

from tests.mutants.model import FOLDERS, PYTHON, ROOT, Mutant

QUICK = ("tests/unit", "tests/sql", "tests/integration", "tests/property")
MOST_SECONDS = 5
"""A test that needs more CPU seconds is left out: every survivor would have to wait for it."""

_LEAST_SECONDS = 0.02
"""What pytest itself needs for a test."""

KEPT = ROOT / ".mutants"
_MAP = KEPT / "map.json"


@dataclass(frozen=True)
class Ran:
    """What a test runs.

    Attributes:
        seconds: Its CPU seconds, those of Postgres apart.
        lines: Lines of Python by file.
        statements: Names of statements.
    """

    seconds: float
    lines: dict[str, frozenset[int]]
    statements: frozenset[str]

    @property
    def breadth(self) -> int:
        """How much it runs."""
        return sum(map(len, self.lines.values())) + 10 * len(self.statements)


class Map:
    """What each test runs, by its name."""

    def __init__(self, tests: dict[str, Ran]) -> None:
        self._tests = tests

    def tests_of(self, mutant: Mutant, text: str, seconds: float) -> list[str]:
        """Return the tests that run what is changed, or as many of them as take so many CPU seconds.

        First come those that share words with the file's name, then those that run the least. Where not all are taken,
        half of the time is for those that run the most: they see what goes wrong between records.
        """
        found = self._reading(mutant) if mutant.is_sql else self._running(mutant, text)
        words = _words(mutant.file)
        ordered = sorted(
            found, key=lambda test: (-len(words & _words(test)), self._tests[test].breadth, test)
        )
        if self._seconds(ordered) <= seconds:
            return ordered
        near = self._within(ordered, seconds / 2)
        rest = sorted(ordered[len(near) :], key=lambda test: (-self._tests[test].breadth, test))
        return [*near, *self._within(rest, seconds / 2)]

    def _within(self, tests: list[str], seconds: float) -> list[str]:
        """Return the first of the tests, up to those that take so long together; one at least."""
        ends = accumulate(max(self._tests[test].seconds, _LEAST_SECONDS) for test in tests)
        return [
            test
            for place, (test, end) in enumerate(zip(tests, ends, strict=True))
            if not place or end <= seconds
        ]

    def _seconds(self, tests: list[str]) -> float:
        return sum(max(self._tests[test].seconds, _LEAST_SECONDS) for test in tests)

    def _reading(self, mutant: Mutant) -> list[str]:
        name = mutant.file.removeprefix("sql/").removesuffix(".sql")
        return [test for test, ran in self._tests.items() if name in ran.statements]

    def _running(self, mutant: Mutant, text: str) -> list[str]:
        lines = lines_around(text, mutant.line)
        every = {
            test: ran.lines[mutant.file] for test, ran in self._tests.items() if mutant.file in ran.lines
        }
        found = [test for test, ran in every.items() if not lines.isdisjoint(ran)]
        return found or list(every)  # what an import runs is every test's, in a function too


def lines_around(text: str, line: int) -> frozenset[int]:
    """Return the lines of the statement that a line is a part of; none where an import runs it."""
    best: ast.stmt | None = None
    function = False
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            function |= node.body[0].lineno <= line <= (node.end_lineno or 0)
        if isinstance(node, ast.stmt) and node.lineno <= line <= _last_line(node):
            best = node if best is None or node.lineno >= best.lineno else best
    if not function or best is None:
        return frozenset()
    return frozenset(range(best.lineno, _last_line(best) + 1))


def _last_line(node: ast.stmt) -> int:
    body = getattr(node, "body", None)
    return max(node.lineno, body[0].lineno - 1) if body else node.end_lineno or node.lineno


def _words(path: str) -> set[str]:
    named = path.partition("[")[0].removeprefix("etl/").removeprefix("sql/").removeprefix("tests/")
    words = {word.removesuffix("s") for word in re.findall(r"[a-z]+", named.lower())}
    return words - {
        "test",
        "py",
        "sql",
        "unit",
        "integration",
        "the",
        "a",
        "of",
        "is",
        "and",
        "in",
        "no",
        "that",
    }


def read_map(*, remake: bool = False, workers: int = 2) -> Map:
    """Return the map of what is there now; record what it does not have yet."""
    kept = json.loads(_MAP.read_text("utf-8")) if _MAP.exists() and not remake else {}
    product = _print_of(ROOT / folder for folder in ("etl", "sql"))
    files = kept["files"] if kept.get("product") == product else {}
    now = {path: _print_of([ROOT / path]) for path in _test_files()}
    fresh = [path for path, print_ in now.items() if files.get(path, {}).get("print") != print_]
    if fresh:
        print(f"Recording what the tests of {len(fresh)} files run …", flush=True)
        by_file = _by_file(record(fresh, workers))
        files |= {path: {"print": now[path], "tests": by_file.get(path, {})} for path in fresh}
        KEPT.mkdir(exist_ok=True)
        _MAP.write_text(json.dumps({"product": product, "files": files}), "utf-8")
    every = {test: _ran(ran) for path in now for test, ran in files[path]["tests"].items()}
    return Map({test: ran for test, ran in every.items() if ran.seconds <= MOST_SECONDS})


def record(files: list[str], workers: int) -> dict[str, Any]:
    """Run the tests of some files, and return what each that passes runs."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable, "-m", "pytest", "-q", "-n", str(workers), "--dist", "loadfile",
            "-p", "tests.mutants.record", "-p", "tests.mutants.steady", "-p", "no:cacheprovider",
            "-m", "not long and not payload", *files,
        ]  # fmt: skip
        ended = subprocess.run(command, cwd=ROOT, env={**os.environ, "MUTANTS_MAP": folder}, check=False)
        if ended.returncode not in {0, 1}:  # 1: some failed, which kill nothing
            raise SystemExit("pytest could not run the tests; nothing was recorded.")
        return merged(json.loads(path.read_text("utf-8")) for path in sorted(Path(folder).glob("*.json")))


def merged(parts: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return what each passed test runs, of all processes: with what the shared fixtures that it uses run."""
    wanted = {f"{folder}/" for folder in PYTHON}
    parts = list(parts)
    found = {}
    for part in parts:
        for test, of_test in part["tests"].items():
            contexts = [test, *of_test["uses"]] if of_test["passed"] else []
            lines: dict[str, set[int]] = {}
            for context, one in ((context, one) for context in contexts for one in parts):
                for file, numbers in one["lines"].get(context, {}).items():
                    if any(file.startswith(folder) for folder in wanted):
                        lines.setdefault(file, set()).update(numbers)
            statements = {
                name for context in contexts for one in parts for name in one["statements"].get(context, [])
            }
            if contexts:
                found[test] = {
                    "seconds": of_test["seconds"],
                    "lines": {file: sorted(numbers) for file, numbers in lines.items()},
                    "statements": sorted(
                        name for name in statements if f"sql/{name.partition('/')[0]}" in FOLDERS
                    ),
                }
    return found


def _by_file(tests: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for test, ran in tests.items():
        found.setdefault(test.partition("::")[0], {})[test] = ran
    return found


def _ran(found: dict[str, Any]) -> Ran:
    lines = {file: frozenset(numbers) for file, numbers in found["lines"].items()}
    return Ran(found["seconds"], lines, frozenset(found["statements"]))


def _test_files() -> list[str]:
    return sorted(
        path.relative_to(ROOT).as_posix() for folder in QUICK for path in (ROOT / folder).glob("test_*.py")
    )


def _print_of(places: Iterable[Path]) -> str:
    found = hashlib.blake2b(digest_size=16)
    for place in places:
        for path in [place] if place.is_file() else sorted(place.rglob("*")):
            if path.suffix in {".py", ".sql"}:
                found.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return found.hexdigest()
