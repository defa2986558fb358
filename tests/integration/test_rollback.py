"""`etl rollback`: what a run changed goes back, field by field, where nobody changed it since."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from etl.errors import ConfigError, GuardError
from tests.support import cms
from tests.support.api import FakeApi
from tests.support.postgres import Database
from tests.support.records import record_of
from tests.support.rollback import outcomes, read_rows, roll_back
from tests.support.sync import Mall, record


def changes_of(mall: Mall, sync_id: str | None) -> list[tuple[str, str]]:
    """Return record and action of each change of a run."""
    rows = mall.database.query(
        "SELECT unique_id, action FROM etl.sync_changes WHERE sync_id = %s ORDER BY unique_id", sync_id
    )
    return [(row["unique_id"], row["action"]) for row in rows]


def log_of(mall: Mall, sync_id: str | None) -> dict[str, object]:
    """Return a run's row in the log of runs."""
    (row,) = mall.database.query("SELECT * FROM etl.sync_logs WHERE sync_id = %s", sync_id)
    return row


class TestAll:
    """A run of every kind of change."""

    def test_shown_then_done_then_done_again(self, any_mall: Mall) -> None:
        """Shown it writes nothing; done all is as before; rolled back itself, all is as after the run."""
        any_mall.sync([record("T1"), record("T2", zone="East"), record("T3", categoryNameEn="Restaurant")])
        any_mall.edit("T3", "dinings", status="ACTIVE")
        before = read_rows(any_mall)
        run = any_mall.sync(
            [record("T1"), record("T2", zone="West", tel=""), record("T4")], missing="inactivate"
        )
        after, fingerprint = read_rows(any_mall), any_mall.fingerprint()
        expected = {"T2": "put_back", "T3": "put_back", "T4": "deleted"}

        shown = roll_back(any_mall, run.sync_id, dry=True)
        assert (outcomes(shown), shown.is_done, any_mall.fingerprint() == fingerprint) == (
            expected,
            False,
            True,
        )
        assert [log["command"] for log in any_mall.database.query("SELECT command FROM etl.sync_logs")] == [
            "sync"
        ] * 2

        done = roll_back(any_mall, run.sync_id)
        assert read_rows(any_mall) == before
        assert (outcomes(done), done.totals, done.notes) == (expected, shown.totals, shown.notes)
        assert changes_of(any_mall, done.sync_id) == [("T2", "updated"), ("T3", "updated"), ("T4", "deleted")]

        again = roll_back(any_mall, str(done.sync_id))
        assert read_rows(any_mall) == after
        assert outcomes(again) == {"T2": "put_back", "T3": "put_back", "T4": "restored"}
        assert changes_of(any_mall, again.sync_id) == [
            ("T2", "updated"),
            ("T3", "updated"),
            ("T4", "restored"),
        ]

        assert roll_back(any_mall, str(again.sync_id)).totals.status == "COMPLETED"
        assert read_rows(any_mall) == before

    def test_what_is_written_is_logged(self, mall: Mall) -> None:
        """A run of its own, with figures, before and after, and a line on the CMS's own screen of runs."""
        mall.sync([record("T1", zone="East")])
        run = mall.sync([record("T1", zone="West"), record("T2")])
        done = roll_back(mall, run.sync_id)

        log = log_of(mall, done.sync_id)
        assert (log["command"], log["status"], log["options"]) == (
            "rollback",
            "COMPLETED",
            {"of": run.sync_id},
        )
        names = (
            "processed",
            "created",
            "updated",
            "deleted",
            "inactivated",
            "unchanged",
            "skipped",
            "rejected",
        )
        assert [log[f"records_{name}"] for name in names] == [2, 0, 1, 1, 0, 0, 0, 0]
        assert (log["shops_processed"], log["dinings_processed"], log["fields_kept"]) == (2, 0, 0)
        assert log["performance"]["seconds"].keys() == {"plan", "apply", "total"}  # type: ignore[index]
        first, second = mall.database.query(
            "SELECT before, after, row_images FROM etl.sync_changes WHERE sync_id = %s ORDER BY unique_id",
            done.sync_id,
        )
        assert (first["before"], first["after"]) == ({"zone": "West"}, {"zone": "East"})
        assert (second["before"]["title_en"], second["after"]) == ("Brand T2", {})
        assert sorted(second["row_images"]) == ["locales", "record", "rels"]
        (shown,) = mall.database.query(
            "SELECT status::text, notes FROM api_sync_logs WHERE sync_id = %s", done.sync_id
        )
        assert shown == {"status": "COMPLETED", "notes": f"Rolled back {run.sync_id}: 1 put back, 1 deleted."}

    def test_updated_at_moves_with_rows_that_change(self, mall: Mall) -> None:
        """A row that goes back is newer, also where only its texts did; a row that stays is not."""
        mall.sync([record("T1"), record("T2"), record("T3")])
        run = mall.sync([record("T1", tel="1"), record("T2", brandNameTh="ใหม่"), record("T3")])
        before = {unique_id: mall.row(unique_id)["updated_at"] for unique_id in ("T1", "T2", "T3")}
        roll_back(mall, run.sync_id)
        moved = {unique_id for unique_id, then in before.items() if mall.row(unique_id)["updated_at"] > then}
        assert moved == {"T1", "T2"}

    def test_several_runs_newest_first(self, mall: Mall) -> None:
        """Run by run back to the empty tables: what the job itself put back does not count as somebody's work."""
        first = mall.sync([record("T1", zone="East"), record("T2")])
        second = mall.sync([record("T1", zone="West"), record("T2"), record("T3")])
        assert roll_back(mall, second.sync_id).totals.status == "COMPLETED"
        done = roll_back(mall, first.sync_id)
        assert (outcomes(done), read_rows(mall)) == ({"T1": "deleted", "T2": "deleted"}, {})

    def test_an_older_cms(self, empty_database: Database, api: FakeApi, tmp_path: Path) -> None:
        """A CMS without skip_sync and without a screen of runs; first contact with rows of the earlier job."""
        mall = Mall(api, empty_database, tmp_path)
        cms.make_cms(mall.database, skip_sync=False, api_sync_logs=False)
        cms.legacy_row(mall.database, "T1", contact_info_phone="")
        before = read_rows(mall)
        mall.init()
        run = mall.sync([record("T1"), record("T2")])
        done = roll_back(mall, run.sync_id)
        found = read_rows(mall)
        assert done.totals.status == "COMPLETED"
        # the log of runs does not tell an empty text from none
        assert before["shops", 1]["record"].pop("contact_info_phone") == ""
        assert found["shops", 1]["record"].pop("contact_info_phone") is None
        assert found == before

    def test_only_so_many_are_read(self, mall: Mall) -> None:
        """With a limit: the first of each outcome by unique_id, and how many more; the totals are those of all."""
        run = mall.sync([record(f"T{number}") for number in range(5)])
        shown = roll_back(mall, run.sync_id, dry=True, limit=2)
        assert [item.unique_id for item in shown.records] == ["T0", "T1"]
        assert (shown.left_off, shown.totals.of("deleted")) == ({"deleted": 3}, 5)


