"""A tenant-directory API on loopback that serves a list of dicts, and misbehaves on request.

with FakeApi(records) as api:
    api.fail(3, status(503), half_body())      # page 3: 503, then half a body, then good
    api.before_page(2, lambda: api.records.pop(0))   # the list shifts while it is paged
    ...
    assert [request.page for request in api.requests] == [1, 2, 3, 3, 3]
"""

import json
import socket
import ssl
import struct
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

Response = Callable[["_Handler", bytes], None]
"""Answers a request in a way of its own; gets the handler and the good body."""


@dataclass(frozen=True)
class Request:
    """A request that came: its page, path and query, headers, and when (time.monotonic)."""

    page: int
    path: str
    headers: Mapping[str, str]
    at: float


@dataclass
class FakeApi:
    """The API as DOMAIN.md has it; every attribute can be set while it runs.

    Attributes:
        records: The list that is served; values are sent as they are.
        delay_s: Seconds that each answer takes.
        max_limit: A larger limit is cut to this.
        envelope: Overrides parts of the envelope, e.g. {"totalPages": -1}.
        app_code: Answers 401 to any other X-Apig-AppCode when set.
        requests: Every request so far, in order.
        max_in_flight: The most requests that were in hand at one time.
        tls: Serves https: with this certificate when set.
    """

    records: list[Any] = field(default_factory=list)
    delay_s: float = 0.0
    max_limit: int = 1000
    envelope: dict[str, Any] = field(default_factory=dict)
    app_code: str | None = None
    requests: list[Request] = field(default_factory=list)
    max_in_flight: int = 0
    tls: ssl.SSLContext | None = None
    _in_flight: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _once: dict[int, deque[Response]] = field(default_factory=lambda: defaultdict(deque))
    _always: dict[int, Response] = field(default_factory=dict)
    _before: dict[int, deque[Callable[[], object]]] = field(default_factory=lambda: defaultdict(deque))

    def __enter__(self) -> Self:
        """Start serving on a free port of 127.0.0.1."""
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.api = self
        if self.tls:
            self._server.socket = self.tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """The address, without page and limit."""
        return f"http{'s' if self.tls else ''}://127.0.0.1:{self._server.server_address[1]}/tenants"

    def fail(self, page: int, *responses: Response) -> None:
        """Answer the next requests for a page with these, each once, in order; then well again."""
        self._once[page].extend(responses)

    def fail_always(self, page: int, response: Response) -> None:
        """Answer every request for a page with this."""
        self._always[page] = response

    def before_page(self, page: int, *callbacks: Callable[[], object]) -> None:
        """Call these, one for each request for a page, in order, before it is answered."""
        self._before[page].extend(callbacks)

    def answer(self, handler: "_Handler") -> None:
        """Answer a request (called by the server)."""
        query = parse_qs(urlsplit(handler.path).query)
        page, limit = int(query["page"][0]), int(query["limit"][0])
        with self._lock:
            self.requests.append(Request(page, handler.path, dict(handler.headers), time.monotonic()))
            self._in_flight += 1
            self.max_in_flight = max(self.max_in_flight, self._in_flight)
        try:
            time.sleep(self.delay_s)
            with self._lock:
                if self._before[page]:
                    self._before[page].popleft()()
                respond = self._once[page].popleft() if self._once[page] else self._always.get(page, _good)
                body = self._body(page, min(limit, self.max_limit))
            if self.app_code not in (None, handler.headers.get("X-Apig-AppCode")):
                respond = status(401)
        finally:
            # counted as done before the client can have the answer, and so send the next request
            with self._lock:
                self._in_flight -= 1
        respond(handler, body)

    def _body(self, page: int, limit: int) -> bytes:
        total = len(self.records)
        envelope = {
            "totalRecord": total,
            "page": page,
            "limit": limit,
            "totalPages": -(-total // limit),
            "data": self.records[(page - 1) * limit : page * limit],
        }
        try:
            return json.dumps(envelope | self.envelope, ensure_ascii=False).encode()
        except UnicodeEncodeError:  # a lone surrogate can only be sent as an escape
            return json.dumps(envelope | self.envelope).encode()


def status(code: int, retry_after: int | str | None = None) -> Response:
    """Answer with a status and a JSON error."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return lambda handler, _: handler.send(code, b'{"error": "as asked for"}', headers)


def interim(*codes: int) -> Response:
    """Send interim answers (1xx), then the good one."""

    def respond(handler: "_Handler", body: bytes) -> None:
        for code in codes:
            handler.wfile.write(f"HTTP/1.1 {code} Wait\r\nLink: </style.css>; rel=preload\r\n\r\n".encode())
        _good(handler, body)

    return respond


def half_body() -> Response:
    """Promise the whole body, send half of it, hang up."""
    return lambda handler, body: handler.send(200, body[: len(body) // 2], {"Content-Length": str(len(body))})


def html_page() -> Response:
    """Answer 200 with an HTML page, as gateways do."""
    return lambda handler, _: handler.send(200, b"<!DOCTYPE html><title>Sorry</title>")


def reset_connection() -> Response:
    """Break the connection without an answer."""

    def respond(handler: "_Handler", _: bytes) -> None:
        handler.close_connection = True
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        handler.connection.close()

    return respond


def hang(seconds: float) -> Response:
    """Answer well, after so many seconds."""

    def respond(handler: "_Handler", body: bytes) -> None:
        time.sleep(seconds)
        _good(handler, body)

    return respond


def drip(seconds: float) -> Response:
    """Send the body a byte at a time, with so many seconds after each."""

    def respond(handler: "_Handler", body: bytes) -> None:
        handler.send(200, b"", {"Content-Length": str(len(body))})
        for byte in body:
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()
            time.sleep(seconds)

    return respond


def raw(body: bytes, headers: Mapping[str, str] | None = None) -> Response:
    """Answer 200 with this body."""
    return lambda handler, _: handler.send(200, body, headers or {})


def redirect(url: str, code: int = 302) -> Response:
    """Send the client elsewhere."""
    return lambda handler, _: handler.send(code, b"", {"Location": url})


def _good(handler: "_Handler", body: bytes) -> None:
    handler.send(200, body)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    api: FakeApi

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that hang up; they are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer in one piece, or the client waits 40 ms for the second
    server: _Server

    def do_GET(self) -> None:
        """Let the API answer."""
        self.server.api.answer(self)

    def send(self, code: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        """Send an answer; a Content-Length among the headers comes before the true one."""
        sent = {"Content-Type": "application/json", "Content-Length": str(len(body)), **(headers or {})}
        self.close_connection |= sent["Content-Length"] != str(len(body))
        self.send_response(code)
        for name, value in sent.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 — the base class's name
        """Say nothing."""
