"""Promise: rows that the database refuses cost themselves only, and not much time: they are found by halving."""

import math
import os
import time
from pathlib import Path

import pytest

from etl.db.connection import Postgres
from etl.errors import LoadError
from etl.load import apply
from tests.support.merge import base, count_statements, forbid
from tests.support.sync import Mall, record

pytestmark = pytest.mark.quick(cases=1)

SIZE = 4_000
FEED = [record(f"T{number:04}") for number in range(SIZE)]

POISONED = {
    "one": ("NEW.unique_id = 'T0777'", 1),
    "ten": (
        "NEW.unique_id ~ '[02468]0077$' OR NEW.unique_id ~ '[0-4]7[79]$' AND NEW.unique_id < 'T1000'",
        10,
    ),
    "one in a hundred": ("NEW.unique_id ~ '77$'", 40),
}


@pytest.mark.parametrize("many", POISONED)
def test_poisoned_inserts_and_updates(mall: Mall, monkeypatch: pytest.MonkeyPatch, many: str) -> None:
    """A trigger refuses 1, 10 or 1 % of 4,000 rows: the rest lands, PARTIAL, for some ten tries a row, of small statements.

    Its CPU seconds, the server's included, are held against those of the clean run and of as many bare round trips.
    """
    condition, count = POISONED[many]
    mall.api.max_limit = SIZE
    forbid(mall, "shops", condition)
    refused = {row["unique_id"] for row in _matching(mall, condition)}
    assert len(refused) == count

    first = mall.sync(FEED, refused=True)
    assert (first.status, first.counts.created, first.counts.rejected) == ("PARTIAL", SIZE - count, count)
    issues = mall.database.query(
        "SELECT unique_id, severity, message, value FROM etl.sync_issues WHERE code = 'rejected_by_database'"
    )
    assert {row["unique_id"] for row in issues} == refused
    assert {(row["severity"], row["message"], row["value"]) for row in issues} == {
        (
            "error",
            "The database refused the row: forbidden (correct the value in the directory, or the rule in the CMS)",
            "P0001",
        )
    }

    mall.database.execute("DROP TRIGGER forbid ON shops")
    mall.sync(FEED)
    before = _cpu_s(mall)
    mall.sync([one | {"zone": "West"} for one in FEED], force=True)
    clean_s = _cpu_s(mall) - before
    mall.database.execute(
        "CREATE TRIGGER forbid BEFORE INSERT OR UPDATE ON shops FOR EACH ROW EXECUTE FUNCTION forbid()"
    )
    round_trip_s = _round_trip_s(mall)
    before = _cpu_s(mall)
    sent = count_statements(monkeypatch)
    poisoned = mall.sync([one | {"zone": "North"} for one in FEED], force=True, refused=True)
    poisoned_s = _cpu_s(mall) - before
    assert (poisoned.counts.updated, poisoned.counts.rejected) == (SIZE - count, count)
    tries = count * (math.log2(SIZE / count) + 3) + 2 * math.log2(SIZE)
    assert sent.total() < 200 + 12 * tries
    assert poisoned_s < 2 * clean_s + 5 * sent.total() * round_trip_s
    kept = mall.database.query("SELECT unique_id FROM shops WHERE location_zone = 'West'")
    assert {row["unique_id"] for row in kept} == refused


def _round_trip_s(mall: Mall) -> float:
    before = _cpu_s(mall)
    with Postgres(mall.database.dsn) as db:
        for _ in range(1_000):
            db.execute("SELECT 1")
    return (_cpu_s(mall) - before) / 1_000


def _cpu_s(mall: Mall) -> float:
    """Return the CPU seconds of this process, and of the server's sessions that have ended, where Linux tells them."""
    mall.wait_until_nothing_is_left()
    with mall.database.connect() as connection:
        found = connection.execute("SELECT pg_backend_pid() AS pid").fetchone()
        session = Path(f"/proc/{found['pid'] if found else 0}/stat")
        if not session.exists():
            return time.process_time()
        server = Path(f"/proc/{_fields(session)[1]}/stat")
    return time.process_time() + sum(map(int, _fields(server)[13:15])) / os.sysconf("SC_CLK_TCK")


