"""Two snapshots compared, with no database: what was added, what is gone, what changed field by field."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from etl.compare.model import Diff, FieldChange, Reference
from etl.compare.snapshots import compare, compare_snapshots
from etl.contract.reference import CATEGORIES, FLOORS
from etl.errors import ConfigError
from etl.extract.feed import ExtractRequest, fetch
from etl.extract.parse import parse_page
from etl.runtime.progress import LogProgress
from etl.runtime.timing import StageTimer
from etl.snapshot import Snapshot, SnapshotWriter
from tests.support.api import FakeApi
from tests.support.records import record_of
from tests.support.sync import record, settings_for

_FLOORS = pl.DataFrame(
    [(1, "1F", 1.0, "ACTIVE"), (3, "3F", 3.0, "ACTIVE"), (4, "4F", 4.0, "ACTIVE")],
    schema=FLOORS,
    orient="row",
)
_CATEGORIES = pl.DataFrame(
    [
        (11, "shops", "ACTIVE", "fashion", "FASHION", None),
        (12, "shops", "ACTIVE", "beauty", "BEAUTY", None),
        (21, "dinings", "ACTIVE", "restaurant", "RESTAURANT", None),
    ],
    schema=CATEGORIES,
    orient="row",
)


def save(
    folder: Path,
    records: list[dict[str, Any]],
    floors: pl.DataFrame | None = _FLOORS,
    categories: pl.DataFrame | None = _CATEGORIES,
) -> Snapshot:
    """Save records as a snapshot, read as a page of the API is."""
    envelope = {"totalRecord": len(records), "page": 1, "limit": 100, "totalPages": 1, "data": records}
    with SnapshotWriter(str(folder)) as writer:
        if records:
            writer.write(parse_page(json.dumps(envelope).encode()).records)
        return writer.finish(source="a test", floors=floors, categories=categories)


@pytest.fixture
def changed(tmp_path: Path) -> Any:
    """Return a function that compares two lists of records; keyword arguments go to both snapshots."""

    def run(new: list[dict[str, Any]], old: list[dict[str, Any]], **reference: Any) -> Diff:
        return compare_snapshots(
            save(tmp_path / "new", new, **reference), save(tmp_path / "old", old, **reference), 2
        )

    return run


def test_added_gone_changed_and_unchanged(changed: Any) -> None:
    """Records are told apart by unique_id, whatever their order and the size of a batch."""
    found = changed(
        [record("T4"), record("T3", zone="West"), record("T1")], [record("T1"), record("T2"), record("T3")]
    )

    assert [(item.action, item.unique_id, item.table, item.title) for item in found.records] == [
        ("added", "T4", "shops", "Brand T4"),
        ("changed", "T3", "shops", "Brand T3"),
        ("gone", "T2", "shops", "Brand T2"),
    ]
    assert record_of(found, "T3").fields == (FieldChange("zone", "changed", "East", "West"),)
    assert {name: found.totals.of(name) for name in found.totals.records} == {
        "added": 1,
        "changed": 1,
        "gone": 1,
        "unchanged": 1,
        "rejected": 0,
        "kind_changed": 0,
    }
    assert (found.totals.fields, found.has_changes, found.notes, found.options) == (
        {"changed": 1},
        True,
        (),
        {},
    )


def test_all_fields_of_an_added_record(changed: Any) -> None:
    """An added record shows what it has, a gone one what it had; floors and categories with id and name."""
    found = changed([record("T1", startDate="2024-01-31", floor="Fl. 3")], [record("T2")])

    added = {change.field: change.after for change in record_of(found, "T1").fields}
    assert added == {
        "title_en": "Brand T1",
        "title_th": "แบรนด์ T1",
        "subtitle_en": "ร้าน T1",
        "subtitle_th": "Shop T1",
        "description_en": "A shop.",
        "description_th": "ร้านค้า",
        "meta_title_en": "Brand T1",
        "meta_title_th": "แบรนด์ T1",
        "shop_number": "101",
        "floor": Reference(3, "3F"),
        "zone": "East",
        "hours": "10:00–22:00",
        "phone": "02 000 0000",
        "website": "https://example.com",
        "start_date": "2024-01-31T00:00:00.000Z",
        "category": Reference(11, "FASHION"),
    }
    assert {change.after for change in record_of(found, "T2").fields} == {None}
    assert FieldChange("zone", "gone", "East") in record_of(found, "T2").fields


def test_floor_category_and_blanks(changed: Any) -> None:
    """A moved record shows both floors; a field that became blank shows no value after."""
    found = changed(
        [record("T1", floor="4", categoryNameEn="Beauty", categoryNameTh=None, tel=" ")], [record("T1")]
    )

    assert record_of(found, "T1").fields == (
        FieldChange("floor", "changed", Reference(1, "1F"), Reference(4, "4F")),
        FieldChange("phone", "changed", "02 000 0000", None),
        FieldChange("category", "changed", Reference(11, "FASHION"), Reference(12, "BEAUTY")),
    )


def test_where_records_are(changed: Any) -> None:
    """Each record says its floor and category in the newer snapshot; one that is gone says where it was."""
    found = changed([record("T1", floor="4"), record("T3", floor="3")], [record("T1"), record("T2")])

    fashion = Reference(11, "FASHION")
    assert {item.unique_id: (item.action, item.floor, item.category) for item in found.records} == {
        "T1": ("changed", Reference(4, "4F"), fashion),
        "T2": ("gone", Reference(1, "1F"), fashion),
        "T3": ("added", Reference(3, "3F"), fashion),
    }


def test_another_kind(changed: Any) -> None:
    """A shop that is a dining now is changed, marked, and counted where it is now."""
    found = changed([record("T1", categoryNameEn="Restaurant", categoryNameTh=None)], [record("T1")])

    assert record_of(found, "T1").tags == ("changed", "kind_changed")
    assert record_of(found, "T1").fields[0] == FieldChange("kind", "changed", "shops", "dinings")
    assert found.totals.records["kind_changed"] == {"shops": 0, "dinings": 1, "unknown": 0}


def test_floors_that_became_several(changed: Any) -> None:
    """A record on two floors is two rows with ids of their own; the row it was is gone."""
    found = changed([record("T1", floor="Fl. 3,4")], [record("T1", floor="3F")])

    assert [(item.action, item.unique_id, item.source_unique_id) for item in found.records] == [
        ("added", "T1-3F", "T1"),
        ("added", "T1-4F", "T1"),
        ("gone", "T1", "T1"),
    ]


def test_the_last_of_a_doubled_record_is_taken_as_sync_does(changed: Any) -> None:
    """The record came twice, two batches apart: the later one counts, and the finding says so."""
    found = changed(
        [record("T1", zone="First"), record("T2"), record("T3"), record("T1")],
        [record("T1"), record("T2"), record("T3")],
    )

    assert found.records == ()
    assert [(issue.unique_id, issue.code) for issue in found.issues] == [("T1", "duplicate_record")]


def test_a_copy_never_takes_the_id_of_another_record(changed: Any) -> None:
    """T1 on two floors would make T1-3F, which is a record of its own: the copy is rejected."""
    found = changed([record("T1", floor="Fl. 3,4"), record("T1-3F", zone="Own")], [])

    assert [(item.action, item.unique_id, item.reason) for item in found.records] == [
        ("added", "T1-3F", None),
        ("added", "T1-4F", None),
        ("rejected", "T1-3F", "derived_id_taken"),
    ]
    assert FieldChange("zone", "added", None, "Own") in found.records[0].fields
    assert found.totals.records["rejected"] == {"shops": 0, "dinings": 0, "unknown": 1}


def test_a_copy_whose_id_is_that_of_a_split_record(changed: Any) -> None:
    """T1-3F is on two floors itself, so no row has its id; it still owns it, as for a sync."""
    found = changed([record("T1", floor="Fl. 3,4"), record("T1-3F", floor="Fl. 3,4")], [])
    assert [(item.action, item.unique_id) for item in found.records] == [
        ("added", "T1-3F-3F"),
        ("added", "T1-3F-4F"),
        ("added", "T1-4F"),
        ("rejected", "T1-3F"),
    ]


def test_only_new_findings_are_listed(changed: Any) -> None:
    """A label that was unmapped yesterday is not news; a new one is, and so is a record that lost its id."""
    old = [record("T1", floor="Roof"), record("T2"), record(None, brandNameEn="A")]
    new = [record("T0"), record("T1", floor="Roof"), record("T2", floor="Attic"), record(None, brandNameEn="A"),
           record(None, brandNameEn="B")]  # fmt: skip

    found = changed(new, old)

    assert [(issue.unique_id, issue.code) for issue in found.issues] == [
        (None, "missing_unique_id"),
        ("T2", "unmapped_floor"),
    ]
    assert "named 'B'" in found.issues[0].message
    assert record_of(found, "T2").tags == ("changed", "unmapped")
    assert found.totals.issues == {"missing_unique_id": 1, "unmapped_floor": 1}


def test_the_other_snapshots_floors_are_borrowed(tmp_path: Path) -> None:
    """A snapshot without floors and categories is matched with the other one's, and a note says so."""
    new = save(tmp_path / "new", [record("T1", floor="3F")], floors=None, categories=None)
    old = save(tmp_path / "old", [record("T1")])

    found = compare_snapshots(new, old, 100)

    assert record_of(found, "T1").fields == (
        FieldChange("floor", "changed", Reference(1, "1F"), Reference(3, "3F")),
    )
    assert found.notes == (
        f"{new.path} has no floors and categories; those of the other snapshot are taken.",
    )


