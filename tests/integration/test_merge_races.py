"""Editors who commit while a sync runs."""

import threading

import psycopg
import pytest

from tests.support.merge import during, floors
from tests.support.sync import Mall, record


@pytest.mark.quick(every=3)
@pytest.mark.parametrize("moment", ["stage/analyze_keys", "plan/find_by_base", "plan/find_by_unique_id"])
@pytest.mark.parametrize("tick", [True, False])
def test_an_editor_who_commits_while_the_sync_runs(
    mall: Mall, monkeypatch: pytest.MonkeyPatch, moment: str, tick: bool
) -> None:
    """An edit or a tick of skip_sync that lands after staging is seen by the merge."""
    mall.sync([record("T1")])
    during(mall, monkeypatch, moment, lambda: mall.edit("T1", skip_sync=tick, location_zone="Mine"))

    result = mall.sync([record("T1", zone="West")], conflicts="editor")

    assert (result.counts.skipped, result.counts.conflicts) == ((1, 0) if tick else (0, 1))
    assert mall.row("T1")["location_zone"] == "Mine"


@pytest.mark.parametrize("table", ["shops", "shops_locales"])
def test_an_editor_waits_once_the_plan_has_read_the_row(
    mall: Mall, monkeypatch: pytest.MonkeyPatch, table: str
) -> None:
    """A save after that can't be overwritten unseen: it waits for the run's end."""
    mall.sync([record("T1")])
    waited = []

    def save() -> None:
        with mall.database.connect(autocommit=True) as editor:
            editor.execute("SET lock_timeout = '100ms'")
            try:
                editor.execute(f"UPDATE {table} SET id = id")
            except psycopg.errors.LockNotAvailable:
                waited.append(table)

    during(mall, monkeypatch, "plan/merge_fields", save)
    mall.sync([record("T1", zone="West")])

    assert waited == [table]


def test_skip_sync_ticked_just_before_inactivate(mall: Mall, monkeypatch: pytest.MonkeyPatch) -> None:
    """An editor ticks skip_sync after the missing rows were listed: the row is not touched."""
    mall.sync([record("T1"), record("T2")])
    mall.edit("T2", status="ACTIVE")
    during(mall, monkeypatch, "plan/report_findings", lambda: mall.edit("T2", skip_sync=True))

    mall.sync([record("T1")], missing="inactivate")

    assert mall.row("T2")["status"] == "ACTIVE"


def test_skip_sync_ticked_while_inactivate_waits(mall: Mall, monkeypatch: pytest.MonkeyPatch) -> None:
    """An editor's save is under way when the row is to be set INACTIVE: its tick of skip_sync is respected."""
    mall.sync([record("T1"), record("T2")])
    mall.edit("T2", status="ACTIVE")
    with mall.database.connect() as editor:
        saved = threading.Timer(0.5, editor.commit)

        def save() -> None:
            editor.execute("UPDATE shops SET skip_sync = true WHERE unique_id = 'T2'")
            saved.start()

        during(mall, monkeypatch, "apply/inactivate", save)
        mall.sync([record("T1")], missing="inactivate")
        saved.join()

    assert mall.row("T2")["status"] == "ACTIVE"


def test_a_status_that_is_set_just_before_inactivate_stays(
    mall: Mall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An editor closes the shop after the missing rows were listed: it stays CLOSED, and is counted as missing."""
    mall.sync([record("T1"), record("T2")])
    mall.edit("T2", status="ACTIVE")
    during(mall, monkeypatch, "plan/report_findings", lambda: mall.edit("T2", status="CLOSED"))

    result = mall.sync([record("T1")], missing="inactivate")

    assert (mall.row("T2")["status"], result.counts.inactivated, result.counts.missing) == ("CLOSED", 0, 1)
    (issue,) = mall.database.query("SELECT message FROM etl.sync_issues WHERE code = 'missing'")
    assert issue["message"] == (
        "The record is no longer in the source; an editor changed its row during the run, so it stays as it is."
    )


def test_only_the_row_that_an_editor_changed_is_reported_so(
    mall: Mall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of three missing rows one was never to be set INACTIVE, one is, and one an editor closes meanwhile."""
    mall.sync([record(name) for name in ("T1", "T2", "T3", "T4")])
    for name in ("T2", "T3"):
        mall.edit(name, status="ACTIVE")
    during(mall, monkeypatch, "plan/report_findings", lambda: mall.edit("T2", status="CLOSED"))

    mall.sync([record("T1")], missing="inactivate")

    rows = mall.database.query(
        "SELECT unique_id, message FROM etl.sync_issues WHERE code = 'missing' ORDER BY 1"
    )
    assert {row["unique_id"]: row["message"] for row in rows} == {
        "T2": "The record is no longer in the source; an editor changed its row during the run, so it stays as it is.",
        "T3": "The record is no longer in the source; its row was set INACTIVE. "
        "If it should stay, give the record back to the directory.",
        "T4": "The record is no longer in the source; its row stays as it is. "
        "Set it INACTIVE in the CMS, or all such rows by `etl sync --missing inactivate`.",
    }


@pytest.mark.parametrize(
    ("change", "floor"),
    [
        ("UPDATE floors SET status = 'INACTIVE' WHERE name = '3F'", None),
        ("UPDATE floors SET name = '3X' WHERE name = '3F'", None),
        ("INSERT INTO floors (name, \"order\", status) VALUES ('9F', 20, 'ACTIVE')", "9F"),
    ],
)
def test_the_reference_is_that_of_the_plan_not_of_the_extract(
    mall: Mall, change: str, floor: str | None
) -> None:
    """A floor that is switched off, renamed or added while the API is read counts as it is when the plan is made."""
    mall.api.before_page(1, lambda: mall.database.execute(change))

    mall.sync([record("T1", floor="9" if floor else "3"), record("T2", floor="4")])

    assert floors(mall) == {"T1": floor, "T2": "4F"}


@pytest.mark.parametrize("state", ["INACTIVE", "renamed"])
def test_a_category_that_changes_while_the_api_is_read(mall: Mall, state: str) -> None:
    """A category that an editor switches off or renames meanwhile gets no new link."""
    change = "UPDATE categories_locales SET name = 'FROCKS' WHERE _parent_id = %s"
    if state == "INACTIVE":
        change = "UPDATE categories SET status = 'INACTIVE' WHERE id = %s"
    fashion = mall.category_id("FASHION")
    mall.api.before_page(1, lambda: mall.database.execute(change, fashion))

    result = mall.sync([record("T1")])

    assert (mall.links("T1"), ("T1", "unmapped_category") in mall.issues(result.sync_id)) == ([], True)
