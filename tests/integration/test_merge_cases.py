"""The corners of the merge, written out: what is suspected of going wrong, one case each.

A case that is marked xfail shows a breach of DOMAIN.md or DESIGN.md; its reason says which.
"""

import random
import threading
from pathlib import Path
from typing import Any

import pytest

from etl.errors import GuardError
from etl.load.postgres import Postgres
from tests.support.api import FakeApi
from tests.support.cms import legacy_row, make_cms
from tests.support.sync import Mall, record

DAILY = "10:00 - 22:00"


def cms_mall(api: FakeApi, database: Any, folder: Path) -> Mall:
    """Give a mall on tables of the CMS, with the job's own tables."""
    make_cms(database, skip_sync=True, api_sync_logs=False)
    mall = Mall(api, database, folder)
    mall.init()
    return mall


def floors(mall: Mall) -> dict[str, str | None]:
    """Return the floor's name of each shop by its unique_id."""
    rows = mall.database.query(
        "SELECT s.unique_id, f.name FROM shops s LEFT JOIN floors f ON f.id = s.floor_id ORDER BY s.unique_id"
    )
    return {row["unique_id"]: row["name"] for row in rows}


def base(mall: Mall, unique_id: str) -> dict[str, Any]:
    """Return a record's base."""
    (row,) = mall.database.query("SELECT * FROM etl.tenants_base WHERE unique_id = %s", unique_id)
    return dict(row)


def link(mall: Mall, unique_id: str, category: str) -> None:
    """Link a shop to a category as an editor does."""
    mall.database.execute(
        'INSERT INTO shops_rels ("order", parent_id, path, categories_id) '
        "SELECT 2, id, 'categories', %s FROM shops WHERE unique_id = %s",
        mall.category_id(category),
        unique_id,
    )
    mall.edit(unique_id)


def forbid(mall: Mall, table: str, condition: str, event: str = "INSERT OR UPDATE") -> None:
    """Let the database refuse rows of a table, as a trigger of the CMS's might."""
    mall.database.execute(
        f"CREATE FUNCTION forbid() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {condition} "
        "THEN RAISE EXCEPTION 'forbidden'; END IF; RETURN NEW; END $$"
    )
    mall.database.execute(
        f"CREATE TRIGGER forbid BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION forbid()"
    )


# Blank values and the editor


@pytest.mark.parametrize("hours", [DAILY, "Mon-Fri 10:00-21:00, Sat-Sun 10:00-22:00"])
def test_first_hours_after_none_are_no_conflict(mall: Mall, hours: str) -> None:
    """The source had no hours and now has some, and no editor touched them: they are written, with no conflict."""
    mall.sync([record("T1", openingHours=None)])

    result = mall.sync([record("T1", openingHours=hours)], conflicts="editor")

    assert (result.counts.updated, result.counts.conflicts) == (1, 0)
    days = mall.database.query(
        "SELECT day::text, open, close FROM shops_opening_hours_per_day ORDER BY _order"
    )
    if hours == DAILY:
        row = mall.row("T1")
        assert (row["opening_hours_open"], row["opening_hours_close"], days) == ("10:00", "22:00", [])
    else:
        assert (len(days), days[0]) == (7, {"day": "mon", "open": "10:00", "close": "21:00"})


def test_an_empty_text_in_the_cms_is_as_good_as_null(mall: Mall) -> None:
    """The CMS saves an empty field as ''; the source's first value then is no conflict, whoever wins those."""
    mall.sync([record("T1", zone=None, descriptionEn=None)])
    mall.edit("T1", location_zone="")
    mall.edit_texts("T1", "en", description="")

    result = mall.sync([record("T1", zone="East", descriptionEn="Words.")], conflicts="editor")

    assert (result.counts.updated, result.counts.conflicts) == (1, 0)
    assert mall.row("T1")["location_zone"] == "East"
    assert mall.texts("T1", "en")["description"] == "Words."


