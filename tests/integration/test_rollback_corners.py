"""The corners of a rollback in which a row of one table, or of another record, could be taken for the right one."""

import pytest

from etl.rollback.model import OUTCOMES
from tests.support.cms import legacy_row
from tests.support.records import record_of
from tests.support.rollback import as_people_see, outcomes, read_rows, reader_without, roll_back
from tests.support.sync import Mall, record

NOTHING = {"categoryNameEn": "Nothing like it", "categoryNameTh": None}
PER_DAY = "Mon-Fri 10:00-21:00, Sat-Sun 10:00-22:00"


def restaurant(unique_id: str) -> dict[str, object]:
    """Return a record of a restaurant."""
    return record(unique_id, categoryNameEn="Restaurant")


def test_a_unique_id_that_a_new_row_has_by_now(mall: Mall) -> None:
    """A run renamed T1 and made rows; an editor's new row is T1 by now: the renamed one keeps its id, and rows made go.

    The editor's row has the number that a row in the other table had which goes.
    """
    mall.sync([record("T1", floor="3")])
    run = mall.sync([record("T1", floor="3,4"), *(restaurant(name) for name in ("D1", "D2", "D3"))])
    assert legacy_row(mall.database, "T1", slug="mine") == 3

    result = roll_back(mall, run.sync_id)

    (field,) = record_of(result, "T1-3F").fields
    assert (field.field, field.verdict, field.message) == (
        "unique_id",
        "stays",
        "another row has that unique_id by now",
    )
    assert sorted(row["record"]["unique_id"] for row in read_rows(mall).values()) == ["T1", "T1-3F"]


def test_a_value_that_reads_like_an_id_goes_back(mall: Mall) -> None:
    """A zone called T2 is not a unique_id, whatever row is called T2."""
    mall.sync([record("T1", zone="T2"), record("T2")])
    run = mall.sync([record("T1", zone="West"), record("T2")])

    roll_back(mall, run.sync_id)

    assert mall.row("T1")["location_zone"] == "T2"


@pytest.mark.long
def test_hours_of_a_shop_and_of_a_restaurant_with_one_number(mall: Mall) -> None:
    """Both lose their hours per day in one run; each gets its own rows back, and nothing is left of the other's."""
    mall.sync([record("T1", openingHours=PER_DAY), {**restaurant("D1"), "openingHours": PER_DAY}])
    before = read_rows(mall)
    run = mall.sync([record("T1"), restaurant("D1")])
    assert [row["hours"] for row in read_rows(mall).values()] == [[], []]

    result = roll_back(mall, run.sync_id)

    assert as_people_see(read_rows(mall)) == as_people_see(before)
    assert result.totals.status == "COMPLETED"


def test_a_row_without_any_link_goes_back(mall: Mall) -> None:
    """A record whose category fits nothing has no link, and is put back like any other."""
    mall.sync([record("T1", **NOTHING)])
    assert mall.links("T1") == []
    run = mall.sync([record("T1", zone="West", **NOTHING)])

    result = roll_back(mall, run.sync_id)

    assert (mall.row("T1")["location_zone"], result.totals.status) == ("East", "COMPLETED")


@pytest.mark.parametrize("dry", [True, False])
def test_a_run_that_changed_nothing_has_no_figures(mall: Mall, dry: bool) -> None:
    """Every outcome is there, for both tables, and each figure is 0."""
    mall.sync([record("T1")])
    run = mall.sync()

    totals = roll_back(mall, run.sync_id, dry=dry).totals

    assert totals.records == {outcome: {"shops": 0, "dinings": 0} for outcome in OUTCOMES}
    assert totals.fields == {"back": 0, "same": 0, "stays": 0}
    assert (totals.status, totals.partly, totals.renamed, totals.skipped, totals.refused) == (
        "COMPLETED",
        0,
        0,
        0,
        0,
    )


def test_a_table_that_names_a_row_comes_before_one_that_can_not_be_read(mall: Mall) -> None:
    """What is known is told before what is only possible; a table that may name shops keeps no restaurant."""
    run = mall.sync([record("T1"), record("T2"), restaurant("D1")])
    mall.database.execute("CREATE TABLE a_list (shop int REFERENCES shops); INSERT INTO a_list VALUES (1)")
    mall.database.execute("CREATE TABLE secret (shop int REFERENCES shops)")
    with reader_without(mall, "secret") as role:
        shown = roll_back(mall, run.sync_id, dry=True, role=role)
    assert outcomes(shown) == {"T1": "stays", "T2": "stays", "D1": "deleted"}
    assert (
        record_of(shown, "T1").message
        == "a_list.shop names the row, so it is not deleted; it is INACTIVE already."
    )
    assert record_of(shown, "T2").message == (
        "Perhaps secret.shop, which this role can't read, names the row, so it is not deleted; it is INACTIVE already."
    )


