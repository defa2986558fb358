"""What the tests of the Ray engine share: all that a run leaves in a database, and the processes of a cluster."""

import os
import re
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from tests.support.malls import Malls
from tests.support.sync import Mall

_Mall = TypeVar("_Mall", Mall, Malls)

_OF_THE_RUN = re.compile(
    r".*_at|timestamp|.*_since|(.*_)?sync_id|external_api_url|snapshot|options|duration_seconds|performance(_metrics.*)?"
)
"""Columns that no two runs share: times, names of the run, and how it went."""

_NAME_OF_A_RUN = re.compile(r"(\S*/)?[0-9]{8}T[0-9]{6}Z-[0-9a-f]{6}(-[0-9a-f]{6})?")
"""A run, or the address of a snapshot, in a message."""

_PROC = Path("/proc")


def leave_to_make_tables(mall: _Mall) -> _Mall:
    """Let the job make its staging tables, which docs/scaling.md asks for; on a given server it may, as their owner."""
    mall.database.execute(
        "DO $$ BEGIN IF to_regrole('etl_sync') IS NOT NULL THEN GRANT CREATE ON SCHEMA etl TO etl_sync; END IF; END $$"
    )
    return mall


def everything(mall: Mall | Malls) -> dict[str, list[dict[str, Any]]]:
    """Return every row of every table, the CMS's and the job's, in the order in which they were written.

    Ids stay, so the order in which rows were made counts as well; but for those that are of chance, of lists.
    """
    tables = mall.database.query(
        "SELECT table_schema || '.' || table_name AS name FROM information_schema.tables "
        "WHERE table_schema IN ('public', 'etl') AND table_type = 'BASE TABLE' AND table_name <> 'schema_build' ORDER BY 1"
    )
    return {row["name"]: _rows(mall, row["name"]) for row in tables}


def _rows(mall: Mall | Malls, table: str) -> list[dict[str, Any]]:
    rows = mall.database.query(f"SELECT * FROM {table}")
    kept = [
        {
            name: _NAME_OF_A_RUN.sub("(a run)", value) if isinstance(value, str) else value
            for name, value in row.items()
            if not (_OF_THE_RUN.fullmatch(name) or (name == "id" and isinstance(value, str)))
        }
        for row in rows
    ]
    return sorted(kept, key=lambda row: [(value is None, str(value).zfill(12)) for value in row.values()])


def staging_of(mall: Mall | Malls) -> list[str]:
    """Return the staging tables that are there."""
    rows = mall.database.query("SELECT relname FROM pg_class WHERE relname LIKE 'staged%' AND relkind = 'r'")
    return [row["relname"] for row in rows]


def under(pid: int) -> Iterator[int]:
    """Yield a process's children, and theirs."""
    for child in children_of(pid):
        yield child
        yield from under(child)


def children_of(pid: int) -> list[int]:
    """Return a process's children, of all its threads."""
    found = []
    for path in _PROC.glob(f"{pid}/task/*/children"):
        try:
            found += [int(word) for word in path.read_text().split()]
        except OSError:
            continue
    return found


def started_at(pid: int) -> str:
    """Return when a process started, in ticks since the machine did; '' once it is gone, or is only waited for."""
    try:
        fields = (_PROC / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else fields[19]


def title_of(pid: int) -> str:
    """Return a process's command line; '' once it is gone."""
    try:
        return (_PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
    except OSError:
        return ""


def kill_worker(title: str, pids: Callable[[], Iterable[int]], within_s: float = 30) -> int:
    """Kill the first of the processes that has this title, as soon as there is one, and return its id."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        for pid in pids():
            if title_of(pid).startswith(title):
                os.kill(pid, signal.SIGKILL)
                return pid
        time.sleep(0.02)
    raise AssertionError(f"no process was called {title!r} within {within_s:g} s")


def listening(pids: Iterable[int]) -> set[str]:
    """Return the addresses, in /proc/net's hexadecimal, on which processes listen for TCP."""
    inodes = set()
    for pid in pids:
        for link in (_PROC / str(pid) / "fd").glob("*"):
            try:
                target = str(link.readlink())
            except OSError:
                continue
            if target.startswith("socket:["):
                inodes.add(target[8:-1])
    found = set()
    for table in ("tcp", "tcp6"):
        for line in (_PROC / "net" / table).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in inodes:
                found.add(fields[1].split(":")[0])
    return found
