"""Calls that a signal may end are made by another thread: one that is idle, and never one that does not come back."""

import gc
import threading
import weakref

import pytest

from etl.runtime.signals import NoAnswer, interruptibly


class Result:
    """Something that can be referred to weakly."""


def here() -> threading.Thread:
    """Return the thread that makes a call."""
    return interruptibly(threading.current_thread, None, lambda: None)


def test_a_thread_makes_one_call_after_another() -> None:
    """It is not the main one, and few are started."""
    threads = {here() for _ in range(200)}
    assert threading.main_thread() not in threads
    assert len(threads) < 10


def test_a_call_raises_what_it_raised() -> None:
    """And its thread makes the next one."""

    def fail() -> None:
        raise TimeoutError("its own")

    for patience_s in (None, 5.0):
        with pytest.raises(TimeoutError, match="its own"):
            interruptibly(fail, None, lambda: None, patience_s)
    assert here() is not threading.main_thread()


def test_a_call_that_does_not_come_back_gets_no_other() -> None:
    """The caller is told; the next calls are made by other threads, until it is back."""
    go, left = threading.Event(), []
    stuck: list[threading.Thread] = []

    def wait() -> None:
        stuck.append(threading.current_thread())
        go.wait()

    with pytest.raises(NoAnswer):
        interruptibly(wait, None, lambda: left.append("behind"), 0.05)
    assert left == ["behind"]
    assert stuck[0] not in {here() for _ in range(20)}
    go.set()


def test_a_call_that_can_be_cancelled_is() -> None:
    """It ends early, and is not left behind."""
    go, left = threading.Event(), []
    with pytest.raises(NoAnswer):
        interruptibly(go.wait, go.set, lambda: left.append("behind"), 0.05)
    assert left == []


def test_nothing_of_a_call_stays() -> None:
    """Its result is gone when the caller lets go of it, though no other call has followed."""
    result = interruptibly(Result, None, lambda: None)
    gone = weakref.ref(result)
    del result
    gc.collect()
    assert gone() is None


def test_many_threads_at_once() -> None:
    """Each gets its own result."""
    found: dict[int, int] = {}

    def ask(number: int) -> None:
        for _ in range(50):
            found[number] = interruptibly(lambda: number, None, lambda: None, 30)
            assert found[number] == number

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: number for number in range(8)}