def _fields(stat: Path) -> list[str]:
    """Return the fields of a process after its name: state, parent, …; those of its ended children are 13 and 14."""
    return stat.read_text(encoding="utf-8").rsplit(")", 1)[1].split()


def _matching(mall: Mall, condition: str) -> list[dict[str, str]]:
    ids = ", ".join(f"('{one['uniqueId']}')" for one in FEED)
    return mall.database.query(f"SELECT unique_id FROM (VALUES {ids}) AS new (unique_id) WHERE {condition}")


def test_a_check_constraint_and_a_trigger_at_once(mall: Mall) -> None:
    """Several reasons in one run: each row is reported with the words of the one that refused it."""
    mall.database.execute("ALTER TABLE shops_locales ADD CONSTRAINT short CHECK (length(title) < 50)")
    forbid(mall, "shops", "NEW.location_zone = 'Roof'")
    result = mall.sync(
        [
            record("A"),
            record("B", brandNameEn="x" * 60),
            record("C", zone="Roof"),
            record("D", brandNameTh="ก" * 60),
        ],
        refused=True,
    )
    assert (result.status, result.counts.created) == ("PARTIAL", 1)
    found = mall.database.query("SELECT unique_id, message, value FROM etl.sync_issues ORDER BY unique_id")
    assert [(row["unique_id"], row["value"]) for row in found] == [
        ("B", "23514"),
        ("C", "P0001"),
        ("D", "23514"),
    ]
    assert "short" in found[0]["message"]


