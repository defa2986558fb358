"""What the process may use: as many CPUs as its container has, little memory, and no library that it does not need.

The libraries ask the machine, not the container, how many threads to start, and keep memory that they freed for later use.
All of them read the environment once, when they are loaded: `set_up` comes before that, and changes nothing that is set.
"""

import os
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import cast

_CGROUP = Path("/sys/fs/cgroup")
_MOST_THREADS = 4
_MALLOC = {-8: 1, -3: 512 << 10, -1: 512 << 10}
"""M_ARENA_MAX, M_MMAP_THRESHOLD, M_TRIM_THRESHOLD of malloc.h."""


def set_up(environment: MutableMapping[str, str]) -> None:
    """Tell the libraries how many threads to start, and to give back what they free.

    Figures: bench/README.md.
    """
    threads = str(min(max(int(cpus()), 1), _MOST_THREADS))
    for name, value in {
        "POLARS_MAX_THREADS": threads,
        "OMP_NUM_THREADS": threads,  # Arrow's too
        "ARROW_DEFAULT_MEMORY_POOL": "system",
        "_RJEM_MALLOC_CONF": "dirty_decay_ms:0,muzzy_decay_ms:0",  # Polars'
    }.items():
        environment.setdefault(name, value)


def save_memory() -> None:
    """Let the C library give back what is freed, and keep one heap rather than one a thread; where it is glibc.

    To be called once large libraries are to be loaded: it costs some milliseconds itself.
    """
    import ctypes  # noqa: PLC0415 — see above

    with suppress(AttributeError, OSError):
        mallopt = ctypes.CDLL(None).mallopt
        for parameter, value in _MALLOC.items():
            mallopt(parameter, value)


def cpus(cgroup: Path = _CGROUP) -> float:
    """Return how many CPUs the process may use: those of its cgroup (v2 or v1), else those that it may run on."""
    allowed = float(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    return min(allowed, _quota(cgroup) or allowed)


def _quota(cgroup: Path) -> float | None:
    try:
        if (found := cgroup / "cpu.max").exists():
            quota, period = found.read_text().split()
        else:
            quota, period = (
                (cgroup / "cpu" / f"cpu.cfs_{name}_us").read_text() for name in ("quota", "period")
            )
        return int(quota) / int(period) if int(quota) > 0 else None
    except (OSError, ValueError, ZeroDivisionError):  # no cgroup, or `max`: no limit
        return None


@contextmanager
def without(name: str, *, is_required: bool = False) -> Iterator[None]:
    """Let imports in the block not find a module, unless it is loaded already; after the block it can be imported.

    Where it is required, the importer can't do without: it gets an empty module. A quarter of the time of a small run is
    imports; bench/README.md has the figures of each use of this.
    """
    if name in sys.modules:
        yield
        return
    # to the import system, None says that there is no such module
    sys.modules[name] = ModuleType(name) if is_required else cast("ModuleType", None)
    try:
        yield
    finally:
        del sys.modules[name]
