"""How a run shows that it is alive on a terminal."""

from types import TracebackType
from typing import Self

from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn


class TerminalWatch:
    """Tell it with a bar a stage, which stays with its figures when the stage is done."""

    def __init__(self) -> None:
        self._progress = Progress(
            SpinnerColumn(finished_text="[green]✓[/]"),
            TextColumn("{task.description:<9}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[note]}", style="dim"),
            TimeElapsedColumn(),
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def _task(self, stage: str, total: int | None) -> TaskID:
        if stage not in self._tasks:
            self._tasks[stage] = self._progress.add_task(stage, total=total, note="")
        return self._tasks[stage]

    def progress(self, stage: str, done: int, total: int | None) -> None:
        """Move the stage's bar."""
        note = f"{done:,}" if total is None else f"{done:,} of {total:,}"
        self._progress.update(self._task(stage, total), completed=done, total=total, note=note)

    def done(self, stage: str, seconds: float, data: dict[str, object]) -> None:
        """Fill the stage's bar and leave its figures beside it."""
        task = self._task(stage, 1)
        note = ", ".join(f"{value:,} {name}" for name, value in data.items() if isinstance(value, int))
        self._progress.update(
            task, total=1, completed=1, note=f"{note} in {seconds:.2f} s" if note else f"{seconds:.2f} s"
        )