@pytest.mark.long
def test_a_name_in_another_table_keeps_only_what_the_run_made(mall: Mall) -> None:
    """A row that the run changed goes back, named or not; a restaurant is not kept by a name of a shop's number."""
    mall.sync([record("T1")])
    run = mall.sync([record("T1", zone="West"), record("T2"), restaurant("D1"), restaurant("D2")])
    mall.database.execute(
        "INSERT INTO dinings (unique_id) VALUES ('NEAR'); INSERT INTO dinings_rels (parent_id, path, shops_id) "
        "SELECT id, 'near', number FROM dinings, (VALUES (1), (2)) AS shops (number) WHERE unique_id = 'NEAR'"
    )

    result = roll_back(mall, run.sync_id)

    assert outcomes(result) == {"T1": "put_back", "T2": "stays", "D1": "deleted", "D2": "deleted"}
    assert {each.unique_id: each.reason for each in result.records} == {
        "T1": None, "T2": "referenced", "D1": None, "D2": None,
    }  # fmt: skip


@pytest.mark.long
def test_a_link_is_known_by_its_category_once_all_are_made_anew(mall: Mall) -> None:
    """A save in the CMS gives links new numbers: the run's goes, an editor's stays, and so do those of other rows."""
    luxury = record("T2", categoryNameEn="Luxury")
    mall.sync([record("T1"), luxury, restaurant("D1")])
    run = mall.sync([record("T1", categoryNameEn="Luxury"), luxury, {**restaurant("D1"), "zone": "West"}])
    for table, names in (("shops", ("BEAUTY", "LUXURY")), ("dinings", ("LUXURY", "RESTAURANT"))):
        mall.database.execute(f"DELETE FROM {table}_rels WHERE parent_id = 1")
        for order, name in enumerate(names, start=1):
            mall.database.execute(
                f'INSERT INTO {table}_rels ("order", parent_id, path, categories_id) VALUES (%s, 1, \'categories\', %s)',
                order, mall.category_id(name),
            )  # fmt: skip

    roll_back(mall, run.sync_id)

    assert mall.links("T1") == [(1, "categories", "BEAUTY"), (1, "categories", "FASHION")]
    assert mall.links("T2") == [(1, "categories", "LUXURY")]
    assert mall.links("D1", "dinings") == [(1, "categories", "LUXURY"), (2, "categories", "RESTAURANT")]


def test_a_value_that_an_editor_removed_from_a_new_row_or_gave_it(mall: Mall) -> None:
    """What was emptied or filled since is a change like another: the row is not deleted, and the field is listed."""
    run = mall.sync([record("T1"), record("T2", zone=None)])
    mall.database.execute(
        "UPDATE shops SET contact_info_phone = NULL WHERE id = 1; UPDATE shops SET location_zone = 'Mine' WHERE id = 2"
    )

    result = roll_back(mall, run.sync_id)

    told = {
        each.unique_id: (each.reason, [(field.field, field.written, field.now) for field in each.fields])
        for each in result.records
    }
    assert told == {
        "T1": ("changed_since", [("phone", "02 000 0000", None)]),
        "T2": ("changed_since", [("zone", None, "Mine")]),
    }


def test_rows_that_are_gone_or_come_back_have_their_titles(mall: Mall) -> None:
    """The title is the CMS's, else the one that the run wrote or removed: the English one before the Thai one."""
    nameless = {"brandNameEn": None, "shopNameEnglish": None}
    mall.sync([record("T1")])
    run = mall.sync([record("T1", zone="West"), record("T2"), record("T3", **nameless), record("T4")])
    mall.edit_texts("T1", "en", title="Mine")
    mall.database.execute("DELETE FROM shops WHERE unique_id IN ('T2', 'T3')")

    undone = roll_back(mall, run.sync_id)
    redone = roll_back(mall, str(undone.sync_id))

    titles = {"T1": "Mine", "T2": "Brand T2", "T3": "แบรนด์ T3", "T4": "Brand T4"}
    assert {each.unique_id: each.title for each in undone.records} == titles
    assert {each.unique_id: each.title for each in redone.records} == {"T1": "Mine", "T4": "Brand T4"}
