"""The time of the extraction: a clock that tests can replace, and the pace of requests."""

import threading
import time
from collections import deque
from typing import Protocol


class Stopped(Exception):  # noqa: N818 — an event more than an error
    """The extraction ended while a page was waiting; nobody wants the page any more."""


class Clock:
    """Seconds that only go forward, and a way to let them pass."""

    def now(self) -> float:
        """Return seconds since an arbitrary moment."""
        return time.monotonic()

    def wait(self, seconds: float, stop: threading.Event) -> None:
        """Let seconds pass.

        Raises:
            Stopped: `stop` is set, or was set meanwhile.
        """
        if stop.wait(max(seconds, 0.0)):
            raise Stopped


class RateLimiter(Protocol):
    """Whoever tells when a request may start."""

    def wait_for_turn(self, stop: threading.Event) -> None:
        """Wait until the next request may start. Raises Stopped as Clock.wait does."""


class LocalRateLimiter:
    """At most so many requests a second, over all threads.

    In any second no more than `per_second` requests start (below 1: one in `1 / per_second` seconds), so
    a short list is read without waiting.
    """

    def __init__(self, per_second: float, clock: Clock) -> None:
        in_a_window = max(int(per_second), 1)
        self._window_s = in_a_window / per_second
        self._starts: deque[float] = deque(maxlen=in_a_window)
        self._clock = clock
        self._lock = threading.Lock()

    def wait_for_turn(self, stop: threading.Event) -> None:
        """Wait until the next request may start. Raises Stopped as Clock.wait does."""
        with self._lock:
            now = self._clock.now()
            is_full = len(self._starts) == self._starts.maxlen
            start = max(now, self._starts[0] + self._window_s) if is_full else now
            self._starts.append(start)
        self._clock.wait(start - now, stop)