class TestNextSync:
    """The base stays what the source said, so a sync does not do it all again."""

    def test_the_same_source(self, mall: Mall) -> None:
        """Nothing is written: fields are kept, deleted rows not made again, rows not set INACTIVE again."""
        mall.sync([record("T1"), record("T2")])
        mall.edit("T2", status="ACTIVE")
        feed = [record("T1", zone="West", categoryNameEn="luxury brands / fashion"), record("T3")]
        run = mall.sync(feed, missing="inactivate")
        roll_back(mall, run.sync_id)
        fingerprint = mall.fingerprint()

        counts = mall.sync(feed, missing="inactivate").counts

        assert mall.fingerprint() == fingerprint
        assert (counts.created, counts.updated, counts.inactivated, counts.skipped) == (0, 0, 0, 1)
        assert (counts.kept, counts.missing) == (2, 1)

    def test_a_field_that_changes_later(self, mall: Mall) -> None:
        """The source changes one field after the rollback: that field is written, the others stay put back."""
        mall.sync([record("T1", zone="East", tel="1", unit="1")])
        run = mall.sync([record("T1", zone="West", tel="2", unit="2")])
        roll_back(mall, run.sync_id)
        mall.sync([record("T1", zone="West", tel="3", unit="2")])
        row = mall.row("T1")
        assert (row["location_zone"], row["contact_info_phone"]) == ("East", "3")
        assert mall.texts("T1", "en")["location_shop_number"] == "1"

    def test_a_rollback_is_no_sync(self, mall: Mall) -> None:
        """The guard against a shrunk feed compares with the last sync, and the unmapped labels are that one's."""
        mall.sync([record("T1", floor="Fl. 99")])
        run = mall.sync([record("T1", floor="Fl. 99", zone="West")])
        roll_back(mall, run.sync_id)
        assert [row["label"] for row in mall.database.query("SELECT label FROM etl.unmapped")] == ["Fl. 99"]


