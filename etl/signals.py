"""SIGINT and SIGTERM end a run in an orderly way: what it began is rolled back, and its log says so."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from etl.errors import Interrupted

_STOP = (signal.SIGTERM, signal.SIGINT)


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