@pytest.mark.parametrize("emptied", ["", None])
def test_a_value_that_an_editor_removed_stays_away(mall: Mall, emptied: str | None) -> None:
    """An editor empties a text while the source says the same as before: it stays empty, and is counted as kept."""
    mall.sync([record("T1")])
    mall.edit("T1", location_zone=emptied)

    result = mall.sync([record("T1", tel="1")])

    assert (result.counts.kept, result.counts.conflicts) == (1, 0)
    assert (mall.row("T1")["location_zone"], mall.row("T1")["contact_info_phone"]) == (emptied, "1")


def test_blank_and_back_again_is_no_change(mall: Mall) -> None:
    """A, blank, A in the source with an editor's value in between: the editor's stays without a conflict."""
    mall.sync([record("T1", zone="East")])
    mall.edit("T1", location_zone="Mine")
    mall.sync([record("T1", zone=" ")])

    result = mall.sync([record("T1", zone="East")])

    assert (result.counts.updated, result.counts.conflicts, mall.row("T1")["location_zone"]) == (0, 0, "Mine")


# Conflicts


def test_a_conflict_the_editor_won_is_one_again_when_the_source_moves_on(mall: Mall) -> None:
    """The editor won against B; when the source goes back to A, it changed again: a new conflict, the source's."""
    mall.sync([record("T1", zone="A")])
    mall.edit("T1", location_zone="Mine")
    mall.sync([record("T1", zone="B")], conflicts="editor")
    assert mall.row("T1")["location_zone"] == "Mine"

    result = mall.sync([record("T1", zone="A")])

    assert (result.counts.conflicts, mall.row("T1")["location_zone"]) == (1, "A")


def test_both_values_of_a_conflict_that_the_editor_won_are_recorded(mall: Mall) -> None:
    """Where nothing is written, the finding itself holds base, editor's and source's value."""
    mall.sync([record("T1", zone="A")])
    mall.edit("T1", location_zone="Mine")

    result = mall.sync([record("T1", zone="B")], conflicts="editor")

    (issue,) = mall.database.query(
        "SELECT field, value::jsonb FROM etl.sync_issues WHERE sync_id = %s", result.sync_id
    )
    assert issue == {"field": "zone", "value": {"base": "A", "editor": "Mine", "source": "B"}}


def test_hours_per_day_in_another_order_are_an_editors_edit(mall: Mall) -> None:
    """An editor reorders the days: they stay so while the source is the same."""
    mall.sync([record("T1", openingHours="Mon-Fri 10:00-21:00, Sat-Sun 10:00-22:00")])
    mall.database.execute("UPDATE shops_opening_hours_per_day SET _order = 8 - _order")
    mall.edit("T1")
    before = mall.fingerprint()

    result = mall.sync()

    assert (result.counts.updated, result.counts.kept, mall.fingerprint() == before) == (0, 1, True)


def test_a_removed_category_link_stays_removed(mall: Mall) -> None:
    """An editor removes the job's link while the source says the same: it does not come back."""
    mall.sync([record("T1")])
    mall.database.execute("DELETE FROM shops_rels")
    mall.edit("T1")

    result = mall.sync([record("T1", zone="West")])

    assert (result.counts.kept, mall.links("T1")) == (1, [])


def test_an_editors_link_outlives_a_visit_of_the_source(mall: Mall) -> None:
    """An editor links LUXURY; the source moves to LUXURY and on to BEAUTY: the editor's own link stays."""
    mall.sync([record("T1")])
    link(mall, "T1", "LUXURY")
    mall.sync([record("T1", categoryNameEn="Luxury", categoryNameTh=None)])

    mall.sync([record("T1", categoryNameEn="Beauty", categoryNameTh=None)])

    assert {name for _, _, name in mall.links("T1")} == {"LUXURY", "BEAUTY"}


