"""A plugin of pytest: which tests `make test` runs, and which only `make test-all` does.

A test marked `long` is one of `make test-all`. Of a test marked `quick(cases=N)` the first N cases, of one marked
`quick(every=N)` each Nth case, are in `make test`; the other cases are long. A test that asks for a real Payload is
marked `payload`: it needs packages that a newcomer does not have, and is one of `make test-all` too. A
test marked `by_hand` is in neither: `make test-payload` asks for it by an environment variable.
"""

import os
from collections import Counter

import pytest

ASKED_FOR = "ETL_TEST_BY_HAND"
"""Set to anything, it lets tests run that are marked `by_hand`."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is to be asked for, and mark the cases that are not quick, before `-m` chooses."""
    if not os.environ.get(ASKED_FOR):
        left_out = [item for item in items if item.get_closest_marker("by_hand")]
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)
    seen: Counter[str] = Counter()
    for item in items:
        if "payload_templates" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.payload)
        if (mark := item.get_closest_marker("quick")) is None:
            continue
        test = item.nodeid.partition("[")[0]
        if not is_quick(seen[test], **mark.kwargs):
            item.add_marker(pytest.mark.long)
        seen[test] += 1


def is_quick(number: int, *, cases: int | None = None, every: int = 1) -> bool:
    """Say whether the case of this number, counted from 0, is in `make test`."""
    return number % every == 0 and (cases is None or number < cases * every)
