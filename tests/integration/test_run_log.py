"""The audit trail: finding a run, what is kept of it, the views for people, and runs that died."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from etl.contract.counters import PlanCounts
from etl.contract.source_names import Origin
from etl.db.connection import Postgres
from etl.errors import ConfigError
from etl.load.guards import LastRun
from etl.load.sources import keep_source, read_sources
from etl.model.results import ExtractResult
from etl.runs import log as run_log
from tests.support.postgres import Database
from tests.support.sync import Mall, record

MONDAY, TUESDAY, WEDNESDAY = (
    f"202611{day}T060000Z-{tail}" for day, tail in ((23, "a1b2c3"), (24, "a1ffff"), (25, "00beef"))
)


SIAM = Origin("siam", "siam:", "https://siam.example")


def counts(unmapped_floors: int, unmapped_categories: int) -> PlanCounts:
    """Return the figures of a plan that does nothing, but for labels that fit nothing."""
    nothing = dict.fromkeys(PlanCounts.__dataclass_fields__, 0)
    unmapped = {"unmapped_floors": unmapped_floors, "unmapped_categories": unmapped_categories}
    return PlanCounts(**nothing | unmapped)


@pytest.fixture
def db(database: Database) -> Iterator[Postgres]:
    """Give a connection to an initialised database."""
    with Postgres(database.dsn, "the mall") as db:
        yield db


def log_run(database: Database, sync_id: str, status: str = "COMPLETED", **values: Any) -> None:
    """Write a run into the log, as old as its id says."""
    started = datetime.strptime(sync_id.split("-", maxsplit=1)[0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    row = {"sync_id": sync_id, "status": status, "started_at": started, "version": "0.0", **values}
    names, marks = ", ".join(row), ", ".join(["%s"] * len(row))
    database.execute(f"INSERT INTO etl.sync_logs ({names}) VALUES ({marks})", *row.values())


def log_issue(database: Database, sync_id: str, unique_id: str, code: str, value: str | None) -> None:
    """Write a finding of a run."""
    database.execute(
        "INSERT INTO etl.sync_issues (sync_id, unique_id, severity, code, message, value) "
        "VALUES (%s, %s, 'warning', %s, 'message of ' || %s, %s)",
        sync_id, unique_id, code, unique_id, value,
    )  # fmt: skip


class TestFindingRuns:
    """By id, by a part of it, or by `latest`."""

    @pytest.fixture(autouse=True)
    def _runs(self, database: Database) -> None:
        for sync_id in (TUESDAY, MONDAY, WEDNESDAY):
            log_run(database, sync_id)

    def test_the_list(self, db: Postgres) -> None:
        """Newest first, however they were written; at most as many as asked for."""
        assert run_log.list_runs(db, 20)["sync_id"].to_list() == [WEDNESDAY, TUESDAY, MONDAY]
        assert run_log.list_runs(db, 2)["sync_id"].to_list() == [WEDNESDAY, TUESDAY]

    @pytest.mark.parametrize(
        ("asked", "found"),
        [
            (MONDAY, MONDAY),
            ("a1b2", MONDAY),
            ("20261124", TUESDAY),
            ("latest", WEDNESDAY),
            ("00beef", WEDNESDAY),
        ],
    )
    def test_one(self, db: Postgres, asked: str, found: str) -> None:
        """A run is found by its whole id, by its day or its last characters, and as the latest."""
        assert run_log.read_run(db, asked)["sync_id"] == found

    @pytest.mark.parametrize("asked", ["a1b2c4", "%%%%", "20261123T06000_Z", "LATEST"])
    def test_none(self, db: Postgres, asked: str) -> None:
        """An unknown id, and wildcards, find nothing: exit 2 and where to look."""
        with pytest.raises(ConfigError) as caught:
            run_log.read_run(db, asked)
        assert str(caught.value) == f"No run is called {asked!r}. `etl runs` lists them."
        assert caught.value.exit_code == 2

    @pytest.mark.parametrize("asked", ["a1b", "%", ""])
    def test_too_little(self, db: Postgres, asked: str) -> None:
        """Less than four characters could be any run: how many it takes."""
        with pytest.raises(ConfigError) as caught:
            run_log.read_run(db, asked)
        assert str(caught.value) == (
            f"{asked!r} is too short to name a run: give at least 4 characters of its id, or 'latest'. "
            "`etl runs` lists them."
        )

    def test_latest_before_the_first(self, database: Database) -> None:
        """No run yet: there is no name to look up, but a command to run."""
        database.execute("DELETE FROM etl.sync_logs")
        with Postgres(database.dsn) as db, pytest.raises(ConfigError) as caught:
            run_log.read_run(db, "latest")
        assert str(caught.value) == "There is no run yet. `etl sync` makes the first."

    def test_several(self, db: Postgres, database: Database) -> None:
        """A part that several runs have: they are counted and named, newest first, three at most."""
        with pytest.raises(ConfigError) as caught:
            run_log.read_run(db, "202611")
        assert str(caught.value) == (
            f"3 runs fit '202611': {WEDNESDAY}, {TUESDAY}, {MONDAY}. Give more of the id."
        )
        log_run(database, f"{MONDAY}-again")
        with pytest.raises(ConfigError) as caught:
            run_log.read_run(db, "202611")
        assert str(caught.value) == (
            f"More than 3 runs fit '202611': {WEDNESDAY}, {TUESDAY}, {MONDAY}-again. Give more of the id."
        )

    def test_an_id_that_is_part_of_another(self, db: Postgres, database: Database) -> None:
        """The whole id comes before a run that has it as a part."""
        log_run(database, f"{MONDAY}-again")
        assert run_log.read_run(db, MONDAY)["sync_id"] == MONDAY


class TestOneRun:
    """What is kept of a sync."""

    def test_from_the_first_row_to_the_json(self, any_mall: Mall) -> None:
        """A sync's figures, findings (errors first) and changes come back as they happened."""
        any_mall.sync([record("T1"), record("T2", zone="East")])
        result = any_mall.sync(
            [record("T1"), record("T2", zone="West", floor="Fl. 99"), record(None), record("T3")]
        )
        with Postgres(any_mall.database.dsn) as db:
            run = run_log.read_run(db, result.sync_id)
            issues, changes = (
                run_log.run_issues(db, result.sync_id, 10, shows_info=False),
                run_log.run_changes(db, result.sync_id, 10),
            )
            first_only = run_log.run_issues(db, result.sync_id, 1, shows_info=True)
            document = run_log.as_json(run, issues, changes)

        assert {name: run[name] for name in ("command", "status", "records_fetched", "records_processed")} == {
            "command": "sync", "status": "PARTIAL", "records_fetched": 4, "records_processed": 3,
        }  # fmt: skip
        assert {
            name: run[f"records_{name}"]
            for name in ("created", "updated", "unchanged", "rejected", "missing")
        } == {"created": 1, "updated": 1, "unchanged": 1, "rejected": 1, "missing": 0}
        assert (run["unmapped_floors"], run["conflicts"], run["error"]) == (1, 0, None)
        assert issues.select("severity", "code").rows() == [
            ("error", "missing_unique_id"),
            ("warning", "unmapped_floor"),
            ("warning", "row_kept"),
        ]
        assert first_only["code"].to_list() == ["missing_unique_id"]
        assert [(row["unique_id"], row["action"]) for row in document["changes"]] == [
            ("T3", "created"),
            ("T2", "updated"),
        ]
        update = document["changes"][1]
        assert (update["before"], update["after"]) == ({"zone": "East"}, {"zone": "West"})
        assert (document["options"], document["issues"][1]["value"]) == ({}, "Fl. 99")
        assert document["rules"]["floor:unmapped"] == 1
        assert set(document["performance"]) >= {"seconds", "peak_memory_mb", "retries"}
        assert json.loads(json.dumps(document, default=str))["status"] == "PARTIAL"

    def test_the_options_that_were_not_the_default(self, mall: Mall) -> None:
        """Only what somebody chose is kept."""
        result = mall.sync([record("T1")], conflicts="editor", missing="inactivate")
        with Postgres(mall.database.dsn) as db:
            run = run_log.read_run(db, result.sync_id)
        assert json.loads(run["options"]) == {"conflicts": "editor", "missing": "inactivate"}

    def test_conflicts_are_kept_with_both_values(self, mall: Mall) -> None:
        """The editor's value and the source's are both in the change."""
        mall.sync([record("T1", zone="East")])
        mall.edit("T1", location_zone="Mine")
        result = mall.sync([record("T1", zone="West")])
        with Postgres(mall.database.dsn) as db:
            document = run_log.as_json(
                run_log.read_run(db, result.sync_id),
                run_log.run_issues(db, result.sync_id, 5, shows_info=True),
                run_log.run_changes(db, result.sync_id, 5),
            )
        (change,) = document["changes"]
        assert (change["before"]["zone"], change["after"]["zone"]) == ("Mine", "West")
        assert "zone" in change["conflicts"]
        assert [issue["code"] for issue in document["issues"]] == ["conflict"]

    def test_a_run_without_changes(self) -> None:
        """No findings and no changes are empty lists; the JSON columns are parsed."""
        run = {
            "sync_id": "x",
            "options": '{"force": true}',
            "performance": "{}",
            "repairs": "{}",
            "rules": "{}",
        }
        assert run_log.as_json(run, pl.DataFrame(), pl.DataFrame()) == {
            "sync_id": "x", "options": {"force": True}, "performance": {}, "repairs": {}, "rules": {},
            "issues": [], "changes": [],
        }  # fmt: skip


