"""The extraction over real HTTP on loopback."""

import gzip
import signal
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
import pytest

from etl.errors import IncompleteExtract, SourceError
from etl.extract import Client, Limits, extract
from etl.extract.rate_limit import Clock, Stopped
from etl.model.results import ExtractResult
from tests.support import api as answers
from tests.support.api import FakeApi, Response
from tests.support.patience import slowness, within

FAST = 10_000.0


class QuickClock(Clock):
    """A clock whose waits pass at once; it keeps those longer than nothing."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self.ahead = 0.0

    def now(self) -> float:
        """Return real time and what was skipped."""
        return time.monotonic() + self.ahead

    def wait(self, seconds: float, stop: threading.Event) -> None:
        """Skip the time."""
        if stop.is_set():
            raise Stopped
        if seconds > 0:
            self.waits.append(seconds)
            self.ahead += seconds


class Basket:
    """A sink that keeps the ids it gets."""

    def __init__(self) -> None:
        self.ids: list[str | None] = []
        self.restarts = 0

    def write(self, records: pa.Table) -> None:
        """Keep the ids."""
        self.ids += records.column("uniqueId").to_pylist()

    def restart(self) -> None:
        """Forget them."""
        self.ids = []
        self.restarts += 1


def tenants(count: int) -> list[dict[str, Any]]:
    """Return records T1, T2, …."""
    return [{"uniqueId": f"T{number}", "status": True} for number in range(1, count + 1)]


def ids(*ranges: range) -> list[str]:
    """Return the ids of these numbers."""
    return [f"T{number}" for numbers in ranges for number in numbers]


@pytest.fixture
def fake() -> Iterator[FakeApi]:
    """Serve 472 records."""
    with FakeApi(tenants(472)) as api:
        yield api


Run = Callable[..., ExtractResult]


@pytest.fixture
def clock() -> QuickClock:
    """Give a clock whose waits pass at once."""
    return QuickClock()


@pytest.fixture
def basket() -> Basket:
    """Give a sink."""
    return Basket()


@pytest.fixture
def run(fake: FakeApi, clock: QuickClock, basket: Basket) -> Run:
    """Return a function that extracts everything."""

    def run(limits: Limits | None = None, **options: Any) -> ExtractResult:
        with Client(fake.url, limits=limits or Limits(requests_per_second=FAST), clock=clock) as client:
            return extract(client, basket, **options)

    return run


def pages_of(fake: FakeApi) -> list[int]:
    """Return the pages asked for, sorted."""
    return sorted(request.page for request in fake.requests)


# What goes well


def test_all_pages_come_in_order(run: Run, fake: FakeApi, basket: Basket) -> None:
    """Page 1 first, then the others; records in the API's order; the report has the figures."""
    started = time.monotonic()
    report = run()
    seconds = time.monotonic() - started
    assert basket.ids == ids(range(1, 473))
    assert fake.requests[0].page == 1
    assert pages_of(fake) == [1, 2, 3, 4, 5]
    assert (report.records, report.pages, report.passes, report.requests) == (472, 5, 1, 5)
    assert (report.is_complete, report.problems, report.retries) == (True, (), {})
    assert 0 < report.latency_avg_s <= report.latency_max_s < seconds + 1


def test_headers_and_query(fake: FakeApi, basket: Basket) -> None:
    """The key and the cookies are sent, the address's own query stays; cookies of the API are not kept."""
    fake.fail(1, answers.raw(b"{}", {"Set-Cookie": "a=b"}))
    with Client(
        f"{fake.url}?mall=A%20B&page=9", app_code="key", cookies="sid=1; x=2", clock=QuickClock()
    ) as client:
        extract(client, basket)
    for request in fake.requests:
        assert request.path == f"/tenants?mall=A%20B&page={request.page}&limit=100"
        assert (request.headers["X-Apig-AppCode"], request.headers["Cookie"]) == ("key", "sid=1; x=2")
        assert request.headers["User-Agent"].startswith("iconsiam-etl/")


