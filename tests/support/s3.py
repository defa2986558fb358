"""An S3 server on loopback that can be told to misbehave: moto behind a proxy that looks at each request."""

import http.client
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from moto.server import ThreadedMotoServer

ENVIRONMENT = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "ap-southeast-1"}


@dataclass(frozen=True)
class Answer:
    """What the server says in place of its own answer.

    Attributes:
        status: Its status.
        body: Its words.
        is_cut: Half of the body is sent, and the connection closed.
    """

    status: int
    body: bytes = b""
    is_cut: bool = False


Fault = Callable[[str, str, bytes], Answer | None]
"""Answers a request (method, path, body) itself, after whatever it takes; None passes it on."""

Spoil = Callable[[str, str, bytes], bytes]
"""Returns the body of an answer (method, path, body) as it is sent."""


def said(code: str, message: str) -> bytes:
    """Return an error as S3 words it."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>'
    ).encode()


@dataclass
class S3:
    """The server.

    Attributes:
        url: Its address.
        fault: What goes wrong with requests.
        spoil: What becomes of bodies of answers; a shorter one is cut off in the middle of the transfer.
        asked: The requests that came, as `GET /bucket/key?query`.
    """

    url: str = ""
    fault: Fault | None = None
    spoil: Spoil | None = None
    asked: list[str] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    def hang(self, method: str, path: str, body: bytes) -> Answer:
        """Say nothing until the end of the test; for `fault`."""
        del method, path, body
        self.closing.wait()
        return Answer(500)

    def count(self, start: str) -> int:
        """Count the requests that begin so."""
        return sum(each.startswith(start) for each in self.asked)


def _handler(s3: S3, upstream: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Handles a request; a client that went away is none of its business."""

        protocol_version = "HTTP/1.1"

        def do_any(self) -> None:
            body = self._body()
            s3.asked.append(f"{self.command} {self.path}")
            answer = s3.fault(self.command, self.path, body) if s3.fault else None
            if answer is None:
                self._pass_on(body)
            else:
                self._say(answer)

        do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = do_any  # noqa: N815 — the base class's names

        def _body(self) -> bytes:
            if self.headers.get("Expect", "").lower() == "100-continue":
                self.send_response_only(100)
                self.end_headers()
            if "chunked" not in self.headers.get("Transfer-Encoding", ""):
                return self.rfile.read(int(self.headers.get("Content-Length") or 0))
            pieces = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                pieces.append(self.rfile.read(size))
                self.rfile.readline()
            while self.rfile.readline().strip():
                pass
            return b"".join(pieces)

        def _pass_on(self, body: bytes) -> None:
            connection = http.client.HTTPConnection(urlsplit(upstream).netloc)
            kept = {k: v for k, v in self.headers.items() if k.lower() not in {"transfer-encoding", "expect"}}
            connection.request(self.command, self.path, body, {**kept, "Content-Length": str(len(body))})
            answer = connection.getresponse()
            found = answer.read()
            sent = s3.spoil(self.command, self.path, found) if s3.spoil else found
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in {
                    "transfer-encoding",
                    "connection",
                    "content-length",
                    "date",
                    "server",
                }:
                    self.send_header(name, value)
            length = answer.getheader("Content-Length") if self.command == "HEAD" else str(len(found))
            self.send_header("Content-Length", length or "0")
            self.end_headers()
            self.wfile.write(sent)
            self.close_connection = len(sent) < len(found)
            connection.close()

        def _say(self, answer: Answer) -> None:
            self.send_response(answer.status)
            self.send_header("Content-Type", "application/xml")
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body[: len(answer.body) // 2] if answer.is_cut else answer.body)
            self.close_connection = answer.is_cut

        def handle(self) -> None:
            with suppress(ConnectionError):
                super().handle()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


@contextmanager
def running() -> Iterator[S3]:
    """Run a server for the length of the block."""
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    s3 = S3()
    proxy = ThreadingHTTPServer(("127.0.0.1", 0), _handler(s3, f"http://{host}:{port}"))
    proxy.daemon_threads = True
    proxy.block_on_close = False
    s3.url = f"http://127.0.0.1:{proxy.server_port}"
    thread = threading.Thread(target=proxy.serve_forever, daemon=True)
    thread.start()
    try:
        yield s3
    finally:
        s3.closing.set()
        proxy.shutdown()
        proxy.server_close()
        moto.stop()
