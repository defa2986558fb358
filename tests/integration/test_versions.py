"""Versions: in a CMS that keeps drafts an editor sees what the job wrote, and an editor's draft outlives the job."""

from pathlib import Path
from typing import Any

import pytest

from etl.db.connection import Postgres
from etl.errors import GuardError
from etl.load.requirements import examine
from etl.runtime import queries
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

        dry = roll_back(mall, changed.sync_id, dry=True)
        undone = roll_back(mall, changed.sync_id)

        told = "Editors' drafts of 1 rows have fields otherwise, and keep them: T2 (title_en)."
        assert dry.notes == undone.notes == (told,)
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


class TestListed:
    """A row of the feed that no list shows gets a copy of itself as its version."""

    def test_rows_from_before_drafts(self, mall: Mall) -> None:
        """None of their values changes, nothing is in the audit; the run says how many, a dry run beforehand too."""
        mall.sync([record("T1", openingHours=DAYS), record("T2"), dining("D1")])
        keep_drafts(mall.database)
        drafts = Drafts(mall)
        mall.edit("T2", skip_sync=True)
        before = mall.fingerprint()

        done = mall.sync([record("T1", openingHours=DAYS), record("T2"), dining("D1")])

        assert mall.fingerprint() == before
        assert drafts.listed().keys() == {1, 2}
        assert drafts.listed()[1]["days"] == drafts.rows()[1]["days"]
        assert drafts.listed("dinings").keys() == {1}
        assert (done.counts.updated, done.counts.unchanged, done.counts.skipped) == (0, 2, 1)
        assert mall.issues(done.sync_id) == [(None, "not_in_a_list"), (None, "not_in_a_list")]
        assert mall.database.query("SELECT 1 FROM etl.sync_changes WHERE sync_id = %s", done.sync_id) == []

    def test_a_version_that_the_database_refuses(self, drafts: Drafts) -> None:
        """It costs its record only: neither the row nor the version is written."""
        mall = drafts.mall
        mall.sync([record("T1"), record("T2"), record("T3")])
        mall.database.execute("ALTER TABLE _shops_v_locales ADD CHECK (version_title <> 'Bad') NOT VALID")
        before = drafts.rows()[2]

        done = mall.sync(
            [
                record("T1", zone="West"),
                record("T2", brandNameEn="Bad"),
                record("T3", zone="West"),
                record("T4"),
            ],
            refused=True,
        )

        assert (done.counts.updated, done.counts.rejected, done.counts.created) == (2, 1, 1)
        rows, listed = drafts.rows(), drafts.listed()
        assert listed == rows
        assert rows[2] == before
        assert [row["location_zone"] for row in rows.values()] == ["West", "East", "West", "East"]

    def test_a_row_without_a_version_that_is_refused_one(self, mall: Mall) -> None:
        """The others are listed; the run says of which record the database refused it."""
        mall.sync([record("T1"), record("T2", brandNameEn="Bad"), record("T3")])
        keep_drafts(mall.database)
        mall.database.execute("ALTER TABLE _shops_v_locales ADD CHECK (version_title <> 'Bad')")

        done = mall.sync([record("T1"), record("T2", brandNameEn="Bad"), record("T3")], refused=True)

        assert Drafts(mall).listed().keys() == {1, 3}
        assert mall.issues(done.sync_id) == [(None, "not_in_a_list"), ("T2", "rejected_by_database")]


def test_a_row_that_left_the_source(drafts: Drafts) -> None:
    """It is INACTIVE in its version too, unless an editor's draft has another status: that one stays, and is reported."""
    mall = drafts.mall
    mall.sync([record("T1"), record("T2"), record("T3")])
    for name in ("T1", "T2"):
        drafts.save(name, status="ACTIVE")
    drafts.save("T2", draft=True, status="CLOSED")

    done = mall.sync([record("T3")], missing="inactivate", force=True)

    assert [row["status"] for row in drafts.rows().values()] == ["INACTIVE"] * 3
    assert [row["status"] for row in drafts.listed().values()] == ["INACTIVE", "CLOSED", "INACTIVE"]
    assert ("T2", "in_an_editors_draft") in mall.issues(done.sync_id)


