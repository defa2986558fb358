"""Several malls by hand: what each command says of them, and exits with."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import Run
from tests.support import api as answers
from tests.support.api import FakeApi
from tests.support.log import last_line
from tests.support.postgres import Database
from tests.support.sync import record


@pytest.fixture
def siam() -> Iterator[FakeApi]:
    """Serve another mall, which has an id in common with the first."""
    with FakeApi() as api:
        api.records = [record("T1", brandNameEn="Siam One"), record("T9")]
        yield api


@pytest.fixture
def settings(api: FakeApi, siam: FakeApi, database: Database) -> dict[str, str]:
    """Give the settings of both malls, named by a list."""
    return {
        "DATABASE_URL": database.dsn,
        "EXTERNAL_API_URL": f"{api.url}, siam={siam.url}",
        "API_RETRIES": "0",
    }


@pytest.mark.long
def test_a_day_with_two_malls(etl: Run, settings: dict[str, str], siam: FakeApi, tmp_path: Path) -> None:
    """check, sync, runs, explain and diff tell both; with one down the run is PARTIAL, and says so."""
    checks = json.loads(etl("check", "--json", **settings).stdout)
    assert [check["state"] for check in checks if check["name"] in {"API", "API siam"}] == ["ok", "ok"]

    done = etl("sync", **settings)
    assert done.returncode == 0, done.stdout
    line = last_line(done.stdout)
    assert (line["status"], line["fetched"], line["sources"], line["sources_failed"]) == (
        "COMPLETED",
        5,
        2,
        0,
    )
    assert len(line["snapshot"]) == 2
    assert f"{tmp_path}/snapshots/siam/" in line["snapshot"][1]

    siam.fail_always(1, answers.status(503))
    partial = etl("sync", "--strict", **settings)
    assert partial.returncode == 5
    assert last_line(partial.stdout)["sources_failed"] == 1
    warning = next(
        row for row in map(json.loads, partial.stdout.splitlines()) if row["event"] == "source_failed"
    )
    assert (warning["level"], warning["source"]) == ("warning", "siam")

    listed = etl("runs", **settings).stdout
    assert "1 sources not loaded" in listed.splitlines()[1]
    told = " ".join(etl("runs", "latest", **settings).stdout.split())
    assert "Sources the source without a name COMPLETED 3 fetched: 4 unchanged" in told
    assert "siam FAILED" in told
    assert (
        "the feed warning source_failed siam Nothing of siam was loaded; its rows stay as they are." in told
    )
    data = json.loads(etl("runs", "latest", "--json", **settings).stdout)
    assert [(row["source"], row["status"]) for row in data["sources"]] == [
        ("", "COMPLETED"),
        ("siam", "FAILED"),
    ]

    difference = etl("diff", **settings)
    assert difference.returncode == 0
    assert "Nothing of siam is loaded." in difference.stdout

    found = etl("explain", "siam:T1", **settings)
    assert (found.returncode, "Siam One" in found.stdout) == (0, True)
    bare = etl("explain", "T9", **settings)
    assert bare.returncode == 2
    assert "Is it one of these: 'siam:T9'" in bare.stderr
    alone = {name: value for name, value in settings.items() if name != "DATABASE_URL"}
    assert etl("explain", "siam:T1", **alone).returncode == 0
    assert "'siam:T9'" in etl("explain", "T9", **alone).stderr


def test_replay_and_compare(etl: Run, settings: dict[str, str], siam: FakeApi) -> None:
    """--snapshot is given once for each mall; only snapshots of one mall can be compared."""
    first = json.loads(etl("sync", "--json", **settings).stdout)
    old = [source["snapshot"] for source in first["sources"]]
    siam.records = [record("T1", brandNameEn="Siam Two"), record("T9")]

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
    assert (again["status"], again["counts"]["unchanged"]) == ("COMPLETED", 6)
    assert json.loads(etl("diff", *old, "--format", "json", **settings).stdout)["source"]["records"] == 5


@pytest.mark.long
def test_extract_of_two_malls(etl: Run, settings: dict[str, str], siam: FakeApi, tmp_path: Path) -> None:
    """A snapshot each; one that fails is told, and --strict ends with 5; if all fail the code is the first one's."""
    out = tmp_path / "out"
    whole = json.loads(etl("extract", "-o", str(out), "--json", **settings).stdout)
    assert (whole["status"], [source["records"] for source in whole["sources"]]) == ("COMPLETED", [3, 2])
    manifest = json.loads((Path(whole["sources"][1]["snapshot"]) / "manifest.json").read_text())
    assert (manifest["source_name"], manifest["id_prefix"], manifest["format_version"]) == (
        "siam",
        "siam:",
        1,
    )
    unnamed = json.loads((Path(whole["sources"][0]["snapshot"]) / "manifest.json").read_text())
    assert (unnamed["source_name"], unnamed["id_prefix"]) == ("", "")

    siam.fail_always(1, answers.status(404))
    assert etl("extract", **settings).returncode == 0
    partial = etl("extract", "--strict", "--json", **settings)
    assert (partial.returncode, json.loads(partial.stdout)["status"]) == (5, "PARTIAL")
    both = etl("extract", **settings | {"EXTERNAL_API_URL": f"a={siam.url} b={siam.url}x"})
    assert both.returncode == 1
    assert "None of the 2 sources can be loaded:" in both.stderr


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
