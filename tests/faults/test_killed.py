"""Promise: a run that is killed, at any moment and by any signal, leaves the CMS as it was before or as it is after.

The log tells which, no lock, session or table stays, and the next run does the rest.
"""

import os
import random
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.api import FakeApi
from tests.support.patience import within
from tests.support.postgres import Servers
from tests.support.process import run, start
from tests.support.stories import seed_of
from tests.support.sync import Mall, copy_of, record
from tests.support.victim import CALLS

pytestmark = pytest.mark.quick(cases=1)

VICTIM = "tests.support.victim"
SIGNALS = [signal.SIGKILL, signal.SIGTERM, signal.SIGINT]
STAGES = ["extract", "transform", "match", "stage", "plan", "apply", "audit"]
EDGES = [
    *(f"stage:{name}" for name in STAGES),
    "after:audit/start_run",
    "before:BEGIN",
    "before:COMMIT",
    "after:COMMIT",
]
MOMENTS = int(os.environ.get("ETL_TEST_KILLS", "30"))
SIZE = 80


def first_day() -> list[dict[str, Any]]:
    """Return the records of the first sync."""
    return [record(f"T{number:03}") for number in range(SIZE)]


def second_day() -> list[dict[str, Any]]:
    """Return those of the second: some changed, some on two floors, some new, some gone."""
    records = first_day()[5:]
    for number, one in enumerate(records):
        if number % 3 == 0:
            one |= {"zone": "West", "descriptionEn": "Moved.", "categoryNameEn": "Beauty"}
        if number % 10 == 1:
            one |= {"floor": "3,4", "openingHours": "Mon-Fri 10:00-21:00, Sat-Sun 10:00-22:00"}
    return [*records, *(record(f"N{number:03}", categoryNameEn="Restaurant") for number in range(20))]


FEED = first_day()
OPTIONS = ("sync", "--missing", "inactivate")


@pytest.fixture
def two_days(synced: Mall) -> Mall:
    """Give a mall after the first day, whose API has the second."""
    synced.api.records = second_day()
    return synced


@pytest.fixture(scope="module")
def whole(
    first: Mall, postgres_servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[dict[str, list[Any]], int]]:
    """Give what the CMS says after both days, and how often a run of the second calls the database."""
    folder = tmp_path_factory.mktemp("whole") / "snapshots"
    with FakeApi() as api, copy_of(first, postgres_servers, api, folder) as mall:
        api.records = second_day()
        done = run(mall, "never", "0", "0", *OPTIONS, module=VICTIM)
        assert done.returncode == 0, done.stderr
        (calls,) = re.findall(f"{CALLS}([0-9]+)", done.stderr)
        yield mall.content(), int(calls)


@pytest.mark.quick(every=len(SIGNALS), cases=len(STAGES))
@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
@pytest.mark.parametrize("moment", EDGES)
def test_killed_at_a_stage(two_days: Mall, whole: Any, moment: str, number: signal.Signals) -> None:
    """At the start of each stage, and right before and after BEGIN and COMMIT."""
    _kill_and_check(two_days, whole[0], moment, number, delay_ms=0)


@pytest.mark.long
@pytest.mark.parametrize("case", range(MOMENTS))
def test_killed_at_a_random_moment(two_days: Mall, whole: Any, case: int) -> None:
    """A little after a random call to the database."""
    chance = random.Random(seed_of(case))
    moment = f"call:{chance.randint(1, whole[1])}"
    _kill_and_check(two_days, whole[0], moment, SIGNALS[case % 3], delay_ms=chance.uniform(0.01, 8))


def _kill_and_check(
    mall: Mall, after: dict[str, list[Any]], moment: str, number: signal.Signals, delay_ms: float
) -> None:
    before = mall.fingerprint()
    first_id = mall.last_run()["sync_id"]

    ended = run(mall, moment, str(int(number)), str(delay_ms), *OPTIONS, module=VICTIM)

    mall.wait_until_nothing_is_left()
    is_done = mall.fingerprint() != before
    log = mall.last_run()
    has_begun = log["sync_id"] != first_id
    if is_done:
        assert mall.content() == after
        assert log["status"] == "COMPLETED"
    elif has_begun:
        assert log["status"] == ("RUNNING" if number == signal.SIGKILL else "FAILED"), ended.stderr
    if number == signal.SIGKILL:
        assert ended.returncode == (-number if ended.returncode else 0)
    else:
        assert ended.returncode == (0 if is_done else 128 + number), ended.stderr
        assert is_done or "nothing was written" in ended.stderr

    result = mall.sync(missing="inactivate")
    assert mall.content() == after
    assert (result.counts.updated == 0) == is_done
    (row,) = mall.database.query(
        "SELECT count(*) FILTER (WHERE status = 'RUNNING') AS running, count(*) FILTER (WHERE status = 'FAILED') "
        "AS failed FROM etl.sync_logs"
    )
    assert row == {"running": 0, "failed": int(has_begun and not is_done)}


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
def test_killed_in_a_long_merge(two_days: Mall, number: signal.Signals) -> None:
    """One statement of the merge takes half a minute: it ends within 5 s, on the server too.

    A client that is killed can't cancel it, and Postgres 13 does not look for its client before the statement ends.
    """
    mall = two_days
    mall.database.execute(
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.5); RETURN NEW; END $$"
    )
    mall.database.execute("CREATE TRIGGER slow BEFORE UPDATE ON shops FOR EACH ROW EXECUTE FUNCTION slow()")
    before = mall.fingerprint()
    process = start(mall, *OPTIONS)
    try:
        mall.wait_until_in_the_merge()
        is_noticed = number != signal.SIGKILL or mall.database.major >= 14
        with within(8 if is_noticed else 60):
            with within(5):
                process.send_signal(number)
                _, stderr = process.communicate(timeout=120)
            mall.wait_until_nothing_is_left()
    finally:
        process.kill()
    assert mall.fingerprint() == before
    if number == signal.SIGKILL:
        assert mall.last_run()["status"] == "RUNNING"
    else:
        assert process.returncode == 128 + number
        assert f"Interrupted by signal {int(number)}; nothing was written." in stderr
        assert mall.last_run()["status"] == "FAILED"


def test_a_plan_file_and_a_snapshot_that_were_being_written_when_killed(
    two_days: Mall, tmp_path: Path
) -> None:
    """Half a snapshot is none: the next run neither replays nor counts it, and a plan is whole or not there."""
    mall = two_days
    good = sorted(path.name for path in mall.folder.iterdir())
    run(mall, "stage:extract", str(int(signal.SIGKILL)), "3", *OPTIONS, module=VICTIM)
    plan = tmp_path / "monday.plan"
    run(
        mall,
        "before:ROLLBACK",
        str(int(signal.SIGKILL)),
        "0",
        "diff",
        "--save-plan",
        str(plan),
        module=VICTIM,
    )

    assert mall.sync(missing="inactivate").status == "COMPLETED"
    for path in mall.folder.iterdir():
        if path.name not in good and (path / "manifest.json").exists():
            assert run(mall, "sync", "--snapshot", str(path), "--missing", "inactivate").returncode == 0
