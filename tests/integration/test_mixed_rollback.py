"""Rollbacks of a run in which everything happened at once, in both tables: right away, and after a later run and edits."""

import re

import pytest

from etl.rollback.model import Rollback
from tests.support.mixed import Moment
from tests.support.rollback import as_people_see
from tests.support.seen import changed

pytestmark = pytest.mark.xdist_group("mixed")


def outcomes(undone: Rollback | None) -> dict[str, str]:
    """Return the records of each outcome in order, each with its reason."""
    assert undone is not None
    return {
        outcome: ", ".join(
            f"{each.unique_id} {each.reason or ''}".strip()
            for each in undone.records
            if each.outcome == outcome
        )
        for outcome in undone.totals.records
    }


def fields(undone: Rollback | None) -> list[str]:
    """Return each field that does not go back, and why, without the id of a run."""
    assert undone is not None
    return [
        re.sub(
            r"run \S+",
            "a later run",
            f"{each.unique_id} {field.field} {field.verdict}: {field.message or 'as before'}",
        )
        for each in undone.records
        for field in each.fields
        if field.verdict in ("same", "stays")
    ]


def test_rolled_back_at_once_all_is_as_before(mixed: dict[str, Moment]) -> None:
    """Every row of both tables is as it was before the run, and those that it made are gone."""
    edits, undone = mixed["edits"], mixed["undone"]
    assert changed(edits.seen, undone.seen) == {}
    assert as_people_see(undone.rows) == as_people_see(edits.rows)
    assert undone.findings == []
    assert undone.logged == [
        "S27-4F shops 28 deleted", "S31 shops 29 deleted", "S32 shops 30 deleted", "D31 dinings 29 deleted",
        "D32 dinings 30 deleted", "S1 shops 1 updated: zone", "D2 dinings 2 updated: zone",
        "S3 shops 3 updated: meta_title_en, title_en", "D4 dinings 4 updated: meta_title_th, title_th",
        "S5 shops 5 updated: hours",
        "D6 dinings 6 updated: hours", "S7 shops 7 updated: category", "D8 dinings 8 updated: category",
        "S9 shops 9 updated: category", "D10 dinings 10 updated: category", "S11 shops 11 updated: category",
        "D12 dinings 12 updated: category", "S13 shops 13 updated: meta_title_th, title_th",
        "D14 dinings 14 updated: description_th, meta_description_th", "D17 dinings 17 updated: zone",
        "S18 shops 18 updated: zone", "D19 dinings 19 updated: zone", "S20 shops 20 updated: zone",
        "S21 shops 21 updated: zone", "S23 shops 23 updated: zone", "D24 dinings 24 updated: zone",
        "S25 shops 25 updated: zone", "D26 dinings 26 updated: phone", "S27 shops 27 updated: unique_id",
        "D27-4F dinings 28 updated: unique_id", "D16 dinings 16 updated: status", "S15 shops 15 updated: status",
    ]  # fmt: skip
    assert undone.undone is not None
    assert (undone.undone.totals.status, undone.undone.totals.changes, undone.undone.totals.renamed) == (
        "COMPLETED",
        32,
        2,
    )
    assert undone.undone.totals.fields == {"back": 31, "same": 0, "stays": 0}


def test_only_rows_that_go_back_are_saved(mixed: dict[str, Moment]) -> None:
    """`updated_at` moves with the 27 rows that are put back; what was made goes; what the run left is left."""
    tuesday, undone = mixed["tuesday"].saved, mixed["undone"].saved
    assert tuesday.keys() - undone.keys() == {"shops 28", "shops 29", "shops 30", "dinings 29", "dinings 30"}
    assert len([row for row, at in undone.items() if tuesday[row] != at]) == 27


@pytest.mark.parametrize(("before", "after"), [("tuesday", "redone"), ("later edits", "redone later")])
def test_a_rollback_that_is_rolled_back(mixed: dict[str, Moment], before: str, after: str) -> None:
    """Every row is there again to the last column, under its own id, with its texts, links and hours."""
    assert mixed[after].rows == mixed[before].rows
    assert mixed[after].findings == []


def test_what_the_log_has_of_a_rollback_that_is_rolled_back(mixed: dict[str, Moment]) -> None:
    """Rows that come back are restored, all others updated."""
    assert mixed["redone later"].logged == [
        "S31 shops 29 updated: status", "S32 shops 30 restored", "D31 dinings 29 restored",
        "S3 shops 3 updated: meta_title_en, title_en", "S9 shops 9 updated: category",
        "D10 dinings 10 updated: category", "S11 shops 11 updated: category", "D12 dinings 12 updated: category",
        "S13 shops 13 updated: meta_title_th, title_th", "D14 dinings 14 updated: description_th, meta_description_th",
        "D17 dinings 17 updated: zone", "S18 shops 18 updated: zone", "D19 dinings 19 updated: zone",
        "S20 shops 20 updated: zone", "S21 shops 21 updated: zone", "S23 shops 23 updated: zone",
        "D24 dinings 24 updated: zone", "S25 shops 25 updated: zone", "D26 dinings 26 updated: phone",
        "D27 dinings 28 updated: unique_id", "D16 dinings 16 updated: status", "S15 shops 15 updated: status",
    ]  # fmt: skip


