"""Processes of `etl` by fork: a process that has imported the job once forks a child for each command of the tests.

A child is a process of its own, with its own environment, folder, streams and signals; its exit code and what it writes are
those of an interpreter. What it saves is the start, most of a short command's CPU time. What a test says of the start
itself (imports, memory, signals before the command line is there, the language of the streams) needs a process by spawn.

The server (`python -m tests.support.forks`) reads requests from its standard input, a socket. For each it forks a watcher,
which forks the child, and tells its id and then its exit code over a socket of the request's own.
"""

import atexit
import contextlib
import gc
import importlib
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).parents[2]
_PRELOADED = (
    "adbc_driver_postgresql.dbapi",
    "duckdb",
    "polars",
    "pyarrow.parquet",
    "requests",
    "etl.cli.app",
    "etl.preflight",
    "etl.explain.run",
    "etl.load.schema",
    "etl.pipeline",
    "etl.report.html",
    "etl.cli.output",
    "etl.report.text",
    "etl.report.runs",
    "etl.rollback.run",
)
_MOST_BYTES = 1 << 18
_MOST_FILES = 256

CAN_FORK = sys.platform == "linux"
"""Whether commands can be forked here: elsewhere libraries may not be used after a fork."""


class Forked:
    """A forked command, as `subprocess.Popen` shows one with pipes for text.

    Attributes:
        args: The command.
        pid: The process's id.
        returncode: Its exit code, -N where signal N ended it; None while it runs, or is not known to have ended.
        stdout: What it writes to its standard output.
        stderr: What it writes to its standard error.
    """

    def __init__(self, args: Sequence[str], status: socket.socket, stdout: IO[str], stderr: IO[str]) -> None:
        self.args = args
        self.stdout = stdout
        self.stderr = stderr
        self.returncode: int | Any = None
        self._status = status
        self.pid = self._number(None)

    def __enter__(self) -> "Forked":
        return self

    def __exit__(self, *_: object) -> None:
        self.wait()
        self._close()

    def poll(self) -> int | None:
        """Return the exit code, or None while it runs."""
        with contextlib.suppress(BlockingIOError, TimeoutError):
            self._settle(0.0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end, and return the exit code."""
        try:
            self._settle(timeout)
        except TimeoutError:
            raise subprocess.TimeoutExpired(self.args, timeout or 0) from None
        return int(self.returncode)

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Read both streams to their ends, wait for the process's end, and return what it wrote."""
        texts: dict[str, str] = {}
        deadline = None if timeout is None else time.monotonic() + timeout
        readers = [
            threading.Thread(
                target=lambda name=name: texts.update({name: getattr(self, name).read()}), daemon=True
            )
            for name in ("stdout", "stderr")
        ]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join(None if deadline is None else max(deadline - time.monotonic(), 0))
            if reader.is_alive():
                raise subprocess.TimeoutExpired(self.args, timeout or 0)
        self.wait(None if deadline is None else max(deadline - time.monotonic(), 0.1))
        self._close()
        return texts["stdout"], texts["stderr"]

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it has not ended."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """Send it SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Send it SIGKILL."""
        self.send_signal(signal.SIGKILL)

    def _settle(self, timeout: float | None) -> None:
        if self.returncode is None:
            self.returncode = self._number(timeout)
            self._status.close()

    def _number(self, timeout: float | None) -> int:
        self._status.settimeout(timeout)
        message = self._status.recv(32)
        if not message:
            raise RuntimeError(f"the server of forks ended before {' '.join(self.args)} did")
        return int(message)

    def _close(self) -> None:
        self.stdout.close()
        self.stderr.close()


class ForkServer:
    """The server, started when it is first asked; it ends with this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: socket.socket | None = None
        self._server: subprocess.Popen[bytes] | None = None

    def start(
        self, arguments: Sequence[str], *, module: str, cwd: Path, environment: Mapping[str, str]
    ) -> Forked:
        """Start `python -m MODULE ARGUMENTS…` with pipes for its output."""
        with self._lock:
            if self._requests is None:
                self._requests = self._open()
        request = {
            "module": module,
            "arguments": [*arguments],
            "cwd": str(cwd),
            "environment": {**environment},
        }
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        out, err = os.pipe(), os.pipe()
        handed = [out[1], err[1], theirs.fileno()]
        socket.send_fds(self._requests, [json.dumps(request).encode()], handed)
        theirs.close()
        os.close(out[1])
        os.close(err[1])
        streams = [os.fdopen(end, encoding="utf-8") for end in (out[0], err[0])]
        return Forked([sys.executable, "-m", module, *arguments], ours, *streams)

    def close(self) -> None:
        """End the server; what it forked goes on."""
        if self._requests is not None and self._server is not None:
            self._requests.close()
            self._server.wait(timeout=10)
            self._requests = None

    def _open(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        names = ("PATH", "HOME", "LANG", "PYTHONPATH")
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.support.forks"],
            stdin=theirs.fileno(),
            stdout=subprocess.DEVNULL,  # no terminal: the children's standard output is a pipe
            cwd=ROOT,
            env={name: os.environ[name] for name in names if name in os.environ},
        )
        theirs.close()
        atexit.register(self.close)
        return ours


def main() -> None:
    """Serve requests until there is nobody who could make one; a child runs its command, and returns."""
    _preload()
    for number in (signal.SIGINT, signal.SIGTERM):  # those sent to the terminal's group are the tests'
        signal.signal(number, signal.SIG_IGN)
    requests = socket.socket(fileno=os.dup(0))
    while True:
        message, handed, _, _ = socket.recv_fds(requests, _MOST_BYTES, 3)
        if not message:
            os._exit(0)
        if _fork() == 0:
            requests.close()
            _watch(handed[2])
            try:
                _become(json.loads(message), handed[:2])
            except SystemExit as ended:
                _leave(ended.code)
                raise
            finally:
                gc.unfreeze()  # DuckDB counts what is left of it in the end
            return
        for each in handed:
            os.close(each)
        _reap()


def _preload() -> None:
    from etl.runtime.limits import set_up  # noqa: PLC0415 — as etl.__main__ does, before anything large is imported

    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "true")
    set_up(os.environ)
    for name in _PRELOADED:
        importlib.import_module(name)
    gc.freeze()  # a collection in a child would copy every page that it looks at