def test_a_proxy_is_not_asked_for_this_machine(
    run: Run, fake: FakeApi, basket: Basket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HTTP_PROXY names a proxy that nobody answers at: an API on loopback is called directly."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert run().requests == 5
    assert len(basket.ids) == 472


def test_a_proxy_is_asked_for_other_machines(fake: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    """HTTP_PROXY holds for every API that is elsewhere."""
    proxy = fake.url.removesuffix("/tenants")
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, proxy)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with Client("http://api.example/tenants", clock=QuickClock()) as client:
        client.fetch(1, 100)
    assert [request.path for request in fake.requests] == ["http://api.example/tenants?page=1&limit=100"]


def test_nothing_is_sent_that_was_not_given(run: Run, fake: FakeApi) -> None:
    """No key, no cookies: no such headers."""
    run()
    assert not {"X-Apig-AppCode", "Cookie", "Authorization"} & set(fake.requests[0].headers)


def test_an_empty_list_is_complete(run: Run, fake: FakeApi, basket: Basket) -> None:
    """A totalRecord of 0 with no data is a whole extract of nothing."""
    fake.records = []
    report = run()
    assert (report.records, report.pages, report.is_complete, basket.ids) == (0, 1, True, [])


def test_a_limit_that_the_api_caps(run: Run, fake: FakeApi, basket: Basket) -> None:
    """Asked for 100 a page, it gives 60: eight pages, complete."""
    fake.max_limit = 60
    report = run()
    assert (report.pages, report.is_complete, basket.ids) == (8, True, ids(range(1, 473)))


def test_one_page_holds_all(run: Run, fake: FakeApi) -> None:
    """A page larger than the list."""
    report = run(page_size=1000)
    assert (report.pages, report.requests, report.is_complete) == (1, 1, True)


def test_progress_is_told(run: Run) -> None:
    """After each page: records so far and records promised."""
    told: list[tuple[int, int]] = []
    run(progress=lambda done, total: told.append((done, total)))
    assert told == [(100, 472), (200, 472), (300, 472), (400, 472), (472, 472)]


def test_unknown_fields_and_objects_are_counted_over_all_pages(run: Run, fake: FakeApi) -> None:
    """Wherever they appear."""
    fake.records[150]["brandCode"] = "x"
    fake.records[471] |= {"brandCode": None, "zone": {"a": 1}}
    report = run()
    assert (report.unknown_fields, report.not_text) == ({"brandCode": 2}, {"zone": 1})


def test_a_feed_of_ever_new_fields_fills_no_memory(run: Run, fake: FakeApi) -> None:
    """Beyond a hundred names they are counted together."""
    for number, record in enumerate(fake.records):
        record[f"new{number}"] = 1
    counted = run().unknown_fields
    assert len(counted) == 101
    assert (counted["new0"], counted["(other fields)"]) == (1, 372)


# Retries


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        (answers.status(503), "http_503"),
        (answers.status(500), "http_500"),
        (answers.status(429, retry_after=0), "http_429"),
        (answers.status(408), "http_408"),
        (answers.half_body(), "cut_short"),
        (answers.html_page(), "bad_body"),
        (answers.raw(b""), "bad_body"),
        (answers.raw(b"\xff\xfe"), "bad_body"),
        (answers.raw(b"[" * 100_000), "bad_body"),
        (answers.raw(b"no gzip", {"Content-Encoding": "gzip"}), "bad_body"),
        (answers.raw(b'{"data": [], "page": 2, "limit": 100, "totalPages": 5}'), "bad_body"),
        (answers.reset_connection(), "connection"),
    ],
)
def test_a_page_that_fails_twice_is_tried_again(
    run: Run, fake: FakeApi, basket: Basket, response: Response, reason: str
) -> None:
    """The extract is whole, and the retries are counted by reason."""
    fake.fail(2, response, response)
    report = run()
    assert (report.retries, report.requests, report.is_complete) == ({reason: 2}, 7, True)
    assert basket.ids == ids(range(1, 473))


