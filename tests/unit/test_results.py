"""The figures of a whole run of the tests: durations and coverage, with bars."""

import json
from pathlib import Path

import pytest

from tests.results import main

JUNIT = """<testsuites><testsuite>
<testcase classname="tests.unit.test_a" name="test_quick" time="0.01" />
<testcase classname="tests.faults.test_b" name="test_slow[1]" time="12.5"><failure /></testcase>
</testsuite></testsuites>"""


@pytest.mark.parametrize(
    ("lines", "branches", "code"), [(95, 90, 0), (94, 90, 1), (95, 89, 1), (100, 100, 0), (0, 0, 1)]
)
def test_each_bar_counts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], lines: int, branches: int, code: int
) -> None:
    """Lines and branches are looked at apart, and what is missing of one is not made good by the other."""
    (tmp_path / "junit.xml").write_text(JUNIT)
    totals = {
        "covered_lines": lines, "num_statements": 100, "covered_branches": branches, "num_branches": 100,
    }  # fmt: skip
    (tmp_path / "coverage.json").write_text(json.dumps({"totals": totals}))

    assert main(tmp_path) == code

    told = capsys.readouterr().out
    assert f"coverage of lines: {lines}.0 %, at least 95 % wanted" in told
    assert f"coverage of branches: {branches}.0 %, at least 90 % wanted" in told
    assert (tmp_path / "durations.txt").read_text() == (
        "   12.50 s  tests.faults.test_b::test_slow[1]\n    0.01 s  tests.unit.test_a::test_quick\n"
    )
