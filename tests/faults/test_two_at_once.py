"""Promise: of runs that start together one runs; the others say which, or wait. Editors are hardly held up."""

import re
import statistics
import threading
import time
from collections.abc import Callable

import pytest

from tests.support.patience import slowness
from tests.support.process import run, start
from tests.support.sync import Mall, record

pytestmark = pytest.mark.quick(cases=1)

SIZE = 5_000
TAKE_LOCK = "SELECT pg_advisory_lock(hashtextextended('iconsiam-etl source ', 0))"
"""Takes the lock of the source without a name, as a run of it does."""

STRONG = (
    "ShareLock",
    "ShareRowExclusiveLock",
    "ExclusiveLock",
    "AccessExclusiveLock",
    "ShareUpdateExclusiveLock",
)
"""Modes that stand in the way of an editor's write, or of a release of the CMS."""


@pytest.mark.long
def test_ten_syncs_together(mall: Mall) -> None:
    """One is COMPLETED, nine exit with 4 and name it; the rows are there once."""
    mall.api.records = [record(f"T{number}") for number in range(50)]
    mall.api.delay_s = 8  # so that the last of the ten has started before the first has ended
    processes = [start(mall, "sync") for _ in range(10)]
    ended = []
    try:
        for process in processes:
            stdout, stderr = process.communicate(timeout=120)
            ended.append((process.returncode, stdout, stderr))
    finally:
        for process in processes:
            process.kill()
    assert sorted(code for code, _, _ in ended) == [0] + [4] * 9
    (log,) = mall.database.query("SELECT sync_id, status FROM etl.sync_logs")
    assert log["status"] == "COMPLETED"
    for code, _, stderr in ended:
        if code == 4:
            assert re.search(
                rf"Another run is under way on .*: {log['sync_id']} \(since .*Nothing was written", stderr
            )
    assert len(mall.database.query("SELECT id FROM shops")) == 50


def test_wait(mall: Mall) -> None:
    """With --wait 60 both do their work, one after the other; waiting is told."""
    mall.api.records = [record(f"T{number}") for number in range(50)]
    is_seen = threading.Event()
    mall.api.before_page(
        1, lambda: is_seen.wait(60)
    )  # the first asks for a page, and so has the lock, until this is set
    first = start(mall, "sync")
    _wait_until(lambda: bool(mall.database.query("SELECT 1 FROM etl.sync_logs")))
    second = start(mall, "sync", "--wait", "60")
    try:
        assert second.stdout is not None
        assert '"event": "waiting_for_lock"' in second.stdout.readline()
        is_seen.set()
        ended = [process.communicate(timeout=90) for process in (first, second)]
    finally:
        first.kill()
        second.kill()
    assert (first.returncode, second.returncode) == (0, 0), ended
    runs = mall.database.query(
        "SELECT status, records_created AS made FROM etl.sync_logs ORDER BY started_at"
    )
    assert runs == [{"status": "COMPLETED", "made": 50}, {"status": "COMPLETED", "made": 0}]


def _wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.long
def test_wait_has_an_end(mall: Mall) -> None:
    """Who waited in vain exits with 4, and says how long it waited."""
    with mall.database.connect() as holder:
        holder.execute(TAKE_LOCK)
        started = time.monotonic()
        result = run(mall, "sync", "--wait", "1.5")
    assert result.returncode == 4
    assert time.monotonic() - started > 1.5
    assert "after 1.5 s of waiting" in result.stderr


class Editor(threading.Thread):
    """Saves rows, one transaction each, as long as a sync runs; keeps how long each took."""

    def __init__(self, mall: Mall, ids: list[str]) -> None:
        super().__init__(daemon=True)
        self._mall = mall
        self._ids = ids
        self.ended = threading.Event()
        self.seconds: list[float] = []
        self.error: Exception | None = None

    def run(self) -> None:
        """Save one after the other."""
        try:
            with self._mall.database.connect(autocommit=True) as connection:
                while not self.ended.is_set():
                    for unique_id in self._ids:
                        started = time.monotonic()
                        connection.execute(
                            "UPDATE shops SET sort_order = sort_order + 1 WHERE unique_id = %s", [unique_id]
                        )
                        self.seconds.append(time.monotonic() - started)
                        time.sleep(0.002)
        except Exception as error:
            self.error = error


class LockWatch(threading.Thread):
    """Keeps the modes in which the job locks the CMS's tables."""

    def __init__(self, mall: Mall) -> None:
        super().__init__(daemon=True)
        self._mall = mall
        self.ended = threading.Event()
        self.modes: set[tuple[str, str]] = set()

    def run(self) -> None:
        """Look again and again."""
        with self._mall.database.connect(autocommit=True) as connection:
            while not self.ended.is_set():
                rows = connection.execute(
                    "SELECT DISTINCT c.relname, l.mode FROM pg_locks l JOIN pg_class c ON c.oid = l.relation "
                    "WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND l.locktype = 'relation' "
                    "AND l.pid <> pg_backend_pid()"
                ).fetchall()
                self.modes |= {(row["relname"], row["mode"]) for row in rows}
                time.sleep(0.005)


def test_editors_go_on(mall: Mall) -> None:
    """While 1 % of 5,000 rows change, an editor of other rows waits for nothing, one of those rows for the merge only."""
    feed = [record(f"T{number:04}") for number in range(SIZE)]
    mall.api.max_limit = SIZE
    mall.sync(feed)
    mall.database.execute("CREATE INDEX ON shops (unique_id)")
    changed = [one | {"zone": "West"} if number % 100 == 0 else one for number, one in enumerate(feed)]
    same = Editor(mall, [f"T{number:04}" for number in range(0, SIZE, 500)])
    other = Editor(mall, [f"T{number:04}" for number in range(1, SIZE, 500)])
    watch = LockWatch(mall)
    threads = (same, other, watch)
    slow = slowness()
    for thread in threads:
        thread.start()

    result = mall.sync(changed)

    for thread in threads:
        thread.ended.set()
        thread.join(10)
    assert (same.error, other.error) == (None, None)
    assert result.counts.updated == 50
    merge_s = result.seconds["total"] - result.seconds["extract"]
    usual_s = statistics.median(other.seconds)
    print(
        f"longest wait: same rows {max(same.seconds):.3f} s, others {max(other.seconds):.3f} s; merge {merge_s:.3f} s"
    )
    slow = max(slow, slowness())
    assert max(same.seconds) < merge_s + 0.5 * slow
    assert statistics.quantiles(other.seconds, n=100)[97] < max(20 * usual_s, 0.05 * slow)
    assert not [(table, mode) for table, mode in watch.modes if mode in STRONG]
    assert ("shops", "RowExclusiveLock") in watch.modes
    rows = mall.database.query("SELECT sum(sort_order)::int AS total FROM shops")
    assert rows == [{"total": len(same.seconds) + len(other.seconds)}]


@pytest.mark.parametrize("command", [("diff",), ("runs",), ("explain", "T1"), ("check",)])
def test_what_only_looks_needs_no_lock(mall: Mall, command: tuple[str, ...]) -> None:
    """While a run holds the lock, whoever only looks is served."""
    mall.sync([record("T1")])
    with mall.database.connect() as holder:
        holder.execute(TAKE_LOCK)
        result = run(mall, *command)
    assert result.returncode == 0, result.stdout + result.stderr
