"""The corners of records on several floors: rows carried over, copies rejected, deleted rows."""

import pytest

from tests.support.merge import floors
from tests.support.sync import Mall, record


def test_several_floors_to_fewer(mall: Mall) -> None:
    """Three floors to two: two rows go on, the third is missing, nothing is renamed."""
    mall.sync([record("T1", floor="3,4,5")])

    result = mall.sync([record("T1", floor="3,4")])

    assert (result.counts.updated, result.counts.created, result.counts.missing) == (0, 0, 1)
    assert floors(mall) == {"T1-3F": "3F", "T1-4F": "4F", "T1-5F": "5F"}


def test_several_floors_to_an_unmapped_label_and_back(mall: Mall) -> None:
    """A label that fits nothing does not say where the record is: both rows go on, and are as before."""
    mall.sync([record("T1", floor="3,4")])
    rows = {name: mall.row(name)["id"] for name in ("T1-3F", "T1-4F")}

    gone = mall.sync([record("T1", floor="roof garden")])
    assert (gone.counts.created, gone.counts.missing, floors(mall)) == (0, 0, {"T1-3F": "3F", "T1-4F": "4F"})
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


def test_a_stale_row_that_has_the_id_goes_on_and_the_live_one_is_named(mall: Mall) -> None:
    """3F, then 4F and 5F, then 4F again: the row with the id goes on; the one that editors work on stays, and is named."""
    mall.sync([record("T1", floor="3")])
    mall.sync([record("T1", floor="4,5")])
    mall.edit("T1-4F", sort_order=9, status="ACTIVE")
    earlier, live = mall.row("T1")["id"], mall.row("T1-4F")["id"]

    result = mall.sync([record("T1", floor="4")], missing="inactivate")

    assert floors(mall) == {"T1": "4F", "T1-4F": "4F", "T1-5F": "5F"}
    assert (mall.row("T1")["id"], mall.row("T1-4F")["status"]) == (earlier, "ACTIVE")
    assert (result.counts.updated, result.counts.missing, result.counts.inactivated) == (1, 2, 0)
    (issue,) = mall.database.query("SELECT * FROM etl.sync_issues WHERE code = 'live_row_left'")
    assert (issue["unique_id"], issue["severity"], issue["message"]) == (
        "T1",
        "warning",
        f"The record goes on in its earlier row, shops {earlier}, which has its id; shops {live} (T1-4F), on the same "
        "floor, is left. If editors worked on that one, give the two rows each other's unique_id in the CMS.",
    )


@pytest.mark.long
def test_rows_whose_ids_an_editor_swapped_are_followed(mall: Mall) -> None:
    """The way out that the finding names: after the swap the live row is the record's, with all that editors did."""
    mall.sync([record("T1", floor="3")])
    mall.sync([record("T1", floor="4,5")])
    mall.edit("T1-4F", sort_order=9, status="ACTIVE")
    mall.sync([record("T1", floor="4")])
    live = mall.row("T1-4F")["id"]
    mall.database.execute(
        "UPDATE shops SET unique_id = CASE unique_id WHEN 'T1' THEN 'T1-4F' ELSE 'T1' END, updated_at = now() "
        "WHERE unique_id IN ('T1', 'T1-4F')"
    )

    result = mall.sync([record("T1", floor="4", zone="West")])

    row = mall.row("T1")
    assert (row["id"], row["sort_order"], row["status"], row["location_zone"]) == (live, 9, "ACTIVE", "West")
    assert (result.counts.updated, result.counts.created, result.counts.missing) == (1, 0, 2)


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


def fifth_floor(mall: Mall) -> int:
    """Return the id of 5F."""
    return int(mall.database.query("SELECT id FROM floors WHERE name = '5F'")[0]["id"])


@pytest.mark.parametrize(("active", "expected"), [("T1-4F", "T1-4F"), ("T1-3F", "T1-3F"), (None, "T1-3F")])
def test_of_rows_that_fit_equally_well_the_active_one_goes_on(
    mall: Mall, active: str | None, expected: str
) -> None:
    """An editor moved both rows to the floor that is left: the one that visitors see goes on, else the one made first."""
    mall.sync([record("T1", floor="3,4")])
    ids = {name: mall.row(name)["id"] for name in ("T1-3F", "T1-4F")}
    for name in ids:
        mall.edit(name, floor_id=fifth_floor(mall))
    if active:
        mall.edit(active, status="ACTIVE")

    mall.sync([record("T1", floor="5")])

    assert mall.row("T1")["id"] == ids[expected]