def test_without_any_floors_the_labels_are_compared(changed: Any) -> None:
    """Neither snapshot has floors or categories: labels are compared as they are, nothing counts as unmapped."""
    found = changed(
        [record("T1", floor="Fl. 3,4", categoryNameEn="Beauty")], [record("T1")], floors=None, categories=None
    )

    assert record_of(found, "T1").fields == (
        FieldChange("floor_label", "changed", "Fl. 1", "Fl. 3,4"),
        FieldChange("category_label_en", "changed", "Fashion", "Beauty"),
    )
    assert found.issues == ()
    assert [note.split(" (")[0] for note in found.notes] == [
        "Neither snapshot has floors",
        "Neither snapshot has categories",
    ]


def test_other_ids_for_the_same_floors_are_no_change(tmp_path: Path) -> None:
    """Snapshots of two databases number their floors differently; the same floor by name is the same."""
    renumbered = _FLOORS.with_columns(pl.col("id") + 100)
    new = save(tmp_path / "new", [record("T1"), record("T2", floor="3F")], floors=renumbered)
    old = save(tmp_path / "old", [record("T1"), record("T2", floor="4F")])

    found = compare_snapshots(new, old, 100)

    assert [item.unique_id for item in found.records] == ["T2"]
    assert record_of(found, "T2").fields == (
        FieldChange("floor", "changed", Reference(4, "4F"), Reference(103, "3F")),
    )


