"""A field that the API stops sending is reported and refused, by the records that had it."""

from typing import Any

import pytest

from etl.contract.raw import COUNTED
from etl.errors import GuardError
from etl.load.guards import Blanked, check_blanked
from etl.transform.tenants import MODES
from tests.support.process import run_here
from tests.support.sync import Mall, record

FEED = [record(f"T{number:02}") for number in range(40)]
LOST = ("tel", "website", "openingHours", "zone")


def without(*fields: str, value: Any = None, start: int = 0, stop: int = 40) -> list[dict[str, Any]]:
    """Return the feed in which some records have lost fields."""
    blank = dict.fromkeys(fields, value)
    return [one | blank if start <= place < stop else one for place, one in enumerate(FEED)]


def findings(mall: Mall, sync_id: str) -> list[tuple[str | None, str, str]]:
    """Return what a run found vanished: record, field, words."""
    rows = mall.database.query(
        "SELECT unique_id, field, message FROM etl.sync_issues WHERE sync_id = %s AND code = 'field_vanished' "
        "ORDER BY id",
        sync_id,
    )
    return [(row["unique_id"], row["field"], row["message"]) for row in rows]


def test_every_field_that_the_cms_gets_is_counted() -> None:
    """A bit each, and few enough for the column."""
    assert set(COUNTED) == set(MODES)
    assert len(COUNTED) == len(set(COUNTED)) < 32


@pytest.mark.quick(cases=1)
@pytest.mark.parametrize("value", [None, "", " \u200b", "<missing>"])
def test_four_fields_of_all_records(mall: Mall, value: str | None) -> None:
    """Exit 3 with each field and both counts, in a dry run too; --force goes on, reports them, and the values stay."""
    mall.sync(FEED)
    content = mall.content()
    mall.api.records = without(*LOST, value=value)
    if value == "<missing>":
        mall.api.records = [{k: v for k, v in one.items() if k not in LOST} for one in FEED]

    refused = run_here(mall, "sync")
    assert refused.returncode == 3
    for field in LOST:
        assert f"{field} (in 40 of the 40 that had it)" in " ".join(refused.stderr.split())
    assert mall.last_run()["status"] == "FAILED"

    shown = run_here(mall, "diff")
    assert shown.returncode == 0
    text = " ".join(shown.stdout.split())
    assert "A sync would refuse this." in text
    for field in LOST:
        assert f"40 of 40 records have lost {field} since the last run." in text

    result = mall.sync(force=True)
    assert result.issues["field_vanished"] == 4
    assert findings(mall, result.sync_id) == [
        (None, field, f"40 of 40 records have lost {field} since the last run. "
         "What the CMS has of it stays.")
        for field in ("zone", "openingHours", "tel", "website")
    ]  # fmt: skip
    assert mall.content() == content

    again = mall.sync()  # what was accepted once is the new state of the source
    assert "field_vanished" not in again.issues
    assert mall.sync(FEED).counts.processed == 40


@pytest.mark.long
def test_nine_tenths_of_those_that_had_it(mall: Mall) -> None:
    """35 of 40 may; 36 may not, also where new records have the field and the total hardly moves."""
    mall.sync(FEED)
    new = [record(f"N{number:02}") for number in range(60)]
    result = mall.sync([*without("tel", stop=35), *new])
    assert "field_vanished" not in result.issues
    mall.sync(FEED, force=True)
    with pytest.raises(
        GuardError, match=r"tel \(in 36 of the 40 that had it\)\. Less than 90% .*MAX_BLANKED"
    ):
        mall.sync(without("tel", stop=36))
    mall.sync([*FEED, *new], force=True)
    with pytest.raises(GuardError, match=r"tel \(in 95 of the 100"):
        mall.sync([one | {"tel": ""} if place < 95 else one for place, one in enumerate([*FEED, *new])])


@pytest.mark.long
def test_fields_that_few_had(mall: Mall) -> None:
    """Of 19 records, or fewer than a tenth, a field may go unseen; of 20, a tenth of 200, it may not."""
    many = [record(f"M{number:03}", zone="East" if number < 19 else "") for number in range(200)]
    mall.sync(many)
    assert "field_vanished" not in mall.sync([one | {"zone": ""} for one in many]).issues
    many[19]["zone"] = "East"
    mall.sync([one | {"zone": "West"} if one["zone"] else one for one in many])
    with pytest.raises(GuardError, match=r"zone \(in 20 of the 20"):
        mall.sync([one | {"zone": ""} for one in many])
    more = [record(f"X{number:03}", zone="") for number in range(1)]
    assert "field_vanished" not in mall.sync([*many, *more]).issues  # 20 of 201 are less than a tenth
    mall.sync([one | {"zone": ""} for one in [*many, *more]])


def test_what_stands_in_for_it_makes_no_difference(mall: Mall) -> None:
    """`floor` speaks where `floorRevised` went, so that no row changes; the field is gone all the same."""
    mall.sync([one | {"floorRevised": "1F"} for one in FEED])
    with pytest.raises(GuardError, match=r"floorRevised \(in 40 of the 40"):
        mall.sync(FEED)


def test_rows_that_are_left_alone(mall: Mall) -> None:
    """What the base of a row with skip sync remembers is old, and is not held against each feed that follows."""
    mall.sync(FEED)
    mall.database.execute("UPDATE shops SET skip_sync = true WHERE id <= 30")
    mall.sync(without("tel", stop=30))
    assert "field_vanished" not in mall.sync(without("tel", stop=30)).issues


def test_copies_on_several_floors_are_one_record(mall: Mall) -> None:
    """19 records with two rows each are 19."""
    few = [record(f"F{number:02}", floor="1,2") for number in range(19)]
    assert mall.sync(few).counts.created == 38
    assert "field_vanished" not in mall.sync([one | {"tel": ""} for one in few]).issues


def test_another_mall_is_not_asked(mall: Mall) -> None:
    """MAX_BLANKED is a share as the others; at 100 % nothing is refused, and it is reported."""
    mall.sync(FEED)
    mall.overrides = {"max_blanked": "100%"}
    assert mall.sync(without("tel")).issues["field_vanished"] == 1
    mall.overrides = {"max_blanked": "25%"}
    with pytest.raises(GuardError, match=r"unit \(in 10 of the 40 that had it\)\. Less than 25%"):
        mall.sync(without("unit", stop=10))


def test_words_of_the_guard() -> None:
    """Each field with both counts; without a field nothing is refused."""
    check_blanked((), 0.9)
    with pytest.raises(GuardError, match=r"tel \(in 36 of the 40 that had it\), zone \(in 20 of the 20"):
        check_blanked((Blanked("tel", 36, 40, 50), Blanked("zone", 20, 20, 50)), 0.9)
