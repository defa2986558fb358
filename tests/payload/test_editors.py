"""Editors of a real Payload at work beside the job: forms that are open, old forms, the trash, copies, slugs."""

from collections.abc import Callable

import pytest

from tests.integration.test_open_documents import look
from tests.support.payload import PayloadCms
from tests.support.sync import record

pytestmark = pytest.mark.xdist_group("payload-plain")


def test_forms_that_are_open_and_forms_that_are_old(payload_cms: Callable[..., PayloadCms]) -> None:
    """A document that Payload notes as open waits; an old form that it takes is told as one, and undone by --retake."""
    cms = payload_cms("plain")
    cms.sync([record("T1"), record("T2")])
    first, second = (shop["id"] for shop in cms.payload.find("shops"))
    user = cms.payload.create("users", {"email": "a@example.com", "password": "a long one"})
    lock = cms.payload.create(
        "payload-locked-documents",
        {
            "document": {"relationTo": "shops", "value": first},
            "user": {"relationTo": "users", "value": user["id"]},
        },
    )
    old_form = cms.payload.find_by_id("shops", second, locale="en")

    waiting = cms.sync([record("T1", zone="West"), record("T2", zone="West")], force=True)

    assert (waiting.counts.updated, waiting.counts.skipped) == (1, 1)
    assert cms.issues(waiting.sync_id) == [("T1", "open_in_cms")]
    cms.payload.delete("payload-locked-documents", lock["id"])
    cms.payload.update("shops", second, {**old_form, "shortAlphabet": "B"}, locale="en")
    assert {row.unique_id: row.action for row in look(cms).records} == {"T1": "updated", "T2": "unchanged"}

    following = cms.sync()

    assert cms.issues(following.sync_id) == [("T2", "put_back")]
    assert [shop["location"]["zone"] for shop in cms.payload.find("shops")] == ["West", "East"]
    cms.sync(retake=True)
    last = cms.payload.find_by_id("shops", second)
    assert (last["location"]["zone"], last["shortAlphabet"]) == ("West", "B")


def test_trash_copies_and_slugs(payload_cms: Callable[..., PayloadCms]) -> None:
    """What Payload puts into its trash and restores; a copy by Duplicate; the slug after the first save."""
    cms = payload_cms({"trash": True, "slugField": True})
    cms.sync([record("T1"), record("T2", brandNameEn="Brand T1")])
    first, second = (shop["id"] for shop in cms.payload.find("shops"))
    cms.payload.save("shops", second, shortAlphabet="B")
    assert cms.payload.find_by_id("shops", second)["slug"] == "brand-t1-2"

    cms.payload.update("shops", first, {"deletedAt": "2026-11-23T10:00:00.000Z"})
    gone = cms.sync([record("T1", zone="West"), record("T2", brandNameEn="Brand T1")], recreate=True)
    assert (gone.counts.created, gone.counts.updated, gone.counts.skipped) == (0, 0, 1)
    cms.payload.update("shops", first, {"deletedAt": None}, trash=True)
    assert cms.sync().counts.updated == 1
    assert cms.payload.find_by_id("shops", first)["location"]["zone"] == "West"

    copy = cms.payload.duplicate("shops", second)
    for _ in range(2):
        assert [code for _, code in cms.issues(cms.sync().sync_id)] == ["duplicate_row"]
    cms.payload.update("shops", copy["id"], {"deletedAt": "2026-11-23T10:00:00.000Z"})
    assert cms.issues(cms.sync().sync_id) == []
