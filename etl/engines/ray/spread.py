"""Calls spread over the workers of a cluster, a few at a time."""

import math
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from types import ModuleType
from typing import Any, TypeVar

from etl.errors import ClusterError, EtlError
from etl.runtime.signals import interruptibly

_T = TypeVar("_T")

TRIES_AFTER_DEATH = 3
"""How often a call is made again whose worker died."""

_POLL_S = 0.5
_PATIENCE_S = 5.0
_LEAST_S = 0.001


def spread(
    ray: ModuleType,
    call: "Callable[..., _T | EtlError]",
    arguments: Iterable[tuple[Any, ...]],
    at_a_time: int,
    until: float = math.inf,
) -> Iterator[tuple[int, _T]]:
    """Yield what a function returns for each of its arguments, with their number from 0, in the order in which they end.

    Whoever stops asking ends the calls that are under way.

    Args:
        ray: Connected.
        call: Returns an error of ours instead of raising it; its work may be repeated.
        arguments: Arguments of each call; taken as calls end, so they may be many.
        at_a_time: How many calls are under way.
        until: Seconds since 1970 after which nobody waits any more.

    Raises:
        EtlError: A call returned it.
        ClusterError: The worker of a call died, and so did those of its repeats.
    """
    remote = ray.remote(num_cpus=1, max_retries=TRIES_AFTER_DEATH)(call)
    following = enumerate(arguments)
    under_way: dict[Any, int] = {}
    try:
        while time.time() < until:
            while len(under_way) < at_a_time and (following_one := next(following, None)):
                under_way[remote.remote(*following_one[1])] = following_one[0]
            if not under_way:
                return
            done, _ = outside(lambda: ray.wait(list(under_way), num_returns=1, timeout=_POLL_S))
            for reference in done:
                yield under_way.pop(reference), _result(ray, reference)
    finally:
        _end(ray, list(under_way))


def _end(ray: ModuleType, calls: list[Any]) -> None:
    """End calls that are under way, and wait until they are, so that they write nothing where somebody cleans up."""
    for reference in calls:
        with suppress(ray.exceptions.RayError, ValueError):
            ray.cancel(reference, force=True)
    if calls:
        ray.wait(calls, num_returns=len(calls), timeout=_PATIENCE_S)


def outside(call: Callable[[], Any], patience_s: float | None = None) -> Any:  # noqa: ANN401 — whatever the call returns
    """Call Ray in another thread: in the main one it runs the handler of a signal itself, and loses what that raises.

    Raises:
        NoAnswer: The call took longer than it may.
    """
    return interruptibly(call, None, lambda: None, patience_s)


def said_by(error: BaseException) -> str:
    """Return what Ray says of an error, which may be pages, as the part of a sentence."""
    return " ".join(str(error).split())[:300].rstrip(".")


def moment_after(seconds: float) -> float:
    """Return the moment so many seconds from now, in seconds since 1970; infinite for 0, which stands for no limit."""
    return time.time() + seconds if seconds else math.inf


def left_until(moment: float) -> float:
    """Return the seconds until a moment as a limit, more than 0; or 0, for no limit, where it never comes."""
    return 0.0 if math.isinf(moment) else max(round(moment - time.time(), 3), _LEAST_S)


def _result(ray: ModuleType, reference: Any) -> Any:  # noqa: ANN401 — whatever the call returns
    try:
        result = outside(lambda: ray.get(reference))
    except ray.exceptions.RayTaskError:
        raise  # a mistake of ours, with the worker's traceback
    except ray.exceptions.RayError as error:
        raise ClusterError(
            f"A worker of the Ray cluster died, and {TRIES_AFTER_DEATH} others at the same work: {type(error).__name__}: "
            f"{said_by(error)}. Nothing was written. "
            "Give the workers more memory, or see the logs of the cluster; then run again."
        ) from error
    if isinstance(result, EtlError):
        raise result
    return result
