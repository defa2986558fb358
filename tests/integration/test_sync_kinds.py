"""A record whose kind changed: what a sync does where an editor took the row in the wrong table away."""

from typing import Any

import pytest

from tests.integration.test_move import dining, shop
from tests.support.cms import legacy_row
from tests.support.rollback import outcomes, roll_back
from tests.support.sync import Mall


def rows_of(mall: Mall, table: str) -> list[tuple[str, str]]:
    """Return unique_id and status of each row of a table."""
    found = mall.database.query(f"SELECT unique_id, status::text FROM {table} ORDER BY id")
    return [(row["unique_id"], row["status"]) for row in found]


def findings(mall: Mall) -> list[dict[str, Any]]:
    """Return code and message of the last run's findings."""
    return mall.database.query(
        "SELECT code, message FROM etl.sync_issues WHERE sync_id = %s ORDER BY id", mall.last_run()["sync_id"]
    )


class TestDeleted:
    """An editor deleted the row in the wrong table."""

    def test_made_in_the_right_one(self, any_mall: Mall) -> None:
        """After the sync that reported the kind, the shop is deleted: the next one makes a dining, and then is quiet."""
        mall = any_mall
        mall.sync([shop()])
        mall.sync([dining()])
        assert findings(mall) == [
            {
                "code": "kind_changed",
                "message": "The category now says dinings, but the record lives in shops and stays there "
                "until `etl move T1` moves it; no category there fits, so its category link stays as it is.",
            }
        ]
        mall.database.execute("DELETE FROM shops")

        made = mall.sync()
        assert (made.counts.created, rows_of(mall, "shops"), rows_of(mall, "dinings")) == (
            1,
            [],
            [("T1", "INACTIVE")],
        )
        assert mall.links("T1", "dinings") == [(1, "categories", "RESTAURANT")]
        assert findings(mall) == [
            {
                "code": "kind_changed",
                "message": "An editor deleted the row in shops; the category says dinings, so the record is made there.",
            }
        ]
        fingerprint = mall.fingerprint()
        assert (mall.sync().issues, mall.fingerprint() == fingerprint) == ({}, True)

    def test_deleted_before_the_sync_that_sees_the_new_category(self, mall: Mall) -> None:
        """Put right at the source and deleted in the CMS between two syncs."""
        mall.sync([shop()])
        mall.database.execute("DELETE FROM shops")
        assert mall.sync([dining()]).counts.created == 1
        assert rows_of(mall, "dinings") == [("T1", "INACTIVE")]

    def test_deleted_long_before(self, mall: Mall) -> None:
        """Where the row was in the right table when it was deleted, the record is not wanted: it is not made again."""
        mall.sync([shop()])
        mall.database.execute("DELETE FROM shops")
        mall.sync()
        assert mall.sync([dining()]).counts.created == 0
        assert (rows_of(mall, "dinings"), findings(mall)[0]["code"]) == ([], "deleted_in_cms")

    def test_of_the_same_kind_it_stays_deleted(self, mall: Mall) -> None:
        """As ever."""
        mall.sync([shop()])
        mall.database.execute("DELETE FROM shops")
        assert mall.sync([shop(zone="West")]).counts.created == 0
        assert rows_of(mall, "shops") == []

    def test_a_label_that_says_nothing(self, mall: Mall) -> None:
        """It does not say that the row was in the wrong table."""
        mall.sync([dining()])
        mall.database.execute("DELETE FROM dinings")
        assert mall.sync([dining(categoryNameEn="Something new")]).counts.created == 0
        assert (rows_of(mall, "shops"), findings(mall)[-1]["code"]) == ([], "deleted_in_cms")

    @pytest.mark.long
    def test_rolled_back(self, mall: Mall) -> None:
        """The dining that was made can be deleted by a rollback, and stays away then."""
        mall.sync([shop()])
        mall.sync([dining()])
        mall.database.execute("DELETE FROM shops")
        made = mall.sync()
        assert outcomes(roll_back(mall, made.sync_id)) == {"T1": "deleted"}
        assert mall.sync().counts.created == 0
        assert rows_of(mall, "dinings") == []


class TestAnotherNumber:
    """A row under another number than the one that the base knows is met for the first time."""

    @pytest.mark.long
    def test_a_dining_made_by_hand_is_filled(self, mall: Mall) -> None:
        """The base's values don't speak for it, though the source says what it said before."""
        mall.sync([shop()])
        mall.sync([dining()])
        mall.database.execute("DELETE FROM shops")
        legacy_row(mall.database, "T1", table="dinings", links=(), title="Typed in")
        mall.sync()
        row = mall.row("T1", "dinings")
        assert (row["floor_id"] is not None, row["opening_hours_open"], row["location_zone"]) == (
            True,
            "10:00",
            "East",
        )
        assert (row["status"], row["slug"]) == ("ACTIVE", "old-T1")
        texts = mall.texts("T1", "en", "dinings")
        assert (texts["title"], texts["description"]) == ("Brand T1", "A shop.")
        assert mall.texts("T1", "th", "dinings")["title"] == "แบรนด์ T1"
        assert mall.links("T1", "dinings") == [(1, "categories", "RESTAURANT")]
        assert mall.sync().issues == {}
        mall.edit_texts("T1", "en", "dinings", title="Mine")
        mall.sync([dining(zone="West")])
        assert (mall.texts("T1", "en", "dinings")["title"], mall.row("T1", "dinings")["location_zone"]) == (
            "Mine",
            "West",
        )

    def test_a_shop_made_by_hand_in_its_place(self, mall: Mall) -> None:
        """In the same table too; its links to categories are its editor's."""
        mall.sync([shop()])
        mall.database.execute("DELETE FROM shops")
        legacy_row(mall.database, "T1", links=("categories:fashion",), title="Typed in")
        mall.sync()
        assert (mall.texts("T1", "en")["title"], mall.row("T1")["location_zone"]) == ("Brand T1", "East")
        mall.sync([shop(categoryNameEn="Beauty")])
        assert mall.links("T1") == [(1, "categories", "FASHION"), (2, "categories", "BEAUTY")]

    def test_what_the_source_left_blank_is_the_editors(self, mall: Mall) -> None:
        """A value of theirs in a field of which the source says nothing is no conflict once it says something."""
        mall.sync([shop(zone=None)])
        mall.database.execute("DELETE FROM shops")
        legacy_row(mall.database, "T1", links=(), location_zone="Theirs")
        mall.sync()
        assert mall.row("T1")["location_zone"] == "Theirs"
        done = mall.sync([shop(zone="West")])
        assert (mall.row("T1")["location_zone"], done.counts.conflicts) == ("West", 0)
