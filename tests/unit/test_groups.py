"""Tests of one group share a process of pytest-xdist: a cluster, a container and a module's fixture are made once."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.groups import group_of

ROOT = Path(__file__).parents[2]

GROUPED = """
import os, pathlib, pytest
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("cluster")]

@pytest.mark.parametrize("case", range(4))
def test_grouped(case):
    with open("{seen}/grouped", "a") as seen:
        seen.write(os.environ["PYTEST_XDIST_WORKER"] + " ")
"""

ALONE = """
import os, time, pytest

@pytest.mark.parametrize("case", range(8))
def test_alone(case):
    time.sleep(0.1)
    with open("{seen}/alone", "a") as seen:
        seen.write(os.environ["PYTEST_XDIST_WORKER"] + " ")
"""


def test_tests_of_one_group_share_a_worker(tmp_path: Path) -> None:
    """Two modules of one group run in one of two processes; what has no group runs in both."""
    for name, text in {"first": GROUPED, "second": GROUPED, "third": ALONE}.items():
        (tmp_path / f"test_{name}.py").write_text(text.format(seen=tmp_path))
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n  slow: x\n  xdist_group: x\n")

    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "tests.support.groups", "-n", "2", "--dist", "load"],
        cwd=tmp_path,
        env={**environment, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert "16 passed" in done.stdout, done.stdout + done.stderr
    grouped, alone = ((tmp_path / name).read_text().split() for name in ("grouped", "alone"))
    assert (len(grouped), len(set(grouped))) == (8, 1)
    assert (len(alone), set(alone)) == (8, {"gw0", "gw1"})


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ('pytestmark = pytest.mark.xdist_group("ray")\n', "ray"),
        ('import pytest\n\npytestmark = [pytest.mark.slow, pytest.mark.xdist_group("a b")]  # why\n', "a b"),
        ('pytestmark = [\n    pytest.mark.slow,\n    pytest.mark.xdist_group("a b"),\n]\n', "a b"),
        ("pytestmark = pytest.mark.slow\n", None),
        ('pytestmark = pytest.mark.slow\n\n\nmark = pytest.mark.xdist_group("ray")\n', None),
        ('"""Says pytestmark = xdist_group("x")."""\n', None),
        ("", None),
    ],
)
def test_a_module_names_its_group(tmp_path: Path, text: str, group: str | None) -> None:
    """In its `pytestmark`."""
    module = tmp_path / "test_module.py"
    module.write_text(text)
    assert group_of(module) == group
