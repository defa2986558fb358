"""Several malls in one run: each by itself, told apart by its ids, and none stops another."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from etl.db.connect import connect
from etl.errors import ConfigError, GuardError, IncompleteExtract, SourceError
from etl.explain.run import explain
from etl.extract.feeds import ExtractRequest, fetch
from etl.load.known_sources import known_sources
from etl.rollback.run import rollback
from etl.runtime.progress import LogProgress
from etl.runtime.sync_id import new_sync_id
from etl.runtime.timing import StageTimer
from tests.support import api as answers
from tests.support.api import FakeApi
from tests.support.malls import OLD, Malls
from tests.support.postgres import Database
from tests.support.sync import record

LESS_THAN_PROMISED = answers.raw(
    b'{"totalRecord": 3, "page": 1, "limit": 100, "totalPages": 1, "data": [{"uniqueId": "T1"}]}'
)


@pytest.fixture
def malls(database: Database, tmp_path: Path) -> Iterator[Malls]:
    """Give the mall that was there before, and two more: icon and siam."""
    with ExitStack() as stack:
        apis = {name: stack.enter_context(FakeApi()) for name in (OLD, "icon", "siam")}
        yield Malls(apis, database, tmp_path / "snapshots")


def some(*ids: str, of: str = "", **fields: Any) -> list[dict[str, Any]]:
    """Return records whose titles say which mall they are of."""
    return [record(each, brandNameEn=f"{of} {each}".strip(), **fields) for each in ids]


def all_three() -> dict[str, list[dict[str, Any]]]:
    """Return three malls that have an id in common."""
    return {
        OLD: some("T1", "T2", of="Old"),
        "icon": some("T1", "T3", of="Icon"),
        "siam": some("T1", of="Siam", floor="Fl. 3,4"),
    }


def test_equal_ids_of_two_malls_never_meet(malls: Malls) -> None:
    """Each mall's T1 is a row of its own; ids begin with the mall's name, those of the mall that was there as before."""
    result = malls.sync(all_three())

    assert malls.titles() == {
        "T1": "Old T1",
        "T2": "Old T2",
        "icon:T1": "Icon T1",
        "icon:T3": "Icon T3",
        "siam:T1-3F": "Siam T1",
        "siam:T1-4F": "Siam T1",
    }
    assert (result.status, result.counts.created, result.extracted.records) == ("COMPLETED", 6, 5)
    base = malls.database.query("SELECT unique_id, source_unique_id FROM etl.tenants_base ORDER BY 1")
    assert [tuple(row.values()) for row in base] == [
        ("T1", "T1"),
        ("T2", "T2"),
        ("icon:T1", "icon:T1"),
        ("icon:T3", "icon:T3"),
        ("siam:T1-3F", "siam:T1"),
        ("siam:T1-4F", "siam:T1"),
    ]


def test_a_second_sync_changes_nothing(malls: Malls) -> None:
    """The same records again write no row."""
    malls.sync(all_three())
    before = malls.fingerprint()

    result = malls.sync()

    assert (result.status, result.counts.unchanged, result.counts.missing) == ("COMPLETED", 6, 0)
    assert malls.fingerprint() == before


def test_what_is_logged_of_each_source(malls: Malls) -> None:
    """`etl.sync_sources` has a row a source, `etl.sync_logs` all together."""
    malls.sync(all_three())
    malls.apis["icon"].records = some("T1", of="Icon", zone="West")
    result = malls.sync()

    rows = malls.sources(result.sync_id)
    told = ("status", "records_fetched", "records_processed", "records_updated", "records_missing")
    assert {name: tuple(row[column] for column in told) for name, row in rows.items()} == {
        OLD: ("COMPLETED", 2, 2, 0, 0),
        "icon": ("COMPLETED", 1, 1, 1, 1),
        "siam": ("COMPLETED", 1, 2, 0, 0),
    }
    assert [row["id_prefix"] for row in rows.values()] == ["", "icon:", "siam:"]
    assert rows["siam"]["external_api_url"] == malls.apis["siam"].url
    assert f"/snapshots/siam/{result.sync_id.split('-')[0][:8]}" in rows["siam"]["snapshot"]
    log = malls.last_run()
    assert (log["records_fetched"], log["records_missing"], log["snapshot"]) == (4, 1, None)
    assert log["external_api_url"] == malls.url.replace("\n", " ")
    (kept,) = malls.database.query("SELECT * FROM etl.sources WHERE name = 'icon'")
    assert (kept["good_sync_id"], kept["records_fetched"]) == (result.sync_id, 1)


def test_a_mall_whose_api_is_down_does_not_stop_the_others(malls: Malls) -> None:
    """PARTIAL; its rows stay, none is missing, and the run says why, everywhere."""
    malls.sync(all_three())
    malls.apis["icon"].fail_always(1, answers.status(503))

    result = malls.sync({OLD: some("T1", of="Old"), "siam": some("T1", "T9", of="Siam", floor="Fl. 3,4")})

    assert (result.status, result.counts.missing) == ("PARTIAL", 1)
    assert {"icon:T1", "icon:T3", "siam:T9-3F"} <= malls.titles().keys()
    assert [issue for issue in malls.issues(result.sync_id) if issue[1] in {"source_failed", "missing"}] == [
        ("T2", "missing", "shops 2"),
        (None, "source_failed", "icon"),
    ]
    row = malls.sources(result.sync_id)["icon"]
    assert (row["status"], row["records_fetched"], row["snapshot"]) == ("FAILED", None, None)
    assert "503" in row["error"]
    assert malls.last_run()["performance"]["sources_failed"] == ["icon"]
    assert malls.sync(all_three() | {"icon": []}).status == "PARTIAL"


def test_an_incomplete_mall_is_left_out_or_allowed(malls: Malls) -> None:
    """Less than promised: the others are loaded; with allow_partial it is too, and nothing of it is missing."""
    malls.sync(all_three())
    malls.apis["icon"].fail_always(1, LESS_THAN_PROMISED)

    result = malls.sync(missing="inactivate")
    assert (result.status, result.counts.missing, result.counts.updated) == ("PARTIAL", 0, 0)
    assert "did not give what it promised" in malls.sources(result.sync_id)["icon"]["error"]

    allowed = malls.sync(allow_partial=True, missing="inactivate")
    assert (allowed.status, allowed.counts.missing) == ("PARTIAL", 0)
    row = malls.sources(allowed.sync_id)["icon"]
    assert (row["status"], row["is_complete"], row["records_fetched"]) == ("PARTIAL", False, 1)
    assert "promised" in row["error"]


def test_a_guard_refuses_its_mall_only(malls: Malls) -> None:
    """A list that shrank too much is left out; the next mall's news is loaded; --force goes on."""
    many = {"icon": some(*(f"T{number}" for number in range(40)), of="Icon"), "siam": some("T1", of="Siam")}
    malls.sync({OLD: some("T1", of="Old"), **many})

    result = malls.sync({"icon": some("T1", of="Icon"), "siam": some("T1", "T2", of="Siam")})

    assert (result.status, result.counts.created, result.counts.missing) == ("PARTIAL", 1, 0)
    error = malls.sources(result.sync_id)["icon"]["error"]
    assert "The source has 1 records, 39 (98%) fewer" in error
    assert "Nothing was written" not in error
    assert "etl sync --snapshot " in error
    assert malls.sources(result.sync_id)["icon"]["records_fetched"] == 1
    assert malls.sync(force=True).counts.missing == 39


