"""The pace of requests over a whole cluster: one actor gives out turns, evenly spaced.

A turn is a moment, not a thing to be given back: a worker that dies with one has wasted it, and holds up nobody. How many
requests are under way at a time needs no actor: the driver runs no more tasks than share API_IN_FLIGHT.
"""

import threading
import time
from types import ModuleType
from typing import Any, Protocol

from etl.engines.ray.spread import outside, said_by
from etl.errors import ClusterError
from etl.extract.rate_limit import Clock
from etl.runtime.signals import NoAnswer

_START_S = 120.0
"""How long a cluster may take to start one process; a busy one of two cores took 6 s."""


class RateLimiterActor:
    """Gives each request its moment; runs as an actor.

    Started again after its process died, it goes on from that moment.

    Args:
        per_second: Requests a second, over all workers.
    """

    def __init__(self, per_second: float) -> None:
        self._interval_s = 1 / per_second
        self._next = 0.0

    def take(self) -> float:
        """Return how many seconds to wait until the next request may start."""
        now = time.monotonic()
        start = max(now, self._next)
        self._next = start + self._interval_s
        return start - now


class Handle(Protocol):
    """An actor of `RateLimiterActor`, as other processes see it."""

    take: Any
    __ray_ready__: Any


def start_rate_limiter(ray: ModuleType, per_second: float) -> Handle:
    """Start the actor; it ends when nobody has its handle any more.

    It is there at the return: the seconds that it takes to start are none of the API's, which may have a limit.

    Raises:
        ClusterError: The cluster does not start it.
    """
    remote = ray.remote(num_cpus=0, max_restarts=-1, max_task_retries=-1)(RateLimiterActor)
    handle: Handle = remote.remote(per_second)
    ready = handle.__ray_ready__.remote()
    try:
        outside(lambda: ray.get(ready), _START_S)
    except (NoAnswer, ray.exceptions.RayError) as error:
        said = said_by(error) or f"nothing came of it in {_START_S:g} s"
        raise ClusterError(
            f"The Ray cluster can't start a process, the one that keeps the pace of requests: {said}. Nothing was written. "
            "See that its nodes are up and have memory, and that they have the same image; then run again."
        ) from error
    return handle


class SharedRateLimiter:
    """What `etl.extract.rate_limit.LocalRateLimiter` is within a process, over a cluster."""

    def __init__(self, ray: ModuleType, rate_limiter: Handle) -> None:
        self._ray = ray
        self._actor = rate_limiter
        self._clock = Clock()

    def wait_for_turn(self, stop: threading.Event) -> None:
        """Wait until the next request may start. Raises Stopped as Clock.wait does."""
        self._clock.wait(self._ray.get(self._actor.take.remote()), stop)
