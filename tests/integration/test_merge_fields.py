"""The corners of the three-way merge of fields: blank values, conflicts, links, written out."""

from pathlib import Path

import pytest

from tests.support.api import FakeApi
from tests.support.cms import legacy_row
from tests.support.merge import base, cms_mall, link
from tests.support.postgres import Database
from tests.support.sync import Mall, record

DAILY = "10:00 - 22:00"


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
    """The CMS saves an empty field as ''; the source's first value then is not a conflict, whoever wins those."""
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


def test_hours_per_day_in_another_order_are_no_edit(mall: Mall) -> None:
    """An editor reorders the days: they stay so while the source is the same, and nothing is said of it."""
    mall.sync([record("T1", openingHours="Mon-Fri 10:00-21:00, Sat-Sun 10:00-22:00")])
    mall.database.execute("UPDATE shops_opening_hours_per_day SET _order = 8 - _order")
    mall.edit("T1")
    before = mall.fingerprint()

    result = mall.sync()

    assert (result.counts.updated, result.counts.kept, mall.fingerprint() == before) == (0, 0, True)


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


def test_a_visible_link_of_before_is_an_editors(
    api: FakeApi, empty_database: Database, tmp_path: Path
) -> None:
    """The earlier job wrote only '/': a link with path 'categories' at first contact is an editor's, and stays."""
    mall = cms_mall(api, empty_database, tmp_path)
    legacy_row(empty_database, "T1", links=("categories:fashion",))
    mall.sync([record("T1")])

    mall.sync([record("T1", categoryNameEn="Luxury", categoryNameTh=None)])

    assert {name for _, _, name in mall.links("T1")} == {"FASHION", "LUXURY"}


def test_a_hidden_link_beside_the_same_visible_one_goes(
    api: FakeApi, empty_database: Database, tmp_path: Path
) -> None:
    """The earlier job's hidden link to a category that the CMS shows already is not left behind."""
    mall = cms_mall(api, empty_database, tmp_path)
    legacy_row(empty_database, "T1", links=("categories:fashion", "/:fashion"))

    mall.sync([record("T1")])

    assert mall.links("T1") == [(1, "categories", "FASHION")]


def test_a_hidden_link_with_a_category_conflict(
    api: FakeApi, empty_database: Database, tmp_path: Path
) -> None:
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


def test_a_new_category_of_a_shop_leaves_the_restaurants_link(mall: Mall) -> None:
    """The links of both have one number: only the shop's is pointed to its new category, though both rows are written."""
    mall.sync([record("T1"), record("D1", categoryNameEn="Restaurant")])
    numbers = [
        mall.database.query(f"SELECT id, parent_id FROM {table}_rels") for table in ("shops", "dinings")
    ]
    assert numbers[0] == numbers[1]

    mall.sync([record("T1", categoryNameEn="Beauty"), record("D1", categoryNameEn="Restaurant", zone="West")])

    assert mall.links("T1") == [(1, "categories", "BEAUTY")]
    assert mall.links("D1", "dinings") == [(1, "categories", "RESTAURANT")]


@pytest.mark.long
def test_links_that_an_editor_made_first_stay_the_editors(mall: Mall) -> None:
    """Twice the source moves T1 to where an editor's link was already: neither link is the job's to move on.

    T2 moves too, without an editor: its links are the job's, and those of T1 are not a reason to think otherwise.
    """

    def sync(first: str, second: str) -> list[int | None]:
        names = {"T1": first, "T2": second}
        mall.sync([record(each, categoryNameEn=name, categoryNameTh=None) for each, name in names.items()])
        return [base(mall, each)["job_category_id"] for each in names]

    sync("Fashion", "Fashion")
    link(mall, "T1", "LUXURY")
    assert sync("Luxury", "Luxury") == [None, mall.category_id("LUXURY")]
    link(mall, "T1", "BEAUTY")
    assert sync("Beauty", "Gadget") == [None, mall.category_id("GADGET")]

    assert sync("Gadget", "Luxury") == [mall.category_id("GADGET"), mall.category_id("LUXURY")]

    assert {name for _, _, name in mall.links("T1")} == {"LUXURY", "BEAUTY", "GADGET"}
