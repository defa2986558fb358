"""A saved plan: applied later it does what it said, row for row; if its ground moved it is refused, naming the rows."""

import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from etl.demo.sample import sample_day
from etl.errors import ConfigError, GuardError, IncompleteExtract, SourceError
from etl.pipeline import SyncOptions
from tests.support import api as answers
from tests.support.api import FakeApi
from tests.support.postgres import DEFAULT, Servers
from tests.support.sync import Mall, record

MONDAY = [
    record("T1"),
    record("T2", floor="Fl. 2,3"),
    record("T3", categoryNameEn="Restaurant"),
    record("T4"),
    record("T5"),
    record("T6"),
]
TUESDAY = [
    record("T1", brandNameEn="Brand new"),
    record("T2", floor="Fl. 3"),
    record("T3", categoryNameEn="Restaurant", tel="02 111 1111", openingHours="Mon-Fri 10:00-21:00"),
    record("T4", categoryNameEn="Luxury"),
    record("T5"),
    record("T7", brandNameEn="Seven", categoryNameEn="Nonsense", categoryNameTh=None),
]
"""T1, T3 and T4 change, T2 leaves a floor, T6 leaves, T7 joins; T5 stays."""


@pytest.fixture
def path(tmp_path: Path) -> str:
    """Return where a plan is saved."""
    return str(tmp_path / "tuesday.plan")


@pytest.fixture
def twin(api: FakeApi, postgres_servers: Servers, tmp_path: Path) -> Iterator[Mall]:
    """Give a second mall, with a database of its own."""
    with postgres_servers.get(DEFAULT).database() as database:
        yield Mall(api, database, tmp_path / "twin")


def changes(mall: Mall, sync_id: str) -> list[dict[str, Any]]:
    """Return what the audit keeps of a run, in order."""
    return mall.database.query(
        "SELECT unique_id, record_table, record_id, action, before, after, conflicts, taken_over_links "
        "FROM etl.sync_changes WHERE sync_id = %s ORDER BY id",
        sync_id,
    )


def log_of(mall: Mall) -> dict[str, Any]:
    """Return the newest run's row in the log of runs."""
    (row,) = mall.database.query("SELECT * FROM etl.latest_sync")
    return row


def test_applied_it_does_what_a_sync_would_have_done(
    mall: Mall, twin: Mall, path: str, tmp_path: Path
) -> None:
    """Two malls with the same history: one syncs the second day, one applies its saved plan. All tables are equal."""
    for each in (mall, twin):
        each.sync(list(sample_day(1, 200)))
        each.edit_texts("T100105", "en", title="An editor's")
    twin.save_plan(path, list(sample_day(2, 200)), missing="inactivate")
    synced = mall.sync(list(sample_day(2, 200)), missing="inactivate")
    twin.api.records = []  # the plan has all it needs

    applied = twin.sync(plan=path)

    assert applied.counts == synced.counts
    assert (applied.status, applied.issues, applied.rules, applied.repairs) == (
        synced.status, synced.issues, synced.rules, synced.repairs,
    )  # fmt: skip
    assert changes(twin, applied.sync_id) == changes(mall, synced.sync_id)
    assert twin.issues(applied.sync_id) == mall.issues(synced.sync_id)
    assert _content(twin) == _content(mall)
    assert twin.sync(list(sample_day(2, 200)), missing="inactivate").counts.has_changes is False


def _content(mall: Mall) -> list[Any]:
    times = {
        "xmin",
        "updated_at",
        "created_at",
        "record_updated_at",
        "missing_since",
        "vanished_since",
        "put_back_since",
        "inactivated_at",
    }
    runs = {"first_sync_id", "last_sync_id", "id"}
    tables = [*mall.fingerprint(), mall.database.query("SELECT * FROM etl.tenants_base ORDER BY unique_id")]
    kept = [
        [{name: value for name, value in row.items() if name not in times | runs} for row in table]
        for table in tables
    ]
    # the rows of hours are in the order of their ids, which are a run's own
    return [sorted(table, key=repr) for table in kept]


