"""Temporary folders that outlive no run: the next one on the machine removes what a killed one left.

A folder is held with a lock of the operating system, which ends with its process, however that ends, and is seen by other
containers that share the folder, as a process id would not be.
"""

import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_NAME = re.compile(r"etl-(?:snapshot|ray|diff)-[a-z0-9_]{8}")
_MARK = ".scratch-of-iconsiam-etl"
"""In each folder that is held: a folder of somebody else's may have such a name."""

_TRIES = 5
_held: dict[Path, int] = {}


def make_scratch(kind: str, root: str | None = None) -> Path:
    """Make a folder that only this user can enter, and hold it until `drop_scratch` or the end of the process.

    Args:
        kind: What it is for: snapshot, ray or diff.
        root: Where it is made; None for the usual place (TMPDIR).

    Raises:
        OSError: There is no room for one.
    """
    for _ in range(_TRIES):
        folder = Path(tempfile.mkdtemp(prefix=f"etl-{kind}-", dir=root))
        if _hold(folder):
            return folder
    raise FileNotFoundError(2, "each temporary folder was removed at once", tempfile.gettempdir())


def drop_scratch(folder: Path) -> None:
    """Remove a folder with all that is in it, and let go of it."""
    shutil.rmtree(folder, ignore_errors=True)
    handle = _held.pop(folder, None)
    if handle is not None:
        os.close(handle)


def _hold(folder: Path) -> bool:
    """Hold a folder, and tell whether it is there still: a sweep may have come before."""
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH)
    except OSError:  # a file system without locks: nobody else can lock it either, so that it is never swept
        os.close(handle)
        return True
    try:
        (folder / _MARK).touch()
    except FileNotFoundError:
        os.close(handle)
        return False
    _held[folder] = handle
    return True


def sweep_scratch() -> None:
    """Remove the folders of this user whose process is dead; what can't be removed is left."""
    roots = {"/tmp"}  # noqa: S108 — Ray's folder is there where TMPDIR has a long path
    with suppress(OSError):  # there is no usable one
        roots.add(tempfile.gettempdir())
    for root in roots:
        with suppress(OSError), os.scandir(root) as entries:
            for path in [Path(entry.path) for entry in entries if _NAME.fullmatch(entry.name)]:
                with suppress(OSError):
                    _sweep(path)


def _sweep(path: Path) -> None:
    if path.is_symlink() or path.lstat().st_uid != os.geteuid():
        return
    with _locked(path) as handle:
        with os.scandir(handle) as entries:
            names = {entry.name for entry in entries}
        if _MARK in names:
            shutil.rmtree(path, ignore_errors=True)
        elif not names:  # killed before it was marked
            path.rmdir()


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    """Lock a folder while the block runs. Raises OSError where it is held, or is no folder."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield handle
    finally:
        os.close(handle)
