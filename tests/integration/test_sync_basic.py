"""A sync creates, leaves alone, updates; the same through HTTP, a snapshot, and any batch size."""

import pytest

from etl.demo.sample import sample_day
from tests.support.sync import Mall, record


def test_first_sync_creates_everything(any_mall: Mall) -> None:
    """A new record becomes an INACTIVE row with texts in three languages, a category link, and defaults."""
    result = any_mall.sync([record("T1")])

    assert (result.status, result.counts.created, result.counts.processed) == ("COMPLETED", 1, 1)
    row = any_mall.row("T1")
    assert {
        name: row[name] for name in ("slug", "status", "sort_order", "is_featured", "pin_to_iconluxe")
    } == {
        "slug": "brand-t1",
        "status": "INACTIVE",
        "sort_order": 0,
        "is_featured": False,
        "pin_to_iconluxe": False,
    }
    assert (row["short_alphabet"], row["location_zone"], row["slug_lock"]) == ("", "East", True)
    assert (row["opening_hours_same_hours_every_day"], row["opening_hours_open"]) == (True, "10:00")
    assert row["opening_hours_close"] == "22:00"
    assert (row["contact_info_phone"], row["contact_info_website"]) == ("02 000 0000", "https://example.com")
    assert any_mall.texts("T1", "en")["title"] == "Brand T1"
    assert any_mall.texts("T1", "en")["subtitle"] == "ร้าน T1"
    assert any_mall.texts("T1", "th")["title"] == "แบรนด์ T1"
    assert any_mall.texts("T1", "th")["meta_description"] == "ร้านค้า"
    assert any_mall.texts("T1", "zh")["title"] == "Brand T1"
    assert any_mall.texts("T1", "zh")["location_shop_number"] == "101"
    assert any_mall.links("T1") == [(1, "categories", "FASHION")]


def test_second_sync_of_500_writes_nothing(any_mall: Mall) -> None:
    """The same feed again creates 0 and updates 0: every row keeps its xmin and updated_at."""
    records = list(sample_day(1, 500))
    first = any_mall.sync(records)
    before = any_mall.fingerprint()

    second = any_mall.sync(records)

    assert first.counts.created > 480
    assert (second.counts.created, second.counts.updated) == (0, 0)
    assert second.counts.unchanged == first.counts.created
    assert any_mall.fingerprint() == before


@pytest.mark.quick(cases=1)
@pytest.mark.parametrize("batch", [10, 100_000])
def test_batch_size_does_not_change_the_tables(mall: Mall, batch: int) -> None:
    """SYNC_BATCH_SIZE bounds memory and nothing else."""
    records = list(sample_day(1, 300))
    mall.overrides["sync_batch_size"] = batch
    mall.sync(records)
    tables = {
        table: mall.database.query(query)
        for table, query in {
            "shops": "SELECT id, unique_id, slug, floor_id, location_zone, opening_hours_open FROM shops ORDER BY id",
            "texts": "SELECT _parent_id, _locale::text, title, description FROM shops_locales ORDER BY 1, 2",
            "dinings": "SELECT id, unique_id, slug, floor_id FROM dinings ORDER BY id",
            "links": 'SELECT parent_id, categories_id, "order" FROM shops_rels ORDER BY 1, 2',
            "issues": "SELECT unique_id, code, field, message, value FROM etl.sync_issues ORDER BY 1, 2, 3, 4",
        }.items()
    }
    assert tables["shops"][0]["id"] == 1

    mall.overrides["sync_batch_size"] = 77
    again = mall.sync(records)

    assert (again.counts.created, again.counts.updated) == (0, 0)
    _REMEMBERED.setdefault("tables", tables)
    assert _REMEMBERED["tables"] == tables


_REMEMBERED: dict[str, object] = {}


