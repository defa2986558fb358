"""Promise: a run whose connection breaks says what became of it: done where it was committed, never twice or over another.

The answer to a COMMIT that is lost leaves two possibilities, and the log of runs tells which, as it is part of the
transaction. A run that comes back finds out whether another had the lock meanwhile, which may have loaded a newer feed.
"""

import time

import pytest

from etl.db.connection import Postgres
from etl.errors import LoadError, LockError
from etl.runs import log as run_log
from tests.support.merge import during, lose_the_answer
from tests.support.process import run
from tests.support.proxy import Proxy
from tests.support.rollback import roll_back
from tests.support.sync import Mall, record

pytestmark = pytest.mark.quick(cases=1)

FEED = [record(f"T{number:03}") for number in range(60)]
OLDER = [one | {"zone": "Old"} for one in FEED]
NEWER = [one | {"zone": "New"} for one in FEED]


def take_lock(other: Postgres) -> None:
    """Take the lock as soon as the server has noticed that the run's connection is gone."""
    deadline = time.monotonic() + 5
    while not other.lock_source(""):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def zones(mall: Mall) -> dict[str, int]:
    """Count the shops by zone."""
    rows = mall.database.query("SELECT location_zone AS zone, count(*) FROM shops GROUP BY 1")
    return {row["zone"]: row["count"] for row in rows}


def test_no_try_is_left(mall: Mall, proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    """With DATABASE_RETRIES=0 a run whose COMMIT went through is COMPLETED all the same, as its log says."""
    lose_the_answer(mall, monkeypatch, proxy.cut_all)
    mall.overrides["database_retries"] = 0

    result = mall.sync(FEED)

    assert (result.status, result.counts.created) == ("COMPLETED", 60)
    assert mall.last_run()["error"] is None
    assert zones(mall) == {"East": 60}


@pytest.mark.long
def test_another_run_waits_for_the_lock(
    mall: Mall, proxy: Proxy, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who waited has the lock now: the run that is committed needs it no more, and does not wait for it."""
    with Postgres(mall.database.dsn) as other:

        def cut() -> None:
            proxy.cut_all()
            take_lock(other)

        lose_the_answer(mall, monkeypatch, cut)
        result = mall.sync(FEED)

    assert "waiting_for_lock" not in capsys.readouterr().out
    assert (result.status, result.counts.created) == ("COMPLETED", 60)


@pytest.mark.long
def test_nobody_can_say(mall: Mall, proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database stays away after the answer was lost: the message claims neither, and says where to look."""

    def go_away() -> None:
        proxy.refuse()
        proxy.cut_all()

    lose_the_answer(mall, monkeypatch, go_away)
    mall.overrides["database_retries"] = 1

    with pytest.raises(LoadError) as caught:
        mall.sync(FEED)

    (log,) = mall.database.query("SELECT sync_id, status FROM etl.sync_logs")
    assert log["status"] == "COMPLETED"
    assert f"so it is unknown whether the run was committed; `etl runs {log['sync_id']}` shows it" in str(
        caught.value
    )
    assert "othing was written" not in str(caught.value)


@pytest.mark.long
def test_a_newer_feed_is_not_overwritten(mall: Mall, proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run came in between, found this one dead and loaded a newer feed: this one ends with LockError, and says so."""
    mall.sync(FEED)

    def cut() -> None:
        proxy.cut_all()
        mall.api.records = NEWER
        newer = run(Mall(mall.api, mall.database, mall.folder), "sync", "--wait", "20")
        assert newer.returncode == 0, newer.stderr

    during(mall, monkeypatch, "plan/settle_actions", cut)
    with pytest.raises(LockError, match=r"Another run, .*, came in between\. Nothing was written\."):
        mall.sync(OLDER)

    assert zones(mall) == {"New": 60}
    runs = mall.database.query("SELECT status, error FROM etl.sync_logs ORDER BY started_at")
    assert [each["status"] for each in runs] == ["COMPLETED", "FAILED", "COMPLETED"]
    assert "came in between" in runs[1]["error"]
    assert runs[2]["error"] is None


@pytest.mark.long
def test_who_came_in_between_died(mall: Mall, proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another took the lock and ended before it did anything: then nothing stands in the way."""
    mall.sync(FEED)

    def cut() -> None:
        proxy.cut_all()
        with Postgres(mall.database.dsn) as other:
            take_lock(other)

    during(mall, monkeypatch, "plan/settle_actions", cut)

    assert mall.sync(OLDER).counts.updated == 60
    assert mall.last_run()["error"] is None


@pytest.mark.parametrize("command", ["sync", "rollback"])
def test_a_log_that_is_closed_stays_closed(mall: Mall, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    """However it came about: a run whose log another has closed writes nothing, not even into that log."""
    mall.sync(FEED)
    if command == "rollback":
        mall.sync(OLDER)
    before = zones(mall)

    def close() -> None:
        with Postgres(mall.database.dsn) as other:
            run_log.fail_dead_runs(other, "another's", "")

    during(
        mall, monkeypatch, "audit/write_updated" if command == "sync" else "audit/write_rolled_back", close
    )
    with pytest.raises(LockError, match="Nothing was written"):
        mall.sync(NEWER) if command == "sync" else roll_back(mall, "latest")

    assert zones(mall) == before
    log = mall.last_run()
    assert (log["status"], log["records_updated"]) == ("FAILED", None)
