"""Several malls are several runs: each by itself, told apart by its ids, and none stops another."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from etl.contract.source_names import Origin
from etl.db.connect import connect
from etl.db.connection import Postgres
from etl.errors import EtlError, GuardError, IncompleteExtract, LockError, SourceError
from etl.explain.run import explain
from etl.extract.feed import ExtractRequest, fetch
from etl.load.sources import read_sources
from etl.model.options import SyncOptions
from etl.model.results import SyncResult
from etl.rollback.run import rollback
from etl.runtime.progress import LogProgress
from etl.runtime.sync_id import new_sync_id
from etl.runtime.timing import StageTimer
from tests.support import api as answers
from tests.support.api import FakeApi
from tests.support.malls import OLD, Malls
from tests.support.postgres import Database
from tests.support.sync import record, settings_for, sync_source

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


def statuses(outcomes: dict[str, SyncResult | EtlError]) -> dict[str, str]:
    """Return how each mall's run ended."""
    return {
        name: outcome.status if isinstance(outcome, SyncResult) else "FAILED"
        for name, outcome in outcomes.items()
    }


def error_of(outcomes: dict[str, SyncResult | EtlError], name: str) -> EtlError:
    """Return why a mall's run failed."""
    error = outcomes[name]
    assert isinstance(error, EtlError)
    return error


def result_of(outcomes: dict[str, SyncResult | EtlError], name: str) -> SyncResult:
    """Return what a mall's run did."""
    result = outcomes[name]
    assert isinstance(result, SyncResult), result
    return result


def test_equal_ids_of_two_malls_never_meet(malls: Malls) -> None:
    """Each mall's T1 is a row of its own; ids begin with the mall's name, those of the mall that was there as before."""
    results = malls.sync(all_three())

    assert malls.titles() == {
        "T1": "Old T1",
        "T2": "Old T2",
        "icon:T1": "Icon T1",
        "icon:T3": "Icon T3",
        "siam:T1-3F": "Siam T1",
        "siam:T1-4F": "Siam T1",
    }
    assert {name: (each.status, each.counts.created) for name, each in results.items()} == {
        OLD: ("COMPLETED", 2),
        "icon": ("COMPLETED", 2),
        "siam": ("COMPLETED", 2),
    }
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

    results = malls.sync()

    assert [(each.status, each.counts.unchanged, each.counts.missing) for each in results.values()] == [
        ("COMPLETED", 2, 0)
    ] * 3
    assert malls.fingerprint() == before


def test_each_mall_has_a_run_of_its_own(malls: Malls) -> None:
    """In the order of the settings, with its source, its address, its snapshot and its figures."""
    malls.sync(all_three())
    malls.apis["icon"].records = some("T1", of="Icon", zone="West")
    results = malls.sync()

    runs = malls.runs()[3:]
    assert [(run["source"], run["id_prefix"]) for run in runs] == [
        (OLD, ""),
        ("icon", "icon:"),
        ("siam", "siam:"),
    ]
    figures = ("status", "records_fetched", "records_processed", "records_updated", "records_missing")
    assert [tuple(run[column] for column in figures) for run in runs] == [
        ("COMPLETED", 2, 2, 0, 0),
        ("COMPLETED", 1, 1, 1, 1),
        ("COMPLETED", 1, 2, 0, 0),
    ]
    assert [run["external_api_url"] for run in runs] == [malls.apis[name].url for name in malls.named]
    siam = results["siam"]
    assert runs[2]["snapshot"] == siam.extracted.snapshot == f"{malls.folder}/siam/{siam.sync_id}"
    (kept,) = malls.database.query("SELECT * FROM etl.sources WHERE name = 'icon'")
    assert (kept["good_sync_id"], kept["records_fetched"]) == (results["icon"].sync_id, 1)


@pytest.mark.long
def test_a_mall_whose_api_is_down_does_not_stop_the_others(malls: Malls) -> None:
    """Its run is FAILED and says why; its rows stay, none is missing; the others are loaded."""
    malls.sync(all_three())
    malls.apis["icon"].fail_always(1, answers.status(503))

    outcomes = malls.outcomes(
        {OLD: some("T1", of="Old"), "siam": some("T1", "T9", of="Siam", floor="Fl. 3,4")}
    )

    assert statuses(outcomes) == {OLD: "COMPLETED", "icon": "FAILED", "siam": "COMPLETED"}
    assert {"icon:T1", "icon:T3", "siam:T9-3F"} <= malls.titles().keys()
    assert malls.issues(result_of(outcomes, OLD).sync_id) == [("T2", "missing", "shops 2")]
    run = malls.last_run_of("icon")
    assert (run["status"], run["records_fetched"], run["snapshot"]) == ("FAILED", None, None)
    assert "503" in run["error"]


