"""First contact with tables that the CMS made and rows that the earlier job left."""

from pathlib import Path

import pytest

from etl.errors import ConfigError, ContractError
from tests.support.api import FakeApi
from tests.support.cms import legacy_row, make_cms, shape
from tests.support.postgres import Database
from tests.support.sync import Mall, record


def cms_mall(
    api: FakeApi, database: Database, folder: Path, *, skip_sync: bool = True, api_sync_logs: bool = False
) -> Mall:
    """Give a mall on tables of the CMS, with the job's own tables."""
    make_cms(database, skip_sync=skip_sync, api_sync_logs=api_sync_logs)
    mall = Mall(api, database, folder)
    mall.init()
    return mall


@pytest.mark.quick(every=2)
@pytest.mark.parametrize("skip_sync", [True, False])
@pytest.mark.parametrize("api_sync_logs", [True, False])
def test_a_sync_works_on_the_cmss_tables_and_alters_none(
    api: FakeApi, any_empty_database: Database, tmp_path: Path, skip_sync: bool, api_sync_logs: bool
) -> None:
    """With old links, duplicate ids, with and without skip_sync and api_sync_logs: it works, and no table changes."""
    mall = cms_mall(api, any_empty_database, tmp_path, skip_sync=skip_sync, api_sync_logs=api_sync_logs)
    legacy_row(any_empty_database, "T1")
    legacy_row(any_empty_database, "T2")
    legacy_row(any_empty_database, "T2", slug="double")
    before = shape(any_empty_database)

    result = mall.sync([record("T1"), record("T2"), record("T3")])

    assert (result.status, result.counts.created, result.counts.updated) == ("COMPLETED", 1, 2)
    assert shape(any_empty_database) == before
    again = mall.sync()
    assert (again.counts.created, again.counts.updated, again.counts.unchanged) == (0, 0, 3)


def test_the_source_wins_on_first_contact_but_only_its_own_fields(
    api: FakeApi, any_empty_database: Database, tmp_path: Path
) -> None:
    """Source-owned fields are written; slug, status, zh and the editor's own fields stay."""
    mall = cms_mall(api, any_empty_database, tmp_path)
    legacy_row(any_empty_database, "T1", sort_order=5, is_featured=True)

    mall.sync([record("T1")])

    row = mall.row("T1")
    assert (row["slug"], row["status"], row["sort_order"], row["is_featured"]) == (
        "old-T1",
        "ACTIVE",
        5,
        True,
    )
    assert mall.texts("T1", "en")["title"] == "Brand T1"
    assert mall.texts("T1", "th")["title"] == "แบรนด์ T1"
    assert (mall.texts("T1", "zh")["title"], mall.texts("T1", "zh")["subtitle"]) == ("中文", None)


def test_hidden_links_are_taken_over_and_not_doubled(
    api: FakeApi, any_empty_database: Database, tmp_path: Path
) -> None:
    """A link with path '/' becomes the job's visible link; further hidden ones go; the audit keeps what they were."""
    mall = cms_mall(api, any_empty_database, tmp_path)
    legacy_row(any_empty_database, "T1", links=("/:luxury", "/:fashion"))
    legacy_row(any_empty_database, "T2", links=("categories:luxury", "/:luxury"))
    legacy_row(any_empty_database, "T3", links=("categories:fashion",))

    result = mall.sync([record("T1"), record("T2"), record("T3")])

    assert mall.links("T1") == [(1, "categories", "FASHION")]
    assert mall.links("T2") == [(1, "categories", "LUXURY"), (2, "categories", "FASHION")]
    assert mall.links("T3") == [(1, "categories", "FASHION")]
    (change,) = any_empty_database.query(
        "SELECT taken_over_links FROM etl.sync_changes WHERE unique_id = 'T1' AND sync_id = %s",
        result.sync_id,
    )
    assert [(link["path"], link["kept"]) for link in change["taken_over_links"]] == [
        ("/", False),
        ("/", True),
    ]


def test_duplicate_rows_are_chosen_from_and_reported(
    api: FakeApi, any_empty_database: Database, tmp_path: Path
) -> None:
    """Of several rows with one unique_id the published one is the record's; the others are named."""
    mall = cms_mall(api, any_empty_database, tmp_path)
    legacy_row(any_empty_database, "T1", status="INACTIVE")
    chosen = legacy_row(any_empty_database, "T1", slug="published")
    legacy_row(any_empty_database, "T1", table="dinings", links=())

    result = mall.sync([record("T1")])

    assert result.counts.updated == 1
    (issue,) = any_empty_database.query(
        "SELECT code, value FROM etl.sync_issues WHERE sync_id = %s", result.sync_id
    )
    assert issue == {"code": "duplicate_row", "value": f"shops {chosen}, shops 1, dinings 1"}
    assert any_empty_database.query(
        "SELECT title FROM shops_locales WHERE _parent_id = 1 AND _locale = 'en'"
    ) == [{"title": "Old &amp; raw"}]


