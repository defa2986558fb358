"""Retention: the job's own tables keep a year of runs and 90 days of changes, and say what they no longer have."""

import json
from io import StringIO
from typing import Any

import pytest

from etl.errors import ConfigError
from etl.runs import retention
from tests.support.log import read_log
from tests.support.process import run
from tests.support.sync import Mall, record

DETAILS = ("etl.sync_changes", "etl.sync_issues")


def day(number: int) -> list[dict[str, Any]]:
    """Return a feed of 6 of which each day changes one record, and finds a floor that fits nothing."""
    records = [record(f"T{each}") for each in range(6)]
    records[number % 6] |= {"zone": f"Zone {number}", "floor": f"Fl. {80 + number}"}
    return records


def age(mall: Mall, sync_id: str, days: float) -> None:
    """Let a run be so many days ago."""
    mall.database.execute(
        "UPDATE etl.sync_logs SET started_at = now() - make_interval(secs => %s) WHERE sync_id = %s",
        days * 86_400,
        sync_id,
    )


def kept(mall: Mall, table: str) -> dict[str, int]:
    """Count the rows of each run."""
    rows = mall.database.query(f"SELECT sync_id, count(*) AS rows FROM {table} GROUP BY sync_id")
    return {row["sync_id"]: row["rows"] for row in rows}


@pytest.mark.long
def test_the_default_ages(mall: Mall) -> None:
    """After 90 days the findings and changes of a run go, after a year the run itself; a day less, and they stay."""
    ids = [mall.sync(day(number)).sync_id for number in range(5)]
    before = [mall.database.query(f"SELECT * FROM {table} ORDER BY id") for table in DETAILS]
    for sync_id, days in zip(ids, (366, 364, 91, 89, 1), strict=True):
        age(mall, sync_id, days)
    cms = mall.fingerprint()
    last = mall.sync(day(4)).sync_id
    assert sorted(kept(mall, "etl.sync_logs")) == sorted([*ids[1:], last])
    for table, rows in zip(DETAILS, before, strict=True):
        now = mall.database.query(f"SELECT * FROM {table} WHERE sync_id <> %s ORDER BY id", last)
        assert now == [row for row in rows if row["sync_id"] in ids[3:]]
        assert now
    removed = mall.database.query(
        "SELECT sync_id FROM etl.sync_logs WHERE details_removed_at IS NOT NULL ORDER BY 1"
    )
    assert [row["sync_id"] for row in removed] == sorted(ids[1:3])
    assert mall.fingerprint() == cms


def test_a_run_whose_changes_are_gone(mall: Mall) -> None:
    """It can't be rolled back, and `runs` says since when; the runs after it can; `explain` claims nothing of then."""
    first = mall.sync(day(0)).sync_id
    second = mall.sync(day(1)).sync_id
    age(mall, first, 100)
    mall.sync(day(1))
    refused = run(mall, "rollback", first, "--yes")
    assert refused.returncode == ConfigError.exit_code
    assert f"Run {first} can't be rolled back any more" in refused.stderr
    assert "CHANGES_KEEP_DAYS" in refused.stderr
    shown = run(mall, "runs", first)
    assert shown.returncode == 0
    assert "they were older than CHANGES_KEEP_DAYS" in shown.stdout
    assert json.loads(run(mall, "runs", first, "--json").stdout)["details_removed_at"]

    told = json.loads(run(mall, "explain", "T1", "--json").stdout)
    writers = {each["field"]: each["writer"] for each in told["database"]["rows"][0]["fields"]}
    assert writers["zone"]["who"] == "run"
    assert writers["zone"]["sync_id"] == second
    assert writers["phone"]["who"] == "unknown"
    assert "not known: changes of then are not kept" in run(mall, "explain", "T1").stdout

    assert run(mall, "rollback", second, "--yes").returncode == 0
    assert mall.row("T1")["location_zone"] == "East"


def test_a_record_of_a_kept_run_is_known_from_the_start(mall: Mall) -> None:
    """A row that came after what was removed has its whole history: nothing of it is `unknown`."""
    age(mall, mall.sync(day(0)).sync_id, 100)
    mall.sync([*day(0), record("T9")])
    told = json.loads(run(mall, "explain", "T9", "--json").stdout)
    assert {each["writer"]["who"] for each in told["database"]["rows"][0]["fields"]} == {"run"}


@pytest.mark.long
def test_the_last_good_run_stays(mall: Mall) -> None:
    """A job that paused for two years still refuses a feed that lost its records; the year's failures go."""
    good = mall.sync([record(f"T{each}") for each in range(200)]).sync_id
    mall.overrides = {"max_drop": "20%"}
    age(mall, good, 800)
    failed = []
    for _ in range(2):
        with pytest.raises(Exception, match="max-drop"):
            mall.sync([record("T1")])
        failed.append(mall.last_run()["sync_id"])
        age(mall, failed[-1], 700)
    mall.sync([record("T1")], force=True)
    mall.database.execute(
        "UPDATE etl.sync_logs SET started_at = now() - interval '400 days' WHERE status = 'COMPLETED'"
    )
    latest = mall.sync([record("T1")]).sync_id
    assert list(kept(mall, "etl.sync_logs")) == [latest]


