"""A mall's first week in a Payload that keeps drafts: site and panel show the same throughout."""

from collections.abc import Callable

import pytest

from tests.support import payload_story as story
from tests.support.payload import PayloadCms
from tests.support.payload_feed import COUNT, differences, read_documents
from tests.support.rollback import roll_back

pytestmark = pytest.mark.xdist_group("payload-drafts")


def latest_by_document(cms: PayloadCms) -> set[int]:
    """Return how many latest versions documents have."""
    return {
        row["n"]
        for table in ("shops", "dinings")
        for row in cms.database.query(
            f"SELECT count(v.id) FILTER (WHERE v.latest)::int AS n FROM {table} t "
            f"LEFT JOIN _{table}_v v ON v.parent_id = t.id GROUP BY t.id"
        )
    }


def test_the_first_week_of_a_mall(payload_cms: Callable[..., PayloadCms]) -> None:
    """As in a plain Payload, and each document has one latest version at each step."""
    cms = payload_cms("drafts", is_initialised=False)
    story.initialise_beside(cms)
    story.sync_for_the_first_time(cms)
    assert (len(read_documents(cms.payload, draft=True)["th"]), latest_by_document(cms)) == (COUNT, {1})
    story.save_all_twice(cms)
    edited = story.edit(cms)
    changed = story.change_the_source(cms, edited)
    assert latest_by_document(cms) == {1}
    roll_back(cms, changed.sync_id)
    assert differences(story.shown(cms), edited) == []
    assert latest_by_document(cms) == {1}
