"""Moving over from the earlier job, as docs/moving-over.md says: check, diff, sync, and the way back."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.ship.conftest import Main
from tests.support.api import FakeApi
from tests.support.legacy import ENV, FEED, make_legacy
from tests.support.log import last_line
from tests.support.postgres import Database
from tests.support.sync import Mall


class LegacyMall(Mall):
    """A mall with the ids of its rows, by the name that tests/support/legacy.py has for each."""

    rows: dict[str, int]


@pytest.fixture
def mall(api: FakeApi, empty_database: Database, tmp_path: Path) -> LegacyMall:
    """Give the mall that the earlier job left, with its `.env` in the working folder, and nothing else done yet."""
    mall = LegacyMall(api, empty_database, tmp_path / "snapshots")
    mall.rows = make_legacy(empty_database)
    mall.init()
    api.records = list(FEED)
    text = ENV.format(dsn=empty_database.dsn, url=api.url)
    (tmp_path / ".env").write_text(text, encoding="utf-8")
    return mall


def content(mall: LegacyMall) -> dict[str, list[str]]:
    """Return what the CMS says, in an order that rows without an id have as well."""
    return {
        table: sorted(json.dumps(row, sort_keys=True) for row in rows)
        for table, rows in mall.content().items()
    }


def row_of(mall: LegacyMall, name: str, kind: str = "shops") -> dict[str, Any]:
    """Return a row by the name that tests/support/legacy.py has for it."""
    (row,) = mall.database.query(f"SELECT * FROM {kind} WHERE id = %s", mall.rows[name])
    return row


def title_of(mall: LegacyMall, name: str, locale: str = "en", kind: str = "shops") -> str:
    """Return a row's title."""
    (row,) = mall.database.query(
        f"SELECT title FROM {kind}_locales WHERE _parent_id = %s AND _locale::text = %s",
        mall.rows[name],
        locale,
    )
    return str(row["title"])


@pytest.mark.long
def test_check_and_diff_write_nothing(main: Main, mall: LegacyMall, tmp_path: Path) -> None:
    """The earlier job's .env is taken as it is; the CMS is as it was after both, and the page tells what would come."""
    before = mall.fingerprint()

    code, out, _ = main("check")
    assert code == 0, out
    code, _, err = main("diff", "--format", "html", "-o", "diff.html")

    assert code == 0, err
    assert mall.fingerprint() == before
    page = (tmp_path / "diff.html").read_text(encoding="utf-8")
    assert "T4-3F" in page
    assert mall.database.query("SELECT 1 FROM etl.sync_logs") == []


def test_the_first_sync(main: Main, mall: LegacyMall) -> None:
    """PARTIAL, as one record has no id: every other row goes on under its id, mended, with the editors' fields."""
    code, out, err = main("sync")

    assert code == 0, err
    line = last_line(out)
    assert (line["event"], line["status"]) == ("sync_done", "PARTIAL")
    assert (line["created"], line["updated"], line["skipped"], line["rejected"]) == (0, 9, 1, 1)
    assert (line["duplicates"], line["missing"]) == (1, 1)
    codes = {code for _, code in mall.issues(line["sync_id"])}
    assert codes >= {"duplicate_row", "missing_unique_id", "unmapped_floor", "unmapped_category"}


@pytest.mark.long
def test_what_the_earlier_job_harmed_is_mended_where_it_can_be(main: Main, mall: LegacyMall) -> None:
    """Decoded titles, links that show, rows that go on under the id of today; slugs, zh and statuses stay."""
    main("sync")

    assert title_of(mall, "undecoded") == "O'right"
    assert title_of(mall, "undecoded", "zh") == "Old &amp; raw"
    row = row_of(mall, "undecoded")
    assert (row["slug"], row["status"]) == ("o-039-right", "ACTIVE")
    assert (row["sort_order"], row["is_featured"], row["pin_to_iconluxe"], row["short_alphabet"]) == (
        5, True, True, "O",
    )  # fmt: skip
    assert mall.links("T1") == [(1, "categories", "FASHION")]
    assert ("categories", "LUXURY") in {link[1:] for link in mall.links("T5")}
    assert {link[1] for link in mall.links("T5")} == {"categories"}
    assert row_of(mall, "split")["unique_id"] == "T9"
    assert row_of(mall, "closed")["status"] == "CLOSED"
    assert (title_of(mall, "third"), row_of(mall, "third")["unique_id"]) == ("Brand T4", "T4-3F")


@pytest.mark.long
def test_what_it_doubled_is_reported_and_left_to_editors(main: Main, mall: LegacyMall) -> None:
    """Of doubled rows one goes on, the others are named; rows without an id, skipped and gone ones are not touched."""
    untouched = ("stale", "first", "gone", "skipped", "nameless 0", "nameless 1", "nameless 2")
    before = [row_of(mall, name) for name in untouched]

    _, out, _ = main("sync")

    assert [row_of(mall, name) for name in untouched] == before
    assert (title_of(mall, "again"), title_of(mall, "right", kind="dinings")) == ("Brand T2", "Brand T3")
    found = mall.database.query(
        "SELECT unique_id, value FROM etl.sync_issues WHERE sync_id = %s AND code = 'duplicate_row' ORDER BY 1",
        last_line(out)["sync_id"],
    )
    assert found == [
        {"unique_id": "T2", "value": f"shops {mall.rows['again']}, shops {mall.rows['first']}"},
        {"unique_id": "T3", "value": f"dinings {mall.rows['right']}, shops {mall.rows['stale']}"},
    ]


@pytest.mark.long
def test_the_second_sync_changes_nothing(main: Main, mall: LegacyMall) -> None:
    """Same feed: no row is written, `updated_at` moves nowhere, and the record without an id is not made again."""
    main("sync")
    before = mall.fingerprint()

    _, out, _ = main("sync")

    line = last_line(out)
    assert (line["created"], line["updated"], line["inactivated"]) == (0, 0, 0)
    assert mall.fingerprint() == before


def test_editors_work_stands(main: Main, mall: LegacyMall) -> None:
    """What an editor changes after the move, in fields of the source too, survives the next run."""
    main("sync")
    mall.edit_texts("T1", "en", title="O'right, by hand")
    mall.edit_texts("T1", "zh", title="欧莱德")
    mall.edit("T1", location_zone="By the door", sort_order=1, slug="oright")
    before = mall.fingerprint()

    main("sync")

    assert mall.fingerprint() == before


@pytest.mark.long
def test_the_earlier_jobs_runs_stay_on_the_screen(main: Main, mall: LegacyMall) -> None:
    """Its rows, RUNNING for ever among them, are not touched; ours is beside them."""
    query = "SELECT * FROM api_sync_logs WHERE sync_id LIKE 'sync\\_%' ORDER BY id"
    before = mall.database.query(query)

    _, out, _ = main("sync")

    assert mall.database.query(query) == before
    (own,) = mall.database.query(
        "SELECT sync_id, status FROM api_sync_logs WHERE sync_id NOT LIKE 'sync\\_%'"
    )
    assert own == {"sync_id": last_line(out)["sync_id"], "status": "PARTIAL"}


@pytest.mark.long
def test_the_way_back(main: Main, mall: LegacyMall) -> None:
    """`etl rollback` puts back what the first sync changed: the CMS says again what the earlier job left."""
    before = content(mall)
    main("sync")
    assert content(mall) != before

    code, _, err = main("rollback", "latest", "--yes")

    assert code == 0, err
    assert content(mall) == before