def test_it_says_what_it_does_and_is_logged(any_mall: Mall, path: str) -> None:
    """The plan of a day, applied: fields, counts, the log of runs and the snapshot it was made from."""
    any_mall.sync(MONDAY)
    any_mall.save_plan(path, TUESDAY)

    result = any_mall.sync(plan=path)

    counts = result.counts
    assert (counts.created, counts.updated, counts.unchanged, counts.missing) == (1, 4, 1, 2)
    assert any_mall.texts("T1", "en")["title"] == "Brand new"
    assert any_mall.links("T4") == [(1, "categories", "LUXURY")]
    assert any_mall.row("T7")["slug"] == "seven"
    log = log_of(any_mall)
    assert (log["sync_id"], log["status"], log["records_fetched"]) == (result.sync_id, "COMPLETED", 6)
    assert log["options"] == {"plan": path}
    assert (Path(log["snapshot"]) / "manifest.json").exists()
    assert log["unmapped_categories"] == 1
    assert any_mall.sync(TUESDAY).counts.has_changes is False


@pytest.mark.long
def test_the_same_feed_and_database_give_the_same_bytes(mall: Mall, path: str, tmp_path: Path) -> None:
    """Two plans of one snapshot are the same file."""
    mall.sync(MONDAY)
    mall.save_plan(path, TUESDAY)
    (snapshot,) = [str(folder) for folder in mall.folder.iterdir() if folder.name in _snapshot_of(path)]
    first, second = tmp_path / "1.plan", tmp_path / "2.plan"
    mall.save_plan(str(first), [], snapshot=snapshot)
    mall.save_plan(str(second), [], snapshot=snapshot)
    assert first.read_bytes() == second.read_bytes()
    assert sorted(file.name for file in tmp_path.glob(".*")) == []


def _snapshot_of(path: str) -> str:
    with zipfile.ZipFile(path) as archive:
        return str(json.loads(archive.read("manifest.json"))["extracted"]["snapshot"])


MOVES: dict[str, tuple[str, str]] = {
    "a title": (
        "UPDATE shops_locales SET title = 'another' WHERE title = 'Brand T1'",
        "T1 (shops 1): the row was changed in the CMS",
    ),
    "only the time of a save": (
        "UPDATE shops SET updated_at = now() WHERE unique_id = 'T1'",
        "T1 (shops 1): the row was changed in the CMS",
    ),
    "a link": (
        'INSERT INTO shops_rels ("order", parent_id, path, categories_id) '
        "SELECT 2, id, 'categories', 1 FROM shops WHERE unique_id = 'T4'",
        "T4 (shops 4): the row was changed in the CMS",
    ),
    "an hour": (
        "INSERT INTO dinings_opening_hours_per_day (_order, _parent_id, id, day, open) "
        "SELECT 1, id, 'aaaaaaaaaaaaaaaaaaaaaaaa', 'mon', '10:00' FROM dinings WHERE unique_id = 'T3'",
        "T3 (dinings 1): the row was changed in the CMS",
    ),
    "a row that goes": (
        "WITH gone AS (DELETE FROM shops WHERE unique_id = 'T1') "
        "DELETE FROM shops_locales WHERE title LIKE '%T1'",
        "T1 (shops 1): the row is gone",
    ),
    "a row that comes": (
        "INSERT INTO dinings (unique_id) VALUES ('T7')",
        "T7 (new in shops): other rows have its unique_id now",
    ),
    "a slug that is taken": (
        "INSERT INTO shops (unique_id, slug) VALUES ('editor', 'seven')",
        "T7 (new in shops): a row has its slug now",
    ),
    "a base that moved": (
        "UPDATE etl.tenants_base SET phone = '1' WHERE unique_id = 'T1'",
        "T1 (shops 1): another run has synced it",
    ),
}


@pytest.mark.quick(every=3)
@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES.keys())
def test_what_moved_is_named_and_nothing_is_written(mall: Mall, path: str, move: tuple[str, str]) -> None:
    """An editor, or another run, touches one record of the plan: exit 3 with its name; the CMS stays as it is."""
    mall.sync(MONDAY)
    mall.save_plan(path, TUESDAY)
    mall.database.execute("ALTER TABLE shops_locales DROP CONSTRAINT IF EXISTS shops_locales_parent_id_fk")
    statement, named = move
    mall.database.execute(statement)
    before = mall.fingerprint()

    with pytest.raises(GuardError, match="1 records of the plan") as caught:
        mall.sync(plan=path)

    assert caught.value.exit_code == 3
    assert f"have moved since it was made: {named}. Nothing was written." in str(caught.value)
    assert mall.fingerprint() == before
    assert log_of(mall)["status"] == "FAILED"
    assert named in log_of(mall)["error"]


