"""Promise: `etl sync --engine ray` is a command like any other: clean output, exit codes, signals, nothing left behind."""

import json
import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.ray.conftest import TwoNodes
from tests.support.patience import wait_until, within
from tests.support.process import start
from tests.support.ray import listening, staging_of, started_at, title_of, under
from tests.support.sync import Mall, record

pytestmark = pytest.mark.xdist_group("ray")

FEED = [record(f"T{number}") for number in range(1_000)]
LOOPBACK = {"0100007F", "00000000000000000000000001000000", "0000000000000000FFFF00000100007F"}
SECRETS: dict[str, Any] = {
    "x_apig_appcode": "K7dh2Qp0sWv93Lx1",
    "external_api_cookies": "session=Zz81hTq70PlmX2",
}


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give an empty folder for temporary files, of a short path: sockets lie in it."""
    path = tempfile.mkdtemp(prefix="t-", dir="/tmp")
    yield Path(path)
    shutil.rmtree(path, ignore_errors=True)


class Command:
    """A sync on a cluster of its own, and what can be seen of it in the midst of it.

    Attributes:
        process: The driver.
        titles: Its processes, by id, when it was looked at.
        started: When each of them had started.
        addresses: Where they listened.
        leaks: Files and titles that had a secret.
        seen: It was looked at.
    """

    def __init__(self, mall: Mall, folder: Path, *arguments: str, **settings: Any) -> None:
        self.folder = folder
        self.titles: dict[int, str] = {}
        self.started: dict[int, str] = {}
        self.addresses: set[str] = set()
        self.leaks: list[str] = []
        self.seen = threading.Event()
        mall.api.records = FEED
        self.process = start(
            mall, "sync", "--engine", "ray", *arguments, tmpdir=folder, node_env="production",
            sync_batch_size=100, ray_shard_records=300, ray_tasks=2, **SECRETS, **settings,
        )  # fmt: skip

    def look(self) -> None:
        """Look at its processes and files."""
        self.titles = {pid: title_of(pid) for pid in under(self.process.pid)}
        self.started = {pid: started_at(pid) for pid in self.titles}
        self.addresses = listening(self.titles)
        texts = {str(pid): title.encode() for pid, title in self.titles.items()}
        for path in self.folder.rglob("*"):
            with suppress(OSError):
                texts[str(path)] = path.read_bytes()
        self.leaks = [
            name for name, text in texts.items() for secret in SECRETS.values() if secret.encode() in text
        ]
        self.seen.set()

    def end(self) -> tuple[int, list[str], str]:
        """Wait for its end, and return its code, the lines of its log, and its last words."""
        try:
            stdout, stderr = self.process.communicate(timeout=150)
        finally:
            self.process.kill()
        return self.process.returncode, stdout.splitlines(), stderr

    def wait_until_gone(self) -> None:
        """Wait until none of its processes is left: Ray's own end some seconds after the driver's."""
        _wait_until_ended(lambda: [pid for pid, at in self.started.items() if at and started_at(pid) == at])


def test_a_run(wide: Mall, folder: Path) -> None:
    """Its log is lines of JSON; Ray listens on loopback only; no secret is in Ray's files or titles; nothing stays."""
    wide.api.before_page(7, lambda: command.look())  # noqa: PLW0108 — it is made below
    command = Command(wide, folder)
    code, log, stderr = command.end()
    assert (code, stderr) == (0, "")
    events = [json.loads(line)["event"] for line in log]
    assert events[-1] == "sync_done"
    assert set(events) <= {"stage_done", "stage_progress", "sync_done"}
    assert any("raylet" in title for title in command.titles.values())
    assert command.addresses
    assert command.addresses <= LOOPBACK
    assert command.leaks == []
    assert {one.headers.get("X-Apig-AppCode") for one in wide.api.requests} == {SECRETS["x_apig_appcode"]}
    command.wait_until_gone()
    assert list(folder.iterdir()) == []
    assert staging_of(wide) == []


