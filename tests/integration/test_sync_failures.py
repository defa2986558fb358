"""All or nothing: what goes wrong leaves the CMS as it was, and the log of runs says why."""

import os
import signal
from typing import Any

import pytest

from etl.db.connection import Postgres
from etl.demo.sample import sample_day
from etl.errors import GuardError, IncompleteExtract, Interrupted, LoadError, LockError, SourceError
from etl.pipeline import SyncOptions
from etl.runtime.signals import interrupting
from tests.support import api as answers
from tests.support.sync import Mall, record, settings_for, sync_source


def last_log(mall: Mall) -> dict[str, Any]:
    """Return the newest run's status and error."""
    (row,) = mall.database.query("SELECT status, error FROM etl.latest_sync")
    return row


def five_pages() -> list[dict[str, object]]:
    """Return 450 clean records."""
    return [record(f"T{number}") for number in range(450)]


def test_a_page_that_fails_for_ever(mall: Mall) -> None:
    """Page 3 of 5 answers 503 for ever: exit 1, no row changed, FAILED with the reason."""
    mall.overrides["api_retries"] = 1
    mall.api.records = five_pages()
    mall.api.fail_always(3, answers.status(503))
    before = mall.fingerprint()

    with pytest.raises(SourceError) as caught:
        mall.sync()

    assert caught.value.exit_code == 1
    assert mall.fingerprint() == before
    assert last_log(mall)["status"] == "FAILED"
    assert "503" in str(last_log(mall)["error"])


def test_passing_faults_are_retried_and_counted(mall: Mall) -> None:
    """503 twice, 429 with Retry-After, half a body, HTML with status 200: the sync succeeds, counting retries."""
    mall.api.fail(2, answers.status(503), answers.status(503))
    mall.api.fail(3, answers.status(429, retry_after=0))
    mall.api.fail(4, answers.half_body())
    mall.api.fail(5, answers.html_page())

    result = mall.sync(five_pages())

    assert (result.status, result.counts.created) == ("COMPLETED", 450)
    assert sum(result.extracted.retries.values()) == 5
    (log,) = mall.database.query("SELECT performance FROM etl.latest_sync")
    assert sum(log["performance"]["retries"].values()) == 5


def test_an_incomplete_feed_is_refused_or_partial(mall: Mall) -> None:
    """Fewer records than promised: exit 6 and nothing written; with allow_partial PARTIAL, and nothing is missing."""
    mall.sync([record("T1"), record("T2"), record("T3")])
    mall.api.records = [record("T1"), record("T2", zone="West")]
    body = b'{"totalRecord": 3, "page": 1, "limit": 100, "totalPages": 1, "data": [{"uniqueId": "T1"}]}'
    mall.api.fail_always(1, answers.raw(body))
    before = mall.fingerprint()

    with pytest.raises(IncompleteExtract) as caught:
        mall.sync()
    assert (caught.value.exit_code, mall.fingerprint() == before) == (6, True)

    result = mall.sync(allow_partial=True)
    assert (result.status, result.counts.missing, result.counts.unchanged) == ("PARTIAL", 0, 1)

    with pytest.raises(IncompleteExtract, match="--allow-partial") as caught:
        mall.sync(snapshot=result.extracted.snapshot)
    assert caught.value.exit_code == 6
    assert last_log(mall)["status"] == "FAILED"
    assert mall.sync(snapshot=result.extracted.snapshot, allow_partial=True).status == "PARTIAL"


def test_a_shrunk_feed_is_refused(mall: Mall) -> None:
    """More than --max-drop fewer records: exit 3 with the figures; --force goes on."""
    mall.sync([record(f"T{number}") for number in range(100)])

    with pytest.raises(GuardError, match="has 60 records, 40") as caught:
        mall.sync([record(f"T{number}") for number in range(60)])
    assert caught.value.exit_code == 3
    assert last_log(mall)["status"] == "FAILED"

    assert mall.sync(force=True).counts.missing == 40


def test_a_second_sync_at_the_same_time_is_refused(mall: Mall) -> None:
    """While another connection holds the lock: exit 4, naming the run; afterwards all is well."""
    mall.sync([record("T1")])
    with Postgres(mall.database.dsn) as other:
        assert other.lock_source("")
        mall.database.execute(
            "INSERT INTO etl.sync_logs (sync_id, status, started_at, version) VALUES ('other', 'RUNNING', now(), '0')"
        )
        with pytest.raises(LockError, match=r"other \(since") as caught:
            mall.sync()
        assert caught.value.exit_code == 4
    mall.sync()


def test_the_next_run_may_begin_at_once(mall: Mall) -> None:
    """A run that is done gives up the lock: the next need not wait until the server has seen the connection close."""
    settings = settings_for(mall.dsn, mall.api.url, mall.folder)
    with Postgres(mall.dsn) as db:
        sync_source(settings, db, SyncOptions())
        with Postgres(mall.database.dsn) as other:
            assert other.lock_source("")


