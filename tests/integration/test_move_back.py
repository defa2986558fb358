"""A move that is rolled back: the record is in one table or the other, and what editors did since is kept and told."""

from typing import Any

import pytest

from etl.errors import LoadError
from tests.integration.test_move import DAYS, dining, everything, shop, worked_on
from tests.support.move import move_record
from tests.support.rollback import outcomes, read_rows, roll_back
from tests.support.sync import Mall


def placed(mall: Mall) -> dict[str, Any]:
    """Return where the base has the only record."""
    (base,) = mall.database.query("SELECT record_table, record_id, job_category_id FROM etl.tenants_base")
    return base


def by_table(mall: Mall, run: str, **more: Any) -> dict[str, tuple[str, str | None]]:
    """Roll a move back, and return outcome and reason of each row by its table."""
    return {each.table: (each.outcome, each.reason) for each in roll_back(mall, run, **more).records}


class TestBack:
    """All is as before."""

    @pytest.mark.quick(cases=1)
    @pytest.mark.parametrize("delete", [False, True])
    def test_there_and_back_and_there_again(self, any_mall: Mall, delete: bool) -> None:
        """Old row, links, hours, status and base are as before; the rollback rolled back, all is as after the move."""
        mall = any_mall
        worked_on(mall)
        before = everything(mall)
        done = move_record(mall, "T1", delete=delete)
        after = everything(mall)

        back = roll_back(mall, str(done.sync_id))
        assert [(each.table, each.outcome) for each in back.records] == (
            [("shops", "restored"), ("dinings", "deleted")]
            if delete
            else [("shops", "put_back"), ("dinings", "deleted")]
        )
        assert (everything(mall), back.totals.status, back.notes) == (before, "COMPLETED", ())
        fingerprint = mall.fingerprint()
        assert mall.sync().issues == {"kind_changed": 1}
        assert mall.fingerprint() == fingerprint

        again = roll_back(mall, str(back.sync_id))
        assert (everything(mall), again.totals.status) == (after, "COMPLETED")
        assert mall.sync().issues == {}

        assert roll_back(mall, str(again.sync_id)).totals.status == "COMPLETED"
        assert everything(mall) == before

    def test_shown_it_writes_nothing(self, mall: Mall) -> None:
        """The dry run says what the rollback then does."""
        worked_on(mall)
        done = move_record(mall, "T1")
        fingerprint = mall.fingerprint()
        shown = roll_back(mall, str(done.sync_id), dry=True)
        assert mall.fingerprint() == fingerprint
        assert roll_back(mall, str(done.sync_id)).records == shown.records

    @pytest.mark.long
    def test_what_the_source_changed_since_comes_to_the_old_row(self, mall: Mall) -> None:
        """The base is that of before: the next sync takes the source's later value into the shop."""
        worked_on(mall)
        done = move_record(mall, "T1")
        mall.sync([dining(openingHours=DAYS, zone="West")])
        assert by_table(mall, str(done.sync_id)) == {
            "shops": ("put_back", None),
            "dinings": ("inactivated", "changed_since"),
        }
        assert mall.row("T1")["location_zone"] == "East"
        mall.sync()
        assert mall.row("T1")["location_zone"] == "West"
        assert mall.row("T1", "dinings")["status"] == "INACTIVE"


