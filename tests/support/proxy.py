"""A TCP proxy before a test's Postgres, which cuts, holds up or refuses connections when told.

with Proxy(database.dsn) as proxy:
    proxy.cut_after(200_000)     # the connection that sends that many bytes to the server is cut
    ...
"""

import selectors
import socket
import struct
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, quote, urlsplit

_PIECE = 1 << 16


class Proxy:
    """Forwards from a free port of 127.0.0.1 to the server of a DSN, which may be behind a Unix socket.

    Args:
        dsn: A libpq URI of the server.

    Attributes:
        dsn: The address of the same database by way of this proxy.
        connections: How many connections came so far.
        cuts: How many of them were cut.
    """

    def __init__(self, dsn: str) -> None:
        self.target = dsn
        self.connections = 0
        self.cuts = 0
        self._lock = threading.Lock()
        self._cuts_at: list[int] = []
        self._sent = 0
        self._silenced: set[socket.socket] = set()
        self._refuses = False
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        parts = urlsplit(dsn)
        name = quote(parts.path.lstrip("/"), safe="")
        self.dsn = (
            f"postgresql://{parts.username or 'postgres'}@127.0.0.1:{self._listener.getsockname()[1]}/{name}"
        )

    def __enter__(self) -> Self:
        """Start to forward."""
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hang up on everybody."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut_all()

    def cut_after(self, *sizes: int) -> None:
        """Cut the connection that brings the bytes sent to the server from now on to a size; then the same for the next."""
        with self._lock:
            self._cuts_at.extend(sizes)
            self._sent = 0

    def _is_to_be_cut(self, sent: int) -> bool:
        with self._lock:
            self._sent += sent
            if not self._cuts_at or self._sent < self._cuts_at[0]:
                return False
            self._cuts_at.pop(0)
            self._sent = 0
            self.cuts += 1
            return True

    def cut_all(self) -> None:
        """Cut every connection there is now."""
        with self._lock:
            connections, self._open = self._open, []
        for connection in connections:
            _reset(connection)

    def refuse(self, *, refuses: bool = True) -> None:
        """Hang up on whoever comes, as a server does that is not there yet."""
        self._refuses = refuses

    def fall_silent(self, *, is_silent: bool = True) -> None:
        """Take what is sent and answer nothing, on the connections there are; new ones are answered."""
        with self._lock:
            self._silenced = set(self._open) if is_silent else set()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self._refuses:
                _reset(client)
                continue
            self.connections += 1
            threading.Thread(target=self._forward, args=(client,), daemon=True).start()

    def _forward(self, client: socket.socket) -> None:
        try:
            server = _connect(self.target)
        except OSError:
            _reset(client)
            return
        with self._lock:
            self._open += [client, server]
        with selectors.DefaultSelector() as selector, suppress(OSError, ValueError):
            selector.register(client, selectors.EVENT_READ, server)
            selector.register(server, selectors.EVENT_READ, client)
            while True:
                for key, _ in selector.select(0.5):
                    piece = key.fileobj.recv(_PIECE)  # type: ignore[union-attr]  # sockets only
                    if not piece:
                        raise OSError
                    if client in self._silenced:
                        continue
                    key.data.sendall(piece)
                    if key.fileobj is client and self._is_to_be_cut(len(piece)):
                        _reset(client)
                        raise OSError
        for end in (client, server):
            end.close()


def _connect(dsn: str) -> socket.socket:
    parts = urlsplit(dsn)
    query = parse_qs(parts.query)
    if "host" in query:
        unix = socket.socket(socket.AF_UNIX)
        try:
            unix.connect(f"{query['host'][0]}/.s.PGSQL.{query['port'][0]}")
        except OSError:
            unix.close()
            raise
        return unix
    return socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 5432))


def _reset(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