class TestRefused:
    """What can't be rolled back, in clear words, and nothing written."""

    def test_a_run_that_failed_or_goes_on(self, mall: Mall) -> None:
        """Neither wrote anything that stands: exit 2."""
        for name, status in (("failed-run", "FAILED"), ("running-run", "RUNNING")):
            mall.database.execute(
                "INSERT INTO etl.sync_logs (sync_id, status, started_at, version) VALUES (%s, %s, %s, '0')",
                name, status, datetime.now(UTC),
            )  # fmt: skip
        with pytest.raises(
            ConfigError, match=r"^Run failed-run failed and wrote nothing: there is nothing to"
        ) as caught:
            roll_back(mall, "failed-run")
        assert caught.value.exit_code == 2
        with pytest.raises(ConfigError, match=r"^Run running-run has not ended\. Wait for it; "):
            roll_back(mall, "running-run", dry=True)

    def test_a_run_that_is_not_there(self, mall: Mall) -> None:
        """As `etl runs` has it."""
        with pytest.raises(ConfigError, match="No run is called 'nothing'"):
            roll_back(mall, "nothing")

    def test_a_run_that_is_rolled_back(self, mall: Mall) -> None:
        """Exit 3, naming the rollback; once that is rolled back, it may be rolled back again."""
        mall.sync([record("T1", zone="East")])
        run = mall.sync([record("T1", zone="West")])
        done = roll_back(mall, run.sync_id)
        with pytest.raises(GuardError) as caught:
            roll_back(mall, run.sync_id)
        assert str(caught.value) == (
            f"Run {run.sync_id} is rolled back already, by {done.sync_id}. Nothing was written. "
            f"To do it again, roll back the rollback: etl rollback {done.sync_id}"
        )
        assert caught.value.exit_code == 3

        roll_back(mall, str(done.sync_id))
        assert mall.row("T1")["location_zone"] == "West"
        roll_back(mall, run.sync_id)
        assert mall.row("T1")["location_zone"] == "East"

    @pytest.mark.parametrize("dry", [True, False])
    def test_a_run_that_changed_nothing(self, mall: Mall, dry: bool) -> None:
        """No error, no run of its own: there is nothing to do."""
        mall.sync([record("T1")])
        run = mall.sync([record("T1")])
        result = roll_back(mall, run.sync_id, dry=dry)
        assert (result.totals.changes, result.sync_id, result.records) == (0, None, ())
        assert len(mall.database.query("SELECT sync_id FROM etl.sync_logs")) == 2

    def test_a_database_of_another_build(self, mall: Mall) -> None:
        """Another build made the job's tables: the message says how to start over."""
        mall.database.execute("UPDATE etl.schema_build SET fingerprint = '0123456789abcdef'")
        with pytest.raises(
            ConfigError, match=r"the mall is of another build: .* or start over: `DROP SCHEMA etl"
        ):
            roll_back(mall, "latest")


class TestLaterRuns:
    """A run that is not the last."""

    def test_fields_that_a_later_run_changed_stay(self, mall: Mall) -> None:
        """They are listed with that run; the other fields of the same row go back."""
        mall.sync([record("T1", zone="East", tel="1")])
        run = mall.sync([record("T1", zone="West", tel="2")])
        later = mall.sync([record("T1", zone="West", tel="3")])

        done = roll_back(mall, run.sync_id)

        row = mall.row("T1")
        assert (row["location_zone"], row["contact_info_phone"], done.totals.status) == (
            "East",
            "3",
            "PARTIAL",
        )
        phone, zone = record_of(done, "T1").fields
        assert (zone.verdict, phone.verdict) == ("back", "stays")
        assert (phone.before, phone.written, phone.now) == ("1", "2", "3")
        assert phone.message == f"run {later.sync_id} wrote what is there now"
        assert done.notes == (
            f"Fields that stay were written by later runs: {later.sync_id}. To undo those too, roll back the later runs "
            "first, the newest before the others.",
        )
        (issue,) = mall.database.query(
            "SELECT unique_id, severity, code, field, message FROM etl.sync_issues WHERE sync_id = %s",
            done.sync_id,
        )
        assert issue == {
            "unique_id": "T1", "severity": "warning", "code": "not_rolled_back", "field": "phone",
            "message": f"phone is not put back: run {later.sync_id} wrote what is there now.",
        }  # fmt: skip

    @pytest.mark.long
    def test_the_rest_of_a_partial_rollback(self, mall: Mall) -> None:
        """Once the later run is rolled back too, the rest can go back: a PARTIAL rollback may be done again."""
        mall.sync([record("T1", zone="East", tel="1")])
        run = mall.sync([record("T1", zone="West", tel="2")])
        later = mall.sync([record("T1", zone="West", tel="3")])
        roll_back(mall, run.sync_id)
        roll_back(mall, later.sync_id)
        done = roll_back(mall, run.sync_id)
        assert [(field.field, field.verdict) for field in record_of(done, "T1").fields] == [
            ("phone", "back"), ("zone", "same"),
        ]  # fmt: skip
        assert (mall.row("T1")["contact_info_phone"], done.totals.status) == ("1", "COMPLETED")

    def test_a_row_that_a_later_run_renamed(self, mall: Mall) -> None:
        """The row has another unique_id by a later run, and is still the same row."""
        mall.sync([record("T1", zone="East")])
        run = mall.sync([record("T1", zone="West")])
        mall.sync([record("T1", zone="West", floor="Fl. 1,2")])
        done = roll_back(mall, run.sync_id)
        assert outcomes(done) == {"T1-1F": "put_back"}
        assert mall.row("T1-1F")["location_zone"] == "East"
        assert changes_of(mall, done.sync_id) == [("T1-1F", "updated")]
