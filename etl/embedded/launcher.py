"""Become Postgres in such a way that it never outlives the process that wanted it.

Run as a script of its own, `python -I -S launcher.py PARENT WAY UID GID COMMAND…`, since what has to happen
between fork and exec must not happen in a process with threads. The process that runs this turns into COMMAND
and keeps its process id. WAY says how it notices that PARENT is gone, however it went:

- `signal`: the kernel sends it SIGINT. Linux only, and the signal comes already when the *thread* of PARENT
  that started this ends, so only for a main thread.
- `pipe`: a child of COMMAND reads standard input, whose other end only PARENT holds, and sends SIGINT at
  its end.

SIGINT asks Postgres for a fast shutdown. UID and GID are what to run as; empty for no change.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def drop_privileges(uid: int, gid: int) -> None:
    """Run as this user and group from here on, without any other group."""
    os.setgroups([])
    os.setregid(gid, gid)
    os.setreuid(uid, uid)


def die_with_parent(parent: int) -> None:
    """Have the kernel send SIGINT to this process, and what it turns into, when the parent dies.

    Comes after `drop_privileges`: a change of user clears the wish.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGINT), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    if os.getppid() != parent:  # it died before the kernel knew what to do then
        raise SystemExit("The process that wanted Postgres is gone.")


def watch_parent() -> None:
    """Start a child that sends SIGINT to this process, and what it turns into, when standard input ends."""
    server = os.getpid()
    if os.fork() == 0:
        wait_and_interrupt(server)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)


def wait_and_interrupt(server: int) -> None:
    """Read standard input to its end, then send SIGINT to the server if it still runs; never returns.

    Only the pipe ends it, for Postgres takes any end of a child but a quiet one for a crash.
    The server is this process's parent: were it gone, this process would have another one, so no stranger
    that got the server's process id can be hit.
    """
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    while os.read(0, 1024):
        pass
    if os.getppid() == server:
        os.kill(server, signal.SIGINT)
    os._exit(0)


def main(arguments: list[str]) -> None:
    """Drop privileges, arrange the end, become the command; see the module."""
    parent, way, uid, gid, *command = arguments
    if uid:
        drop_privileges(int(uid), int(gid))
    if way == "signal":
        die_with_parent(int(parent))
    else:
        watch_parent()
    os.execv(command[0], command)  # noqa: S606 — to be the child itself, with no shell between


if __name__ == "__main__":  # pragma: no cover — becomes another program, and its counts with it
    main(sys.argv[1:])
