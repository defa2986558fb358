"""Standard output and standard error that can't fail a run: a full disk, a closed pipe, an encoding without a letter.

What became of the data is in the exit code; whether anybody could read of it is not. A command that only looks is another
matter: it says with `require_written` that its result is not whole.
"""

import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO, cast

from etl.errors import EtlError

_NOBODY_READS = frozenset({errno.EPIPE, errno.EBADF})


class Guarded(io.TextIOBase):
    """A stream whose writes never fail: what can't be encoded becomes an escape, and after a failure nothing is written.

    It has no `buffer`, so that nothing is written past it.

    Args:
        stream: What is written to; None where the process was started without it.

    Attributes:
        failure: Why nothing is written any more.
        is_told: A message says so already.
    """

    def __init__(self, stream: TextIO | None) -> None:
        super().__init__()
        self._stream = stream
        self.failure: OSError | None = None
        self.is_told = False

    def write(self, text: str) -> int:
        """Write a text, or as much of it as can be written."""
        if self._stream is not None and self.failure is None:
            try:
                self._write(self._stream, text)
            except (OSError, ValueError) as error:  # a ValueError: somebody closed it
                self._give_up(error)
        return len(text)

    @staticmethod
    def _write(stream: TextIO, text: str) -> None:
        try:
            stream.write(text)
        except UnicodeEncodeError:
            encoding = stream.encoding or "utf-8"
            stream.write(text.encode(encoding, "backslashreplace").decode(encoding))

    def flush(self) -> None:
        """Hand over what was written."""
        if self._stream is not None and self.failure is None:
            try:
                self._stream.flush()
            except (OSError, ValueError) as error:
                self._give_up(error)

    def _give_up(self, error: Exception) -> None:
        """Remember why, and lead what is still in the stream's buffer to nowhere: Python flushes it at its end."""
        self.failure = error if isinstance(error, OSError) else OSError(errno.EBADF, "it is closed")
        with suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.fileno())
            os.close(nowhere)

    @property
    def lost(self) -> str | None:
        """Why something is missing that somebody may be waiting for; None where nothing is, or nobody reads."""
        if self.failure is None or self.failure.errno in _NOBODY_READS:
            return None
        return self.failure.strerror or type(self.failure).__name__

    def switch_to_utf8(self) -> None:
        """Write UTF-8 from here on, where the stream can."""
        self.flush()
        if isinstance(self._stream, io.TextIOWrapper):
            self._stream.reconfigure(encoding="utf-8")

    def isatty(self) -> bool:
        """Tell whether it is a terminal."""
        return self._stream is not None and self._stream.isatty()

    def fileno(self) -> int:
        """Return its descriptor."""
        if self._stream is None:
            raise io.UnsupportedOperation("fileno")
        return self._stream.fileno()

    def writable(self) -> bool:
        """Tell that it can be written to."""
        return True

    @property
    def encoding(self) -> str:  # type: ignore[override]  # read only here
        """Its encoding."""
        return getattr(self._stream, "encoding", None) or "utf-8"


@contextmanager
def guarded() -> Iterator[None]:
    """Guard standard output and error while the block runs; say at its end, where anybody can hear, what was lost."""
    _fill_descriptors()
    before = sys.stdout, sys.stderr
    out, err = Guarded(before[0]), Guarded(before[1])
    sys.stdout, sys.stderr = cast("TextIO", out), cast("TextIO", err)
    try:
        yield
    finally:
        out.flush()
        if out.lost is not None and not out.is_told:
            err.write(f"etl: standard output can't be written: {out.lost}.\n")
        err.flush()
        sys.stdout, sys.stderr = before


def _fill_descriptors() -> None:
    """Open what the process was started without: else the next file or socket would be standard output to libraries."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest that is free


def require_written() -> None:
    """Make sure that standard output has all that was written to it.

    Raises:
        EtlError: it can't be written, e.g. on a full disk. A pipe that its reader closed is no failure.
    """
    sys.stdout.flush()
    if isinstance(sys.stdout, Guarded) and sys.stdout.lost is not None:
        sys.stdout.is_told = True
        raise EtlError(f"The result is not whole: standard output can't be written ({sys.stdout.lost}).")


def switch_to_utf8() -> None:
    """Write UTF-8 to standard output from here on, whatever its encoding: a page of HTML says that it is UTF-8."""
    if isinstance(sys.stdout, Guarded):
        sys.stdout.switch_to_utf8()
