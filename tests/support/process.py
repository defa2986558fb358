"""`etl` in a process of its own, as the schedule starts it; or in this one, where that proves as much and is quicker."""

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import unquote, urlsplit

import pytest

from etl.cli import app as cli
from tests.support.forks import CAN_FORK, Forked, ForkServer
from tests.support.sync import Mall

Ended = subprocess.CompletedProcess[str]

ROOT = Path(__file__).parents[2]
Process: TypeAlias = "subprocess.Popen[str] | Forked"

_KEPT = ("PATH", "HOME", "LANG", "PYTHONPATH")
_FORKS = ForkServer()


def kept_environment() -> dict[str, str]:
    """Return what a process needs of the caller's environment; none of its settings is left."""
    return {name: os.environ[name] for name in _KEPT if name in os.environ}


def start(
    mall: Mall,
    *arguments: str,
    module: str = "etl",
    before: Callable[[], object] | None = None,
    is_spawned: bool = False,
    **settings: Any,
) -> Process:
    """Start `etl` on a mall.

    Args:
        mall: Its database, API and folder are those of the settings.
        arguments: The command and its options.
        module: Run this one instead.
        before: Called in the process before anything else.
        is_spawned: Start an interpreter, in place of a fork of one that has imported the job: for what is about the start.
        settings: By their lower-case names.
    """
    environment = environment_of(mall, settings)
    if before is None:
        return start_process(
            *arguments, module=module, cwd=ROOT, environment=environment, is_spawned=is_spawned
        )
    return spawn(*arguments, module=module, cwd=ROOT, environment=environment, before=before)


def start_process(
    *arguments: str, module: str, cwd: Path, environment: dict[str, str], is_spawned: bool = False
) -> Process:
    """Start `python -m MODULE ARGUMENTS…` in a folder: by fork where that can be, else by spawn."""
    # Python reads its own variables when it starts
    if (
        not CAN_FORK
        or is_spawned
        or any(name.startswith("PYTHON") for name in environment.keys() - {"PYTHONPATH"})
    ):
        return spawn(*arguments, module=module, cwd=cwd, environment=environment)
    return _FORKS.start(arguments, module=module, cwd=cwd, environment=environment)


def spawn(
    *arguments: str,
    module: str,
    cwd: Path,
    environment: dict[str, str],
    before: Callable[[], object] | None = None,
) -> "subprocess.Popen[str]":
    """Start an interpreter for `python -m MODULE ARGUMENTS…`."""
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=before,  # noqa: PLW1509 — it makes one call of the system
    )


def finish(process: Process) -> Ended:
    """Wait for a process's end, two minutes at most, and return what it wrote."""
    try:
        stdout, stderr = process.communicate(timeout=120)
    finally:
        process.kill()
    return Ended(process.args, process.returncode, stdout, stderr)


def environment_of(mall: Mall, settings: dict[str, Any]) -> dict[str, str]:
    """Return the environment of a command on a mall, with these settings."""
    names = {
        "database_url": mall.dsn,
        "external_api_url": mall.api.url,
        "snapshot_dir": mall.folder,
        "api_requests_per_second": 1000,
        "log_format": "json",
        **settings,
    }
    return {**kept_environment(), **{name.upper(): str(value) for name, value in names.items()}}


def run(mall: Mall, *arguments: str, **options: Any) -> Ended:
    """Run `etl` on a mall to its end; options are those of `start`."""
    return finish(start(mall, *arguments, **options))


class Terminal(StringIO):
    """A page that is a terminal."""

    def isatty(self) -> bool:
        """Tell that it is one."""
        return True


def run_here(mall: Mall, *arguments: str, page: type[StringIO] = StringIO, **settings: Any) -> Ended:
    """Run the command line on a mall in this process: the same words and exit code, without a second for its start.

    What is about memory, signals or the process's end needs `run`.

    Args:
        mall: As `start` has it.
        arguments: The command and its options.
        page: What standard output and error are, e.g. a Terminal.
        settings: By their lower-case names.
    """
    words = ["etl", *arguments]
    with (
        pytest.MonkeyPatch.context() as patch,
        redirect_stdout(page()) as out,
        redirect_stderr(page()) as err,
    ):
        environment = environment_of(mall, settings)
        for name in os.environ.keys() - environment.keys():
            patch.delenv(name)
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.setattr(sys, "argv", words)
        patch.chdir(ROOT)
        with pytest.raises(SystemExit) as caught:
            cli.main()
    return Ended(words, int(caught.value.code or 0), out.getvalue(), err.getvalue())


def run_refused(
    mall: Mall, code: int, *words: str, by: Callable[..., Ended] = run_here, **settings: Any
) -> str:
    """Run a sync that must be refused with this exit code, and return its standard output.

    Standard error is one message, which has these words; there is no traceback, no password of the database, and
    nothing was written.
    """
    before = mall.fingerprint()
    result = by(mall, "sync", **settings)
    assert result.returncode == code, result.stdout + result.stderr
    assert "Traceback" not in result.stdout + result.stderr
    if password := urlsplit(mall.dsn).password:
        assert password not in result.stdout + result.stderr
        assert unquote(password) not in result.stdout + result.stderr
    assert [line.startswith("etl: ") for line in result.stderr.splitlines()].count(True) == 1
    assert result.stderr.startswith("etl: ")
    told = " ".join(result.stderr.split())
    for word in words:
        assert word in told
    assert mall.fingerprint() == before
    return result.stdout
