"""The three-way merge: an editor's fix survives every run, until the source itself changes."""

import pytest

from tests.support.sync import Mall, record


def test_an_editors_work_is_kept(any_mall: Mall) -> None:
    """Title, zh title, status, slug, sort order, feature flag and an added category outlive syncs."""
    any_mall.sync([record("T1"), record("T2")])
    any_mall.edit_texts("T1", "en", title="A better title")
    any_mall.edit_texts("T1", "zh", title="更好的标题")
    any_mall.edit("T1", status="ACTIVE", slug="my-slug", sort_order=7, is_featured=True, pin_to_iconluxe=True)
    any_mall.database.execute(
        "INSERT INTO shops_rels (\"order\", parent_id, path, categories_id) SELECT 2, id, 'categories', %s "
        "FROM shops WHERE unique_id = 'T1'",
        any_mall.category_id("LUXURY"),
    )
    before = any_mall.fingerprint()

    result = any_mall.sync([record("T1"), record("T2")])

    assert (result.counts.updated, result.counts.kept, result.counts.conflicts) == (0, 1, 0)
    assert any_mall.fingerprint() == before

    changed = any_mall.sync([record("T1", zone="West"), record("T2")])

    assert (changed.counts.updated, changed.counts.kept) == (1, 1)
    row = any_mall.row("T1")
    assert (row["status"], row["slug"], row["sort_order"], row["is_featured"]) == (
        "ACTIVE",
        "my-slug",
        7,
        True,
    )
    assert (row["pin_to_iconluxe"], row["location_zone"]) == (True, "West")
    assert any_mall.texts("T1", "en")["title"] == "A better title"
    assert any_mall.texts("T1", "zh")["title"] == "更好的标题"
    assert any_mall.links("T1") == [(1, "categories", "FASHION"), (2, "categories", "LUXURY")]


def test_conflict_takes_the_sources_value_and_keeps_both_in_the_audit(any_mall: Mall) -> None:
    """Where source and editor both changed the title, the source's is written and both values are recorded."""
    any_mall.sync([record("T1")])
    any_mall.edit_texts("T1", "en", title="Editor's title")
    any_mall.sync([record("T1")])

    result = any_mall.sync([record("T1", brandNameEn="Source's title")])

    assert (result.counts.updated, result.counts.conflicts) == (1, 1)
    assert any_mall.texts("T1", "en")["title"] == "Source's title"
    (change,) = any_mall.database.query(
        "SELECT before, after, conflicts FROM etl.sync_changes WHERE sync_id = %s", result.sync_id
    )
    assert change["before"]["title_en"] == "Editor's title"
    assert change["after"]["title_en"] == "Source's title"
    assert change["conflicts"] == {
        "title_en": {"base": "Brand T1", "theirs": "Editor's title", "ours": "Source's title"}
    }
    assert ("T1", "conflict") in any_mall.issues(result.sync_id)
    assert any_mall.texts("T1", "zh")["title"] == "Brand T1"


def test_conflict_the_other_way(any_mall: Mall) -> None:
    """With --conflicts editor the editor's value stays, now and in later runs."""
    any_mall.sync([record("T1")])
    any_mall.edit_texts("T1", "en", title="Editor's title")

    result = any_mall.sync([record("T1", brandNameEn="Source's title")], conflicts="editor")

    assert (result.counts.conflicts, any_mall.texts("T1", "en")["title"]) == (1, "Editor's title")
    assert any_mall.texts("T1", "en")["meta_title"] == "Source's title"
    later = any_mall.sync()
    assert (later.counts.updated, later.counts.conflicts, later.counts.kept) == (0, 0, 1)
    assert any_mall.texts("T1", "en")["title"] == "Editor's title"


def test_the_same_change_on_both_sides_is_no_conflict(any_mall: Mall) -> None:
    """Where editor and source arrive at the same value there is nothing to write or to report."""
    any_mall.sync([record("T1")])
    any_mall.edit("T1", location_zone="West")

    result = any_mall.sync([record("T1", zone="West")])

    assert (result.counts.updated, result.counts.conflicts, result.counts.unchanged) == (0, 0, 1)