def test_a_row_outside_the_plan_may_move(mall: Mall, path: str) -> None:
    """An edit of T5, which the plan does not touch, is not a reason to refuse; it stays."""
    mall.sync(MONDAY)
    mall.save_plan(path, TUESDAY)
    mall.edit_texts("T5", "en", title="An editor's")
    assert mall.sync(plan=path).counts.updated == 4
    assert mall.texts("T5", "en")["title"] == "An editor's"


def test_a_row_with_the_same_id_that_the_plan_leaves_may_be_saved(mall: Mall, path: str) -> None:
    """Of three rows of one id the plan writes one; an editor saves the second, and Postgres then reads it last."""
    mall.sync(MONDAY)
    for slug in ("double", "triple"):
        mall.database.execute("INSERT INTO shops (unique_id, slug) VALUES ('T1', %s)", slug)
    mall.save_plan(path, TUESDAY)
    mall.database.execute("UPDATE shops SET location_zone = 'Mine', updated_at = now() WHERE slug = 'double'")
    assert mall.sync(plan=path).counts.updated == 4


@pytest.mark.long
def test_a_run_that_changed_nothing_saw_the_records_too(mall: Mall, path: str) -> None:
    """Two syncs come between plan and apply, and write nothing: what they saw is newer than the plan's feed."""
    mall.sync(MONDAY)
    mall.save_plan(path, TUESDAY)
    mall.sync(MONDAY)
    latest = mall.sync(MONDAY).sync_id
    before = mall.fingerprint()
    with pytest.raises(
        GuardError, match=f"Run {latest} has loaded the source without a name since the plan"
    ) as caught:
        mall.sync(plan=path)
    assert caught.value.exit_code == 3
    assert mall.fingerprint() == before


def test_a_run_that_failed_is_no_reason_to_refuse(mall: Mall, path: str) -> None:
    """It loaded nothing."""
    mall.overrides["api_retries"] = 0
    mall.sync(MONDAY)
    mall.save_plan(path, TUESDAY)
    mall.api.fail_always(1, answers.status(503))
    with pytest.raises(SourceError):
        mall.sync()
    assert mall.sync(plan=path).counts.updated == 4


@pytest.mark.long
def test_it_is_applied_once(mall: Mall, path: str) -> None:
    """The second time, its ground is what it wrote itself: refused."""
    mall.sync(MONDAY)
    mall.save_plan(path, TUESDAY)
    mall.sync(plan=path)
    before = mall.fingerprint()
    with pytest.raises(GuardError, match=r"T1 \(shops 1\): "):
        mall.sync(plan=path)
    assert mall.fingerprint() == before


def test_many_that_moved_are_counted(mall: Mall, path: str) -> None:
    """Twenty records are named, the others counted."""
    mall.sync([record(f"T{number:02}") for number in range(25)])
    mall.save_plan(path, [record(f"T{number:02}", unit="2") for number in range(25)])
    mall.database.execute("UPDATE shops SET updated_at = now()")
    with pytest.raises(
        GuardError, match=r"25 records of the plan .*T00.*T19.*; and 5 more. Nothing"
    ) as caught:
        mall.sync(plan=path)
    assert "T20" not in str(caught.value)


def test_floors_that_moved(mall: Mall, path: str) -> None:
    """A floor is renamed after the plan: labels might be matched otherwise, so it is refused."""
    mall.sync(MONDAY)
    mall.save_plan(path, TUESDAY)
    mall.database.execute("UPDATE floors SET status = 'INACTIVE' WHERE name = '8F'")
    with pytest.raises(GuardError, match="Floors or categories were changed in the CMS"):
        mall.sync(plan=path)


