"""A list of floors becomes a row a floor; when it changes, an editor's work follows the floor."""

from tests.support.merge import floors
from tests.support.sync import Mall, record


def test_floor_lists(any_mall: Mall) -> None:
    """`Fl. 3,4` is two rows, `Fl. G,GA` one, `Fl. 99,77` one without a floor that is reported."""
    result = any_mall.sync(
        [
            record("T123", floor="Fl. 3,4"),
            record("T2", floor="Fl. G,GA"),
            record("T3", floor="Fl. 99,77"),
            record("T4", floor="nonsense", floorRevised=",1"),
        ]
    )

    assert floors(any_mall) == {"T123-3F": "3F", "T123-4F": "4F", "T2": "GF", "T3": None, "T4": "1F"}
    assert any_mall.issues(result.sync_id) == [("T3", "unmapped_floor")]
    assert (result.extracted.records, result.counts.processed, result.counts.created) == (4, 5, 5)


def test_from_one_floor_to_several_and_back(any_mall: Mall) -> None:
    """The row whose floor is still among them goes on under its new id, with the editor's work; gone floors are missing."""
    any_mall.sync([record("T1", floor="3")])
    any_mall.edit("T1", sort_order=9, status="ACTIVE")
    row_id = any_mall.row("T1")["id"]

    split = any_mall.sync([record("T1", floor="3,4")])

    assert (split.counts.created, split.counts.updated, split.counts.missing) == (1, 1, 0)
    kept = any_mall.row("T1-3F")
    assert (kept["id"], kept["sort_order"], kept["status"]) == (row_id, 9, "ACTIVE")
    assert any_mall.row("T1-4F")["status"] == "INACTIVE"

    joined = any_mall.sync([record("T1", floor="3")])

    assert (joined.counts.created, joined.counts.updated, joined.counts.missing) == (0, 1, 1)
    assert floors(any_mall) == {"T1": "3F", "T1-4F": "4F"}
    assert any_mall.row("T1")["id"] == row_id
    assert any_mall.issues(joined.sync_id) == [("T1-4F", "missing")]

    assert any_mall.sync().counts.updated == 0


def test_several_floors_of_which_none_stays(any_mall: Mall) -> None:
    """When all floors change between one and several, rows of the gone floors are missing and new ones are made."""
    any_mall.sync([record("T1", floor="3")])

    result = any_mall.sync([record("T1", floor="5,6")])

    assert (result.counts.created, result.counts.missing) == (2, 1)
    assert floors(any_mall) == {"T1": "3F", "T1-5F": "5F", "T1-6F": "6F"}


def test_a_moved_record_keeps_its_row(any_mall: Mall) -> None:
    """One floor before and another now: the same row, with the new floor."""
    any_mall.sync([record("T1", floor="3")])

    result = any_mall.sync([record("T1", floor="4")])

    assert (result.counts.updated, result.counts.created, floors(any_mall)) == (1, 0, {"T1": "4F"})


def test_a_derived_id_never_takes_over_another_record(any_mall: Mall) -> None:
    """T25 on two floors and a record named T25-5F: the copy is rejected and reported."""
    result = any_mall.sync([record("T25", floor="5,6"), record("T25-5F", brandNameEn="Own", floor="1")])

    assert result.status == "PARTIAL"
    assert result.counts.rejected == 1
    assert any_mall.issues(result.sync_id) == [("T25", "derived_id_taken")]
    assert floors(any_mall) == {"T25-5F": "1F", "T25-6F": "6F"}
    assert any_mall.texts("T25-5F", "en")["title"] == "Own"


def test_a_derived_id_respects_a_record_that_is_missing_today(any_mall: Mall) -> None:
    """The record that had the id of its own yesterday is not taken over although the feed does not have it today."""
    any_mall.sync([record("T25-5F", brandNameEn="Own", floor="1")])
    any_mall.edit("T25-5F", status="ACTIVE")

    result = any_mall.sync([record("T25", floor="5,6")])

    assert any_mall.texts("T25-5F", "en")["title"] == "Own"
    assert sorted(any_mall.issues(result.sync_id)) == [("T25", "derived_id_taken"), ("T25-5F", "missing")]


def test_an_own_record_takes_the_place_of_a_copy(any_mall: Mall) -> None:
    """When a record with a copy's id appears, it gets the row, and that is reported."""
    any_mall.sync([record("T25", floor="5,6")])

    result = any_mall.sync([record("T25", floor="5,6"), record("T25-5F", brandNameEn="Own", floor="5")])

    assert sorted(any_mall.issues(result.sync_id)) == [
        ("T25", "derived_id_taken"),
        ("T25-5F", "id_reassigned"),
    ]
    assert any_mall.texts("T25-5F", "en")["title"] == "Own"


def test_no_match_keeps_the_floor(any_mall: Mall) -> None:
    """A label that fits nothing keeps the floor that is in the CMS."""
    any_mall.sync([record("T1", floor="3")])

    result = any_mall.sync([record("T1", floor="the roof garden")])

    assert (floors(any_mall), result.counts.unmapped_floors) == ({"T1": "3F"}, 1)


def test_carry_over_prefers_the_floor_that_the_editor_gave(any_mall: Mall) -> None:
    """An editor moved the row to 4F; the source now says 3 and 4: the editor's row becomes the one on 4F."""
    any_mall.sync([record("T1", floor="3")])
    floor_4 = any_mall.database.query("SELECT id FROM floors WHERE name = '4F'")[0]["id"]
    any_mall.edit("T1", floor_id=floor_4)
    row_id = any_mall.row("T1")["id"]

    any_mall.sync([record("T1", floor="3,4")])

    assert any_mall.row("T1-4F")["id"] == row_id
    assert floors(any_mall) == {"T1-3F": "3F", "T1-4F": "4F"}
