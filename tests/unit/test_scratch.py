"""Temporary folders: held while their process lives, swept when it is dead, and nobody else's touched."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from etl.cli.output import Output
from etl.runtime.scratch import drop_scratch, make_scratch, sweep_scratch

HOLD = (
    "import sys, time; from pathlib import Path; from etl.runtime.scratch import make_scratch\n"
    "for kind in ('snapshot', 'ray', 'diff'): (make_scratch(kind) / 'records').mkdir()\n"
    "print('ready', flush=True); time.sleep(120)"
)


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the folder for temporary ones."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def other(root: Path) -> Iterator["subprocess.Popen[str]"]:
    """Start a process that holds a folder of each kind."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD],
        env={**os.environ, "TMPDIR": str(root)},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
        process.kill()


def kinds(root: Path) -> list[str]:
    """Return the kinds of the folders that are there."""
    return sorted(path.name.split("-")[1] for path in root.glob("etl-*"))


def test_a_folder_goes_with_its_block(root: Path) -> None:
    """Nothing of it is left."""
    folder = make_scratch("snapshot")
    assert folder.stat().st_mode & 0o777 == 0o700
    (folder / "file").touch()
    sweep_scratch()
    assert (folder / "file").exists()
    drop_scratch(folder)
    assert kinds(root) == []


def test_what_a_killed_process_left(root: Path, other: "subprocess.Popen[str]") -> None:
    """It stays while the process lives, and goes before the next run begins."""
    sweep_scratch()
    assert kinds(root) == ["diff", "ray", "snapshot"]
    other.send_signal(signal.SIGKILL)
    other.wait()
    with Output(is_run=True).logged("extract"):
        assert kinds(root) == []


def test_what_is_not_ours(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Folders, files and links of such names that no run made stay with all that is in them."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / ".scratch-of-iconsiam-etl").touch()
    (root / "etl-snapshot-20261123").mkdir()
    (root / "etl-snapshot-20261123" / "records").touch()
    (root / "etl-snapshot-of-monday").mkdir()
    (root / "etl-ray-abcd1234").touch()
    (root / "etl-diff-abcd1234").symlink_to(elsewhere)
    sweep_scratch()
    assert kinds(root) == ["diff", "ray", "snapshot", "snapshot"]
    assert list(elsewhere.iterdir())


def test_killed_before_it_was_marked(root: Path) -> None:
    """An empty folder of such a name holds nothing."""
    (root / "etl-snapshot-abcd1234").mkdir()
    sweep_scratch()
    assert kinds(root) == []


def test_a_sweep_in_between(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that a sweep took before it was held is made again."""
    make, made = tempfile.mkdtemp, []

    def make_and_lose(**names: str) -> str:
        made.append(make(**names))
        if len(made) == 1:
            Path(made[0]).rmdir()
        return made[-1]

    monkeypatch.setattr(tempfile, "mkdtemp", make_and_lose)
    folder = make_scratch("diff")
    assert str(folder) == made[1]
    drop_scratch(folder)
    monkeypatch.setattr(tempfile, "mkdtemp", lambda **_: str(root / "gone"))
    with pytest.raises(FileNotFoundError, match="was removed at once"):
        make_scratch("diff")
