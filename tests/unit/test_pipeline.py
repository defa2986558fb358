"""The parts of a run that need no database: time by stage, options, what a snapshot says of itself."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from etl.config.settings import load_settings
from etl.contract.issue import ISSUE
from etl.demo.show import save_sample
from etl.extract.source import open_client, source_issues
from etl.model.results import ExtractResult
from etl.pipeline import SyncOptions
from etl.runtime import timing
from etl.runtime.timing import StageTimer, peak_memory_mb


class Witness:
    """A watch that remembers."""

    def __init__(self) -> None:
        self.seen: list[tuple[Any, ...]] = []

    def progress(self, stage: str, done: int, total: int | None) -> None:
        """Remember it."""
        self.seen.append((stage, done, total))

    def done(self, stage: str, seconds: float, data: dict[str, object]) -> None:
        """Remember it."""
        self.seen.append((stage, seconds, data))


class TestStages:
    """Time by stage."""

    @pytest.fixture
    def now(self, monkeypatch: pytest.MonkeyPatch) -> list[float]:
        """Give the time, to be moved."""
        now = [100.0]
        monkeypatch.setattr("etl.runtime.timing.time.monotonic", lambda: now[0])
        return now

    def test_turns_add_up(self, now: list[float]) -> None:
        """A stage that works in turns has the sum of them; the total is since the start, waits included."""
        run = StageTimer(witness := Witness())
        for seconds in (1.0, 2.0):
            with run.timed("match"):
                now[0] += seconds
        now[0] += 0.5
        run.progress("match", 5, None)
        run.done("match", records=7)
        run.done("audit")
        assert witness.seen == [("match", 5, None), ("match", 3.0, {"records": 7}), ("audit", 0.0, {})]
        assert run.total() == {"match": 3.0, "total": 3.5}

    def test_a_stage_that_fails(self, now: list[float]) -> None:
        """Its time counts too, for the log of runs."""
        run = StageTimer(Witness())

        def fail() -> None:
            with run.timed("extract"):
                now[0] += 1.23456
                raise RuntimeError

        with pytest.raises(RuntimeError):
            fail()
        assert run.total() == {"extract": 1.235, "total": 1.235}

    def test_memory_is_its_own(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """On Linux the process's own peak is told, without that of whoever started it."""
        status = tmp_path / "status"
        status.write_text("Name:\tetl\nVmPeak:\t 999999 kB\nVmHWM:\t  102400 kB\nVmRSS:\t   51200 kB\n")
        monkeypatch.setattr(timing, "_STATUS", status)
        assert peak_memory_mb() == 100.0

    @pytest.mark.parametrize(("system", "megabytes"), [("linux", 200.0), ("darwin", 0.2)])
    def test_memory(self, system: str, megabytes: float, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where the system keeps no status of a process, as macOS, getrusage says it: in KiB, or there in bytes."""

        class Usage:
            ru_maxrss = 204_800

        monkeypatch.setattr(timing, "_STATUS", Path("/nowhere"))
        monkeypatch.setattr("etl.runtime.timing.resource.getrusage", lambda _who: Usage)
        monkeypatch.setattr("etl.runtime.timing.sys.platform", system)
        assert peak_memory_mb() == megabytes


def test_options_that_were_chosen() -> None:
    """The log of runs keeps only what is not the default."""
    assert SyncOptions().changed() == {}
    assert SyncOptions(snapshot="s3://b/x", conflicts="editor", max_drop=0.0).changed() == {
        "snapshot": "s3://b/x", "conflicts": "editor", "max_drop": 0.0,
    }  # fmt: skip


def test_a_replayed_snapshot(tmp_path: Path) -> None:
    """What a snapshot says of its extraction, without pages and retries of now."""
    snapshot = save_sample(tmp_path, 1, 60)
    assert snapshot.extracted == ExtractResult(
        snapshot=str(snapshot.path), records=60, unknown_fields=dict(snapshot.manifest.unknown_fields)
    )


class TestSourceIssues:
    """Findings that concern no single record."""

    def test_none(self) -> None:
        """Nothing found: no row, in the shape of findings."""
        found = source_issues(ExtractResult("s", 1), [])
        assert (found.height, found.schema) == (0, pl.Schema(ISSUE))

    def test_all_kinds(self) -> None:
        """Unknown and nested fields by name with their number, and double names of floors."""
        extracted = ExtractResult("s", 9, unknown_fields={"z": 2, "a": 9}, not_text={"faqs": 1})
        found = source_issues(extracted, ["Two floors are called 1F."])
        assert found.select("unique_id", "severity", "code", "field").rows() == [
            (None, "warning", "unknown_fields", "a"),
            (None, "warning", "unknown_fields", "z"),
            (None, "warning", "not_text", "faqs"),
            (None, "warning", "double_name", None),
        ]
        assert found["message"].to_list() == [
            "The API sent 'a' in 9 records; it is not in the contract, so it is not used.",
            "The API sent 'z' in 2 records; it is not in the contract, so it is not used.",
            "The API sent an object or a list in 'faqs' in 1 record.",
            "Two floors are called 1F.",
        ]


@pytest.mark.parametrize(
    ("node_env", "sent"),
    [
        ("production", {"X-Apig-AppCode": "c0de", "Cookie": "a=b"}),
        ("development", {"X-Apig-AppCode": "c0de"}),
    ],
)
def test_what_the_api_gets(node_env: str, sent: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings reach the client: limits, code, and cookies in production only."""
    for name in ("ETL_ENV", "NODE_ENV"):
        monkeypatch.delenv(name, raising=False)
    settings = load_settings(
        None, external_api_url="http://127.0.0.1:1/x", x_apig_appcode="c0de", external_api_cookies="a=b",
        node_env=node_env, api_requests_per_second=7, api_in_flight=3, api_timeout_s=11, api_retries=2,
    )  # fmt: skip
    with open_client(settings.sources()[0].api) as client:
        headers = {
            name: value for name, value in client._headers.items() if name in {"X-Apig-AppCode", "Cookie"}
        }
        assert headers == sent
        limits = client.limits
    assert (limits.requests_per_second, limits.connections, limits.read_timeout_s, limits.retries) == (
        7,
        3,
        11,
        2,
    )