@pytest.mark.parametrize("codes", [(100,), (103,), (102, 103, 199), (103,) * 20])
def test_interim_answers_are_passed_over(
    run: Run, fake: FakeApi, basket: Basket, codes: tuple[int, ...]
) -> None:
    """A gateway that sends 103 Early Hints first: the answer behind it counts, without another try."""
    fake.fail_always(2, answers.interim(*codes))
    report = run()
    assert (report.retries, report.requests, report.is_complete) == ({}, 5, True)
    assert basket.ids == ids(range(1, 473))


def test_interim_answers_without_end(run: Run, fake: FakeApi) -> None:
    """A server that never comes to its answer fails that try, as a connection that breaks."""
    fake.fail(2, answers.interim(*[103] * 21))
    assert run().retries == {"connection": 1}


def test_another_protocol_is_refused(run: Run, fake: FakeApi) -> None:
    """101 says that the connection speaks something else from here on: final, as any status of no use."""
    fake.fail(2, answers.interim(101))
    with pytest.raises(SourceError, match="answered 101; the API does not accept the request"):
        run()


def test_different_failures_of_one_page_share_its_budget(run: Run, fake: FakeApi) -> None:
    """Five retries in all, whatever the reasons; a sixth failure ends the run."""
    five = [
        answers.status(503),
        answers.half_body(),
        answers.html_page(),
        answers.status(502),
        answers.reset_connection(),
    ]
    fake.fail(3, *five)
    assert run().retries == {"http_503": 1, "cut_short": 1, "bad_body": 1, "http_502": 1, "connection": 1}
    fake.fail(3, *five, answers.status(504))
    with pytest.raises(SourceError, match=r"after 6 attempts \(.*\); the last: the API answered 504\."):
        run()


def test_waits_grow(run: Run, fake: FakeApi, clock: QuickClock) -> None:
    """The first retry comes at once; then about 1, 2, 4 and 8 s, each with up to half a second of jitter."""
    fake.fail(3, *[answers.status(503)] * 5)
    run()
    assert [int(wait * 2) / 2 for wait in clock.waits] == [1, 2, 4, 8]


@pytest.mark.parametrize(
    ("asked", "waits"),
    [("7", [7.0]), ("3600", [60.0]), ("soon", []), ("Mon, 01 Jan 2001 00:00:00 GMT", []), ("9" * 5000, [])],
)
def test_retry_after_is_kept_within_reason(
    run: Run, fake: FakeApi, clock: QuickClock, asked: str, waits: list[float]
) -> None:
    """Seconds or a date, at most a minute; what can't be read is ignored."""
    fake.fail(3, answers.status(429, retry_after=asked))
    assert run().is_complete
    assert clock.waits == waits


def test_a_page_that_hangs_times_out_and_is_tried_again(run: Run, fake: FakeApi) -> None:
    """The read timeout, then a good answer."""
    fake.fail(4, answers.hang(60))
    assert run(Limits(requests_per_second=FAST, read_timeout_s=1)).retries == {"timeout": 1}


def test_a_page_that_drips_meets_the_deadline(fake: FakeApi) -> None:
    """Each byte comes within the read timeout, but the page does not: it fails within its deadline."""
    fake.fail_always(1, answers.drip(0.02))
    limits = Limits(page_deadline_s=0.4, read_timeout_s=100)
    with (
        within(2),
        Client(fake.url, limits=limits) as client,
        pytest.raises(SourceError, match=r"took more than 0\.4 s"),
    ):
        client.fetch(1, 100)