def test_an_incomplete_mall_fails_or_is_allowed(malls: Malls) -> None:
    """Less than promised: the others are loaded; with allow_partial it is too, and nothing of it is missing."""
    malls.sync(all_three())
    malls.apis["icon"].fail_always(1, LESS_THAN_PROMISED)

    outcomes = malls.outcomes(missing="inactivate")
    assert statuses(outcomes) == {OLD: "COMPLETED", "icon": "FAILED", "siam": "COMPLETED"}
    assert error_of(outcomes, "icon").exit_code == 6
    assert "did not give what it promised" in malls.last_run_of("icon")["error"]

    allowed = malls.sync(allow_partial=True, missing="inactivate")["icon"]
    assert (allowed.status, allowed.counts.missing, allowed.extracted.records) == ("PARTIAL", 0, 1)
    assert "totalRecord" in malls.last_run_of("icon")["performance"]["incomplete"][0]


def test_a_guard_refuses_its_mall_only(malls: Malls) -> None:
    """A list that shrank too much is refused; the next mall's news is loaded; --force goes on."""
    many = {"icon": some(*(f"T{number}" for number in range(40)), of="Icon"), "siam": some("T1", of="Siam")}
    malls.sync({OLD: some("T1", of="Old"), **many})

    outcomes = malls.outcomes({"icon": some("T1", of="Icon"), "siam": some("T1", "T2", of="Siam")})

    assert statuses(outcomes) == {OLD: "COMPLETED", "icon": "FAILED", "siam": "COMPLETED"}
    assert result_of(outcomes, "siam").counts.created == 1
    error = error_of(outcomes, "icon")
    assert error.exit_code == 3
    assert "The source has 1 records, 39 (98%) fewer" in str(error)
    assert "`etl diff --source icon` shows what the sync would do" in str(error)
    assert "`etl sync --source icon --force`" in str(error)
    # where its records are is known all the same
    assert malls.last_run_of("icon")["snapshot"].startswith(f"{malls.folder}/icon/")
    assert malls.sync(force=True)["icon"].counts.missing == 39


@pytest.mark.long
def test_a_guard_that_needs_the_plan_refuses_its_mall_only(malls: Malls) -> None:
    """As many records, all under new ids: nothing of that mall is written; the others are loaded."""
    malls.sync(
        {
            OLD: some("T1", of="Old"),
            "icon": some(*(f"T{number}" for number in range(40)), of="Icon"),
            "siam": some("T1", of="Siam"),
        }
    )
    before = malls.titles()

    outcomes = malls.outcomes(
        {
            "icon": some(*(f"X{number}" for number in range(40)), of="Icon"),
            "siam": some("T1", "T2", of="Siam"),
        }
    )

    assert result_of(outcomes, "siam").counts.created == 1
    assert malls.titles() == before | {"siam:T2": "Siam T2"}
    assert "40 of the 40 records" in str(error_of(outcomes, "icon"))


def test_all_malls_down(malls: Malls) -> None:
    """Each has a FAILED run with its own reason, and nothing is written."""
    malls.sync(all_three())
    before = malls.fingerprint()
    malls.apis[OLD].fail_always(1, LESS_THAN_PROMISED)
    malls.apis["icon"].fail_always(1, answers.status(503))
    malls.apis["siam"].fail_always(1, answers.status(404))

    outcomes = malls.outcomes()

    assert [type(outcome) for outcome in outcomes.values()] == [IncompleteExtract, SourceError, SourceError]
    assert malls.fingerprint() == before
    runs = malls.runs()[3:]
    assert [run["status"] for run in runs] == ["FAILED"] * 3
    assert ["promised" in runs[0]["error"], "503" in runs[1]["error"], "404" in runs[2]["error"]] == [
        True
    ] * 3