def test_a_category_that_both_moved_to_is_the_editors(mall: Mall) -> None:
    """An editor replaces the job's link, the source follows: no link is the job's then, nor is one that comes back."""
    mall.sync([record("T1")])
    mall.database.execute("UPDATE shops_rels SET categories_id = %s", mall.category_id("LUXURY"))
    mall.edit("T1")
    mall.sync([record("T1", categoryNameEn="Luxury", categoryNameTh=None)])
    link(mall, "T1", "FASHION")

    result = mall.sync([record("T1", categoryNameEn="Beauty", categoryNameTh=None)])

    assert {name for _, _, name in mall.links("T1")} == {"LUXURY", "FASHION", "BEAUTY"}
    assert result.counts.conflicts == 0


def test_a_visible_link_of_before_is_an_editors(api: FakeApi, empty_database: Any, tmp_path: Path) -> None:
    """The earlier job wrote only '/': a link with path 'categories' at first contact is an editor's, and stays."""
    mall = cms_mall(api, empty_database, tmp_path)
    legacy_row(empty_database, "T1", links=("categories:fashion",))
    mall.sync([record("T1")])

    mall.sync([record("T1", categoryNameEn="Luxury", categoryNameTh=None)])

    assert {name for _, _, name in mall.links("T1")} == {"FASHION", "LUXURY"}


def test_a_hidden_link_beside_the_same_visible_one_goes(
    api: FakeApi, empty_database: Any, tmp_path: Path
) -> None:
    """The earlier job's hidden link to a category that the CMS shows already is not left behind."""
    mall = cms_mall(api, empty_database, tmp_path)
    legacy_row(empty_database, "T1", links=("categories:fashion", "/:fashion"))

    mall.sync([record("T1")])

    assert mall.links("T1") == [(1, "categories", "FASHION")]


def test_a_hidden_link_with_a_category_conflict(api: FakeApi, empty_database: Any, tmp_path: Path) -> None:
    """An editor replaced the category; then the source changes it: a conflict, the editor's link stays beside it."""
    mall = cms_mall(api, empty_database, tmp_path)
    legacy_row(empty_database, "T1", links=("/:fashion",))
    mall.sync([record("T1")])
    mall.database.execute("UPDATE shops_rels SET categories_id = 3")
    mall.database.execute(
        "INSERT INTO shops_rels (\"order\", parent_id, path, categories_id) SELECT 1, id, '/', 1 FROM shops"
    )
    mall.edit("T1")

    result = mall.sync([record("T1", categoryNameEn="Luxury", categoryNameTh=None)])

    assert result.counts.conflicts == 1
    assert mall.links("T1") == [(1, "categories", "RESTAURANT"), (2, "categories", "LUXURY")]


# Rows that are not where they were


def test_a_row_whose_unique_id_was_changed_is_no_more_the_records(mall: Mall) -> None:
    """An editor gives the row another unique_id: it is not written, nor is the record made again."""
    mall.sync([record("T1")])
    mall.database.execute("UPDATE shops SET unique_id = 'MINE', updated_at = now() + interval '1 s'")

    result = mall.sync([record("T1", zone="West")])

    assert (result.counts.created, result.counts.updated, result.counts.skipped) == (0, 0, 1)
    assert mall.row("MINE")["location_zone"] == "East"


def test_texts_that_are_gone_in_a_language(mall: Mall) -> None:
    """A row without Thai texts is left so; when one Thai text changes in the source, that one is written."""
    mall.sync([record("T1")])
    mall.database.execute("DELETE FROM shops_locales WHERE _locale = 'th'")
    mall.edit("T1")
    assert mall.sync().counts.updated == 0

    mall.sync([record("T1", brandNameTh="ใหม่")])

    texts = mall.texts("T1", "th")
    assert (texts["title"], texts["meta_title"], texts["description"]) == ("ใหม่", "ใหม่", None)


def test_gone_chinese_texts_are_not_made_again(mall: Mall) -> None:
    """Chinese texts are written at creation only, also when an editor removed them all."""
    mall.sync([record("T1")])
    mall.database.execute("DELETE FROM shops_locales WHERE _locale = 'zh'")
    mall.edit("T1")

    mall.sync([record("T1", brandNameEn="New name")])

    assert mall.database.query("SELECT * FROM shops_locales WHERE _locale = 'zh'") == []


