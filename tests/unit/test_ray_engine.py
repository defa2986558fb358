"""etl/engines/ray without a cluster: it is not imported, what is asked of it, and how work is shared out."""

import logging
import os
import pickle
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from etl.db.errors import PostgresError
from etl.engines.ray import rate_limit, start
from etl.engines.ray.connection import require_listening, require_ray
from etl.engines.ray.rate_limit import RateLimiterActor
from etl.engines.ray.stage import split_places
from etl.engines.ray.tasks import fetch_pages
from etl.errors import ClusterError, ConfigError, Interrupted
from etl.extract.pages import digest
from etl.runtime import signals
from etl.runtime.signals import interrupting
from tests.support.process import kept_environment

LOOK = """
import atexit, sys
atexit.register(lambda: print([name for name in sys.modules if name == "ray" or name.startswith("etl.engines.ray")]))
from etl.__main__ import main
sys.argv = ["etl", *sys.argv[1:]]
main()
"""


@pytest.mark.quick(cases=2)
@pytest.mark.parametrize(
    "arguments",
    [
        ["sync", "--help"],
        ["sync"],
        ["sync", "--engine", "local", "--snapshot", "none"],
        ["extract"],
        ["check"],
    ],
)
def test_ray_is_not_imported(arguments: list[str], tmp_path: Path) -> None:
    """Without --engine ray neither Ray nor what uses it is."""
    settings = {
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "EXTERNAL_API_URL": "http://127.0.0.1:1/",
    }
    ended = subprocess.run(
        [sys.executable, "-c", LOOK, *arguments],
        cwd=tmp_path,
        env={**kept_environment(), **settings, "DATABASE_RETRIES": "0", "API_RETRIES": "0"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.stdout.splitlines()[-1] == "[]"


def test_ray_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told how to get it."""
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ConfigError, match=r"install iconsiam-etl\[ray\]"):
        require_ray(None)


@pytest.mark.parametrize(
    "address", ["ray://127.0.0.1:10001", "127.0.0.1", "http://127.0.0.1:1", "", "host:port", "a b:1"]
)
def test_an_address_that_is_none(address: str) -> None:
    """It is told what one looks like, before anything is tried."""
    with pytest.raises(ConfigError, match="is not an address of a Ray cluster"):
        require_ray(address)


@pytest.mark.parametrize("address", ["127.0.0.1:1", "[::1]:1", "127.0.0.1:99999", "nowhere.invalid:6379"])
def test_an_address_where_nobody_listens(address: str) -> None:
    """It is told within seconds, where Ray would try for minutes."""
    with pytest.raises(ClusterError, match=re.escape(f"Can't reach the Ray cluster at {address}: ")):
        require_listening(address)


def test_a_node_that_does_not_start_in_time() -> None:
    """Ray raises a bare Exception: it becomes a message, and what was started ends."""
    ended = []

    def init(**_: object) -> None:
        raise Exception("The current node timed out during startup.")  # noqa: TRY002 — as Ray does

    ray: Any = SimpleNamespace(init=init, shutdown=lambda: ended.append(True))
    with pytest.raises(ClusterError, match=r"^Can't start Ray: The current node timed out during startup"):
        start.start(ray, {"address": "local"}, "/none")
    assert ended == [True]


def test_what_a_start_has_started_ends(tmp_path: Path) -> None:
    """Children whose command names the folder, and all below them, also stopped ones; other children stay."""

    def begin(word: str) -> "subprocess.Popen[str]":
        script = "sleep 300 & echo $!; wait"
        return subprocess.Popen(["sh", "-c", script, word], stdout=subprocess.PIPE, text=True)

    rays, other = begin(f"--dir={tmp_path}/session"), begin("another")
    below = [int(one.stdout.readline()) for one in (rays, other) if one.stdout]
    try:
        os.kill(rays.pid, signal.SIGSTOP)
        start.end_processes(str(tmp_path))
        running = start._parents()
        assert [pid in running for pid in (rays.pid, other.pid, *below)] == [False, True, False, True]
    finally:
        for pid in (*below, rays.pid, other.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for one in (rays, other):
            one.communicate()


def test_a_start_that_hangs_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """A signal is heard at once, what hangs is not asked to shut down, and Ray's log stays silent."""
    goes_on, calls = threading.Event(), []
    is_left = threading.Event()
    monkeypatch.setattr(start, "LEFT_BEHIND", is_left)
    monkeypatch.setattr(signals, "_PATIENCE_S", 0.1)

    def init(**_: object) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        goes_on.wait(30)

    ray: Any = SimpleNamespace(init=init, shutdown=lambda: calls.append("shutdown"))
    log = logging.getLogger("ray")
    level = log.level
    try:
        with pytest.raises(Interrupted), interrupting():
            start.start(ray, {"address": "10.0.0.1:6379"}, None)
        assert (is_left.is_set(), calls, log.isEnabledFor(logging.CRITICAL)) == (True, [], False)
    finally:
        log.setLevel(level)
        goes_on.set()


def test_workers_of_another_version() -> None:
    """A worker that has another version of the program does nothing."""
    answer = fetch_pages("0.0.0", None)
    assert isinstance(answer, ConfigError)
    assert "give all nodes the same image" in str(answer)


def test_an_error_travels_whole() -> None:
    """A Postgres error has its code after it was sent to another process."""
    error = pickle.loads(pickle.dumps(PostgresError("It broke.", "08006", "broke")))
    assert (str(error), error.sqlstate, error.detail, error.is_passing) == (
        "It broke.",
        "08006",
        "broke",
        True,
    )


def test_a_signal_that_ray_swallows() -> None:
    """Ray goes on after the handler has raised, and Python then raises a SystemError: told is the signal."""

    def swallow() -> None:
        with suppress(Interrupted):
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(1)
        raise SystemError("<function wait> returned a result with an exception set")

    with pytest.raises(Interrupted, match="Interrupted by signal 15"), interrupting():
        swallow()


def test_a_system_error_without_a_signal_is_none() -> None:
    """It is a fault, and is told as it is."""
    with pytest.raises(SystemError, match="a fault"), interrupting():
        raise SystemError("a fault")


def test_turns_are_evenly_spaced() -> None:
    """However many ask at once; after a pause the first one need not wait."""
    turns = RateLimiterActor(10)
    waits = [turns.take() for _ in range(4)]
    assert waits == pytest.approx([0, 0.1, 0.2, 0.3], abs=0.05)


@pytest.mark.parametrize("fault", ["never", "died"])
def test_a_cluster_that_starts_no_process(monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    """The wait for the actor of the pace has an end, and Ray's own error becomes one that says what to do."""

    class DiedError(Exception):
        """Ray's."""

    def get(_reference: object) -> None:
        if fault == "died":
            raise DiedError("The actor died\nunexpectedly.")
        threading.Event().wait(5)

    monkeypatch.setattr(rate_limit, "_START_S", 0.1)
    actor = SimpleNamespace(__ray_ready__=SimpleNamespace(remote=lambda: None))
    ray: Any = SimpleNamespace(
        get=get,
        remote=lambda **_: lambda _: SimpleNamespace(remote=lambda *_: actor),
        exceptions=SimpleNamespace(RayError=DiedError),
    )
    said = "nothing came of it in 0.1 s" if fault == "never" else "The actor died unexpectedly"
    with pytest.raises(ClusterError, match=f"{said}. Nothing was written. See that its nodes are up"):
        rate_limit.start_rate_limiter(ray, 10)


def test_a_digest_is_the_same_everywhere() -> None:
    """Ids that different workers read are held against each other by it."""
    assert digest("T1") == 12_336_398_490_207_203_843
    assert digest("T1") != digest("T2")


@pytest.mark.parametrize(
    ("records", "shard", "batch", "expected"),
    [
        (0, 300, 100, []),
        (250, 100, 100, [(0, 100), (100, 200), (200, 250)]),
        (250, 1, 100, [(0, 100), (100, 200), (200, 250)]),
        (500, 150, 100, [(0, 200), (200, 400), (400, 500)]),
        (250, 5_000, 100, [(0, 250)]),
    ],
)
def test_work_has_whole_batches(
    records: int, shard: int, batch: int, expected: list[tuple[int, int]]
) -> None:
    """So the ordinary engine's batches are the cluster's too, whatever the size of a shard."""
    found = [(places.start, places.stop) for places in split_places(records, shard, batch)]
    assert found == expected
