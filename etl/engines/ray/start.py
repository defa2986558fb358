"""The start of Ray: a signal need not wait for it, and where it fails, what it has started ends."""

import logging
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import Any

from etl.engines.ray.spread import said_by
from etl.errors import ClusterError
from etl.runtime.signals import LEFT_BEHIND, interruptibly

_PROC = Path("/proc")
"""Of Linux. Elsewhere there is none, and a process of Ray's own ends the others after this one."""

_PATIENCE_S = 2.0
_POLL_S = 0.02
_KEPT_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def start(ray: ModuleType, arguments: dict[str, Any], folder: str | None) -> None:
    """Start Ray, or connect to it.

    Ray waits for its parts in C++, up to 30 s at a time, where a signal is not heard. So it starts in another thread.

    Args:
        ray: Not connected yet.
        arguments: Where: those of `ray.init`.
        folder: The folder in which the processes of a cluster of this process's own work; None for one that runs already.

    Raises:
        ClusterError: It did not start, or is not there.
        Interrupted: A signal came. Ray may still be at its start then, in the other thread, and can't be used any more.
    """
    # what workers print, and what Ray has to tell, would come between the lines of the log
    quiet = {"log_to_driver": False, "configure_logging": False, "logging_level": logging.ERROR}
    is_left = threading.Event()
    try:
        with _silence():
            interruptibly(lambda: ray.init(**arguments, **quiet), lambda: end_processes(folder), is_left.set)
    except BaseException as error:
        _give_up(ray, folder, is_left.is_set())
        if not isinstance(error, Exception | SystemExit):
            raise
        what = "start Ray" if folder else f"reach the Ray cluster at {arguments['address']}"
        raise ClusterError(f"Can't {what}: {said_by(error)}. See docs/scaling.md.") from error
    _keep_handlers()


def _keep_handlers() -> None:
    """Put Python's handlers of signals back: Ray's C++ has set its own, which prints a stack, and Python was not told."""
    for number in _KEPT_SIGNALS:
        with suppress(ValueError):  # in a thread, where nothing is set either
            signal.signal(number, signal.getsignal(number))


@contextmanager
def _silence() -> Iterator[None]:
    """Let Ray's log be silent for the length of the block, and for good where the block fails."""
    log = logging.getLogger("ray")
    level = log.level
    log.setLevel(logging.CRITICAL + 1)
    yield
    log.setLevel(level)


def _give_up(ray: ModuleType, folder: str | None, is_left: bool) -> None:
    if is_left:
        LEFT_BEHIND.set()  # else Python would wait for Ray at its end
    else:
        ray.shutdown()
    end_processes(folder)


def end_processes(folder: str | None) -> None:
    """Kill what this process started in a folder, and all below it, and wait until it has ended, two seconds at most.

    `ray.shutdown` does so only once Ray is up.
    """
    killed: set[int] = set()
    deadline = time.monotonic() + _PATIENCE_S
    while folder and time.monotonic() < deadline:
        running = _parents()
        found = _working_in(folder, running)
        for pid in found - killed:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        killed |= found
        if not killed & running.keys():
            return
        time.sleep(_POLL_S)


def _parents() -> dict[int, int]:
    """Return the parent of each process, but for those that have ended and are only waited for."""
    parents: dict[int, int] = {}
    for path in _PROC.glob("[0-9]*/stat"):
        with suppress(OSError):
            state, parent = path.read_text(errors="replace").rsplit(")", 1)[1].split()[:2]
            if state not in "ZX":
                parents[int(path.parent.name)] = int(parent)
    return parents


def _working_in(folder: str, parents: dict[int, int]) -> set[int]:
    """Return the children whose command line names a folder, and all that are below them."""
    found = {pid for pid, parent in parents.items() if parent == os.getpid() and folder in _command(pid)}
    while below := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= below
    return found


def _command(pid: int) -> str:
    try:
        return (_PROC / str(pid) / "cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return ""