def test_versions_without_drafts(mall: Mall) -> None:
    """With `versions: true` each row that is written gets an entry in its history, and others get none."""
    keep_drafts(mall.database)
    for kind in ("shops", "dinings"):
        mall.database.execute(
            f"ALTER TABLE _{kind}_v DROP COLUMN latest, DROP COLUMN snapshot, DROP COLUMN published_locale, "
            f"DROP COLUMN version__status; ALTER TABLE {kind} DROP COLUMN _status"
        )
    mall.sync([record("T1"), record("T2")])
    mall.database.execute("DELETE FROM _shops_v")
    mall.sync([record("T1", zone="West"), record("T2")])

    assert mall.database.query("SELECT parent_id, version_location_zone AS zone FROM _shops_v") == [
        {"parent_id": 1, "zone": "West"}
    ]


def test_a_saved_plan_writes_versions(drafts: Drafts, tmp_path: Path) -> None:
    """As the sync would: a draft keeps its own, and rows that no list shows get their version."""
    mall = drafts.mall
    mall.sync([record("T1"), record("T2")])
    drafts.save("T1", draft=True, title_en="Draft")
    mall.database.execute("DELETE FROM _shops_v WHERE parent_id = 2")
    path = str(tmp_path / "plan")
    shown = mall.save_plan(path, [record("T1", brandNameEn="New", zone="West"), record("T2")])
    assert {each.code for each in shown.issues} == {"in_an_editors_draft", "not_in_a_list"}

    drafts.save("T1", draft=True, title_en="Another")
    with pytest.raises(GuardError, match="a version of the row was saved in the CMS"):
        mall.sync(plan=path)
    mall.save_plan(path, mall.api.records)
    mall.sync(plan=path)

    listed = drafts.listed()
    assert (listed[1]["texts"]["en"]["title"], listed[1]["location_zone"]) == ("Another", "West")
    assert listed.keys() == {1, 2}


def test_what_a_run_without_changes_costs(drafts: Drafts, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside what it sends without versions: its temporary tables, a look for unlisted rows a table, and a count."""
    mall = drafts.mall
    mall.sync([record("T1"), dining("D1")])
    sent: list[str] = []
    call = Postgres._call

    def counted(db: Postgres, doing: str, work: Any) -> Any:
        sent.append(doing)
        return call(db, doing, work)

    monkeypatch.setattr(Postgres, "_call", counted)
    mall.sync([record("T1"), dining("D1")])
    assert [name for name in sent if name.startswith("versions/")] == [
        "versions/tables",
        "versions/find_missing",
        "versions/find_missing",
        "versions/missing",
    ]
    sent.clear()
    for kind in ("dinings", "shops"):
        mall.database.execute(f"DROP TABLE _{kind}_v CASCADE")
    mall.sync([record("T1"), dining("D1")])
    assert [name for name in sent if name.startswith("versions/")] == []


def test_what_the_role_lacks_is_named(drafts: Drafts) -> None:
    """Each right on the tables of versions, and what a version can't be without, has its sentence beforehand."""
    database = drafts.mall.database
    database.execute(
        "REVOKE INSERT ON _shops_v_rels FROM etl_sync; REVOKE USAGE ON SEQUENCE _dinings_v_id_seq FROM etl_sync; "
        "REVOKE SELECT ON _dinings_v_locales FROM etl_sync"
    )
    with Postgres(drafts.mall.dsn) as db:
        (lacking,) = examine(db, "write").of("rights")
        assert examine(db, "look").of("rights") != []
    assert (
        "3 rights: USAGE on _dinings_v_id_seq, SELECT on _dinings_v_locales, INSERT on _shops_v_rels"
        in lacking
    )
    database.execute(queries.text("roles"))
    database.execute(
        "ALTER TABLE _shops_v ADD COLUMN mood text NOT NULL; ALTER TABLE _dinings_v_locales DROP COLUMN version_title"
    )
    with Postgres(drafts.mall.dsn) as db:
        found = examine(db, "write").of("CMS tables")
    assert [sentence.split(",")[0] for sentence in found] == [
        "_shops_v.mood must not be null",
        "The CMS keeps versions of dinings",
    ]
