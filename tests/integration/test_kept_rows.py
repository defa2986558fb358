"""Only a label that was understood decides which floors a record is on."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.merge import floors
from tests.support.stories import EXAMPLES, of_chance
from tests.support.sync import Mall, record

_RENAME = "UPDATE floors SET name = 'Sky' WHERE name = '4F'"
_STOP = "UPDATE floors SET status = 'INACTIVE' WHERE name = '4F'"


def on_two_floors(mall: Mall) -> dict[str, Any]:
    """Load a record on 3F and 4F, whose rows an editor sets ACTIVE, and return these rows."""
    mall.sync([record("T1", floor="Fl. 3,4")])
    for name in ("T1-3F", "T1-4F"):
        mall.edit(name, status="ACTIVE")
    mall.sync()
    return {name: mall.row(name) for name in ("T1-3F", "T1-4F")}


def kept(mall: Mall, sync_id: str) -> list[tuple[str, str]]:
    """Return id and row of each row that a run says it kept."""
    found = mall.database.query(
        "SELECT unique_id, value FROM etl.sync_issues WHERE sync_id = %s AND code = 'row_kept' ORDER BY unique_id",
        sync_id,
    )
    return [(row["unique_id"], row["value"]) for row in found]


@pytest.mark.quick(every=3)
@pytest.mark.parametrize(
    ("label", "statement"),
    [
        ("", None), (None, None), ("-", None), ("n/a", None), (" \u200b ", None), ("Floors 3-4x", None), ("the roof", None),
        ("3,5,99", None), ("4, 99", None), ("3-99", None), ("Fl. 3,4", _RENAME), ("Fl. 3,4", _STOP),
        ("4", _STOP), ("3-4", _STOP),
    ],
)  # fmt: skip
def test_rows_stay_for_want_of_an_understood_label(
    mall: Mall, label: str | None, statement: str | None
) -> None:
    """Blank, a typing error, a floor renamed or INACTIVE: both rows stay as they are, and the finding names them."""
    before = on_two_floors(mall)
    if statement:
        mall.database.execute(statement)

    result = mall.sync([record("T1", floor=label), record("T2", floor="1")], missing="inactivate")
    again = mall.sync(missing="inactivate")

    for run in (result, again):
        counts = run.counts
        assert (counts.updated, counts.missing, counts.inactivated, counts.skipped) == (0, 0, 0, 0)
    assert {name: mall.row(name) for name in before} == before
    assert {each["unique_id"] for each in mall.database.query("SELECT unique_id FROM shops")} == {
        *before,
        "T2",
    }
    rows = [(name, f"shops {before[name]['id']}") for name in before]
    assert set(kept(mall, result.sync_id)) <= set(rows)
    assert kept(mall, result.sync_id) == kept(mall, again.sync_id) != []
    mall.database.execute("UPDATE floors SET name = '4F', status = 'ACTIVE' WHERE name IN ('4F', 'Sky')")
    back = mall.sync([record("T1", floor="Fl. 3,4"), record("T2", floor="1")])
    assert (back.counts.updated, back.counts.created, kept(mall, back.sync_id)) == (0, 0, [])


def test_both_rows_get_what_else_the_source_changes(mall: Mall) -> None:
    """A row that stays is the record's: its title, and all but its floor, follow the source."""
    on_two_floors(mall)
    changed = record("T1", floor="", brandNameEn="New name")

    result = mall.sync([changed])
    again = mall.sync()

    assert (result.counts.updated, again.counts.updated, floors(mall)) == (
        2,
        0,
        {"T1-3F": "3F", "T1-4F": "4F"},
    )
    assert [mall.texts(name, "en")["title"] for name in ("T1-3F", "T1-4F")] == ["New name", "New name"]