@pytest.mark.long
def test_snapshots_of_each_source_are_replayed(malls: Malls) -> None:
    """The snapshots of earlier runs give the same plans, in whatever folder they are; ids get their prefixes again."""
    first = malls.sync(all_three())
    second = malls.sync({"siam": some("T1", "T5", of="Siam"), "icon": some("T3", of="Icon")})
    malls.database.execute(
        "TRUNCATE shops, dinings, etl.sync_logs, etl.sync_issues, etl.sync_changes, etl.sources, "
        "etl.tenants_base RESTART IDENTITY CASCADE"
    )

    for name in malls.named:
        malls.apis[name].fail_always(1, answers.status(500))
    for results in (first, second):
        again = {name: malls.load(snapshot=each.extracted.snapshot) for name, each in results.items()}

    assert {name: (each.status, each.source, each.counts) for name, each in again.items()} == {
        name: ("COMPLETED", name, each.counts) for name, each in second.items()
    }


@pytest.mark.long
def test_a_replay_of_one_mall_leaves_the_others(malls: Malls) -> None:
    """What is not replayed is not missing, and not reported."""
    first = malls.sync(all_three())

    result = malls.load(snapshot=first["icon"].extracted.snapshot)

    assert (result.status, result.counts.unchanged, result.counts.missing) == ("COMPLETED", 2, 0)
    assert malls.issues(result.sync_id) == []


@pytest.mark.long
def test_from_one_source_to_several(malls: Malls) -> None:
    """The first mall's rows keep their ids and their edits; nothing of it is missing, and its guard knows its last run."""
    malls.named = [OLD]
    malls.sync({OLD: some(*(f"T{number}" for number in range(30)), of="Old")})
    before = malls.fingerprint()
    malls.named = [OLD, "icon"]

    results = malls.sync({"icon": some("T1", of="Icon")})

    assert results["icon"].counts.created == 1
    assert (results[OLD].counts.unchanged, results[OLD].counts.missing) == (30, 0)
    assert malls.fingerprint()[0][:30] == before[0]
    shrunk = malls.outcomes({OLD: some("T1", of="Old")})
    assert "29 (97%) fewer" in str(error_of(shrunk, OLD))
    assert "`etl sync --force`" in str(error_of(shrunk, OLD))


def test_a_source_that_the_settings_lost(malls: Malls) -> None:
    """Its rows stay, are not missing, and are reported by the run of the first source; back to one source too."""
    malls.sync(all_three())
    malls.named = [OLD, "siam"]
    two = malls.sync(missing="inactivate")
    malls.named = [OLD]
    one = malls.sync(missing="inactivate")
    malls.named = ["siam"]
    named = malls.sync(missing="inactivate")

    for results in (two, one, named):
        assert {(each.status, each.counts.missing) for each in results.values()} == {("COMPLETED", 0)}
    assert malls.issues(two[OLD].sync_id) == [(None, "source_not_named", "icon")]
    assert malls.issues(two["siam"].sync_id) == []
    assert malls.issues(one[OLD].sync_id) == [
        (None, "source_not_named", "icon"),
        (None, "source_not_named", "siam"),
    ]
    assert malls.issues(named["siam"].sync_id) == [
        (None, "source_not_named", None),
        (None, "source_not_named", "icon"),
    ]


@pytest.mark.long
def test_a_row_of_the_cms_without_a_base_is_the_nameless_source_s(malls: Malls) -> None:
    """An unknown prefix is none; a known one is that source's, and not missing while that is down."""
    malls.sync(all_three())
    for unique_id in ("X1", "what:X2", "icon:X3"):
        malls.database.execute("INSERT INTO shops (unique_id, slug) VALUES (%s, %s)", unique_id, unique_id)
    malls.apis["icon"].fail_always(1, answers.status(503))

    outcomes = malls.outcomes()

    found = [malls.issues(result_of(outcomes, name).sync_id) for name in (OLD, "siam")]
    assert [[issue[0] for issue in issues if issue[1] == "missing"] for issues in found] == [
        ["X1", "what:X2"],
        [],
    ]


def test_a_prefix_that_no_run_loaded_yet_is_known_by_the_settings(malls: Malls) -> None:
    """A row of a mall that has never been loaded is none of the nameless one's, though its run comes first."""
    malls.database.execute("INSERT INTO shops (unique_id, slug) VALUES ('icon:T1', 'kept')")

    results = malls.sync(all_three())

    assert results[OLD].counts.missing == 0
    assert (results["icon"].counts.created, results["icon"].counts.updated) == (1, 1)


def test_the_first_mall_is_not_made_a_second_time(malls: Malls) -> None:
    """Given a name of its own it would be: refused, with what to do; the other malls are loaded."""
    malls.named = [OLD]
    malls.sync({OLD: some("T1", "T2", of="Old")})
    malls.apis = {**malls.apis, "iconsiam": malls.apis[OLD]}
    malls.named = ["iconsiam", "siam"]

    outcomes = malls.outcomes({"siam": some("T1", of="Siam")})

    assert result_of(outcomes, "siam").counts.created == 1
    error = error_of(outcomes, "iconsiam")
    assert error.exit_code == 3
    assert "2 of its 2 have the uniqueId and the titles of one that is in the CMS under ids without" in str(
        error
    )
    assert "would be made a second time" in str(error)
    assert "id_prefix: ''" in str(error)


