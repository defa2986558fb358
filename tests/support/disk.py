"""A disk so small that it fills up."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(folder: Path, size: str, *, is_held: bool = False) -> Iterator[Path]:
    """Give a new folder on a disk that anyone may use; skip where none can be mounted.

    Args:
        folder: To be made.
        size: As mount says it: 64k.
        is_held: A server may still have files open there in the end.
    """
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0777", "none", str(folder)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(
            "a full disk can't be tried: only root may mount one, and not in every container "
            f"({mounted.stderr.decode().strip()})"
        )
    try:
        yield folder
    finally:
        subprocess.run(["umount", *(["--lazy"] if is_held else []), str(folder)], check=True)
