"""Promise: whatever the API sends, a run is bounded in time and memory, loads a whole feed or none, and says what came."""

import gzip
import json
import threading
from typing import Any

import pytest

from etl.errors import SourceError
from etl.extract import fetcher
from etl.extract.client import Client, Limits
from tests.support import api as answers
from tests.support.api import FakeApi
from tests.support.log import read_log
from tests.support.patience import within
from tests.support.process import run, run_here, run_refused
from tests.support.sync import Mall, record

pytestmark = pytest.mark.quick(cases=1)

PAGE = 100
FEED = [record(f"T{number:03}") for number in range(3 * PAGE)]
QUICK: dict[str, Any] = {"api_retries": 1, "api_timeout_s": 1}


def refused(mall: Mall, code: int, *words: str, **settings: Any) -> str:
    """Sync what must not be loaded: refused in half a minute, in the log too; return the output."""
    with within(30):
        out = run_refused(mall, code, *words, **{**QUICK, **settings})
    log = mall.last_run()
    assert log["status"] == "FAILED"
    assert words[0] in log["error"]
    return out


@pytest.mark.parametrize(
    ("response", "code", "words"),
    [
        (answers.hang(20), 1, ["page 2", "2 attempts", "timeout"]),
        (answers.half_body(), 1, ["page 2", "2 attempts"]),
        (answers.reset_connection(), 1, ["page 2", "2 attempts"]),
        (answers.html_page(), 1, ["HTML"]),
        (answers.raw(b"[" * 200_000), 1, ["nested too deeply"]),
        (answers.raw(b'{"totalRecord": 300, "data": ' + b'{"a":' * 100_000), 1, ["page 2"]),
        (answers.raw(b'{"data": "\xff\xfe"}'), 1, ["not UTF-8"]),
        (answers.status(500), 1, ["page 2", "http_500 2"]),
    ],
    ids=["hangs", "half", "reset", "html", "deep list", "deep object", "not UTF-8", "500"],
)
def test_a_page_that_never_comes(
    synced: Mall, response: answers.Response, code: int, words: list[str]
) -> None:
    """In the middle of the feed: tried again, then the run ends, and the other pages are not loaded either."""
    synced.api.fail_always(2, response)
    refused(synced, code, *words)


@pytest.mark.parametrize(
    ("envelope", "code", "words"),
    [
        ({"totalPages": 30}, 6, ["totalPages does not fit totalRecord"]),
        ({"totalPages": 1}, 6, ["totalPages does not fit totalRecord"]),
        ({"totalPages": -1}, 6, ["totalPages does not fit totalRecord"]),
        ({"totalPages": 10**17}, 6, ["totalPages does not fit totalRecord"]),
        ({"totalRecord": 10**17, "totalPages": 10**15}, 6, ["a page is empty"]),
        ({"totalRecord": 500, "totalPages": 5}, 6, ["promised 500, got 300"]),
        ({"totalRecord": 150, "totalPages": 2}, 6, ["promised 50, got 100"]),
        ({"totalRecord": "many"}, 1, ["`totalRecord` is not a whole number"]),
        ({"page": 1}, 6, ["another page came than asked for"]),
        (
            {"data": FEED[:PAGE]},
            6,
            ["a page has the records of another page, 2 times: page 2 those of page 1"],
        ),
        (
            {"totalRecord": 10**9, "totalPages": 10**7, "data": FEED[:PAGE]},
            6,
            ["a page has the records of another page, 10 times: page 2 those of page 1"],
        ),
    ],
    ids=lambda value: json.dumps(value)[:40] if isinstance(value, dict) else "",
)
def test_figures_that_lie(synced: Mall, envelope: dict[str, Any], code: int, words: list[str]) -> None:
    """Pages, records, numbers that do not fit each other, or the same page for ever: not loaded, and few requests."""
    synced.api.envelope = envelope
    before = len(synced.api.requests)
    refused(synced, code, *words)
    assert len(synced.api.requests) - before < 60


class Endless(list[Any]):
    """A list of a billion records, each with an id of its own."""

    def __len__(self) -> int:
        """Promise a billion."""
        return 10**9

    def __getitem__(self, asked: Any) -> Any:
        """Return the records of a page."""
        return [record(f"E{number}") for number in range(asked.start, asked.stop)]


@pytest.mark.long
def test_a_list_without_end(synced: Mall) -> None:
    """Each page fits, and has new records: given up when the time of the whole list is over, and the lock with it."""
    synced.api.records = Endless()
    words = ("the time is up", "did not give its list in 2 s", "API_DEADLINE_S", "promised 1000000000, got")
    refused(synced, 6, *words, api_deadline_s=2)
    assert synced.sync(FEED).status == "COMPLETED"


@pytest.mark.quick(cases=1)
@pytest.mark.parametrize(("page", "code"), [(1, 1), (2, 6)])
def test_a_page_that_outlasts_the_time_of_the_list(synced: Mall, page: int, code: int) -> None:
    """It is not waited for, though the page itself would have more time, and tries left."""
    synced.api.fail_always(page, answers.hang(300))
    with within(15):
        refused(synced, code, "did not give its list in 2 s", api_deadline_s=2, api_timeout_s=300)


