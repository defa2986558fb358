"""Promise: a run that would do more harm than a normal day can explain is refused, with the figures and the way on."""

from typing import Any

import pytest

from etl.errors import GuardError
from etl.load.guards import MIN_CHANGED, MIN_UNMAPPED, LastRun, check_changed, check_unmapped
from tests.support.process import run_here, run_refused
from tests.support.sync import Mall, record

pytestmark = pytest.mark.quick(cases=1)

FEED = [record(f"T{number:03}") for number in range(300)]
WAY_ON = "`etl diff` shows what the sync would do; if that is right, run `etl sync --force`."


def refused(mall: Mall, feed: list[dict[str, Any]], *figures: str) -> None:
    """Sync a feed that a guard must refuse, with these figures; then look, then force it."""
    mall.api.records = feed
    run_refused(mall, 3, *figures, "Nothing was written.", WAY_ON)
    assert mall.last_run()["status"] == "FAILED"

    shown = run_here(mall, "diff")
    assert shown.returncode == 0
    for word in figures:
        assert word in " ".join(shown.stdout.split())

    assert run_here(mall, "sync", "--force").returncode == 0
    assert mall.last_run()["status"] == "COMPLETED"


def test_the_first_run_is_free(mall: Mall) -> None:
    """Nothing to compare with: all records new, all labels unmapped."""
    assert mall.sync(
        [one | {"floor": "Roof", "categoryNameEn": "Odd", "categoryNameTh": ""} for one in FEED]
    ).status


def test_too_few_records(synced: Mall) -> None:
    """A quarter of the records is gone."""
    refused(synced, FEED[:225], "225 records, 75 (25%) fewer", "(300 in ", "at most 20%", "MAX_DROP")


@pytest.mark.long
def test_other_records(synced: Mall) -> None:
    """As many records as before, but others: known ones are gone."""
    others = [record(f"X{number:03}") for number in range(100)]
    refused(synced, [*FEED[:200], *others], "100 of the 300 records that the CMS has from this source (33%)")


@pytest.mark.long
@pytest.mark.parametrize(
    ("fields", "what"),
    [({"floor": "Roof"}, "floor"), ({"categoryNameEn": "Odd", "categoryNameTh": "?"}, "category")],
)
def test_labels_that_stop_fitting(mall: Mall, fields: dict[str, str], what: str) -> None:
    """The labels of 40 more records fit nothing; the same 40 are not a jump the next day."""
    odd = [one | fields for one in FEED[:10]] + FEED[10:]
    mall.sync(odd)
    worse = [one | fields for one in FEED[:50]] + FEED[50:]
    refused(
        mall, worse, f"50 of 300 records have a {what} that fits none", "40 (13% of all) more", "MAX_UNMAPPED"
    )
    assert run_here(mall, "sync").returncode == 0


@pytest.mark.long
def test_a_floor_that_was_renamed_in_the_cms(synced: Mall) -> None:
    """An editor renames the floor that all shops are on: refused before all of them lose what they had."""
    synced.database.execute("UPDATE floors SET name = 'One' WHERE name = '1F'")
    refused(synced, [one | {"unit": "9"} for one in FEED[:20]] + FEED[20:], "300 of 300 records have a floor")


@pytest.mark.long
def test_more_than_half_changes(synced: Mall) -> None:
    """A change of more than half of the rows at once is not a normal day."""
    changed = [one | {"zone": "West"} for one in FEED[:151]] + FEED[151:]
    refused(
        synced,
        changed,
        "151 of the 300 rows that the CMS has from this source (50%) would change",
        "MAX_CHANGED",
    )


@pytest.mark.long
def test_half_is_fine_and_so_is_a_small_mall(synced: Mall) -> None:
    """Just the share, and a small mall of which all changes: no guard minds."""
    assert synced.sync([one | {"zone": "West"} for one in FEED[:150]] + FEED[150:]).counts.updated == 150
    small = FEED[: MIN_CHANGED - 1]
    synced.sync(small, force=True)
    assert synced.sync([one | {"zone": "North", "floor": "1F"} for one in small]).counts.updated == len(small)


@pytest.mark.long
def test_settings_say_how_much(synced: Mall) -> None:
    """MAX_CHANGED and MAX_UNMAPPED are shares, as MAX_DROP is."""
    synced.api.records = [one | {"zone": "West"} for one in FEED]
    assert run_here(synced, "sync", max_changed="100%").returncode == 0
    synced.api.records = [one | {"floor": "Roof"} for one in FEED]
    assert run_here(synced, "sync", max_changed="100%", max_unmapped="1.0").returncode == 0


def test_a_failed_run_is_no_measure(synced: Mall) -> None:
    """Figures are compared with the last run that loaded a whole feed, not with one that was refused."""
    with pytest.raises(GuardError):
        synced.sync(FEED[:100])
    with pytest.raises(GuardError, match="300 in"):
        synced.sync(FEED[:100])


LAST = LastRun("20261101T000000Z-aaaaaa", 1000, 5, 5)


@pytest.mark.parametrize("more", [MIN_UNMAPPED - 1, MIN_UNMAPPED])
def test_unmapped_by_count_and_share(more: int) -> None:
    """A few labels more never trip the guard, whatever their share; nor does a small share, whatever the count."""
    check_unmapped(5 + more, 5, 1000, LAST, 0.1)
    if more < MIN_UNMAPPED:
        check_unmapped(5 + more, 5, 50, LAST, 0.1)
    else:
        with pytest.raises(GuardError, match=r"25 of 50 records have a floor .* 20 \(40% of all\) more"):
            check_unmapped(5 + more, 5, 50, LAST, 0.1)


def test_changed_by_count_and_share() -> None:
    """As above; without a last run there is nothing to guard."""
    check_changed(MIN_CHANGED - 1, MIN_CHANGED, LAST, 0.5)
    check_changed(500, 1000, LAST, 0.5)
    check_changed(501, 1000, None, 0.5)
    with pytest.raises(GuardError):
        check_changed(501, 1000, LAST, 0.5)
