"""Ids like one that nobody knows."""

import re

import pytest

from etl.explain.near import _likest, near_pattern


@pytest.mark.parametrize(
    ("asked", "near", "far"),
    [
        (
            "T100",
            {"t100", "xT100y", "T10", "T1000", "T1_0", "1T00", "T010", "T100-3F"},
            {"T1", "T210x", "Y11"},
        ),
        ("T1-9F", {"T1", "T1-3F", "T1-3F-x", "t1-9"}, {"T2-3F", "T11"}),
        ("-9F", {"-9F", "9F", "a-9F"}, {"", "T", "T-8F"}),
        ("T", {"T", "T1"}, {"X", ""}),
        ("a.c", {"a.c", "A.C", "a.", "ac", "xa.cx", "abc"}, {"xabcx", "axcd"}),
        ("T" * 41, {"T" * 41, "T" * 42}, {"T" * 40}),
    ],
)
def test_what_is_near(asked: str, near: set[str], far: set[str]) -> None:
    """What holds the id, differs by one slip, or is of the same record; whatever stands in it is meant literally."""
    pattern = re.compile(near_pattern(asked), re.IGNORECASE)
    assert {each for each in near | far if pattern.match(each)} == near


def test_the_likest_come_first() -> None:
    """Three at most, the likest first, then by name; case does not count."""
    assert _likest("t100", {"T1009", "T100", "T1000", "XXT100XX", "T1001"}) == ["T100", "T1000", "T1001"]
    assert _likest("T1", set()) == []
