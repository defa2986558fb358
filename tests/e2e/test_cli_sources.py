"""Several malls by hand: what each command says of them, and exits with."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Run
from tests.support import api as answers
from tests.support.api import FakeApi
from tests.support.postgres import Database
from tests.support.sync import record


@pytest.fixture
def siam() -> Iterator[FakeApi]:
    """Serve another mall, which has an id in common with the first."""
    with FakeApi() as api:
        api.records = [
            record("T1", brandNameEn="Siam One"),
            record("T9", brandNameEn="Nine", brandNameTh="เก้า"),
        ]
        yield api


@pytest.fixture
def settings(api: FakeApi, siam: FakeApi, database: Database) -> dict[str, str]:
    """Give the settings of both malls, named by a list."""
    return {
        "DATABASE_URL": database.dsn,
        "EXTERNAL_API_URL": f"{api.url}, siam={siam.url}",
        "API_RETRIES": "0",
    }


def events(stdout: str) -> list[dict[str, Any]]:
    """Return the lines of a log."""
    return [json.loads(line) for line in stdout.splitlines()]


@pytest.mark.long
def test_a_day_with_two_malls(etl: Run, settings: dict[str, str], siam: FakeApi, tmp_path: Path) -> None:
    """check, sync, runs, explain and diff know both; with one down the exit code is 1, and the summary names both."""
    checks = json.loads(etl("check", "--json", **settings).stdout)
    assert [check["state"] for check in checks if check["name"] in {"API", "API siam"}] == ["ok", "ok"]

    done = etl("sync", **settings)
    assert done.returncode == 0, done.stdout
    lines = events(done.stdout)
    finished = [line for line in lines if line["event"] == "sync_done"]
    assert [(line.get("source", ""), line["fetched"], line["done"]) for line in finished] == [
        ("", 3, 1),
        ("siam", 2, 1),
    ]
    assert finished[1]["snapshot"].startswith(f"{tmp_path}/snapshots/siam/")
    assert {name: lines[-1][name] for name in ("event", "level", "done", "failed", "exit_code")} == {
        "event": "sources_done",
        "level": "info",
        "done": ["the source without a name", "siam"],
        "failed": [],
        "exit_code": 0,
    }
    assert lines[-1].keys() & {"sync_id", "source"} == set()

    siam.fail_always(1, answers.status(503))
    partial = etl("sync", **settings)
    assert partial.returncode == 1
    failed, last = events(partial.stdout)[-2:]
    assert (failed["event"], failed["level"], failed["source"], failed["failed"]) == (
        "sync_failed",
        "error",
        "siam",
        1,
    )
    assert (last["level"], last["done"], last["failed"]) == ("error", ["the source without a name"], ["siam"])
    document = json.loads(etl("sync", "--json", **settings).stdout)
    assert [(row["source"], row["status"]) for row in document["sources"]] == [
        ("", "COMPLETED"),
        ("siam", "FAILED"),
    ]
    assert "503" in document["sources"][1]["error"]
    only = etl("sync", "--source", "", "--json", **settings)
    assert (only.returncode, json.loads(only.stdout)["status"]) == (0, "COMPLETED")
    assert etl("sync", "--source", "siam", **settings).returncode == 1

    listed = etl("runs", **settings).stdout.splitlines()
    assert listed[0].split() == ["run", "source", "status", "took", "what", "happened"]
    assert listed[1].split()[1:3] == ["siam", "FAILED"]
    assert any(line.split()[1:3] == ["–", "COMPLETED"] for line in listed[2:])
    told = " ".join(etl("runs", "latest", **settings).stdout.split())
    assert "status FAILED" in told
    assert f"source siam {siam.url}" in told
    data = json.loads(etl("runs", "latest", "--json", **settings).stdout)
    assert (data["source"], data["id_prefix"], data["status"]) == ("siam", "siam:", "FAILED")

    several = etl("diff", **settings)
    assert several.returncode == 2
    assert (
        "names 2 sources, and this shows one. Choose --source '' (the one without a name) or --source siam."
        in (" ".join(several.stderr.split()))
    )
    assert etl("diff", "--source", "", "--exit-code", **settings).returncode == 0

    found = etl("explain", "siam:T1", **settings)
    assert (found.returncode, "Siam One" in found.stdout) == (0, True)
    bare = etl("explain", "T9", **settings)
    assert bare.returncode == 2
    assert "Is it one of these: 'siam:T9'" in bare.stderr
    alone = {name: value for name, value in settings.items() if name != "DATABASE_URL"}
    assert etl("explain", "siam:T1", **alone).returncode == 0
    assert "'siam:T9'" in etl("explain", "T9", **alone).stderr


@pytest.mark.long
def test_replay_and_compare(etl: Run, settings: dict[str, str], siam: FakeApi) -> None:
    """--snapshot is given once for each mall; only snapshots of one mall can be compared."""
    first = json.loads(etl("sync", "--json", **settings).stdout)
    old = [source["extracted"]["snapshot"] for source in first["sources"]]
    siam.records = [record("T1", brandNameEn="Siam Two"), record("T9", brandNameEn="Nine", brandNameTh="เก้า")]

    today = etl("diff", "--against", old[1], **settings)
    assert today.returncode == 0, today.stderr
    assert "siam:T1" in today.stdout
    mixed = etl("diff", old[0], "--against", old[1])
    assert mixed.returncode == 2
    assert "Compare two snapshots of one source." in " ".join(mixed.stderr.split())
    lost = etl(
        "diff",
        "--against",
        old[1],
        **settings | {"EXTERNAL_API_URL": settings["EXTERNAL_API_URL"].split(",")[0]},
    )
    assert lost.returncode == 2
    assert "which EXTERNAL_API_URL does not name" in " ".join(lost.stderr.split())

    again = json.loads(etl("sync", "--json", "--snapshot", old[0], "--snapshot", old[1], **settings).stdout)
    assert [(row["source"], row["status"], row["counts"]["unchanged"]) for row in again["sources"]] == [
        ("", "COMPLETED", 4),
        ("siam", "COMPLETED", 2),
    ]
    twice = etl("sync", "--snapshot", old[1], "--snapshot", old[1], **settings)
    assert twice.returncode == 2
    assert "is of siam, as a snapshot before it. Give one of each source." in " ".join(twice.stderr.split())
    other = etl("sync", "--snapshot", old[1], "--source", "", **settings)
    assert other.returncode == 2
    assert "is of siam, not of the source without a name" in " ".join(other.stderr.split())


def test_a_saved_plan_of_one_mall(etl: Run, settings: dict[str, str], siam: FakeApi, tmp_path: Path) -> None:
    """It is made of one, says itself of which, and is refused as another's."""
    plan = str(tmp_path / "siam.plan")
    assert etl("diff", "--source", "siam", "--save-plan", plan, **settings).returncode == 0
    wrong = etl("sync", "--plan", plan, "--source", "", **settings)
    assert wrong.returncode == 2
    assert "is of siam, not of the source without a name" in " ".join(wrong.stderr.split())
    done = etl("sync", "--plan", plan, "--json", **settings)
    assert (done.returncode, json.loads(done.stdout)["source"]) == (0, "siam")
    assert etl("runs", **settings).stdout.splitlines()[1].split()[1:3] == ["siam", "COMPLETED"]


