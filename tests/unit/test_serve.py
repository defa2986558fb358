"""The served snapshot speaks the API."""

import json
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
import requests

from etl import serve
from etl.contract.raw import RAW_NAMES
from etl.errors import ConfigError, Interrupted
from etl.extract import Client, Limits, extract, parse_page
from etl.serve import SnapshotServer, running, serve_forever
from etl.snapshot import Snapshot, SnapshotWriter, open_snapshot
from tests.support.patience import within

NOON = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)

MESS: list[Any] = [
    {"uniqueId": "T1", "status": True, "zone": 'a "b" \\ \r\n\0 ก 😀', "tel": 1.50},
    {"uniqueId": "T2", "status": False, "new": 1.5, "more": {"a": [None, "x"]}},
    {"uniqueId": None, "status": "closed", "zone": {"a": 1}, "extra": "mine"},
    "no object",
]


def save(root: Path, items: list[Any], name: str = "one") -> Snapshot:
    """Save these items, as the API would send them, as a snapshot."""
    body = {"totalRecord": 1, "page": 1, "limit": 1, "totalPages": 1, "data": items}
    with SnapshotWriter(str(root), name=name, created_at=NOON) as writer:
        writer.write(parse_page(json.dumps(body).encode()).records)
        return writer.finish()


@pytest.fixture
def snapshot(tmp_path: Path) -> Snapshot:
    """Give a snapshot of 12,345 records, in three row groups."""
    return save(tmp_path, [{"uniqueId": f"T{number}", "status": True} for number in range(12_345)])


@pytest.fixture
def url(snapshot: Snapshot) -> Iterator[str]:
    """Serve it."""
    with running(SnapshotServer(snapshot)) as url:
        yield url


def get(url: str, **query: object) -> Any:
    """Return the JSON of an answer 200."""
    response = requests.get(url, params={name: str(value) for name, value in query.items()}, timeout=60)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json; charset=utf-8"
    return response.json()


def ids(page: Any) -> list[str]:
    """Return the ids of a page."""
    return [record["uniqueId"] for record in page["data"]]


def test_a_page_has_the_envelope_of_the_api(url: str) -> None:
    """Totals, page and limit, and the records of the page."""
    page = get(url, page=2, limit=2)
    assert {**page, "data": ids(page)} == {
        "totalRecord": 12_345,
        "page": 2,
        "limit": 2,
        "totalPages": 6_173,
        "data": ["T2", "T3"],
    }


def test_page_1_of_100_is_given_where_nothing_is_asked(url: str) -> None:
    """At any path."""
    page = get(url.replace("/tenants", "/any/path/at all"))
    assert (page["page"], page["limit"], page["totalPages"]) == (1, 100, 124)
    assert ids(page) == [f"T{number}" for number in range(100)]


@pytest.mark.parametrize(
    ("page", "limit", "expected"),
    [
        (6, 999, range(4995, 5994)),
        (13, 1000, range(12_000, 12_345)),
        (14, 1000, range(0)),
        (10**17, 100, range(0)),
        (5, 1, range(4, 5)),
    ],
)
def test_pages_cut_across_row_groups(url: str, page: int, limit: int, expected: range) -> None:
    """In order; the last is short, and one beyond the end has no data."""
    assert ids(get(url, page=page, limit=limit)) == [f"T{number}" for number in expected]


def test_the_limit_is_capped(url: str) -> None:
    """At 1,000 records; the envelope says so."""
    page = get(url, page=2, limit=99_999)
    assert (page["limit"], page["totalPages"], len(page["data"])) == (1000, 13, 1000)


@pytest.mark.parametrize(
    "query",
    ["page=0", "page=-1", "page=x", "limit=0", "limit=1.5", "page=1&limit=%D9%A1", "page=" + "9" * 5000],
)
def test_a_bad_page_or_limit_is_400(url: str, query: str) -> None:
    """With an error in JSON."""
    response = requests.get(f"{url}?{query}", timeout=60)
    assert response.status_code == 400
    assert response.json() == {"error": "page and limit must be whole numbers from 1"}


def test_records_are_given_as_they_came(tmp_path: Path) -> None:
    """Status a boolean again, null where there is nothing, unknown fields in their place with their digits."""
    with running(SnapshotServer(save(tmp_path, MESS))) as url:
        text = requests.get(url, timeout=60).text
    records = json.loads(text)["data"]
    assert '"more":{"a":[null,"x"]},"new":1.5' in text
    given = [{name: value for name, value in record.items() if value is not None} for record in records]
    assert given == [
        {"uniqueId": "T1", "status": True, "zone": 'a "b" \\ \r\n\0 ก 😀', "tel": "1.5"},
        {"uniqueId": "T2", "status": False, "new": 1.5, "more": {"a": [None, "x"]}},
        {"status": "closed", "zone": {"a": 1}, "extra": "mine"},
        {"$item": "no object"},
    ]
    assert set(records[0]) == set(RAW_NAMES)


def test_what_is_served_extracts_to_the_same_snapshot(tmp_path: Path) -> None:
    """Whatever the page size: the same records, and the same bytes."""
    items = MESS + [{"uniqueId": f"T{n}", "status": bool(n % 2), "new": n} for n in range(3, 6_000)]
    first = save(tmp_path, items)
    limits = Limits(requests_per_second=1000)
    with (
        running(SnapshotServer(first)) as url,
        Client(url, limits=limits) as client,
        SnapshotWriter(str(tmp_path), name="two", created_at=NOON) as writer,
    ):
        report = extract(client, writer, page_size=777)
        second = writer.finish()
    assert report.is_complete
    assert pl.concat(second.batches(1000)).equals(pl.concat(first.batches(999)))
    assert second.manifest.files == first.manifest.files


