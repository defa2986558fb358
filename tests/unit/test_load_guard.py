"""The guard against a feed that shrank."""

import pytest

from etl.errors import GuardError
from etl.load.guard import LastRun, check_drop


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
