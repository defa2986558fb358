"""How a run shows that it is alive: bars on a terminal, lines elsewhere."""

import time
from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self

from etl.log import get_logger

LINE_EVERY_S = 10.0


class Watch(Protocol):
    """Where a run tells how far it is."""

    def progress(self, stage: str, done: int, total: int | None) -> None:
        """Tell that a stage has done so many of its pages or records; total None: not known yet."""

    def done(self, stage: str, seconds: float, data: dict[str, object]) -> None:
        """Tell that a stage is done, with its figures."""


class LogWatch:
    """Tell it in log lines: one a stage, and one every ten seconds while a stage is busy."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last = clock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
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


class TerminalWatch:
    """Tell it with a bar a stage, which stays with its figures when the stage is done."""

    def __init__(self) -> None:
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        self._progress = Progress(
            SpinnerColumn(finished_text="[green]✓[/]"),
            TextColumn("{task.description:<9}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[note]}", style="dim"),
            TimeElapsedColumn(),
        )
        self._tasks: dict[str, int] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def _task(self, stage: str, total: int | None) -> int:
        if stage not in self._tasks:
            self._tasks[stage] = self._progress.add_task(stage, total=total, note="")
        return self._tasks[stage]

    def progress(self, stage: str, done: int, total: int | None) -> None:
        """Move the stage's bar."""
        note = f"{done:,}" if total is None else f"{done:,} of {total:,}"
        self._progress.update(self._task(stage, total), completed=done, total=total, note=note)  # type: ignore[arg-type]  # a TaskID is an int

    def done(self, stage: str, seconds: float, data: dict[str, object]) -> None:
        """Fill the stage's bar and leave its figures beside it."""
        task = self._task(stage, 1)
        note = ", ".join(f"{value:,} {name}" for name, value in data.items() if isinstance(value, int))
        self._progress.update(task, total=1, completed=1, note=f"{note} in {seconds:.2f} s" if note else f"{seconds:.2f} s")  # type: ignore[arg-type]  # as above