def test_a_guard_that_needs_the_plan_refuses_its_mall_only(malls: Malls) -> None:
    """As many records, all under new ids: that mall's are left out once the plan shows it; nothing of it is written."""
    malls.sync(
        {
            OLD: some("T1", of="Old"),
            "icon": some(*(f"T{number}" for number in range(40)), of="Icon"),
            "siam": some("T1", of="Siam"),
        }
    )
    before = malls.titles()

    result = malls.sync(
        {
            "icon": some(*(f"X{number}" for number in range(40)), of="Icon"),
            "siam": some("T1", "T2", of="Siam"),
        }
    )

    assert (result.status, result.counts.created, result.counts.missing) == ("PARTIAL", 1, 0)
    assert malls.titles() == before | {"siam:T2": "Siam T2"}
    assert "40 of the 40 records" in malls.sources(result.sync_id)["icon"]["error"]


@pytest.mark.parametrize(
    ("first", "kind", "code"),
    [(answers.status(503), SourceError, 1), (LESS_THAN_PROMISED, IncompleteExtract, 6)],
)
def test_all_malls_down(malls: Malls, first: Any, kind: type[Exception], code: int) -> None:
    """No source at all: FAILED with the first one's exit code, each told, nothing written."""
    malls.sync(all_three())
    before = malls.fingerprint()
    malls.apis[OLD].fail_always(1, first)
    for name in ("icon", "siam"):
        malls.apis[name].fail_always(1, answers.status(404))

    with pytest.raises(
        kind, match=r"(?s)None of the 3 sources can be loaded:.*icon:.*404.*siam:.*404"
    ) as caught:
        malls.sync()

    assert getattr(caught.value, "exit_code", None) == code
    assert malls.fingerprint() == before
    log = malls.last_run()
    assert log["status"] == "FAILED"
    assert {row["status"] for row in malls.sources(log["sync_id"]).values()} == {"FAILED"}
    assert "404" in malls.sources(log["sync_id"])["siam"]["error"]


