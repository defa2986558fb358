"""Serve ready pages on loopback, with no delay, in a process of its own: python -m bench.server FEED."""

import mmap
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit


def line_starts(data: mmap.mmap) -> list[int]:
    """Return where each line starts, and where the last one ends."""
    starts, at = [0], data.find(b"\n")
    while at >= 0:
        starts.append(at + 1)
        at = data.find(b"\n", at + 1)
    return starts


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    data: mmap.mmap
    starts: list[int]

    def do_GET(self) -> None:
        page = int(parse_qs(urlsplit(self.path).query).get("page", ["1"])[0])
        body = self.data[self.starts[page - 1] : self.starts[page] - 1] if page < len(self.starts) else b"{}"
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 — the base class's name
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def main(path: str) -> None:
    """Serve until the process is ended; the first line printed is the address."""
    with Path(path).open("rb") as file:
        _Handler.data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    _Handler.starts = line_starts(_Handler.data)
    with _Server(("127.0.0.1", 0), _Handler) as server:
        print(f"http://127.0.0.1:{server.server_port}/tenants", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1])
