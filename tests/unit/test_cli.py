"""The command line without a database: help, usage, exit codes, signals."""

import json
import os
import re
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from etl import errors, serve
from etl.cli import app as cli
from etl.demo import show
from etl.errors import EtlError, Interrupted
from etl.runtime import log
from etl.runtime.signals import interrupting, outlast_signals

COMMANDS = (
    "sync",
    "diff",
    "extract",
    "init",
    "check",
    "runs",
    "explain",
    "move",
    "rollback",
    "serve",
    "demo",
)
Main = Callable[..., int]
Failing = Callable[[BaseException], None]


@pytest.fixture
def main(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Main:
    """Return a function that runs the command line in an empty folder and environment, and returns its exit code."""
    monkeypatch.chdir(tmp_path)
    for name in ("DATABASE_URL", "EXTERNAL_API_URL", "SYNC_BATCH_SIZE", "LOG_FORMAT", "DEBUG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")

    def run(*arguments: str) -> int:
        monkeypatch.setattr(sys, "argv", ["etl", *arguments])
        with pytest.raises(SystemExit) as caught:
            cli.main()
        return int(caught.value.code or 0)

    return run


class TestHelp:
    """What `--help` says."""

    @pytest.mark.parametrize("arguments", [("--help",), *((name, "-h") for name in COMMANDS)])
    def test_it_fits_80_columns_and_has_an_example(
        self, main: Main, arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Every help shows how to type it, and nothing is cut off or runs over the edge."""
        assert main(*arguments) == 0
        text = capsys.readouterr().out
        assert max(map(len, text.splitlines())) <= 80
        assert re.search(r"Examples:\n +(?:[A-Z_]+=\S+ )?etl [a-z]+", text)
        assert "..." not in re.sub(r"\[(ARGS|SNAPSHOT)\]\.\.\.|\{RECORD\}\.\.\.", "", text)

    def test_every_command_is_listed(self, main: Main, capsys: pytest.CaptureFixture[str]) -> None:
        """The list of commands says what each is for, in one line."""
        main("--help")
        listed = capsys.readouterr().out.partition("Commands:\n")[2]
        assert re.findall(r"^  (\w+) +[A-Z].*\.$", listed, re.MULTILINE) == list(COMMANDS)

    def test_exit_codes_are_those_of_the_errors(self, main: Main, capsys: pytest.CaptureFixture[str]) -> None:
        """The codes in the help are those that the errors have."""
        main("--help")
        codes = capsys.readouterr().out.partition("Exit codes:\n")[2].partition("Options:")[0]
        assert set(re.findall(r"\b\d+\b", codes)) == {"0", "1", "2", "3", "4", "5", "6", "10", "130", "143"}
        kinds = (
            errors.LoadError,
            errors.ConfigError,
            errors.GuardError,
            errors.LockError,
            errors.IncompleteExtract,
        )
        assert [kind.exit_code for kind in kinds] == [1, 2, 3, 4, 6]

    def test_no_arguments(self) -> None:
        """`etl` alone shows the help."""
        assert "Commands:" in CliRunner().invoke(cli.app, []).output

    def test_version(self, main: Main, capsys: pytest.CaptureFixture[str]) -> None:
        """The version is printed alone on a line, with the commit where it is known."""
        assert main("--version") == 0
        assert re.fullmatch(
            r"iconsiam-etl \d+\.\d+\.\d+( \([0-9a-f]+(-dirty)?\))?\n", capsys.readouterr().out
        )


class TestUsage:
    """Exit 2, and what is wrong."""

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (("sink",), "No such command 'sink'"),
            (("sync", "--missing", "maybe"), "'maybe' is not one of 'keep', 'inactivate'"),
            (("sync", "--no-such-option"), "No such option"),
            (("serve",), "Missing argument 'SNAPSHOT'"),
            (("serve", "x", "--port", "99999"), "--port"),
            (("runs", "--limit", "0"), "--limit"),
            (("demo", "--records", "49"), "--records"),
        ],
    )
    def test_wrong_options(
        self, main: Main, arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A wrong word or number is named, with the way to the help."""
        assert main(*arguments) == 2
        shown = capsys.readouterr().err
        assert said in shown.replace("\n", "")
        assert "Try 'etl" in shown

    def test_an_argument_that_is_not_utf_8(self, main: Main, capsys: pytest.CaptureFixture[str]) -> None:
        """It is named with its stray bytes, before anything is done with it."""
        assert main("sync", "--snapshot", "caf\udce9") == 2
        assert capsys.readouterr() == ("", "etl: The argument 'caf\\xe9' is not UTF-8. Write it in UTF-8.\n")

    @pytest.mark.parametrize(
        ("argument", "shown"),
        [("T1\n", "T1⏎"), ("\x1b]52;c;eA==\x07", "\\x1b]52;c;eA==\\x07"), ("a\x9bb", "a\\x9bb")],
    )
    def test_an_argument_with_control_characters(
        self, main: Main, argument: str, shown: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """It may come from somewhere else than the keyboard, and goes no further."""
        assert main("explain", argument) == 2
        assert capsys.readouterr().err.startswith(
            f"etl: The argument '{shown}' has a control character or a line"
        )

    def test_arguments_are_shown_harmlessly(self, main: Main, capsys: pytest.CaptureFixture[str]) -> None:
        """In what is said of a wrong word, too."""
        assert main("runs", "--\u202ex") == 2
        assert "No such option: --\\u202ex" in capsys.readouterr().err

    @pytest.mark.parametrize("command", ["sync", "extract"])
    def test_no_address(self, main: Main, command: str, capsys: pytest.CaptureFixture[str]) -> None:
        """Without EXTERNAL_API_URL: one message for people, and the last log line says the same."""
        assert main(command) == 2
        captured = capsys.readouterr()
        assert captured.err.startswith("etl: EXTERNAL_API_URL is not set. Set it to ")
        (line,) = map(json.loads, captured.out.splitlines())
        assert (line["event"], line["exit_code"], line["level"]) == (f"{command}_failed", 2, "error")
        assert line["error"] == captured.err.removeprefix("etl: ").strip()

    def test_json_keeps_stdout_clean(self, main: Main, capsys: pytest.CaptureFixture[str]) -> None:
        """With --json a failure leaves nothing on stdout."""
        assert main("sync", "--json") == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        assert json.loads(captured.err.splitlines()[0])["event"] == "sync_failed"

    def test_a_wrong_share(
        self, main: Main, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """--max-drop takes a share; what it was is told."""
        monkeypatch.setenv("EXTERNAL_API_URL", "http://127.0.0.1:1/")
        assert main("sync", "--max-drop", "much") == 2
        assert "--max-drop" in capsys.readouterr().err

    @pytest.mark.parametrize("command", [("init",), ("runs",)])
    def test_no_database(
        self, main: Main, command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Without DATABASE_URL: what to set."""
        assert main(*command) == 2
        captured = capsys.readouterr()
        assert captured.err.startswith("etl: DATABASE_URL is not set. Set it to ")
        assert captured.out == ""

    def test_check_reads_the_settings_itself(
        self, main: Main, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """`etl check` is for finding wrong settings: a setting that can't be read is its first failure, as JSON too."""
        monkeypatch.setenv("SYNC_BATCH_SIZE", "ten")
        assert main("check", "--json") == 2
        (only,) = json.loads(capsys.readouterr().out)
        assert (only["name"], only["state"], only["exit_code"]) == ("settings", "failed", 2)
        assert "SYNC_BATCH_SIZE is 'ten'" in only["message"]


class TestErrors:
    """Every error of ours is one message and its exit code."""

    @pytest.fixture
    def failing(self, monkeypatch: pytest.MonkeyPatch) -> Failing:
        """Return a function that makes every command fail."""

        def make(error: BaseException) -> None:
            def app(**_options: str) -> None:
                raise error

            monkeypatch.setattr(cli, "app", app)

        return make

    @pytest.mark.parametrize(
        ("error", "code"),
        [
            (errors.EtlError("m"), 1),
            (errors.ConfigError("m"), 2),
            (errors.SourceError("m"), 1),
            (errors.IncompleteExtract("m"), 6),
            (errors.ContractError("m"), 1),
            (errors.GuardError("m"), 3),
            (errors.LockError("m"), 4),
            (errors.LoadError("m"), 1),
        ],
    )
    def test_codes(
        self, main: Main, failing: Failing, error: EtlError, code: int, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The message after `etl:`, on standard error, without a traceback."""
        failing(error)
        assert (main(), capsys.readouterr()) == (code, ("", "etl: m\n"))

    @pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
    def test_signals(
        self, main: Main, failing: Failing, number: int, code: int, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Interrupted: 128 and the signal's number."""
        failing(Interrupted(number))
        assert main() == code
        assert capsys.readouterr().err == f"etl: Interrupted by signal {number}; nothing was written.\n"

    def test_ctrl_c_before_the_handler(self, main: Main, failing: Failing) -> None:
        """A KeyboardInterrupt that a library raises by itself counts as Ctrl-C."""
        failing(KeyboardInterrupt())
        assert main() == 130

    def test_a_fault_of_the_program(
        self, main: Main, failing: Failing, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Any other exception keeps its traceback, without secrets: it is to be reported, not mended by the user."""
        failing(ZeroDivisionError("by hunter/22"))
        log.configure(secrets=("hunter/22",))
        assert main() == 1
        told = capsys.readouterr().err.splitlines()
        assert (told[0], told[-1]) == ("Traceback (most recent call last):", "ZeroDivisionError: by ***")

    def test_no_secret_in_a_message(
        self, main: Main, failing: Failing, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Whatever an error of ours quotes."""
        failing(errors.SourceError("it said hunter/22; set X_APIG_APPCODE=…"))
        log.configure(secrets=("hunter/22",))
        assert (main(), capsys.readouterr()) == (1, ("", "etl: it said ***; set X_APIG_APPCODE=…\n"))

    def test_long_messages_break_between_words(
        self,
        main: Main,
        failing: Failing,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        """On a terminal lines end between words; what has no spaces stays whole, for copying."""
        failing(EtlError(f"{'word ' * 20}\nhttps://example.com/{'x' * 90}-y"))
        monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
        main()
        assert capsys.readouterr().err.splitlines() == [
            "etl: " + ("word " * 15).rstrip(),
            ("word " * 5).rstrip(),
            f"https://example.com/{'x' * 90}-y",
        ]


class TestSignals:
    """SIGINT and SIGTERM while a command runs."""

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    def test_they_interrupt(self, number: int) -> None:
        """Inside the block the signal raises; afterwards the handlers are as before."""
        before = signal.getsignal(number)

        def run() -> None:
            with interrupting():
                os.kill(os.getpid(), number)

        with pytest.raises(Interrupted) as caught:
            run()
        assert caught.value.exit_code == 128 + number
        assert signal.getsignal(number) is before

    def test_a_run_that_is_committed(self) -> None:
        """Once nothing can be undone any more, no signal says that nothing was written."""
        with interrupting():
            outlast_signals()
            os.kill(os.getpid(), signal.SIGTERM)
            os.kill(os.getpid(), signal.SIGINT)


class TestHandingOver:
    """Commands that only hand over."""

    def test_serve(self, main: Main, monkeypatch: pytest.MonkeyPatch) -> None:
        """The options of `etl serve` reach the server; its address is announced on stdout."""
        calls = []
        monkeypatch.setattr(serve, "serve_forever", lambda path, **options: calls.append((path, options)))
        assert main("serve", "day1", "--port", "0", "--app-code", "x") == 0
        ((path, options),) = calls
        assert callable(options.pop("announce"))
        assert (path, options) == ("day1", {"host": "127.0.0.1", "port": 0, "app_code": "x"})

    def test_demo(self, main: Main, monkeypatch: pytest.MonkeyPatch) -> None:
        """The options of `etl demo` reach it."""
        calls = []
        monkeypatch.setattr(show, "run_demo", lambda *given: calls.append(given))
        assert main("demo") == 0
        assert main("demo", "--folder", "x", "--records", "50") == 0
        assert calls == [(None, 500), ("x", 50)]