def test_another_contract(mall: Mall, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A version with another contract refuses the plan."""
    mall.sync(MONDAY)
    mall.save_plan(path, TUESDAY)
    monkeypatch.setattr("etl.plans.tables.contract_fingerprint", lambda: "another")
    with pytest.raises(GuardError, match="another contract"):
        mall.sync(plan=path)


def test_a_guard_and_its_force(mall: Mall, path: str) -> None:
    """A plan that a guard would refuse is refused with the guard's words; --force goes on."""
    mall.sync([record(f"T{number}") for number in range(60)])
    found = mall.save_plan(path, [record(f"T{number}") for number in range(20)])
    assert len(found.notes) == 1
    with pytest.raises(GuardError, match="40 "):
        mall.sync(plan=path)
    assert mall.sync(plan=path, force=True).counts.missing == 40


@pytest.mark.long
def test_an_incomplete_source(mall: Mall, path: str) -> None:
    """The plan of a snapshot that is not whole needs --allow-partial, and the run is PARTIAL."""
    mall.sync([record("T1"), record("T2")])
    body = {"totalRecord": 3, "page": 1, "limit": 100, "totalPages": 1, "data": [record("T1", unit="2")]}
    mall.api.fail_always(1, answers.raw(json.dumps(body).encode()))
    with pytest.raises(IncompleteExtract):
        mall.sync()
    snapshot = mall.sync(allow_partial=True).extracted.snapshot
    mall.database.execute("UPDATE etl.tenants_base SET source_hash = 0 WHERE unique_id = 'T1'")
    mall.save_plan(path, [], snapshot=snapshot)
    with pytest.raises(IncompleteExtract, match="is not whole"):
        mall.sync(plan=path)
    assert mall.sync(plan=path, allow_partial=True).status == "PARTIAL"


@pytest.mark.long
def test_a_row_that_the_database_refuses(mall: Mall, path: str) -> None:
    """A CHECK refuses one of the plan's rows: the rest lands, PARTIAL."""
    mall.sync(MONDAY)
    mall.save_plan(path, TUESDAY)
    mall.database.execute("ALTER TABLE shops_locales ADD CHECK (title <> 'Brand new')")
    result = mall.sync(plan=path, refused=True)
    assert (result.status, result.counts.updated, result.counts.rejected) == ("PARTIAL", 3, 1)


Spoil = Callable[[Path], None]


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[data.index(b"PAR1") + 10] ^= 0xFF
    path.write_bytes(bytes(data))


def _other_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("hello.txt", "hello")


SPOILT: dict[str, tuple[Spoil, str]] = {
    "not there": (lambda path: path.unlink(), "No such file or directory"),
    "cut": (_cut, "File is not a zip file"),
    "flipped": (_flip, "is damaged"),
    "no plan": (_other_zip, "manifest.json"),
}


@pytest.mark.quick(every=2)
@pytest.mark.parametrize(("spoil", "words"), SPOILT.values(), ids=SPOILT.keys())
def test_a_file_that_is_no_plan(mall: Mall, path: str, spoil: Spoil, words: str) -> None:
    """What can't be read is a usage error that says why, before any run is logged."""
    mall.sync(MONDAY)
    mall.save_plan(path, TUESDAY)
    spoil(Path(path))
    with pytest.raises(ConfigError, match="is not a plan that can be read") as caught:
        mall.sync(plan=path)
    assert words in str(caught.value)
    assert mall.database.query("SELECT count(*) AS runs FROM etl.sync_logs") == [{"runs": 1}]


def test_another_format(mall: Mall, path: str) -> None:
    """A plan of a later format is refused, and says what to do."""
    mall.init()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("manifest.json", json.dumps({"format": "iconsiam-etl plan", "format_version": 9}))
    with pytest.raises(GuardError, match="a plan of format 9, this version of etl reads 1") as caught:
        mall.sync(plan=path)
    assert caught.value.exit_code == 3


def test_a_place_that_can_not_be_written(mall: Mall, tmp_path: Path) -> None:
    """A folder that is not there is a usage error."""
    mall.init()
    with pytest.raises(ConfigError, match=r"can't be written to .*No such file or directory"):
        mall.save_plan(str(tmp_path / "nowhere" / "x.plan"), MONDAY)


def test_a_diff_that_fails_leaves_no_file(mall: Mall, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error in the middle of saving leaves neither a plan nor a part of one."""
    mall.init()

    def fail(*_: object) -> None:
        raise GuardError("stop")

    monkeypatch.setattr("etl.plans.tables._fingerprints", fail)
    with pytest.raises(GuardError, match="stop"):
        mall.save_plan(path, MONDAY)
    assert [file.name for file in Path(path).parent.glob("*tuesday*")] == []


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"snapshot": "x"}, "--snapshot"),
        ({"missing": "inactivate", "max_drop": 0.5}, "--max-drop, --missing"),
        ({"conflicts": "editor"}, "--conflicts"),
    ],
)
def test_options_that_the_plan_says_already(options: dict[str, Any], named: str) -> None:
    """What the plan was made with can't be said again."""
    with pytest.raises(ConfigError, match=f"{named} can't go with --plan"):
        SyncOptions(plan="x", **options).require_sense()
    SyncOptions(plan="x", force=True, allow_partial=True).require_sense()
