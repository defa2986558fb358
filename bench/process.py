"""Whole processes: how long they take on the clock and on the CPU, and how much memory at most."""

import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Cost:
    """What a process took.

    Attributes:
        wall_s: Seconds on the clock.
        cpu_s: Seconds of CPU, user and system, of the process and the children it waited for.
        peak_mb: Most resident memory, in MiB. Never less than that of the process that started it: keep that small.
        sent_mb: What it sent to Postgres, in MiB; None where that was not counted.
    """

    wall_s: float
    cpu_s: float
    peak_mb: float
    sent_mb: float | None = None


def run(command: Sequence[str], environment: Mapping[str, str], *, is_good: Iterable[int] = (0,)) -> Cost:
    """Run a command to its end, with an environment of its own.

    Raises:
        RuntimeError: It ended with another code than the good ones; the message has the end of what it wrote.
    """
    with tempfile.TemporaryFile() as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            command, env=dict(environment), stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in is_good:
            output.seek(0)
            end = output.read()[-3000:].decode(errors="replace")
            raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}:\n{end}")
    return Cost(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def median(times: int, measure: Callable[[int], Cost]) -> Cost:
    """Measure several times and return the median of each figure.

    Args:
        times: How often.
        measure: Is given the number of the time, from 0.
    """
    costs = [measure(number) for number in range(times)]
    return Cost(
        statistics.median(cost.wall_s for cost in costs),
        statistics.median(cost.cpu_s for cost in costs),
        statistics.median(cost.peak_mb for cost in costs),
    )