def test_a_floor_that_was_understood_beside_another_is_not_moved_to(mall: Mall) -> None:
    """`4, 99` does not say where a record on 3F is; corrected to `4` it does."""
    mall.sync([record("T1", floor="3")])

    doubted = mall.sync([record("T1", floor="4, 99")])
    assert (floors(mall), [name for name, _ in kept(mall, doubted.sync_id)]) == ({"T1": "3F"}, ["T1"])
    mall.sync([record("T1", floor="4")])

    assert floors(mall) == {"T1": "4F"}


def test_a_new_record_is_loaded_with_the_floors_that_were_understood(mall: Mall) -> None:
    """First contact: there are no rows to keep, and the second sync changes nothing."""
    first = mall.sync([record("T1", floor="3,99,4")])
    second = mall.sync()

    assert (floors(mall), first.counts.created) == ({"T1-3F": "3F", "T1-4F": "4F"}, 2)
    assert (second.counts.updated, second.counts.created, second.counts.missing) == (0, 0, 0)
    assert kept(mall, first.sync_id) == kept(mall, second.sync_id) == []


def test_rows_of_the_earlier_job_stay(mall: Mall) -> None:
    """First contact with rows that are known by their ids alone: none is renamed or missing."""
    on_two_floors(mall)
    mall.database.execute("TRUNCATE etl.tenants_base")
    before = {name: mall.row(name) for name in ("T1-3F", "T1-4F")}

    result = mall.sync([record("T1", floor="the roof")], missing="inactivate")
    again = mall.sync(missing="inactivate")

    assert (result.counts.created, result.counts.missing, again.counts.updated) == (0, 0, 0)
    assert {name: mall.row(name)["floor_id"] for name in before} == {
        name: before[name]["floor_id"] for name in before
    }
    assert [name for name, _ in kept(mall, result.sync_id)] == ["T1-3F", "T1-4F"]


def test_a_row_that_had_left_stays_missing(mall: Mall) -> None:
    """4F left by a label that was understood; a blank one does not bring it back, nor set it INACTIVE."""
    on_two_floors(mall)
    mall.sync([record("T1", floor="3")])

    result = mall.sync([record("T1", floor="")], missing="inactivate")

    assert (result.counts.missing, result.counts.inactivated, floors(mall)) == (
        1,
        0,
        {"T1": "3F", "T1-4F": "4F"},
    )
    assert mall.row("T1-4F")["status"] == "ACTIVE"


def test_a_record_that_comes_back_without_a_label_has_the_rows_it_left_with(mall: Mall) -> None:
    """Both rows were missing since the same run; both return."""
    on_two_floors(mall)
    mall.sync([record("T2", floor="1")], force=True)

    result = mall.sync([record("T1", floor="n/a"), record("T2", floor="1")])

    assert (result.counts.missing, result.counts.created) == (0, 0)
    codes = [code for name, code in mall.issues(result.sync_id) if code == "returned"]
    assert codes == ["returned", "returned"]


def test_a_row_that_an_editor_deleted_stays_deleted(mall: Mall) -> None:
    """A record without an understood label has the rest of its rows; with --recreate also the deleted one, on its floor."""
    on_two_floors(mall)
    mall.database.execute("DELETE FROM shops WHERE unique_id = 'T1-4F'")

    result = mall.sync([record("T1", floor="")])
    assert (floors(mall), result.counts.skipped) == ({"T1-3F": "3F"}, 1)
    mall.sync(recreate=True)

    assert floors(mall) == {"T1-3F": "3F", "T1-4F": "4F"}


@pytest.mark.long
def test_an_id_is_free_again_once_its_owner_has_left(mall: Mall) -> None:
    """T25 on 4 and 5, and a record T25-5F that comes and goes: T25's copy for 5F is loaded again."""
    mall.sync([record("T25", floor="4,5")])
    mall.sync([record("T25", floor="4,5"), record("T25-5F", brandNameEn="Own", floor="1")])
    mall.edit("T25-5F", status="ACTIVE")

    live = mall.sync([record("T25", floor="4,5")], missing="inactivate")
    assert ("T25", "derived_id_taken") in mall.issues(live.sync_id)
    free = mall.sync()

    assert floors(mall) == {"T25-4F": "4F", "T25-5F": "5F"}
    assert mall.texts("T25-5F", "en")["title"] == "Brand T25"
    assert mall.issues(free.sync_id) == [("T25-5F", "id_reassigned")]
    assert mall.issues(mall.sync().sync_id) == []


