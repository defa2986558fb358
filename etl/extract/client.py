"""HTTP to the API: one page at a time, with retries, a pace and limits.

A page gets one budget of tries, whatever goes wrong. urllib3's Retry counts them and computes the waits
(backoff, jitter, Retry-After); this module does the waiting, so that retries keep the pace and can stop.
No message holds a header, or an address with its secrets.
"""

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

import requests
from urllib3.exceptions import HTTPError, InvalidHeader
from urllib3.util.retry import Retry

from etl._version import __version__
from etl.errors import ConfigError, SourceError
from etl.extract.adapter import environment_of, open_session
from etl.extract.http_errors import Failure, explain, refuse
from etl.extract.parse import BadPage, Page
from etl.extract.parse_fast import PageReader
from etl.extract.rate_limit import Clock, LocalRateLimiter, RateLimiter
from etl.extract.urls import check_url, is_same_place, page_url
from etl.model.results import ExtractResult
from etl.runtime.redact import public_place, public_url

_CHUNK_BYTES = 1 << 18
_MAX_REDIRECTS = 5


@dataclass(frozen=True)
class Limits:
    """How fast, how long and how much.

    Attributes:
        requests_per_second: Over all threads, retries included.
        retries: Further tries of a page after the first.
        connect_timeout_s: Seconds to wait for a connection.
        read_timeout_s: Seconds to wait for each piece of an answer.
        page_deadline_s: Seconds for a page from its first request on, all tries and waits included.
        max_retry_after_s: A longer Retry-After is cut to this.
        max_body_bytes: Size of a page's body, unpacked.
        connections: Kept open at a time.
    """

    requests_per_second: float = 10.0
    retries: int = 5
    connect_timeout_s: float = 10.0
    read_timeout_s: float = 30.0
    page_deadline_s: float = 120.0
    max_retry_after_s: float = 60.0
    max_body_bytes: int = 16 << 20
    connections: int = 4


@dataclass(frozen=True)
class RequestCounts:
    """What a client has done so far; latencies in seconds, of good pages only, 0 where there is none."""

    requests: int
    retries: Mapping[str, int]
    latency_avg_s: float
    latency_max_s: float

    def added_to(self, extracted: ExtractResult) -> ExtractResult:
        """Return the outcome of an extraction with these figures."""
        return replace(
            extracted,
            requests=self.requests,
            retries=dict(self.retries),
            latency_avg_s=round(self.latency_avg_s, 4),
            latency_max_s=round(self.latency_max_s, 4),
        )


