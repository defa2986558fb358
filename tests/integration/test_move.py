"""`etl move`: a record whose kind changed goes to the other table, with all that editors made of it."""

from typing import Any

import pytest

from etl.compare.model import Reference
from tests.support.cms import legacy_row, make_media, make_promotions
from tests.support.move import changed, move_record, said
from tests.support.rollback import read_rows, roll_back
from tests.support.sync import Mall, record

DAYS = "Mon-Fri 10:00-21:00, Sat-Sun 10:00-22:00"


def shop(unique_id: str = "T1", **fields: Any) -> dict[str, Any]:
    """Return a record of a shop."""
    return record(unique_id, **{"categoryNameTh": None, **fields})


def dining(unique_id: str = "T1", **fields: Any) -> dict[str, Any]:
    """Return a record of a restaurant."""
    return shop(unique_id, **{"categoryNameEn": "Restaurant", **fields})


def worked_on(mall: Mall) -> None:
    """Load a shop with hours per day, let editors work on it, and correct its category at the source."""
    make_media(mall.database, 3, 12)
    make_promotions(mall.database, 5, 6)
    mall.sync([shop(openingHours=DAYS)])
    mall.edit(
        "T1",
        status="ACTIVE",
        is_featured=True,
        sort_order=7,
        images_logo_id=12,
        location_coordinates_poi_x="100.5123456789",
        contact_info_line_account="@brand",
        created_at="2024-01-31T10:00:00Z",
    )
    mall.edit_texts("T1", "en", title="Mine", subtitle="")
    mall.edit_texts("T1", "zh", title="店")
    mall.database.execute(
        'INSERT INTO shops_rels ("order", parent_id, path, promotions_id) '
        "SELECT 1, id, 'promotions', 5 FROM shops WHERE unique_id = 'T1'"
    )
    mall.edit("T1")
    mall.sync([dining(openingHours=DAYS)])


def everything(mall: Mall) -> list[Any]:
    """Return all rows of both tables, and what the base says but for its own times."""
    base = mall.database.query(
        "SELECT to_jsonb(b) - 'record_updated_at' - 'last_sync_id' AS said FROM etl.tenants_base b ORDER BY 1"
    )
    return [read_rows(mall), base]


