"""Every command by hand: what it prints, what it exits with, what it leaves behind."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import Run
from tests.support import api as answers
from tests.support.api import FakeApi
from tests.support.log import read_log
from tests.support.postgres import Database
from tests.support.receiver import FakeReceiver
from tests.support.sync import record


def test_help_imports_no_heavy_library(environment: dict[str, str]) -> None:
    """`etl --help` must be quick: none of the libraries that take time to load is imported."""
    code = (
        "import sys\nimport etl.cli.app\ntry:\n    etl.cli.app.app(['--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'polars', 'duckdb', 'pyarrow', 'requests', 'adbc_driver_postgresql', 'pydantic', 'structlog'}\n"
        "print('HEAVY', sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert "Sync a mall's tenant directory" in done.stdout
    assert done.stdout.endswith("HEAVY []\n")


@pytest.mark.parametrize("command", ["sync", "extract", "init", "check", "runs", "serve", "demo"])
def test_each_command_has_a_help(etl: Run, command: str) -> None:
    """Each command says what it is for."""
    done = etl(command, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"Usage: etl {command} ")


def test_version(etl: Run) -> None:
    """The version is printed alone on a line."""
    assert etl("--version").stdout.startswith("iconsiam-etl 0.")


def test_the_operators_way(etl: Run, api: FakeApi, empty_database: Database) -> None:
    """init, check, sync, sync again, runs: each does its part and exits with 0."""
    settings = {"DATABASE_URL": empty_database.dsn, "EXTERNAL_API_URL": api.url}

    done = etl("init", **settings)
    assert (done.returncode, done.stderr) == (0, "")
    assert "made the CMS-shaped tables" in done.stdout
    assert "everything was there already" in etl("init", **settings).stdout

    checked = etl("check", "--json", **settings)
    assert checked.returncode == 0, checked.stdout
    assert {check["name"]: check["state"] for check in json.loads(checked.stdout)} == {
        "settings": "ok",
        "API": "ok",
        "snapshots": "ok",
        "database": "ok",
        "CMS tables": "ok",
        "rights": "ok",
        "CMS": "ok",
        "job's tables": "ok",
    }

    first = etl("sync", **settings)
    assert first.returncode == 0, first.stderr
    logged = read_log(first.stdout)
    assert [line["stage"] for line in logged if line["event"] == "stage_done"] == [
        "extract", "transform", "match", "stage", "plan", "apply", "audit",
    ]  # fmt: skip
    assert logged[-1]["event"] == "sync_done"
    assert (logged[-1]["status"], logged[-1]["created"], logged[-1]["level"]) == ("COMPLETED", 4, "info")

    second = json.loads(etl("sync", "--json", **settings).stdout)
    assert (second["counts"]["created"], second["counts"]["unchanged"]) == (0, 4)

    listed = json.loads(etl("runs", "--json", **settings).stdout)
    assert [run["records_created"] for run in listed] == [0, 4]
    shown = etl("runs", first_id := listed[1]["sync_id"], **settings).stdout
    assert f"run          {first_id}" in shown
    assert "T2-3F" in shown
    whole = json.loads(etl("runs", "latest", "--json", **settings).stdout)
    assert (whole["sync_id"], whole["changes"]) == (listed[0]["sync_id"], [])


def test_wrong_settings_are_usage_errors(etl: Run) -> None:
    """No address, a bad batch size: exit 2, one line, no traceback."""
    done = etl("sync")
    assert done.returncode == 2
    assert done.stderr.startswith("etl: EXTERNAL_API_URL")
    done = etl(
        "sync", EXTERNAL_API_URL="http://127.0.0.1:1/", DATABASE_URL="postgresql://x/y", SYNC_BATCH_SIZE="ten"
    )
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "SYNC_BATCH_SIZE" in done.stderr
    assert etl("sync", "--missing", "maybe").returncode == 2
    assert etl("sync", "--max-drop", "much", EXTERNAL_API_URL="http://127.0.0.1:1/").returncode == 2


def test_a_failing_api_is_exit_1_and_logged(etl: Run, api: FakeApi, database: Database) -> None:
    """What the API refuses is told in one line with advice; the run is FAILED; the secret is nowhere."""
    settings = {
        "DATABASE_URL": database.dsn,
        "EXTERNAL_API_URL": api.url,
        "X_APIG_APPCODE": "secret-app-code",
    }
    etl("init", **settings)
    api.fail_always(1, answers.status(401))

    done = etl("sync", **settings)

    assert done.returncode == 1
    assert "X_APIG_APPCODE" in done.stderr
    assert "secret-app-code" not in done.stdout + done.stderr
    assert read_log(done.stdout)[-1]["event"] == "sync_failed"
    (run,) = database.query("SELECT status, error FROM etl.sync_logs")
    assert run["status"] == "FAILED"
    assert "X_APIG_APPCODE" in run["error"]


def test_strict_turns_partial_into_5(etl: Run, api: FakeApi, database: Database) -> None:
    """A rejected record makes the run PARTIAL: exit 0, or 5 with --strict."""
    settings = {"DATABASE_URL": database.dsn, "EXTERNAL_API_URL": api.url}
    etl("init", **settings)
    api.records = [record("T1"), record(None)]
    assert etl("sync", **settings).returncode == 0
    assert etl("sync", "--strict", **settings).returncode == 5


def test_extract_serve_and_replay(etl: Run, api: FakeApi, database: Database, tmp_path: Path) -> None:
    """A snapshot taken without a database is replayed into one."""
    done = etl("extract", "-o", str(tmp_path / "out"), "--json", EXTERNAL_API_URL=api.url)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert (result["records"], result["pages"], result["is_complete"]) == (3, 1, True)

    settings = {"DATABASE_URL": database.dsn}
    etl("init", **settings)
    replay = etl("sync", "--snapshot", result["snapshot"], "--json", **settings)
    assert json.loads(replay.stdout)["counts"]["created"] == 4


def test_check_tells_every_failure_at_once(etl: Run, empty_database: Database) -> None:
    """An unreachable API and an empty database: each with its advice, and the exit code of the first."""
    done = etl(
        "check",
        "--json",
        DATABASE_URL=empty_database.dsn,
        EXTERNAL_API_URL="http://127.0.0.1:1/",
        API_RETRIES="0",
    )
    states = {check["name"]: check["state"] for check in json.loads(done.stdout)}
    assert (states["API"], states["CMS tables"], states["job's tables"]) == ("failed", "failed", "failed")
    assert states["database"] == "ok"
    assert done.returncode == 1


def test_a_database_that_is_not_there(etl: Run, api: FakeApi) -> None:
    """Connection refused: exit 1, advice, and no password anywhere."""
    done = etl("sync", DATABASE_URL="postgresql://u:s3cretpw@127.0.0.1:1/db", EXTERNAL_API_URL=api.url)
    assert done.returncode == 1
    assert "Can't connect to" in done.stderr
    assert "s3cretpw" not in done.stdout + done.stderr


def test_runs_before_init(etl: Run, empty_database: Database) -> None:
    """No log of runs yet: exit 2 and the way to get one."""
    done = etl("runs", DATABASE_URL=empty_database.dsn)
    assert (done.returncode, "etl init" in done.stderr) == (2, True)


@pytest.mark.long
def test_demo_twice(etl: Run, tmp_path: Path) -> None:
    """The demo tells its story, leaves a database to look at, and runs again cleanly; nobody else is told of it."""
    for _ in range(2):
        with FakeReceiver() as receiver:
            done = etl("demo", "--folder", str(tmp_path / "demo"), NOTIFY_URL=receiver.url)
        assert receiver.requests == []
        assert done.returncode == 0, done.stderr
        for word in ("created", "kept", "conflict", "missing", "Day 2 again", "etl runs latest"):
            assert word in done.stdout
    shown = etl("runs", DATABASE_URL=f"embedded:///{tmp_path}/demo/postgres")
    assert (shown.returncode, shown.stdout.count("COMPLETED") + shown.stdout.count("PARTIAL")) == (0, 3)