def test_snapshots_of_each_source_are_replayed(malls: Malls, tmp_path: Path) -> None:
    """The snapshots of a run give the same plan, in whatever folder they are; ids get their prefixes again."""
    first = malls.sync(all_three())
    second = malls.sync({"siam": some("T1", "T5", of="Siam"), "icon": some("T3", of="Icon")})
    malls.database.execute(
        "TRUNCATE shops, dinings, etl.sync_logs, etl.sync_issues, etl.sync_changes, etl.sync_sources, etl.sources, "
        "etl.tenants_base RESTART IDENTITY CASCADE"
    )
    expected = second.counts

    for name in malls.named:
        malls.apis[name].fail_always(1, answers.status(500))
    malls.sync(snapshot=tuple(source.snapshot for source in first.sources))
    again = malls.sync(snapshot=tuple(source.snapshot for source in second.sources))

    assert (again.status, again.counts) == ("COMPLETED", expected)


def test_a_replay_of_one_mall_leaves_the_others(malls: Malls) -> None:
    """What is not replayed is not missing, and not told."""
    first = malls.sync(all_three())

    result = malls.sync(snapshot=first.sources[1].snapshot)

    assert (result.status, result.counts.unchanged, result.counts.missing) == ("COMPLETED", 2, 0)
    assert malls.issues(result.sync_id) == []


def test_two_snapshots_of_one_mall(malls: Malls) -> None:
    """They can't both be what the mall has now."""
    first = malls.sync(all_three()).sources[1].snapshot
    second = malls.sync().sources[1].snapshot
    with pytest.raises(ConfigError, match=r"is of icon, as a snapshot before it\. Give one of each source"):
        malls.sync(snapshot=(first, second))


def test_from_one_source_to_several(malls: Malls) -> None:
    """The first mall's rows keep their ids and their edits; nothing of it is missing, and its guard knows its last run."""
    malls.named = [OLD]
    malls.sync({OLD: some(*(f"T{number}" for number in range(30)), of="Old")})
    assert malls.database.query("SELECT count(*) FROM etl.sync_sources")[0]["count"] == 0
    before = malls.fingerprint()
    malls.named = [OLD, "icon"]

    result = malls.sync({"icon": some("T1", of="Icon")})

    assert (result.counts.created, result.counts.unchanged, result.counts.missing) == (1, 30, 0)
    assert malls.fingerprint()[0][:30] == before[0]
    shrunk = malls.sync({OLD: some("T1", of="Old")})
    assert "29 (97%) fewer" in malls.sources(shrunk.sync_id)[OLD]["error"]