def test_rolled_back_after_a_later_run_and_edits(mixed: dict[str, Moment]) -> None:
    """What nobody touched since goes back; what a later run or an editor changed stays, field by field."""
    edits, undone = mixed["later edits"], mixed["undone later"]
    assert changed(edits.seen, undone.seen) == {
        "dinings 10 links": "1 categories CAFE & BAKERY > -",
        "dinings 12 links": "2 categories CAFE & BAKERY > 1 categories RESTAURANT, 2 categories CAFE & BAKERY",
        "dinings 14 th": " |  | ใหม่ |  |  | ใหม่ > -", "dinings 16 status": "- > ACTIVE",
        "dinings 17 zone": "West > East", "dinings 19 zone": "West > East", "dinings 24 zone": "West > Mine",
        "dinings 26 phone": "02 111 1111 > 02 000 0000", "dinings 28 unique_id": "D27 > D27-4F",
        "dinings 29 gone": "D31", "shops 11 links": "2 categories LUXURY > 1 categories FASHION, 2 categories LUXURY",
        "shops 13 th": "ใหม่ |  |  |  | ใหม่ |  > -", "shops 15 status": "- > ACTIVE", "shops 18 zone": "West > East",
        "shops 20 zone": "West > East", "shops 21 zone": "West > East", "shops 23 zone": "West > Mine",
        "shops 25 zone": "West > East", "shops 29 status": "ACTIVE > -",
        "shops 3 en": "New S3 | ร้าน S3 | A shop. | 101 | New S3 | A shop. > Brand S3 | ร้าน S3 | A shop. | 101 "
            "| Brand S3 | A shop.",
        "shops 30 gone": "S32", "shops 9 links": "1 categories LUXURY > -",
    }  # fmt: skip
    assert outcomes(undone.undone) == {
        "put_back": "D10, D12, D14, D16, D17, D19, D24, D26, D27, S11, S13, S15, S18, S20, S21, S23, S25, S3, S9",
        "restored": "", "deleted": "D31, S32", "inactivated": "S31 changed_since",
        "stays": "D2 gone, D32 skip_sync, D4 changed_since, D6 changed_since, D8 changed_since, S1 "
            "changed_since, S27 changed_since, S27-3F changed_since, S5 changed_since",
        "already": "S7",
    }  # fmt: skip
    assert fields(undone.undone) == [
        "S31 status stays: an editor changed it since", "D4 meta_title_th stays: a later run wrote what is there now",
        "D4 title_th stays: an editor changed it since", "D6 hours stays: a later run wrote what is there now",
        "D8 category stays: an editor changed it since", "S1 zone stays: a later run wrote what is there now",
        "S27 unique_id stays: a later run wrote what is there now",
        "S27-3F unique_id stays: another row has that unique_id by now",
        "S5 hours stays: a later run wrote what is there now", "S7 category same: as before",
    ]  # fmt: skip


def test_what_that_rollback_tells(mixed: dict[str, Moment]) -> None:
    """Each row and field that stays is a finding; the log of changes has those that moved."""
    undone = mixed["undone later"]
    told = [line.split(": ")[0] if " hours: " in line else line for line in undone.findings]
    assert told == [
        "S27 not_rolled_back: shops 28", "S31 set_inactive: shops 29", "D32 not_rolled_back: dinings 30",
        'S1 not_rolled_back zone: {"now": "North", "run": "West", "before": "East"}', "D2 not_rolled_back: dinings 2",
        'D4 not_rolled_back meta_title_th: {"now": "ใหม่กว่า", "run": "ใหม่", "before": "แบรนด์ D4"}',
        'D4 not_rolled_back title_th: {"now": "Mine", "run": "ใหม่", "before": "แบรนด์ D4"}',
        "S5 not_rolled_back hours", "D6 not_rolled_back hours",
        'D8 not_rolled_back category: {"now": null, "run": "13", "before": "12"}',
        'S27-3F not_rolled_back unique_id: {"now": "S27-3F", "run": "S27-3F", "before": "S27"}',
    ]  # fmt: skip
    assert undone.logged == [
        "S31 shops 29 inactivated", "S32 shops 30 deleted", "D31 dinings 29 deleted",
        "S3 shops 3 updated: meta_title_en, title_en", "S9 shops 9 updated: category",
        "D10 dinings 10 updated: category", "S11 shops 11 updated: category", "D12 dinings 12 updated: category",
        "S13 shops 13 updated: meta_title_th, title_th", "D14 dinings 14 updated: description_th, meta_description_th",
        "D17 dinings 17 updated: zone", "S18 shops 18 updated: zone", "D19 dinings 19 updated: zone",
        "S20 shops 20 updated: zone", "S21 shops 21 updated: zone", "S23 shops 23 updated: zone",
        "D24 dinings 24 updated: zone", "S25 shops 25 updated: zone", "D26 dinings 26 updated: phone",
        "D27-4F dinings 28 updated: unique_id", "D16 dinings 16 updated: status", "S15 shops 15 updated: status",
    ]  # fmt: skip
    assert undone.undone is not None
    totals = undone.undone.totals
    assert (totals.partly, totals.renamed, totals.skipped, totals.refused) == (8, 1, 1, 0)
    assert totals.fields == {"back": 22, "same": 1, "stays": 7}
    assert {outcome: counts for outcome, counts in totals.records.items() if any(counts.values())} == {
        "put_back": {"shops": 10, "dinings": 9},
        "deleted": {"shops": 1, "dinings": 1},
        "inactivated": {"shops": 1, "dinings": 0},
        "stays": {"shops": 4, "dinings": 5},
        "already": {"shops": 1, "dinings": 0},
    }