@pytest.mark.long
def test_a_run_that_is_asked_to_stop(wide: Mall, folder: Path) -> None:
    """SIGTERM ends it soon, with its own code and words; the CMS is as before, and nothing stays."""
    before = wide.fingerprint()
    wide.api.before_page(7, lambda: command.look())  # noqa: PLW0108 — it is made below
    wide.api.delay_s = 0.2
    command = Command(wide, folder)
    assert command.seen.wait(120)
    with within(20):
        command.process.send_signal(signal.SIGTERM)
        code, log, stderr = command.end()
    assert (code, stderr) == (143, "etl: Interrupted by signal 15; nothing was written.\n")
    assert json.loads(log[-1])["event"] == "sync_failed"
    assert wide.fingerprint() == before
    assert wide.last_run()["status"] == "FAILED"
    command.wait_until_gone()
    assert list(folder.iterdir()) == []
    assert staging_of(wide) == []


@pytest.mark.long
@pytest.mark.quick(cases=1)
@pytest.mark.parametrize("fault", [signal.SIGSTOP, signal.SIGKILL])
def test_a_start_that_is_asked_to_stop(wide: Mall, folder: Path, fault: signal.Signals) -> None:
    """SIGTERM while Ray waits for a raylet that hangs or has died: Ray's 30 s are not waited for, and nothing stays."""
    before = wide.fingerprint()
    command = Command(wide, folder)
    raylet = _raylet_of(command)
    os.kill(raylet, fault)
    command.look()
    assert raylet in command.started
    with within(10):
        command.process.send_signal(signal.SIGTERM)
        code, log, stderr = command.end()
    assert (code, stderr) == (143, "etl: Interrupted by signal 15; nothing was written.\n")
    assert [json.loads(line)["event"] for line in log] == ["sync_failed"]
    assert wide.fingerprint() == before
    assert wide.last_run()["status"] == "FAILED"
    assert wide.api.requests == []
    command.wait_until_gone()
    assert list(folder.iterdir()) == []


@pytest.mark.long
def test_a_start_that_fails(wide: Mall, folder: Path) -> None:
    """A raylet that dies ends the run with Ray's words, some 30 s later, and nothing stays."""
    command = Command(wide, folder)
    raylet = _raylet_of(command)
    os.kill(raylet, signal.SIGKILL)
    command.look()
    code, log, stderr = command.end()
    assert code == 1
    assert " ".join(stderr.split()).startswith(
        "etl: Can't start Ray: The current node timed out during startup."
    )
    assert [json.loads(line)["event"] for line in log] == ["sync_failed"]
    assert wide.last_run()["status"] == "FAILED"
    command.wait_until_gone()
    assert list(folder.iterdir()) == []
    assert wide.sync(FEED[:3]).counts.created == 3


@pytest.mark.long
def test_a_driver_that_is_killed(two_nodes: TwoNodes, wide: Mall, folder: Path) -> None:
    """Its workers end, its staging stays until the next run on Ray, and any run says whose death it found."""
    workers: list[int] = []

    def kill() -> None:
        while not staging_of(wide):
            time.sleep(0.02)
        workers.extend(pid for pid in two_nodes.pids() if title_of(pid).startswith("ray::"))
        command.process.kill()

    secrets = {name: os.environ[name.upper()] for name in ("ray_auth_mode", "ray_auth_token")}
    command = Command(wide, folder, "--ray-address", two_nodes.address, **secrets)
    threading.Thread(target=kill).start()
    assert command.end()[0] == -signal.SIGKILL
    _wait_until_ended(lambda: [pid for pid in workers if title_of(pid).startswith("ray::stage_range")])
    assert len(staging_of(wide)) == 5
    dead = wide.last_run()
    assert dead["status"] == "RUNNING"
    assert wide.sync(FEED).counts.created == len(FEED)
    assert len(staging_of(wide)) == 5
    assert Command(wide, folder, "--ray-address", two_nodes.address, **secrets).end()[0] == 0
    assert staging_of(wide) == []
    (found,) = wide.database.query("SELECT status FROM etl.sync_logs WHERE sync_id = %s", dead["sync_id"])
    assert found["status"] == "FAILED"


def _raylet_of(command: Command) -> int:
    """Return a command's raylet, as soon as there is one."""
    found: list[int] = []

    def is_there() -> bool:
        found.extend(
            pid for pid in under(command.process.pid) if "raylet/raylet" in title_of(pid).split(" ")[0]
        )
        return bool(found)

    wait_until(is_there, 120)
    return found[0]


def _wait_until_ended(left: Callable[[], list[int]]) -> None:
    deadline = time.monotonic() + 60
    while still := left():
        assert time.monotonic() < deadline, {pid: title_of(pid) for pid in still}
        time.sleep(0.05)
