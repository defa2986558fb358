"""A receiver of notices on loopback: it keeps what it gets, and answers as a test says."""

import json
import socketserver
import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from types import TracebackType
from typing import Any, Self

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8G"


@dataclass(frozen=True)
class Received:
    """A request that came: its headers in lower case, and its body."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def data(self) -> dict[str, Any]:
        """`data` of the notice."""
        found: dict[str, Any] = json.loads(self.body)["data"]
        return found


@dataclass
class FakeReceiver:
    """A server that takes notices.

    Attributes:
        answers: Statuses of the next requests, in order; then 204.
        delay_s: Seconds until it answers.
        drip_s: Seconds for which it sends a header again and again before it is done.
        requests: What came.
    """

    answers: deque[int] = field(default_factory=deque)
    delay_s: float = 0.0
    drip_s: float = 0.0
    requests: list[Received] = field(default_factory=list)

    def __enter__(self) -> Self:
        """Start serving on a free port of 127.0.0.1."""
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.receiver = self
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Its address, with a token in it as Slack's has."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/services/T0000A1B2/B0000C3D4/x9Kq2mPz7LwR4tYv8NcB"

    def take(self) -> list[Received]:
        """Return what came, and forget it."""
        taken, self.requests = self.requests, []
        return taken

    def events(self) -> list[list[str]]:
        """Return the events of what came, and forget it."""
        return [each.data["events"] for each in self.take()]


class _Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    allow_reuse_address = True
    daemon_threads = True
    receiver: FakeReceiver


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        """Keep it, and answer."""
        receiver = self.server.receiver
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        receiver.requests.append(Received(self.path, headers, body))
        time.sleep(receiver.delay_s)
        with suppress(OSError):  # the sender is gone
            self._answer(receiver)

    def _answer(self, receiver: FakeReceiver) -> None:
        status = receiver.answers.popleft() if receiver.answers else 204
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        ends_at = time.monotonic() + receiver.drip_s
        while time.monotonic() < ends_at:
            self.send_header("X-Drip", "drop")
            self.flush_headers()
            time.sleep(0.1)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 — the name that the base class has
        """Say nothing."""