class TestViews:
    """`etl.latest_sync` and `etl.unmapped`, for people with a SQL client."""

    def test_latest_sync(self, database: Database) -> None:
        """The newest run, whatever its status; no row before the first."""
        assert database.query("SELECT sync_id FROM etl.latest_sync") == []
        log_run(database, WEDNESDAY, "FAILED", error="no luck")
        log_run(database, MONDAY)
        (row,) = database.query("SELECT * FROM etl.latest_sync")
        assert (row["sync_id"], row["status"], row["error"]) == (WEDNESDAY, "FAILED", "no luck")

    def test_unmapped(self, database: Database) -> None:
        """Labels of the newest run that finished, most frequent first; other findings and other runs are left out."""
        log_run(database, MONDAY)
        log_run(database, TUESDAY, "PARTIAL")
        log_run(database, WEDNESDAY, "FAILED")
        log_issue(database, MONDAY, "T0", "unmapped_floor", "Old")
        log_issue(database, TUESDAY, "T2", "unmapped_floor", "Roof")
        log_issue(database, TUESDAY, "T3", "unmapped_category", "Wine")
        log_issue(database, TUESDAY, "T1", "unmapped_category", "Wine")
        log_issue(database, TUESDAY, "T4", "unreadable_hours", "later")
        log_issue(database, WEDNESDAY, "T5", "unmapped_floor", "Attic")
        assert [tuple(row.values()) for row in database.query("SELECT * FROM etl.unmapped")] == [
            ("unmapped_category", "Wine", 2, "T1", "message of T1"),
            ("unmapped_floor", "Roof", 1, "T2", "message of T2"),
        ]

    def test_unmapped_after_a_sync(self, mall: Mall) -> None:
        """What a sync could not match is there, by label."""
        mall.sync([
            record("T1", floor="Roof"), record("T2", floor="Roof"),
            record("T3", categoryNameEn="Wizardry", categoryNameTh=""),
        ])  # fmt: skip
        assert mall.database.query("SELECT code, label, records, example FROM etl.unmapped") == [
            {"code": "unmapped_floor", "label": "Roof", "records": 2, "example": "T1"},
            {"code": "unmapped_category", "label": "Wizardry", "records": 1, "example": "T3"},
        ]


