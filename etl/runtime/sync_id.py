"""Ids of runs and of snapshots: they sort by the time of their making, also within a second."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Lock

_SECOND_NS = 1_000_000_000
_TICKS = 1 << 24
"""Parts of a second that six hexadecimal digits can tell apart, of about 60 ns."""


class SyncIds:
    """Makes ids, each greater than all before it, whatever the clock does.

    Two processes of a machine make them in order as well, as far as its clock can tell the moments apart.

    Args:
        clock: Nanoseconds since 1970.
    """

    def __init__(self, clock: Callable[[], int] = time.time_ns) -> None:
        self._clock = clock
        self._lock = Lock()
        self._last = 0

    def new(self) -> str:
        """Return an id, e.g. `20261123T210451Z-3f9a1c`: the second in UTC, and the part of it that has passed."""
        with self._lock:
            # one tick more where the clock stands still, or was set back
            self._last = max(self._clock() * _TICKS // _SECOND_NS, self._last + 1)
            second, tick = divmod(self._last, _TICKS)
        return f"{datetime.fromtimestamp(second, UTC):%Y%m%dT%H%M%SZ}-{tick:06x}"


new_sync_id = SyncIds().new
"""Returns an id that sorts after all that this process has made, e.g. `20261123T210451Z-3f9a1c`."""
