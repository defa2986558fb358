"""A row that somebody has open in the CMS waits: a save of that form would undo what a run writes meanwhile."""

from pathlib import Path
from typing import Any

import pytest

from etl.db.connection import Postgres
from etl.errors import ContractError, GuardError
from etl.pipeline import SyncOptions
from tests.integration.test_explain import squeezed, told
from tests.support.api import FakeApi
from tests.support.cms import legacy_row
from tests.support.merge import cms_mall
from tests.support.move import move_record
from tests.support.open_documents import close_documents, make_lock_tables, open_document
from tests.support.postgres import Database
from tests.support.rollback import outcomes, roll_back
from tests.support.sync import Mall, diff_source, record, settings_for

DINING = {"categoryNameEn": "Restaurant", "categoryNameTh": None}


def look(mall: Mall, **options: Any) -> Any:
    """Run `etl diff` of what the API says now."""
    settings = settings_for(mall.dsn, mall.api.url, mall.folder, **mall.overrides)
    with Postgres(mall.dsn, "the mall") as db:
        return diff_source(settings, db, SyncOptions(**options))


def base_of(mall: Mall, unique_id: str) -> dict[str, Any]:
    """Return what the base knows of a record."""
    (row,) = mall.database.query("SELECT * FROM etl.tenants_base WHERE unique_id = %s", unique_id)
    return row


def zones(mall: Mall) -> dict[str, str]:
    """Return the zone of each row."""
    rows = mall.database.query(
        "SELECT unique_id, location_zone FROM shops UNION ALL SELECT unique_id, location_zone FROM dinings"
    )
    return {row["unique_id"]: row["location_zone"] for row in rows}


