"""Columns of Payload's own that a site may have or not."""

import re

import pytest

from etl.errors import ContractError
from etl.model.results import Check
from etl.preflight import run_checks
from tests.integration.test_open_documents import look
from tests.support.open_documents import open_document
from tests.support.sync import Mall, record, settings_for


def test_a_slug_that_payload_would_make_again(mall: Mall) -> None:
    """With `slugField()` a row has `generate_slug`, true by default, whose first save makes the slug anew: it is false."""
    mall.database.execute("ALTER TABLE shops ADD COLUMN IF NOT EXISTS generate_slug bool DEFAULT true")
    mall.sync([record("T1"), record("T2", categoryNameEn="Restaurant", categoryNameTh=None)])
    row = mall.row("T1")
    assert (row["slug"], row["generate_slug"]) == ("brand-t1", False)
    assert "generate_slug" not in mall.row("T2", "dinings")
    mall.edit("T1", generate_slug=True)
    mall.sync([record("T1", zone="West")], force=True)
    assert mall.row("T1")["generate_slug"] is True


def check(mall: Mall) -> dict[str, Check]:
    """Run `etl check`."""
    settings = settings_for(mall.dsn, mall.api.url, mall.folder, **mall.overrides)
    return {item.name: item for item in run_checks(lambda: settings)}


def test_check_says_what_the_cms_is(mall: Mall) -> None:
    """Which Payload, where, how it is set up, and how many documents are open at this moment."""
    mall.sync([record("T1"), record("T2")])
    open_document(mall.database, "T1")
    open_document(mall.database, "T2")
    for table in ("shops", "dinings"):
        mall.database.execute(f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS deleted_at timestamptz(3)")
    assert check(mall)["CMS"].message == (
        "Payload 3, schema public, integer ids, drafts off, trash on for shops and dinings, 2 documents open now"
    )
    mall.overrides = {"cms_open_s": 0}
    assert check(mall)["CMS"].message.endswith(", open documents not looked for")


def test_a_field_that_is_required_in_the_cms(mall: Mall) -> None:
    """`etl check` warns, also where the column has a default; a record without it is refused alone, in words."""
    mall.database.execute("ALTER TABLE shops ALTER floor_id SET NOT NULL")
    mall.database.execute(
        "ALTER TABLE shops_locales ALTER subtitle SET DEFAULT '', ALTER subtitle SET NOT NULL"
    )
    assert check(mall)["CMS fields"].message == (
        "Required in the CMS: shops.floor_id, shops_locales.subtitle. A record that has nothing there is not loaded, and "
        "each run says so (rejected_by_database)."
    )
    without = record("T3", shopNameEnglish=None, brandNameEn="Three")
    result = mall.sync([record("T1"), record("T2", floor=None), without], refused=True)
    assert (result.status, result.counts.created, result.counts.rejected) == ("PARTIAL", 1, 2)
    found = mall.database.query(
        "SELECT unique_id, message FROM etl.sync_issues WHERE code = 'rejected_by_database' ORDER BY unique_id"
    )
    assert [(row["unique_id"], row["message"].partition(" (")[0]) for row in found] == [
        ("T2", "The database refused the row: shops.floor_id is required in the CMS, and the record has nothing for it"),
        ("T3", "The database refused the row: shops_locales.subtitle is required in the CMS, and the record has nothing "
         "for it"),
    ]  # fmt: skip


def test_a_field_per_language(mall: Mall) -> None:
    """A slug, a floor's name that is localized: check, diff and sync refuse it alike, by name, and nothing is written."""
    mall.database.execute(
        "ALTER TABLE shops_locales ADD COLUMN slug varchar; ALTER TABLE shops DROP COLUMN slug CASCADE; "
        "CREATE TABLE floors_locales (id serial PRIMARY KEY, name varchar, _locale _locales, _parent_id int); "
        "ALTER TABLE floors RENAME COLUMN name TO label"
    )
    words = (
        " does not have 2 tables or columns of the CMS: floors.name, shops.slug. Let each be a field of one value and "
        "without localization in the CMS, and run its migrations."
    )
    assert words in check(mall)["CMS tables"].message
    for attempt in (look, lambda mall: mall.sync([record("T1")])):
        with pytest.raises(ContractError, match=re.escape(words)):
            attempt(mall)
    assert mall.database.query("SELECT * FROM shops") == []
