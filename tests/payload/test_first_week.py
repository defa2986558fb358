"""A mall's first week in a plain Payload."""

from collections.abc import Callable

import pytest

from tests.support import payload_story as story
from tests.support.payload import PayloadCms
from tests.support.payload_feed import differences
from tests.support.rollback import roll_back

pytestmark = pytest.mark.xdist_group("payload-plain")


def test_the_first_week_of_a_mall(payload_cms: Callable[..., PayloadCms]) -> None:
    """Init, check, diff, sync, two saves of everything, an editor and the source at work, a rollback, a replay."""
    cms = payload_cms("plain", is_initialised=False)
    story.initialise_beside(cms)
    story.sync_for_the_first_time(cms)
    story.save_all_twice(cms)
    edited = story.edit(cms)
    changed = story.change_the_source(cms, edited)
    roll_back(cms, changed.sync_id)
    assert differences(story.shown(cms), edited) == []
    again = cms.sync(snapshot=changed.extracted.snapshot)
    story.look_at_the_runs(cms, changed.sync_id, str(again.extracted.snapshot))
