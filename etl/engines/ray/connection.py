"""The way to a Ray cluster: one of this process's own, on the loopback interface, or a running one."""

import os
import re
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from secrets import token_hex
from types import ModuleType
from typing import Any

from etl.config.api import is_loopback
from etl.engines.ray.start import start
from etl.errors import ClusterError, ConfigError
from etl.runtime.limits import cpus
from etl.runtime.scratch import drop_scratch, make_scratch

_OBJECT_STORE_BYTES = 100 << 20
_ADDRESS = re.compile(r"auto|(?:[\w.-]+|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}", re.ASCII)

_LONGEST_ROOT = 22
"""The longest path of a folder in which Ray can put its sockets, of whose paths the system takes about 100 characters."""

_PATIENCE_S = 5.0


@contextmanager
def connected(address: str | None, tasks: int = 0) -> Iterator[ModuleType]:
    """Give Ray, connected, for the length of the block.

    A process that is connected already, as a notebook may be, stays connected to where it is.

    Args:
        address: Address of a running cluster, `host:port` or `auto`; None starts one of this process's own, for the block.
        tasks: Worker processes of a cluster of its own; 0 for one a CPU.

    Raises:
        ConfigError: Ray is not installed, or the address is none that it takes.
        ClusterError: There is no cluster at the address, or none could be started.
    """
    own = address is None
    ray = require_ray(address)
    if ray.is_initialized():
        yield ray
        return
    if not own:
        require_listening(address or "")
    with _temporary_folder() as folder:
        start(ray, _of_its_own(folder, tasks) if own else {"address": address}, folder if own else None)
        try:
            yield ray
        finally:
            ray.shutdown()


def require_ray(address: str | None) -> ModuleType:
    """Import Ray.

    Args:
        address: Where it will be asked to connect; None: to a cluster of this process's own.

    Raises:
        ConfigError: It is not installed, or the address is none that it takes.
    """
    _require_address(address)
    # Ray reads these once, when it is imported
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    if address is None or is_loopback(f"//{address}"):
        # in spite of its name: keep to the loopback interface
        os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
    if address is None:
        # a token of its own, in the environment: Ray would write one into the home folder, and say so
        os.environ.setdefault("RAY_AUTH_MODE", "token")
        os.environ.setdefault("RAY_AUTH_TOKEN", token_hex(32))
    try:
        return import_module("ray")
    except ImportError as error:
        if error.name != "ray":
            raise
        raise ConfigError(
            "The engine ray needs Ray, which is not installed: install iconsiam-etl[ray], or leave out --engine ray. "
            "(Ray has no wheel for a Mac with an Intel processor, nor for Alpine Linux.)"
        ) from None


def _require_address(address: str | None) -> None:
    if address is None or _ADDRESS.fullmatch(address):
        return
    raise ConfigError(
        f"{address!r} is not an address of a Ray cluster: give host:port of its head, or auto on one of its nodes. A "
        "ray:// address is of Ray's client, which this does not use: start the sync on a node, or as a job of the cluster."
    )


def require_listening(address: str) -> None:
    """Make sure that somebody listens at an address: Ray itself would try for minutes.

    Raises:
        ClusterError: Nobody does.
    """
    if address == "auto":
        return
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), _PATIENCE_S).close()
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ClusterError(
            f"Can't reach the Ray cluster at {address}: {reason}. See that its head is up and reachable from here; "
            "docs/scaling.md tells how it is started."
        ) from error


def _of_its_own(folder: str, tasks: int) -> dict[str, Any]:
    return {
        "address": "local",
        "num_cpus": tasks or max(int(cpus()), 1),
        "object_store_memory": _OBJECT_STORE_BYTES,
        "include_dashboard": False,
        "_temp_dir": folder,
    }


@contextmanager
def _temporary_folder() -> Iterator[str]:
    """Give a folder for Ray's sockets and logs that only this user can enter; it goes with the block."""
    usual = tempfile.gettempdir()
    root = usual if len(usual) <= _LONGEST_ROOT else "/tmp"  # noqa: S108 — mkdtemp makes it private
    folder = make_scratch("ray", root)
    try:
        yield str(folder)
    finally:
        drop_scratch(folder)


def slots_of(ray: ModuleType, wanted: int) -> int:
    """Return how many tasks to run at a time: as many as were wanted, else one a CPU of the cluster."""
    return wanted or max(int(ray.cluster_resources().get("CPU", 1)), 1)


def describe(address: str | None, tasks: int = 0) -> str:
    """Return what a cluster is, in words.

    Raises:
        ClusterError: It can't be reached, or started.
    """
    with connected(address, tasks) as ray:
        nodes = sum(1 for node in ray.nodes() if node["Alive"])
        return (
            f"Ray {ray.__version__}, {address or 'one of its own'}: {nodes} node{'' if nodes == 1 else 's'}, "
            f"{slots_of(ray, tasks)} tasks at a time"
        )