def test_a_source_that_the_settings_lost(malls: Malls) -> None:
    """Its rows stay, are not missing, and are told of in each run; back to one source too."""
    malls.sync(all_three())
    malls.named = [OLD, "siam"]
    two = malls.sync(missing="inactivate")
    malls.named = [OLD]
    one = malls.sync(missing="inactivate")
    malls.named = ["siam"]
    named = malls.sync(missing="inactivate")

    assert [result.counts.missing for result in (two, one, named)] == [0, 0, 0]
    assert [result.status for result in (two, one, named)] == ["COMPLETED"] * 3
    assert malls.issues(two.sync_id) == [(None, "source_not_named", "icon")]
    assert malls.issues(one.sync_id) == [
        (None, "source_not_named", "icon"),
        (None, "source_not_named", "siam"),
    ]
    assert malls.issues(named.sync_id) == [
        (None, "source_not_named", None),
        (None, "source_not_named", "icon"),
    ]


def test_a_row_of_the_cms_without_a_base_is_the_nameless_source_s(malls: Malls) -> None:
    """An unknown prefix is none; a known one is that source's, and not missing while that is down."""
    malls.sync(all_three())
    for unique_id in ("X1", "what:X2", "icon:X3"):
        malls.database.execute("INSERT INTO shops (unique_id, slug) VALUES (%s, %s)", unique_id, unique_id)
    malls.apis["icon"].fail_always(1, answers.status(503))

    result = malls.sync()

    missing = [issue[0] for issue in malls.issues(result.sync_id) if issue[1] == "missing"]
    assert missing == ["X1", "what:X2"]


def test_the_first_mall_is_not_made_a_second_time(malls: Malls) -> None:
    """Given a name of its own it would be: refused, with what to do; the other malls are loaded."""
    malls.named = [OLD]
    malls.sync({OLD: some("T1", "T2", of="Old")})
    malls.apis = {**malls.apis, "iconsiam": malls.apis[OLD]}
    malls.named = ["iconsiam", "siam"]

    result = malls.sync({"siam": some("T1", of="Siam")})

    assert (result.status, result.counts.created) == ("PARTIAL", 1)
    error = malls.sources(result.sync_id)["iconsiam"]["error"]
    assert "would be made a second time" in error
    assert "id_prefix: ''" in error
    malls.named = ["iconsiam"]
    with pytest.raises(GuardError, match="has the address of the source without a name") as caught:
        malls.sync()
    assert caught.value.exit_code == 3


def test_ids_of_the_first_mall_that_look_like_another_s(malls: Malls) -> None:
    """They never become rows of the other one; whoever came first keeps them, and both are told."""
    malls.named = [OLD]
    malls.sync({OLD: some("T1", "icon:T1", of="Old")})
    malls.named = [OLD, "icon"]

    result = malls.sync({"icon": some("T1", of="Icon")})

    assert malls.titles() == {"T1": "Old T1", "icon:T1": "Old icon:T1"}
    assert (result.status, result.counts.rejected, result.counts.missing) == ("PARTIAL", 1, 0)
    assert "no sync of icon made them" in malls.sources(result.sync_id)["icon"]["error"]
    assert (None, "foreign_id", "icon:T1") in malls.issues(result.sync_id)


def test_records_without_an_id_withhold_their_own_mall_only(malls: Malls) -> None:
    """Whose rows are missing is not known there; the other malls' are set INACTIVE."""
    malls.sync({OLD: some("T1", "T2"), "icon": some("T1", "T2"), "siam": some("T1")})
    malls.database.execute("UPDATE shops SET status = 'ACTIVE'")

    result = malls.sync(
        {OLD: some("T1"), "icon": [*some("T1"), record(None)], "siam": some("T1")}, missing="inactivate"
    )

    rows = malls.database.query("SELECT unique_id FROM shops WHERE status = 'INACTIVE'")
    assert [row["unique_id"] for row in rows] == ["T2"]
    assert malls.sources(result.sync_id)["icon"]["records_rejected"] == 1
    assert malls.sources(result.sync_id)["icon"]["status"] == "PARTIAL"
    assert malls.sources(result.sync_id)[OLD]["status"] == "COMPLETED"


def test_fallback_slugs_are_told_apart(malls: Malls) -> None:
    """A record without a name has the mall in its slug, as it has in its id."""
    nameless = dict.fromkeys(("brandNameEn", "brandNameTh", "shopNameEnglish", "shopNameThai"))
    malls.sync({OLD: [record("T1", **nameless)], "icon": [record("T1", **nameless)], "siam": []})
    rows = malls.database.query("SELECT unique_id, slug FROM shops ORDER BY id")
    assert [tuple(row.values()) for row in rows] == [
        ("T1", "shop-tenant-t1"),
        ("icon:T1", "shop-icon-tenant-t1"),
    ]


