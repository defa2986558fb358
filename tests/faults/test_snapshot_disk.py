"""Promise: a disk that is full or can't be written costs the run: one message, no half snapshot or plan, no row written."""

import ctypes
import os
import resource
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from etl.snapshot import list_snapshots, open_snapshot
from tests.support.disk import small_disk
from tests.support.process import run
from tests.support.sync import Mall, record

pytestmark = pytest.mark.quick(cases=1)

FEED = [record(f"T{number:03}", descriptionEn=os.urandom(300).hex()) for number in range(300)]
NO_FILES: dict[str, Any] = {"pythondontwritebytecode": "1"}
"""A process that may write no whole file must write none of Python's own either: half a .pyc breaks those that follow."""

_DROP_RIGHT, _DAC_OVERRIDE, _DAC_READ_SEARCH = 24, 1, 2
"""Of Linux: prctl's PR_CAPBSET_DROP, and the rights by which root passes by those of files."""


@pytest.fixture
def synced(mall: Mall) -> Mall:
    """Give a mall after a sync of three pages, all of which have changed since."""
    mall.sync(FEED)
    mall.api.records = [one | {"tel": "1"} for one in FEED]
    return mall


def refused(mall: Mall, *arguments: str, code: int = 1, **options: Any) -> str:
    """Run a command that can't write its file: one message, no traceback, nothing written. Return the message."""
    before = mall.fingerprint()
    ended = run(mall, *arguments, **NO_FILES, **options)
    assert ended.returncode == code, ended.stdout + ended.stderr
    assert "Traceback" not in ended.stdout + ended.stderr
    (message,) = [line for line in ended.stderr.splitlines() if not line.startswith("{")]
    assert message.startswith("etl: ")
    assert mall.fingerprint() == before
    return message


def files_up_to(size: int) -> Callable[[], None]:
    """Return what lets a process write files up to a size only, as a full disk does at some byte."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@pytest.mark.parametrize("size", [0, 1_000, 30_000, 90_000])
def test_a_snapshot_that_does_not_fit(synced: Mall, tmp_path: Path, size: int) -> None:
    """At the first byte, in the head, in the middle and near the end: the run is FAILED and the folder as it was."""
    folder = tmp_path / "full"
    message = refused(synced, "sync", "--force", before=files_up_to(size), snapshot_dir=folder)
    assert "Can't write a snapshot to" in message
    assert "Nothing was left there. Check SNAPSHOT_DIR, its space and its rights" in message
    assert synced.last_run()["status"] == "FAILED"
    assert list(folder.iterdir()) == []
    assert synced.sync(force=True).counts.updated == len(FEED)


@pytest.mark.long
def test_an_extract_that_does_not_fit(synced: Mall, tmp_path: Path) -> None:
    """`etl extract` says the same, and those that are there already stay whole."""
    refused(synced, "extract", before=files_up_to(10_000))
    (kept,) = list_snapshots(str(synced.folder))
    assert open_snapshot(kept).record_count == len(FEED)
    assert [each.name for each in synced.folder.iterdir()] == [Path(kept).name]


@pytest.mark.long
def test_no_place_for_temporary_files(synced: Mall) -> None:
    """`etl diff` of the API keeps its snapshot for the moment only, and needs a place for it."""
    message = refused(synced, "diff", before=files_up_to(0))
    assert "There is no place for temporary files" in message
    assert "TMPDIR" in message


@pytest.mark.long
@pytest.mark.parametrize("size", [10, 3_000, 40_000])
def test_a_plan_that_does_not_fit(synced: Mall, tmp_path: Path, size: int) -> None:
    """`etl diff --save-plan`: no file, and none half made; an older plan of that name stays."""
    (snapshot,) = list_snapshots(str(synced.folder))
    synced.database.execute(
        "UPDATE etl.tenants_base SET source_hash = source_hash + 1"
    )  # so that all rows are staged
    plan = tmp_path / "place" / "x.plan"
    plan.parent.mkdir()
    plan.write_text("older")
    message = refused(synced, "diff", snapshot, "--save-plan", str(plan), before=files_up_to(size))
    assert f"The plan can't be written to {plan}" in message
    assert "Nothing was left there. Check the space and the rights there" in message
    assert [each.name for each in plan.parent.iterdir()] == ["x.plan"]
    assert plan.read_text() == "older"


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """Give a disk of 64 kB."""
    with small_disk(tmp_path / "disk", "64k") as disk:
        yield disk


@pytest.mark.long
def test_a_full_disk(synced: Mall, full_disk: Path) -> None:
    """The system's own words, and the disk is as empty as before; a report and a plan that do not fit likewise."""
    message = refused(synced, "sync", "--force", snapshot_dir=full_disk / "snapshots")
    assert "No space left on device" in message
    assert list((full_disk / "snapshots").iterdir()) == []
    message = refused(synced, "diff", "--save-plan", str(full_disk / "x.plan"))
    assert "No space left on device" in message
    assert [each.name for each in full_disk.iterdir()] == ["snapshots"]
    report = ("diff", "--format", "json", "-o", str(full_disk / "x.json"))
    assert "No space left on device" in refused(synced, *report, code=2)


def _as_anybody() -> None:
    """Take from a root user, before the program starts, the right to write whatever there is."""
    libc = ctypes.CDLL(None, use_errno=True)
    for right in (_DAC_OVERRIDE, _DAC_READ_SEARCH):
        if libc.prctl(_DROP_RIGHT, right, 0, 0, 0):
            raise OSError(ctypes.get_errno(), "prctl")


@pytest.mark.long
def test_a_folder_that_may_not_be_written(synced: Mall, tmp_path: Path) -> None:
    """Read only for us: exit 1 with what to check."""
    folder = tmp_path / "theirs"
    folder.mkdir(mode=0o555)
    try:
        message = refused(
            synced, "extract", snapshot_dir=folder, before=None if os.geteuid() else _as_anybody
        )
    except subprocess.SubprocessError:
        pytest.skip("rights can't be tried: this root user may not give up its own")
    assert "Permission denied. Nothing was left there. Check SNAPSHOT_DIR" in message
    assert list(folder.iterdir()) == []


@pytest.mark.long
@pytest.mark.parametrize("name", ["file", "file/snapshots", "link", "missing/../file"])
def test_a_place_that_is_no_folder(synced: Mall, tmp_path: Path, name: str) -> None:
    """A file, a folder in a file, a link to nothing: exit 1 with what to check."""
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere" / "at all")
    message = refused(synced, "sync", "--force", snapshot_dir=tmp_path / name)
    assert "Can't write a snapshot to" in message
    assert "Check SNAPSHOT_DIR" in message
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.long
def test_a_folder_that_is_not_there_is_made(synced: Mall, tmp_path: Path) -> None:
    """With the folders above it."""
    folder = tmp_path / "a" / "b"
    assert run(synced, "sync", "--force", snapshot_dir=folder).returncode == 0
    assert len(list_snapshots(str(folder))) == 1
