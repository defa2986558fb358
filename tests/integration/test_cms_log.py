"""The CMS's own screen of runs: filled where it exists, and never in the way of a sync."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest

from etl.db.connection import Postgres
from etl.errors import Interrupted, SourceError
from etl.runs import cms_log
from tests.support import api as answers
from tests.support.api import FakeApi
from tests.support.cms import make_cms
from tests.support.log import read_log
from tests.support.move import move_record
from tests.support.postgres import Database
from tests.support.rollback import roll_back
from tests.support.sync import Mall, record

UNMAPPED = "api_sync_logs_unmapped_data_unmapped"
LISTS = (
    "api_sync_logs_errors",
    "api_sync_logs_validation_issues",
    f"{UNMAPPED}_floors",
    f"{UNMAPPED}_categories",
)
ROLE_RIGHTS = (
    "GRANT USAGE ON SCHEMA public, etl TO {0}; "
    "GRANT ALL ON ALL TABLES IN SCHEMA public, etl TO {0}; GRANT ALL ON ALL SEQUENCES IN SCHEMA public, etl TO {0}"
)
DEAD = (
    "INSERT INTO etl.sync_logs (sync_id, status, started_at, version) VALUES ('dead', 'RUNNING', now(), '0')"
)


def warnings(lines: StringIO) -> list[dict[str, Any]]:
    """Return the warnings about the screen so far."""
    return [event for event in read_log(lines.getvalue()) if event["event"] == "cms_log_failed"]


def shown(mall: Mall, sync_id: str | None = None) -> dict[str, Any]:
    """Return a run's row on the screen, or the only one."""
    rows = mall.database.query("SELECT * FROM api_sync_logs")
    (row,) = [row for row in rows if sync_id in {None, row["sync_id"]}]
    return row


def listed(mall: Mall, table: str, *columns: str) -> list[tuple[Any, ...]]:
    """Return a list's rows of all runs, in its order."""
    rows = mall.database.query(f"SELECT * FROM {table} ORDER BY _parent_id, _order")
    return [tuple(row[column] for column in columns) for row in rows]


def messy_records() -> list[dict[str, Any]]:
    """Return two good records, two without an id, two with a floor and three with categories that fit nothing."""
    return [
        record("T1"),
        record("T2", floor="Fl. 98", website={"url": "https://example.com"}),
        record("T3", floor="Fl. 99", categoryNameEn="Zzz", categoryNameTh="ซซซ"),
        record("T4", floor="Fl. 99", categoryNameEn="Zzz", categoryNameTh="ซซซ"),
        record("T5", openingHours="whenever", categoryNameEn=None, categoryNameTh="ฌฌฌ"),
        record("T6", categoryNameEn="Zzz restaurant x", categoryNameTh=None),
        record(None, brandNameEn="First"),
        record(None, brandNameEn="Second"),
    ]


@contextmanager
def limited_role(mall: Mall, revoke: str) -> Iterator[None]:
    """Let the sync run as a role that has every right but one."""
    role, database = f"etl_test_{uuid4().hex[:12]}", mall.database
    database.execute(f"CREATE ROLE {role}; {ROLE_RIGHTS.format(role)}; REVOKE {revoke} FROM {role}")
    separator = "&" if "?" in database.owner_dsn else "?"
    dsn = f"{database.owner_dsn}{separator}options={quote(f'-c role={role}')}"
    mall.database = Database(dsn, database.major)
    try:
        yield
    finally:
        mall.database = database
        database.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")