def test_duplicates_of_which_one_has_skip_sync(api: FakeApi, empty_database: Any, tmp_path: Path) -> None:
    """Whichever of two rows is chosen, the one with skip_sync is never touched."""
    mall = cms_mall(api, empty_database, tmp_path)
    legacy_row(empty_database, "T1", skip_sync=True)
    legacy_row(empty_database, "T1", slug="double")
    legacy_row(empty_database, "T2")
    legacy_row(empty_database, "T2", slug="double", skip_sync=True)
    query = "SELECT s.xmin::text, l.xmin::text AS x, s.* FROM shops s JOIN shops_locales l ON l._parent_id = s.id "
    before = empty_database.query(query + "WHERE skip_sync ORDER BY s.id, l.id")

    result = mall.sync([record("T1"), record("T2")])

    assert empty_database.query(query + "WHERE skip_sync ORDER BY s.id, l.id") == before
    assert result.counts.created == 0
    assert [code for _, code in mall.issues(result.sync_id)].count("duplicate_row") == 2


def test_the_chosen_duplicate_is_removed(api: FakeApi, empty_database: Any, tmp_path: Path) -> None:
    """An editor removes the duplicate that the job wrote to: the other one goes on, from the same base."""
    mall = cms_mall(api, empty_database, tmp_path)
    chosen = legacy_row(empty_database, "T1")
    other = legacy_row(empty_database, "T1", slug="double")
    mall.sync([record("T1")])
    empty_database.execute("DELETE FROM shops WHERE id = %s", chosen)

    result = mall.sync([record("T1", zone="West")])

    assert (result.counts.created, mall.row("T1")["id"], mall.row("T1")["location_zone"]) == (
        0,
        other,
        "West",
    )


def test_a_deleted_floor_and_its_successor(mall: Mall) -> None:
    """A floor is deleted in the CMS (its shops lose it) and made again: the source's floor comes back."""
    mall.sync([record("T1", floor="3")])
    mall.database.execute("DELETE FROM floors WHERE name = '3F'")
    assert floors(mall) == {"T1": None}
    gone = mall.sync()
    assert (floors(mall), gone.counts.unmapped_floors) == ({"T1": None}, 1)
    mall.database.execute("INSERT INTO floors (name) VALUES ('3F')")

    mall.sync()

    assert floors(mall) == {"T1": "3F"}


# The database refuses


def test_a_refused_update_leaves_the_base(mall: Mall) -> None:
    """A record that the database refuses keeps its base, and is tried again by the next run."""
    mall.sync([record("T1"), record("T2")])
    before = base(mall, "T1")
    forbid(mall, "shops", "NEW.unique_id = 'T1'")

    result = mall.sync([record("T1", zone="West"), record("T2", zone="West")])

    assert (result.status, result.counts.rejected, result.counts.updated) == ("PARTIAL", 1, 1)
    assert base(mall, "T1") == before
    mall.database.execute("DROP TRIGGER forbid ON shops")
    assert (mall.sync().counts.updated, mall.row("T1")["location_zone"]) == (1, "West")


def test_a_refused_record_is_not_said_to_be_written(mall: Mall) -> None:
    """A conflict of a record that the database refused was not resolved: no finding says that a value was written."""
    mall.sync([record("T1")])
    mall.edit("T1", location_zone="Mine")
    forbid(mall, "shops", "NEW.location_zone = 'West'")

    result = mall.sync([record("T1", zone="West")])

    assert (result.counts.conflicts, mall.row("T1")["location_zone"]) == (0, "Mine")
    assert mall.issues(result.sync_id) == [("T1", "rejected_by_database")]


def test_a_carried_over_row_that_is_refused_keeps_its_id(mall: Mall) -> None:
    """The database refuses the new unique_id: row and base keep the old one; the other floor is made."""
    mall.sync([record("T1", floor="3")])
    forbid(mall, "shops", "NEW.unique_id = 'T1-3F'")

    result = mall.sync([record("T1", floor="3,4")])

    assert (result.counts.created, result.counts.rejected) == (1, 1)
    assert floors(mall) == {"T1": "3F", "T1-4F": "4F"}
    assert base(mall, "T1")["record_id"] == mall.row("T1")["id"]


