"""Drafts in a real Payload: its lists show what the job wrote, its saves keep it, and its drafts outlive the job."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.drafts import keep_drafts
from tests.support.payload import PayloadCms
from tests.support.payload_feed import (
    CATEGORIES,
    COUNT,
    differences,
    expected_documents,
    feed,
    read_documents,
)
from tests.support.postgres import Database
from tests.support.rollback import roll_back

pytestmark = pytest.mark.xdist_group("payload-drafts")

_COLUMNS = """
SELECT table_name::text, column_name::text, data_type::text, is_nullable::text, column_default IS NULL AS is_bare,
  (SELECT string_agg(enumlabel, ',' ORDER BY enumlabel) FROM pg_enum WHERE enumtypid = to_regtype(quote_ident(udt_name)))
FROM information_schema.columns WHERE table_name ~ '^_(shops|dinings)_v' ORDER BY 1, 2
"""
_KEYS = """
SELECT conrelid::regclass::text AS table_name, conname::text, confrelid::regclass::text AS named, confdeltype::text
FROM pg_constraint WHERE contype = 'f' AND conrelid::regclass::text ~ '^_(shops|dinings)_v'
  AND confrelid::regclass::text NOT IN ('media', 'promotions') ORDER BY 1, 2
"""


def test_a_week_with_drafts(payload_cms: Callable[..., PayloadCms]) -> None:
    """The first sync, saves, a draft, the source's changes, and a rollback: what the panel shows of each."""
    cms = payload_cms("drafts")
    first = cms.sync(feed()).counts
    assert (first.created, first.rejected) == (COUNT, 0)
    assert differences(read_documents(cms.payload, draft=True), expected_documents()) == []
    assert differences(read_documents(cms.payload), expected_documents()) == []
    number = {row["uniqueId"]: row["id"] for table in ("shops", "dinings") for row in cms.payload.find(table)}
    _save_another_field(cms, number)
    _save_a_draft(cms, number)
    changed = _change_the_source(cms)
    shown = _expect_the_change(cms, number)
    roll_back(cms, changed)
    _expect_it_back(cms, shown)


def _save_another_field(cms: PayloadCms, number: dict[str, int]) -> None:
    """An editor publishes another field in Thai: the job's titles stay in all languages, and nothing is `kept`."""
    cms.payload.save("shops", number["T0"], locale="th", isFeatured=True)
    documents = expected_documents()
    for each in documents.values():
        each["T0"]["isFeatured"] = True
    assert differences(read_documents(cms.payload), documents) == []
    counts = cms.sync().counts
    assert (counts.updated, counts.kept) == (0, 0)


def _save_a_draft(cms: PayloadCms, number: dict[str, int]) -> None:
    cms.payload.save(
        "shops", number["T1"], locale="th", draft=True, title="ร่าง", categories=[CATEGORIES["LUXURY"]]
    )


def _change_the_source(cms: PayloadCms) -> str:
    records = feed()
    for place in (0, 1):
        records[place] |= {"brandNameEn": "New", "brandNameTh": "ใหม่", "categoryNameEn": "Fashion" if place else "Beauty",
                           "openingHours": "24 hours"}  # fmt: skip
    result = cms.sync(records)
    assert (result.counts.updated, result.counts.kept, result.counts.conflicts) == (2, 0, 0)
    found = [each for each in cms.issues(result.sync_id) if each[1] == "in_an_editors_draft"]
    assert found == [("T1", "in_an_editors_draft")] * 2
    return result.sync_id


