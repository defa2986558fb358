"""Promise: a working folder that was deleted is told in words."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.process import kept_environment


@pytest.mark.parametrize("arguments", [("check",), ("sync",), ("runs", "--json"), ("demo",), ("serve", "x")])
@pytest.mark.quick(cases=2)
def test_a_working_folder_that_was_deleted(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """Exit 2 with what to do, whatever the command."""
    folder = tmp_path / "gone"
    folder.mkdir()
    script = 'cd "$1"; rmdir "$1"; shift; exec "$@"'
    done = subprocess.run(
        ["sh", "-c", script, "sh", str(folder), str(Path(sys.executable).with_name("etl")), *arguments],
        env=kept_environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 2, done.stderr
    assert "The working folder was deleted while this shell" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_help_needs_no_folder(tmp_path: Path) -> None:
    """It is shown all the same."""
    folder = tmp_path / "gone"
    folder.mkdir()
    command = [str(Path(sys.executable).with_name("etl")), "--help"]
    done = subprocess.run(
        ["sh", "-c", 'cd "$1"; rmdir "$1"; shift; exec "$@"', "sh", str(folder), *command],
        env=kept_environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
