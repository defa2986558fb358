"""The three-way merge against a model of it in plain Python, over generated stories.

Hypothesis makes small feeds, editors' work between them, and syncs with their options. After each sync the
CMS's tables, the counts and the rows' transaction ids are compared with the model's; a second sync right after
may write nothing. ETL_TEST_EXAMPLES sets how many stories are told, ETL_TEST_SEED gives others.
"""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.support.merge_model import Model
from tests.support.read_cms import differences, read_cms, read_xmins
from tests.support.stories import EXAMPLES, STEPS, do_edits, of_chance
from tests.support.sync import Mall


def tell(mall: Mall, model: Model, steps: list[Any]) -> None:
    """Play a story on the mall and on the model, and compare them after each step."""
    for edits, feed, winner, missing in steps:
        do_edits(mall, model, edits)
        assert read_cms(mall) == model.shown(), "the test's own editors disagree"
        before, times = model.shown(), read_xmins(mall)
        model.start()
        expected = model.sync(feed, winner, missing)

        result = mall.sync(feed, conflicts=winner, missing=missing)

        assert differences(read_cms(mall), model.shown()) == []
        assert {name: getattr(result.counts, name) for name in expected} == expected
        after = model.shown()
        for key, found in read_xmins(mall).items():
            if key in before:
                assert (found == times[key]) == (before[key] == after[key]), f"{key} was written for nothing"
        fingerprint = mall.fingerprint()
        again = mall.sync(snapshot=result.extracted.snapshot, conflicts=winner, missing=missing)
        assert not again.counts.has_changes
        assert mall.fingerprint() == fingerprint


@of_chance(EXAMPLES)
@given(steps=st.lists(STEPS, min_size=2, max_size=4))
def test_a_sync_does_what_the_model_says(mall: Mall, steps: list[Any]) -> None:
    """Feeds, editors and options in any order: tables, counts and untouched rows are as the model has them."""
    mall.empty()
    tell(mall, Model(), steps)