class TestSync:
    """What is open is left for the next run, base and all."""

    def test_only_what_is_open_and_would_be_written_waits(self, any_mall: Mall) -> None:
        """Changed and open waits, for two editors as for one; unchanged, left for 5 minutes, or another's id does not."""
        mall = any_mall
        ids = ("T1", "T2", "T3", "T4")
        mall.sync([*map(record, ids), record("D1", **DINING), record("D2", **DINING)])
        open_document(mall.database, "T1", email="editor@example.com")
        open_document(mall.database, "T1", email="other@example.com")
        open_document(mall.database, "T2")
        open_document(mall.database, "T4", seconds_ago=301)
        open_document(mall.database, "D2", "dinings", seconds_ago=290)  # number 2 of dinings, as T2 of shops
        open_document(mall.database, "D1", "dinings", seconds_ago=-3600)  # by a clock that goes wrong
        before = {name: base_of(mall, name) for name in ("T1", "D1", "D2")}
        changed = [record(name, zone="West") for name in ("T1", "T3", "T4")]
        dinings = [record(name, zone="West", **DINING) for name in ("D1", "D2")]

        result = mall.sync([*changed, record("T2"), *dinings])

        counts = result.counts
        assert (counts.updated, counts.skipped, counts.unchanged, result.status) == (2, 3, 1, "COMPLETED")
        assert zones(mall) == {
            "T1": "East", "T2": "East", "T3": "West", "T4": "West", "D1": "East", "D2": "East",
        }  # fmt: skip
        assert {name: base_of(mall, name) for name in ("T1", "D1", "D2")} == before
        found = mall.database.query(
            "SELECT unique_id, severity, field, message, value FROM etl.sync_issues "
            "WHERE sync_id = %s AND code = 'open_in_cms'",
            result.sync_id,
        )
        assert [(row["unique_id"], row["severity"], row["value"]) for row in found] == [
            ("T1", "warning", "shops 1"), ("D1", "warning", "dinings 1"), ("D2", "warning", "dinings 2"),
        ]  # fmt: skip
        assert found[0]["message"] == (
            "Somebody has shops 1 open in the CMS, and saving that form would undo what is written now: the row waits for "
            "the next run. `etl sync --force-open` does not wait."
        )
        assert "example.com" not in str(found)

        close_documents(mall.database)
        following = mall.sync()

        assert (following.counts.updated, following.counts.skipped) == (3, 0)
        assert set(zones(mall).values()) == {"East", "West"}
        assert (zones(mall)["T1"], zones(mall)["D1"], zones(mall)["D2"]) == ("West", "West", "West")
        assert mall.issues(following.sync_id) == []
        assert mall.sync().counts.has_changes is False

    def test_a_conflict_is_told_by_the_run_that_decides_it(self, mall: Mall) -> None:
        """While the row waits nothing is said of a conflict; the next run writes the source's value and says so."""
        mall.sync([record("T1")])
        mall.edit("T1", location_zone="North")
        open_document(mall.database, "T1")
        waiting = mall.sync([record("T1", zone="West")])
        assert (mall.issues(waiting.sync_id), waiting.counts.conflicts) == ([("T1", "open_in_cms")], 0)
        close_documents(mall.database)
        deciding = mall.sync()
        assert (mall.issues(deciding.sync_id), deciding.counts.conflicts) == ([("T1", "conflict")], 1)
        assert zones(mall) == {"T1": "West"}

    def test_the_stale_form_that_it_is_for(self, mall: Mall) -> None:
        """The whole old document is saved after the run: nothing of the source's is lost; the next run writes it."""
        mall.sync([record("T1")])
        open_document(mall.database, "T1")
        mall.sync([record("T1", zone="West")])
        mall.edit("T1", location_zone="East", contact_info_phone="02 999 9999")
        close_documents(mall.database)
        mall.sync()
        row = mall.row("T1")
        assert (row["location_zone"], row["contact_info_phone"]) == ("West", "02 999 9999")

    def test_a_row_whose_record_left_the_source(self, mall: Mall) -> None:
        """It is missing, and set INACTIVE by the run after its form was closed."""
        mall.sync([record("T1"), record("T2")])
        mall.edit("T2", status="ACTIVE")
        open_document(mall.database, "T2")
        waiting = mall.sync([record("T1")], missing="inactivate", force=True)
        assert (waiting.counts.missing, waiting.counts.inactivated, waiting.counts.skipped) == (1, 0, 0)
        assert mall.issues(waiting.sync_id) == [("T2", "missing"), ("T2", "open_in_cms")]
        (said,) = mall.database.query(
            "SELECT message FROM etl.sync_issues WHERE sync_id = %s AND code = 'missing'", waiting.sync_id
        )
        assert said["message"].endswith("has its row open in the CMS, so that the next run sets it INACTIVE.")
        assert mall.row("T2")["status"] == "ACTIVE"
        close_documents(mall.database)
        assert mall.sync(missing="inactivate", force=True).counts.inactivated == 1
        assert mall.row("T2")["status"] == "INACTIVE"

    def test_rows_that_are_met_or_carried_over(
        self, api: FakeApi, empty_database: Database, tmp_path: Path
    ) -> None:
        """A row of the earlier job is met by the next run, and one that gets another unique_id gets it then."""
        mall = cms_mall(api, empty_database, tmp_path)
        legacy_row(empty_database, "T1")
        mall.sync([record("T2", floor="Fl. 1")])
        open_document(mall.database, "T1")
        open_document(mall.database, "T2")

        waiting = mall.sync([record("T1"), record("T2", floor="Fl. 1,3")])

        assert (waiting.counts.created, waiting.counts.updated, waiting.counts.skipped) == (1, 0, 2)
        assert [row["unique_id"] for row in mall.database.query("SELECT unique_id FROM shops ORDER BY id")] == [
            "T1", "T2", "T2-3F",
        ]  # fmt: skip
        assert waiting.counts.missing == 0
        close_documents(mall.database)
        following = mall.sync()
        assert (following.counts.created, following.counts.updated, following.counts.missing) == (0, 2, 0)
        assert sorted(zones(mall)) == ["T1", "T2-1F", "T2-3F"]
        assert mall.sync().counts.has_changes is False

    def test_locks_of_nothing_that_the_job_writes(self, mall: Mall) -> None:
        """A global's lock has no document, a ticked row is skipped for that, a deleted document takes its lock along."""
        mall.database.execute("ALTER TABLE shops ADD COLUMN IF NOT EXISTS skip_sync bool DEFAULT false")
        mall.sync([record("T1"), record("T2"), record("T3")])
        for unique_id in ("T1", "T2"):
            open_document(mall.database, unique_id)
        mall.database.execute("INSERT INTO payload_locked_documents (global_slug) VALUES ('header')")
        mall.edit("T1", skip_sync=True)
        mall.database.execute("DELETE FROM shops WHERE unique_id = 'T2'")
        result = mall.sync([record(name, zone="West") for name in ("T1", "T2", "T3")], force=True)
        assert (result.counts.updated, result.counts.skipped) == (1, 2)
        assert mall.issues(result.sync_id) == [("T2", "deleted_in_cms")]

    def test_it_can_be_told_not_to_wait(self, mall: Mall) -> None:
        """By --force-open once, by CMS_OPEN_S=0 always; another duration than Payload's own is that setting too."""
        mall.sync([record("T1")])
        open_document(mall.database, "T1", seconds_ago=400)
        mall.overrides = {"cms_open_s": 600}
        assert mall.sync([record("T1", zone="West")]).counts.skipped == 1
        assert mall.sync(force_open=True).counts.updated == 1
        assert mall.last_run()["options"] == {"force_open": True}
        assert mall.sync([record("T1", zone="North")]).counts.skipped == 1
        mall.overrides = {"cms_open_s": 0}
        assert mall.sync().counts.updated == 1

    def test_a_site_that_locks_only_one_of_the_tables(self, mall: Mall) -> None:
        """With `lockDocuments: false` Payload makes no column for a collection: its rows are never open."""
        mall.sync([record("T1"), record("D1", **DINING)])
        open_document(mall.database, "D1", "dinings")
        mall.database.execute("ALTER TABLE payload_locked_documents_rels DROP COLUMN shops_id")
        result = mall.sync([record("T1", zone="West"), record("D1", zone="West", **DINING)])
        assert (result.counts.updated, result.counts.skipped) == (1, 1)

    def test_a_role_that_may_not_see_them(self, mall: Mall) -> None:
        """Refused by name before anything is written: else its rows would be written under the editors' hands."""
        make_lock_tables(mall.database)
        mall.database.execute("REVOKE ALL ON payload_locked_documents FROM etl_sync")
        with pytest.raises(ContractError, match="1 rights: SELECT on payload_locked_documents"):
            mall.sync([record("T1")])
        with pytest.raises(ContractError, match="SELECT on payload_locked_documents"):
            look(mall)


