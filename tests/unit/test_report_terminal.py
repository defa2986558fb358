"""Bars and log lines: how a run shows that it is alive."""

import io
import re
from typing import Any

import pytest
from rich.console import Console

from etl.report.terminal import STAGES, TerminalProgress
from etl.runtime import progress
from etl.runtime.progress import LogProgress


@pytest.fixture
def page() -> io.StringIO:
    """Give what a terminal of 80 columns shows."""
    return io.StringIO()


def terminal(page: io.StringIO) -> Console:
    """Return the console of such a terminal."""
    return Console(
        file=page, width=80, force_terminal=True, color_system=None, legacy_windows=False, _environ={}
    )


def last_screen(page: io.StringIO) -> list[str]:
    """Return what is on the screen at the end, without the drawing of bars."""
    drawn = page.getvalue().rsplit("\x1b[2K", 1)[-1]
    lines = [re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|[━╸╺ ]{9,}", " ", line) for line in drawn.splitlines()]
    return [re.sub(" +", " ", line).strip() for line in lines if line.strip()]


def test_stages_in_their_order(page: io.StringIO) -> None:
    """Stages that take turns begin in another order than the run has; the bars keep the run's order."""
    with TerminalProgress(terminal(page)) as watch:
        watch.done("extract", 0.5, {"records": 1500, "pages": 15, "retries": 0, "pruned": 2, "replayed": "x"})
        watch.progress("stage", 500, 1500)
        watch.done("transform", 0.25, {"records": 1500})
        watch.done("stage", 1.0, {"records": 1500, "changed_in_source": 3})
        watch.done("apply", 0.125, {"refused": 0})
        watch.done("audit", 0.0, {})
    assert last_screen(page) == [
        "✓ extract 1,500 records, 15 pages, 2 pruned in 0.50 s",
        "✓ transform 1,500 records in 0.25 s",
        "✓ stage 1,500 records, 3 changed in source in 1.00 s",
        "✓ apply 0 refused in 0.12 s",
        "✓ audit 0.00 s",
    ]


def test_a_bar_that_moves(page: io.StringIO) -> None:
    """A busy stage shows how far it is and for how long; others are not there yet."""
    with TerminalProgress(terminal(page)) as watch:
        watch.progress("extract", 300, None)
        watch.progress("extract", 400, 1500)
    (line,) = last_screen(page)
    assert re.fullmatch(r". extract 400 of 1,500 0:00:0[0-9]", line)


def test_how_many_is_not_known_yet(page: io.StringIO) -> None:
    """Before the first page nobody knows the total."""
    with TerminalProgress(terminal(page)) as watch:
        watch.progress("extract", 1300, None)
    (line,) = last_screen(page)
    assert "1,300 0:00:0" in line


def test_a_stage_of_another_name(page: io.StringIO) -> None:
    """A stage that is not listed has its bar below the others."""
    with TerminalProgress(terminal(page)) as watch:
        watch.done("polish", 0.5, {"shoes": 2})
        watch.done("extract", 0.5, {"records": 1})
    assert last_screen(page) == ["✓ extract 1 records in 0.50 s", "✓ polish 2 shoes in 0.50 s"]


def test_nothing_is_cut_off_at_80_columns(page: io.StringIO) -> None:
    """The longest line that a run of a million records makes fits."""
    with TerminalProgress(terminal(page)) as watch:
        watch.done("stage", 123.45, {"records": 1_000_000, "changed_in_source": 1_000_000})
    assert last_screen(page) == ["✓ stage 1,000,000 records, 1,000,000 changed in source in 123.45 s"]


def test_an_error_leaves_the_bars(page: io.StringIO) -> None:
    """What was reached stays on the screen when a run fails."""
    watch = TerminalProgress(terminal(page))

    def fail() -> None:
        with watch:
            watch.progress("plan", 1, 2)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert "plan" in last_screen(page)[0]


def test_stages_are_known() -> None:
    """The seven stages of a sync."""
    assert STAGES == ("extract", "transform", "match", "stage", "plan", "apply", "audit")


class TestLogWatch:
    """Off a terminal."""

    @pytest.fixture
    def lines(self, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
        """Give the log lines: event and data."""
        found: list[tuple[str, dict[str, Any]]] = []

        class Logger:
            def info(self, event: str, **data: Any) -> None:
                found.append((event, data))

        monkeypatch.setattr(progress, "get_logger", Logger)
        return found

    def test_one_line_in_ten_seconds(self, lines: list[tuple[str, dict[str, Any]]]) -> None:
        """A busy stage says so every ten seconds, counted from the last line of any stage."""
        now = [100.0]
        with LogProgress(lambda: now[0]) as watch:
            for now[0] in (101.0, 109.9, 110.0, 111.0):
                watch.progress("extract", int(now[0]), 500)
            now[0] = 119.0
            watch.done("extract", 19.0004, {"records": 500})
            now[0] = 128.0
            watch.progress("stage", 5, None)
        assert lines == [
            ("stage_progress", {"stage": "extract", "done": 110, "total": 500}),
            ("stage_done", {"stage": "extract", "seconds": 19.0, "records": 500}),
        ]
