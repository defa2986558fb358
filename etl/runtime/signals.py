"""SIGINT and SIGTERM end a run in an orderly way: what it began is rolled back, and its log says so."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from queue import SimpleQueue
from types import FrameType
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from etl.errors import Interrupted

if TYPE_CHECKING:
    from concurrent.futures import Future

_T = TypeVar("_T")

_STOP = (signal.SIGTERM, signal.SIGINT)
_PATIENCE_S = 2.0
"""How long a cancelled call may take to end; after it the call is left behind."""
_FOREVER_S = 1e6
_STEP_S = 1.0

_Calls: TypeAlias = "SimpleQueue[tuple[Future[Any], Callable[[], Any]]]"

LEFT_BEHIND = threading.Event()
"""Set where a call was left behind for whose end the end of the process would wait, as of S3's client."""

_idle: list[_Calls] = []
"""Threads that wait for the next call: one, or more where a call was left behind."""


class NoAnswer(Exception):  # noqa: N818 — an event more than an error
    """A call took longer than it may."""


_received: list[int] = []
"""The signals that came while `interrupting`, but for those that are ignored."""

_ignored = threading.Event()

_held: list[int] = []
"""The signals that came while they were ignored."""


@contextmanager
def interrupting() -> Iterator[None]:
    """Turn SIGTERM and SIGINT into an Interrupted while the block runs; for the main thread only."""

    def interrupt(number: int, _frame: FrameType | None) -> None:
        if _ignored.is_set():
            _held.append(number)
            return
        _received.append(number)
        raise Interrupted(number)

    before = {number: signal.signal(number, interrupt) for number in _STOP}
    _forget()
    try:
        yield
    except BaseException as error:
        interrupted = as_interrupted(error)
        if interrupted is error:
            raise
        raise interrupted from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        _forget()


def _forget() -> None:
    """Leave nothing of a block to the next one, nor to a call outside any."""
    _received.clear()
    _held.clear()
    _ignored.clear()


def as_interrupted(error: BaseException) -> BaseException:
    """Return the Interrupted that a library swallowed, raising an error of its own; else the error itself.

    DuckDB raises a RuntimeError ("Query interrupted") in place of what the signal's handler raised; Ray goes on, and Python
    raises a SystemError at the end of the call ("returned a result with an exception set").
    """
    is_a_librarys = type(error) in {RuntimeError, SystemError} or isinstance(error, KeyboardInterrupt)
    return Interrupted(_received[0]) if is_a_librarys and _received else error


def outlast_signals() -> None:
    """Ignore both signals from here to `heed_signals` or the end of `interrupting`; elsewhere, as in a notebook, not.

    For a run that is committed: an Interrupted would say that nothing was written.
    """
    _ignored.set()


def is_asked_to_stop() -> bool:
    """Tell whether a signal has come, also one that is ignored for now."""
    return bool(_held or _received)


def heed_signals() -> None:
    """Heed both signals again, before the next run begins.

    Raises:
        Interrupted: one came while they were ignored.
    """
    _ignored.clear()
    if _held:
        _received.append(_held[0])
        raise Interrupted(_held[0])


def interruptibly(
    call: Callable[[], _T],
    cancel: Callable[[], object] | None,
    leave_behind: Callable[[], object],
    patience_s: float | None = None,
) -> _T:
    """Return what a call returns, in such a way that a signal need not wait for its end.

    Python runs a signal's handler between two steps of the main thread, so a call into a library would hold it up. Here
    the main thread only waits, and the call is made in another. (ADBC replaces the handler of SIGINT in the main thread,
    and then passes the signal to nobody; in another thread it does not.)

    Args:
        call: What may take long.
        cancel: Makes the call end early; called from another thread while it is under way. None where nothing does.
        leave_behind: Called where the call did not end even so: nothing that it uses may be used again.
        patience_s: Seconds that the call may take; None sets no limit.

    Raises:
        Interrupted: a signal came; the call was cancelled.
        NoAnswer: the call took longer; it was cancelled.
    """
    if threading.current_thread() is not threading.main_thread() and patience_s is None:
        return call()
    from concurrent.futures import Future  # noqa: PLC0415 — logging comes with it, which `etl --help` need not pay

    done: Future[_T] = Future()
    try:
        _hand_over(done, call)
        return _result(done, _FOREVER_S if patience_s is None else patience_s)
    except BaseException as error:
        if isinstance(error, TimeoutError) and done.done():
            return done.result()  # it ended just now, or that is its own error
        if not done.done():
            if not done.cancel():  # it is under way
                if cancel is not None:
                    _end(done, cancel)
                if not done.done():
                    leave_behind()
            if isinstance(error, TimeoutError):
                raise NoAnswer from None
        raise


def _result(done: "Future[_T]", patience_s: float) -> _T:
    """Return a call's result; raise a TimeoutError where it took longer.

    A signal that comes right before a wait begins is heard only when that ends, and Polars' handler of SIGINT lets Linux
    resume a wait without an end: so it is waited in steps.
    """
    end = time.monotonic() + patience_s
    while True:
        left = max(end - time.monotonic(), 0.0)
        try:
            return done.result(min(left, _STEP_S))
        except TimeoutError:
            if done.done() or left <= _STEP_S:
                raise


def _hand_over(done: "Future[_T]", call: Callable[[], _T]) -> None:
    """Let another thread make a call: one that is idle, since to start one takes as long as a short statement."""
    try:
        caller = _idle.pop()
    except IndexError:
        caller = SimpleQueue()
        threading.Thread(target=_serve, args=(caller,), name="calls", daemon=True).start()
    caller.put((done, call))


def _serve(caller: _Calls) -> None:
    while True:
        _settle(caller, *caller.get())  # nothing of a call stays here: its result may be large


def _settle(caller: _Calls, done: "Future[Any]", call: Callable[[], Any]) -> None:
    if done.set_running_or_notify_cancel():
        try:
            result = call()
        except BaseException as error:
            done.set_exception(error)
        else:
            done.set_result(result)
    # not before: a signal that comes while the main thread looks at `done` may leave that locked
    _idle.append(caller)


def _end(done: "Future[Any]", cancel: Callable[[], object]) -> None:
    from concurrent.futures import Future, wait  # noqa: PLC0415 — as above

    # in a thread of its own: a server that is gone may hold up this call as well
    cancelled: Future[Any] = Future()
    # A second signal is as good as the first.
    with suppress(Interrupted):
        threading.Thread(target=_cancel, args=(cancelled, cancel), name="cancel", daemon=True).start()
        # for both: a cancelling that is still on its way would hit the next statement
        wait([done, cancelled], _PATIENCE_S)


def _cancel(cancelled: "Future[Any]", cancel: Callable[[], object]) -> None:
    # the call may have ended meanwhile, or its connection be gone: then there is nothing to cancel
    with suppress(Exception):
        cancel()
    cancelled.set_result(None)