def test_the_next_run_may_begin_at_once_after_a_refused_one(mall: Mall) -> None:
    """So may the one that is forced after a guard has refused."""
    mall.sync(five_pages())
    mall.api.records = []
    settings = settings_for(mall.dsn, mall.api.url, mall.folder)
    with Postgres(mall.dsn) as db:
        with pytest.raises(GuardError):
            sync_source(settings, db, SyncOptions())
        with Postgres(mall.database.dsn) as other:
            assert other.lock_source("")


def test_a_dead_run_is_found_by_the_next(mall: Mall) -> None:
    """A run left RUNNING by a killed process is marked FAILED by the next, which goes on."""
    mall.database.execute(
        "INSERT INTO etl.sync_logs (sync_id, status, started_at, version) VALUES ('dead', 'RUNNING', now(), '0')"
    )

    mall.sync([record("T1")])

    (dead,) = mall.database.query("SELECT status, error FROM etl.sync_logs WHERE sync_id = 'dead'")
    assert dead["status"] == "FAILED"
    assert "process died" in dead["error"]


def test_rows_that_the_database_refuses_cost_only_themselves(any_mall: Mall) -> None:
    """A CHECK and a trigger of the CMS refuse three of 300 rows: the rest lands, PARTIAL, with the database's words."""
    any_mall.database.execute("ALTER TABLE shops ADD CONSTRAINT no_roof CHECK (location_zone <> 'Roof')")
    any_mall.database.execute(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.title = 'Forbidden' THEN "
        "RAISE EXCEPTION 'this title is forbidden'; END IF; RETURN NEW; END $$"
    )
    any_mall.database.execute(
        "CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON shops_locales FOR EACH ROW EXECUTE FUNCTION refuse()"
    )
    records = [record(f"T{number:03}") for number in range(300)]
    records[7]["zone"] = records[200]["zone"] = "Roof"
    records[100]["brandNameEn"] = "Forbidden"

    result = any_mall.sync(records, refused=True)

    assert (result.status, result.counts.created, result.counts.rejected) == ("PARTIAL", 297, 3)
    issues = any_mall.database.query(
        "SELECT unique_id, code, message FROM etl.sync_issues ORDER BY unique_id"
    )
    assert [issue["unique_id"] for issue in issues] == ["T007", "T100", "T200"]
    assert "no_roof" in issues[0]["message"]
    assert str(issues[1]["message"]).startswith(
        "The database refused the row: this title is forbidden (correct"
    )
    assert len(any_mall.database.query("SELECT id FROM shops")) == 297

    for number in (7, 200):
        records[number]["zone"] = "East"
    after = any_mall.sync(records, refused=True)
    assert (after.counts.created, after.counts.rejected, after.counts.unchanged) == (2, 1, 297)


def test_a_crash_in_the_middle_of_apply_rolls_everything_back(mall: Mall) -> None:
    """An error that is not a row's fault ends the run: nothing is written, not even the audit, and the log says why."""
    mall.sync(list(sample_day(1, 80)))
    before = mall.fingerprint()
    mall.database.execute("ALTER TABLE etl.sync_changes RENAME TO hidden")

    with pytest.raises(LoadError, match="etl init"):
        mall.sync(list(sample_day(2, 80)), force=True)

    mall.database.execute("ALTER TABLE etl.hidden RENAME TO sync_changes")
    assert mall.fingerprint() == before
    assert last_log(mall)["status"] == "FAILED"
    assert mall.sync().counts.updated > 0


@pytest.mark.long
def test_an_editor_who_holds_a_row_makes_the_sync_fail_cleanly(mall: Mall) -> None:
    """A row that stays locked longer than LOCK_TIMEOUT_S: exit 1 with advice, and nothing written."""
    mall.sync([record("T1")])
    mall.overrides["lock_timeout_s"] = 0.2
    with mall.database.connect() as editor:
        editor.execute("UPDATE shops SET location_zone = 'Mine'")
        with pytest.raises(LoadError, match="LOCK_TIMEOUT_S"):
            mall.sync([record("T1", zone="West")])
        editor.commit()
    result = mall.sync()
    assert (result.counts.conflicts, mall.row("T1")["location_zone"]) == (1, "West")


def test_a_signal_right_after_the_commit_changes_nothing(mall: Mall, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run is COMMITted when SIGTERM comes: it is COMPLETED, and says so."""
    execute = Postgres.execute
    late = iter([True])

    def execute_then_signal(db: Postgres, sql: str, *values: Any, doing: str = "a statement") -> None:
        execute(db, sql, *values, doing=doing)
        if sql == "COMMIT" and bool(mall.database.query("SELECT 1 FROM shops")) and next(late, False):
            raise Interrupted(signal.SIGTERM)

    monkeypatch.setattr(Postgres, "execute", execute_then_signal)
    result = mall.sync([record("T1")])
    assert result.status == "COMPLETED"
    assert not next(late, False)
    (run,) = mall.database.query("SELECT status, error FROM etl.sync_logs")
    assert run == {"status": "COMPLETED", "error": None}


def test_a_signal_after_the_run_changes_nothing(mall: Mall, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run is done and only its end is shown when SIGTERM comes: no exit code says that nothing was written."""
    monkeypatch.setattr("etl.runs.logged.show_end", lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    with interrupting():
        result = mall.sync([record("T1")])
    assert result.status == "COMPLETED"
    assert mall.last_run()["status"] == "COMPLETED"
