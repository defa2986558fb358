"""Which folders are snapshots, and how many of them are kept."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from pyarrow import fs

from etl.errors import EtlError
from etl.runtime.log import get_logger
from etl.runtime.scratch import drop_scratch, make_scratch
from etl.snapshot.location import Location, describe, locate, readable
from etl.snapshot.manifest import MANIFEST

NAME = re.compile(r"(?P<stamp>[0-9]{8}T[0-9]{6}Z)-[A-Za-z0-9_-]+")
STAMP_FORMAT = "%Y%m%dT%H%M%SZ"

_WORK_NAME = re.compile(rf"\.(?P<name>{NAME.pattern})\.tmp")
_ABANDONED_AFTER = timedelta(days=1)


@contextmanager
def scratch_folder() -> Iterator[str]:
    """Give a folder for a snapshot that nobody keeps; it goes with the block.

    Raises:
        EtlError: There is no room for one.
    """
    try:
        folder = make_scratch("diff")
    except OSError as error:
        raise EtlError(
            f"There is no place for temporary files: {describe(error)}. Check its space and its rights, or name "
            "another with TMPDIR."
        ) from error
    try:
        yield str(folder)
    finally:
        drop_scratch(folder)


def list_snapshots(root: str) -> list[str]:
    """Return the snapshots in a folder, oldest first, as `open_snapshot` takes them.

    A snapshot is a folder with the name of one and a manifest in it; whether that is sound is not looked at.
    A folder that is not there has none.

    Raises:
        ConfigError: The folder can't be read.
    """
    return [found.shown for found in find_snapshots(locate(root))]


def find_snapshots(root: Location) -> list[Location]:
    """Return the snapshots in a folder, oldest first."""
    with readable(root.shown):
        entries = root.entries()
        if not entries:
            root.require_bucket()
        folders = [entry.base_name for entry in entries if entry.type == fs.FileType.Directory]
        named = [root.inside(name) for name in sorted(folders) if NAME.fullmatch(name)]
        return [place for place in named if place.inside(MANIFEST).kind() == fs.FileType.File]


def prune_snapshots(root: str, keep: int, own: str | None = None) -> list[str]:
    """Delete the oldest snapshots beyond the newest `keep` and return them; 0 keeps all.

    Work folders that a killed run left a day or more before the newest snapshot go too. One that can't be deleted stays,
    with a warning: the caller's own snapshot is whole, and the next run tries again.

    Args:
        root: The folder.
        keep: Number of those that stay.
        own: Name of the caller's, which is one of those that stay: after a clock was set back, or beside those of a
            machine whose clock is ahead, it is not the newest by its name.
    """
    try:
        return _prune(locate(root), keep, own)
    except EtlError as error:
        get_logger().warning("snapshots_not_deleted", error=error)
        return []


def _prune(place: Location, keep: int, own: str | None) -> list[str]:
    found = [snapshot for snapshot in find_snapshots(place) if not snapshot.is_link()]  # not ours to delete
    others = [snapshot for snapshot in found if snapshot.name != own]
    # the caller's own takes one of the places
    doomed = others[: max(len(found) - keep, 0)] if keep else []
    deleted = [snapshot.shown for snapshot in doomed if _is_deleted(snapshot)]
    if found and place.is_local:
        with readable(place.shown):
            _sweep(Path(place.path), newest=_made_at(found[-1].name))
    return deleted


def _is_deleted(snapshot: Location) -> bool:
    """Delete a snapshot; one that can't be is a warning, and does not keep the others."""
    try:
        with readable(snapshot.shown):
            snapshot.inside(MANIFEST).delete_file()  # first: half a snapshot is none
            snapshot.delete_folder()
    except EtlError as error:
        get_logger().warning("snapshots_not_deleted", error=error)
        return False
    return True


def _sweep(root: Path, newest: datetime) -> None:
    for folder in root.iterdir():
        work = _WORK_NAME.fullmatch(folder.name)
        if work and newest - _made_at(work["name"]) > _ABANDONED_AFTER:
            shutil.rmtree(folder, ignore_errors=True)


def _made_at(name: str) -> datetime:
    try:
        return datetime.strptime(name.partition("-")[0], STAMP_FORMAT)
    except ValueError:  # digits that are not a date
        return datetime.min