def test_no_wait_goes_beyond_the_deadline(fake: FakeApi, clock: QuickClock) -> None:
    """Where the next try would come too late, the page fails now."""
    fake.fail_always(1, answers.status(503, retry_after=50))
    with (
        Client(fake.url, clock=clock) as client,
        pytest.raises(SourceError, match=r"after 3 attempts \(http_503 3\)"),
    ):
        client.fetch(1, 100)
    assert clock.waits == [50.0, 50.0]


# What is final


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        (401, "check X_APIG_APPCODE, and EXTERNAL_API_COOKIES in production"),
        (403, "check X_APIG_APPCODE and EXTERNAL_API_COOKIES"),
        (404, "check EXTERNAL_API_URL"),
        (400, "check EXTERNAL_API_URL"),
        (422, "check EXTERNAL_API_URL"),
        (304, "check EXTERNAL_API_URL"),
    ],
)
def test_a_refusal_stops_at_once_with_advice(run: Run, fake: FakeApi, code: int, advice: str) -> None:
    """No retry; the message names the setting to look at, and the status."""
    fake.fail_always(1, answers.status(code))
    with pytest.raises(SourceError, match=f" answered {code}; .*{advice}"):
        run()
    assert pages_of(fake) == [1]


def test_no_secret_is_in_a_message(fake: FakeApi) -> None:
    """Neither key, cookies, user, password nor secret parameters, when refused as when unreachable."""
    secrets: dict[str, Any] = {"app_code": "canary1", "cookies": "sid=canary2"}
    fake.fail_always(1, answers.status(401))
    unreachable = "http://user:canary3@127.0.0.1:1/?token=canary4"
    answering = f"{fake.url.replace('://', '://user:canary3@')}?token=canary4"
    for url in (answering, unreachable):
        with Client(url, **secrets, clock=QuickClock()) as client, pytest.raises(SourceError) as caught:
            client.fetch(1, 1)
        assert "canary" not in str(caught.value)
        assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_a_redirect_to_another_host_is_refused(run: Run, fake: FakeApi) -> None:
    """The key must not follow; nothing is asked there."""
    with FakeApi(tenants(5)) as other:
        fake.fail_always(1, answers.redirect(f"{other.url}?token=x"))
        with pytest.raises(
            SourceError,
            match=r"redirects to another place, http://127\.0\.0\.1:\d+, which must not get the key",
        ):
            run()
        assert other.requests == []


def test_a_redirect_on_the_same_host_is_followed(run: Run, fake: FakeApi) -> None:
    """As a proxy may do; it counts as a request."""
    fake.fail(1, answers.redirect("/elsewhere?page=1&limit=100"))
    assert (run().requests, fake.requests[1].path) == (6, "/elsewhere?page=1&limit=100")


def test_redirects_without_end_are_final(run: Run, fake: FakeApi) -> None:
    """Six requests, then advice."""
    fake.fail_always(1, answers.redirect("?page=1&limit=100"))
    with pytest.raises(SourceError, match="redirects without end; set EXTERNAL_API_URL to the final address"):
        run()
    assert len(fake.requests) == 6


@pytest.mark.parametrize(
    "pack", [lambda body: (body, {}), lambda body: (gzip.compress(body), {"Content-Encoding": "gzip"})]
)
def test_a_huge_body_is_final_and_fills_no_memory(
    fake: FakeApi, pack: Callable[[bytes], tuple[bytes, dict[str, str]]]
) -> None:
    """Sent plain or as a gzip bomb: it is read up to the limit only."""
    fake.fail_always(1, answers.raw(*pack(b" " * 50_000_000)))
    tracemalloc.start()
    try:
        with (
            Client(fake.url, limits=Limits(max_body_bytes=1_000_000)) as client,
            pytest.raises(
                SourceError, match=r"sent a page of more than 1,000,000 bytes\. Ask for fewer records"
            ),
        ):
            client.fetch(1, 100)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_a_packed_body_is_read(fake: FakeApi, basket: Basket) -> None:
    """Gzip, as most servers send it."""
    body = b'{"totalRecord": 1, "page": 1, "limit": 100, "totalPages": 1, "data": [{"uniqueId": "T1"}]}'
    fake.fail_always(1, answers.raw(gzip.compress(body), {"Content-Encoding": "gzip"}))
    with Client(fake.url) as client:
        extract(client, basket)
    assert basket.ids == ["T1"]