def test_a_row_in_the_other_table_is_found(
    api: FakeApi, any_empty_database: Database, tmp_path: Path
) -> None:
    """A record that the earlier job put into dinings stays there although its category says shop now."""
    mall = cms_mall(api, any_empty_database, tmp_path)
    legacy_row(any_empty_database, "T1", table="dinings", links=())

    result = mall.sync([record("T1")])

    assert (result.counts.created, result.counts.updated) == (0, 1)
    assert any_empty_database.query("SELECT * FROM shops") == []
    assert [code for _, code in mall.issues(result.sync_id)] == ["kind_changed"]


def test_rows_of_split_records_are_carried_over(
    api: FakeApi, any_empty_database: Database, tmp_path: Path
) -> None:
    """Rows that the earlier job split by floor go on under the new ids, in both directions."""
    mall = cms_mall(api, any_empty_database, tmp_path)
    floors = {row["name"]: row["id"] for row in any_empty_database.query("SELECT id, name FROM floors")}
    joined = legacy_row(any_empty_database, "T1-3F", floor_id=floors["3F"])
    legacy_row(any_empty_database, "T1-4F", floor_id=floors["4F"])
    split = legacy_row(any_empty_database, "T2", floor_id=floors["4F"])

    result = mall.sync([record("T1", floor="3"), record("T2", floor="3,4")])

    assert mall.row("T1")["id"] == joined
    assert mall.row("T2-4F")["id"] == split
    assert (result.counts.created, result.counts.updated, result.counts.missing) == (1, 2, 1)


def test_rows_of_gone_records_are_reported_and_never_inactivated(
    api: FakeApi, any_empty_database: Database, tmp_path: Path
) -> None:
    """A row that no sync of this job wrote may be an editor's own: it is reported, and left alone."""
    mall = cms_mall(api, any_empty_database, tmp_path)
    legacy_row(any_empty_database, "GONE")

    result = mall.sync([record("T1")], missing="inactivate")

    assert (result.counts.missing, result.counts.inactivated) == (1, 0)
    assert mall.row("GONE")["status"] == "ACTIVE"


def test_without_etl_init_the_sync_says_so(api: FakeApi, empty_database: Database, tmp_path: Path) -> None:
    """No tables of the job: a usage error that names `etl init`; nothing happens."""
    make_cms(empty_database, skip_sync=True, api_sync_logs=False)
    with pytest.raises(ConfigError, match="Run `etl init` once"):
        Mall(api, empty_database, tmp_path).sync([record("T1")])


def test_a_missing_cms_column_is_named(api: FakeApi, any_empty_database: Database, tmp_path: Path) -> None:
    """A database that does not have a column of the CMS is refused with the column's name."""
    mall = cms_mall(api, any_empty_database, tmp_path)
    any_empty_database.execute("ALTER TABLE dinings DROP COLUMN location_zone")

    with pytest.raises(ContractError, match=r"dinings\.location_zone"):
        mall.sync([record("T1")])


BLANK = {
    "zone": None,
    "tel": " ",
    "floor": None,
    "openingHours": None,
    "descriptionEn": None,
    "startDate": None,
}


def old_row(database: Database) -> None:
    """Make a row of the earlier job with values of which the source says nothing at first contact."""
    legacy_row(
        database, "T1", location_zone="Old zone", contact_info_phone="1", floor_id=3,
        opening_hours_same_hours_every_day=True, opening_hours_open="09:00", opening_hours_close="20:00",
        date_range_start_date="2025-01-01T00:00:00Z",
    )  # fmt: skip
    database.execute(
        "UPDATE shops_locales SET description = 'Old.', meta_description = 'Meta.' WHERE _locale = 'en'"
    )