@pytest.mark.quick(cases=1)
@pytest.mark.parametrize("spelling", ["{url}/", "{url}?", "{url}?lang=en", "{url}#all", "{host}"])
def test_a_mall_under_two_addresses(malls: Malls, spelling: str) -> None:
    """However an address is spelled, its records say whose they are; the same ids under other titles are another mall."""
    malls.named = [OLD]
    malls.sync({OLD: some("T1", "T2", "T3", of="Old")})
    url = malls.apis[OLD].url
    other = spelling.format(url=url, host=url.replace("127.0.0.1", "LOCALHOST"))
    for listed in (f"{url}\nagain={other}", f"again={other}"):
        settings = settings_for(malls.database.dsn, listed, malls.folder, api_retries=0)
        (source,) = (each for each in settings.sources() if each.name == "again")
        with (
            connect(settings.database()) as db,
            pytest.raises(GuardError, match="made a second time") as caught,
        ):
            sync_source(settings, db, SyncOptions(), source)
        named = "Leave one of the two out of EXTERNAL_API_URL" in str(caught.value)
        assert named == listed.startswith("http")
    assert set(malls.titles()) == {"T1", "T2", "T3"}
    malls.named = [OLD, "icon"]
    assert malls.sync({"icon": some("T1", "T2", "T3", of="Icon")})["icon"].counts.created == 3


def test_ids_of_the_first_mall_that_look_like_another_s(malls: Malls) -> None:
    """They never become rows of the other one; whoever came first keeps them, and both are reported."""
    malls.named = [OLD]
    malls.sync({OLD: some("T1", "icon:T1", of="Old")})
    malls.named = [OLD, "icon"]

    outcomes = malls.outcomes({"icon": some("T1", of="Icon")})

    assert malls.titles() == {"T1": "Old T1", "icon:T1": "Old icon:T1"}
    old = result_of(outcomes, OLD)
    assert (old.status, old.counts.rejected, old.counts.missing) == ("PARTIAL", 1, 0)
    assert "no sync of icon made them" in str(error_of(outcomes, "icon"))
    assert (None, "foreign_id", "icon:T1") in malls.issues(old.sync_id)


@pytest.mark.long
def test_records_without_an_id_withhold_their_own_mall_only(malls: Malls) -> None:
    """Whose rows are missing is not known there; the other malls' are set INACTIVE."""
    malls.sync({OLD: some("T1", "T2"), "icon": some("T1", "T2"), "siam": some("T1")})
    malls.database.execute("UPDATE shops SET status = 'ACTIVE'")

    results = malls.sync(
        {OLD: some("T1"), "icon": [*some("T1"), record(None)], "siam": some("T1")}, missing="inactivate"
    )

    rows = malls.database.query("SELECT unique_id FROM shops WHERE status = 'INACTIVE'")
    assert [row["unique_id"] for row in rows] == ["T2"]
    assert (results["icon"].status, results["icon"].counts.rejected) == ("PARTIAL", 1)
    assert results[OLD].status == "COMPLETED"


def test_fallback_slugs_are_told_apart(malls: Malls) -> None:
    """A record without a name has the mall in its slug, as it has in its id."""
    nameless = dict.fromkeys(("brandNameEn", "brandNameTh", "shopNameEnglish", "shopNameThai"))
    malls.sync({OLD: [record("T1", **nameless)], "icon": [record("T1", **nameless)], "siam": []})
    rows = malls.database.query("SELECT unique_id, slug FROM shops ORDER BY id")
    assert [tuple(row.values()) for row in rows] == [
        ("T1", "shop-tenant-t1"),
        ("icon:T1", "shop-icon-tenant-t1"),
    ]


def test_equal_names_of_two_malls_get_slugs_of_their_own(malls: Malls) -> None:
    """As two equal names of one mall do."""
    malls.sync({OLD: some("T1", of="X"), "icon": [record("T9", brandNameEn="X T1")], "siam": []})
    rows = malls.database.query("SELECT slug FROM shops ORDER BY id")
    assert [row["slug"] for row in rows] == ["x-t1", "x-t1-2"]