def _reap() -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _fork() -> int:
    """Fork. The libraries' threads, of which Python 3.12 warns, clean up memory; those that work begin with the work."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def _watch(status_fd: int) -> None:
    """Fork, and return in the child; the parent waits for the child, and goes no further."""
    child = _fork()
    if child == 0:
        os.close(status_fd)
        return
    # a reader of the streams waits until the last process has closed them
    os.closerange(0, status_fd)
    os.closerange(status_fd + 1, _MOST_FILES)
    status = socket.socket(fileno=status_fd)
    status.send(str(child).encode())
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    with contextlib.suppress(OSError):  # nobody waits for it any more
        status.send(str(code).encode())
    os._exit(0)


def _become(request: dict[str, Any], streams: list[int]) -> None:
    """Be the process that was asked for, to its end."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    null = os.open(os.devnull, os.O_RDONLY)
    for target, source in enumerate([null, *streams]):
        os.dup2(source, target)
        os.close(source)
    os.environ.clear()
    os.environ.update(request["environment"])
    time.tzset()
    os.chdir(request["cwd"])
    sys.path[0] = request["cwd"]
    sys.argv = [request["module"], *request["arguments"]]
    runpy.run_module(request["module"], run_name="__main__", alter_sys=True)


def _leave(code: object) -> None:
    """End as the interpreter does, but leave the memory to the system; return where the streams or the code need more.

    To take down all modules would copy their pages into the child, which takes longer than most commands.
    """
    threading._shutdown()  # type: ignore[attr-defined]  # it waits for threads, as the interpreter does
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):
        return
    if code is None or isinstance(code, int):
        os._exit((code or 0) & 0xFF)


if __name__ == "__main__":
    main()