def _expect_the_change(cms: PayloadCms, number: dict[str, int]) -> dict[str, Any]:
    """The public site has the source's values, the panel the draft's where the editor changed them."""
    public, panel = read_documents(cms.payload), read_documents(cms.payload, draft=True)
    assert public["th"]["T1"]["title"] == public["th"]["T0"]["title"] == "ใหม่"
    assert public["en"]["T1"]["categories"] == [CATEGORIES["FASHION"]]
    places = [place for place, *_ in differences(panel, public)]
    assert places == ["/th/T1/title", "/th/T1/categories", "/en/T1/categories", "/zh/T1/categories"]
    assert panel["th"]["T1"]["title"] == "ร่าง"
    assert panel["en"]["T1"]["title"] == "New"
    versions = cms.payload.find_versions("shops", where={"parent": {"equals": number["T1"]}})
    assert [(each.get("latest"), each["version"]["_status"]) for each in versions] == [
        (False, "published"), (False, "draft"), (True, "draft"),
    ]  # fmt: skip
    return panel


def _expect_it_back(cms: PayloadCms, shown: dict[str, Any]) -> None:
    """One latest version a document; the draft keeps what it had, and all else is as before the run."""
    documents = expected_documents()
    for each in documents.values():
        each["T0"]["isFeatured"] = True
    assert differences(read_documents(cms.payload), documents) == []
    documents["th"]["T1"]["title"] = shown["th"]["T1"]["title"]
    for each in documents.values():
        each["T1"]["categories"] = [CATEGORIES["LUXURY"]]
    assert differences(read_documents(cms.payload, draft=True), documents) == []
    doubled = cms.database.query("SELECT parent_id FROM _shops_v WHERE latest GROUP BY 1 HAVING count(*) > 1")
    assert doubled == []
    number = {row["uniqueId"]: row["id"] for row in cms.payload.find("shops")}
    cms.payload.save("shops", number["T0"], locale="en", shortAlphabet="B")
    assert read_documents(cms.payload)["th"]["T0"]["title"] == documents["th"]["T0"]["title"]


def test_versions_in_arrays_blocks_and_lists(payload_cms: Callable[..., PayloadCms]) -> None:
    """What the job does not know of a document is copied too: a draft's blocks in each language, its list of tags."""
    cms = payload_cms({"skipSync": True, "drafts": "autosave", "tags": True, "blocks": True, "trash": True})
    cms.sync(feed(2))
    (row,) = cms.payload.find("shops", where={"uniqueId": {"equals": "T0"}})
    published = [{"blockType": "note", "text": "one"}]
    cms.payload.save("shops", row["id"], tags=["vegan"], layout=published)
    draft = [{"blockType": "note", "text": "two"}, {"blockType": "note", "text": "three"}]
    cms.payload.save("shops", row["id"], draft=True, tags=["hot", "new"], layout=draft)

    cms.sync([{**feed(1)[0], "zone": "West"}, feed(2)[1]])

    shown = cms.payload.find_by_id("shops", row["id"], locale="en", draft=True)
    assert [block["text"] for block in shown["layout"]] == ["two", "three"]
    assert (shown["tags"], shown["location"]["zone"], shown["_status"]) == (["hot", "new"], "West", "draft")
    public = cms.payload.find_by_id("shops", row["id"], locale="en")
    assert [block["text"] for block in public["layout"]] == ["one"]
    cms.payload.save("shops", row["id"], title="Published")
    assert cms.payload.find_by_id("shops", row["id"], locale="en")["tags"] == ["hot", "new"]

    cms.sync([{**feed(1)[0], "zone": "North"}, feed(2)[1]])
    shown = cms.payload.find_by_id("shops", row["id"], locale="en", draft=True)
    assert ([block["text"] for block in shown["layout"]], shown["tags"]) == (["two", "three"], ["hot", "new"])
    assert (shown["location"]["zone"], shown["_status"]) == ("North", "published")


def test_the_tests_tables_of_versions_are_payloads(
    payload_cms: Callable[..., PayloadCms], database: Database
) -> None:
    """Columns, what they hold, whether they may be null, and what they name: as tests/support/drafts.sql makes them."""
    keep_drafts(database)
    cms = payload_cms("drafts")
    assert database.query(_COLUMNS) == cms.database.query(_COLUMNS)
    assert database.query(_KEYS) == cms.database.query(_KEYS)