@pytest.mark.long
def test_a_diff_is_the_sync_of_its_mall(malls: Malls, tmp_path: Path) -> None:
    """What a diff shows, and its saved plan does, is of one mall; the plan says itself of which."""
    malls.sync(all_three())
    malls.apis["icon"].fail_always(1, answers.status(503))
    malls.apis["siam"].records = some("T1", "T7", of="Siam", floor="Fl. 3,4")
    path = str(tmp_path / "kept.plan")

    found = malls.diff("siam", save_to=path)

    assert (found.totals.of("created"), found.totals.of("missing"), found.notes) == (2, 0, ())
    assert found.source.records == 2
    before = malls.titles()
    result = malls.load(plan=path)
    assert (result.status, result.source, result.counts.created) == ("COMPLETED", "siam", 2)
    assert malls.titles() == before | {"siam:T7-3F": "Siam T7", "siam:T7-4F": "Siam T7"}
    assert (malls.last_run()["source"], malls.last_run()["id_prefix"]) == ("siam", "siam:")


@pytest.mark.long
def test_a_run_is_rolled_back_and_the_other_malls_stay(malls: Malls) -> None:
    """The rollback is a run of the same mall."""
    malls.sync(all_three())
    results = malls.sync({OLD: some("T1", "T2", of="Newer"), "icon": some("T1", "T3", of="Newer")})
    assert [each.counts.updated for each in results.values()] == [2, 2, 0]

    settings = malls.settings()
    with connect(settings.database()) as db:
        done = rollback(settings, db, results["icon"].sync_id, LogProgress())

    assert done.totals.status == "COMPLETED"
    assert malls.titles()["T1"] == "Newer T1"
    assert malls.titles()["icon:T3"] == "Icon T3"
    last = malls.last_run()
    assert (last["command"], last["source"], last["id_prefix"]) == ("rollback", "icon", "icon:")


@pytest.mark.long
def test_explain_knows_the_malls(malls: Malls) -> None:
    """An id with a prefix is looked for in the last snapshot of its mall; one without in that of the nameless one."""
    malls.sync(all_three())
    malls.apis["icon"].fail_always(1, answers.status(503))
    malls.outcomes()
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


def test_the_time_of_a_list_is_its_own(malls: Malls) -> None:
    """A mall that gives its list too slowly does not take the time of the next one."""
    malls.overrides |= {"api_deadline_s": 1, "api_in_flight": 1, "api_page_size": 1}
    malls.apis[OLD].delay_s = 0.2

    outcomes = malls.outcomes(
        {OLD: some(*(f"T{number}" for number in range(30))), "icon": some("T1"), "siam": some("T1")}
    )

    assert statuses(outcomes) == {OLD: "FAILED", "icon": "COMPLETED", "siam": "COMPLETED"}
    assert "did not give its list in 1 s" in str(error_of(outcomes, OLD))


def test_a_mall_alone_with_a_name(malls: Malls) -> None:
    """It has its prefix, and is judged by its own last run."""
    malls.named = ["siam"]
    malls.sync({"siam": some(*(f"T{number}" for number in range(40)), of="Siam")})
    assert "siam:T7" in malls.titles()

    with pytest.raises(GuardError, match="Nothing was written") as caught:
        malls.sync({"siam": some("T1", of="Siam")})

    assert caught.value.exit_code == 3
    assert malls.last_run()["status"] == "FAILED"
    malls.apis["siam"].fail_always(1, LESS_THAN_PROMISED)
    with pytest.raises(IncompleteExtract):
        malls.sync()


@pytest.mark.long
def test_snapshots_are_kept_of_each_mall(malls: Malls) -> None:
    """SNAPSHOT_KEEP counts for each; that of a mall which is down stays."""
    malls.overrides["snapshot_keep"] = 1
    first = malls.sync(all_three())
    malls.apis["icon"].fail_always(1, answers.status(503))
    second = malls.outcomes()

    kept = sorted(str(path.parent) for path in malls.folder.rglob("manifest.json"))
    latest = [result_of(second, OLD), first["icon"], result_of(second, "siam")]
    assert kept == sorted(each.extracted.snapshot for each in latest)


