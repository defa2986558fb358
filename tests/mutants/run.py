"""Runs mutants in copies of the tree, each with the tests that are likeliest to notice it."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from queue import Queue

from tests.mutants.child import FORKS, run_pytest
from tests.mutants.covering import KEPT, Map
from tests.mutants.model import ROOT, Mutant, Outcome
from tests.mutants.sample import equivalents, key_of

PATIENCE_S = 3600
"""A mutant whose tests run longer waits for ever, and counts as killed; a loop ends by its CPU seconds."""

_PYTEST = ["-q", "-rfE", "--tb=no", "--no-header", "-p", "no:cacheprovider", "-p", "tests.mutants.steady"]
_SECONDS = re.compile(r"^(\d+\.\d\d)\s*\Z", re.MULTILINE)
_FAILED = re.compile(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", re.MULTILINE)


class Tree:
    """A copy of the working tree, in which one mutant at a time lives.

    Attributes:
        path: Where it is.
        seconds: The CPU seconds of its tests so far.
    """

    def __init__(self, path: Path, scratch: Path) -> None:
        self.path = path
        self._scratch = scratch
        self._changes = 0
        self.seconds = 0.0

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
        arguments = [*_PYTEST, f"--basetemp={self._scratch / 't'}", *([] if all_of_them else ["-x"]), *tests]
        output = self._scratch / "output.txt"
        process = FORKS.Process(target=run_pytest, args=(str(self.path), arguments, str(output)))
        process.start()
        process.join(PATIENCE_S)
        if process.exitcode is None or process.exitcode == -signal.SIGXCPU:
            self._end(process.pid or 0)
            process.join()
            return None, []
        printed = output.read_text("utf-8", "replace")
        self.seconds += float((_SECONDS.findall(printed) or [0.0])[0])  # none where a fault ended the process
        failed = _FAILED.findall(printed)
        if process.exitcode == 1 and not failed:
            raise RuntimeError(f"pytest did not run (exit code {process.exitcode}): {printed[-2000:]}")
        return process.exitcode, failed

    def _end(self, group: int) -> None:
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)


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
        for _ in range(count):
            path = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tree-", dir=KEPT)))
            for name in files:
                (path / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, path / name)
            scratch = stack.enter_context(tempfile.TemporaryDirectory(prefix="mutant-"))
            found.append(Tree(path, Path(scratch)))
        yield found


class Runner:
    """Runs mutants, as many at a time as there are copies of the tree."""

    def __init__(self, copies: list[Tree], known: Map, seconds: float) -> None:
        self._copies = copies
        self._known = known
        self._budget = seconds
        self._same = equivalents()
        self._free: Queue[Tree] = Queue()
        for tree in copies:
            self._free.put(tree)

    @property
    def seconds(self) -> float:
        """The CPU seconds of all tests so far."""
        return sum(tree.seconds for tree in self._copies)

    def run(self, mutants: list[Mutant]) -> list[Outcome]:
        """Return what became of each mutant, in their order; print each as it ends."""
        with ThreadPoolExecutor(len(self._copies)) as pool:
            return self._without_the_unsteady(list(pool.map(self._run_one, mutants)))

    def _run_one(self, mutant: Mutant) -> Outcome:
        outcome = self._outcome(mutant)
        print(f"{outcome.end:10} {mutant}{'  by ' + outcome.by if outcome.by else ''}", flush=True)
        return outcome

    def _outcome(self, mutant: Mutant) -> Outcome:
        if key_of(mutant) in self._same:
            return Outcome(mutant, "equivalent", self._same[key_of(mutant)])
        tests = self._known.tests_of(mutant, (ROOT / mutant.file).read_text("utf-8"), self._budget)
        if not tests:
            return Outcome(mutant, "not run")
        with self._tree() as tree, tree.mutated(mutant):
            code, failed = tree.test(tests)
        if code == 0:
            return Outcome(mutant, "survived", tests=len(tests))
        by = "timeout" if code is None else (failed or [f"exit code {code}"])[0]
        return Outcome(mutant, "killed", by, len(tests))

    def _without_the_unsteady(self, outcomes: list[Outcome]) -> list[Outcome]:
        """Let those mutants survive whose test fails without them too."""
        wrong = self._failing(sorted({outcome.by for outcome in outcomes if "::" in outcome.by}))
        return [
            replace(one, end="survived", by=f"{one.by} fails without it too") if one.by in wrong else one
            for one in outcomes
        ]

    def _failing(self, tests: list[str]) -> list[str]:
        """Return those of the tests that fail on the tree as it is."""
        if not tests:
            return []
        with self._tree() as tree:
            return tree.test(tests, all_of_them=True)[1]

    @contextmanager
    def _tree(self) -> Iterator[Tree]:
        tree = self._free.get()
        try:
            yield tree
        finally:
            self._free.put(tree)