def test_a_whole_run(any_mall: Mall) -> None:
    """A run is COMPLETED with its counts, times in their units, and lists that are empty."""
    result = any_mall.sync(
        [record(f"T{number}") for number in range(150)]
        + [record("D1", categoryNameEn="Cafe", categoryNameTh=None)]
    )

    row = shown(any_mall)
    (truth,) = any_mall.database.query("SELECT * FROM etl.sync_logs")
    assert (row["sync_id"], row["status"], row["external_api_url"]) == (
        result.sync_id,
        "COMPLETED",
        any_mall.api.url,
    )
    assert {
        name.removeprefix("processing_summary_"): count for name, count in row.items() if "processing" in name
    } == {
        "records_processed": 151,
        "records_created": 151,
        "records_updated": 0,
        "records_failed": 0,
        "shops_processed": 150,
        "dinings_processed": 1,
    }
    assert [row[f"api_response_summary_{name}"] for name in ("total_records_fetched", "total_pages")] == [
        151,
        2,
    ]
    assert row["api_response_summary_last_page_processed"] == 2
    assert abs((row["started_at"] - truth["started_at"]).total_seconds()) < 0.001
    assert abs((row["completed_at"] - truth["completed_at"]).total_seconds()) < 0.001
    assert float(row["duration_seconds"]) == pytest.approx(truth["duration_seconds"], abs=0.001)
    assert float(row["performance_metrics_avg_time_per_record"]) == pytest.approx(
        truth["duration_seconds"] * 1000 / 151, abs=0.001
    )
    assert float(row["performance_metrics_memory_usage_mb"]) == truth["performance"]["peak_memory_mb"]
    assert float(row["performance_metrics_api_response_time_avg"]) == pytest.approx(
        truth["performance"]["latency_avg_s"] * 1000
    )
    assert row["updated_at"] >= row["created_at"]
    assert [any_mall.database.query(f"SELECT * FROM {table}") for table in LISTS[:3]] == [[], [], []]


def test_a_partial_run_lists_what_it_found(any_mall: Mall) -> None:
    """PARTIAL, with errors, warnings, distinct floor labels and categories in both languages, most frequent first."""
    any_mall.sync(messy_records())

    row = shown(any_mall)
    assert (row["status"], row["processing_summary_records_failed"]) == ("PARTIAL", 2)
    assert row["notes"] == "0 unchanged, 3 with an unmapped floor, 4 with an unmapped category."
    errors = listed(any_mall, LISTS[0], "_order", "record_unique_id", "error_message", "timestamp")
    assert [(order, unique_id) for order, unique_id, *_ in errors] == [(1, None), (2, None)]
    assert "'First'" in errors[0][2]
    assert "'Second'" in errors[1][2]
    assert errors[0][3] == row["completed_at"]
    warned = listed(any_mall, LISTS[1], "_order", "record_unique_id", "description")
    assert [(order, unique_id) for order, unique_id, _ in warned] == [(1, None), (2, "T2"), (3, "T5")]
    assert "'website'" in warned[0][2]
    assert listed(any_mall, LISTS[2], "_order", "floor_name") == [(1, "Fl. 99"), (2, "Fl. 98")]
    assert listed(any_mall, LISTS[3], "_order", "category_name", "type", "english_name", "thai_name") == [
        (1, "Zzz", "shops", "Zzz", "ซซซ"),
        (2, "Zzz restaurant x", "dinings", "Zzz restaurant x", None),
        (3, "ฌฌฌ", "shops", None, "ฌฌฌ"),
    ]
    for table in LISTS:
        rows = any_mall.database.query(f"SELECT id, _parent_id FROM {table}")
        assert {row["_parent_id"] for row in rows} == {shown(any_mall)["id"]}
        assert all(len(row["id"]) == 24 and set(row["id"]) <= set("0123456789abcdef") for row in rows)


def test_a_second_sync_writes_to_the_screen_and_to_nothing_else(mall: Mall) -> None:
    """Nothing changed: shops and dinings are untouched, and the screen has a second row with its own lists."""
    mall.sync(messy_records())
    before = mall.fingerprint()

    again = mall.sync()

    assert mall.fingerprint() == before
    row = shown(mall, again.sync_id)
    assert row["notes"] == "6 unchanged, 3 with an unmapped floor, 4 with an unmapped category."
    assert listed(mall, LISTS[2], "_order", "floor_name") == [(1, "Fl. 99"), (2, "Fl. 98")] * 2


