"""A plugin of pytest: tests of one `xdist_group` run one after another, in one process of pytest-xdist.

pytest-xdist 3.8 gives its controller the names of groups as suffixes of the tests' ids, which pytest 9.2 no longer
lets it change: its own `--dist loadgroup` groups nothing. The controller collects no tests, so it reads the modules' text.
"""

import re
from functools import cache
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling

_MARK = re.compile(r'^pytestmark = (?:.|\n(?!\n))*?\bxdist_group\("([^"]+)"\)', re.MULTILINE)


class GroupScheduling(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Give out single tests, and groups of them whole."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(self.config.rootpath / nodeid.partition("::")[0]) or nodeid


@cache
def group_of(module: Path) -> str | None:
    """Return the group that a module's `pytestmark` names; None where it names none."""
    found = _MARK.search(module.read_text(encoding="utf-8"))
    return found[1] if found else None


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> GroupScheduling:
    """Schedule by groups, whatever `--dist` says."""
    return GroupScheduling(config, log)
