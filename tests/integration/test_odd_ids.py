"""Rows whose unique_id was written with blanks or with marks that nobody sees are found all the same."""

import pytest

from etl.db.connection import Postgres
from etl.explain.run import explain
from etl.report.explain import show_explained
from tests.support.cms import legacy_row
from tests.support.page import drawn
from tests.support.rollback import roll_back
from tests.support.sync import Mall, record, settings_for

ODD = {
    "T1000 ": "T1000 ",
    " \tT1000": " \\u0009T1000",
    "T1000\u200b": "T1000\\u200b",
    "\u202dT1000\u202c": "\\u202dT1000\\u202c",
    "T\xad1000\xa0": "T\\u00ad1000\\u00a0",
}


def odd(mall: Mall, sync_id: str) -> list[tuple[str, str, str]]:
    """Return record, severity and words of the ids that a run found to be odd."""
    rows = mall.database.query(
        "SELECT unique_id, severity, message FROM etl.sync_issues WHERE sync_id = %s AND code = 'odd_id' ORDER BY id",
        sync_id,
    )
    return [(row["unique_id"], row["severity"], row["message"]) for row in rows]


@pytest.mark.parametrize("written", ODD)
def test_a_row_of_another_job_is_found_by_the_comparable_form(any_mall: Mall, written: str) -> None:
    """No second row: it is filled, reported in each run with what to mend, its id left alone; the second sync is quiet."""
    number = legacy_row(any_mall.database, written, slug="old")
    legacy_row(any_mall.database, "t1000", slug="other-case")

    first = any_mall.sync([record("T1000"), record("t1000")])

    assert (first.counts.created, first.counts.updated, first.counts.missing) == (0, 2, 0)
    words = (
        f"shops {number} has the unique_id '{ODD[written]}' in the CMS: T1000 but for blanks or marks that nobody sees. "
        "The row is taken for that record's. Enter the plain unique_id in the CMS."
    )
    assert odd(any_mall, first.sync_id) == [("T1000", "warning", words)]
    ids = any_mall.database.query("SELECT id, unique_id FROM shops ORDER BY id")
    assert [row["unique_id"] for row in ids] == [written, "t1000"]
    before = any_mall.fingerprint()

    second = any_mall.sync()

    assert (second.status, second.counts.unchanged, second.counts.missing) == ("COMPLETED", 2, 0)
    assert any_mall.fingerprint() == before
    assert odd(any_mall, second.sync_id) == odd(any_mall, first.sync_id)


def test_what_comes_after(mall: Mall) -> None:
    """Changes, an editor's fix, a loss, explain and rollback go by the comparable form too; a plain id ends it."""
    legacy_row(mall.database, "T1000\u200b", slug="old")
    mall.sync([record("T1000", zone="East"), record("T2")])
    mall.edit("T1000\u200b", contact_info_phone="02 1")

    third = mall.sync([record("T1000", zone="West"), record("T2")])

    assert (third.counts.created, third.counts.updated, third.counts.kept) == (0, 1, 1)
    with Postgres(mall.database.dsn, "the CMS") as db:
        settings = settings_for(mall.database.dsn, mall.api.url, mall.folder)
        found = explain(settings, db, "T1000", snapshot=None, limit=10)
        by_place = explain(settings, db, "shops 1", snapshot=None, limit=10)
    assert found.database is not None
    assert [(row.unique_id, row.written_id, row.has_base) for row in found.database.rows] == [
        ("T1000", "T1000\u200b", True)
    ]
    page = " ".join(drawn(show_explained(found), 200))
    assert "In the CMS: shops 1  unique_id T1000, written 'T1000\\u200b'" in page
    assert "gives no such row" not in page
    assert by_place.unique_id == "T1000"
    assert found.database.plan is not None
    assert [record.action for record in found.database.plan] == ["unchanged"]
    roll_back(mall, third.sync_id)
    assert mall.row("T1000\u200b")["location_zone"] == "East"
    gone = mall.sync([record("T2")], force=True)
    assert (gone.counts.missing, gone.counts.created) == (1, 0)

    mall.database.execute("UPDATE shops SET unique_id = 'T1000' WHERE slug = 'old'")
    last = mall.sync([record("T1000", zone="West"), record("T2")])
    assert (last.counts.created, odd(mall, last.sync_id)) == (0, [])
    assert mall.database.query("SELECT count(*) AS n FROM shops") == [{"n": 2}]


def test_a_plain_id_comes_before_an_odd_one(mall: Mall) -> None:
    """Where both are there, the record's row is the plain one, and the two are reported as double."""
    legacy_row(mall.database, "T1 ", slug="odd")
    plain = legacy_row(mall.database, "T1", slug="plain")

    result = mall.sync([record("T1")])

    assert ("T1", "duplicate_row") in mall.issues(result.sync_id)
    (base,) = mall.database.query("SELECT record_id FROM etl.tenants_base")
    assert base["record_id"] == plain
