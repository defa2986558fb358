"""Time and memory of a run, by stage."""

import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from etl.runtime.progress import Progress

_STATUS = Path("/proc/self/status")


class StageTimer:
    """Time by stage, reported as progress."""

    def __init__(self, watch: Progress) -> None:
        self._watch = watch
        self._started = time.monotonic()
        self.seconds: dict[str, float] = {}

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Add the block's time to a stage."""
        started = time.monotonic()
        try:
            yield
        finally:
            self.seconds[stage] = self.seconds.get(stage, 0.0) + time.monotonic() - started

    def progress(self, stage: str, done: int, total: int | None) -> None:
        """Report how far a stage is."""
        self._watch.progress(stage, done, total)

    def done(self, stage: str, **data: object) -> None:
        """Report that a stage is done, with its figures."""
        self._watch.done(stage, self.seconds.get(stage, 0.0), data)

    def total(self) -> dict[str, float]:
        """Return the seconds of each stage so far, and `total`."""
        rounded = {stage: round(seconds, 3) for stage, seconds in self.seconds.items()}
        return {**rounded, "total": round(time.monotonic() - self._started, 3)}


def peak_memory_mb() -> float:
    """Return the highest resident memory of this process so far, in MiB.

    That includes pages of files that are mapped, as the libraries' code: some 150 MiB, which the system can drop where a
    limit is near. It is more than what a control group counts as in use.
    """
    with suppress(OSError, StopIteration):  # elsewhere than on Linux
        lines = _STATUS.read_text(encoding="ascii").splitlines()
        # unlike getrusage's, this one does not begin with the memory of whoever started the process
        return round(int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024, 1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1024 * 1024 if sys.platform == "darwin" else 1024), 1)
