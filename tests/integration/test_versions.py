"""Versions: in a CMS that keeps drafts an editor sees what the job wrote, and an editor's draft outlives the job."""

from typing import Any

import pytest

from etl.errors import GuardError
from tests.support.drafts import Drafts, keep_drafts
from tests.support.move import move_record
from tests.support.rollback import roll_back
from tests.support.sync import Mall, record

DAYS = "Mon-Fri 10:00-21:00, Sat-Sun 10:00-22:00"


@pytest.fixture
def drafts(mall: Mall) -> Drafts:
    """Give a mall whose CMS keeps drafts."""
    keep_drafts(mall.database)
    return Drafts(mall)


def dining(unique_id: str, **fields: Any) -> dict[str, Any]:
    """Return a record of a restaurant."""
    return record(unique_id, **{"categoryNameEn": "Restaurant", "categoryNameTh": None, **fields})


class TestFirstSync:
    """A created row is in the CMS's lists."""

    def test_a_new_row_has_a_copy_of_itself_as_its_latest_version(self, drafts: Drafts) -> None:
        """Texts, links, hours per day and status are those of the row; it is published, as the row is."""
        drafts.mall.sync([record("T1", openingHours=DAYS), record("T2"), dining("D1", openingHours=DAYS)])

        assert drafts.listed() == drafts.rows()
        assert drafts.listed("dinings") == drafts.rows("dinings")
        assert [row["_status"] for row in drafts.listed().values()] == ["published", "published"]
        assert len(drafts.listed()[1]["days"]) == 7
        (version,) = drafts.mall.database.query(
            "SELECT v.created_at = v.updated_at AS is_once, v.updated_at > m.updated_at AS is_after, v.snapshot, "
            "v.published_locale FROM _shops_v v JOIN shops m ON m.id = v.parent_id WHERE m.id = 1"
        )
        assert version == {"is_once": True, "is_after": True, "snapshot": None, "published_locale": None}

    def test_a_second_sync_writes_no_version(self, drafts: Drafts) -> None:
        """What does not change has no new version."""
        drafts.mall.sync([record("T1"), dining("D1")])
        drafts.mall.sync([record("T1"), dining("D1")])

        assert (drafts.count(), drafts.count("dinings")) == (1, 1)


class TestUpdate:
    """A changed row has a new latest version."""

    def test_the_new_version_has_what_changed(self, drafts: Drafts) -> None:
        """A row that is published as it is: the new version is a copy of it, and the earlier one is kept."""
        drafts.mall.sync([record("T1"), dining("D1")])
        drafts.mall.sync(
            [
                record("T1", brandNameEn="New", openingHours=DAYS, categoryNameEn="Beauty"),
                dining("D1", zone="West"),
            ]
        )

        assert drafts.listed() == drafts.rows()
        assert drafts.listed("dinings") == drafts.rows("dinings")
        assert drafts.listed()[1]["texts"]["en"]["title"] == "New"
        assert (drafts.count(), drafts.count("dinings")) == (2, 2)

    def test_an_editors_draft_outlives_the_job(self, drafts: Drafts) -> None:
        """The draft keeps its title, hours and categories, and takes what it had not touched; each is reported."""
        mall = drafts.mall
        mall.sync([record("T1"), record("T2")])
        luxury = mall.category_id("LUXURY")
        drafts.save(
            "T1",
            draft=True,
            title_th="ร่าง",
            hours=[("mon", "1", "2")],
            categories=[luxury],
            short_alphabet="A",
        )

        done = mall.sync(
            [
                record(
                    "T1",
                    brandNameEn="New",
                    brandNameTh="ใหม่",
                    openingHours=DAYS,
                    categoryNameEn="Beauty",
                    zone="West",
                ),
                record("T2"),
            ]
        )

        draft, row = drafts.listed()[1], drafts.rows()[1]
        assert (row["texts"]["th"]["title"], row["texts"]["en"]["title"], row["location_zone"]) == (
            "ใหม่",
            "New",
            "West",
        )
        assert (draft["texts"]["th"]["title"], draft["texts"]["en"]["title"]) == ("ร่าง", "New")
        assert (draft["location_zone"], draft["short_alphabet"], draft["_status"]) == ("West", "A", "draft")
        assert [day["day"] for day in draft["days"]] == ["mon"]
        assert [link["categories_id"] for link in draft["links"]] == [luxury]
        assert [link["categories_id"] for link in row["links"]] == [mall.category_id("BEAUTY")]
        found = mall.database.query(
            "SELECT field, value::jsonb ->> 'draft' AS draft FROM etl.sync_issues "
            "WHERE sync_id = %s AND code = 'in_an_editors_draft' ORDER BY field",
            done.sync_id,
        )
        assert [row["field"] for row in found] == ["category", "hours", "title_th"]
        assert found[2]["draft"] == "ร่าง"


