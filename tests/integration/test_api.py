"""The audit trail as frames."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

import etl
from etl.demo.notebook import sample_week
from etl.errors import EtlError
from tests.support.sync import Mall, record


def test_runs_issues_and_changes(any_mall: Mall) -> None:
    """Runs oldest first; findings and changes of one run or of all, a row a field."""
    url = any_mall.database.dsn
    first = any_mall.sync([record("T1", categoryNameEn="Zzz", categoryNameTh=None)])
    second = any_mall.sync([record("T1", categoryNameEn="Zzz", categoryNameTh=None, tel="1", zone="West")])
    runs = etl.read_runs(url)
    assert runs.select("sync_id", "status", "records_created", "records_updated").rows() == [
        (first.sync_id, "COMPLETED", 1, 0),
        (second.sync_id, "COMPLETED", 0, 1),
    ]
    assert etl.read_issues(first.sync_id, url).select("sync_id", "unique_id", "code").rows() == [
        (first.sync_id, "T1", "unmapped_category"),
        (first.sync_id, "T1", "kind_by_default"),
    ]
    assert etl.read_issues(database_url=url).height == 4
    assert etl.read_changes(second.sync_id, url).select(
        "unique_id", "action", "field", "before", "after"
    ).rows() == [
        ("T1", "updated", "phone", "02 000 0000", "1"),
        ("T1", "updated", "zone", "East", "West"),
    ]
    created = etl.read_changes(first.sync_id, url).filter(field="title_en")
    assert created.select("action", "before", "after").rows() == [("created", None, "Brand T1")]


def test_the_setting_is_the_default(mall: Mall, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an address, DATABASE_URL is taken; without that, the error says what to set."""
    monkeypatch.setenv("DATABASE_URL", mall.database.dsn)
    assert etl.read_runs().height == 0
    monkeypatch.delenv("DATABASE_URL")
    with pytest.raises(EtlError, match="DATABASE_URL"):
        etl.read_runs()


def test_the_sample_week(tmp_path: Path) -> None:
    """Seven runs a day apart; three records lose their id on the fifth; a week that is there stays."""
    url = sample_week(tmp_path / "week", 60)
    runs = etl.read_runs(url)
    assert runs["started_at"].to_list() == [datetime(2025, 7, day, 22, tzinfo=UTC) for day in range(1, 8)]
    assert runs["status"].to_list() == ["COMPLETED"] * 4 + ["PARTIAL"] + ["COMPLETED"] * 2
    assert runs["unmapped_categories"][-1] == 0
    assert sample_week(tmp_path / "week") == url
    assert etl.read_runs(url).height == 7


def test_a_sample_without_a_folder_leaves_nothing() -> None:
    """The two days are there, older first, as long as the process that made them."""
    script = (
        "import etl; from etl.demo.notebook import sample_snapshots; old, new = sample_snapshots(records=50); "
        "print(etl.open_snapshot(old).source, etl.open_snapshot(new).source, new, sep='|')"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    old, new, path = done.stdout.strip().split("|")
    assert (old, new) == ("sample, day-1", "sample, day-2")
    assert not Path(path).parent.exists()
