"""A disk so small that it fills up."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.versions import IN_CI


@contextmanager
def small_disk(folder: Path, size: str, *, is_held: bool = False) -> Iterator[Path]:
    """Give a new folder on a disk that anyone may use; where none can be mounted, skip, and fail in CI.

    Args:
        folder: To be made.
        size: As mount says it: 64k.
        is_held: A server may still have files open there in the end.
    """
    folder.mkdir()
    if problem := _mount(folder, size):
        told = f"a full disk can't be tried: only root may mount one, and not in every container ({problem})"
        pytest.fail(told) if IN_CI else pytest.skip(told)
    try:
        yield folder
    finally:
        subprocess.run(["umount", *(["--lazy"] if is_held else []), str(folder)], check=True)


def refuse_to_write(*_given: object, **_options: object) -> None:
    """Fail as a write does on a full disk."""
    raise OSError(28, "No space left on device")


def _mount(folder: Path, size: str) -> str:
    """Mount a disk; what is returned is why that can't be done, or nothing."""
    if not shutil.which("mount"):
        return "there is no mount program here"
    command = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0777", "none", str(folder)]
    mounted = subprocess.run(command, capture_output=True, check=False)
    return mounted.stderr.decode().strip() or "mount failed" if mounted.returncode else ""
