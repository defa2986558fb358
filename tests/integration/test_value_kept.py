"""A value that the source has no more stays in the CMS, and each run says so, for who asks."""

import pytest

from etl.db.connection import Postgres
from etl.explain.run import explain
from etl.report.explain import show_explained
from etl.runs import log as run_log
from tests.support.page import drawn
from tests.support.sync import Mall, record, settings_for

WORDS = "The source has nothing in {} now, where it had something before; what is in the CMS stays."


def kept(mall: Mall, sync_id: str) -> list[tuple[str, str, str, str]]:
    """Return record, severity, fields and words of what a run found to be kept."""
    rows = mall.database.query(
        "SELECT unique_id, severity, value, message FROM etl.sync_issues "
        "WHERE sync_id = %s AND code = 'value_kept' ORDER BY id",
        sync_id,
    )
    return [(row["unique_id"], row["severity"], row["value"], row["message"]) for row in rows]


def test_a_value_that_the_source_lost_is_told_while_it_lasts(any_mall: Mall) -> None:
    """One finding a record with the names of the fields, in every run until the source has them again."""
    whole, part = record("T1"), record("T2", zone="", openingHours=None, unit=" ", descriptionEn="-")
    any_mall.sync([whole, record("T2", floor="Fl. 2")])
    fields = "description_en, shop_number, zone, hours"

    first = any_mall.sync([whole, {**part, "descriptionEn": "", "floor": "Fl. 2"}])
    before = any_mall.fingerprint()
    second = any_mall.sync()

    assert (first.status, first.counts.updated) == ("COMPLETED", 0)
    assert kept(any_mall, first.sync_id) == [("T2", "info", fields, WORDS.format(fields))]
    assert kept(any_mall, second.sync_id) == kept(any_mall, first.sync_id)
    assert any_mall.fingerprint() == before
    assert (any_mall.row("T2")["location_zone"], any_mall.row("T2")["opening_hours_open"]) == (
        "East",
        "10:00",
    )

    any_mall.edit("T2", sort_order=3)
    assert kept(any_mall, any_mall.sync().sync_id) == kept(any_mall, first.sync_id)
    again = any_mall.sync([whole, record("T2", floor="Fl. 2", unit="")])
    assert [value for _, _, value, _ in kept(any_mall, again.sync_id)] == ["shop_number"]
    assert kept(any_mall, any_mall.sync([whole, record("T2", floor="Fl. 2")]).sync_id) == []


def test_what_was_never_there_is_not_kept(mall: Mall) -> None:
    """Neither at creation, nor where only the CMS ever had a value, nor for labels, which are matched."""
    mall.sync([record("T1", zone="")])
    mall.edit("T1", location_zone="North")

    result = mall.sync([record("T1", zone="", categoryNameEn="Zzz", categoryNameTh="ซซซ", floor="Fl. 99")])

    assert kept(mall, result.sync_id) == []


@pytest.mark.quick(cases=1)
@pytest.mark.parametrize("shows_info", [False, True])
def test_who_sees_it(mall: Mall, shows_info: bool) -> None:
    """Text leaves it out, and counts it, unless all is asked for; the CMS's own screen never has it."""
    mall.sync([record("T1")])
    run = mall.sync([record("T1", zone="")])

    with Postgres(mall.database.dsn) as db:
        listed = run_log.run_issues(db, run.sync_id, 10, shows_info=shows_info)
        assert run_log.count_info(db, run.sync_id) == 1
        found = explain(settings_for("", mall.api.url, mall.folder), db, "T1", snapshot=None, limit=10)

    assert listed["code"].to_list() == ["value_kept"] * shows_info
    page = " ".join(drawn(show_explained(found, shows_info=shows_info), 200))
    assert page.count("value kept") == 2 * shows_info
    assert ("1 more finding of severity info: --all shows them." in page) != shows_info
    assert mall.database.query("SELECT * FROM api_sync_logs_validation_issues") == []
