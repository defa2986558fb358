"""Ids of runs: they sort by the time of their making."""

import re

import pytest

from etl.runtime.sync_id import SyncIds, new_sync_id

MOMENT = 1_795_467_891 * 1_000_000_000
"""2026-11-23 21:04:51 UTC, in nanoseconds."""


def ids_at(*moments: int) -> list[str]:
    """Return the ids that one process makes at these moments."""
    left = iter(moments)
    ids = SyncIds(lambda: next(left))
    return [ids.new() for _ in moments]


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (MOMENT, "20261123T210451Z-000000"),
        (MOMENT + 247_000_000, "20261123T210451Z-3f3b64"),
        (MOMENT + 500_000_000, "20261123T210451Z-800000"),
        (MOMENT + 999_999_999, "20261123T210451Z-ffffff"),
        (MOMENT + 1_000_000_000, "20261123T210452Z-000000"),
    ],
)
def test_an_id_is_a_second_and_its_part(moment: int, expected: str) -> None:
    """The six digits are what has passed of the second, in parts of 2^-24."""
    assert ids_at(moment) == [expected]


def test_ids_of_a_millisecond_sort() -> None:
    """A microsecond is enough to tell two apart."""
    ids = ids_at(*range(MOMENT, MOMENT + 1_000_000, 1_000))
    assert len(set(ids)) == 1_000
    assert ids == sorted(ids)


@pytest.mark.parametrize("step", [0, -1, -3_600 * 1_000_000_000], ids=["still", "back", "an_hour_back"])
def test_a_clock_that_does_not_go_on(step: int) -> None:
    """Ids of a process sort in the order of their making all the same."""
    assert ids_at(MOMENT, MOMENT + step, MOMENT + 2 * step) == [
        "20261123T210451Z-000000",
        "20261123T210451Z-000001",
        "20261123T210451Z-000002",
    ]


def test_the_last_part_of_a_second_is_followed_by_the_next_second() -> None:
    """Where the clock stands still there."""
    assert ids_at(*[MOMENT + 999_999_999] * 2) == ["20261123T210451Z-ffffff", "20261123T210452Z-000000"]


def test_ids_of_this_moment() -> None:
    """They sort in the order of their making, and have the form that people type a part of."""
    ids = [new_sync_id() for _ in range(10_000)]
    assert ids == sorted(set(ids))
    assert all(re.fullmatch(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{6}", each) for each in ids)