def test_a_row_that_may_not_be_inactivated_costs_itself_only(mall: Mall) -> None:
    """The database refuses one INACTIVE: that row is reported, and the rest of the run lands."""
    mall.sync([record("T1"), record("T2"), record("T3")])
    mall.database.execute("UPDATE shops SET status = 'ACTIVE'")
    forbid(mall, "shops", "NEW.unique_id = 'T2' AND NEW.status = 'INACTIVE'")

    result = mall.sync([record("T1", zone="West")], missing="inactivate")

    assert result.status == "PARTIAL"
    assert mall.row("T1")["location_zone"] == "West"
    assert (mall.row("T2")["status"], mall.row("T3")["status"]) == ("ACTIVE", "INACTIVE")
    assert (result.counts.processed, result.counts.updated, result.counts.unchanged) == (1, 1, 0)


@pytest.mark.parametrize(
    "size",
    [
        500,
        20_000,
    ],
)
def test_a_huge_unique_id_costs_itself_only(mall: Mall, size: int) -> None:
    """An id too long for an index is one bad record, not the end of the run."""
    huge = "".join(
        random.Random(1).choices("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", k=size)
    )

    result = mall.sync([record("T1"), record(huge)])

    assert result.counts.created + result.counts.rejected == 2
    assert mall.row("T1")["location_zone"] == "East"


def test_huge_texts_land(mall: Mall) -> None:
    """A description of a million characters is written, and is no change the next time."""
    huge = "".join(random.Random(1).choices("กขคง abcdefgh", k=1_000_000)).strip()
    huge = " ".join(huge.split())
    mall.sync([record("T1", descriptionEn=huge, brandNameEn="x" * 100_000)])

    assert mall.texts("T1", "en")["description"] == huge
    assert mall.sync().counts.updated == 0


@pytest.mark.parametrize(
    "unique_id", ["T'1", 'T"1', "T\\1", "T%s1", "T$1", "ไทย-1", "T{1}", "T;1--", "T 1", "T1-3F"]
)
def test_odd_ids(mall: Mall, unique_id: str) -> None:
    """Quotes, backslashes, placeholders and Thai in a unique_id are just text, also with several floors."""
    mall.sync([record(unique_id, floor="3"), record("OTHER")])
    row_id = mall.row(unique_id)["id"]

    mall.sync([record(unique_id, floor="3,4", zone="West"), record("OTHER")])
    assert (mall.row(f"{unique_id}-3F")["id"], mall.row(f"{unique_id}-4F")["location_zone"]) == (
        row_id,
        "West",
    )

    mall.sync([record(unique_id, floor="3"), record("OTHER")])
    assert (mall.row(unique_id)["id"], mall.row(unique_id)["location_zone"]) == (row_id, "East")
    assert mall.sync().counts.updated == 0


# Floors


def test_several_floors_to_fewer(mall: Mall) -> None:
    """Three floors to two: two rows go on, the third is missing, nothing is renamed."""
    mall.sync([record("T1", floor="3,4,5")])

    result = mall.sync([record("T1", floor="3,4")])

    assert (result.counts.updated, result.counts.created, result.counts.missing) == (0, 0, 1)
    assert floors(mall) == {"T1-3F": "3F", "T1-4F": "4F", "T1-5F": "5F"}


def test_several_floors_to_an_unmapped_label_and_back(mall: Mall) -> None:
    """Of a label that fits nothing one row goes on, with the floor that it has; then both are as before."""
    mall.sync([record("T1", floor="3,4")])
    rows = {name: mall.row(name)["id"] for name in ("T1-3F", "T1-4F")}

    gone = mall.sync([record("T1", floor="roof garden")])
    assert (gone.counts.created, gone.counts.missing, floors(mall)) == (0, 1, {"T1": "3F", "T1-4F": "4F"})
    back = mall.sync([record("T1", floor="3,4")])

    assert (back.counts.created, back.counts.missing) == (0, 0)
    assert {name: mall.row(name)["id"] for name in ("T1-3F", "T1-4F")} == rows