@pytest.mark.quick(every=2)
@pytest.mark.parametrize(
    ("runs", "changes", "left"),
    [
        (0, 0, (3, 3)),
        (10, 0, (1, 1)),
        (0, 10, (3, 1)),
        (10, 30, (1, 1)),
        (30, 10, (2, 1)),
    ],
)
def test_the_settings(mall: Mall, runs: int, changes: int, left: tuple[int, int]) -> None:
    """0 keeps all; the changes of a run never outlive it."""
    mall.overrides = {"runs_keep_days": runs, "changes_keep_days": changes}
    for number, days in enumerate((40, 20)):
        age(mall, mall.sync(day(number)).sync_id, days)
    mall.sync(day(2))
    assert (len(kept(mall, "etl.sync_logs")), len(kept(mall, "etl.sync_changes"))) == left


def test_bit_by_bit(mall: Mall, monkeypatch: pytest.MonkeyPatch, log_lines: StringIO) -> None:
    """A backlog goes over several runs, the oldest first, with a warning; a run that lost a part can't be rolled back."""
    first = mall.sync(day(0)).sync_id
    age(mall, first, 400)
    monkeypatch.setattr(retention, "_MOST_ROWS", 4)
    monkeypatch.setattr(retention, "_MOST_S", 0.0)
    mall.sync(day(0))
    assert kept(mall, "etl.sync_changes") == {first: 2}
    refused = run(mall, "rollback", first)
    assert "can't be rolled back any more" in refused.stderr
    last = mall.sync(day(0)).sync_id
    assert first not in kept(mall, "etl.sync_logs")
    assert last in kept(mall, "etl.sync_logs")
    assert kept(mall, "etl.sync_changes") == {}
    told = read_log(log_lines.getvalue())
    deleted = [each for each in told if each["event"] == "old_rows_deleted"]
    assert [(each["changes"], each["runs"]) for each in deleted] == [(4, 0), (2, 1)]
    behind = [each for each in told if each["event"] == "retention_behind"]
    assert [(each["level"], each["table"], each["deleted"]) for each in behind] == [
        ("warning", "etl.sync_changes", 4)
    ]


def test_a_backlog_that_fits_into_the_time(
    mall: Mall, monkeypatch: pytest.MonkeyPatch, log_lines: StringIO
) -> None:
    """However many rows there are, one run deletes as many as there is time for."""
    first = mall.sync(day(0)).sync_id
    age(mall, first, 400)
    monkeypatch.setattr(retention, "_MOST_ROWS", 2)
    mall.sync(day(0))
    assert first not in kept(mall, "etl.sync_logs")
    assert kept(mall, "etl.sync_changes") == {}
    assert "retention_behind" not in log_lines.getvalue()


def test_what_is_refused_is_a_warning(mall: Mall, log_lines: StringIO) -> None:
    """A delete that fails costs the run nothing; the next run does the rest."""
    first = mall.sync(day(0)).sync_id
    age(mall, first, 100)
    mall.database.execute("CREATE RULE keep AS ON DELETE TO etl.sync_changes DO INSTEAD SELECT 1/0")
    assert mall.sync(day(1)).status == "COMPLETED"
    told = read_log(log_lines.getvalue())
    assert [each["level"] for each in told if each["event"] == "retention_failed"] == ["warning"]
    assert first in kept(mall, "etl.sync_changes")
    mall.database.execute("DROP RULE keep ON etl.sync_changes")
    mall.sync(day(1))
    assert first not in kept(mall, "etl.sync_changes")


def test_the_screen_of_the_cms(mall: Mall) -> None:
    """Runs that go leave the CMS's screen with their lists; rows of the earlier job stay."""
    mall.database.execute(
        "INSERT INTO api_sync_logs (sync_id, status, started_at, external_api_url) "
        "VALUES ('earlier', 'COMPLETED', '2020-01-01', 'https://api.example')"
    )
    floors = "api_sync_logs_unmapped_data_unmapped_floors"
    first = mall.sync(day(0)).sync_id
    listed = mall.database.query(f"SELECT * FROM {floors}")
    age(mall, first, 400)
    second = mall.sync(day(1)).sync_id
    shown = mall.database.query("SELECT sync_id FROM api_sync_logs ORDER BY id")
    assert [row["sync_id"] for row in shown] == ["earlier", second]
    now = mall.database.query(f"SELECT * FROM {floors}")
    assert len(listed) == len(now) == 1
    assert listed != now