def test_empty_snapshots(changed: Any) -> None:
    """Nothing against nothing is not a difference; nothing against one record is one gone."""
    assert changed([], []).has_changes is False
    assert [item.action for item in changed([], [record("T1")]).records] == ["gone"]


def test_a_snapshot_that_is_not_whole_is_noted(tmp_path: Path) -> None:
    """Of a partial snapshot records may only seem to be gone."""
    old = save(tmp_path / "old", [record("T1")])
    with FakeApi([record("T1")], envelope={"totalRecord": 3}) as api:
        settings = settings_for("", api.url, tmp_path)
        (source,) = settings.sources()
        request = ExtractRequest(str(tmp_path / "new"), allow_partial=True)
        new = fetch(settings, source, StageTimer(LogProgress()), request).snapshot

    (first, *_) = [note for note in compare_snapshots(new, old, 100).notes if "not whole" in note]

    assert first.startswith(f"{new.path} is not whole, so records may only seem to be gone: ")


def test_the_api_now_against_a_snapshot(tmp_path: Path) -> None:
    """Without a snapshot the API's records of now are compared; nothing is kept of them."""
    old = save(tmp_path / "old", [record("T1")])
    with FakeApi([record("T1", zone="West")]) as api:
        settings = settings_for("", api.url, tmp_path / "snapshots")
        found = compare(settings, None, old.path, LogProgress())
        shown = api.url

    assert (found.source.kind, found.source.name, found.source.records) == ("api", shown, 1)
    assert record_of(found, "T1").fields == (FieldChange("zone", "changed", "East", "West"),)
    assert not (tmp_path / "snapshots").exists()


def test_no_snapshot_there(tmp_path: Path) -> None:
    """A path that is not a snapshot is a usage error."""
    settings = settings_for("", "http://127.0.0.1:1/", tmp_path)
    with pytest.raises(ConfigError, match="There is no snapshot at"):
        compare(settings, None, str(tmp_path / "nothing"), LogProgress())
