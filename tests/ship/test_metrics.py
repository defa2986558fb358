"""The last line of a run as CloudWatch reads it: Embedded Metric Format."""

import subprocess
import sys
from typing import Any

import pytest

from etl.cli.output import Output
from etl.contract.counters import PlanCounts
from etl.errors import ConfigError, GuardError
from etl.model.results import ExtractResult, SyncResult
from etl.runtime import metrics
from tests.support.emf import extract_metrics, require_schema
from tests.support.log import last_line

COUNTS = PlanCounts(
    processed=500, shops=300, dinings=200, created=3, updated=5, unchanged=489, skipped=1, rejected=2,
    duplicates=1, missing=4, inactivated=0, kept=7, conflicts=6, unmapped_floors=8, unmapped_categories=9,
)  # fmt: skip


def synced(status: Any = "COMPLETED", seconds: float = 4.0) -> SyncResult:
    """Return what a sync of 500 records did."""
    extracted = ExtractResult("snapshots/x", 500, pages=5, retries={"503": 2, "timeout": 1})
    return SyncResult("x", status, extracted, COUNTS, {}, {}, {}, {"match": 1.0, "total": seconds}, 180.5)


def test_a_sync() -> None:
    """Every figure of a sync is a metric with its unit, under one dimension; the time is in milliseconds."""
    line = metrics.embedded(metrics.of_sync(synced(), 1), "iconsiam", 1_785_000_000.1234)
    assert extract_metrics(line) == {
        "done": 1, "failed": 0, "partial": 0, "created": 3, "updated": 5, "unchanged": 489, "rejected": 2,
        "missing": 4, "conflicts": 6, "unmapped_floors": 8, "unmapped_categories": 9, "retries": 3,
        "database_retries": 1, "seconds": 4.0, "records_per_second": 125.0, "peak_memory_mb": 180.5,
    }  # fmt: skip
    assert line["_aws"]["Timestamp"] == 1_785_000_000_123
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert (directive["Namespace"], directive["Dimensions"], line["job"]) == (
        "iconsiam-etl",
        [["job"]],
        "iconsiam",
    )
    units = {metric["Name"]: metric["Unit"] for metric in directive["Metrics"]}
    assert (units["created"], units["seconds"]) == ("Count", "Seconds")
    assert (units["records_per_second"], units["peak_memory_mb"]) == ("Count/Second", "Megabytes")


def test_a_partial_sync() -> None:
    """PARTIAL is done and partial: what could be written is."""
    found = metrics.of_sync(synced("PARTIAL"), 0)
    assert (found["done"], found["failed"], found["partial"]) == (1, 0, 1)


def test_no_time_at_all() -> None:
    """A clock that did not move gives no infinite speed, which CloudWatch would refuse."""
    assert metrics.of_sync(synced(seconds=0.0), 0)["records_per_second"] == 0.0


def test_a_failure() -> None:
    """A failed run has what is known of it: no zero, which would clear the alarms on what the last good run found."""
    line = metrics.embedded(metrics.of_failure(1.23456, 90.0), "iconsiam", 0.0)
    assert extract_metrics(line) == {
        "done": 0, "failed": 1, "seconds": 1.235, "peak_memory_mb": 90.0,
    }  # fmt: skip


@pytest.mark.parametrize(
    "spoil",
    [
        lambda line: line.pop("_aws"),
        lambda line: line["_aws"].pop("Timestamp"),
        lambda line: line["_aws"]["CloudWatchMetrics"][0].pop("Namespace"),
        lambda line: line["_aws"]["CloudWatchMetrics"][0]["Metrics"][0].update(Unit="Records"),
        lambda line: line["_aws"]["CloudWatchMetrics"][0].update(Dimensions=[]),
    ],
)
def test_the_schema_refuses(spoil: Any) -> None:
    """The check is one: what AWS would drop fails it."""
    from jsonschema import ValidationError  # noqa: PLC0415 — takes seconds, as tests/support/emf.py says

    line = metrics.embedded(metrics.of_failure(1.0, 90.0), "iconsiam", 0.0)
    spoil(line)
    with pytest.raises(ValidationError):
        require_schema(line)


def fail_by_guard() -> None:
    """Let a sync read its settings and be refused."""
    output = Output(is_run=True)
    with output.logged("sync"):
        output.settings()
        raise GuardError("no")


class TestLastLine:
    """What a command that fails writes last."""

    @staticmethod
    def last(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
        """Return the last line of the log."""
        return last_line(capsys.readouterr().out)

    def test_a_guard(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        """`sync_failed` counts under the job that ETL_JOB names."""
        monkeypatch.setenv("ETL_JOB", "other-mall")
        with pytest.raises(GuardError):
            fail_by_guard()
        line = self.last(capsys)
        assert (extract_metrics(line)["failed"], line["job"], line["exit_code"]) == (1, "other-mall", 3)

    @pytest.mark.parametrize(
        ("name", "job"), [("other-mall", "other-mall"), ("", "iconsiam"), ("ไอคอนสยาม", "iconsiam")]
    )
    def test_settings_that_can_not_be_read(
        self, name: str, job: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A wrong setting is counted too, under the same name where that can be read."""
        monkeypatch.setenv("ETL_JOB", name)
        monkeypatch.setenv("SYNC_BATCH_SIZE", "ten")
        output = Output(is_run=True)

        with pytest.raises(ConfigError), output.logged("sync"):
            output.settings()
        line = self.last(capsys)
        assert (extract_metrics(line)["failed"], line["job"]) == (1, job)

    def test_another_command(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Only a sync counts: an extract by hand that fails pages nobody."""
        output = Output(is_run=True)

        def run() -> None:
            with output.logged("extract"):
                raise GuardError("no")

        with pytest.raises(GuardError):
            run()
        assert "_aws" not in self.last(capsys)

    def test_for_a_person(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        """Lines for people do not have it."""
        monkeypatch.setenv("LOG_FORMAT", "console")
        with pytest.raises(GuardError):
            fail_by_guard()
        text = capsys.readouterr().out
        assert "sync_failed" in text
        assert "_aws" not in text


def test_its_import_costs_nothing() -> None:
    """The module loads no library: a run's start is no slower for it."""
    code = (
        "import sys, typing; known = set(sys.modules); import etl.runtime.metrics; "
        "print(*sorted(set(sys.modules) - known))"
    )
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert found.stdout.split() == ["etl", "etl._version", "etl.runtime", "etl.runtime.metrics"]