def test_the_same_floor_twice_is_one(mall: Mall) -> None:
    """`3,3F,Fl. 3` is one floor: one row under the id itself; a part that fits nothing makes no copy."""
    mall.sync([record("T1", floor="3,3F,Fl. 3"), record("T2", floor="3,99")])

    assert floors(mall) == {"T1": "3F", "T2": "3F"}


def test_carry_over_leaves_a_row_with_skip_sync(mall: Mall) -> None:
    """A row with skip_sync is not even renamed when the floors change; without the tick it is."""
    mall.sync([record("T1", floor="3")])
    row_id = mall.row("T1")["id"]
    mall.edit("T1", skip_sync=True)

    result = mall.sync([record("T1", floor="3,4")], missing="inactivate")

    assert (result.counts.skipped, result.counts.created, result.counts.missing) == (1, 1, 0)
    assert floors(mall) == {"T1": "3F", "T1-4F": "4F"}
    mall.edit("T1", skip_sync=False)
    mall.sync()
    assert (floors(mall), mall.row("T1-3F")["id"]) == ({"T1-3F": "3F", "T1-4F": "4F"}, row_id)


@pytest.mark.parametrize(("before", "deleted", "after"), [("3", "T1", "3,4"), ("3,4", "T1-3F", "3")])
def test_a_deleted_row_is_not_made_again_under_another_id(
    mall: Mall, before: str, deleted: str, after: str
) -> None:
    """An editor deletes the row on 3F; when the floors change between one and several it stays deleted."""
    mall.sync([record("T1", floor=before)])
    mall.database.execute("DELETE FROM shops WHERE unique_id = %s", deleted)

    result = mall.sync([record("T1", floor=after)])

    assert "3F" not in floors(mall).values()
    assert (result.counts.skipped, result.counts.created) == (1, 1 if after == "3,4" else 0)


@pytest.mark.xfail(
    strict=True,
    reason="DOMAIN: the row whose floor is still among them is carried over; a stale row has its id",
)
def test_the_live_row_is_carried_over_rather_than_a_stale_one(mall: Mall) -> None:
    """The row that editors work on now follows its floor, though an old row has the id that it would get."""
    mall.sync([record("T1", floor="3")])
    mall.sync([record("T1", floor="4,5")])
    mall.edit("T1-4F", sort_order=9, status="ACTIVE")

    mall.sync([record("T1", floor="4")])

    assert (mall.row("T1")["sort_order"], floors(mall)["T1"]) == (9, "4F")


def test_two_records_whose_copies_collide(mall: Mall) -> None:
    """Two copies would have one id: the first gets it, and keeps it when the feed's order changes."""
    mall.database.execute("INSERT INTO floors (name) VALUES ('3F-4F')")
    records = [record("A", floor="3F-4F,5"), record("A-3F", floor="4,5")]
    first = mall.sync(records)
    assert ("A-3F", "derived_id_taken") in mall.issues(first.sync_id)

    second = mall.sync([records[1], records[0]])

    assert (second.counts.missing, second.counts.updated) == (0, 0)
    assert set(floors(mall)) == {"A-3F-4F", "A-5F", "A-3F-5F"}
    assert mall.issues(second.sync_id) == [("A-3F", "derived_id_taken")]


def test_a_copy_never_has_the_id_of_a_record_that_is_split_itself(mall: Mall) -> None:
    """T1-3F is a record of its own, although its rows are named after its two floors: T1's copy is rejected."""
    result = mall.sync([record("T1", floor="3,4"), record("T1-3F", floor="4,5")])

    assert ("T1", "derived_id_taken") in mall.issues(result.sync_id)
    assert set(floors(mall)) == {"T1-4F", "T1-3F-4F", "T1-3F-5F"}


# Records that leave, and records that come back


