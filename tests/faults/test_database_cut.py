"""Promise: a database that goes away for a moment costs a retry, one that stays away the run, and never half of it."""

import threading
import time
from pathlib import Path
from typing import Any

import pytest

from etl.db import driver
from etl.db.connection import Postgres
from etl.embedded.postgres import EmbeddedPostgres
from etl.errors import LoadError, LockError
from tests.support.merge import during, lose_the_answer
from tests.support.patience import within
from tests.support.postgres import BINARIES, FAST, database_at, initialise_database
from tests.support.process import run, start
from tests.support.proxy import Proxy
from tests.support.sync import Mall, record

pytestmark = pytest.mark.quick(cases=1)

FEED = [record(f"T{number:03}", descriptionEn=f"Long text {number} " * 20) for number in range(200)]
CHANGED = [one | {"zone": "West"} for one in FEED[:80]] + FEED[80:]


@pytest.mark.long
@pytest.mark.parametrize("size", [3_000, 33_000, 60_000, 100_000, 140_000, 170_000])
def test_cut_once(mall: Mall, proxy: Proxy, size: int) -> None:
    """The connection is cut after so many bytes, in whatever stage that is: the run starts its transaction again."""
    mall.sync(FEED[:1])
    mall.api.records = FEED
    proxy.cut_after(size)

    result = run(mall, "sync")

    assert proxy.cuts == 1
    (log,) = mall.database.query("SELECT * FROM etl.sync_logs ORDER BY started_at DESC LIMIT 1")
    assert result.returncode == 0, result.stderr
    assert '"event": "database_retry"' in result.stdout
    assert sum(log["performance"]["database_retries"].values()) == 1
    assert (log["status"], log["records_created"]) == ("COMPLETED", 199)
    assert len(mall.database.query("SELECT id FROM shops")) == 200
    changes = mall.database.query("SELECT id FROM etl.sync_changes WHERE sync_id = %s", log["sync_id"])
    assert len(changes) == 199


OPENING = [
    "check/pid",
    "check/set_session",
    "check/catalogue",
    "check/sequences",
    "check/lock_source",
    "audit/fail_dead_runs",
    "audit/start_run",
]


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("name", OPENING)
def test_cut_while_the_run_is_opened(
    mall: Mall, proxy: Proxy, monkeypatch: pytest.MonkeyPatch, name: str, moment: str
) -> None:
    """Also before a run has read anything: it is opened again, once; its lock and its row in the log are its own."""
    call, left = Postgres._call, [proxy.cut_all]

    def cut(self: Postgres, doing: str, work: Any) -> Any:
        is_now = doing == name and bool(left)
        if is_now and moment == "before":
            left.pop()()
        result = call(self, doing, work)
        if is_now and moment == "after":
            left.pop()()
            call(self, doing, lambda cursor: cursor.execute("SELECT 1"))  # the answer is lost
        return result

    monkeypatch.setattr(Postgres, "_call", cut)

    result = mall.sync(FEED)

    assert not left
    assert (result.status, result.counts.created) == ("COMPLETED", 200)
    runs = mall.database.query("SELECT status, error, performance FROM etl.sync_logs")
    assert [(each["status"], each["error"]) for each in runs] == [("COMPLETED", None)]
    assert sum(runs[0]["performance"]["database_retries"].values()) == 1


@pytest.mark.long
def test_cut_again_and_again(mall: Mall, proxy: Proxy) -> None:
    """Tries are few: then exit 1, one message with advice, nothing written, and the log says why."""
    mall.sync(FEED)
    before = mall.fingerprint()
    mall.api.records = CHANGED
    proxy.cut_after(*[40_000] * 10)

    result = run(mall, "sync", database_retries=2)

    assert result.returncode == 1
    assert proxy.cuts == 3
    assert result.stdout.count('"event": "database_retry"') == 2
    assert "The connection broke; see that the server is up and reachable, then run again." in result.stderr
    assert "Traceback" not in result.stderr
    assert mall.fingerprint() == before
    log = mall.last_run()
    assert log["status"] == "FAILED"
    mall.via = mall.database.dsn
    assert "The connection broke" in log["error"]
    assert mall.sync().counts.updated == 80