@pytest.mark.long
def test_extract_of_two_malls(etl: Run, settings: dict[str, str], siam: FakeApi, tmp_path: Path) -> None:
    """A snapshot each; one that fails is reported, and the exit code is 1; if all fail it is the worst one."""
    out = tmp_path / "out"
    whole = json.loads(etl("extract", "-o", str(out), "--json", **settings).stdout)
    assert [(source["source"], source["records"]) for source in whole["sources"]] == [("", 3), ("siam", 2)]
    manifests = [
        json.loads((Path(source["snapshot"]) / "manifest.json").read_text()) for source in whole["sources"]
    ]
    assert [(each["source_name"], each["id_prefix"], each["format_version"]) for each in manifests] == [
        ("", "", 1),
        ("siam", "siam:", 1),
    ]

    siam.fail_always(1, answers.status(404))
    partial = etl("extract", "--json", **settings)
    assert (partial.returncode, json.loads(partial.stdout)["exit_code"]) == (1, 1)
    assert etl("extract", "--source", "", **settings).returncode == 0
    both = etl("extract", **settings | {"EXTERNAL_API_URL": f"a={siam.url} b={siam.url}x"})
    assert both.returncode == 1
    assert events(both.stdout)[-1]["failed"] == ["a", "b"]


@pytest.mark.long
def test_one_down_in_check(etl: Run, settings: dict[str, str], siam: FakeApi) -> None:
    """The API that fails is named; the others are tried all the same."""
    siam.fail_always(1, answers.status(401))
    done = etl("check", "--json", **settings)
    states = {check["name"]: check["state"] for check in json.loads(done.stdout)}
    assert done.returncode == 1
    assert (states["API"], states["API siam"], states["database"]) == ("ok", "failed", "ok")


def test_settings_that_name_no_sources(etl: Run, settings: dict[str, str]) -> None:
    """Bad usage: exit 2, before the database is asked."""
    done = etl("sync", **settings | {"EXTERNAL_API_URL": "malls.yaml"})
    assert done.returncode == 2
    assert "malls.yaml, which EXTERNAL_API_URL names, can't be read" in done.stderr