class TestPlans:
    """A diff shows what waits; a saved plan is judged when it is applied."""

    def test_a_diff_shows_what_waits(self, mall: Mall) -> None:
        """The row is skipped, with the reason; with --force-open it is updated."""
        mall.sync([record("T1")])
        open_document(mall.database, "T1")
        mall.api.records = [record("T1", zone="West")]
        found = look(mall)
        (row,) = found.records
        assert (row.action, row.reason, row.record_id) == ("skipped", "open_in_cms", 1)
        assert (
            row.message
            == "somebody has it open in the CMS: it waits for the next run, unless with --force-open"
        )
        assert (found.totals.of("skipped"), found.totals.issues, found.has_changes) == (
            1,
            {"open_in_cms": 1},
            False,
        )
        (forced,) = look(mall, force_open=True).records
        assert (forced.action, [field.field for field in forced.fields]) == ("updated", ["zone"])

    def test_a_saved_plan_is_judged_when_it_is_applied(self, mall: Mall, tmp_path: Path) -> None:
        """What was open when it was saved is written, what is open now waits; the next run writes that."""
        mall.sync([record("T1"), record("T2")])
        open_document(mall.database, "T1")
        path = str(tmp_path / "saved.plan")
        shown = mall.save_plan(path, [record("T1", zone="West"), record("T2", zone="West")])
        assert [(row.unique_id, row.action) for row in shown.records] == [
            ("T2", "updated"),
            ("T1", "skipped"),
        ]
        close_documents(mall.database)
        open_document(mall.database, "T2")

        result = mall.sync(plan=path)

        assert (result.counts.updated, result.counts.skipped) == (1, 1)
        assert zones(mall) == {"T1": "West", "T2": "East"}
        assert mall.issues(result.sync_id) == [("T2", "open_in_cms")]
        close_documents(mall.database)
        assert (mall.sync().counts.updated, zones(mall)["T2"]) == (1, "West")

    def test_a_saved_plan_that_does_not_wait(self, mall: Mall, tmp_path: Path) -> None:
        """--force-open goes with --plan: how long a document was open nobody knew when it was made."""
        mall.sync([record("T1")])
        path = str(tmp_path / "saved.plan")
        mall.save_plan(path, [record("T1", zone="West")])
        open_document(mall.database, "T1")
        assert mall.sync(plan=path, force_open=True).counts.updated == 1


