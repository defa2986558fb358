"""How a run shows that it is alive; off a terminal, by log lines."""

import time
from collections.abc import Callable
from typing import Protocol, Self

from etl.runtime.log import get_logger

LINE_EVERY_S = 10.0


class Progress(Protocol):
    """What a run reports its progress to."""

    def progress(self, stage: str, done: int, total: int | None) -> None:
        """Report that a stage has done so many of its pages or records; total None: not known yet."""

    def done(self, stage: str, seconds: float, data: dict[str, object]) -> None:
        """Report that a stage is done, with its figures."""


class NoProgress:
    """Reports nothing, for work whose figures are reported elsewhere."""

    def progress(self, stage: str, done: int, total: int | None) -> None:
        """Say nothing."""

    def done(self, stage: str, seconds: float, data: dict[str, object]) -> None:
        """Say nothing."""


class LogProgress:
    """Writes log lines: one a stage, and one every ten seconds while a stage is busy."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last = clock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        """Leave nothing behind."""

    def progress(self, stage: str, done: int, total: int | None) -> None:
        """Log a line if the last is old enough."""
        now = self._clock()
        if now - self._last >= LINE_EVERY_S:
            self._last = now
            get_logger().info("stage_progress", stage=stage, done=done, total=total)

    def done(self, stage: str, seconds: float, data: dict[str, object]) -> None:
        """Log the stage's one wide line."""
        self._last = self._clock()
        get_logger().info("stage_done", stage=stage, seconds=round(seconds, 3), **data)