def test_skip_sync_is_never_touched(any_mall: Mall) -> None:
    """A row with skip_sync is counted as skipped; when the tick is gone, the merge goes on from the old base."""
    any_mall.sync([record("T1")])
    any_mall.edit("T1", skip_sync=True, location_zone="Editor")
    before = any_mall.fingerprint()

    result = any_mall.sync([record("T1", zone="West", tel="1")])

    assert (result.counts.skipped, result.counts.updated) == (1, 0)
    assert any_mall.fingerprint() == before

    any_mall.edit("T1", skip_sync=False)
    after = any_mall.sync()
    assert (after.counts.updated, after.counts.conflicts) == (1, 1)
    assert any_mall.row("T1")["contact_info_phone"] == "1"


def test_a_row_that_an_editor_deleted_is_not_made_again(any_mall: Mall) -> None:
    """A deleted row stays deleted, also when the source changes; it counts as skipped and is reported."""
    any_mall.sync([record("T1"), record("T2")])
    any_mall.database.execute("DELETE FROM shops WHERE unique_id = 'T1'")

    result = any_mall.sync([record("T1", zone="West"), record("T2")])

    assert (result.counts.created, result.counts.skipped) == (0, 1)
    assert any_mall.database.query("SELECT * FROM shops WHERE unique_id = 'T1'") == []
    assert any_mall.issues(result.sync_id) == [("T1", "deleted_in_cms")]


@pytest.mark.parametrize("is_removed", [True, False])
def test_category_change_moves_the_jobs_link_only(any_mall: Mall, is_removed: bool) -> None:
    """A new category in the source moves the job's link; an editor's link stays; a removed one is a conflict."""
    any_mall.sync([record("T1")])
    any_mall.database.execute(
        "INSERT INTO shops_rels (\"order\", parent_id, path, categories_id) SELECT 2, id, 'categories', %s FROM shops",
        any_mall.category_id("BEAUTY"),
    )
    if is_removed:
        any_mall.database.execute(
            "DELETE FROM shops_rels WHERE categories_id = %s", any_mall.category_id("FASHION")
        )
        any_mall.edit("T1")
        kept = any_mall.sync([record("T1")])
        assert (kept.counts.updated, any_mall.links("T1")) == (0, [(2, "categories", "BEAUTY")])

    result = any_mall.sync([record("T1", categoryNameEn="Luxury", categoryNameTh=None)])

    assert result.counts.conflicts == (1 if is_removed else 0)
    assert any_mall.links("T1") == (
        [(2, "categories", "BEAUTY"), (3, "categories", "LUXURY")]
        if is_removed
        else [(1, "categories", "LUXURY"), (2, "categories", "BEAUTY")]
    )


def test_category_that_an_editor_linked_already_is_not_doubled(any_mall: Mall) -> None:
    """When the source moves to a category that an editor had added, one link stays."""
    any_mall.sync([record("T1")])
    any_mall.database.execute(
        "INSERT INTO shops_rels (\"order\", parent_id, path, categories_id) SELECT 2, id, 'categories', %s FROM shops",
        any_mall.category_id("LUXURY"),
    )

    any_mall.sync([record("T1", categoryNameEn="Luxury", categoryNameTh=None)])

    assert any_mall.links("T1") == [(2, "categories", "LUXURY")]


def test_an_editors_hours_are_kept(any_mall: Mall) -> None:
    """Hours per day that an editor entered stay while the source says what it said before."""
    any_mall.sync([record("T1")])
    any_mall.edit("T1", opening_hours_same_hours_every_day=False)
    any_mall.database.execute(
        "INSERT INTO shops_opening_hours_per_day (_order, _parent_id, id, day, open, close) "
        "SELECT 1, id, 'abcdefabcdefabcdefabcdef', 'mon', '11:00', '12:00' FROM shops"
    )

    result = any_mall.sync([record("T1", zone="West")])

    assert (result.counts.updated, result.counts.kept) == (1, 1)
    assert any_mall.row("T1")["opening_hours_same_hours_every_day"] is False
    assert len(any_mall.database.query("SELECT * FROM shops_opening_hours_per_day")) == 1
