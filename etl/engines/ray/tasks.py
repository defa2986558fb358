"""What a worker is asked to do: the functions that are called in its process, and what they return in place of an error.

An error of ours comes back as a value, and the driver raises it with its own words. Anything else is a mistake of ours, or
Ray's trouble.
"""

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from etl._version import __version__
from etl.errors import ConfigError, EtlError

if TYPE_CHECKING:
    from etl.engines.ray.fetch import FetchedPages
    from etl.engines.ray.stage_range import Staged

_T = TypeVar("_T")

if "polars" not in sys.modules:
    # in a worker (there is one a CPU): Polars reads this when it is loaded, with the arguments of the first call
    os.environ["POLARS_MAX_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"


def fetch_pages(version: str, *arguments: Any) -> "FetchedPages | EtlError":  # noqa: ANN401 — those of the function behind it
    """Do `etl.engines.ray.fetch.fetch_pages` in a worker that has this version of the program."""
    from etl.engines.ray.fetch import fetch_pages  # noqa: PLC0415 — after the above

    return _answer(version, fetch_pages, *arguments)


def stage_range(version: str, *arguments: Any) -> "Staged | EtlError":  # noqa: ANN401 — as above
    """Do `etl.engines.ray.stage_range.stage_range` in a worker that has this version of the program."""
    from etl.engines.ray.stage_range import stage_range  # noqa: PLC0415 — as above

    return _answer(version, stage_range, *arguments)


def _answer(version: str, work: Callable[..., _T], *arguments: Any) -> "_T | EtlError":  # noqa: ANN401 — as above
    if version != __version__:
        return ConfigError(
            f"The workers of the cluster have iconsiam-etl {__version__}, this is {version}: give all nodes the same image."
        )
    try:
        return work(*arguments)
    except EtlError as error:
        return error
