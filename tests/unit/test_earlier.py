"""CI runs each test once: what a first run noted as passed, a second one leaves out."""

import os
import subprocess
import sys
from pathlib import Path

TESTS = """
import pytest
from hypothesis import given, strategies

def test_passes(): pass

@pytest.mark.parametrize("case", range(2))
def test_half(case): assert case == 0

def test_skipped(): pytest.skip("not here")

@pytest.fixture
def untidy():
    yield
    raise OSError("full")

def test_untidy(untidy): pass

@given(strategies.booleans())
def test_of_chance(truth): pass
"""


def run(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run pytest in a folder, in two processes."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rA", "-p", "tests.support.earlier", "-n", "2", *options],
        cwd=folder,
        env={**environment, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_passed_before_is_left_out(tmp_path: Path) -> None:
    """A test that was skipped, or failed in any part, runs again, and so does one of chance; no file is an error."""
    (tmp_path / "test_some.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")

    first = run(tmp_path, "--note-passed=out/passed.txt")
    again = run(tmp_path, "--passed-before=out/passed.txt")
    without = run(tmp_path, "--passed-before=nowhere.txt")

    assert "1 failed, 4 passed, 1 skipped, 1 error" in first.stdout
    assert (tmp_path / "out/passed.txt").read_text().splitlines() == [
        "test_some.py::test_half[0]",
        "test_some.py::test_of_chance",
        "test_some.py::test_passes",
    ]
    assert "1 failed, 2 passed, 1 skipped, 1 error" in again.stdout
    assert "PASSED test_some.py::test_of_chance" in again.stdout
    assert (without.returncode, "there is no file nowhere.txt" in without.stderr) == (4, True)