def test_an_empty_snapshot_is_served(tmp_path: Path) -> None:
    """No records, no pages."""
    with running(SnapshotServer(save(tmp_path, []))) as url:
        assert get(url) == {"totalRecord": 0, "page": 1, "limit": 100, "totalPages": 0, "data": []}


def test_the_key_is_asked_for(snapshot: Snapshot) -> None:
    """401 without it or with another, in JSON; the right one is let in."""
    with running(SnapshotServer(snapshot, app_code="k€y")) as url:
        for headers in ({}, {"X-Apig-AppCode": "other"}):
            response = requests.get(url, headers=headers, timeout=60)
            assert response.status_code == 401
            assert response.json() == {"error": "X-Apig-AppCode is missing or wrong"}
    with running(SnapshotServer(snapshot, app_code="key")) as url:
        assert requests.get(url, headers={"X-Apig-AppCode": "key"}, timeout=60).status_code == 200


def test_only_the_row_groups_that_are_needed_are_read(
    snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once each while the pages go by, and no more than two are kept."""
    read: list[int] = []
    server = SnapshotServer(snapshot)
    parquet = server.records._parquet
    original = parquet.group

    def group(number: int) -> pa.Table:
        read.append(number)
        return original(number)

    monkeypatch.setattr(parquet, "group", group)
    for start in range(0, 12_345, 500):
        server.records.read(start, 500)
    server.records.read(0, 1)
    server.server_close()
    assert read == [0, 1, 2, 0]


def test_it_is_quiet_unless_asked(snapshot: Snapshot, capfd: pytest.CaptureFixture[str]) -> None:
    """No line on the terminal; a log gets one for each request."""
    lines: list[str] = []
    for log in (None, lines.append):
        with running(SnapshotServer(snapshot, log=log)) as url:
            get(url, page=3)
    assert capfd.readouterr() == ("", "")
    assert lines == ['"GET /tenants?page=3 HTTP/1.1" 200 -']


def test_a_client_that_hangs_up_makes_no_noise(snapshot: Snapshot, capfd: pytest.CaptureFixture[str]) -> None:
    """It asks for large pages and goes without reading them."""
    server = SnapshotServer(snapshot)
    with running(server):
        for _ in range(3):
            with socket.create_connection(server.server_address[:2]) as client:  # type: ignore[arg-type]
                client.sendall(b"GET /?limit=1000 HTTP/1.1\r\nHost: x\r\n\r\n" * 5)
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        time.sleep(0.3)
    assert capfd.readouterr().err == ""


def test_another_error_is_told(
    snapshot: Snapshot, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bug is not taken for a client that hangs up."""
    monkeypatch.setattr("etl.serve.page_json", lambda *_: 1 / 0)
    with running(SnapshotServer(snapshot)) as url, pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=60)
    assert "ZeroDivisionError" in capfd.readouterr().err


def test_shutdown_lets_answers_end_and_idle_clients_go(
    snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A running answer arrives whole; a connection that only waits does not hold the end."""
    original = serve.page_json

    def slow(*arguments: Any) -> str:
        time.sleep(0.4)
        return original(*arguments)

    monkeypatch.setattr(serve, "page_json", slow)
    answers: list[int] = []
    with requests.Session() as idle, ExitStack() as ending, running(SnapshotServer(snapshot)) as url:
        idle.get(url, timeout=60)
        asking = threading.Thread(target=lambda: answers.append(len(get(url, limit=7)["data"])))
        asking.start()
        time.sleep(0.1)
        ending.enter_context(within(2))
    asking.join()
    assert answers == [7]


def test_a_port_that_is_taken_is_told(snapshot: Snapshot) -> None:
    """With what to do."""
    with SnapshotServer(snapshot) as server:
        port = server.server_address[1]
        with pytest.raises(
            ConfigError, match=rf"Can't listen on 127\.0\.0\.1:{port}: .*in use.*another host or port"
        ):
            SnapshotServer(snapshot, port=port)


@pytest.mark.parametrize("end", [KeyboardInterrupt, Interrupted(signal.SIGTERM)])
def test_serve_forever_ends_cleanly(snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch, end: Any) -> None:
    """It announces where it is; Ctrl-C and SIGTERM are its regular end."""

    def interrupted(self: SnapshotServer) -> None:
        raise end

    monkeypatch.setattr(SnapshotServer, "serve_forever", interrupted)
    lines: list[str] = []
    serve_forever(snapshot.path, port=0, announce=lines.append)
    assert len(lines) == 1
    assert lines[0].startswith("Serving 12,345 records of 20261123T120000Z-one at http://127.0.0.1:")
    assert lines[0].endswith("/tenants; Ctrl-C ends it.")


def test_serve_forever_opens_snapshots_only(tmp_path: Path) -> None:
    """Another path is a usage error."""
    with pytest.raises(ConfigError, match="There is no snapshot"):
        serve_forever(str(tmp_path / "no"))
    assert open_snapshot(save(tmp_path, []).path).record_count == 0