def test_changed_fields_are_written_and_audited(any_mall: Mall) -> None:
    """Only the changed fields are written, updated_at moves, and sync_changes holds before and after."""
    any_mall.sync([record("T1"), record("T2")])
    untouched = any_mall.row("T2")

    result = any_mall.sync([record("T1", zone="West", descriptionEn="New words."), record("T2")])

    assert (result.counts.updated, result.counts.unchanged) == (1, 1)
    assert any_mall.row("T1")["location_zone"] == "West"
    assert any_mall.texts("T1", "en")["description"] == "New words."
    assert any_mall.row("T2") == untouched
    (change,) = any_mall.database.query(
        "SELECT action, before, after FROM etl.sync_changes WHERE sync_id = %s", result.sync_id
    )
    assert change == {
        "action": "updated",
        "before": {"zone": "East", "description_en": "A shop.", "meta_description_en": "A shop."},
        "after": {"zone": "West", "description_en": "New words.", "meta_description_en": "New words."},
    }


def test_a_blank_never_erases(any_mall: Mall) -> None:
    """A field that the source leaves blank keeps what is in the CMS, and comes back without a write."""
    any_mall.sync([record("T1")])
    blank = {
        "zone": "  ",
        "tel": None,
        "descriptionEn": "",
        "openingHours": None,
        "floor": None,
        "categoryNameEn": "",
    }

    result = any_mall.sync([record("T1", **blank, categoryNameTh=None)])

    assert result.counts.updated == 0
    assert any_mall.row("T1")["location_zone"] == "East"
    assert any_mall.links("T1") == [(1, "categories", "FASHION")]
    assert any_mall.sync([record("T1")]).counts.updated == 0


def test_hours_move_between_same_and_per_day(any_mall: Mall) -> None:
    """Hours per day become rows counted from 1; the same hours every day remove them again."""
    any_mall.sync([record("T1", openingHours="Mon-Fri 10:00-21:00, Sat-Sun 10:00-22:00")])
    days = "SELECT _order, day::text, open, close, length(id) AS digits FROM shops_opening_hours_per_day ORDER BY _order"
    rows = any_mall.database.query(days)
    assert [row["_order"] for row in rows] == [1, 2, 3, 4, 5, 6, 7]
    assert rows[0] == {"_order": 1, "day": "mon", "open": "10:00", "close": "21:00", "digits": 24}
    assert any_mall.row("T1")["opening_hours_same_hours_every_day"] is False
    assert any_mall.row("T1")["opening_hours_open"] is None

    result = any_mall.sync([record("T1", openingHours="09:00-20:00")])

    assert result.counts.updated == 1
    assert any_mall.database.query(days) == []
    assert any_mall.row("T1")["opening_hours_open"] == "09:00"


def test_kind_change_is_reported_and_the_row_stays(any_mall: Mall) -> None:
    """A record whose category becomes a restaurant stays in shops; no second row appears."""
    any_mall.sync([record("T1")])

    result = any_mall.sync([record("T1", categoryNameEn="Restaurant")])

    assert any_mall.database.query("SELECT * FROM dinings") == []
    assert any_mall.issues(result.sync_id) == [("T1", "kind_changed")]
    assert any_mall.links("T1") == [(1, "categories", "FASHION")]
    assert (result.counts.shops, result.counts.dinings) == (1, 0)


def test_record_on_two_pages_and_record_without_id(any_mall: Mall) -> None:
    """A doubled record is loaded once, its last version; one without uniqueId is rejected: PARTIAL."""
    result = any_mall.sync([record("T1", zone="Old"), record("T1", zone="New"), record(None)])

    assert result.status == "PARTIAL"
    assert (result.counts.created, result.counts.rejected, result.counts.duplicates) == (1, 1, 1)
    assert any_mall.row("T1")["location_zone"] == "New"
    assert any_mall.issues(result.sync_id) == [("T1", "duplicate_record"), (None, "missing_unique_id")]


