"""The guard against a feed that shrank."""

from contextlib import nullcontext

import pytest

from etl.errors import GuardError
from etl.load.guards import (
    LastRun,
    check_drop,
    check_gone,
    check_inactivated,
    check_put_back,
    check_vanished,
)


@pytest.mark.parametrize(
    ("fetched", "last"),
    [(0, None), (0, 0), (80, 100), (81, 100), (200, 100), (1, 19), (3, 22)],
    ids=["first run", "empty before", "just the share", "less", "grown", "tiny mall", "19 of 22 gone"],
)
def test_free_to_go(fetched: int, last: int | None) -> None:
    """The first run, growth, a drop within the share, or fewer than 20 records gone: no objection."""
    check_drop(fetched, None if last is None else LastRun("before", last), 0.2)


def test_refused_with_the_figures() -> None:
    """More than the share and at least 20 records gone: refused, with exit code 3 and the figures."""
    with pytest.raises(
        GuardError, match=r"has 79 records, 21 \(21%\) fewer .*100 in before.*--force"
    ) as caught:
        check_drop(79, LastRun("before", 100), 0.2)
    assert caught.value.exit_code == 3


@pytest.mark.parametrize(("gone", "known"), [(0, 0), (19, 19), (20, 100), (0, 500)])
def test_few_known_records_may_go(gone: int, known: int) -> None:
    """Fewer than 20 of the known records, or no more than the share, may be gone at once."""
    check_gone(gone, known, 0.2)


def test_many_known_records_gone_are_refused() -> None:
    """As many records as ever, but under other ids: refused with the figures."""
    with pytest.raises(GuardError, match=r"30 of the 100 records .*\(30%\).*--force"):
        check_gone(30, 100, 0.2)


def test_an_empty_feed() -> None:
    """No record at all, where there were some, is refused however few they were."""
    with pytest.raises(GuardError, match="The source has no record; in the last good run it had 1"):
        check_drop(0, LastRun("20261123T210451Z-3f9a1c", 1), 1.0)


@pytest.mark.parametrize(
    ("rows", "known", "is_refused"),
    [
        (0, 0, False),
        (2, 2, False),
        (3, 3, True),
        (3, 4, False),
        (19, 19, True),
        (19, 60, False),
        (20, 100, False),
        (21, 100, True),
    ],
)
def test_rows_that_are_gone_or_put_back(rows: int, known: int, *, is_refused: bool) -> None:
    """20 and more than the share, or all of a mall of three and more."""
    for check in (check_vanished, check_put_back):
        with pytest.raises(GuardError) if is_refused else nullcontext():
            check(rows, known, 0.2, " --source siam")


@pytest.mark.parametrize(
    ("inactivated", "gone", "known", "is_refused"),
    [(1, 1, 1, False), (1, 2, 2, True), (0, 2, 2, False), (1, 1, 2, False)],
)
def test_all_rows_of_a_mall_inactive(inactivated: int, gone: int, known: int, *, is_refused: bool) -> None:
    """Never all of several rows."""
    with pytest.raises(GuardError, match="None of the 2") if is_refused else nullcontext():
        check_inactivated(inactivated, gone, known)
