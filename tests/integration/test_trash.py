"""A CMS with a trash (`trash: true`): a row in it is deleted by an editor, and only an editor brings it back."""

import pytest

from etl.errors import GuardError
from tests.integration.test_explain import squeezed, told
from tests.integration.test_open_documents import DINING, look, zones
from tests.support.cms import legacy_row
from tests.support.move import move_record
from tests.support.rollback import outcomes, roll_back
from tests.support.sync import Mall, record


@pytest.fixture
def mall(mall: Mall) -> Mall:
    """Give a mall whose CMS has a trash."""
    for table in ("shops", "dinings"):
        mall.database.execute(f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS deleted_at timestamptz(3)")
    return mall


def trash(mall: Mall, unique_id: str, table: str = "shops") -> None:
    """Put a row into the trash, as the panel does."""
    mall.database.execute(
        f"UPDATE {table} SET deleted_at = clock_timestamp(), updated_at = clock_timestamp() WHERE unique_id = %s",
        unique_id,
    )


def restore(mall: Mall, unique_id: str, table: str = "shops") -> None:
    """Restore a row from the trash."""
    mall.edit(unique_id, table, deleted_at=None)


class TestSync:
    """What is in the trash is deleted, not lost."""

    def test_it_is_left_until_it_is_restored(self, mall: Mall) -> None:
        """Not written, not made again, not even by --recreate; restored it is there again, with its base."""
        mall.sync([record("T1"), record("T2")])
        trash(mall, "T1")
        before = mall.database.query("SELECT xmin::text, * FROM shops WHERE unique_id = 'T1'")
        for options in ({}, {"recreate": True}):
            result = mall.sync([record("T1", zone="West"), record("T2")], **options)
            assert (result.counts.skipped, result.counts.unchanged, result.counts.created) == (1, 1, 0)
            assert mall.issues(result.sync_id) == [("T1", "deleted_in_cms")]
        (said,) = mall.database.query(
            "SELECT message FROM etl.sync_issues WHERE sync_id = %s", result.sync_id
        )
        assert said["message"] == (
            "The row is in the CMS's trash, so it is left alone, and not made again. If it should be there, restore it "
            "from the trash in the CMS."
        )
        assert mall.database.query("SELECT xmin::text, * FROM shops WHERE unique_id = 'T1'") == before
        (shown,) = look(mall).records
        assert (shown.action, shown.reason) == ("skipped", "in_trash")
        page = squeezed(told(mall, "T1", dsn=mall.dsn))
        assert (
            "trash an editor put it in the CMS's trash: no sync touches it until it is restored there" in page
        )
        assert (
            "would skip it: the row is in the CMS's trash, where it stays until an editor restores it" in page
        )

        restore(mall, "T1")
        following = mall.sync()

        assert (following.counts.updated, mall.issues(following.sync_id)) == (1, [])
        assert zones(mall) == {"T1": "West", "T2": "East"}

    def test_many_at_once_are_editors_wish(self, mall: Mall) -> None:
        """Each row of the trash says so itself: no guard asks whether the CMS was emptied."""
        ids = [f"T{number}" for number in range(1, 31)]
        mall.sync(map(record, ids))
        mall.database.execute("UPDATE shops SET deleted_at = now()")
        assert mall.sync().counts.skipped == 30
        mall.database.execute("DELETE FROM shops")  # the trash is emptied later
        assert mall.sync().counts.skipped == 30

    def test_a_live_row_is_preferred(self, mall: Mall) -> None:
        """Of a copy and its original in the trash the copy goes on; two live ones are reported on each run."""
        mall.sync([record("T1")])
        mall.database.execute("INSERT INTO shops (unique_id, slug, status) VALUES ('T1', 'copy', 'ACTIVE')")
        for _ in range(2):
            assert [code for _, code in mall.issues(mall.sync().sync_id)] == ["duplicate_row"]
        mall.database.execute("UPDATE shops SET deleted_at = now() WHERE id = 1")
        result = mall.sync([record("T1", zone="West")])
        assert (result.counts.updated, mall.issues(result.sync_id)) == (1, [])
        assert mall.database.query("SELECT id, location_zone FROM shops ORDER BY id") == [
            {"id": 1, "location_zone": "East"}, {"id": 2, "location_zone": "West"},
        ]  # fmt: skip
        mall.database.execute("UPDATE shops SET deleted_at = NULL WHERE id = 1")
        for _ in range(2):
            assert [code for _, code in mall.issues(mall.sync().sync_id)] == ["duplicate_row"]
        assert mall.database.query("SELECT count(*) AS rows FROM shops") == [{"rows": 2}]

    def test_rows_that_no_sync_knows(self, mall: Mall) -> None:
        """A row of the earlier job in the trash is not made again, but where it was of the wrong kind."""
        for unique_id in ("T1", "T2", "T3"):
            legacy_row(mall.database, unique_id, links=())
        mall.database.execute("UPDATE shops SET deleted_at = now()")
        result = mall.sync(
            [record("T1"), record("T2", **DINING), record("T3", categoryNameEn=None, categoryNameTh=None)]
        )
        assert (result.counts.created, result.counts.skipped) == (1, 2)
        assert [row["unique_id"] for row in mall.database.query("SELECT unique_id FROM dinings")] == ["T2"]
        assert mall.sync().counts.has_changes is False

    def test_in_the_wrong_table(self, mall: Mall) -> None:
        """Thrown away by an editor since it is no shop any more: made as a dining; restored, both are reported."""
        mall.sync([record("T1")])
        mall.sync([record("T1", **DINING)])
        trash(mall, "T1")
        result = mall.sync()
        assert (result.counts.created, result.counts.dinings) == (1, 1)
        assert mall.sync().counts.has_changes is False
        restore(mall, "T1")
        mall.edit("T1", status="ACTIVE")
        assert ("T1", "duplicate_row") in mall.issues(mall.sync().sync_id)

    def test_floors_that_change(self, mall: Mall) -> None:
        """A floor's row in the trash is not made again under the id of its copy, nor does it count as missing."""
        mall.sync([record("T1", floor="Fl. 1"), record("T2")])
        trash(mall, "T1")
        result = mall.sync([record("T1", floor="Fl. 1,3"), record("T2")], recreate=True)
        assert (result.counts.created, result.counts.skipped, result.counts.missing) == (1, 1, 0)
        gone = mall.sync([record("T2")], missing="inactivate", force=True)
        assert [unique_id for unique_id, code in mall.issues(gone.sync_id) if code == "missing"] == ["T1-3F"]
        assert mall.row("T1")["status"] == "INACTIVE"


class TestOthers:
    """Rollback and move take it for gone."""

    def test_a_rollback(self, mall: Mall) -> None:
        """What the run made is gone already, what it changed stays as it is."""
        mall.sync([record("T1"), record("T2")])
        run = mall.sync([record("T1", zone="West"), record("T2", zone="West"), record("T3")])
        trash(mall, "T1")
        trash(mall, "T3")
        done = roll_back(mall, run.sync_id)
        assert outcomes(done) == {"T1": "stays", "T2": "put_back", "T3": "already"}
        assert {each.message for each in done.records if each.reason} == {"The row is in the CMS's trash."}
        assert zones(mall) == {"T1": "West", "T2": "East", "T3": "East"}

    def test_a_move(self, mall: Mall) -> None:
        """There is nothing to move; the next sync makes the record in the right table."""
        mall.sync([record("T1")])
        mall.sync([record("T1", **DINING)])
        trash(mall, "T1")
        with pytest.raises(
            GuardError,
            match=r"gone from the CMS: there is nothing to move\. The next sync makes the record in",
        ):
            move_record(mall, "T1")