def test_missing_rows_are_reported_and_kept_or_inactivated_once(any_mall: Mall) -> None:
    """A gone record stays by default; --missing inactivate sets it INACTIVE once, and an editor may undo that."""
    any_mall.sync([record("T1"), record("T2")])
    any_mall.edit("T2", status="ACTIVE")

    kept = any_mall.sync([record("T1")])
    assert (kept.counts.missing, kept.counts.inactivated, any_mall.row("T2")["status"]) == (1, 0, "ACTIVE")
    assert any_mall.issues(kept.sync_id) == [("T2", "missing")]
    words = "SELECT message FROM etl.sync_issues WHERE sync_id = %s"
    stays = (
        "The record is no longer in the source; its row stays as it is. "
        "Set it INACTIVE in the CMS, or all such rows by `etl sync --missing inactivate`."
    )
    assert any_mall.database.query(words, kept.sync_id) == [{"message": stays}]

    gone = any_mall.sync(missing="inactivate")
    went = (
        "The record is no longer in the source; its row was set INACTIVE. "
        "If it should stay, give the record back to the directory."
    )
    assert any_mall.database.query(words, gone.sync_id) == [{"message": went}]
    assert (gone.counts.inactivated, any_mall.row("T2")["status"]) == (1, "INACTIVE")
    assert any_mall.database.query(
        "SELECT action, before, after FROM etl.sync_changes WHERE sync_id = %s", gone.sync_id
    ) == [{"action": "inactivated", "before": {"status": "ACTIVE"}, "after": {"status": "INACTIVE"}}]

    any_mall.edit("T2", status="ACTIVE")
    again = any_mall.sync(missing="inactivate")
    assert (again.counts.missing, again.counts.inactivated, any_mall.row("T2")["status"]) == (1, 0, "ACTIVE")

    back = any_mall.sync([record("T1"), record("T2")])
    assert (back.counts.missing, back.counts.created) == (0, 0)
    assert any_mall.issues(back.sync_id) == [("T2", "returned")]


def test_slugs_are_given_once_and_numbered(any_mall: Mall) -> None:
    """A taken slug gets -2, -3, …; what looks numbered already is respected; a slug never changes."""
    result = any_mall.sync(
        [
            record("T1", brandNameEn="Cafe X", categoryNameEn="Fashion"),
            record("T2", brandNameEn="Cafe X"),
            record("T3", brandNameEn="Cafe X 2"),
            record("T4", brandNameEn="Cafe X"),
            record("T5", brandNameEn="Cafe X", categoryNameEn="Restaurant"),
        ]
    )
    assert result.counts.created == 5
    slugs = {
        row["unique_id"]: row["slug"] for row in any_mall.database.query("SELECT unique_id, slug FROM shops")
    }
    assert slugs == {"T1": "cafe-x", "T2": "cafe-x-3", "T3": "cafe-x-2", "T4": "cafe-x-4"}
    assert any_mall.row("T5", "dinings")["slug"] == "cafe-x"

    any_mall.sync([record("T1", brandNameEn="Another name"), record("T6", brandNameEn="Cafe X")])

    assert any_mall.row("T1")["slug"] == "cafe-x"
    assert any_mall.row("T6")["slug"] == "cafe-x-5"


def test_replaying_the_snapshot_changes_nothing(any_mall: Mall) -> None:
    """`--snapshot` loads the saved records: after the run that saved them there is nothing to do."""
    first = any_mall.sync(list(sample_day(1, 60)))

    again = any_mall.sync(snapshot=first.extracted.snapshot)

    assert (again.counts.created, again.counts.updated, again.counts.processed) == (
        0,
        0,
        first.counts.processed,
    )
    (log,) = any_mall.database.query(
        "SELECT external_api_url, snapshot, options FROM etl.sync_logs WHERE sync_id = %s", again.sync_id
    )
    assert log["external_api_url"] is None
    assert log["options"] == {"snapshot": first.extracted.snapshot}
