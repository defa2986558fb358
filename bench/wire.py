"""Counts what a process sends to Postgres: a relay on loopback, for a run of its own that is not timed."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit


class Wire:
    """A relay that is up; `sent` is how many bytes went to the server so far."""

    def __init__(self, server: tuple[str, int]) -> None:
        self.sent = 0
        self._server = server
        self._listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        """The port to connect to."""
        return int(self._listener.getsockname()[1])

    def close(self) -> None:
        """Take no more connections."""
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._server)
                threading.Thread(target=self._pass_on, args=(client, server, True), daemon=True).start()
                threading.Thread(target=self._pass_on, args=(server, client, False), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, is_counted: bool) -> None:
        with suppress(OSError):
            while piece := source.recv(1 << 16):
                target.sendall(piece)
                if is_counted:
                    self.sent += len(piece)
        with suppress(OSError):
            target.shutdown(socket.SHUT_WR)


@contextmanager
def counted(dsn: str) -> Iterator[tuple[str, Wire]]:
    """Give an address that leads to a database through a relay, and the relay."""
    parts = urlsplit(dsn)
    wire = Wire((parts.hostname or "127.0.0.1", parts.port or 5432))
    try:
        yield dsn.replace(f":{parts.port}/", f":{wire.port}/"), wire
    finally:
        wire.close()
