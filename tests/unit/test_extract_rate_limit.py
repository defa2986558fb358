"""The clock and the pace."""

import threading

import pytest

from etl.extract.rate_limit import Clock, LocalRateLimiter, Stopped


class FakeClock(Clock):
    """Time that passes only by waiting."""

    def __init__(self) -> None:
        self.time = 100.0

    def now(self) -> float:
        """Return the time so far."""
        return self.time

    def wait(self, seconds: float, _: threading.Event) -> None:
        """Let time pass at once."""
        self.time += seconds


def starts(per_second: float, requests: int) -> list[float]:
    """Return when so many requests start that would all start at once."""
    clock = FakeClock()
    pace, stop, times = LocalRateLimiter(per_second, clock), threading.Event(), []
    for _ in range(requests):
        pace.wait_for_turn(stop)
        times.append(clock.time - 100.0)
    return times


def test_a_short_list_does_not_wait() -> None:
    """Three a second: three at once, the next three a second later."""
    assert starts(3, 8) == [0, 0, 0, 1, 1, 1, 2, 2]


def test_a_pace_below_one_a_second() -> None:
    """One in four seconds."""
    assert starts(0.25, 3) == [0, 4, 8]


def test_a_pace_that_is_no_whole_number() -> None:
    """2.5 a second: two in 0.8 seconds."""
    assert starts(2.5, 5) == pytest.approx([0, 0, 0.8, 0.8, 1.6])


def test_the_pace_holds_over_all_threads() -> None:
    """Turns are given out one by one, whoever asks."""
    times: list[float] = []

    class Recorder(FakeClock):
        def wait(self, seconds: float, _: threading.Event) -> None:
            times.append(seconds)

    pace = LocalRateLimiter(2, Recorder())
    threads = [threading.Thread(target=pace.wait_for_turn, args=(threading.Event(),)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(times) == [0, 0, 1, 1, 2, 2]


def test_a_wait_ends_when_stopped() -> None:
    """A wait of an hour ends at once, before it begins as well as within."""
    stop = threading.Event()
    threading.Timer(0.05, stop.set).start()
    with pytest.raises(Stopped):
        Clock().wait(3600, stop)
    with pytest.raises(Stopped):
        Clock().wait(0, stop)