def test_an_id_is_free_again_once_its_owners_row_is_gone(mall: Mall) -> None:
    """An editor deletes the row of a record that left: the copy is made."""
    mall.sync([record("T25", floor="4"), record("T25-5F", brandNameEn="Own", floor="1")])
    mall.sync([record("T25", floor="4")])
    mall.database.execute("DELETE FROM shops WHERE unique_id = 'T25-5F'")

    result = mall.sync([record("T25", floor="4,5")])

    assert (result.counts.created, floors(mall)) == (1, {"T25-4F": "4F", "T25-5F": "5F"})


def test_rows_linked_to_what_is_inactive_are_reported(mall: Mall) -> None:
    """A floor and a category that were set INACTIVE are named with the rows on them; nothing is written."""
    mall.sync([record(f"T{n}", floor="3") for n in range(1, 5)])
    mall.database.execute("UPDATE floors SET status = 'INACTIVE' WHERE name = '3F'")
    mall.database.execute("UPDATE categories SET status = 'INACTIVE' WHERE slug = 'fashion'")
    before = mall.fingerprint()

    result = mall.sync()

    found = mall.database.query(
        "SELECT field, message, value FROM etl.sync_issues "
        "WHERE sync_id = %s AND code = 'inactive_reference' ORDER BY field",
        result.sync_id,
    )
    ids = [mall.row(f"T{n}")["id"] for n in (1, 2, 3)]
    rows = f"shops {ids[0]} (T1), shops {ids[1]} (T2), shops {ids[2]} (T3)"
    category = mall.category_id("FASHION")
    floor = mall.row("T1")["floor_id"]
    advice = "Activate it in the CMS, or give the rows another one."
    assert [(row["field"], row["message"], row["value"]) for row in found] == [
        (
            "category_id",
            f"'FASHION' (categories {category}) is INACTIVE, and rows are linked to it (4): {rows}. {advice}",
            f"categories {category}",
        ),
        (
            "floor_id",
            f"'3F' (floors {floor}) is INACTIVE, and rows are linked to it (4): {rows}. {advice}",
            f"floors {floor}",
        ),
    ]
    assert mall.fingerprint() == before


UNDERSTOOD_LABELS = ("3", "3,4", "3,4,5", "1-3", "G,GA", "5")
UNDERSTOOD = st.sampled_from(UNDERSTOOD_LABELS)
DOUBTED = st.sampled_from(["", "-", "roof", "5,99", "1-99", "Floors 3-4x", "4x,5"])


@of_chance(EXAMPLES)
@given(
    labels=st.lists(UNDERSTOOD | DOUBTED, min_size=3, max_size=6),
    missing=st.sampled_from(["keep", "inactivate"]),
)
def test_a_label_that_was_not_understood_never_removes_a_row(
    mall: Mall, labels: list[str], missing: str
) -> None:
    """Whatever a record's labels were: one that was not understood changes nothing of its rows, and adds none."""
    mall.empty()
    mall.sync([record("T1", floor="3,4"), record("T2")])
    for label in labels:
        mall.database.execute("UPDATE shops SET status = 'ACTIVE'")
        before = mall.database.query("SELECT unique_id, floor_id, status FROM shops ORDER BY id")

        result = mall.sync([record("T1", floor=label), record("T2")], missing=missing)

        after = mall.database.query("SELECT unique_id, floor_id, status FROM shops ORDER BY id")
        if label not in UNDERSTOOD_LABELS:
            assert (after, result.counts.inactivated, result.counts.created) == (before, 0, 0)
