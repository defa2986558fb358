"""At a real terminal, and while signals come: processes of their own, on a pseudo-terminal of 80 columns."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.api import FakeApi
from tests.support.log import last_line
from tests.support.postgres import Database
from tests.support.sync import record

ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """A program on a pseudo-terminal of 80 columns.

    Attributes:
        text: What it printed so far.
    """

    def __init__(self, arguments: tuple[str, ...], environment: dict[str, str], folder: Path) -> None:
        self._end, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 80, 0, 0))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "etl", *arguments],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            cwd=folder,
            env={**environment, "TERM": "xterm-256color"},
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 — one system call, no lock
        )
        os.close(theirs)
        self.text = ""

    def read_until(self, words: str | None, timeout_s: float = 60.0) -> None:
        """Read until some words come; None: until the program ends."""
        deadline = time.monotonic() + timeout_s
        while words is None or words not in self.text:
            ready, _, _ = select.select([self._end], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise AssertionError(f"{words!r} did not come in {timeout_s} s; there is:\n{self.text}")
            try:
                chunk = os.read(self._end, 65536)
            except OSError:  # Linux says so when the other end is closed
                chunk = b""
            if not chunk:
                break
            self.text += chunk.decode(errors="replace")

    def type(self, key: bytes) -> None:
        """Press a key."""
        os.write(self._end, key)

    def end(self) -> int:
        """Read the rest and return the exit code."""
        self.read_until(None)
        os.close(self._end)
        return self.process.wait(30)

    def lines(self) -> list[str]:
        """Return the lines that were shown, the redrawing of bars included."""
        return [ESCAPE.sub("", line).rstrip("\r ") for line in re.split(r"\r?\n|\r", self.text)]


Open = Callable[..., Terminal]


@pytest.fixture
def terminal(environment: dict[str, str], database: Database, api: FakeApi, tmp_path: Path) -> Open:
    """Return a function that runs `etl` at a terminal, against a database and an API."""

    def run(*arguments: str, **settings: str) -> Terminal:
        base = {**environment, "DATABASE_URL": database.dsn, "EXTERNAL_API_URL": api.url}
        return Terminal(arguments, {**base, **settings}, tmp_path)

    return run


def last_run(database: Database) -> dict[str, Any]:
    """Return how the newest run ended."""
    (row,) = database.query("SELECT status, error FROM etl.latest_sync")
    return row


def slow(api: FakeApi) -> None:
    """Make the API take its time over thirty pages of ten records."""
    api.records = [record(f"T{number}") for number in range(300)]
    api.delay_s = 0.3


def test_a_sync_and_its_report(terminal: Open, api: FakeApi) -> None:
    """Bars with their figures, a summary, then the run in detail: nothing runs over the edge, no log line shows."""
    api.records += [record(None), record("T9", floor="Fl. 99", categoryNameEn="Wizardry", categoryNameTh="")]
    sync = terminal("sync")
    assert sync.end() == 0
    shown = sync.lines()
    assert any(re.fullmatch(r"✓ extract   ━+ 5 records, 1 pages in \d\.\d\d s", line) for line in shown)
    assert any(
        re.fullmatch(r"✓ stage     ━+ 5 records, 5 changed in source in \d\.\d\d s", line) for line in shown
    )
    assert "created     5  new rows, INACTIVE until an editor reviews them" in shown
    assert not any("stage_done" in line for line in shown)

    runs = terminal("runs", "latest")
    assert runs.end() == 0
    head = r"T9  Brand T9 \(shops \d+\)  warning unmapped_floor  Fl\. 99"
    assert any(re.fullmatch(head, line) for line in runs.lines())
    for line in (*shown, *runs.lines()):
        assert len(line) <= 80 or str(line).startswith("snapshot"), line


@pytest.mark.long
def test_ctrl_c_in_the_middle_of_an_extract(terminal: Open, api: FakeApi, database: Database) -> None:
    """Ctrl-C: exit 130, one message below the bars, the run FAILED, no half snapshot, and the next one works."""
    slow(api)
    sync = terminal("sync", API_PAGE_SIZE="10", API_IN_FLIGHT="1")
    sync.read_until("of 300")
    sync.type(b"\x03")
    assert sync.end() == 130
    assert sync.lines()[-2:] == ["etl: Interrupted by signal 2; nothing was written.", ""]
    assert "Traceback" not in sync.text
    assert last_run(database) == {
        "status": "FAILED",
        "error": "Interrupted by signal 2; nothing was written.",
    }
    assert database.query("SELECT id FROM shops") == []

    api.delay_s = 0.0
    assert terminal("sync").end() == 0
    assert last_run(database)["status"] == "COMPLETED"


@pytest.mark.long
def test_sigterm_off_a_terminal(
    environment: dict[str, str], api: FakeApi, database: Database, tmp_path: Path
) -> None:
    """SIGTERM, as ECS sends it: exit 143, the run FAILED, and the last line of the log is sync_failed."""
    slow(api)
    settings = {
        "DATABASE_URL": database.dsn,
        "EXTERNAL_API_URL": api.url,
        "API_PAGE_SIZE": "10",
        "API_IN_FLIGHT": "1",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "etl", "sync"],
        cwd=tmp_path, env={**environment, **settings}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while len(api.requests) < 3 and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=60)

    assert process.returncode == 143
    assert err == "etl: Interrupted by signal 15; nothing was written.\n"
    last = last_line(out)
    assert (last["event"], last["exit_code"]) == ("sync_failed", 143)
    assert last_run(database) == {
        "status": "FAILED",
        "error": "Interrupted by signal 15; nothing was written.",
    }


@pytest.mark.long
def test_a_refusal_at_a_terminal(terminal: Open, api: FakeApi) -> None:
    """A message longer than a line ends its lines between words."""
    api.app_code = "right"
    sync = terminal("sync")
    assert sync.end() == 1
    message = [line for line in sync.lines() if line]
    start = next(place for place, line in enumerate(message) if line.startswith("etl: "))
    assert len(message[start:]) > 1
    assert "X_APIG_APPCODE" in " ".join(message[start:])
    assert all(len(line) <= 80 for line in message[start:])


@pytest.mark.long
def test_serve_until_ctrl_c(terminal: Open, tmp_path: Path) -> None:
    """`etl serve` says where it is, and Ctrl-C ends it well."""
    assert terminal("extract", "-o", str(tmp_path / "out")).end() == 0
    (snapshot,) = (tmp_path / "out").iterdir()
    serve = terminal("serve", str(snapshot), "--port", "0")
    serve.read_until("Ctrl-C ends it.")
    serve.type(b"\x03")
    assert serve.end() == 0
    assert f"Serving 3 records of {snapshot.name} at http://127.0.0.1:" in serve.text.replace("\r\n", "")