class TestRollback:
    """What a rollback puts back is in the version too, unless an editor's draft has it otherwise."""

    def test_created_rows_go_with_their_versions(self, drafts: Drafts) -> None:
        """As when a document is deleted in the panel; a rollback of that brings both back."""
        mall = drafts.mall
        first = mall.sync([record("T1", openingHours=DAYS), dining("D1")])
        before = drafts.rows()

        undone = roll_back(mall, first.sync_id)
        assert (drafts.rows(), drafts.count(), drafts.count("dinings")) == ({}, 0, 0)

        roll_back(mall, undone.sync_id or "")
        assert drafts.listed() == drafts.rows() == before
        assert drafts.listed("dinings") == drafts.rows("dinings")

    def test_a_created_row_with_a_draft_stays(self, drafts: Drafts) -> None:
        """Somebody works on it: it is INACTIVE already, and nothing of the draft is lost."""
        mall = drafts.mall
        first = mall.sync([record("T1"), record("T2")])
        drafts.save("T1", draft=True, title_en="Draft")

        undone = roll_back(mall, first.sync_id)

        assert [(each.unique_id, each.outcome, each.reason) for each in undone.records] == [
            ("T2", "deleted", None),
            ("T1", "stays", "saved_since"),
        ]
        assert drafts.listed()[1]["texts"]["en"]["title"] == "Draft"

    def test_updated_rows_have_the_values_from_before(self, drafts: Drafts) -> None:
        """One latest version a row; a draft keeps its own title, takes the rest back, and is reported."""
        mall = drafts.mall
        mall.sync([record("T1"), record("T2")])
        before = drafts.rows()
        changed = mall.sync(
            [
                record(name, brandNameEn="New", zone="West", openingHours=DAYS, categoryNameEn="Beauty")
                for name in ("T1", "T2")
            ]
        )
        drafts.save("T2", draft=True, title_en="Draft")

        undone = roll_back(mall, changed.sync_id)

        rows, listed = drafts.rows(), drafts.listed()
        assert listed[1] == rows[1]
        for content in (*rows.values(), *before.values(), *listed.values()):
            content.pop("updated_at")
        assert rows == before
        assert listed[2]["texts"]["en"] == {**before[2]["texts"]["en"], "title": "Draft"}
        assert (listed[2]["location_zone"], listed[2]["days"], listed[2]["_status"]) == ("East", [], "draft")
        assert listed[2]["links"] == before[2]["links"]
        assert ("T2", "in_an_editors_draft") in mall.issues(undone.sync_id or "")
        assert drafts.count() == 2 + 2 + 1 + 2


class TestMove:
    """A moved record is in the lists of the other table."""

    def test_both_rows_have_their_versions(self, drafts: Drafts) -> None:
        """The new row a copy of itself, the old one a version that is INACTIVE; a rollback puts both back."""
        mall = drafts.mall
        mall.sync([record("T1", openingHours=DAYS)])
        mall.edit("T1", status="ACTIVE")
        mall.sync([dining("T1", openingHours=DAYS)])

        moved = move_record(mall, "T1")

        assert drafts.listed("dinings") == drafts.rows("dinings")
        assert drafts.listed() == drafts.rows()
        assert [row["status"] for row in (*drafts.listed().values(), *drafts.listed("dinings").values())] == [
            "INACTIVE",
            "ACTIVE",
        ]
        roll_back(mall, moved.sync_id or "")
        assert drafts.listed() == drafts.rows()
        assert (drafts.listed()[1]["status"], drafts.listed("dinings")) == ("ACTIVE", {})

    def test_an_editors_draft_stays_with_the_old_row(self, drafts: Drafts) -> None:
        """It is told; and it is not deleted with the row."""
        mall = drafts.mall
        mall.sync([record("T1")])
        drafts.save("T1", draft=True, title_en="Draft")
        mall.sync([dining("T1")])

        with pytest.raises(GuardError, match="An editor has a draft of shops 1"):
            move_record(mall, "T1", delete=True)
        moved = move_record(mall, "T1")

        assert [each.message for each in moved.findings if "draft" in each.message] == [
            "An editor has a draft of shops 1 that is not published. It stays with the old row; the new one has what is "
            "published."
        ]
        assert drafts.listed()[1]["texts"]["en"]["title"] == "Draft"
        assert drafts.listed("dinings")[1]["texts"]["en"]["title"] == "Brand T1"