def test_long_lists_are_cut_and_the_notes_say_so(mall: Mall, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each list has at most so many rows, the first of their order; the notes tell how many more there are."""
    monkeypatch.setattr(cms_log, "LISTED", 1)

    result = mall.sync(messy_records())

    assert [len(listed(mall, table, "_order")) for table in LISTS] == [1, 1, 1, 1]
    assert listed(mall, LISTS[2], "floor_name") == [("Fl. 99",)]
    assert "'First'" in listed(mall, LISTS[0], "error_message")[0][0]
    assert str(shown(mall)["notes"]).endswith(
        "Not listed here: 1 more errors, 2 more validation issues, 1 more unmapped floors, "
        f"2 more unmapped categories; `etl runs {result.sync_id}` shows them."
    )


def test_a_run_that_fails(mall: Mall) -> None:
    """FAILED, with the reason in the notes and as its only error; what is not known is null."""
    mall.overrides["api_retries"] = 0
    mall.api.records = [record("T1")]
    mall.api.fail_always(1, answers.status(503))

    with pytest.raises(SourceError):
        mall.sync()

    row = shown(mall)
    (truth,) = mall.database.query("SELECT error FROM etl.sync_logs")
    assert row["status"] == "FAILED"
    assert "503" in truth["error"]
    assert row["notes"] == f"Failed: {truth['error']}"
    assert row["completed_at"] is not None
    assert float(row["duration_seconds"]) > 0
    assert row["processing_summary_records_processed"] is None
    assert row["performance_metrics_avg_time_per_record"] is None
    assert listed(mall, LISTS[0], "_order", "record_unique_id", "error_message") == [
        (1, None, truth["error"])
    ]


def test_a_replayed_snapshot_has_no_pages_and_no_requests(mall: Mall) -> None:
    """Pages and API times are null; its address is the snapshot's, and the notes say that it was a replay."""
    first = mall.sync([record("T1")])

    again = mall.sync(snapshot=first.extracted.snapshot)

    row = shown(mall, again.sync_id)
    assert row["notes"] == "1 unchanged. Replayed from a snapshot."
    assert row["external_api_url"] == first.extracted.snapshot
    assert row["api_response_summary_total_pages"] is None
    assert row["performance_metrics_api_response_time_avg"] is None


def test_what_is_done_by_hand_has_an_address_too(mall: Mall) -> None:
    """Payload asks for one: a rollback and a move, which call no API, show what they are."""
    first = mall.sync([record("T1")])
    mall.sync([record("T1", categoryNameEn="Restaurant", categoryNameTh=None)])
    mall.edit("T1", status="ACTIVE")

    moved = move_record(mall, "T1")
    undone = roll_back(mall, str(moved.sync_id))
    again = roll_back(mall, first.sync_id)

    rows = mall.database.query("SELECT status::text, external_api_url FROM api_sync_logs ORDER BY id")
    assert [tuple(row.values()) for row in rows] == [
        ("COMPLETED", mall.api.url),
        ("COMPLETED", mall.api.url),
        ("COMPLETED", "move of T1"),
        ("COMPLETED", f"rollback of {moved.sync_id}"),
        (again.totals.status, f"rollback of {first.sync_id}"),
    ]
    assert undone.totals.status == "COMPLETED"


def test_a_run_is_running_while_it_runs(mall: Mall, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that is killed leaves RUNNING behind; the next run marks it FAILED here too."""
    monkeypatch.setattr("etl.runs.logged.show_end", lambda *_: None)
    dead = mall.sync([record("T1")])
    row = shown(mall)
    assert (row["status"], row["completed_at"], row["notes"]) == ("RUNNING", None, None)
    assert row["external_api_url"] == mall.api.url
    mall.database.execute("UPDATE etl.sync_logs SET status = 'RUNNING', completed_at = NULL")
    monkeypatch.undo()

    mall.sync()

    row = shown(mall, dead.sync_id)
    assert row["status"] == "FAILED"
    assert "process died" in row["notes"]
    assert len(mall.database.query("SELECT * FROM api_sync_logs")) == 2


def test_a_run_whose_end_was_not_shown_gets_its_real_status(
    mall: Mall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after its COMMIT: the next run shows how it ended, with its lists."""
    monkeypatch.setattr("etl.runs.logged.show_end", lambda *_: None)
    cut = mall.sync(messy_records())
    monkeypatch.undo()

    mall.sync([record("T1")])

    assert shown(mall, cut.sync_id)["status"] == "PARTIAL"
    assert listed(mall, LISTS[2], "floor_name") == [("Fl. 99",), ("Fl. 98",)]
    assert listed(mall, LISTS[3], "category_name", "type", "english_name", "thai_name") == [
        ("Zzz", "shops", "Zzz", "ซซซ"),
        ("Zzz restaurant x", "dinings", "Zzz restaurant x", None),
        ("ฌฌฌ", "shops", None, "ฌฌฌ"),
    ]


def test_a_run_that_could_not_be_shown_at_its_start_is_shown_at_its_end(
    mall: Mall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was in the way may be gone by then."""
    monkeypatch.setattr("etl.runs.logged.show_start", lambda *_: None)

    result = mall.sync([record("T1")])

    assert (shown(mall)["sync_id"], shown(mall)["status"]) == (result.sync_id, "COMPLETED")


def test_rows_of_the_earlier_job_stay(mall: Mall) -> None:
    """A row that this job did not make is not touched, be it RUNNING for ever."""
    mall.database.execute(
        "INSERT INTO api_sync_logs (sync_id, status, started_at, external_api_url, notes) VALUES "
        "('old', 'RUNNING', now(), 'https://api.example', 'x'), ('older', 'COMPLETED', now(), 'https://api.example', 'y')"
    )
    rows = "SELECT xmin::text, * FROM api_sync_logs WHERE sync_id LIKE 'old%' ORDER BY id"
    before = mall.database.query(rows)
    mall.database.execute(DEAD)

    mall.sync([record("T1")])

    assert mall.database.query(rows) == before
    assert [row["status"] for row in mall.database.query("SELECT status FROM api_sync_logs")].count(
        "COMPLETED"
    ) == 2


def test_no_screen_is_no_news(any_mall: Mall, log_lines: StringIO) -> None:
    """Without the table, runs are what they were, and nothing is logged about it."""
    any_mall.database.execute("DROP TABLE api_sync_logs CASCADE")

    assert any_mall.sync(messy_records()).status == "PARTIAL"
    assert warnings(log_lines) == []


def test_an_older_release_has_fewer_columns_and_lists(
    api: FakeApi, any_empty_database: Database, tmp_path: Path, log_lines: StringIO
) -> None:
    """Four columns and no list: these are filled, nothing is altered, nothing is logged."""
    make_cms(any_empty_database, skip_sync=True, api_sync_logs=True)
    any_empty_database.execute(
        "CREATE TABLE api_sync_logs_errors (_order int, _parent_id int, id varchar PRIMARY KEY, error_message text)"
    )
    mall = Mall(api, any_empty_database, tmp_path / "snapshots")
    mall.init()

    result = mall.sync(messy_records())

    row = shown(mall)
    assert row.keys() == {"id", "sync_id", "status", "started_at"}
    assert (row["sync_id"], row["status"]) == (result.sync_id, "PARTIAL")
    assert row["started_at"] is not None
    assert [order for (order,) in listed(mall, LISTS[0], "_order")] == [1, 2]
    assert warnings(log_lines) == []


def test_a_list_without_any_of_its_columns_is_left_alone(mall: Mall, log_lines: StringIO) -> None:
    """A list's table that has only keys gets no row."""
    mall.database.execute(f"ALTER TABLE {LISTS[2]} DROP COLUMN floor_name")

    mall.sync(messy_records())

    assert listed(mall, LISTS[2], "_order") == []
    assert warnings(log_lines) == []


def test_a_screen_without_the_columns_it_needs(mall: Mall, log_lines: StringIO) -> None:
    """Without a status there is nothing to show: one warning at the start and one at the end name the column."""
    mall.database.execute("ALTER TABLE api_sync_logs DROP COLUMN status")

    assert mall.sync([record("T1")]).status == "COMPLETED"

    assert [event["error"] for event in warnings(log_lines)] == [
        "api_sync_logs does not have status; no run is shown there.",
    ] * 2
    assert mall.database.query("SELECT * FROM api_sync_logs") == []


def test_a_missing_right_only_warns(any_mall: Mall, log_lines: StringIO) -> None:
    """A role that may not insert: the sync is done, the warning says what it does not have."""
    with limited_role(any_mall, "INSERT ON api_sync_logs"):
        result = any_mall.sync([record("T1")])

    assert (result.status, result.counts.created) == ("COMPLETED", 1)
    assert any_mall.database.query("SELECT * FROM api_sync_logs") == []
    found = warnings(log_lines)
    assert [event["level"] for event in found] == ["warning", "warning"]
    assert "permission denied for table api_sync_logs" in found[1]["error"]
    assert found[1]["sync_id"] == result.sync_id


def test_a_missing_right_on_a_list_costs_that_list(mall: Mall, log_lines: StringIO) -> None:
    """The other lists are filled and the run is closed; one warning names the list."""
    with limited_role(mall, f"INSERT ON {LISTS[1]}"):
        mall.sync(messy_records())

    assert shown(mall)["status"] == "PARTIAL"
    assert [len(listed(mall, table, "_order")) for table in LISTS] == [2, 0, 2, 3]
    (event,) = warnings(log_lines)
    assert event["not_shown"] == [LISTS[1]]
    assert f"permission denied for table {LISTS[1]}" in event["error"]


def test_a_status_that_the_screen_does_not_know(mall: Mall, log_lines: StringIO) -> None:
    """An enum without PARTIAL: the run stays RUNNING there, with no half a list, and later runs are shown."""
    mall.database.execute(
        "CREATE TYPE old_status AS ENUM ('RUNNING', 'COMPLETED', 'FAILED'); "
        "ALTER TABLE api_sync_logs ALTER status DROP DEFAULT, ALTER status TYPE old_status USING status::text::old_status"
    )

    partial = mall.sync(messy_records())
    whole = mall.sync([record("T1")])

    assert shown(mall, partial.sync_id)["status"] == "RUNNING"
    assert listed(mall, LISTS[0], "_order") == []
    assert shown(mall, whole.sync_id)["status"] == "COMPLETED"
    assert 'invalid input value for enum old_status: "PARTIAL"' in warnings(log_lines)[0]["error"]


@pytest.mark.parametrize("table", ["api_sync_logs", LISTS[0]])
def test_a_lock_does_not_hold_a_sync_up(
    mall: Mall, monkeypatch: pytest.MonkeyPatch, log_lines: StringIO, table: str
) -> None:
    """While another session holds a table of the screen, the sync goes on after a short wait, and warns."""
    monkeypatch.setattr(cms_log, "LOCK_TIMEOUT_S", 0.1)
    with mall.database.connect() as other:
        other.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")

        result = mall.sync(messy_records())

        other.rollback()

    assert result.counts.created == 6
    assert "lock timeout" in warnings(log_lines)[-1]["error"]
    mall.sync()
    if table != "api_sync_logs":
        assert shown(mall, result.sync_id)["status"] == "PARTIAL"
        assert len(listed(mall, LISTS[0], "_order")) == 4


def test_the_runs_own_limits_come_back(mall: Mall) -> None:
    """The short limits hold for the screen only."""
    with Postgres(mall.database.dsn) as db:
        db.set_session(7, 60)
        mall.database.execute(DEAD)

        cms_log.show_start(db, "dead")

        assert shown(mall)["status"] == "RUNNING"
        db.execute("DO $$ BEGIN ASSERT current_setting('lock_timeout') = '7s'; END $$")
        db.execute("DO $$ BEGIN ASSERT current_setting('statement_timeout') = '1min'; END $$")


def test_the_end_is_shown_on_a_new_connection_if_the_runs_own_is_gone(mall: Mall) -> None:
    """A run that fails because its connection broke is closed on the screen all the same."""
    mall.database.execute(DEAD)
    with Postgres(mall.database.dsn) as db:
        cms_log.show_start(db, "dead")
        mall.database.execute("UPDATE etl.sync_logs SET status = 'FAILED', error = 'The connection broke.'")
        db.close()

        cms_log.show_end(db, "dead")

    assert (shown(mall)["status"], shown(mall)["notes"]) == ("FAILED", "Failed: The connection broke.")


def test_a_signal_after_the_end_changes_nothing(
    mall: Mall, monkeypatch: pytest.MonkeyPatch, log_lines: StringIO
) -> None:
    """A run that is committed has succeeded, even if it is stopped while the screen is written."""
    finish = cms_log._finish

    def interrupted(*arguments: Any) -> Any:
        finish(*arguments)
        raise Interrupted(15)

    monkeypatch.setattr(cms_log, "_finish", interrupted)

    assert mall.sync([record("T1")]).status == "COMPLETED"

    assert shown(mall)["status"] == "RUNNING"
    assert len(warnings(log_lines)) == 1