def test_a_diff_is_the_sync(malls: Malls, tmp_path: Path) -> None:
    """What a diff shows, and its saved plan does, leaves out what the sync leaves out."""
    malls.sync(all_three())
    malls.apis["icon"].fail_always(1, answers.status(503))
    malls.apis["siam"].records = some("T1", "T7", of="Siam", floor="Fl. 3,4")
    path = str(tmp_path / "kept.plan")

    found = malls.diff(save_to=path)

    assert found.totals.of("created") == 2
    assert found.totals.of("missing") == 0
    assert found.source.records == 4
    (note,) = found.notes
    assert note.startswith("Nothing of icon is loaded. ")
    result = malls.sync(plan=path)
    assert (result.status, result.counts.created) == ("PARTIAL", 2)
    assert {name: row["status"] for name, row in malls.sources(result.sync_id).items()} == {
        OLD: "COMPLETED",
        "icon": "FAILED",
        "siam": "COMPLETED",
    }
    assert malls.sources(result.sync_id)["siam"]["records_created"] == 2


def test_a_run_of_several_malls_is_rolled_back(malls: Malls) -> None:
    """As any run: each mall's fields are put back, under its own ids."""
    malls.sync(all_three())
    result = malls.sync({OLD: some("T1", "T2", of="Newer"), "icon": some("T1", "T3", of="Newer")})
    assert result.counts.updated == 4

    settings = malls.settings()
    with connect(settings.database()) as db:
        done = rollback(settings, db, result.sync_id, LogProgress())

    assert done.totals.status == "COMPLETED"
    assert malls.titles()["T1"] == "Old T1"
    assert malls.titles()["icon:T3"] == "Icon T3"


def test_explain_knows_the_malls(malls: Malls) -> None:
    """An id with a prefix is looked for in the last snapshot of its mall; one without in that of the nameless one."""
    malls.sync(all_three())
    malls.apis["icon"].fail_always(1, answers.status(503))
    malls.sync()
    settings = malls.settings()

    def title(unique_id: str) -> str:
        with connect(settings.database()) as db:
            found = explain(settings, db, unique_id, snapshot=None, limit=0)
        assert found.source is not None
        assert found.database is not None
        assert {row.unique_id.partition("-")[0] for row in found.database.rows} == {
            unique_id.partition("-")[0]
        }
        return found.source.way.rows[0]["title_en"]

    assert [title(each) for each in ("T1", "icon:T1", "siam:T1", "siam:T1-4F")] == [
        "Old T1",
        "Icon T1",
        "Siam T1",
        "Siam T1",
    ]


def test_the_time_of_the_list_is_shared(malls: Malls) -> None:
    """A mall that gives its list too slowly may not take the time of the next one."""
    malls.overrides |= {"api_deadline_s": 3, "api_in_flight": 1, "api_page_size": 1}
    malls.apis[OLD].delay_s = 0.2

    result = malls.sync(
        {OLD: some(*(f"T{number}" for number in range(30))), "icon": some("T1"), "siam": some("T1")}
    )

    assert {name: row["status"] for name, row in malls.sources(result.sync_id).items()} == {
        OLD: "FAILED",
        "icon": "COMPLETED",
        "siam": "COMPLETED",
    }
    assert "did not give its list in 1 s" in malls.sources(result.sync_id)[OLD]["error"]


def test_a_mall_alone_with_a_name(malls: Malls) -> None:
    """It has its prefix, is judged by its own last run, and what is wrong with it ends the run as ever."""
    malls.named = ["siam"]
    malls.sync({"siam": some(*(f"T{number}" for number in range(40)), of="Siam")})
    assert "siam:T7" in malls.titles()

    with pytest.raises(GuardError, match="Nothing was written") as caught:
        malls.sync({"siam": some("T1", of="Siam")})

    assert caught.value.exit_code == 3
    assert malls.sources(malls.last_run()["sync_id"])["siam"]["status"] == "FAILED"
    malls.apis["siam"].fail_always(1, LESS_THAN_PROMISED)
    with pytest.raises(IncompleteExtract):
        malls.sync()