@pytest.mark.long
def test_what_came_in_time_is_loaded_where_that_is_allowed(synced: Mall) -> None:
    """`--allow-partial`: the pages that came before the time was up; the run is PARTIAL."""
    synced.api.records = [record(f"T{number:03}") for number in range(4 * PAGE)]
    synced.api.fail_always(4, answers.hang(20))
    synced.overrides = {"api_deadline_s": 2}
    result = synced.sync(allow_partial=True)
    assert (result.status, result.counts.created, result.extracted.records) == ("PARTIAL", 0, 300)
    assert result.extracted.problems[0].startswith("the time is up: ")


def test_an_empty_page_in_the_middle(synced: Mall) -> None:
    """`data: []` though totalRecord says more: not the end of the list, but exit 6."""
    empty = {"totalRecord": 300, "page": 2, "limit": PAGE, "totalPages": 3, "data": []}
    synced.api.fail_always(2, answers.raw(json.dumps(empty).encode()))
    refused(synced, 6, "a page is empty: page 2 of 3")


def test_an_empty_list(synced: Mall) -> None:
    """No record at all, and consistent: the guard asks before it takes 300 rows for gone."""
    synced.api.records = []
    refused(synced, 3, "The source has no record", "etl diff")


@pytest.mark.long
def test_a_body_of_200_mb(synced: Mall) -> None:
    """Given up at its limit, not kept: the process stays as small as one that reads a small page."""
    small = _peak_mb(run(synced, "sync").stdout)
    body = b'{"totalRecord": 1, "data": ["' + b"x" * (200 << 20) + b'"]}'
    synced.api.fail_always(1, answers.raw(body))
    out = refused(synced, 1, "sent a page of more than 16,777,216 bytes", by=run)
    assert _peak_mb(out) < small + 150


@pytest.fixture(scope="module")
def gigabyte() -> bytes:
    """Give 1 GB of zeros, packed into 1 MB: a file of gzip's may be many, one after the other."""
    return gzip.compress(bytes(1 << 20), 9) * 1024


@pytest.mark.parametrize(
    ("layers", "encoding", "words"),
    [
        (1, "gzip", "more than 16,777,216 bytes"),
        (2, "gzip", "page 1"),
        (2, "gzip, gzip", "more than 16,777,216 bytes"),
        (3, "gzip, gzip, gzip", "more than 16,777,216 bytes"),
    ],
)
def test_a_gzip_bomb(synced: Mall, gigabyte: bytes, layers: int, encoding: str, words: str) -> None:
    """1 GB of zeros in 1 MB: unpacked piece by piece up to the limit, each layer that is declared; else it is no JSON."""
    small = _peak_mb(run(synced, "sync").stdout)
    bomb = gigabyte
    for _ in range(layers - 1):
        bomb = gzip.compress(bomb, 9)
    synced.api.fail_always(1, answers.raw(bomb, {"Content-Encoding": encoding}))
    out = refused(synced, 1, words, by=run)
    assert _peak_mb(out) < small + 150


@pytest.mark.long
def test_a_redirect_with_a_gzip_bomb(synced: Mall, gigabyte: bytes) -> None:
    """What comes with a redirect is not read: the job asks at the new place, on the same host, and goes on."""
    small = _peak_mb(run(synced, "sync").stdout)
    headers = {"Location": "/moved?page=1&limit=100", "Content-Encoding": "gzip"}
    synced.api.fail(1, lambda handler, _: handler.send(302, gigabyte, headers))
    moved = run(synced, "sync", **QUICK)
    assert moved.returncode == 0
    assert _peak_mb(moved.stdout) < small + 50


def test_a_page_that_is_packed_twice(mall: Mall) -> None:
    """And says so: read."""
    body = {"totalRecord": 1, "page": 1, "limit": 100, "totalPages": 1, "data": [record("T1", zone="West")]}
    packed = gzip.compress(gzip.compress(json.dumps(body).encode()))
    mall.api.fail_always(1, answers.raw(packed, {"Content-Encoding": "gzip, gzip"}))
    assert run_here(mall, "sync").returncode == 0
    assert mall.row("T1")["location_zone"] == "West"


def _peak_mb(out: str) -> float:
    return float(max(line.get("peak_memory_mb", 0.0) for line in read_log(out)))