def test_skip_sync_outlives_missing_inactivate(mall: Mall) -> None:
    """A row with skip_sync that left the source is reported, and keeps its status."""
    mall.sync([record("T1"), record("T2")])
    mall.edit("T2", skip_sync=True, status="ACTIVE")
    before = mall.fingerprint()

    result = mall.sync([record("T1")], missing="inactivate")

    assert (result.counts.missing, result.counts.inactivated, mall.fingerprint() == before) == (1, 0, True)


def test_a_record_that_leaves_again_is_inactivated_again(mall: Mall) -> None:
    """Gone, INACTIVE, back, made ACTIVE by an editor, gone again: with --missing inactivate it is INACTIVE again."""
    mall.sync([record("T1"), record("T2")])
    mall.edit("T2", status="ACTIVE")
    mall.sync([record("T1")], missing="inactivate")
    back = mall.sync([record("T1"), record("T2")])
    assert (mall.issues(back.sync_id), mall.row("T2")["status"]) == ([("T2", "returned")], "INACTIVE")
    mall.edit("T2", status="ACTIVE")

    again = mall.sync([record("T1")], missing="inactivate")

    assert (again.counts.inactivated, mall.row("T2")["status"]) == (1, "INACTIVE")


def test_a_returned_record_is_merged_with_its_old_base(mall: Mall) -> None:
    """While a record was away an editor fixed it: unchanged in the source, it keeps the fix when it returns."""
    mall.sync([record("T1"), record("T2")])
    mall.sync([record("T1")])
    mall.edit("T2", location_zone="Mine")

    back = mall.sync([record("T1"), record("T2", tel="1")])

    assert (back.counts.updated, back.counts.conflicts, mall.row("T2")["location_zone"]) == (1, 0, "Mine")
    assert (base(mall, "T2")["missing_since"], mall.row("T2")["contact_info_phone"]) == (None, "1")


def test_an_empty_feed_after_a_good_run(mall: Mall) -> None:
    """A feed of nothing after one of 30 is refused, and nothing is set INACTIVE."""
    mall.sync([record(f"T{number}") for number in range(30)])
    before = mall.fingerprint()

    with pytest.raises(GuardError):
        mall.sync([], missing="inactivate")

    assert mall.fingerprint() == before


@pytest.mark.parametrize("renamed", [None, "NEW-{}"])
def test_a_feed_that_knows_no_record_any_more(mall: Mall, renamed: str | None) -> None:
    """As many records as before but without their ids, or with other ones: the guard refuses to lose them all."""
    mall.sync([record(f"T{number}") for number in range(30)])
    mall.database.execute("UPDATE shops SET status = 'ACTIVE'")

    with pytest.raises(GuardError):
        mall.sync([record(renamed and renamed.format(number)) for number in range(30)], missing="inactivate")


# Slugs, times, other people's transactions, cost


def test_slugs_find_the_gaps(mall: Mall) -> None:
    """Slugs that editors or other records have are never given twice, nor is one number given for two stems."""
    mall.sync(
        [
            record("T1", brandNameEn="Abc"),
            record("T2", brandNameEn="Abc 2"),
            record("T3", brandNameEn="Abc 2 2"),
        ]
    )
    mall.edit("T3", slug="abc-4")

    names = ["Abc", "Abc", "Abc 2", "Abc 2", "Abc 3", "Abc 3"]
    mall.sync([*mall.api.records, *(record(f"N{n}", brandNameEn=name) for n, name in enumerate(names))])

    rows = mall.database.query("SELECT unique_id, slug FROM shops ORDER BY unique_id")
    assert {row["unique_id"]: row["slug"] for row in rows} == {
        "T1": "abc", "T2": "abc-2", "T3": "abc-4", "N0": "abc-5", "N1": "abc-6",
        "N2": "abc-2-2", "N3": "abc-2-3", "N4": "abc-3", "N5": "abc-3-2",
    }  # fmt: skip


