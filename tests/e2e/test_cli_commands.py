"""Every command against a real database and a real API, called in this process."""

import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from etl.cli import app as cli
from etl.demo import show
from etl.runtime.metrics import UNITS
from etl.snapshot import list_snapshots, open_snapshot
from tests.support import api as answers
from tests.support.api import FakeApi
from tests.support.emf import extract_metrics
from tests.support.log import read_log
from tests.support.postgres import Database, with_parameter
from tests.support.sync import record

Main = Callable[..., tuple[int, str, str]]


@pytest.fixture
def main(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    database: Database,
    api: FakeApi,
) -> Main:
    """Return a function that runs `etl` in an empty folder; it returns exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    for name in ("LOG_FORMAT", "LOG_LEVEL", "DEBUG", "X_APIG_APPCODE", "SYNC_BATCH_SIZE"):
        monkeypatch.delenv(name, raising=False)
    settings = {
        "DATABASE_URL": database.dsn,
        "EXTERNAL_API_URL": api.url,
        "API_REQUESTS_PER_SECOND": "1000",
        "COLUMNS": "80",
        "TERM": "dumb",
        "NO_COLOR": "1",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str, is_terminal: bool = False) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["etl", *arguments])
        monkeypatch.setattr(sys.stdout, "isatty", lambda: is_terminal)
        with pytest.raises(SystemExit) as caught:
            cli.main()
        captured = capsys.readouterr()
        return int(caught.value.code or 0), captured.out, captured.err

    return run


class TestSync:
    """`etl sync`."""

    def test_off_a_terminal(self, main: Main) -> None:
        """JSON lines on stdout only, each with the run's id, the last of them sync_done with the figures."""
        code, out, err = main("sync")
        lines = read_log(out)
        assert (code, err) == (0, "")
        assert {line["event"] for line in lines[:-1]} == {"stage_done"}
        assert lines[-1]["event"] == "sync_done"
        assert (lines[-1]["status"], lines[-1]["fetched"], lines[-1]["created"]) == ("COMPLETED", 3, 4)
        assert len({line["sync_id"] for line in lines}) == 1
        assert set(extract_metrics(lines[-1])) == set(UNITS)
        assert (lines[-1]["done"], lines[-1]["failed"], lines[-1]["job"]) == (1, 0, "iconsiam")

    def test_on_a_terminal(self, main: Main) -> None:
        """The summary for a person, and no log line."""
        code, out, err = main("sync", is_terminal=True)
        assert (code, err) == (0, "")
        assert "created     4  new rows, INACTIVE until an editor reviews them" in [
            line.rstrip() for line in out.splitlines()
        ]
        assert "sync_done" not in out

    def test_json(self, main: Main) -> None:
        """Exactly one document on stdout; the log is on stderr."""
        code, out, err = main("sync", "--json")
        assert code == 0
        assert json.loads(out)["counts"]["created"] == 4
        assert read_log(err)[-1]["event"] == "sync_done"

    def test_every_option_reaches_the_run(self, main: Main, database: Database, api: FakeApi) -> None:
        """What was chosen is in the log of runs."""
        main("sync")
        api.records = [record("T1")]
        options = ("--missing", "inactivate", "--conflicts", "editor", "--max-drop", "90%", "--allow-partial")
        assert main("sync", *options, "--force")[0] == 0
        (run,) = database.query("SELECT options, records_missing FROM etl.latest_sync")
        assert run["options"] == {
            "missing": "inactivate", "conflicts": "editor", "max_drop": 0.9, "allow_partial": True, "force": True,
        }  # fmt: skip
        assert run["records_missing"] == 3

    def test_a_guard(self, main: Main, api: FakeApi) -> None:
        """A feed that shrank: exit 3, and the last line of the log says why."""
        api.records = [record(f"T{number}") for number in range(60)]
        main("sync")
        del api.records[30:]
        code, out, err = main("sync")
        assert (code, read_log(out)[-1]["event"], read_log(out)[-1]["exit_code"]) == (3, "sync_failed", 3)
        assert err.startswith("etl: ")

    def test_incomplete(self, main: Main, api: FakeApi) -> None:
        """Less than promised: exit 6, and nothing is written."""
        api.envelope = {"totalRecord": 9}
        code, out, _ = main("sync")
        assert (code, read_log(out)[-1]["event"]) == (6, "sync_failed")

    def test_strict(self, main: Main, api: FakeApi) -> None:
        """PARTIAL is 0, and 5 with --strict; the result is printed all the same."""
        api.records = [record("T1"), record(None)]
        code, out, _ = main("sync", "--strict", "--json")
        assert (code, json.loads(out)["status"]) == (5, "PARTIAL")
        assert main("sync")[0] == 0

    def test_replay(self, main: Main, api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
        """A snapshot is replayed without the API's address."""
        snapshot = json.loads(main("extract", "--json")[1])["snapshot"]
        monkeypatch.setenv("EXTERNAL_API_URL", "")
        code, out, _ = main("sync", "--snapshot", snapshot, "--json")
        assert (code, json.loads(out)["counts"]["created"]) == (0, 4)

    def test_a_translated_address_is_told(
        self, main: Main, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What was left out of DATABASE_URL is a warning in the log."""
        monkeypatch.setenv("DATABASE_URL", with_parameter(database.dsn, "pool_timeout=3"))
        code, out, _ = main("sync")
        assert (code, read_log(out)[0]["event"]) == (0, "database_address")
        assert "pool_timeout" in read_log(out)[0]["note"]


class TestExtract:
    """`etl extract`."""

    def test_off_a_terminal(self, main: Main, tmp_path: Path) -> None:
        """The last line names the snapshot."""
        code, out, err = main("extract", "-o", str(tmp_path / "out"))
        last = read_log(out)[-1]
        assert (code, err, last["event"], last["records"]) == (0, "", "extract_done", 3)
        assert last["snapshot"] == list_snapshots(str(tmp_path / "out"))[0]

    def test_on_a_terminal(self, main: Main) -> None:
        """How many, and where they are."""
        code, out, _ = main("extract", is_terminal=True)
        assert code == 0
        assert f"3 records on 1 pages, now in {Path.cwd()}/snapshots/" in out

    def test_with_reference(self, main: Main) -> None:
        """The database's floors and categories lie beside the records."""
        code, out, _ = main("extract", "--with-reference", "--json")
        files = {path.name for path in Path(json.loads(out)["snapshot"]).iterdir()}
        assert code == 0
        assert files >= {"tenants.parquet", "floors.parquet", "categories.parquet", "manifest.json"}

    def test_a_refusal(self, main: Main, api: FakeApi) -> None:
        """A refusal ends the log with extract_failed."""
        api.fail_always(1, answers.status(403))
        code, out, err = main("extract")
        assert (code, read_log(out)[-1]["event"]) == (1, "extract_failed")
        assert err.startswith("etl: ")


class TestInit:
    """`etl init`."""

    def test_again(self, main: Main, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        """On a database that has all: it says so, and what comes next."""
        monkeypatch.setenv("DATABASE_URL", database.owner_dsn)
        code, out, err = main("init")
        assert (code, err) == (0, "")
        assert out.endswith(" is ready: everything was there already. Next: etl check, then etl sync.\n")

    def test_an_empty_database(
        self, main: Main, empty_database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What was made is told: the CMS's tables too."""
        monkeypatch.setenv("DATABASE_URL", empty_database.dsn)
        code, out, _ = main("init")
        first, second = out.splitlines()
        assert code == 0
        assert (
            first
            == "The database was empty: made the CMS-shaped tables with the standard floors and categories."
        )
        assert second.endswith(" is ready: made the job's tables. Next: etl check, then etl sync.")


class TestCheck:
    """`etl check`."""

    def test_all_is_well(self, main: Main) -> None:
        """A line a check, exit 0; as JSON a list."""
        code, out, err = main("check")
        assert (code, err) == (0, "")
        assert [line.split()[0] for line in out.splitlines() if not line.startswith(" ")] == ["ok"] * 8
        assert [item["state"] for item in json.loads(main("check", "--json")[1])] == ["ok"] * 8

    def test_a_failure(self, main: Main, api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
        """The exit code is that of the first failure."""
        monkeypatch.setenv("DATABASE_URL", "")
        code, out, _ = main("check")
        assert code == 2
        assert "failed  database   DATABASE_URL is not set." in out
        api.fail_always(1, answers.status(401))
        assert main("check")[0] == 1


class TestRuns:
    """`etl runs`."""

    def test_the_list(self, main: Main) -> None:
        """No run yet; then one line a run, or a JSON list."""
        assert main("runs")[:2] == (0, "No run yet. `etl sync` makes the first.\n")
        sync_id = json.loads(main("sync", "--json")[1])["sync_id"]
        code, out, err = main("runs")
        assert (code, err) == (0, "")
        assert out.splitlines()[1].startswith(f"{sync_id}  COMPLETED  ")
        assert out.splitlines()[1].endswith("3 fetched: 4 created")
        assert [run["sync_id"] for run in json.loads(main("runs", "--json")[1])] == [sync_id]

    def test_one_run(self, main: Main) -> None:
        """Its changes; as JSON all of it, in one document."""
        main("sync")
        code, out, _ = main("runs", "latest")
        assert code == 0
        assert "\nChanges (4)\n" in out
        assert "T2-3F  created  shops " in out
        document = json.loads(main("runs", "latest", "--json")[1])
        assert (document["status"], len(document["changes"]), document["issues"]) == ("COMPLETED", 4, [])

    def test_an_unknown_run(self, main: Main) -> None:
        """Exit 2, and where to look."""
        assert main("runs", "nope1")[::2] == (2, "etl: No run is called 'nope1'. `etl runs` lists them.\n")

    def test_before_init(self, main: Main, empty_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        """No tables yet: exit 2, and how to make them."""
        monkeypatch.setenv("DATABASE_URL", empty_database.dsn)
        code, _, err = main("runs")
        assert (code, err.endswith("has no log of runs yet. Run `etl init`, then `etl sync`.\n")) == (2, True)


class TestDemo:
    """`etl demo`, on a small sample."""

    @pytest.mark.long
    def test_its_story_off_a_terminal(
        self, main: Main, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It needs no settings, prints its story without a log line, and names what can be typed next."""
        for name in ("DATABASE_URL", "EXTERNAL_API_URL"):
            monkeypatch.delenv(name)
        # a proxy that the sample's server is not behind
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
        monkeypatch.setenv("NO_PROXY", "intranet.example")
        home = short_folder(tmp_path_factory)
        code, out, err = main("demo", "--folder", str(home / "my mall"), "--records", "60")
        assert (code, err) == (0, "")
        assert "{" not in out
        assert [line.partition(":")[0] for line in out.splitlines() if line.startswith("Day")] == [
            "Day 1", "Day 2", "Day 2 again",
        ]  # fmt: skip
        assert len(list((home / "my mall" / "source").iterdir())) == 2
        (served,) = re.findall(r"^  etl serve '(.*)'$", out, re.MULTILINE)
        assert open_snapshot(served).manifest.source == "sample, day 2"
        assert f"  DATABASE_URL=embedded://{home}/my%20mall/postgres etl runs latest\n" in out
        assert (os.environ["NO_PROXY"], "no_proxy" in os.environ) == ("intranet.example", False)

        monkeypatch.setenv("DATABASE_URL", f"embedded://{home}/my%20mall/postgres")
        assert main("runs")[1].count("PARTIAL") + main("runs")[1].count("COMPLETED") == 3

    def test_its_story_on_a_terminal(self, main: Main, tmp_path_factory: pytest.TempPathFactory) -> None:
        """With a rule above each part, within 80 columns but for what is to be copied."""
        home = short_folder(tmp_path_factory)
        code, out, _ = main("demo", "--folder", str(home / "d"), "--records", "50", is_terminal=True)
        assert code == 0
        assert "\nDay 2  new tenants, changed texts, one gone ─────" in out
        wide = [line for line in out.splitlines() if len(line.rstrip()) > 80]
        assert all(str(home) in line or line.startswith("  EXTERNAL_API_URL=") for line in wide)

    def test_pages_of_the_sample(self) -> None:
        """The sample comes in pages of the API's size."""
        assert [len(page) for page in show.batched_records(1, 250)] == [100, 100, 50]


def short_folder(factory: pytest.TempPathFactory) -> Path:
    """Return a folder that a server run as nobody may enter."""
    home = factory.mktemp("demo")
    for part in (home, home.parent, home.parent.parent):
        part.chmod(0o755)
    return home
