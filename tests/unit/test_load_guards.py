"""The guard against a feed that shrank."""

import pytest

from etl.errors import GuardError
from etl.load.guards import LastRun, check_drop, check_gone


@pytest.mark.parametrize(
    ("fetched", "last"),
    [(0, None), (0, 0), (80, 100), (81, 100), (200, 100), (0, 19), (3, 22)],
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
