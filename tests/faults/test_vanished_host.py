"""Promise: a host that vanishes in the midst of a run, without a word, holds the lock for no longer than 90 s."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def _may_make_a_network() -> bool:
    if os.geteuid() != 0 or not (shutil.which("unshare") and shutil.which("ip")):
        return False
    return subprocess.run(["unshare", "--net", "true"], check=False, capture_output=True).returncode == 0


@pytest.mark.long
@pytest.mark.timeout(300)
@pytest.mark.parametrize("state", ["idle", "transaction"])
@pytest.mark.skipif(not _may_make_a_network(), reason="only root may switch a network of its own off")
def test_a_host_that_vanishes(state: str) -> None:
    """The network is gone, then the client: the server finds out by its keepalives, also in a transaction."""
    ended = subprocess.run(
        ["unshare", "--net", sys.executable, "-m", "tests.support.vanish", state],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=280,
    )
    assert 10 < int(ended.stdout) < 90
