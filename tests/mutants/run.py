"""Runs mutants in copies of the tree, each with the tests that are likeliest to notice it."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from queue import Queue

from tests.mutants.covering import KEPT, Map
from tests.mutants.model import ROOT, Mutant, Outcome
from tests.mutants.sample import equivalents, key_of

PATIENCE_S = 600
"""A mutant whose tests run longer is taken for a loop, and counts as killed."""

_FAILED = re.compile(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", re.MULTILINE)


class Tree:
    """A copy of the working tree, in which one mutant at a time lives."""

    def __init__(self, path: Path, scratch: Path) -> None:
        self.path = path
        self._scratch = scratch
        self._changes = 0

    @contextmanager
    def mutated(self, mutant: Mutant) -> Iterator[None]:
        """Put a mutant in, and the original back."""
        place = self.path / mutant.file
        text = place.read_text("utf-8")
        before = place.stat()
        place.write_text(mutant.apply(text), "utf-8")
        # compiled files go by time and size, and two mutants of one size may come within a second
        self._changes += 1
        os.utime(place, (before.st_atime, before.st_mtime + self._changes))
        try:
            yield
        finally:
            place.write_text(text, "utf-8")
            os.utime(place, (before.st_atime, before.st_mtime))

    def test(self, tests: list[str], *, all_of_them: bool = False) -> tuple[int | None, list[str]]:
        """Run tests up to the first that fails; return pytest's exit code, None after too long, and what failed."""
        command = [
            sys.executable, "-m", "pytest", "-q", "-rfE", "--tb=no", "--no-header", "-p", "no:cacheprovider",
            "-p", "tests.mutants.steady", f"--basetemp={self._scratch}", *([] if all_of_them else ["-x"]), *tests,
        ]  # fmt: skip
        environment = {**os.environ, "PYTHONPATH": str(self.path), "PYTHONDONTWRITEBYTECODE": "1"}
        with subprocess.Popen(
            command, cwd=self.path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, errors="replace", start_new_session=True,
        ) as process:  # fmt: skip
            try:
                output, _ = process.communicate(timeout=PATIENCE_S)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                return None, []
        return process.returncode, _FAILED.findall(output)


@contextmanager
def trees(count: int) -> Iterator[list[Tree]]:
    """Give copies of the working tree, with what is not committed, and remove them."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    files = [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
    with ExitStack() as stack:
        found = []
        for number in range(count):
            path = KEPT / f"tree-{number}"
            shutil.rmtree(path, ignore_errors=True)
            stack.callback(shutil.rmtree, path, ignore_errors=True)
            for name in files:
                (path / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, path / name)
            subprocess.run([sys.executable, "-m", "compileall", "-q", "etl", "tests"], cwd=path, check=True)
            scratch = stack.enter_context(tempfile.TemporaryDirectory(prefix="mutant-"))
            found.append(Tree(path, Path(scratch) / "t"))
        yield found


def run(mutants: list[Mutant], known: Map, most_tests: int, workers: int = 2) -> list[Outcome]:
    """Run mutants, and return what became of each, in their order; print each as it ends."""
    same = equivalents()
    with trees(workers) as found, ThreadPoolExecutor(workers) as pool:
        free: Queue[Tree] = Queue()
        for tree in found:
            free.put(tree)

        def one(mutant: Mutant) -> Outcome:
            outcome = _run_one(mutant, free, known, most_tests, same)
            print(f"{outcome.end:10} {mutant}{'  by ' + outcome.by if outcome.by else ''}", flush=True)
            return outcome

        outcomes = list(pool.map(one, mutants))
        return _without_the_unsteady(outcomes, free)


def _run_one(
    mutant: Mutant,
    free: "Queue[Tree]",
    known: Map,
    most_tests: int,
    same: dict[tuple[str, str, str, str], str],
) -> Outcome:
    if key_of(mutant) in same:
        return Outcome(mutant, "equivalent", same[key_of(mutant)])
    tests = known.tests_of(mutant, (ROOT / mutant.file).read_text("utf-8"))[:most_tests]
    if not tests:
        return Outcome(mutant, "not run")
    tree = free.get()
    try:
        with tree.mutated(mutant):
            code, failed = tree.test(tests)
    finally:
        free.put(tree)
    if code == 0:
        return Outcome(mutant, "survived", tests=len(tests))
    return Outcome(
        mutant, "killed", "timeout" if code is None else (failed or [f"exit {code}"])[0], len(tests)
    )


def _without_the_unsteady(outcomes: list[Outcome], free: "Queue[Tree]") -> list[Outcome]:
    """Let those mutants survive whose test fails without them too."""
    wrong = set(failing(free, {outcome.by for outcome in outcomes if "::" in outcome.by}))
    return [
        Outcome(one.mutant, "survived", f"{one.by} fails without it too", one.tests)
        if one.by in wrong
        else one
        for one in outcomes
    ]


def failing(free: "Queue[Tree]", tests: Iterable[str]) -> list[str]:
    """Return those of the tests that fail on the tree as it is."""
    wanted = sorted(tests)
    if not wanted:
        return []
    tree = free.get()
    code, failed = tree.test(wanted, all_of_them=True)
    free.put(tree)
    if code not in {0, 1}:
        raise RuntimeError(f"pytest ended with {code} on the tree without mutants: {failed}")
    return failed
