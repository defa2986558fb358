"""SIGINT and SIGTERM end a run in an orderly way: what it began is rolled back, and its log says so."""

import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TypeVar

from etl.errors import Interrupted

_T = TypeVar("_T")

_STOP = (signal.SIGTERM, signal.SIGINT)
_PATIENCE_S = 3.0
"""How long a cancelled call may take to end; after it the call is left behind."""


class NoAnswer(Exception):  # noqa: N818 — an event more than an error
    """A call took longer than it may."""


@contextmanager
def interrupting() -> Iterator[None]:
    """Turn SIGTERM and SIGINT into an Interrupted while the block runs; for the main thread only."""

    def interrupt(number: int, _frame: FrameType | None) -> None:
        raise Interrupted(number)

    before = {number: signal.signal(number, interrupt) for number in _STOP}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def outlast_signals() -> None:
    """Ignore both signals from here to the end of `interrupting`.

    For a run that is committed: an Interrupted would say that nothing was written.
    """
    for number in _STOP:
        signal.signal(number, signal.SIG_IGN)


def interruptibly(
    call: Callable[[], _T], cancel: Callable[[], object], patience_s: float | None = None
) -> _T:
    """Return what a call returns, in such a way that a signal need not wait for its end.

    Python runs a signal's handler between two steps of the main thread, so a call into a library would hold it up. Here
    the main thread only waits, and the call is made in another. (ADBC replaces the handler of SIGINT in the main thread,
    and then tells nobody of the signal; in another thread it does not.)

    Args:
        call: What may take long.
        cancel: Makes the call end early; called from another thread while it is under way.
        patience_s: Seconds that the call may take; None sets no limit.

    Raises:
        Interrupted: a signal came; the call was cancelled, and has ended if it could.
        NoAnswer: the call took longer; it was cancelled, and left behind if it did not end then.
    """
    if threading.current_thread() is not threading.main_thread() and patience_s is None:
        return call()
    done: Future[_T] = Future()
    threading.Thread(target=_settle, args=(done, call), name="call", daemon=True).start()
    try:
        return done.result(patience_s)
    except BaseException as error:
        if not done.done():
            _end(done, cancel)
            if isinstance(error, TimeoutError):
                raise NoAnswer from None
        raise


def _settle(done: "Future[_T]", call: Callable[[], _T]) -> None:
    try:
        done.set_result(call())
    except BaseException as error:
        done.set_exception(error)


def _end(done: "Future[_T]", cancel: Callable[[], object]) -> None:
    def cancel_quietly() -> None:
        # the call may have ended meanwhile, or its connection be gone: then there is nothing to cancel
        with suppress(Exception):
            cancel()

    # in a thread of its own: a server that is gone may hold up this call as well
    threading.Thread(target=cancel_quietly, name="cancel", daemon=True).start()
    # a second signal is as good as the first
    with suppress(Interrupted):
        wait([done], _PATIENCE_S)
