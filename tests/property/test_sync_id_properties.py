"""Ids of runs sort in the order of their making, whatever the clock does."""

from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from etl.runtime.sync_id import SyncIds

BEGIN = st.integers(0, 4_000_000_000 * 1_000_000_000)
TICK_NS = 60
"""What an id can tell apart is a little less."""


@given(BEGIN, st.lists(st.integers(-5_000_000_000, 5_000_000_000), min_size=1))
def test_ids_of_one_process(begin: int, steps: list[int]) -> None:
    """Each is greater than all before it, though the clock stands still or goes back."""
    clock = accumulate(steps, lambda moment, step: max(moment + step, 0), initial=begin)
    ids = SyncIds(lambda: next(clock))
    made = [ids.new() for _ in steps]
    assert made == sorted(set(made))


@given(BEGIN, st.lists(st.integers(TICK_NS, 2_000_000), min_size=1))
def test_ids_of_several_processes(begin: int, steps: list[int]) -> None:
    """Those of one millisecond too sort in the order of their making, as far as the clock tells the moments apart."""
    clock = accumulate(steps, initial=begin)
    made = [SyncIds(lambda: next(clock)).new() for _ in steps]
    assert made == sorted(set(made))
