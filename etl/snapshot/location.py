"""A folder or a file, on this machine or on s3://, and what is asked of it."""

import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pyarrow import fs

from etl.errors import ConfigError, EtlError
from etl.runtime import signals
from etl.runtime.redact import holds_key

_T = TypeVar("_T")

_PIECE = 1 << 20
_PAUSES_S = (0.5, 2.0)
"""Between the tries of a download; each request of it is tried three times by the library."""

_PASSING = re.compile(
    r"NETWORK_CONNECTION|SLOW_DOWN|SERVICE_UNAVAILABLE|INTERNAL_FAILURE|THROTTLING|REQUEST_TIMEOUT"
    "|HTTP status (?:5|408|429)"
)
_EXPIRED = re.compile(r"expired", re.IGNORECASE)
_NO_WORDS = "HTTP status 400"


_uploads: list[threading.Event] = []
"""Whether each upload has ended that did not come to a good end: one that is broken off ends some moments later."""


class CutShort(OSError):  # noqa: N818 — a state of the answer
    """S3 gave another file than the one that was promised."""


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
        return self._info().type

    def size(self) -> int:
        """Return the bytes of a file. Raises OSError."""
        return int(self._info().size)

    def _info(self) -> fs.FileInfo:
        try:
            return self._ask(lambda: self.files.get_file_info(self.path))
        except OSError as error:
            if not self.is_local and _NO_WORDS in str(error):
                self.entries()  # an answer to HEAD has no words: one to a list says what is wrong
            raise

    def entries(self) -> list[fs.FileInfo]:
        """Return what is in a folder; nothing where it is not there. Raises OSError."""
        chosen = fs.FileSelector(self.path, allow_not_found=True)
        return self._ask(lambda: self.files.get_file_info(chosen))

    def require_bucket(self) -> None:
        """Raise FileNotFoundError for a bucket that is not there; a folder in it need not be."""
        bucket = self.path.split("/", 1)[0]
        if not self.is_local and Location(self.files, bucket, bucket).kind() == fs.FileType.NotFound:
            raise FileNotFoundError(f"there is no bucket {bucket}")

    def is_link(self) -> bool:
        """Whether it is a symbolic link, whatever that leads to."""
        return self.is_local and Path(self.path).is_symlink()

    def leads_away(self) -> bool:
        """Whether it is a symbolic link to what is not in the same folder. Raises OSError."""
        path = Path(self.path)
        return self.is_link() and os.path.realpath(path.parent) != str(Path(os.path.realpath(path)).parent)

    def read(self, most: int) -> bytes:
        """Return the bytes of a small file, the first `most` of them. Raises OSError."""

        def read() -> bytes:
            with self.files.open_input_stream(self.path) as stream:
                return stream.read(most)

        return self._ask(read)

    def delete_file(self) -> None:
        """Delete it, a file. Raises OSError."""
        self._ask(lambda: self.files.delete_file(self.path))

    def delete_folder(self) -> None:
        """Delete it, a folder with all that is in it. Raises OSError."""
        self._ask(lambda: self.files.delete_dir(self.path))

    def is_cleared(self, patience_s: float) -> bool:
        """Delete a folder on S3 of which nothing is wanted, and tell whether nothing is left of it for certain."""
        until = time.monotonic() + patience_s
        if not all(each.wait(until - time.monotonic()) for each in _uploads):
            return False  # it may come to its end after this
        chosen = fs.FileSelector(self.path, allow_not_found=True)
        try:
            with suppress(OSError):  # also where there is nothing
                self._ask(lambda: self.files.delete_dir(self.path), until - time.monotonic())
            return not self._ask(lambda: self.files.get_file_info(chosen), until - time.monotonic())
        except (OSError, signals.NoAnswer):
            return False

    def download(self, path: Path, fits: Callable[[Path], bool]) -> None:
        """Copy a file to this machine; what breaks off, or is not what it should be, is tried again.

        Args:
            path: Where the copy goes.
            fits: Tells whether it is what was promised.

        Raises:
            CutShort: it never was.
            OSError: it can't be read.
        """
        for pause in (*_PAUSES_S, None):
            try:
                self._copy(lambda: self.files.open_input_stream(self.path), lambda: path.open("wb"))
                if fits(path):
                    return
                error: OSError = CutShort(f"{self.shown} is not what was written")
            except OSError as failure:
                error = failure
                if not is_passing(error):
                    raise
            if pause is None:
                raise error
            time.sleep(pause)

    def upload(self, path: Path) -> None:
        """Copy a file from this machine here, to S3; it appears whole, unless a signal breaks it off.

        A file of less than 10 MB is one request, so that no half of it can be left.
        """
        has_ended = threading.Event()
        _uploads.append(has_ended)
        self._copy(lambda: path.open("rb"), lambda: self.files.open_output_stream(self.path), has_ended)
        _uploads.remove(has_ended)

    @staticmethod
    def _copy(
        source: Callable[[], object], target: Callable[[], object], has_ended: threading.Event | None = None
    ) -> None:
        is_stopped = threading.Event()

        def copy() -> None:
            try:
                with source() as taken, target() as given:  # type: ignore[attr-defined]
                    while not is_stopped.is_set() and (piece := taken.read(_PIECE)):
                        given.write(piece)
            finally:
                if has_ended is not None:
                    has_ended.set()

        signals.interruptibly(copy, is_stopped.set, signals.LEFT_BEHIND.set)

    def _ask(self, call: Callable[[], _T], patience_s: float | None = None) -> _T:
        """Return what a call returns; one to S3, which may hang, ends at a signal."""
        return (
            call()
            if self.is_local
            else signals.interruptibly(call, None, signals.LEFT_BEHIND.set, patience_s)
        )


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
        bucket = bucket_and_prefix.split("/", 1)[0]
        files = signals.interruptibly(lambda: _s3(bucket), None, signals.LEFT_BEHIND.set)
    return Location(files, bucket_and_prefix, f"s3://{bucket_and_prefix}")


def _s3(bucket: str) -> fs.S3FileSystem:
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if not region:
        region = "us-east-1" if endpoint else fs.resolve_s3_region(bucket)
    given: dict[str, Any] = {"allow_delayed_open": True}  # pyarrow's stubs do not know it
    return fs.S3FileSystem(endpoint_override=endpoint, region=region, **given)


@contextmanager
def readable(shown: str) -> Iterator[None]:
    """Turn OSError into ConfigError with advice; a fault of S3 that may pass into EtlError."""
    try:
        yield
    except OSError as error:
        if is_passing(error):
            raise EtlError(
                f"Can't read {shown}: {describe(error)}. It was tried several times; run again."
            ) from error
        raise ConfigError(
            f"Can't read {shown}: {describe(error)}. Check the address and the rights to it; for s3:// "
            "also the AWS_ settings or the task's role."
        ) from error


def is_passing(error: OSError) -> bool:
    """Tell whether S3 may answer better later."""
    return isinstance(error, CutShort) or (error.errno is None and bool(_PASSING.search(str(error))))


def describe(error: OSError) -> str:
    """Return what happened, without the path and without S3's request ids."""
    told = error.strerror or re.sub(r" \(Request ID: .*", "", str(error)).strip().rstrip(".")
    if error.errno is None and _EXPIRED.search(told):
        return f"{told}. The session token of the AWS_ settings has expired: get a new one"
    return told
