"""A mall's first week in a real Payload, step by step: what the job writes, Payload reads, saves and shows as its own."""

from typing import Any

from etl.db.connection import Postgres
from etl.load.schema import InitResult, initialise
from etl.model.results import SyncResult
from etl.pipeline import SyncOptions
from tests.support.cms import shape
from tests.support.payload import LOCALES, Json, PayloadCms, give_to_role
from tests.support.payload_feed import (
    CATEGORIES,
    COUNT,
    FLOORS,
    differences,
    expected_documents,
    feed,
    read_documents,
)
from tests.support.process import run_here
from tests.support.sync import diff_source, settings_for


def shown(cms: PayloadCms) -> dict[str, dict[str, Json]]:
    """Return all documents as the site shows them; where there are drafts, the panel's list has the same."""
    documents = read_documents(cms.payload)
    if cms.payload.options.get("drafts"):
        assert differences(read_documents(cms.payload, draft=True), documents) == []
    return documents


def initialise_beside(cms: PayloadCms) -> None:
    """`etl init` makes its own schema, and alters nothing of Payload's."""
    before = shape(cms.database)
    with Postgres(cms.database.owner_dsn) as db:
        assert initialise(db) == InitResult(job_tables=True, cms_tables=False)
    cms.database = give_to_role(cms.database)
    assert shape(cms.database) == before


def sync_for_the_first_time(cms: PayloadCms) -> None:
    """`etl check` finds nothing in the way, `etl diff` promises what `etl sync` does, and Payload shows just that."""
    cms.api.records = feed()
    checked = run_here(cms, "check")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    settings = settings_for(cms.dsn, cms.api.url, cms.folder)
    with Postgres(cms.dsn) as db:
        promised = diff_source(settings, db, SyncOptions()).totals
    assert cms.payload.find("shops") == []
    made = cms.sync().counts
    assert (promised.of("created"), made.created, made.rejected) == (COUNT, COUNT, 0)
    assert differences(shown(cms), expected_documents()) == []


def save_all_twice(cms: PayloadCms) -> None:
    """An editor saves each document in two languages without a complaint; the next sync finds nothing to write."""
    saved = [
        cms.payload.save_all(table, locale=locale)
        for locale in ("th", "en")
        for table in ("shops", "dinings")
    ]
    assert sum(saved) == 2 * COUNT
    before = cms.fingerprint()
    counts = cms.sync().counts
    assert (counts.created, counts.updated, counts.kept, counts.conflicts) == (0, 0, 0, 0)
    assert (counts.unchanged, cms.fingerprint()) == (COUNT, before)
    assert differences(shown(cms), expected_documents()) == []


def edit(cms: PayloadCms) -> dict[str, Any]:
    """An editor works on some documents; what Payload then shows."""
    number = {row["uniqueId"]: row["id"] for table in ("shops", "dinings") for row in cms.payload.find(table)}
    closed = {"sameHoursEveryDay": False, "open": None, "close": None,
              "perDay": [{"day": "mon", "open": "12:00", "close": "13:00"}]}  # fmt: skip
    cms.payload.save("shops", number["T0"], title="An editor's title")
    cms.payload.save("shops", number["T1"], openingHours=closed, locale="th")
    cms.payload.save(
        "shops", number["T5"], contactInfo={"website": "https://editor.example", "phone": "02 000 0000"}
    )
    cms.payload.save(
        "shops", number["T10"], categories=[CATEGORIES["LUXURY"], CATEGORIES["FASHION"]], isFeatured=True
    )
    cms.payload.save("dinings", number["T2"], floor=FLOORS["B1"], status="ACTIVE")
    cms.payload.delete("dinings", number["T4"])

    documents = expected_documents()
    documents["en"]["T0"]["title"] = "An editor's title"
    for each in documents.values():
        del each["T4"]
        each["T1"]["openingHours"] = closed
        each["T5"]["contactInfo"]["website"] = "https://editor.example"
        each["T10"] |= {"categories": [CATEGORIES["LUXURY"], CATEGORIES["FASHION"]], "isFeatured": True}
        each["T2"] |= {"floor": FLOORS["B1"], "status": "ACTIVE"}
    assert differences(shown(cms), documents) == []
    return documents


def change_the_source(cms: PayloadCms, edited: dict[str, Any]) -> SyncResult:
    """A three-way merge: an editor's fix stays, the source's change comes, and wins where both changed."""
    records = feed()
    records[0] |= {"tel": "02 222 2222", "brandNameTh": "ชื่อใหม่"}
    records[1] |= {"zone": "West"}
    records[5] |= {"website": "https://source.example"}
    records[10] |= {"categoryNameEn": "Beauty"}
    records[6] |= {"openingHours": "24 hours", "floor": "3F"}
    result = cms.sync(records)

    expected = {
        locale: {key: dict(document) for key, document in edited[locale].items()} for locale in LOCALES
    }
    expected["th"]["T0"] |= {"title": "ชื่อใหม่", "meta": {**expected["th"]["T0"]["meta"], "title": "ชื่อใหม่"}}
    for each in expected.values():
        each["T0"]["contactInfo"] = {**each["T0"]["contactInfo"], "phone": "02 222 2222"}
        each["T1"]["location"] = {**each["T1"]["location"], "zone": "West"}
        each["T5"]["contactInfo"] = {**each["T5"]["contactInfo"], "website": "https://source.example"}
        each["T10"]["categories"] = [CATEGORIES["LUXURY"], CATEGORIES["BEAUTY"]]
        each["T6"] |= {"floor": FLOORS["3F"], "openingHours": {
            "sameHoursEveryDay": True, "open": "00:00", "close": "23:59", "perDay": []}}  # fmt: skip
    assert differences(shown(cms), expected) == []
    counts = result.counts
    assert (counts.created, counts.updated, counts.conflicts) == (0, 5, 1)
    return result


def look_at_the_runs(cms: PayloadCms, changed: str, replayed: str) -> None:
    """The screen of runs has all of them, what calls no API too, and Payload itself could save each."""
    shown = cms.payload.find("api-sync-logs")
    assert [(run["status"], run["externalApiUrl"]) for run in shown] == [
        *[("COMPLETED", cms.api.url)] * 3,
        ("COMPLETED", f"rollback of {changed}"),
        ("COMPLETED", replayed),
    ]
    for run in shown:
        cms.payload.save("api-sync-logs", run["id"])
    assert [run["processingSummary"]["recordsCreated"] for run in shown] == [COUNT, 0, 0, 0, 0]
    labels = [each["floorName"] for each in shown[0]["unmappedData"]["unmappedFloors"]]
    assert labels == ["roof"]
