"""Where snapshots are: folders, locally or on s3://, and which of them are snapshots."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from pyarrow import fs

from etl.errors import ConfigError, EtlError
from etl.runtime.log import get_logger
from etl.runtime.redact import holds_key
from etl.runtime.scratch import drop_scratch, make_scratch
from etl.snapshot.manifest import MANIFEST

NAME = re.compile(r"(?P<stamp>[0-9]{8}T[0-9]{6}Z)-[A-Za-z0-9_-]+")
STAMP_FORMAT = "%Y%m%dT%H%M%SZ"

_WORK_NAME = re.compile(rf"\.(?P<name>{NAME.pattern})\.tmp")
_ABANDONED_AFTER = timedelta(days=1)


@dataclass(frozen=True)
class Location:
    """A folder or a file, locally or on S3.

    Attributes:
        files: Where it is.
        path: Its path there.
        shown: As people write it.
    """

    files: fs.FileSystem
    path: str
    shown: str

    @property
    def is_local(self) -> bool:
        """Whether it is on this machine."""
        return isinstance(self.files, fs.LocalFileSystem)

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rsplit("/", 1)[-1]

    def inside(self, name: str) -> "Location":
        """Return what has this name in this folder."""
        return Location(self.files, f"{self.path}/{name}", f"{self.shown.rstrip('/')}/{name}")

    def kind(self) -> fs.FileType:
        """Return whether it is a file, a folder, or not there. Raises OSError."""
        return self.files.get_file_info(self.path).type

    def size(self) -> int:
        """Return the bytes of a file. Raises OSError."""
        return int(self.files.get_file_info(self.path).size)

    def is_link(self) -> bool:
        """Whether it is a symbolic link, whatever that leads to."""
        return self.is_local and Path(self.path).is_symlink()

    def leads_away(self) -> bool:
        """Whether it is a symbolic link to what is not in the same folder. Raises OSError."""
        path = Path(self.path)
        return self.is_link() and os.path.realpath(path.parent) != str(Path(os.path.realpath(path)).parent)

    def read(self, most: int) -> bytes:
        """Return the bytes of a small file, the first `most` of them. Raises OSError."""
        with self.files.open_input_stream(self.path) as stream:
            return stream.read(most)


def locate(address: str) -> Location:
    """Return the place that an address names: a path, or s3://bucket/prefix.

    S3 takes key, region and, for servers other than Amazon's, AWS_ENDPOINT_URL from the environment or the
    task's role, as every program that uses it.

    Raises:
        ConfigError: The address is of another kind or holds a key, or its bucket can't be found.
    """
    if holds_key(address):
        raise ConfigError(
            "An s3:// address must not hold a key: it would be in logs and tables. Give s3://bucket/prefix, and the key in "
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or as a role."
        )
    scheme, separator, rest = address.partition("://")
    if not separator:
        return Location(fs.LocalFileSystem(), str(Path(address).absolute()), address)
    bucket_and_prefix = rest.strip("/")
    if scheme != "s3" or not bucket_and_prefix:
        raise ConfigError(f"{address!r} is not a place for snapshots. Give a folder, or s3://bucket/prefix.")
    with readable(address):
        files = _s3(bucket_and_prefix.split("/", 1)[0])
    return Location(files, bucket_and_prefix, f"s3://{bucket_and_prefix}")


def _s3(bucket: str) -> fs.S3FileSystem:
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if not region:
        region = "us-east-1" if endpoint else fs.resolve_s3_region(bucket)
    return fs.S3FileSystem(endpoint_override=endpoint, region=region)


@contextmanager
def readable(shown: str) -> Iterator[None]:
    """Turn OSError into ConfigError with advice."""
    try:
        yield
    except OSError as error:
        raise ConfigError(
            f"Can't read {shown}: {describe(error)}. Check the address and the rights to it; for s3:// "
            "also the AWS_ settings or the task's role."
        ) from error


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


def describe(error: OSError) -> str:
    """Return what happened, without the path and without S3's request ids."""
    return error.strerror or re.sub(r" \(Request ID: .*", "", str(error)).strip().rstrip(".")


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
        entries = root.files.get_file_info(fs.FileSelector(root.path, allow_not_found=True))
        if not entries:
            _require_bucket(root)
        folders = [entry.base_name for entry in entries if entry.type == fs.FileType.Directory]
        named = [root.inside(name) for name in sorted(folders) if NAME.fullmatch(name)]
        return [place for place in named if place.inside(MANIFEST).kind() == fs.FileType.File]


def _require_bucket(root: Location) -> None:
    """Raise FileNotFoundError for a bucket that is not there; a folder in it need not be."""
    bucket = root.path.split("/", 1)[0]
    if not root.is_local and root.files.get_file_info(bucket).type == fs.FileType.NotFound:
        raise FileNotFoundError(f"there is no bucket {bucket}")


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
            snapshot.files.delete_file(snapshot.inside(MANIFEST).path)  # first: half a snapshot is none
            snapshot.files.delete_dir(snapshot.path)
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