def test_snapshots_are_kept_of_each_mall(malls: Malls) -> None:
    """SNAPSHOT_KEEP counts for each; that of a mall which is down stays."""
    malls.overrides["snapshot_keep"] = 1
    first = malls.sync(all_three())
    malls.apis["icon"].fail_always(1, answers.status(503))
    second = malls.sync()

    kept = sorted(str(path.parent) for path in malls.folder.rglob("manifest.json"))
    snapshots = [first.sources[1].snapshot, second.sources[0].snapshot, second.sources[2].snapshot]
    assert kept == sorted(str(path) for path in snapshots)


def test_forty_runs_in_a_row(malls: Malls) -> None:
    """Several begin within one second; with one snapshot kept a mall, each run's own are there when it reads them."""
    malls.overrides["snapshot_keep"] = 1
    malls.named = ["icon", "siam"]
    malls.apis["icon"].records, malls.apis["siam"].records = some("T1"), some("T2")
    settings = malls.settings()
    for _ in range(40):
        sync_id = new_sync_id()
        feeds = fetch(settings, StageTimer(LogProgress()), ExtractRequest(sync_id=sync_id))
        assert [feed.snapshot.id for feed in feeds.present] == [sync_id, sync_id]
        assert [str(path.parent) for path in sorted(malls.folder.rglob("manifest.json"))] == [
            feed.snapshot.path for feed in feeds.present
        ]


def test_a_clock_that_was_set_back(malls: Malls, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run whose id sorts before all others' keeps its snapshots, and is the one that the next is judged by."""
    malls.overrides["snapshot_keep"] = 1
    malls.named = [OLD]
    malls.sync({OLD: some(*(f"T{number}" for number in range(40)), of="Old")})
    malls.named = [OLD, "siam"]
    monkeypatch.setattr("etl.runs.run.new_sync_id", lambda: "20200101T000000Z-3f9a1c")
    result = malls.sync({OLD: some(*(f"T{number}" for number in range(39)), of="Old"), "siam": some("T1")})

    kept = sorted(str(path.parent) for path in malls.folder.rglob("manifest.json"))
    assert kept == [f"{malls.folder}/20200101T000000Z-3f9a1c", f"{malls.folder}/siam/20200101T000000Z-3f9a1c"]
    assert [source.snapshot for source in result.sources] == kept
    with connect(malls.settings().database()) as db:
        last = known_sources(db)[""].last
    assert last is not None
    assert (last.sync_id, last.records_fetched) == (result.sync_id, 39)


def test_an_id_with_an_unknown_prefix_is_counted_as_the_first_malls(malls: Malls) -> None:
    """`what:T2` of the mall without a name is one of its own in all its figures; an error of one mall is no other's."""
    malls.sync({OLD: some("T1", "what:T2"), "icon": [*some("T1"), record(None)], "siam": some("T1")})
    result = malls.sync({OLD: some("T1", "what:T2", zone="West")})

    figures = ("processed", "updated", "unchanged", "rejected", "missing")
    rows = malls.sources(result.sync_id)
    assert {name: tuple(row[f"records_{figure}"] for figure in figures) for name, row in rows.items()} == {
        OLD: (2, 2, 0, 0, 0),
        "icon": (1, 0, 1, 1, 0),
        "siam": (1, 0, 1, 0, 0),
    }


def test_a_mall_that_failed_has_no_figures(malls: Malls) -> None:
    """What happened to its records is not 0, but nothing that anybody knows."""
    malls.sync(all_three())
    malls.apis["icon"].fail_always(1, answers.status(503))

    row = malls.sources(malls.sync().sync_id)["icon"]

    assert row["status"] == "FAILED"
    assert {name: value for name, value in row.items() if name.startswith("records_") or name.startswith("unmapped_")} == (
        dict.fromkeys(
            (
                "records_fetched", "records_processed", "records_created", "records_updated", "records_unchanged",
                "records_skipped", "records_rejected", "records_duplicate", "records_missing", "records_inactivated",
                "unmapped_floors", "unmapped_categories",
            )
        )
    )  # fmt: skip
