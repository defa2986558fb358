"""Limits in seconds that hold on a busy machine too: they are longer by as much as the machine is slower just then."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_PROBE_S = 0.05


def slowness() -> float:
    """Return how many seconds it takes to get a second of CPU: 1 where nothing else runs."""
    started, used = time.monotonic(), time.thread_time()
    while time.thread_time() - used < _PROBE_S:
        pass
    return max((time.monotonic() - started) / (time.thread_time() - used), 1.0)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Hold a block to so many seconds on a machine that has nothing else to do.

    On a busy one it may take longer, by the ratio that is measured before and after it. So what a test tells apart by its
    limit has to lie far beyond it.
    """
    before = slowness()
    started = time.monotonic()
    yield
    took = time.monotonic() - started
    slow = max(before, slowness())
    assert took < seconds * slow, (
        f"it took {took:.1f} s, on a machine that was {slow:.1f} times as slow as by itself"
    )


def wait_until(is_so: Callable[[], object], most_s: float = 60.0) -> None:
    """Wait for something that comes soon; the limit only keeps a test from waiting for ever."""
    deadline = time.monotonic() + most_s
    while not is_so():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)