def test_page_3_fails_for_ever(run: Run, fake: FakeApi) -> None:
    """Exit 1, with the page, the reason and the tries."""
    fake.fail_always(3, answers.status(503))
    with pytest.raises(
        SourceError, match=r"^Could not fetch page 3 of .* after 6 attempts \(http_503 6\)"
    ) as caught:
        run()
    assert caught.value.exit_code == 1


def test_a_fatal_error_ends_the_run_while_other_pages_wait(fake: FakeApi, basket: Basket) -> None:
    """Page 5 is refused while page 2 waits to be tried again: nobody waits for page 2, and nothing more is asked."""

    def refuse_late(handler: Any, body: bytes) -> None:
        time.sleep(0.3)
        answers.status(403)(handler, body)

    fake.fail_always(2, answers.status(503, retry_after=60))
    fake.fail_always(5, refuse_late)
    with within(5), Client(fake.url) as client, pytest.raises(SourceError, match="answered 403"):
        extract(client, basket)
    time.sleep(0.2)
    assert pages_of(fake) == [1, 2, 3, 4, 5]


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Let SIGINT interrupt, as on a terminal: a shell that starts the tests in the background ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_an_interrupt_ends_the_run_at_once(ctrl_c: None, fake: FakeApi, basket: Basket) -> None:
    """An API that hangs for seconds does not hold Ctrl-C."""
    fake.records = tenants(1000)
    fake.fail_always(2, answers.hang(300))
    interrupt = threading.Timer(0.3, signal.pthread_kill, (threading.get_ident(), signal.SIGINT))
    with within(1.5), Client(fake.url, limits=Limits(read_timeout_s=300)) as client:
        started = time.monotonic()
        interrupt.start()
        with pytest.raises(KeyboardInterrupt):
            extract(client, basket)
        assert time.monotonic() - started >= 0.3