@pytest.mark.long
def test_the_answer_to_commit_is_lost(mall: Mall, proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server has committed when the connection breaks: the run finds that out, and does nothing twice."""
    left = lose_the_answer(mall, monkeypatch, proxy.cut_all)

    result = mall.sync(FEED)

    assert not left
    assert (result.status, result.counts.created) == ("COMPLETED", 200)
    assert len(mall.database.query("SELECT id FROM shops")) == 200
    runs = mall.database.query("SELECT status, records_created FROM etl.sync_logs")
    assert runs == [{"status": "COMPLETED", "records_created": 200}]


@pytest.mark.long
def test_another_run_came_in_between(mall: Mall, proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the connection was away another run took the lock: this one gives up and writes nothing."""
    mall.sync(FEED)
    other = Postgres(mall.database.dsn)

    def cut() -> None:
        proxy.cut_all()
        deadline = time.monotonic() + 60
        while not other.lock_source(""):
            assert time.monotonic() < deadline
            time.sleep(0.05)

    during(mall, monkeypatch, "plan/settle_actions", cut)
    monkeypatch.setattr("etl.runs.session.LAST_SESSION_S", 0.5)
    with other, pytest.raises(LockError, match="Another run is under way"):
        mall.sync(CHANGED)
    assert mall.database.query("SELECT 1 FROM shops WHERE location_zone = 'West'") == []
    assert mall.last_run()["status"] == "FAILED"


def test_nobody_listens(mall: Mall) -> None:
    """Refused for good: a few tries, exit 1, and what to look at; the address has no password in it."""
    with Proxy(mall.database.dsn) as proxy:
        mall.via = proxy.dsn.replace("postgres@", "postgres:hunter2@")

    with within(15):
        result = run(mall, "sync")

    assert result.returncode == 1
    assert "Connection refused. Check DATABASE_URL, and that the server is up and reachable from here." in (
        result.stderr
    )
    assert result.stdout.count('"event": "database_retry"') == 2
    assert "hunter2" not in result.stderr


def test_a_server_that_comes_back(mall: Mall, proxy: Proxy) -> None:
    """Who comes while the server restarts is asked to wait, and then served."""
    mall.api.records = FEED
    proxy.refuse()
    with start(mall, "sync", database_retries=5) as process:
        try:
            assert process.stdout is not None
            assert "database_retry" in process.stdout.readline()
            proxy.refuse(refuses=False)
            _, stderr = process.communicate(timeout=120)
        finally:
            process.kill()
    assert process.returncode == 0, stderr


@pytest.mark.long
def test_a_server_that_falls_silent(mall: Mall, proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes what it is sent and never answers: given up after the statement's limit and a grace, on a new connection."""
    mall.sync(FEED)
    monkeypatch.setattr(driver, "_GRACE_S", 1.0)
    monkeypatch.setattr("etl.runtime.signals._PATIENCE_S", 0.5)
    mall.overrides["statement_timeout_s"] = 1
    during(mall, monkeypatch, "plan/settle_actions", proxy.fall_silent)

    result = mall.sync(CHANGED)

    assert (result.status, result.counts.updated) == ("COMPLETED", 80)
    assert mall.last_run()["performance"]["database_retries"] == {"08006": 1}


@pytest.mark.long
def test_restarted_while_loading(mall: Mall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server is restarted in the middle of the merge: the run waits for it, and does its work again."""
    home = tmp_path / "server"
    home.mkdir()
    home.chmod(0o755)
    tmp_path.chmod(0o755)
    with EmbeddedPostgres(home / "data", binaries=BINARIES, settings=FAST) as server:
        own = Mall(mall.api, database_at(server.dsn()), tmp_path / "snapshots")
        initialise_database(own.database)
        with Proxy(server.dsn()) as proxy:
            own.via = proxy.dsn
            own.overrides["database_retries"] = 6
            own.sync(FEED)

            def restart() -> None:
                server.stop()
                threading.Timer(1.0, lambda: setattr(proxy, "target", server.start().dsn())).start()

            during(own, monkeypatch, "apply/update_records", restart)
            result = own.sync(CHANGED)

        own.database = database_at(server.dsn())
        assert (result.status, result.counts.updated) == ("COMPLETED", 80)
        assert len(own.database.query("SELECT 1 FROM shops WHERE location_zone = 'West'")) == 80


@pytest.mark.long
def test_an_error_of_the_network_in_a_dry_run(mall: Mall, proxy: Proxy) -> None:
    """`etl diff` has nothing to lose: it says what broke, exit 1, no traceback."""
    mall.sync(FEED)
    proxy.cut_after(30_000)

    result = run(mall, "diff")

    assert result.returncode == 1
    assert "The connection broke" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.long
def test_a_lost_connection_is_no_poisoned_row(
    mall: Mall, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without further tries a cut in the middle of apply is the end, not a reason to halve."""
    mall.sync(FEED)
    mall.overrides["database_retries"] = 0
    during(mall, monkeypatch, "apply/update_locales", proxy.cut_all)
    with pytest.raises(LoadError, match="connection"):
        mall.sync(CHANGED)
    assert mall.database.query("SELECT 1 FROM shops WHERE location_zone = 'West'") == []
