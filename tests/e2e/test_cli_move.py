"""`etl move` by hand: what it prints, what it exits with, and what it leaves for `etl runs`."""

import json
from typing import Any

from tests.e2e.conftest import Run
from tests.support.api import FakeApi
from tests.support.log import read_log
from tests.support.sync import record


def test_look_then_do_then_undo(etl: Run, api: FakeApi, settings: dict[str, str]) -> None:
    """The sync's finding names the command; without --yes nothing is written; a rollback undoes it."""
    etl("sync", **settings)
    api.records[0] = record("T1", categoryNameEn="Restaurant\x1b[31m", categoryNameTh="ร้านอาหาร")
    etl("sync", **settings)
    assert "until `etl move T1` moves it" in " ".join(etl("runs", "latest", **settings).stdout.split())

    shown = etl("move", "T1", **settings)
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.startswith("Move T1 from shops to dinings\n")
    assert shown.stdout.endswith("\nNothing was written. To do it: etl move T1 --yes\n")
    assert "  category  FASHION (2) → RESTAURANT (12)" in shown.stdout

    done = etl("move", "T1", "--yes", "--json", **settings)
    found: dict[str, Any] = json.loads(done.stdout)
    assert (found["format"], found["version"], found["is_done"], found["findings"]) == (
        "iconsiam-etl move",
        1,
        True,
        [],
    )
    assert [line["event"] for line in read_log(done.stderr)][-1] == "move_done"
    assert "moved T1 to dinings: 1 row made" in etl("runs", **settings).stdout
    assert "moved T1 to dinings: 1 row made" in etl("runs", "latest", **settings).stdout

    refused = etl("move", "T1", "--yes", **settings)
    assert (refused.returncode, refused.stdout) == (3, "")
    assert refused.stderr.startswith("etl: T1 is a dining by what the last sync knew")
    back = etl("rollback", "latest", "--yes", **settings)
    assert (back.returncode, back.stdout.splitlines()[0][:11]) == (0, "COMPLETED  ")
    unknown = etl("move", "T11", **settings)
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert "Is it one of these: 'T1'?" in unknown.stderr