class TestOthers:
    """Rollback, move and explain keep to it too."""

    def test_a_rollback_leaves_what_is_open(self, mall: Mall) -> None:
        """Updated and created rows that are open stay, the run is PARTIAL and can be rolled back again."""
        mall.sync([record("T1"), record("T2")])
        run = mall.sync([record("T1", zone="West"), record("T2", zone="West"), record("T3")])
        open_document(mall.database, "T1")
        open_document(mall.database, "T3")

        shown = roll_back(mall, run.sync_id, dry=True)
        done = roll_back(mall, run.sync_id)

        assert outcomes(shown) == outcomes(done) == {"T1": "stays", "T2": "put_back", "T3": "stays"}
        assert done.totals.status == "PARTIAL"
        assert zones(mall) == {"T1": "West", "T2": "East", "T3": "East"}
        found = mall.database.query(
            "SELECT unique_id, code, field, message FROM etl.sync_issues WHERE sync_id = %s ORDER BY unique_id",
            done.sync_id,
        )
        assert [(row["unique_id"], row["code"], row["field"]) for row in found] == [
            ("T1", "not_rolled_back", None), ("T3", "not_rolled_back", None),
        ]  # fmt: skip
        assert found[0]["message"] == (
            "Somebody has the row open in the CMS: it is not touched. Once it is closed, roll back the run again."
        )
        close_documents(mall.database)
        again = roll_back(mall, run.sync_id)
        assert outcomes(again) == {"T1": "put_back", "T2": "already", "T3": "deleted"}
        assert (again.totals.status, zones(mall)) == ("COMPLETED", {"T1": "East", "T2": "East"})

    def test_an_open_row_of_which_nothing_is_to_be_written(self, mall: Mall) -> None:
        """It is as before already, open or not; --force-open puts the others back."""
        mall.sync([record("T1"), record("T2")])
        run = mall.sync([record("T1", zone="West"), record("T2", zone="West")])
        mall.edit("T1", location_zone="East")
        for unique_id in ("T1", "T2"):
            open_document(mall.database, unique_id)
        assert outcomes(roll_back(mall, run.sync_id, force_open=True)) == {"T1": "already", "T2": "put_back"}

    @pytest.mark.parametrize("delete", [False, True])
    def test_a_move_of_what_is_open(self, mall: Mall, delete: bool) -> None:
        """It is refused, with --force-open it is done; its rollback leaves both rows where one of them is open."""
        mall.sync([record("T1")])
        mall.sync([record("T1", **DINING)])
        open_document(mall.database, "T1")
        for dry in (True, False):
            with pytest.raises(GuardError) as caught:
                move_record(mall, "T1", dry=dry, delete=delete)
            assert str(caught.value) == (
                "Somebody has shops 1 (T1) open in the CMS, and what they save would not be moved. Move the record once it "
                "is closed, or with --force-open. Nothing was written."
            )
        moved = move_record(mall, "T1", delete=delete, force_open=True)
        assert mall.last_run()["options"]["force_open"] is True
        close_documents(mall.database)
        open_document(mall.database, "T1", "dinings")
        assert moved.sync_id is not None

        back = roll_back(mall, moved.sync_id)

        assert {record.outcome for record in back.records} == {"stays"}
        assert base_of(mall, "T1")["record_table"] == "dinings"
        close_documents(mall.database)
        assert roll_back(mall, moved.sync_id).totals.status == "COMPLETED"
        assert base_of(mall, "T1")["record_table"] == "shops"

    def test_explain_says_it(self, mall: Mall) -> None:
        """Of the row, and of what a sync would do."""
        mall.sync([record("T1")])
        mall.api.records = [record("T1", zone="West")]
        mall.sync(force_open=True)
        mall.edit("T1", location_zone="North")
        open_document(mall.database, "T1")
        mall.sync([record("T1", zone="South")])
        said = squeezed(told(mall, "T1", dsn=mall.dsn))
        assert "open somebody has it open in the CMS: what a sync would write waits for the next one" in said
        assert "open in cms Somebody has shops 1 open in the CMS" in said
        assert "would skip it: somebody has it open in the CMS" in said
        close_documents(mall.database)
        assert "somebody has it open" not in squeezed(told(mall, "T1", dsn=mall.dsn)).split("History")[0]
