"""`etl rollback` by hand: what it prints, what it exits with, and what it leaves for `etl runs`."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Run
from tests.support.api import FakeApi
from tests.support.log import read_log
from tests.support.postgres import Database
from tests.support.sync import record


@pytest.fixture
def second(etl: Run, api: FakeApi, settings: dict[str, str]) -> str:
    """Sync twice, and return the id of the second run, which changed a row and made another."""
    etl("sync", **settings)
    api.records = [*api.records, record("T9")]
    api.records[0] = record("T1", zone="West\x1b[31m")
    return str(json.loads(etl("sync", "--json", **settings).stdout)["sync_id"])


def test_look_then_do_then_look_again(etl: Run, settings: dict[str, str], second: str) -> None:
    """Without --yes nothing is written and the way on is shown; with it, the runs tell of it."""
    shown = etl("rollback", second[-6:], **settings)
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.endswith(f"\nNothing was written. To do it: etl rollback {second} --yes\n")
    assert re.search(r"^put back +1 +0 +1  rows whose fields go back", shown.stdout, re.MULTILINE)
    assert "  T9  shops " in shown.stdout
    assert "\x1b" not in shown.stdout

    done = etl("rollback", "latest", "--yes", **settings)
    assert (done.returncode, done.stdout.splitlines()[0][:11]) == (0, "COMPLETED  ")
    listed = etl("runs", **settings).stdout
    assert f"rolled back {second}: 1 put back, 1 deleted" in listed
    told = etl("runs", "latest", **settings).stdout
    assert f"rolled back {second}: 1 put back, 1 deleted" in told
    assert "T9  deleted  shops " in told

    refused = etl("rollback", second, "--yes", **settings)
    assert (refused.returncode, refused.stdout) == (3, "")
    assert refused.stderr.startswith(f"etl: Run {second} is rolled back already, by ")


@pytest.mark.long
def test_json(etl: Run, settings: dict[str, str], second: str) -> None:
    """One document on standard output, the logs on the other; all rows unless told otherwise."""
    done = etl("rollback", second, "--json", "--yes", **settings)
    found: dict[str, Any] = json.loads(done.stdout)
    assert (found["format"], found["version"], found["is_done"]) == ("iconsiam-etl rollback", 1, True)
    assert [item["outcome"] for item in found["records"]] == ["put_back", "deleted"]
    events = [line["event"] for line in read_log(done.stderr)]
    assert events == ["stage_done", "stage_done", "stage_done", "rollback_done"]
    short = json.loads(etl("rollback", found["sync_id"], "--json", "--limit", "1", **settings).stdout)
    assert (len(short["records"]), short["is_done"], short["sync_id"]) == (2, False, None)


@pytest.mark.long
def test_nothing_to_do(etl: Run, settings: dict[str, str], second: str) -> None:
    """A run that changed nothing, an unknown one, one that failed, a database before init: in words, no traceback."""
    etl("sync", **settings)
    nothing = etl("rollback", "latest", "--yes", **settings)
    assert (nothing.returncode, nothing.stderr) == (0, "")
    assert nothing.stdout.endswith(" changed no row of the CMS: there is nothing to roll back.\n")

    etl("sync", **{**settings, "EXTERNAL_API_URL": "http://127.0.0.1:1/", "API_RETRIES": "0"})
    failed = etl("rollback", "latest", **settings)
    assert (failed.returncode, failed.stdout) == (2, "")
    assert re.fullmatch(
        r"etl: Run \S+ failed and wrote nothing: there is nothing to roll back\. .*\n", failed.stderr
    )
    assert etl("rollback", "nothing", **settings).returncode == 2
    assert second


def test_before_init(etl: Run, empty_database: Database, tmp_path: Path) -> None:
    """A database without the job's tables: run `etl init`."""
    done = etl("rollback", "latest", DATABASE_URL=empty_database.dsn)
    assert done.returncode == 2
    assert "Run `etl init` once." in done.stderr