def test_a_bug_in_a_thread_is_not_swallowed(run: Run, fake: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that nobody foresaw comes out where the page is taken, also under allow_partial."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Client, "fetch", broken)
    for allow_partial in (False, True):
        with pytest.raises(ZeroDivisionError):
            run(allow_partial=allow_partial)


def test_a_head_that_drips_does_not_hold_the_run(
    fake: FakeApi, basket: Basket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No timeout of a library covers it; the run ends a little after the page's deadline."""

    def drip_head(handler: Any, _body: bytes) -> None:
        for _ in range(100):
            handler.wfile.write(b"H")
            handler.wfile.flush()
            time.sleep(0.02)

    monkeypatch.setattr("etl.extract.fetcher._GRACE_S", 0.1)
    fake.fail_always(1, drip_head)
    limits = Limits(page_deadline_s=0.2)
    with (
        Client(fake.url, limits=limits) as client,
        pytest.raises(SourceError, match=r"no whole page in 0\.3 s"),
    ):
        extract(client, basket)


# What does not add up


def test_a_list_that_shifts_is_read_again(run: Run, fake: FakeApi, basket: Basket) -> None:
    """A record goes while page 3 is read: every request is answered well, and yet the pass is not taken."""
    fake.before_page(3, lambda: fake.records.pop(0))
    report = run(in_flight=1)
    assert (report.passes, report.is_complete, report.records, basket.restarts) == (2, True, 471, 1)
    assert basket.ids == ids(range(2, 473))


def test_a_shift_that_keeps_the_total_is_found_by_its_doubles(
    run: Run, fake: FakeApi, basket: Basket
) -> None:
    """One record comes and one goes: the totals hold, but T100 stands on pages 1 and 2."""

    def shift() -> None:
        fake.records.pop()
        fake.records.insert(0, {"uniqueId": "T0"})

    fake.before_page(2, shift)
    report = run(in_flight=1)
    assert (report.passes, report.is_complete) == (2, True)
    assert basket.ids == ids(range(472))


def test_doubles_of_the_source_are_stable_and_accepted(run: Run, fake: FakeApi, basket: Basket) -> None:
    """Two passes with the same ids in the same order: the list has the record twice, nothing is missing."""
    fake.records.append(fake.records[0])
    report = run()
    assert (report.passes, report.is_complete, report.records, report.problems) == (2, True, 473, ())
    assert basket.ids == [*ids(range(1, 473)), "T1"]


def test_missing_ids_are_no_doubles(run: Run, fake: FakeApi) -> None:
    """Records without an id, or with a blank one, are none of the same id."""
    for number, value in enumerate((None, None, "", "", " ")):
        fake.records[number]["uniqueId"] = value
    assert run().passes == 1


def test_a_list_that_never_holds_still_fails(run: Run, fake: FakeApi, basket: Basket) -> None:
    """After three passes: exit 6, promised and got for each problem."""
    fake.before_page(3, *[lambda: fake.records.pop(0)] * 3)
    with pytest.raises(IncompleteExtract) as caught:
        run(in_flight=1)
    assert caught.value.exit_code == 6
    assert str(caught.value) == (
        "The API did not give what it promised, in 3 passes over its pages:\n"
        "- totalRecord changed while the pages were read, 3 times: "
        "page 3: 469, page 1: 470; page 4: 469, page 1: 470; page 5: 469, page 1: 470\n"
        "- a page has another number of records than promised: page 5: promised 70, got 69\n"
        "- the number of records is not the one promised: promised 470, got 469\n"
        "The list may change while it is read: run again, or go on with what there is (--allow-partial)."
    )


def test_a_partial_extract_says_so(run: Run, fake: FakeApi, basket: Basket) -> None:
    """With allow_partial what came is kept, and the report has the problems."""
    fake.before_page(3, *[lambda: fake.records.pop(0)] * 3)
    report = run(in_flight=1, allow_partial=True)
    assert (report.is_complete, report.passes, report.records) == (False, 3, 469)
    assert report.problems[-1] == "the number of records is not the one promised: promised 470, got 469"


def test_a_failed_page_is_left_out_when_allowed(run: Run, fake: FakeApi, basket: Basket) -> None:
    """The others are kept, in one pass, and the report names the page."""
    fake.fail_always(3, answers.status(503))
    report = run(allow_partial=True)
    assert basket.ids == ids(range(1, 201), range(301, 473))
    assert (report.is_complete, report.passes, report.pages) == (False, 1, 4)
    assert report.problems[0].startswith("a page failed: Could not fetch page 3 of http://127.0.0.1:")
    assert report.problems[1] == "the number of records is not the one promised: promised 472, got 372"


def test_a_failed_first_page_is_fatal_even_then(run: Run, fake: FakeApi) -> None:
    """Without it nothing is known of the list."""
    fake.fail_always(1, answers.status(503))
    with pytest.raises(SourceError, match="page 1"):
        run(allow_partial=True)


@pytest.mark.parametrize("total_pages", [-1, 1, 4, 6, 10**17])
def test_a_lie_about_pages_costs_no_more_requests(run: Run, fake: FakeApi, total_pages: int) -> None:
    """Pages are counted from totalRecord; the lie is told after three passes that stop at once."""
    fake.envelope = {"totalPages": total_pages}
    with pytest.raises(
        IncompleteExtract, match=rf"totalPages does not fit totalRecord: promised {total_pages}, but 472"
    ):
        run()
    assert len(fake.requests) == 15


@pytest.mark.parametrize(("total", "requests"), [(10**17, 100), (-1, 3)])
def test_a_lie_about_records_is_bounded(run: Run, fake: FakeApi, total: int, requests: int) -> None:
    """A pass ends soon after the pages do."""
    fake.envelope = {"totalRecord": total}
    with pytest.raises(IncompleteExtract, match=f"promised {total}, got"):
        run()
    assert len(fake.requests) <= requests


def test_an_empty_page_in_the_middle_is_not_the_end(run: Run, fake: FakeApi) -> None:
    """Though other tools take it for one."""
    empty = b'{"totalRecord": 472, "page": 3, "limit": 100, "totalPages": 5, "data": []}'
    fake.fail_always(3, answers.raw(empty))
    with pytest.raises(IncompleteExtract, match="a page is empty: page 3 of 5"):
        run()


def test_an_empty_first_page_is_not_an_empty_list(run: Run, fake: FakeApi) -> None:
    """No data, but a total: asked for again, then refused."""
    fake.envelope = {"data": []}
    with pytest.raises(IncompleteExtract, match="a page is empty: page 1 of 1"):
        run()
    assert pages_of(fake) == [1, 1, 1]


def test_the_same_page_for_ever(run: Run, fake: FakeApi) -> None:
    """An API that ignores the page number is found at the second page."""
    fake.envelope = {"page": 1, "data": tenants(100)}
    with pytest.raises(IncompleteExtract, match="another page came than asked for, 4 times: asked 2, got 1"):
        run()


# Speed and politeness


def test_never_more_than_four_pages_in_flight(run: Run, fake: FakeApi) -> None:
    """Also when pages fail, and when a pass is broken off and the next begins."""
    fake.records, fake.delay_s = tenants(2000), 0.01
    fake.fail(5, answers.status(503), answers.status(503))
    fake.before_page(7, lambda: fake.records.pop(0))
    assert run().is_complete
    assert fake.max_in_flight == 4


def test_pages_that_overtake_wait_for_their_turn(run: Run, fake: FakeApi, basket: Basket) -> None:
    """Page 2 is slow: no more than eight pages are asked for before it is there, and order holds."""
    fake.records = tenants(2000)
    asked: list[int] = []

    def wait_for_the_others(handler: Any, body: bytes) -> None:
        deadline = time.monotonic() + 60
        while len(fake.requests) < 9 and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.3)  # for one more, which must not come
        asked.append(len(fake.requests))
        handler.send(200, body)

    fake.fail(2, wait_for_the_others)
    run(Limits(requests_per_second=FAST, read_timeout_s=120))
    assert asked == [9]
    assert basket.ids == ids(range(1, 2001))


def test_the_pace_is_kept(fake: FakeApi, basket: Basket) -> None:
    """Twenty a second over all threads, retries included: no second sees more."""
    fake.records = tenants(430)
    fake.fail(9, answers.status(503))
    slow = slowness()
    with Client(fake.url, limits=Limits(requests_per_second=20)) as client:
        report = extract(client, basket, page_size=10)
    slow = max(slow, slowness())
    times = [request.at for request in fake.requests]
    assert report.requests == len(times) == 44
    # each begins in its turn, and comes a little after it, more or less so: later on a busy machine
    assert all(later - earlier > 1 - 0.2 * slow for earlier, later in zip(times, times[20:], strict=False))
    assert 2.0 <= times[-1] - times[0] < 3.0 * slow


def test_the_api_is_used_fully(fake: FakeApi, basket: Basket) -> None:
    """Ten pages of 200 ms, four in flight: one, then nine in three rounds; within a quarter of the ideal 0.8 s."""
    fake.records, fake.delay_s = tenants(1000), 0.2
    seconds, lost = [], []
    for _ in range(3):  # the best of three, as other programs share the machine
        slow = slowness()
        with Client(fake.url) as client:
            started = time.monotonic()
            extract(client, basket)
            seconds.append(time.monotonic() - started)
        lost.append((seconds[-1] - 0.8) / max(slow, slowness()))
    assert min(seconds) >= 0.8
    assert min(lost) < 0.2