def test_the_first_value_after_a_blank_first_contact_is_no_conflict(
    api: FakeApi, any_empty_database: Database, tmp_path: Path
) -> None:
    """Nobody touched what the earlier job had written: the first value that the source has is taken, as a change of its."""
    mall = cms_mall(api, any_empty_database, tmp_path)
    old_row(any_empty_database)
    first = mall.sync([record("T1", **BLANK)])
    assert mall.row("T1")["location_zone"] == "Old zone"

    result = mall.sync(
        [
            record(
                "T1", zone="West", tel="2", floor="4", openingHours="10:00 - 22:00", descriptionEn="New.",
                startDate="2025-02-01",
            )
        ],
        conflicts="editor",
    )  # fmt: skip

    row, texts = mall.row("T1"), mall.texts("T1", "en")
    assert (row["location_zone"], row["contact_info_phone"], row["floor_id"]) == ("West", "2", 4)
    assert (row["opening_hours_open"], row["opening_hours_close"]) == ("10:00", "22:00")
    assert (texts["description"], texts["meta_description"]) == ("New.", "New.")
    assert (first.counts.conflicts, result.counts.conflicts, result.counts.kept) == (0, 0, 0)
    (change,) = any_empty_database.query(
        "SELECT before FROM etl.sync_changes WHERE sync_id = %s", result.sync_id
    )
    assert (change["before"]["zone"], change["before"]["meta_description_en"]) == ("Old zone", "Meta.")


def test_an_editors_value_after_a_blank_first_contact_is_a_conflict(
    api: FakeApi, empty_database: Database, tmp_path: Path
) -> None:
    """What an editor changed, filled in or emptied since a blank first contact conflicts with the first value."""
    mall = cms_mall(api, empty_database, tmp_path)
    old_row(empty_database)
    mall.sync([record("T1", website=None, **BLANK)])
    mall.edit("T1", location_zone="Mine", contact_info_phone="", contact_info_website="mine.example")
    texts = mall.texts("T1", "en")
    assert mall.sync().counts.has_changes is False

    result = mall.sync(
        [record("T1", **{**BLANK, "zone": "West", "tel": "2", "website": "x.example"})], conflicts="editor"
    )

    row = mall.row("T1")
    assert (row["location_zone"], row["contact_info_phone"], row["contact_info_website"]) == (
        "Mine", "", "mine.example",
    )  # fmt: skip
    assert (result.counts.conflicts, result.counts.updated) == (3, 0)
    found = empty_database.query(
        "SELECT field, value::jsonb -> 'base' AS base FROM etl.sync_issues WHERE code = 'conflict' ORDER BY field"
    )
    assert [(row["field"], row["base"]) for row in found] == [
        ("phone", "1"), ("website", None), ("zone", "Old zone"),
    ]  # fmt: skip
    assert mall.texts("T1", "en") == texts


def test_a_first_value_that_was_there_at_first_contact_is_no_change(
    api: FakeApi, empty_database: Database, tmp_path: Path
) -> None:
    """The source, blank at first contact, comes with what the CMS had: an editor's fix stays, without a conflict."""
    mall = cms_mall(api, empty_database, tmp_path)
    old_row(empty_database)
    mall.sync([record("T1", **BLANK)])
    mall.edit("T1", location_zone="Mine")

    result = mall.sync([record("T1", **{**BLANK, "zone": "Old zone"})])

    assert (mall.row("T1")["location_zone"], result.counts.conflicts, result.counts.kept) == ("Mine", 0, 1)


@pytest.mark.parametrize("languages", ["en th zh", "zh th en", "th zh", "en zh", "zh"])
def test_what_stood_in_each_language_at_first_contact(
    api: FakeApi, empty_database: Database, tmp_path: Path, languages: str
) -> None:
    """What the source says nothing of is remembered of each row from its own texts, in whatever order they are."""
    mall = cms_mall(api, empty_database, tmp_path)
    for name in ("T1", "T2", "T3"):
        row = legacy_row(empty_database, name, location_zone=f"Zone {name}")
        empty_database.execute("DELETE FROM shops_locales WHERE _parent_id = %s", row)
        for locale in languages.split():
            empty_database.execute(
                "INSERT INTO shops_locales (_locale, _parent_id, description) VALUES (%s, %s, %s)",
                locale, row, f"{name} {locale}.",
            )  # fmt: skip
    empty_database.execute(
        "INSERT INTO shops_opening_hours_per_day VALUES (1, 2, 'x', 'mon', '10:00', '11:00')"
    )

    mall.sync([record(name, **BLANK, descriptionTh=None) for name in ("T1", "T2", "T3", "NEW")])

    rows = empty_database.query("SELECT unique_id, found_in_cms FROM etl.tenants_base")
    found = {row["unique_id"]: row["found_in_cms"] for row in rows}
    assert found.pop("NEW") is None
    assert found["T2"].pop("hours") == '[null, null, null, [["mon", "10:00", "11:00"]]]'
    assert found == {
        name: {
            "zone": f"Zone {name}",
            **{
                f"description_{locale}": f"{name} {locale}." for locale in ("en", "th") if locale in languages
            },
        }
        for name in ("T1", "T2", "T3")
    }
