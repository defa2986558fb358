"""Promise: with several malls too a run that is killed writes nothing, no secret is told, and memory does not grow."""

import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.support import api as answers
from tests.support.api import FakeApi
from tests.support.malls import OLD, Malls
from tests.support.postgres import Database
from tests.support.process import run, start
from tests.support.sync import Mall, record

pytestmark = pytest.mark.quick(cases=1)


@pytest.fixture
def malls(database: Database, tmp_path: Path) -> Iterator[Malls]:
    """Give two malls that have the same ids."""
    with ExitStack() as stack:
        apis = {name: stack.enter_context(FakeApi()) for name in (OLD, "siam")}
        for api in apis.values():
            api.records = [record("T1"), record("T2", floor="Fl. 3,4")]
        yield Malls(apis, database, tmp_path / "snapshots")


def process_of(malls: Malls) -> Mall:
    """Return what starts processes of the job; their settings name all malls."""
    return Mall(malls.apis[OLD], malls.database, malls.folder)


@pytest.mark.long
@pytest.mark.parametrize("signal_number", [signal.SIGKILL, signal.SIGTERM])
@pytest.mark.parametrize("at", [OLD, "siam"])
def test_killed_while_a_mall_is_fetched(malls: Malls, at: str, signal_number: signal.Signals) -> None:
    """What was committed before stays, nothing else is written, and the next runs do it all; the log has the dead one."""
    malls.sync()
    before = malls.fingerprint()
    runs = len(malls.runs())
    malls.apis[at].records = [record("T1", zone="West")]
    reached = threading.Event()
    malls.apis[at].before_page(1, reached.set)
    malls.apis[at].fail(1, answers.hang(3))

    process = start(process_of(malls), "sync", external_api_url=malls.url)
    assert reached.wait(30)
    process.send_signal(signal_number)
    process.communicate(timeout=120)

    assert process.returncode == (-9 if signal_number == signal.SIGKILL else 143)
    assert malls.fingerprint() == before
    # the first mall's run is done where the second one's was killed; after the first one's there is no second
    assert [run["source"] for run in malls.runs()[runs:]] == malls.named[: malls.named.index(at) + 1]
    dead = malls.last_run()["sync_id"]
    results = malls.sync()
    assert (results[at].status, results[at].counts.updated) == ("COMPLETED", 1)
    (row,) = malls.database.query("SELECT status FROM etl.sync_logs WHERE sync_id = %s", dead)
    assert row["status"] == "FAILED"
    assert all(each.counts.unchanged == each.counts.processed for each in malls.sync().values())


@pytest.mark.long
def test_runs_that_the_database_fails(malls: Malls) -> None:
    """Each mall has its own FAILED run, and nothing of any is loaded."""
    malls.database.execute("ALTER TABLE etl.sync_changes RENAME TO hidden")
    result = run(process_of(malls), "sync", external_api_url=malls.url)
    malls.database.execute("ALTER TABLE etl.hidden RENAME TO sync_changes")

    assert result.returncode == 1
    assert [(row["source"], row["status"]) for row in malls.runs()] == [(OLD, "FAILED"), ("siam", "FAILED")]
    assert malls.database.query("SELECT count(*) FROM etl.sources") == [{"count": 0}]
    assert malls.titles() == {}


def test_no_secret_of_a_mall_is_told(malls: Malls, tmp_path: Path) -> None:
    """Neither the key that a file names nor one in an address is in a log, an output or a table."""
    malls.apis["siam"].app_code = "another-key"
    file = tmp_path / "malls.yaml"
    old, siam = (malls.apis[name].url for name in (OLD, "siam"))
    file.write_text(
        f"sources: [{{url: '{old}?token=s3cret-token'}}, {{name: siam, url: '{siam}', appcode_env: SIAM_KEY}}]"
    )

    result = run(
        process_of(malls),
        "sync",
        external_api_url=file,
        siam_key="s3cret-key",
        log_level="debug",
        api_retries=0,
    )

    assert result.returncode == 1, result.stderr
    assert [row["status"] for row in malls.runs()] == ["COMPLETED", "FAILED"]
    told = result.stdout + result.stderr
    for table in ("sync_logs", "sources", "sync_issues"):
        told += str(malls.database.query(f"SELECT * FROM etl.{table}"))
    assert "s3cret" not in told
    assert malls.apis["siam"].requests[0].headers["X-Apig-AppCode"] == "s3cret-key"


@pytest.mark.long
def test_memory_does_not_grow_with_the_malls(database: Database, tmp_path: Path) -> None:
    """Eight malls of 1,500 records take no more than one, but for a tenth."""
    with ExitStack() as stack:
        apis = {f"mall-{number}": stack.enter_context(FakeApi()) for number in range(8)}
        for name, api in apis.items():
            api.records = [
                record(f"T{number}", brandNameEn=f"{name} {number}", descriptionEn=f"{name} {number} " * 40)
                for number in range(1500)
            ]
        malls = Malls(apis, database, tmp_path / "snapshots")
        mall = Mall(apis["mall-0"], database, malls.folder)
        peaks = []
        for count in (1, 8):
            malls.named = list(apis)[:count]
            settings: dict[str, Any] = {
                "external_api_url": malls.url,
                "sync_batch_size": 500,
                "api_page_size": 500,
            }
            result = run(mall, "sync", "--json", **settings)
            assert result.returncode == 0, result.stderr
            runs = malls.runs()[-count:]
            assert [row["records_fetched"] for row in runs] == [1500] * count
            peaks.append(max(row["performance"]["peak_memory_mb"] for row in runs))
    assert peaks[1] < peaks[0] * 1.1
