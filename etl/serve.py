"""Serves a snapshot as the tenant-directory API, with its paging; for demos, tests and front ends."""

import hmac
import json
import re
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyarrow as pa

from etl.contract.raw import EXTRA, RAW_FIELDS
from etl.errors import ConfigError, Interrupted
from etl.snapshot import Snapshot, open_snapshot

MAX_LIMIT = 1000
DEFAULT_LIMIT = 100

_BOOLS = tuple(field.name for field in RAW_FIELDS if field.is_bool)
_BOOL_VALUES = {"true": True, "false": False}
_IDLE_S = 30


class ServedRecords:
    """The records of a snapshot by their place, as JSON; for any number of threads.

    Memory: two row groups, whatever the size of the snapshot.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self.count = snapshot.record_count
        self._parquet = snapshot.open_records()
        self._lock = threading.Lock()
        self._read_group = lru_cache(maxsize=2)(self._read_group_now)

    def read(self, start: int, count: int) -> list[str]:
        """Return up to `count` records from a place on, each as a JSON object; none beyond the end."""
        found: list[str] = []
        first = 0
        for number, rows in enumerate(self._parquet.group_rows):
            begin, end = max(start - first, 0), min(start + count - first, rows)
            if begin < end:
                with self._lock:
                    group = self._read_group(number)
                found += map(to_json, group.slice(begin, end - begin).to_pylist())
            first += rows
        return found

    def _read_group_now(self, number: int) -> pa.Table:
        return self._parquet.group(number)

    def close(self) -> None:
        """Close the file."""
        self._parquet.close()


def to_json(record: dict[str, str | None]) -> str:
    """Return a record of a snapshot as the API sends it: flags as booleans, unknown fields in place."""
    fields: dict[str, Any] = dict(record)
    extra = fields.pop(EXTRA)
    for name in _BOOLS:
        fields[name] = _BOOL_VALUES.get(fields[name], fields[name])
    text = json.dumps(fields, ensure_ascii=False)
    # As text, since reading and writing it again would change the digits of numbers.
    return text if extra is None else f"{text[:-1]}, {extra[1:]}"


class SnapshotServer(ThreadingHTTPServer):
    """Serves one snapshot; a context manager that closes itself. It listens at once; its `serve_forever` answers.

    `shutdown` and `server_close` let running answers end, and hang up on clients that only wait.

    Args:
        snapshot: What to serve.
        host: Address to listen on.
        port: Port to listen on; 0 takes a free one, which `url` has.
        app_code: Any other X-Apig-AppCode gets 401; None or '' lets everyone in.
        log: Gets a line for each request.

    Raises:
        ConfigError: The address can't be listened on.
    """

    daemon_threads = False
    request_queue_size = 64

    def __init__(
        self,
        snapshot: Snapshot,
        host: str = "127.0.0.1",
        port: int = 0,
        app_code: str | None = None,
        log: Callable[[str], None] | None = None,
    ) -> None:
        self.records = ServedRecords(snapshot)
        self.app_code = app_code
        self.log = log
        self._connections: set[Any] = set()
        try:
            super().__init__((host, port), _Handler)
        except OSError as error:
            self.records.close()
            raise ConfigError(
                f"Can't listen on {host}:{port}: {error.strerror}. Take another host or port."
            ) from error

    @property
    def url(self) -> str:
        """The address to give as EXTERNAL_API_URL."""
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}/tenants"

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 — as the base class has it
        """Answer a connection in a thread, and remember it meanwhile."""
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401 — as above
        """Forget the connection."""
        self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 — as above
        """Say nothing of clients that hang up."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def server_close(self) -> None:
        """Stop listening, let running answers end, and close the snapshot."""
        for connection in list(self._connections):
            with suppress(OSError):  # the client was faster
                connection.shutdown(socket.SHUT_RD)
        super().server_close()
        self.records.close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _IDLE_S
    wbufsize = -1  # head and body in one piece, or the client waits 40 ms for the second
    server: SnapshotServer

    def do_GET(self) -> None:
        """Answer any path with the page that its query asks for."""
        expected = self.server.app_code
        given = self.headers.get("X-Apig-AppCode", "")
        if expected and not hmac.compare_digest(given.encode(), expected.encode()):
            self._send(401, '{"error": "X-Apig-AppCode is missing or wrong"}')
            return
        query = parse_qs(urlsplit(self.path).query)
        page, limit = _whole(query, "page", 1), _whole(query, "limit", DEFAULT_LIMIT)
        if page is None or limit is None:
            self._send(400, '{"error": "page and limit must be whole numbers from 1"}')
            return
        self._send(200, page_json(self.server.records, page, min(limit, MAX_LIMIT)))

    def _send(self, status: int, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 — the base class's name
        """Write to the server's log, if it has one."""
        if self.server.log:
            self.server.log(format % args)


def _whole(query: dict[str, list[str]], name: str, default: int) -> int | None:
    """Return a parameter, its default where it is missing, None where it is not a whole number from 1."""
    text = query.get(name, [str(default)])[-1]
    return int(text) if re.fullmatch("[0-9]{1,18}", text) and int(text) > 0 else None


def page_json(records: ServedRecords, page: int, limit: int) -> str:
    """Return a page as the API sends it; one beyond the end has no data."""
    pages = -(-records.count // limit)
    head = {"totalRecord": records.count, "page": page, "limit": limit, "totalPages": pages}
    data = ", ".join(records.read((page - 1) * limit, limit))
    return f'{json.dumps(head)[:-1]}, "data": [{data}]}}'


@contextmanager
def running(server: SnapshotServer) -> Iterator[str]:
    """Answer in a thread while the block runs; give the server's address."""
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server.url
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def serve_forever(
    path: str,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    app_code: str | None = None,
    announce: Callable[[str], object] = print,
) -> None:
    """Serve the snapshot at a path until Ctrl-C or SIGTERM, and announce where.

    Raises:
        ConfigError: There is no snapshot, or the address can't be listened on.
        ContractError: The snapshot is damaged.
    """
    snapshot = open_snapshot(path)
    with SnapshotServer(snapshot, host, port, app_code) as server, suppress(KeyboardInterrupt, Interrupted):
        announce(
            f"Serving {snapshot.record_count:,} records of {snapshot.id} at {server.url}; Ctrl-C ends it."
        )
        server.serve_forever()
