"""How a run shows that it is alive on a terminal."""

from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, Task, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

STAGES = ("extract", "transform", "match", "stage", "plan", "apply", "audit")
"""In the order of their bars; another stage's comes below."""


class _TimeWhileBusy(TimeElapsedColumn):
    """The time of a stage that is not done; done, its figures say it more precisely."""

    def render(self, task: Task) -> Text:
        return Text("") if task.finished else super().render(task)


class TerminalProgress:
    """Draws a bar a stage, which stays with its figures when the stage is done; on standard output by default."""

    def __init__(self, console: Console | None = None) -> None:
        self._progress = Progress(
            SpinnerColumn(finished_text="[green]✓[/]"),
            TextColumn("{task.description:<9}"),
            BarColumn(bar_width=16),
            TextColumn("{task.fields[note]}", style="dim", markup=False),
            _TimeWhileBusy(),
            console=console
            or Console(),  # not the one of the process, which keeps the environment of its first use
        )
        # hidden until they begin: stages that work in turn on each chunk begin in another order than they end
        self._tasks = {stage: self._add(stage) for stage in STAGES}

    def _add(self, stage: str) -> TaskID:
        return self._progress.add_task(stage, start=False, visible=False, total=None, note="")

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._progress.stop()

    def _begin(self, stage: str) -> TaskID:
        if stage not in self._tasks:
            self._tasks[stage] = self._add(stage)
        task = self._tasks[stage]
        self._progress.start_task(task)
        return task

    def progress(self, stage: str, done: int, total: int | None) -> None:
        """Move the stage's bar."""
        note = f"{done:,}" if total is None else f"{done:,} of {total:,}"
        self._progress.update(self._begin(stage), completed=done, total=total, note=note, visible=True)

    def done(self, stage: str, seconds: float, data: dict[str, object]) -> None:
        """Fill the stage's bar and leave its figures beside it: the first, and those that are not 0."""
        numbers = [(name, value) for name, value in data.items() if isinstance(value, int)]
        shown = [(name, value) for place, (name, value) in enumerate(numbers) if value or place == 0]
        note = ", ".join(f"{value:,} {name.replace('_', ' ')}" for name, value in shown)
        took = f"{seconds:.2f} s"
        self._progress.update(
            self._begin(stage), total=1, completed=1, note=f"{note} in {took}" if note else took, visible=True
        )