class TestDeadRuns:
    """Runs that ended without a word."""

    def test_they_are_marked(self, db: Postgres, database: Database) -> None:
        """Every RUNNING one becomes FAILED, with how long it may have run and why; others stay."""
        log_run(database, MONDAY, "RUNNING")
        log_run(database, TUESDAY, "FAILED", error="its own reason")
        log_run(database, WEDNESDAY)
        assert run_log.fail_dead_runs(db, TUESDAY, "") == [MONDAY]
        rows = {row["sync_id"]: row for row in database.query("SELECT * FROM etl.sync_logs")}
        assert rows[MONDAY]["status"] == "FAILED"
        assert rows[MONDAY]["error"] == (
            "The process died before it could say why; nothing was written. Found by a later run."
        )
        assert rows[MONDAY]["completed_at"] is not None
        assert (rows[TUESDAY]["error"], rows[WEDNESDAY]["status"]) == ("its own reason", "COMPLETED")
        assert run_log.fail_dead_runs(db, TUESDAY, "") == []

    def test_a_failure_does_not_overwrite_a_run_that_is_done(self, db: Postgres, database: Database) -> None:
        """A signal after COMMIT finds the run COMPLETED, and leaves it so."""
        log_run(database, MONDAY)
        run_log.fail_run(db, MONDAY, "Interrupted by signal 15; nothing was written.", {}, 143)
        (row,) = database.query("SELECT status, error, exit_code FROM etl.sync_logs")
        assert row == {"status": "COMPLETED", "error": None, "exit_code": None}

    def test_who_holds_the_lock(self, db: Postgres, database: Database) -> None:
        """The newest RUNNING run by name and time, for the message of the one that has to wait."""
        assert run_log.running(db, "") is None
        log_run(database, MONDAY, "RUNNING")
        assert run_log.running(db, "") == f"{MONDAY} (since 2026-11-23 06:00:00Z)"