def _head(*pieces: bytes) -> answers.Response:
    """Answer with a head that has these pieces over and over; 8 MB of them, which is more than anyone should read."""

    def respond(handler: Any, _body: bytes) -> None:
        handler.close_connection = True
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + pieces[0])
        for _ in range((8 << 20) // 4096):
            handler.wfile.write(pieces[-1] * (4096 // len(pieces[-1])))
        handler.wfile.flush()

    return respond


@pytest.mark.parametrize(
    "response",
    [_head(b"", b"X-More: and more\r\n"), _head(b"X-Long: ", b"x"), _head(b"", b"\tfolded\r\n")],
    ids=["many", "long", "folded"],
)
def test_a_head_without_end(synced: Mall, response: answers.Response) -> None:
    """Headers for ever: given up after a hundred of them, or 64 kB of one, and tried again, then the run ends."""
    small = _peak_mb(run(synced, "sync").stdout)
    synced.api.fail_always(1, response)
    out = refused(synced, 1, "page 1", "2 attempts", "connection 2", by=run)
    assert _peak_mb(out) < small + 50


@pytest.mark.long
def test_interim_answers_without_end(synced: Mall, monkeypatch: pytest.MonkeyPatch) -> None:
    """`100 Continue` for ever is not an answer: given up when the page's time is over, though each piece came in time."""
    stop = threading.Event()

    def respond(handler: Any, _body: bytes) -> None:
        handler.close_connection = True
        while not stop.wait(0.2):  # twenty at once would be too many in themselves
            handler.wfile.write(b"HTTP/1.1 100 Continue\r\nX-More: and more\r\n\r\n")
            handler.wfile.flush()

    synced.api.fail_always(1, respond)
    monkeypatch.setattr(fetcher, "_GRACE_S", 1.0)
    before = synced.fingerprint()
    with (
        Client(synced.api.url, limits=Limits(read_timeout_s=0.5, page_deadline_s=1.0)) as client,
        pytest.raises(SourceError, match="sent no whole page in 2 s"),
    ):
        next(fetcher.Fetcher(client, PAGE, 1, fail_fast=True).pages(range(1, 2)))
    stop.set()
    assert synced.fingerprint() == before


@pytest.mark.parametrize("where", ["another host", "another port", "file"])
def test_a_redirect_elsewhere(synced: Mall, where: str) -> None:
    """Neither key nor cookie goes there: it is not asked at all."""
    with FakeApi(FEED) as other:
        target = {
            "another host": other.url.replace("127.0.0.1", "localhost"),
            "another port": other.url,
            "file": "file:///etc/passwd",
        }[where]
        synced.api.fail_always(1, answers.redirect(target))
        refused(
            synced,
            1,
            "redirects to another place",
            x_apig_appcode="canary",
            external_api_cookies="sid=canary",
            node_env="production",
        )
        assert other.requests == []


ODD = {
    "a number": 12.50,
    "a large number": 10**30,
    "a boolean": True,
    "an object": {"a": [1, None, {"b": "c"}]},
    "a list": ["a", None, 1],
    "null": None,
    "a lone surrogate": "a\ud800b",
    "NUL": "a\x00b",
    "controls": "a\x01\x1f\x7f\x85b",
    "a megabyte": "ก x" * 350_000,
    "entities": "&amp;" * 5_000,
    "an escape": "\\u0e01\\ud83d\\ude00",
    "right to left": "\u202eabc\u2066",
    "SQL": "'); DROP TABLE shops; --",
}
FIELDS = (
    "uniqueId",
    "brandNameEn",
    "floor",
    "categoryNameEn",
    "openingHours",
    "startDate",
    "tel",
    "descriptionTh",
)


@pytest.mark.parametrize("odd", ODD)
def test_odd_values_are_loaded_or_reported(mall: Mall, odd: str) -> None:
    """In each field in turn: the record is in the CMS, or an error in sync_issues names it; the rest lands."""
    feed = [record(f"F-{name}") | {name: ODD[odd]} for name in FIELDS]
    mall.api.records = [*feed, record("plain")]
    result = run_here(mall, "sync")
    assert result.returncode == 0, result.stderr
    assert "Traceback" not in result.stdout + result.stderr
    (log,) = mall.database.query("SELECT * FROM etl.sync_logs")
    rejected = mall.database.query("SELECT unique_id FROM etl.sync_issues WHERE severity = 'error'")
    there = mall.database.query("SELECT unique_id FROM shops UNION ALL SELECT unique_id FROM dinings")
    assert len(there) + len(rejected) == len(feed) + 1
    assert log["records_fetched"] == len(feed) + 1
    assert {"unique_id": "plain"} in there
    again = mall.sync()
    assert (again.counts.created, again.counts.updated) == (0, 0)


def test_a_key_that_comes_twice(mall: Mall) -> None:
    """In one object: the last counts, as it does for everyone who reads JSON in JavaScript."""
    text = json.dumps(record("T1"))[:-1] + ', "zone": "West"}'
    body = f'{{"totalRecord": 1, "page": 1, "limit": 100, "totalPages": 1, "data": [{text}]}}'
    mall.api.fail_always(1, answers.raw(body.encode()))
    assert run_here(mall, "sync").returncode == 0
    assert mall.row("T1")["location_zone"] == "West"


def test_http_in_production_is_warned_of(mall: Mall) -> None:
    """The key would travel unencrypted: `etl check` and each run say so (the name resolves to nothing here)."""
    url = "http://api.invalid/tenants"
    checked = run_here(mall, "check", external_api_url=url, node_env="production", api_retries=0)
    assert "http:, so the key, the cookies and the records travel unencrypted" in " ".join(
        checked.stdout.split()
    )
    synced = run_here(mall, "sync", external_api_url=url, node_env="production", api_retries=0)
    assert '"event": "api_address"' in synced.stdout
    assert "unencrypted" not in run_here(mall, "check", node_env="production").stdout
