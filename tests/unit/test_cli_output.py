"""Where words go: bars, log lines or one document, by what standard output is and what the settings say."""

import io
import sys
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from rich.text import Text

from etl.cli.output import Output
from etl.errors import ConfigError, GuardError
from etl.report.terminal import TerminalProgress
from etl.runtime import log
from etl.runtime.progress import LogProgress
from tests.support.log import last_line


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Run where neither .env nor the environment says anything."""
    monkeypatch.chdir(tmp_path)
    for name in ("LOG_FORMAT", "LOG_LEVEL", "DEBUG"):
        monkeypatch.delenv(name, raising=False)


def make(is_terminal: bool, monkeypatch: pytest.MonkeyPatch, **kwargs: bool) -> Output:
    """Return the output of a command whose settings are loaded, and which has logged one line."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: is_terminal)
    output = Output(**kwargs)
    output.settings()
    log.get_logger().info("a_line")
    return output


def places(capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    """Return what stands on standard output, and on standard error."""
    captured = capsys.readouterr()
    return captured.out, captured.err


@pytest.mark.parametrize(
    ("is_terminal", "as_json", "is_run", "where", "has_bars"),
    [
        (False, False, True, "out", False),  # sync under ECS: the log is the output
        (False, True, True, "err", False),
        (True, False, True, "", True),  # bars say it
        (True, True, True, "err", False),
        (False, False, False, "err", False),  # check or runs in a pipe: the table is the output
        (True, False, False, "", True),
    ],
)
def test_where_log_lines_go(  # noqa: PLR0917 — a table of cases
    is_terminal: bool, as_json: bool, is_run: bool, where: str, has_bars: bool,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """On stdout only where a run has no other output there; with bars none, but warnings."""
    output = make(is_terminal, monkeypatch, as_json=as_json, is_run=is_run)
    out, err = places(capsys)
    assert ("a_line" in out, "a_line" in err) == (where == "out", where == "err")
    with output.watch() as watch:
        assert isinstance(watch, TerminalProgress if has_bars else LogProgress)


@pytest.mark.parametrize("setting", [("LOG_FORMAT", "json"), ("DEBUG", "true"), ("LOG_LEVEL", "debug")])
def test_lines_instead_of_bars(
    setting: tuple[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who asks for log lines on a terminal gets them, and no bars in between."""
    monkeypatch.setenv(*setting)
    output = make(True, monkeypatch, is_run=True)
    assert "a_line" in places(capsys)[0]
    with output.watch() as watch:
        assert isinstance(watch, LogProgress)


def test_warnings_stand_above_the_bars(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """While bars are drawn, a warning goes through them and not across them; it reads its stream when it writes."""
    make(True, monkeypatch, is_run=True)
    elsewhere = io.StringIO()
    monkeypatch.setattr(sys, "stderr", elsewhere)
    log.get_logger().warning("dead_run_found", dead_sync_id="x")
    assert "dead_run_found" in elsewhere.getvalue()
    assert "dead_run_found" not in "".join(places(capsys))


def test_bars_take_over_the_error_stream() -> None:
    """What is written to standard error while bars are drawn lands on their terminal, on a line of its own."""
    page = io.StringIO()
    console = Console(file=page, force_terminal=True, width=80, color_system=None, _environ={})
    with TerminalProgress(console) as watch:
        watch.progress("extract", 1, 2)
        sys.stderr.write("a warning\n")
    assert "\na warning\n" in page.getvalue().replace("\x1b[2K", "\n")


class TestFailure:
    """The last line of a run that fails."""

    @staticmethod
    def fail(output: Output, error: BaseException) -> None:
        """Raise an error in a run."""
        with output.logged("sync"):
            raise error

    def test_off_a_terminal(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """`sync_failed` with the message and the exit code, as JSON; the error goes on."""
        output = make(False, monkeypatch, is_run=True)
        with pytest.raises(GuardError):
            self.fail(output, GuardError("The feed shrank.\nUse --force."))
        last = last_line(places(capsys)[0])
        assert last.pop("timestamp")
        assert {last.pop(name) is None for name in ("_aws", "seconds", "peak_memory_mb")} == {False}
        assert last == {
            "done": 0, "failed": 1, "job": "iconsiam",
            "event": "sync_failed", "level": "error", "exit_code": 3, "error": "The feed shrank. Use --force.",
        }  # fmt: skip

    def test_an_error_of_another_kind(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A fault of the program is logged too, with its type, before its traceback."""
        output = make(False, monkeypatch, is_run=True)
        with pytest.raises(ZeroDivisionError):
            self.fail(output, ZeroDivisionError("by zero"))
        last = last_line(places(capsys)[0])
        assert (last["event"], last["error"], last["exit_code"]) == (
            "sync_failed",
            "ZeroDivisionError: by zero",
            1,
        )

    def test_on_a_terminal(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        """A person gets the message alone, from the command line's end."""
        output = make(True, monkeypatch, is_run=True)
        with pytest.raises(GuardError):
            self.fail(output, GuardError("no"))
        assert places(capsys) == ("", "")

    def test_settings_that_can_not_be_read(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The settings themselves may fail: it is logged as they would be by default."""
        monkeypatch.setenv("SYNC_BATCH_SIZE", "ten")
        output = Output(is_run=True)

        with pytest.raises(ConfigError), output.logged("sync"):
            output.settings()
        last = last_line(places(capsys)[0])
        assert (last["event"], last["exit_code"]) == ("sync_failed", 2)
        assert "SYNC_BATCH_SIZE" in last["error"]


class TestResult:
    """What is printed at the end."""

    @pytest.mark.parametrize("is_run", [True, False])
    def test_json(
        self, is_run: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """One document on one line, Thai as it is, whatever the type of a value."""
        output = make(False, monkeypatch, as_json=True, is_run=is_run)
        output.print({"name": "ร้าน", "path": Path("/tmp/x")}, lambda: Text("unused"))
        assert places(capsys)[0] == '{"name": "ร้าน", "path": "/tmp/x"}\n'

    @pytest.mark.parametrize(
        ("is_terminal", "is_run", "shown"), [(True, True, True), (False, True, False), (False, False, True)]
    )
    def test_text(
        self, is_terminal: bool, is_run: bool, shown: bool,
        monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    ) -> None:  # fmt: skip
        """A table for a person; a run off a terminal has said it in log lines already."""
        output = make(is_terminal, monkeypatch, is_run=is_run)
        output.print({}, lambda: Text("the summary"))
        assert ("the summary" in places(capsys)[0]) is shown

    @pytest.mark.parametrize("is_terminal", [True, False])
    def test_done(
        self, is_terminal: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The last line of a run that went well, where lines are its output."""
        output = make(is_terminal, monkeypatch, is_run=True)
        data: dict[str, Any] = {"records": 3}
        output.done("extract", data)
        assert ('"event": "extract_done", "records": 3' in places(capsys)[0]) is not is_terminal
