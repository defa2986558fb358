"""`etl diff` by hand: what it prints, what it exits with, and how long it takes."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from etl.demo.show import save_sample
from tests.e2e.conftest import Run
from tests.support.api import FakeApi
from tests.support.log import read_log
from tests.support.postgres import Database
from tests.support.sync import record


def test_help_has_examples(etl: Run) -> None:
    """The help says that nothing is written, and shows how."""
    done = etl("diff", "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Show what a sync would change; writes nothing." in done.stdout
    assert "etl diff TODAY --against YESTERDAY" in done.stdout


def test_before_and_after_a_sync(etl: Run, api: FakeApi, settings: dict[str, str], tmp_path: Path) -> None:
    """Changes are exit 10 with --exit-code only; after the sync there are none, and no snapshot was left."""
    before = etl("diff", "--exit-code", **settings)
    assert before.returncode == 10, before.stderr
    assert before.stdout.startswith("A sync of the API now, http://127.0.0.1:")
    assert "created                3        1      4  new rows, INACTIVE until reviewed\n" in before.stdout
    assert "\x1b" not in before.stdout
    assert etl("diff", **settings).returncode == 0
    assert not (tmp_path / "snapshots").exists()

    etl("sync", **settings)

    after = etl("diff", "--exit-code", **settings)
    assert (after.returncode, after.stdout.endswith("\nA sync would write nothing.\n")) == (0, True)


def test_json_and_logs_do_not_mix(etl: Run, settings: dict[str, str]) -> None:
    """Standard output is one JSON document; the stages are logged to stderr."""
    done = etl("diff", "--format", "json", **settings)
    found = json.loads(done.stdout)
    assert (found["format"], found["version"], found["has_changes"]) == ("iconsiam-etl diff", 1, True)
    assert [item["unique_id"] for item in found["records"]] == ["T1", "T2-3F", "T2-4F", "T3"]
    assert [line["stage"] for line in read_log(done.stderr)] == [
        "extract", "transform", "match", "stage", "plan",
    ]  # fmt: skip


@pytest.mark.long
def test_options_narrow_what_is_shown(
    etl: Run, api: FakeApi, settings: dict[str, str], tmp_path: Path
) -> None:
    """--only, --field and --limit go together, into a file; --missing and --conflicts are those of sync."""
    etl("sync", **settings)
    api.records = [record("T1", zone="West", brandNameEn="New"), record("T9")]
    path = tmp_path / "diff.json"

    done = etl("diff", "--only", "updated", "--field", "zone,title", "--limit", "5", "--conflicts", "editor",
               "--missing", "inactivate", "--format", "json", "-o", str(path), **settings)  # fmt: skip

    assert (done.returncode, done.stdout) == (0, "")
    found = json.loads(path.read_text(encoding="utf-8"))
    assert [(i["unique_id"], [f["field"] for f in i["fields"]]) for i in found["records"]] == [
        ("T1", ["title_en", "zone"])
    ]
    assert found["options"] == {"conflicts": "editor", "missing": "inactivate"}
    assert found["selection"] == {
        "fields": ["title_en", "title_th", "title_zh", "zone"],
        "limit": 5,
        "only": ["updated"],
    }
    assert found["totals"]["records"]["missing"]["total"] == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--only", "nonsense"], "there is no 'nonsense'. Known here: created,"),
        (["--field", "nonsense"], "there is no 'nonsense'. Known here: unique_id,"),
        (["x", "--against", "y", "--missing", "inactivate"], "they can't go with --against"),
        (["nowhere"], "There is no snapshot at nowhere"),
        ([], "EXTERNAL_API_URL"),
        (["nowhere", "--against", "nowhere"], "There is no snapshot at nowhere"),
    ],
)
def test_bad_usage(etl: Run, database: Database, arguments: list[str], message: str) -> None:
    """Exit 2, a message, no traceback."""
    done = etl("diff", *arguments, DATABASE_URL=database.dsn)
    assert done.returncode == 2
    assert message in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


@pytest.mark.long
def test_two_snapshots_need_no_settings_and_under_two_seconds(etl: Run, tmp_path: Path) -> None:
    """500 records a day, no database, no API: start included, the best of three takes less than 2 s of a CPU."""
    old, new = (save_sample(tmp_path / f"day{day}", day, 500).path for day in (1, 2))
    seconds = []
    for _ in range(3):
        before = os.times()
        done = etl("diff", new, "--against", old, "--exit-code")
        after = os.times()
        spent = (after.children_user - before.children_user, after.children_system - before.children_system)
        seconds.append(sum(spent))

    assert (done.returncode, done.stderr) == (10, "")
    assert "changed               10        2     12  different in at least one field\n" in done.stdout
    assert min(seconds) < 2
    assert etl("diff", old, "--against", old, "--exit-code").returncode == 0


@pytest.mark.long
@pytest.mark.parametrize("columns", [80, 160])
def test_on_a_terminal(environment: dict[str, str], tmp_path: Path, columns: int) -> None:
    """On a terminal of any width there are colours, and nothing is missing."""
    old, new = (save_sample(tmp_path / f"day{day}", day, 120).path for day in (1, 2))
    shown = run_on_terminal(["diff", new, "--against", old], environment, columns)
    assert "\x1b[1;33mchanged" in shown
    assert "Kiteline Bureau & Sons" in shown


def run_on_terminal(arguments: list[str], environment: dict[str, str], columns: int) -> str:
    """Run etl on a terminal of its own and return what it showed."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "etl", *arguments],
        env={**environment, "COLUMNS": str(columns), "TERM": "xterm"},
        stdin=follower,
        stdout=follower,
        stderr=follower,
    )
    os.close(follower)
    shown = b""
    try:
        while piece := os.read(leader, 65536):
            shown += piece
    except OSError:  # how Linux says that the other end is closed
        pass
    os.close(leader)
    assert process.wait(60) == 0
    return shown.decode()


@pytest.mark.long
def test_a_saved_plan_by_hand(etl: Run, database: Database, settings: dict[str, str], tmp_path: Path) -> None:
    """Saved, told where; applied once as shown; the second time refused with exit 3 and the rows' names."""
    path = tmp_path / "monday.plan"
    saved = etl("diff", "--save-plan", str(path), **settings)
    assert saved.returncode == 0
    assert saved.stderr.splitlines()[-1] == f"The whole plan is saved: etl sync --plan {path}"
    assert path.exists()
    assert database.query("SELECT 1 FROM shops") == []

    applied = etl("sync", "--plan", str(path), "--json", **settings)
    assert applied.returncode == 0, applied.stderr
    assert (applied.returncode, json.loads(applied.stdout)["counts"]["created"]) == (0, 4)

    again = etl("sync", "--plan", str(path), **settings)
    assert again.returncode == 3
    assert (
        f"etl: 4 records of the plan {path} have moved since it was made: T1 (new in shops): " in again.stderr
    )
    assert "Make a new plan with `etl diff --save-plan`." in again.stderr


def test_a_plan_has_its_own_options(etl: Run, settings: dict[str, str], tmp_path: Path) -> None:
    """What does not go together is a usage error that says so."""
    both = etl("sync", "--plan", "x.plan", "--missing", "inactivate", **settings)
    assert both.returncode == 2
    assert "--missing can't go with --plan: the plan was made with its own." in both.stderr
    against = etl("diff", "a", "--against", "b", "--save-plan", "x.plan", **settings)
    assert against.returncode == 2
    assert (
        "--save-plan saves what a sync would do to a database; it can't go with --against." in against.stderr
    )
