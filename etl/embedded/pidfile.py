"""Read `postmaster.pid`, the note that a running Postgres keeps in its data folder, and check it.

The note outlives a server that was killed, and its process id may by then belong to a stranger: it says
nothing until the process is known to be a Postgres that works in this very folder.
"""

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from etl.embedded.accounts import open_no_link
from etl.errors import ConfigError, LoadError

NAME = "postmaster.pid"
PROC = Path("/proc")  # Linux; elsewhere missing
POLL_S = 0.005


@dataclass(frozen=True)
class PidFile:
    """What a server says of itself.

    Attributes:
        port: TCP port, also part of the socket's name; 0 until it is known.
        socket_dir: Folder of its Unix socket; '' where it has none.
        listen: First TCP address that it listens on; '' where it has none.
        status: 'starting', 'ready' or 'stopping'; '' until it is known.
    """

    pid: int
    port: int
    socket_dir: str
    listen: str
    status: str


def read_pid_file(data_dir: Path) -> PidFile | None:
    """Return what the note says, or None where there is none or it names no process."""
    try:
        lines = (data_dir / NAME).read_text().splitlines()
    except (FileNotFoundError, UnicodeDecodeError):
        return None
    lines = [line.strip() for line in lines] + [""] * 8  # it is written line by line while the server starts
    if not lines[0].isdecimal():
        return None
    port = int(lines[3]) if lines[3].isdecimal() else 0
    return PidFile(int(lines[0]), port, socket_dir=lines[4], listen=lines[5], status=lines[7])


def find_server(data_dir: Path) -> PidFile | None:
    """Return the note of the server that runs on the folder; None where none does, whatever a note says."""
    note = read_pid_file(data_dir)
    return note if note and is_server(note.pid, data_dir) else None


def is_server(pid: int, data_dir: Path) -> bool:
    """Tell whether the process is a Postgres that works in the folder; False where it can't be known.

    A server runs as the owner of its folder, so whoever may use the folder may also look at the server.
    """
    if not PROC.exists():
        return _is_server_by_ps(pid, data_dir)
    process = PROC / str(pid)
    try:
        name = (process / "comm").read_text().strip()
        return name == "postgres" and (process / "cwd").samefile(data_dir)
    except OSError:
        return False


def _is_server_by_ps(pid: int, data_dir: Path) -> bool:
    listing = ["ps", "-ww", "-p", str(pid), "-o", "args="]  # whole lines, however wide
    done = subprocess.run(listing, capture_output=True, text=True, check=False)  # noqa: S603 — fixed words and a number
    program, _, arguments = done.stdout.partition(" ")
    return Path(program).name == "postgres" and f" {data_dir} " in f" {arguments.strip()} "


def disown_pid_file(data_dir: Path) -> None:
    """Put this process's id into a note whose process is a stranger, so that Postgres starts all the same.

    Postgres refuses to start while the noted process lives, its own parent apart. The rest of the note stays:
    by it Postgres finds out whether children of the dead server still write.
    """
    path = data_dir / NAME
    _, _, rest = path.read_text().partition("\n")
    with open(path, "r+", opener=open_no_link) as note:
        note.write(f"{os.getpid()}\n{rest}")
        note.truncate()


def wait_until_usable(data_dir: Path, timeout_s: float) -> PidFile | None:
    """Wait for a running server to be ready or gone; return its note once it is ready, None once none runs.

    Raises:
        ConfigError: Neither came in time.
    """
    deadline = time.monotonic() + timeout_s
    while note := find_server(data_dir):
        if note.status == "ready":
            return note
        if time.monotonic() > deadline:
            raise ConfigError(
                f"Another Postgres (process {note.pid}) uses the folder {data_dir} and has been "
                f"'{note.status or 'starting'}' for {timeout_s:.0f} s. Wait for it, or stop it "
                f"(kill -INT {note.pid})."
            )
        time.sleep(POLL_S)
    return None


def wait_until_ready(data_dir: Path, process: subprocess.Popen[bytes], timeout_s: float) -> PidFile | None:
    """Wait until the server that this process started is ready; return its note, None where it ended instead.

    Raises:
        LoadError: It was not ready in time.
    """
    deadline = time.monotonic() + timeout_s
    while process.poll() is None:
        note = read_pid_file(data_dir)
        if note and note.pid == process.pid and note.status == "ready":
            return note
        if time.monotonic() > deadline:
            raise LoadError(f"The embedded Postgres in {data_dir} was not ready within {timeout_s:.0f} s.")
        time.sleep(POLL_S)
    return None