def test_of_rows_in_both_tables_the_first_id_goes_on(mall: Mall) -> None:
    """Rows of one record that live in two tables: the lowest id goes on, not always the one of a table."""
    mall.sync([record("T0"), record("T1", floor="3,4")])
    mall.database.execute("DELETE FROM shops WHERE unique_id = 'T1-4F'")
    mall.database.execute("DELETE FROM etl.tenants_base WHERE unique_id = 'T1-4F'")
    mall.sync([record("T1", floor="3,4", categoryNameEn="Restaurant")])
    ids = [mall.row("T1-3F")["id"], mall.row("T1-4F", "dinings")["id"]]
    assert ids == [2, 1]
    mall.edit("T1-3F", floor_id=fifth_floor(mall))
    mall.edit("T1-4F", "dinings", floor_id=fifth_floor(mall))

    mall.sync([record("T1", floor="5", categoryNameEn="Restaurant")])

    assert mall.row("T1", "dinings")["id"] == 1


def test_a_deleted_row_without_a_floor_is_not_made_again(mall: Mall) -> None:
    """An editor deletes a row that had no floor; when the source names two, the first stays deleted, the second is new."""
    mall.sync([record("T1", floor="roof garden"), record("T2")])
    mall.database.execute("DELETE FROM shops WHERE unique_id = 'T1'")

    result = mall.sync([record("T1", floor="3,4"), record("T2")])

    assert floors(mall) == {"T1-4F": "4F", "T2": "1F"}
    assert (result.counts.created, result.counts.skipped) == (1, 1)
    assert ("T1-3F", "deleted_in_cms") in mall.issues(result.sync_id)


def test_a_row_without_a_floor_goes_on_and_the_second_floor_is_new(mall: Mall) -> None:
    """The row is there, so the record of the other floor is not taken for one that an editor deleted."""
    mall.sync([record("T1", floor="Somewhere")])
    result = mall.sync([record("T1", floor="3,4")])
    assert (result.counts.created, result.counts.updated, result.counts.skipped) == (1, 1, 0)
    assert [row["unique_id"] for row in mall.database.query("SELECT unique_id FROM shops ORDER BY id")] == [
        "T1-3F", "T1-4F",
    ]  # fmt: skip


def test_deleted_rows_of_a_record_that_loses_its_floors_stay_deleted(mall: Mall) -> None:
    """An editor deletes the rows on both floors; when the label fits no floor any more, neither is made again."""
    mall.sync([record("T1", floor="3,4"), record("T2")])
    mall.database.execute("DELETE FROM shops WHERE unique_id LIKE 'T1-%'")

    result = mall.sync([record("T1", floor="roof garden"), record("T2")])

    assert floors(mall) == {"T2": "1F"}
    assert (result.counts.created, result.counts.skipped) == (0, 2)
    assert mall.sync([record("T1", floor="5"), record("T2")]).counts.created == 1


def test_a_row_is_called_left_only_when_its_record_just_left_it(mall: Mall) -> None:
    """Other records with a missing row on the same floor: each is as it should be, and no finding says otherwise.

    A goes on in no row, since its earlier one has skip_sync. B never went anywhere; an editor moved its other row. C's
    other row is not missing. D's other row had been missing before D came back.
    """
    second = [record("A", floor="4,5"), record("B", floor="3,4"), record("C", floor="4,5")]
    mall.sync(
        [record("A", floor="3"), record("B", floor="3,4"), record("C", floor="3,4"), record("D", floor="3")]
    )
    mall.sync([*second, record("D", floor="4,5")])
    mall.sync(second)
    mall.edit("A", skip_sync=True)
    third_floor = mall.row("B-3F")["floor_id"]
    for name in ("B-4F", "C-4F"):
        mall.edit(name, floor_id=third_floor)

    result = mall.sync(
        [
            record("A", floor="4"),
            record("B", floor="3,5", zone="West"),
            record("C", floor="3,4"),
            record("D", floor="4"),
        ]
    )

    assert floors(mall) == {
        "A": "3F", "A-4F": "4F", "A-5F": "5F", "B-3F": "3F", "B-4F": "3F", "B-5F": "5F", "C-3F": "3F", "C-4F": "3F",
        "C-5F": "5F", "D": "4F", "D-4F": "4F", "D-5F": "5F",
    }  # fmt: skip
    assert mall.issues(result.sync_id) == [
        ("C-3F", "returned"), ("D", "returned"), ("A-4F", "missing"), ("A-5F", "missing"), ("B-4F", "missing"),
        ("C-5F", "missing"), ("D-4F", "missing"), ("D-5F", "missing"),
    ]  # fmt: skip