def test_forty_runs_in_a_row(malls: Malls) -> None:
    """Several begin within one second; with one snapshot kept a mall, each run's own is there when it reads it."""
    malls.overrides["snapshot_keep"] = 1
    malls.named = ["icon", "siam"]
    malls.apis["icon"].records, malls.apis["siam"].records = some("T1"), some("T2")
    settings = malls.settings()
    for _ in range(40):
        made = []
        for source in settings.sources():
            sync_id = new_sync_id()
            request = ExtractRequest(sync_id=sync_id)
            made.append(fetch(settings, source, StageTimer(LogProgress()), request).snapshot)
            assert made[-1].id == sync_id
        assert [str(path.parent) for path in sorted(malls.folder.rglob("manifest.json"))] == [
            snapshot.path for snapshot in made
        ]


def test_a_clock_that_was_set_back(malls: Malls, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run whose id sorts before all others' keeps its snapshot, and is the one that the next is judged by."""
    malls.overrides["snapshot_keep"] = 1
    malls.named = [OLD]
    malls.sync({OLD: some(*(f"T{number}" for number in range(40)), of="Old")})
    monkeypatch.setattr("etl.runs.logged.new_sync_id", lambda: "20200101T000000Z-3f9a1c")
    result = malls.sync({OLD: some(*(f"T{number}" for number in range(39)), of="Old")})[OLD]

    kept = [str(path.parent) for path in malls.folder.rglob("manifest.json")]
    assert kept == [result.extracted.snapshot] == [f"{malls.folder}/20200101T000000Z-3f9a1c"]
    with connect(malls.settings().database()) as db:
        last = read_sources(db).last(Origin())
    assert last is not None
    assert (last.sync_id, last.records_fetched) == (result.sync_id, 39)


@pytest.mark.long
def test_an_id_with_an_unknown_prefix_is_the_first_malls(malls: Malls) -> None:
    """`what:T2` of the mall without a name is one of its own in all its figures."""
    malls.sync({OLD: some("T1", "what:T2"), "icon": [*some("T1"), record(None)], "siam": some("T1")})
    results = malls.sync({OLD: some("T1", zone="West")})

    figures = ("processed", "updated", "unchanged", "rejected", "missing")
    assert {
        name: tuple(getattr(each.counts, figure) for figure in figures) for name, each in results.items()
    } == {
        OLD: (1, 1, 0, 0, 1),
        "icon": (1, 0, 1, 1, 0),
        "siam": (1, 0, 1, 0, 0),
    }


def test_runs_of_two_malls_at_the_same_time(malls: Malls) -> None:
    """A run of one mall is no hindrance to a run of another; a second one of the same mall is refused."""
    malls.sync(all_three())
    with Postgres(malls.database.dsn) as other:
        assert other.lock_source("siam:")
        outcomes = malls.outcomes({OLD: some("T1", "T2", "T5", of="Old")})

    assert result_of(outcomes, OLD).counts.created == 1
    error = error_of(outcomes, "siam")
    assert isinstance(error, LockError)
    assert "Another run of siam is under way" in str(error)


@pytest.mark.long
def test_a_transaction_of_another_mall_is_waited_for(malls: Malls) -> None:
    """Runs are fetched and staged at the same time, and applied one after another."""
    malls.sync(all_three())
    malls.named = ["icon"]
    with Postgres(malls.database.dsn) as other, ThreadPoolExecutor() as pool:
        with other.transaction():
            assert other.lock_database()
            waiting = pool.submit(malls.sync, {"icon": some("T1", "T3", "T4", of="Icon")})
            deadline = time.monotonic() + 30
            while not malls.last_run()["snapshot"] or malls.last_run()["status"] != "RUNNING":
                assert time.monotonic() < deadline
                time.sleep(0.05)
            time.sleep(0.5)
            assert not waiting.done()
        assert waiting.result(60)["icon"].counts.created == 1


def test_a_dead_run_is_found_by_the_next_of_its_mall(malls: Malls) -> None:
    """A run of another mall leaves it for a day, as long as nobody can know that it is dead."""
    malls.sync(all_three())
    row = "INSERT INTO etl.sync_logs (sync_id, source, id_prefix, status, started_at, version) VALUES "
    malls.database.execute(f"{row} ('dead', 'icon', 'icon:', 'RUNNING', now() - interval '23 hours', '0')")
    malls.database.execute(f"{row} ('gone', 'mall', 'mall:', 'RUNNING', now() - interval '25 hours', '0')")
    malls.named = [OLD]
    malls.sync()
    states = {run["sync_id"]: run["status"] for run in malls.runs()}
    assert (states["dead"], states["gone"]) == ("RUNNING", "FAILED")
    malls.named = ["icon"]
    malls.sync()
    assert {run["sync_id"]: run["status"] for run in malls.runs()}["dead"] == "FAILED"