class TestSources:
    """What the next run is judged by: the last whole feed of each source."""

    def test_none(self, db: Postgres) -> None:
        """Before the first run nothing is known; a feed that was not whole is no measure."""
        assert read_sources(db).known == {}
        keep_source(db, MONDAY, SIAM, ExtractResult("", 3, is_complete=False), counts(0, 0))
        assert read_sources(db).last(SIAM) is None
        assert read_sources(db).is_known(SIAM)

    def test_the_last_whole_feed(self, db: Postgres) -> None:
        """A later feed that was not whole leaves the figures; another source has its own."""
        keep_source(db, MONDAY, SIAM, ExtractResult("", 500), counts(1, 2))
        keep_source(db, TUESDAY, SIAM, ExtractResult("", 480), counts(3, 4))
        keep_source(db, WEDNESDAY, SIAM, ExtractResult("", 9, is_complete=False), counts(5, 6))
        keep_source(db, WEDNESDAY, Origin(), ExtractResult("", 7), counts(0, 0))
        sources = read_sources(db)
        assert sources.last(SIAM) == LastRun(TUESDAY, 480, 3, 4)
        assert sources.last(Origin()) == LastRun(WEDNESDAY, 7)

    def test_its_address_stays(self, db: Postgres) -> None:
        """A replay, which has no address, leaves the one that is known; a new name is taken."""
        keep_source(db, MONDAY, SIAM, ExtractResult("", 5), counts(0, 0))
        keep_source(db, TUESDAY, Origin("mall", "siam:"), ExtractResult("", 5), counts(0, 0))
        assert read_sources(db).known["siam:"].origin == Origin("mall", "siam:", "https://siam.example")


def test_before_init(empty_database: Database) -> None:
    """No audit trail yet: what to run."""
    with Postgres(empty_database.dsn, "the mall") as db, pytest.raises(ConfigError) as caught:
        run_log.require_tables(db)
    assert str(caught.value) == "the mall has no log of runs yet. Run `etl init`, then `etl sync`."


def test_after_init(db: Postgres) -> None:
    """There is one, even before the first run."""
    run_log.require_tables(db)
    assert run_log.list_runs(db, 5).is_empty()


def test_a_snapshot_is_named_from_the_root(
    mall: Mall, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With SNAPSHOT_DIR relative to the folder of that moment, the log names the snapshot for every folder."""
    monkeypatch.chdir(tmp_path)
    mall.folder = Path("my snapshots")
    first = mall.sync([record("T1")])
    (name,) = (path.name for path in (tmp_path / "my snapshots").iterdir())
    second = mall.sync(snapshot=f"my snapshots/{name}")
    rows = database.query("SELECT sync_id, snapshot FROM etl.sync_logs")
    absolute = f"{tmp_path}/my snapshots/{name}"
    assert {row["sync_id"]: row["snapshot"] for row in rows} == {
        first.sync_id: absolute,
        second.sync_id: absolute,
    }