class TestStory:
    """A shop that is a restaurant."""

    def test_moved_with_all_that_editors_made_of_it(self, any_mall: Mall) -> None:
        """Shown it writes nothing; done, the new row has every value and the restaurant's category, the old is INACTIVE."""
        mall = any_mall
        worked_on(mall)
        assert mall.issues(mall.last_run()["sync_id"]) == [("T1", "kind_changed")]
        old, fingerprint = read_rows(mall)["shops", 1], mall.fingerprint()

        shown = move_record(mall, "T1", dry=True)
        assert (mall.fingerprint() == fingerprint, shown.sync_id) == (True, None)
        assert changed(shown) == {
            "category": (
                Reference(mall.category_id("FASHION"), "FASHION"),
                Reference(mall.category_id("RESTAURANT"), "RESTAURANT"),
            )
        }
        done = move_record(mall, "T1")
        assert (done.rows[0].fields, said(done), said(shown)) == (shown.rows[0].fields, [], [])

        new = read_rows(mall)["dinings", 1]
        assert {**old["record"], "id": 1} == new["record"]
        assert (new["record"]["status"], new["record"]["slug"]) == ("ACTIVE", "brand-t1")
        assert str(mall.row("T1", "dinings")["location_coordinates_poi_x"]) == "100.5123456789"
        assert mall.row("T1")["status"] == "INACTIVE"
        assert mall.row("T1")["updated_at"] == mall.row("T1", "dinings")["updated_at"]
        texts = {
            locale: {name: value for name, value in columns.items() if name != "id"}
            for locale, columns in old["locales"].items()
        }
        assert texts == {
            locale: {name: value for name, value in columns.items() if name != "id"}
            for locale, columns in new["locales"].items()
        }
        assert texts["en"]["title"] == "Mine"
        assert [(day["day"], day["open"], day["close"]) for day in new["hours"]] == [
            (day["day"], day["open"], day["close"]) for day in old["hours"]
        ]
        assert len(new["hours"]) == 7
        assert mall.links("T1", "dinings") == [(1, "categories", "RESTAURANT")]
        (link,) = mall.database.query("SELECT * FROM dinings_rels WHERE path = 'promotions'")
        assert (link["order"], link["promotions_id"], link["parent_id"]) == (1, 5, 1)

    @pytest.mark.long
    def test_the_next_sync_writes_nothing(self, mall: Mall) -> None:
        """With an unchanged source nothing is written or reported; then the source's changes go to the new row."""
        worked_on(mall)
        move_record(mall, "T1")
        fingerprint = mall.fingerprint()

        quiet = mall.sync()
        assert (mall.fingerprint() == fingerprint, quiet.issues, quiet.counts.dinings) == (True, {}, 1)
        again = mall.sync([dining(openingHours=DAYS, zone="West", categoryNameEn="Cafe & Bakery")])
        assert (again.counts.updated, again.issues) == (1, {})
        assert mall.row("T1", "dinings")["location_zone"] == "West"
        assert mall.row("T1")["location_zone"] == "East"
        assert mall.links("T1", "dinings") == [(1, "categories", "CAFE & BAKERY")]
        assert mall.texts("T1", "en", "dinings")["title"] == "Mine"

    def test_what_is_logged(self, mall: Mall) -> None:
        """A run of its own, with figures, before and after, and a line on the CMS's own screen of runs."""
        worked_on(mall)
        done = move_record(mall, "T1")

        log = mall.last_run()
        assert (log["sync_id"], log["command"], log["status"], log["options"]) == (
            done.sync_id,
            "move",
            "COMPLETED",
            {"moved": "T1", "to": "dinings"},
        )
        names = ("processed", "created", "updated", "inactivated", "deleted")
        assert [log[f"records_{name}"] for name in names] == [1, 1, None, 1, 0]
        made, left = mall.database.query(
            "SELECT record_table, record_id, action, before, after FROM etl.sync_changes WHERE sync_id = %s ORDER BY id",
            done.sync_id,
        )
        assert (made["record_table"], made["record_id"], made["action"], made["before"]) == (
            "dinings",
            1,
            "created",
            {},
        )
        assert {name: made["after"][name] for name in ("title_en", "status", "images_logo_id")} == {
            "title_en": "Mine",
            "status": "ACTIVE",
            "images_logo_id": "12",
        }
        assert left == {
            "record_table": "shops", "record_id": 1, "action": "inactivated",
            "before": {"status": "ACTIVE"}, "after": {"status": "INACTIVE"},
        }  # fmt: skip
        (shown,) = mall.database.query(
            "SELECT status::text, notes FROM api_sync_logs WHERE sync_id = %s", done.sync_id
        )
        assert shown == {"status": "COMPLETED", "notes": "Moved T1 to dinings: 1 row made, 1 set INACTIVE."}

    @pytest.mark.long
    def test_deleted_instead_of_inactive(self, mall: Mall) -> None:
        """With --delete nothing of the old row is left, and the audit has all of it."""
        worked_on(mall)
        done = move_record(mall, "T1", delete=True)
        assert list(read_rows(mall)) == [("dinings", 1)]
        assert mall.database.query("SELECT 1 FROM shops_locales UNION ALL SELECT 1 FROM shops_rels") == []
        (gone,) = mall.database.query(
            "SELECT row_images FROM etl.sync_changes WHERE sync_id = %s AND action = 'deleted'", done.sync_id
        )
        assert sorted(gone["row_images"]) == ["base", "hours", "locales", "record", "rels"]
        assert mall.sync().issues == {}

    def test_a_dining_that_is_a_shop(self, mall: Mall) -> None:
        """The other way round."""
        mall.sync([dining()])
        mall.sync([shop()])
        move_record(mall, "T1")
        assert mall.links("T1") == [(1, "categories", "FASHION")]
        assert (mall.row("T1", "dinings")["status"], mall.sync().issues) == ("INACTIVE", {})

    def test_in_a_schema_where_others_may_make_things(self, mall: Mall) -> None:
        """The CMS's tables are seen through temporary views there, and the catalogue is asked about the tables."""
        mall.database.execute("GRANT CREATE ON SCHEMA public TO PUBLIC")
        worked_on(mall)
        before = everything(mall)
        done = move_record(mall, "T1")
        assert (mall.links("T1", "dinings"), mall.row("T1", "dinings")["images_logo_id"]) == (
            [(1, "categories", "RESTAURANT")],
            12,
        )
        roll_back(mall, str(done.sync_id))
        assert everything(mall) == before

    def test_an_id_with_blanks_in_the_cms(self, mall: Mall) -> None:
        """The row that the sync took for the record's moves, and the new one has the plain id."""
        legacy_row(mall.database, "T1 ", links=())
        mall.sync([shop()])
        mall.sync([dining()])
        move_record(mall, "T1")
        assert mall.row("T1", "dinings")["slug"] == "old-T1 "
        assert mall.sync().issues.get("kind_changed") is None