class Client:
    """The API, for any number of threads; a context manager that closes its connections.

    Args:
        url: EXTERNAL_API_URL; a query in it stays.
        app_code: Sent as X-Apig-AppCode.
        cookies: Sent as Cookie; cookies that the API sets are not kept.
        limits: Pace, tries, times and sizes.
        clock: The time; tests give their own.
        rate_limiter: The pace, where it is shared with other clients; None for one of its own, of `limits`.

    Raises:
        ConfigError: The address or a header can't be sent.
    """

    def __init__(  # noqa: PLR0913 — what a client is made of, given by name
        self,
        url: str,
        *,
        app_code: str | None = None,
        cookies: str | None = None,
        limits: Limits | None = None,
        clock: Clock | None = None,
        rate_limiter: RateLimiter | None = None,
    ) -> None:
        check_url(url)
        self.limits = limits or Limits()
        self.clock = clock or Clock()
        self.shown_url = public_url(url)
        self._url = url
        self._headers = _headers(app_code, cookies)
        self._rate_limiter = rate_limiter or LocalRateLimiter(self.limits.requests_per_second, self.clock)
        self._session = open_session(self.limits.connections)
        self._places: dict[tuple[str, str], tuple[requests.PreparedRequest, Any]] = {}
        self._lock = threading.Lock()
        self._reader = PageReader()
        self._reading = threading.Lock()
        self._retries: Counter[str] = Counter()
        self._requests = self._good = 0
        self._latency_sum_s = self._latency_max_s = 0.0

    def __enter__(self) -> Self:
        """Return the client."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        self.close()

    def close(self) -> None:
        """Close the connections that no thread uses."""
        self._session.close()

    def counts(self) -> RequestCounts:
        """Return what was done so far."""
        with self._lock:
            average = self._latency_sum_s / self._good if self._good else 0.0
            return RequestCounts(self._requests, dict(self._retries), average, self._latency_max_s)

    def fetch(self, number: int, limit: int, stop: threading.Event | None = None) -> Page:
        """Get a page.

        Args:
            number: From 1.
            limit: Records a page; the API may give fewer.
            stop: Ends waiting between tries when set.

        Raises:
            SourceError: The API refused, or did not give the page in the tries and the time it has.
            Stopped: `stop` was set.
        """
        stop = stop or threading.Event()
        retry = Retry(
            self.limits.retries,
            backoff_factor=0.5,
            backoff_jitter=0.5,
            backoff_max=self.limits.max_retry_after_s,
        )
        reasons: Counter[str] = Counter()
        self._rate_limiter.wait_for_turn(stop)
        deadline = self.clock.now() + self.limits.page_deadline_s
        while True:
            outcome = self._try(page_url(self._url, number, limit), deadline, stop)
            if isinstance(outcome, Page):
                return outcome
            reasons[outcome.reason] += 1
            retry, wait_s = self._next_wait(retry, outcome)
            if wait_s is None or self.clock.now() + wait_s >= deadline:
                raise self._give_up(number, reasons, outcome)
            with self._lock:
                self._retries[outcome.reason] += 1
            self.clock.wait(wait_s, stop)
            self._rate_limiter.wait_for_turn(stop)

    def _next_wait(self, retry: Retry, failure: Failure) -> tuple[Retry, float | None]:
        """Return the seconds to wait before the next try, None when there is none left."""
        if not retry.total:
            return retry, None
        retry = retry.increment(method="GET")
        if failure.retry_after is not None:
            try:
                asked_s = retry.parse_retry_after(failure.retry_after)
                return retry, min(asked_s, self.limits.max_retry_after_s)
            except (InvalidHeader, ValueError, OverflowError):
                pass  # unreadable: as if it were not there
        return retry, retry.get_backoff_time()

    def _give_up(self, number: int, reasons: Counter[str], last: Failure) -> SourceError:
        tries = reasons.total()
        counted = ", ".join(f"{reason} {count}" for reason, count in reasons.items())
        return SourceError(
            f"Could not fetch page {number} of {self.shown_url} after {tries} attempt{'' if tries == 1 else 's'} "
            f"({counted}); the last: {last.message}. "
            "See that EXTERNAL_API_URL answers from here, and run again."
        )

    def _try(self, url: str, deadline: float, stop: threading.Event) -> Page | Failure:
        """Ask once, redirects followed. Raise SourceError for what another try would not mend."""
        try:
            for _ in range(_MAX_REDIRECTS + 1):
                started = self.clock.now()
                with self._get(url, deadline) as response:
                    if (
                        target := response.headers.get("Location")
                        if 300 <= response.status_code < 400
                        else None
                    ):
                        url = self._follow(url, target)
                        self._rate_limiter.wait_for_turn(stop)
                        continue
                    refuse(response, self.shown_url)
                    body = self._read_body(response, deadline)
                latency_s = self.clock.now() - started
                with self._reading:  # one at a time: reading takes several times the memory of the body
                    page = self._reader.read(body)
                self._count_good(latency_s)
                return page
        except Failure as failure:
            return failure
        except BadPage as error:
            return Failure("bad_body", str(error))
        except (OSError, HTTPError) as error:  # the first is requests' base too
            return explain(error, self.shown_url)
        raise SourceError(
            f"{self.shown_url} redirects without end; set EXTERNAL_API_URL to the final address."
        )

    def _get(self, url: str, deadline: float) -> requests.Response:
        """Send a request by the adapter itself: a session's own way costs half as much again as all else.

        No redirect is followed, and no cookie kept.
        """
        with self._lock:
            self._requests += 1
        left_s = max(deadline - self.clock.now(), 0.001)
        timeouts = min(self.limits.connect_timeout_s, left_s), min(self.limits.read_timeout_s, left_s)
        prepared, environment = self._prepare(url)
        request = prepared.copy()
        request.prepare_url(url, None)
        return self._session.get_adapter(url).send(request, timeout=timeouts, **environment)

    def _prepare(self, url: str) -> tuple[requests.PreparedRequest, Any]:
        """Return the request to a place, and what the environment says of it: proxies, authorities, ~/.netrc."""
        place = urlsplit(url)[:2]
        if place not in self._places:
            request = self._session.prepare_request(requests.Request("GET", url, headers=self._headers))
            self._places[place] = request, environment_of(self._session, url)
        return self._places[place]

    def _follow(self, url: str, location: str) -> str:
        try:
            target = urljoin(url, location)
        except ValueError:
            target = ""
        if not is_same_place(url, target):
            # nothing else of the target: its path or query may repeat a key, in whatever form
            raise SourceError(
                f"{self.shown_url} redirects to another place, {public_place(target)}, "
                "which must not get the key. Set EXTERNAL_API_URL to the final address if that is right."
            )
        return target

    def _read_body(self, response: requests.Response, deadline: float) -> bytes:
        """Read in pieces: neither a large body, a packed one, nor a slow one can take more than its limit."""
        body = bytearray()
        while piece := response.raw.read1(_CHUNK_BYTES, decode_content=True):
            body += piece
            if len(body) > self.limits.max_body_bytes:
                raise SourceError(
                    f"{self.shown_url} sent a page of more than {self.limits.max_body_bytes:,} bytes. "
                    "Ask for fewer records a page, or see what the API sends."
                )
            if self.clock.now() > deadline:
                raise Failure("timeout", f"the page took more than {self.limits.page_deadline_s:g} s")
        return bytes(body)

    def _count_good(self, latency_s: float) -> None:
        with self._lock:
            self._good += 1
            self._latency_sum_s += latency_s
            self._latency_max_s = max(self._latency_max_s, latency_s)


def _headers(app_code: str | None, cookies: str | None) -> dict[str, str]:
    headers = {
        "Accept": "application/json",
        "Accept-Encoding": "gzip, deflate",
        "User-Agent": f"iconsiam-etl/{__version__}",
    }
    for header, value, setting in (
        ("X-Apig-AppCode", app_code, "X_APIG_APPCODE"),
        ("Cookie", cookies, "EXTERNAL_API_COOKIES"),
    ):
        if value:
            if not (value.isascii() and value.isprintable()):
                raise ConfigError(
                    f"{setting} can't be sent: it holds a line break or a character beyond ASCII."
                )
            headers[header] = value.strip()
    return headers
