"""The process that becomes Postgres: what it arranges before it does."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

import pytest

from etl.embedded import launcher


class FakeSystem:
    """The module `os` as the launcher sees it: notes the calls, and carries none out."""

    devnull, O_RDONLY = os.devnull, os.O_RDONLY

    def __init__(self) -> None:
        self.calls: list[tuple[object, ...]] = []
        self.forked = 99
        self.parent = 0
        self.chunks = iter([b"x", b""])

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *args: self.calls.append((name, *args))

    def getpid(self) -> int:
        return 4711

    def getppid(self) -> int:
        return self.parent

    def fork(self) -> int:
        return self.forked

    def open(self, path: str, flags: int) -> int:
        return 5

    def read(self, descriptor: int, length: int) -> bytes:
        return next(self.chunks)


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> FakeSystem:
    """Give the system that the launcher calls."""
    fake = FakeSystem()
    monkeypatch.setattr(launcher, "os", fake)
    return fake


def test_privileges_are_dropped_group_first(system: FakeSystem) -> None:
    """Groups go before the user, who could not change them any more."""
    launcher.drop_privileges(12, 34)
    assert system.calls == [("setgroups", []), ("setregid", 34, 34), ("setreuid", 12, 12)]


def test_main_becomes_the_command(system: FakeSystem, monkeypatch: pytest.MonkeyPatch) -> None:
    """Privileges, then the parent's death, then the command, which gets its own name first."""
    monkeypatch.setattr(
        launcher, "die_with_parent", lambda parent: system.calls.append(("die_with_parent", parent))
    )
    launcher.main(["77", "signal", "12", "34", "/bin/postgres", "-D", "/data"])
    assert system.calls[2:] == [
        ("setreuid", 12, 12),
        ("die_with_parent", 77),
        ("execv", "/bin/postgres", ["/bin/postgres", "-D", "/data"]),
    ]


def test_main_without_a_user_keeps_its_own(system: FakeSystem, monkeypatch: pytest.MonkeyPatch) -> None:
    """Empty UID and GID change nothing; any way but `signal` is the pipe."""
    monkeypatch.setattr(launcher, "watch_parent", lambda: system.calls.append(("watch_parent",)))
    launcher.main(["77", "pipe", "", "", "/bin/postgres"])
    assert system.calls == [("watch_parent",), ("execv", "/bin/postgres", ["/bin/postgres"])]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a parent-death signal")
def test_kernel_is_asked_to_signal(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel gets the wish for SIGINT; a parent that is gone already ends the process."""
    asked = ctypes.c_int()
    libc = ctypes.CDLL(None)
    try:
        launcher.die_with_parent(os.getppid())
        libc.prctl(2, ctypes.byref(asked))  # PR_GET_PDEATHSIG
        assert asked.value == signal.SIGINT
        with pytest.raises(SystemExit, match="The process that wanted Postgres is gone"):
            launcher.die_with_parent(-1)
    finally:
        libc.prctl(launcher.PR_SET_PDEATHSIG, 0)
    monkeypatch.setattr(launcher, "PR_SET_PDEATHSIG", -1)
    with pytest.raises(OSError, match="PR_SET_PDEATHSIG"):
        launcher.die_with_parent(os.getppid())


def test_watchdog_is_forked_and_standard_input_let_go(
    system: FakeSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process that becomes Postgres reads nothing; its child waits, with the server's process id."""
    launcher.watch_parent()
    assert system.calls == [("dup2", 5, 0), ("close", 5)]
    system.forked = 0
    monkeypatch.setattr(launcher, "wait_and_interrupt", lambda server: system.calls.append(("wait", server)))
    launcher.watch_parent()
    assert system.calls[2] == ("wait", 4711)


@pytest.mark.parametrize(("parent_now", "expected"), [(4711, [("kill", 4711, signal.SIGINT)]), (1, [])])
def test_watchdog_interrupts_only_its_own_parent(
    parent_now: int, expected: list[object], system: FakeSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the end of the pipe the server gets SIGINT; one that is gone, and whoever has its id now, does not."""
    ignored = []
    monkeypatch.setattr(signal, "signal", lambda number, action: ignored.append((number, action)))
    system.parent = parent_now
    launcher.wait_and_interrupt(4711)
    assert system.calls == [*expected, ("_exit", 0)]
    assert ignored == [(number, signal.SIG_IGN) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)]
