"""Promise: rows that the database refuses cost themselves only, and not much time: they are found by halving."""

import pytest

from etl.errors import LoadError
from etl.load import apply
from tests.support.merge import forbid
from tests.support.sync import Mall, record

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
def test_poisoned_inserts_and_updates(mall: Mall, many: str) -> None:
    """A trigger refuses 1, 10 or 1 % of 4,000 rows: the rest lands, PARTIAL, at a few times the clean run's time."""
    condition, count = POISONED[many]
    mall.api.max_limit = SIZE
    forbid(mall, "shops", condition)
    refused = {row["unique_id"] for row in _matching(mall, condition)}
    assert len(refused) == count

    first = mall.sync(FEED)
    assert (first.status, first.counts.created, first.counts.rejected) == ("PARTIAL", SIZE - count, count)
    issues = mall.database.query(
        "SELECT unique_id, severity, message, value FROM etl.sync_issues WHERE code = 'rejected_by_database'"
    )
    assert {row["unique_id"] for row in issues} == refused
    assert {(row["severity"], row["message"], row["value"]) for row in issues} == {
        ("error", "The database refused the row: forbidden", "P0001")
    }

    mall.database.execute("DROP TRIGGER forbid ON shops")
    mall.sync(FEED)
    clean = mall.sync([one | {"zone": "West"} for one in FEED], force=True)
    mall.database.execute(
        "CREATE TRIGGER forbid BEFORE INSERT OR UPDATE ON shops FOR EACH ROW EXECUTE FUNCTION forbid()"
    )
    poisoned = mall.sync([one | {"zone": "North"} for one in FEED], force=True)
    assert (poisoned.counts.updated, poisoned.counts.rejected) == (SIZE - count, count)
    assert poisoned.seconds["total"] < 6 * clean.seconds["total"]
    kept = mall.database.query("SELECT unique_id FROM shops WHERE location_zone = 'West'")
    assert {row["unique_id"] for row in kept} == refused


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
        ]
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