def test_a_fault_of_the_whole_table_is_no_bad_row(mall: Mall, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nearly all is refused the run ends soon, writes nothing, and says what the database said."""
    monkeypatch.setattr(apply, "MOST_REFUSED", 20)
    mall.sync(FEED[:5])
    before = mall.fingerprint()
    forbid(mall, "shops", "NEW.location_zone <> 'x'")
    with pytest.raises(
        LoadError, match=r"refuses more than 20 of 95 rows, the last with: forbidden\. Nothing was written"
    ):
        mall.sync(FEED[:100])
    assert mall.fingerprint() == before


def trigger(mall: Mall, body: str, when: str = "TRIGGER tg BEFORE INSERT OR UPDATE ON shops") -> None:
    """Give the CMS a trigger of its own."""
    mall.database.execute(
        f"CREATE FUNCTION tg() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NEW; END $$"
    )
    mall.database.execute(f"CREATE {when} FOR EACH ROW EXECUTE FUNCTION tg()")


def rejected(mall: Mall, sync_id: str) -> list[tuple[str, str, str]]:
    """Return the rows that the database refused in a run: record, message, value."""
    rows = mall.database.query(
        "SELECT unique_id, message, value FROM etl.sync_issues "
        "WHERE sync_id = %s AND code = 'rejected_by_database' ORDER BY unique_id",
        sync_id,
    )
    return [(row["unique_id"], row["message"], row["value"]) for row in rows]


WHAT_TO_DO = "(correct the value in the directory, or the rule in the CMS)"
LEFT_OUT = f"The database refused the row: a trigger of shops left it out and gave no reason {WHAT_TO_DO}"


@pytest.mark.long
def test_a_trigger_that_leaves_rows_out(mall: Mall) -> None:
    """A BEFORE trigger that returns null loses a new and a changed row without a word: both are rejected, and tried again.

    Nothing else of such a record is written, its base stays, and so the next run has the same to do.
    """
    mall.sync(FEED[:20])
    kept = base(mall, "T0005")
    trigger(mall, "IF NEW.unique_id IN ('T0005', 'T0025') THEN RETURN NULL; END IF;")
    feed = [one | {"zone": "West", "brandNameEn": f"New {one['uniqueId']}"} for one in FEED[:30]]

    for run, created, updated in (("first", 9, 19), ("second", 0, 0)):
        result = mall.sync(feed, refused=True)
        assert (run, result.status, result.counts.created, result.counts.updated) == (
            run,
            "PARTIAL",
            created,
            updated,
        )
        assert result.counts.rejected == 2
        assert rejected(mall, result.sync_id) == [("T0005", LEFT_OUT, "02000"), ("T0025", LEFT_OUT, "02000")]

    assert base(mall, "T0005") == kept
    assert mall.texts("T0005", "en")["title"] == "Brand T0005"
    assert mall.database.query("SELECT 1 FROM etl.tenants_base WHERE unique_id = 'T0025'") == []
    mall.database.execute("DROP TRIGGER tg ON shops")
    result = mall.sync(feed)
    assert (result.status, result.counts.created, result.counts.updated) == ("COMPLETED", 1, 1)


@pytest.mark.long
@pytest.mark.parametrize(
    ("body", "sqlstate"),
    [
        ("ASSERT NEW.unique_id <> 'T0005', 'no';", "P0004"),
        ("IF NEW.unique_id = 'T0005' THEN RAISE EXCEPTION 'no' USING ERRCODE = 'CMS01'; END IF;", "CMS01"),
        ("IF NEW.unique_id = 'T0005' THEN RAISE 'no' USING ERRCODE = 'no_data_found'; END IF;", "P0002"),
    ],
)
def test_a_trigger_that_raises_in_its_own_way(mall: Mall, body: str, sqlstate: str) -> None:
    """Whatever PL/pgSQL raises of itself, and a code that Postgres does not have, is about the row in hand."""
    trigger(mall, body)
    result = mall.sync(FEED[:20], refused=True)
    assert (result.status, result.counts.created) == ("PARTIAL", 19)
    assert rejected(mall, result.sync_id) == [
        ("T0005", f"The database refused the row: no {WHAT_TO_DO}", sqlstate)
    ]


DEFERRED = "CONSTRAINT TRIGGER tg AFTER INSERT OR UPDATE ON shops DEFERRABLE INITIALLY DEFERRED"


@pytest.mark.long
def test_a_trigger_that_waits_for_the_commit(mall: Mall) -> None:
    """A constraint trigger that is deferred is asked before COMMIT, so that it too costs its row only."""
    trigger(mall, "IF NEW.unique_id = 'T0005' THEN RAISE EXCEPTION 'no'; END IF;", DEFERRED)
    for feed, count in ((FEED[:20], 19), ([one | {"zone": "West"} for one in FEED[:20]], 19)):
        result = mall.sync(feed, refused=True)
        assert (result.status, result.counts.created + result.counts.updated) == ("PARTIAL", count)
        assert rejected(mall, result.sync_id) == [
            ("T0005", f"The database refused the row: no {WHAT_TO_DO}", "P0001")
        ]


@pytest.mark.parametrize("at_first", ["DEFERRED", "IMMEDIATE"])
def test_a_deferred_trigger_sees_whole_records(mall: Mall, at_first: str) -> None:
    """One that wants each shop to have texts is asked when they are there, also while refused rows are looked for."""
    trigger(
        mall,
        "IF NOT EXISTS (SELECT 1 FROM shops_locales WHERE _parent_id = NEW.id) THEN RAISE EXCEPTION 'mute'; END IF;",
        DEFERRED.replace("INITIALLY DEFERRED", f"INITIALLY {at_first}"),
    )
    mall.database.execute("ALTER TABLE shops ADD CONSTRAINT zone CHECK (location_zone <> 'Roof')")
    result = mall.sync(
        [record("A"), record("B", zone="Roof"), record("C"), record("D"), record("E")], refused=True
    )
    assert (result.status, result.counts.created) == ("PARTIAL", 4)
    assert [(unique_id, value) for unique_id, _, value in rejected(mall, result.sync_id)] == [("B", "23514")]
