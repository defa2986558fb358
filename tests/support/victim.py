"""`etl` in a process that sends itself a signal at a moment that a test chose.

python -m tests.support.victim AT SIGNAL DELAY_MS ARGUMENTS…

AT is `stage:NAME` (as that stage begins), `before:TEXT` or `after:TEXT` (a statement that is, or is named, so),
`call:N` (the nth call to the database), or `never`, which prints the number of calls to stderr in the end.
"""

import faulthandler
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from adbc_driver_postgresql import dbapi  # noqa: F401 — so that each moment is one of the run, not of its imports

from etl.db.connection import Postgres
from etl.runtime.timing import StageTimer

CALLS = "calls to the database: "


class _Killer:
    def __init__(self, at: str, number: int, delay_s: float) -> None:
        self._at = at
        self._number = number
        self._delay_s = delay_s
        self.calls = 0

    def passes(self, moment: str) -> None:
        if moment != self._at:
            return
        if self._delay_s:
            threading.Thread(target=self._kill_later, daemon=True).start()
        else:
            os.kill(os.getpid(), self._number)

    def _kill_later(self) -> None:
        time.sleep(self._delay_s)
        os.kill(os.getpid(), self._number)


def main() -> None:
    """Run the command; one that hangs says where."""
    faulthandler.dump_traceback_later(30, exit=True)
    at, number, delay_ms = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    killer = _Killer(at, number, delay_ms / 1000)
    _patch_database(killer)
    _patch_stages(killer)
    sys.argv = ["etl", *sys.argv[4:]]
    from etl.cli.app import main as etl  # noqa: PLC0415 — after the patches

    try:
        etl()
    finally:
        for stop in (signal.SIGTERM, signal.SIGINT):  # what follows is this script's own
            signal.signal(stop, signal.SIG_IGN)
        print(f"{CALLS}{killer.calls}", file=sys.stderr, flush=True)


def _patch_database(killer: _Killer) -> None:
    def watched(call: Callable[..., Any]) -> Callable[..., Any]:
        def run(self: Postgres, what: str, *args: Any, **options: Any) -> Any:
            killer.calls += 1
            killer.passes(f"call:{killer.calls}")
            killer.passes(f"before:{what}")
            result = call(self, what, *args, **options)
            killer.passes(f"after:{what}")
            return result

        return run

    for name in ("execute", "read", "ingest"):
        setattr(Postgres, name, watched(getattr(Postgres, name)))


def _patch_stages(killer: _Killer) -> None:
    timed: Callable[[StageTimer, str], AbstractContextManager[None]] = StageTimer.timed

    @contextmanager
    def watched(self: StageTimer, stage: str) -> Iterator[None]:
        with timed(self, stage):
            killer.passes(f"stage:{stage}")
            yield

    StageTimer.timed = watched  # type: ignore[method-assign]  # what is tested is the process, not this class


if __name__ == "__main__":
    main()