class TestEditedSince:
    """An editor worked on one of the two rows."""

    def test_the_new_row_was_saved(self, mall: Mall) -> None:
        """It is not deleted but set INACTIVE, with everything; the shop is back."""
        worked_on(mall)
        done = move_record(mall, "T1")
        mall.edit_texts("T1", "th", "dinings", title="ใหม่")
        back = roll_back(mall, str(done.sync_id))
        assert {each.table: (each.outcome, each.reason) for each in back.records} == {
            "shops": ("put_back", None),
            "dinings": ("inactivated", "changed_since"),
        }
        assert (mall.row("T1")["status"], mall.row("T1", "dinings")["status"]) == ("ACTIVE", "INACTIVE")
        assert mall.texts("T1", "th", "dinings")["title"] == "ใหม่"
        assert placed(mall) == {
            "record_table": "shops",
            "record_id": 1,
            "job_category_id": mall.category_id("FASHION"),
        }

        again = roll_back(mall, str(back.sync_id))
        assert (mall.row("T1")["status"], mall.row("T1", "dinings")["status"]) == ("INACTIVE", "ACTIVE")
        assert (placed(mall)["record_table"], again.totals.status) == ("dinings", "COMPLETED")

    def test_an_image_of_the_new_row_was_changed(self, mall: Mall) -> None:
        """Columns that the job does not know count too."""
        worked_on(mall)
        done = move_record(mall, "T1")
        mall.edit("T1", "dinings", images_main_image_id=3)
        assert by_table(mall, str(done.sync_id))["dinings"] == ("inactivated", "saved_since")

    def test_a_link_was_added_to_the_new_row(self, mall: Mall) -> None:
        """Also where the row itself was not touched."""
        worked_on(mall)
        done = move_record(mall, "T1")
        mall.database.execute(
            "INSERT INTO dinings_rels (\"order\", parent_id, path, promotions_id) VALUES (2, 1, 'promotions', 6)"
        )
        assert by_table(mall, str(done.sync_id))["dinings"] == ("inactivated", "changed_since")

    @pytest.mark.parametrize(
        ("table", "expected"),
        [
            ("dinings", {"shops": ("stays", "moved"), "dinings": ("stays", "skip_sync")}),
            ("shops", {"shops": ("stays", "skip_sync"), "dinings": ("stays", "moved")}),
        ],
    )
    def test_skip_sync_of_one_keeps_both(self, mall: Mall, table: str, expected: dict[str, Any]) -> None:
        """The record is in one table or in the other, never in both or in none."""
        worked_on(mall)
        done = move_record(mall, "T1")
        mall.edit("T1", table, skip_sync=True)
        before = everything(mall)
        assert by_table(mall, str(done.sync_id)) == expected
        assert everything(mall) == before

    def test_the_old_row_was_deleted(self, mall: Mall) -> None:
        """Nothing could take the new row's place, so it stays."""
        worked_on(mall)
        done = move_record(mall, "T1")
        mall.database.execute("DELETE FROM shops")
        assert by_table(mall, str(done.sync_id)) == {
            "shops": ("stays", "gone"),
            "dinings": ("stays", "moved"),
        }
        assert placed(mall)["record_table"] == "dinings"
        (issue,) = mall.database.query(
            "SELECT message FROM etl.sync_issues WHERE sync_id = %s AND value = 'dinings 1'",
            mall.last_run()["sync_id"],
        )
        assert issue["message"] == (
            "The record was moved between this row and shops 1, which can't go back, so both stay."
        )

    def test_the_new_row_was_deleted(self, mall: Mall) -> None:
        """The shop comes back all the same."""
        worked_on(mall)
        done = move_record(mall, "T1")
        mall.database.execute("DELETE FROM dinings")
        assert by_table(mall, str(done.sync_id)) == {
            "shops": ("put_back", None),
            "dinings": ("already", "gone"),
        }
        assert (mall.row("T1")["status"], placed(mall)["record_table"]) == ("ACTIVE", "shops")

    def test_another_status_of_the_old_row(self, mall: Mall) -> None:
        """An editor's status is kept; the record is back there all the same."""
        worked_on(mall)
        done = move_record(mall, "T1")
        mall.edit("T1", status="CLOSED")
        assert by_table(mall, str(done.sync_id)) == {
            "shops": ("stays", "changed_since"),
            "dinings": ("deleted", None),
        }
        assert (mall.row("T1")["status"], placed(mall)["record_table"]) == ("CLOSED", "shops")

    def test_a_name_for_the_new_row(self, mall: Mall) -> None:
        """What names the new row keeps it from being deleted."""
        worked_on(mall)
        done = move_record(mall, "T1")
        mall.database.execute(
            "INSERT INTO shops_rels (\"order\", parent_id, path, dinings_id) VALUES (1, 1, 'near', 1)"
        )
        assert by_table(mall, str(done.sync_id))["dinings"] == ("inactivated", "referenced")

    def test_refused_by_the_database(self, mall: Mall) -> None:
        """A move goes back whole or not at all."""
        worked_on(mall)
        done = move_record(mall, "T1")
        mall.database.execute("ALTER TABLE shops ADD CONSTRAINT never CHECK (status <> 'ACTIVE') NOT VALID")
        before = everything(mall)
        with pytest.raises(LoadError, match="refuses a row of a moved record"):
            roll_back(mall, str(done.sync_id), refused=True)
        assert everything(mall) == before


def test_several_moves_of_one_record(mall: Mall) -> None:
    """Moved, rolled back, and moved again: the leftovers of none are in the way."""
    mall.sync([shop()])
    mall.sync([dining()])
    first = move_record(mall, "T1")
    roll_back(mall, str(first.sync_id))
    second = move_record(mall, "T1")
    assert [key for key, row in read_rows(mall).items() if row["record"]["status"] != "x"] == [
        ("shops", 1),
        ("dinings", 2),
    ]
    assert outcomes(roll_back(mall, str(second.sync_id), dry=True)) == {"T1": "deleted"}
