"""Pages in order, a few at a time."""

import math
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from queue import SimpleQueue
from types import TracebackType
from typing import Self

from etl.errors import SourceError
from etl.extract.client import Client
from etl.extract.parse import Page

_GRACE_S = 30.0


_Asked = tuple[Future[Page], int, threading.Event]


class TimeIsUp(SourceError):  # noqa: N818 — an event more than an error, which becomes a finding after the first page
    """The list took longer than the extraction may."""


def time_is_up(shown_url: str, deadline_s: float) -> TimeIsUp:
    """Return the error that says so."""
    return TimeIsUp(
        f"{shown_url} did not give its list in {deadline_s:,g} s. "
        "See why it is slow, or without end; API_DEADLINE_S is how long it may take."
    )


class Fetcher:
    """Gets pages in order, several at a time: at most in_flight on their way, and as many that wait.

    A context manager: at its end nobody wants another page. Its threads are daemons: an interrupt need not wait for a
    slow API. They serve one page after another; to start one for each page took a third of the time of a quick list.

    Args:
        client: The API.
        page_size: Records to ask for.
        in_flight: Pages on their way at a time.
        fail_fast: Whether one page that failed ends it all.
        deadline_s: Seconds from now on that all pages may take; 0 for as long as they like.
    """

    def __init__(
        self, client: Client, page_size: int, in_flight: int, *, fail_fast: bool, deadline_s: float = 0
    ) -> None:
        self.stop = threading.Event()
        self._deadline_s = deadline_s
        self._ends_at = client.clock.now() + deadline_s if deadline_s else math.inf
        self._client = client
        self._page_size = page_size
        self._in_flight = in_flight
        self._fail_fast = fail_fast
        self._running: list[Future[Page]] = []
        self._asked: SimpleQueue[_Asked | None] = SimpleQueue()
        self._threads = 0

    def __enter__(self) -> Self:
        """Return the fetcher."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the threads end, each after the page it is at."""
        self.stop.set()
        for _ in range(self._threads):
            self._asked.put(None)

    def pages(self, numbers: range) -> Iterator[tuple[int, Page | SourceError]]:
        """Yield pages in order, each with its number, or with what it failed of.

        Raises:
            SourceError: With `fail_fast`, as soon as any page failed, in order or not.
            TimeIsUp: `deadline_s` is over.
        """
        following = numbers.start  # not a list: the API says how many pages there are, and may lie
        ahead: deque[tuple[int, Future[Page]]] = deque()
        while following < numbers.stop or ahead:
            self._left_s()
            done = self._sweep()
            if self._fail_fast:
                _raise_first(done)
            while (
                following < numbers.stop
                and len(self._running) < self._in_flight
                and len(ahead) < 2 * self._in_flight
            ):
                ahead.append((following, self._start(following)))
                following += 1
            if ahead[0][1] in self._running:
                self._wait()
            else:
                number, future = ahead.popleft()
                yield number, _outcome(future)

    def drain(self) -> None:
        """Wait until no page is on its way; those that wait for another try end at once."""
        self.stop.set()
        while self._running:
            self._wait()
            self._sweep()
        self.stop = threading.Event()

    def _sweep(self) -> list[Future[Page]]:
        done = [future for future in self._running if future.done()]
        self._running = [future for future in self._running if future not in done]
        return done

    def _left_s(self) -> float:
        left_s = self._ends_at - self._client.clock.now()
        if left_s <= 0:
            raise time_is_up(self._client.shown_url, self._deadline_s)
        return left_s

    def _wait(self) -> None:
        patience_s = self._client.limits.page_deadline_s + _GRACE_S
        if not wait(self._running, min(patience_s, self._left_s()), FIRST_COMPLETED).done:
            self._left_s()
            raise SourceError(
                f"{self._client.shown_url} sent no whole page in {patience_s:g} s. "
                "See that EXTERNAL_API_URL answers from here, and run again."
            )

    def _start(self, number: int) -> Future[Page]:
        future: Future[Page] = Future()
        self._running.append(future)
        self._asked.put((future, number, self.stop))
        if self._threads < len(self._running):
            self._threads += 1
            threading.Thread(target=self._serve, name=f"pages-{self._threads}", daemon=True).start()
        return future

    def _serve(self) -> None:
        while asked := self._asked.get():
            future, number, stop = asked
            try:
                future.set_result(self._client.fetch(number, self._page_size, stop))
            except BaseException as error:
                future.set_exception(error)


def _outcome(future: Future[Page]) -> Page | SourceError:
    error = future.exception()
    if error is None:
        return future.result()
    if isinstance(error, SourceError):
        return error
    raise error


def _raise_first(done: Iterable[Future[Page]]) -> None:
    for future in done:
        if error := future.exception():
            raise error