def test_times_finer_than_the_cms_keeps_them(mall: Mall) -> None:
    """A CMS whose times have microseconds: rows are found unchanged, and an editor's date is kept as it is."""
    mall.database.execute(
        "ALTER TABLE shops ALTER updated_at TYPE timestamptz, ALTER date_range_start_date TYPE timestamptz"
    )
    mall.sync([record("T1", startDate="2025-01-02")])
    mall.database.execute("UPDATE shops SET updated_at = '2026-01-01T00:00:00.123456Z'")
    before = mall.fingerprint()

    assert (mall.sync().counts.updated, mall.fingerprint() == before) == (0, True)
    assert mall.sync([record("T1", startDate="2025-01-03")]).counts.conflicts == 0


@pytest.mark.parametrize("moment", ["stage/analyze_keys", "plan/find_by_base", "plan/find_by_unique_id"])
@pytest.mark.parametrize("tick", [True, False])
def test_an_editor_who_commits_while_the_sync_runs(
    mall: Mall, monkeypatch: pytest.MonkeyPatch, moment: str, tick: bool
) -> None:
    """An edit or a tick of skip_sync that lands after staging is seen by the merge."""
    mall.sync([record("T1")])
    during(mall, monkeypatch, moment, lambda: mall.edit("T1", skip_sync=tick, location_zone="Mine"))

    result = mall.sync([record("T1", zone="West")], conflicts="editor")

    assert (result.counts.skipped, result.counts.conflicts) == ((1, 0) if tick else (0, 1))
    assert mall.row("T1")["location_zone"] == "Mine"


def test_skip_sync_ticked_just_before_inactivate(mall: Mall, monkeypatch: pytest.MonkeyPatch) -> None:
    """An editor ticks skip_sync after the missing rows were listed: the row is not touched."""
    mall.sync([record("T1"), record("T2")])
    mall.edit("T2", status="ACTIVE")
    during(mall, monkeypatch, "plan/report_findings", lambda: mall.edit("T2", skip_sync=True))

    mall.sync([record("T1")], missing="inactivate")

    assert mall.row("T2")["status"] == "ACTIVE"


def test_skip_sync_ticked_while_inactivate_waits(mall: Mall, monkeypatch: pytest.MonkeyPatch) -> None:
    """An editor's save is under way when the row is to be set INACTIVE: its tick of skip_sync is respected."""
    mall.sync([record("T1"), record("T2")])
    mall.edit("T2", status="ACTIVE")
    with mall.database.connect() as editor:
        saved = threading.Timer(0.5, editor.commit)

        def save() -> None:
            editor.execute("UPDATE shops SET skip_sync = true WHERE unique_id = 'T2'")
            saved.start()

        during(mall, monkeypatch, "apply/inactivate", save)
        mall.sync([record("T1")], missing="inactivate")
        saved.join()

    assert mall.row("T2")["status"] == "ACTIVE"


def during(mall: Mall, monkeypatch: pytest.MonkeyPatch, moment: str, act: Any) -> None:
    """Let another transaction commit just before the job runs a statement, once."""
    run, left = Postgres.run, [act]

    def spied(db: Postgres, name: str, *values: Any, **parts: str) -> None:
        if name == moment and left:
            left.pop()()
        run(db, name, *values, **parts)

    monkeypatch.setattr(Postgres, "run", spied)


def test_statements_do_not_grow_with_records(mall: Mall, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten records and four hundred take the same number of statements, to create, update and leave alone."""
    sent = [0]
    for name in ("execute", "read", "ingest"):
        original = getattr(Postgres, name)
        monkeypatch.setattr(Postgres, name, counted(original, sent))
    counts: dict[int, list[int]] = {}
    for size, zones in ((10, "AABB"), (400, "CCDD")):
        for zone in zones:
            sent[0] = 0
            mall.sync([record(f"T{number}", zone=zone) for number in range(size)])
            counts.setdefault(size, []).append(sent[0])

    assert counts[10][2:] == counts[400][2:]
    assert max(counts[400]) < 150


def counted(original: Any, sent: list[int]) -> Any:
    """Count the calls of a method."""

    def call(*args: Any, **options: Any) -> Any:
        sent[0] += 1
        return original(*args, **options)

    return call
