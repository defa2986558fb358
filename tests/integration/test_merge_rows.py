"""The corners of which row is a record's: rows and texts that are not where they were, records that leave and come back."""

from pathlib import Path

import pytest

from etl.errors import GuardError
from tests.support.api import FakeApi
from tests.support.cms import legacy_row
from tests.support.merge import base, cms_mall, floors
from tests.support.postgres import Database
from tests.support.sync import Mall, record


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


def test_duplicates_of_which_one_has_skip_sync(
    api: FakeApi, empty_database: Database, tmp_path: Path
) -> None:
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


def test_the_chosen_duplicate_is_removed(api: FakeApi, empty_database: Database, tmp_path: Path) -> None:
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


@pytest.mark.quick(every=2)
@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("ACTIVE", "INACTIVE"),
        ("COMING_SOON", "INACTIVE"),
        ("CLOSED", "CLOSED"),
        ("TEMPORARILY_CLOSED", "TEMPORARILY_CLOSED"),
        ("MASTER", "MASTER"),
    ],
)
def test_only_what_is_shown_is_set_inactive(mall: Mall, status: str, expected: str) -> None:
    """A row that left the source is set INACTIVE if it is ACTIVE or COMING_SOON; CLOSED and others are an editor's."""
    mall.sync([record("T1"), record("T2")])
    mall.edit("T2", status=status)

    result = mall.sync([record("T1")], missing="inactivate")

    assert mall.row("T2")["status"] == expected
    assert (result.counts.missing, result.counts.inactivated) == (1, 1 if expected == "INACTIVE" else 0)


def test_nothing_is_set_inactive_where_records_have_no_id(any_mall: Mall) -> None:
    """A record came without a uniqueId: it may be one of those that are missing, so none is set INACTIVE."""
    mall = any_mall
    mall.sync([record("T1"), record("T2"), record("T3"), record("T4")])
    mall.edit("T2", status="ACTIVE")
    mall.edit("T3", status="COMING_SOON")

    held = mall.sync([record("T1"), record(None)], missing="inactivate")

    assert [mall.row(name)["status"] for name in ("T2", "T3")] == ["ACTIVE", "COMING_SOON"]
    assert (held.status, held.counts.missing, held.counts.inactivated) == ("PARTIAL", 3, 0)
    (found,) = mall.database.query(
        "SELECT unique_id, severity, message FROM etl.sync_issues WHERE code = 'inactivate_withheld'"
    )
    assert found == {
        "unique_id": None,
        "severity": "warning",
        "message": "No row was set INACTIVE: the rows that are missing (2) may be those of the records that came "
        "without a uniqueId (1). Give these their ids in the directory.",
    }
    told = mall.database.query(
        "SELECT DISTINCT message FROM etl.sync_issues WHERE code = 'missing' AND sync_id = %s", held.sync_id
    )
    assert told == [
        {
            "message": "The record is no longer in the source; its row stays as it is. "
            "Set it INACTIVE in the CMS, or all such rows by `etl sync --missing inactivate`."
        }
    ]

    done = mall.sync([record("T1")], missing="inactivate")

    assert [mall.row(name)["status"] for name in ("T2", "T3")] == ["INACTIVE", "INACTIVE"]
    assert (done.counts.inactivated, done.issues) == (2, {"missing": 3})


def test_records_without_an_id_say_nothing_where_no_row_would_be_set_inactive(mall: Mall) -> None:
    """With --missing keep, or where no row is missing, nothing was withheld."""
    mall.sync([record("T1"), record("T2")])
    mall.edit("T2", status="ACTIVE")

    kept = mall.sync([record("T1"), record(None)])
    whole = mall.sync([record("T1"), record("T2"), record(None)], missing="inactivate")

    assert kept.issues == {"missing_unique_id": 1, "missing": 1}
    assert whole.issues == {"missing_unique_id": 1, "returned": 1}


@pytest.mark.parametrize(
    ("table", "number", "unique_id"), [("shops", 1, "D1"), ("dinings", 9, "D1"), ("dinings", 1, "MINE")]
)
def test_only_the_row_that_the_base_names_is_the_jobs(
    mall: Mall, table: str, number: int, unique_id: str
) -> None:
    """An editor made a row in place of D1's: in the other table, under another number or id. No run sets it INACTIVE."""
    mall.sync([record("D1", categoryNameEn="Restaurant"), record("D2", categoryNameEn="Restaurant")])
    mall.database.execute("DELETE FROM dinings WHERE id = 1")
    mall.database.execute(
        f"INSERT INTO {table} (id, unique_id, status) VALUES (%s, %s, 'ACTIVE')", number, unique_id
    )
    mall.database.execute(f"SELECT setval('{table}_id_seq', 9)")

    result = mall.sync([record("D2", categoryNameEn="Restaurant")], missing="inactivate")

    assert (result.counts.missing, result.counts.inactivated) == (1, 0)
    assert mall.row(unique_id, table)["status"] == "ACTIVE"


def test_a_copy_that_payload_made_is_reported_on_every_run(mall: Mall) -> None:
    """Its Duplicate copies the unique_id: named on each run, with the row that goes on, until an editor deletes one."""
    mall.sync([record("T1"), record("T2", categoryNameEn="Restaurant")])
    mall.database.execute("INSERT INTO shops (unique_id, slug) VALUES ('T1', 'copy'), ('T2', 'copy-2')")

    for feed in (None, None, [record("T1", tel="1"), record("T2", categoryNameEn="Restaurant")], None):
        result = mall.sync(feed)
        found = mall.database.query(
            "SELECT unique_id, message, value FROM etl.sync_issues WHERE sync_id = %s AND code = 'duplicate_row' "
            "ORDER BY id",
            result.sync_id,
        )
        assert [tuple(row.values()) for row in found] == [
            (
                "T1",
                "The CMS has 2 rows with this unique_id (shops 1, shops 2); shops 1 was chosen. "
                "Remove the others in the CMS, or give them another unique_id.",
                "shops 1, shops 2",
            ),
            (
                "T2",
                "The CMS has 2 rows with this unique_id (dinings 1, shops 3); dinings 1 was chosen. "
                "Remove the others in the CMS, or give them another unique_id.",
                "dinings 1, shops 3",
            ),
        ]
    mall.database.execute("DELETE FROM shops WHERE id > 1")
    assert "duplicate_row" not in mall.sync().issues
