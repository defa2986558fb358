"""What happens to many rows of the CMS at once is no editor's wish: refused with figures, and a way back."""

from typing import Any

import pytest

from etl.errors import GuardError, LoadError
from tests.support.rollback import roll_back
from tests.support.sync import Mall, record

TABLES = tuple(
    f"{kind}{part}"
    for kind in ("shops", "dinings")
    for part in ("", "_locales", "_rels", "_opening_hours_per_day")
)


def feed(count: int, **fields: Any) -> list[dict[str, Any]]:
    """Return records T0, T1, …; every fourth is a dining."""
    return [
        record(f"T{number}", categoryNameEn="Restaurant" if number % 4 == 0 else "Fashion", **fields)
        for number in range(count)
    ]


def truncate(mall: Mall) -> None:
    """Empty all eight tables of the CMS, as a wrong restore does; schema `etl` stays."""
    mall.database.execute(f"TRUNCATE {', '.join(TABLES)} RESTART IDENTITY CASCADE")


def issues(mall: Mall, sync_id: str, code: str) -> list[tuple[str, str]]:
    """Return the records and values of a run's findings of a code."""
    rows = mall.database.query(
        "SELECT unique_id, value FROM etl.sync_issues WHERE sync_id = %s AND code = %s ORDER BY id",
        sync_id,
        code,
    )
    return [(row["unique_id"], row["value"]) for row in rows]


class TestRowsThatAreGone:
    """MAX_VANISHED, --recreate."""

    @pytest.mark.parametrize("count", [3, 60])
    def test_all_of_them(self, mall: Mall, count: int) -> None:
        """All eight tables truncated: exit 3 with figures; --recreate makes them again, audited, and once."""
        mall.sync(feed(count))
        content = mall.content()
        truncate(mall)

        with pytest.raises(
            GuardError, match=rf"{count} of the {count} rows .*\(100%\) are gone from the CMS"
        ) as caught:
            mall.sync()
        assert caught.value.exit_code == 3
        assert "`etl sync --recreate` makes them again" in str(caught.value)
        assert mall.database.query("SELECT count(*) FROM shops") == [{"count": 0}]

        result = mall.sync(recreate=True)
        assert (result.status, result.counts.created, result.counts.skipped) == ("COMPLETED", count, 0)
        assert mall.content() == content
        audited = mall.database.query(
            "SELECT count(*) FROM etl.sync_changes WHERE sync_id = %s AND action = 'created'", result.sync_id
        )
        assert audited == [{"count": count}]
        again = mall.sync(recreate=True)
        assert (again.counts.unchanged, again.counts.created) == (count, 0)

    @pytest.mark.long
    def test_some_of_them(self, mall: Mall) -> None:
        """A fifth may go at once, as by an editor; a row more may not; what was accepted once is no news."""
        mall.sync(feed(200))
        mall.database.execute("DELETE FROM shops WHERE id IN (SELECT id FROM shops ORDER BY id LIMIT 40)")
        result = mall.sync()
        assert (result.counts.skipped, result.counts.created) == (40, 0)
        mall.database.execute("DELETE FROM shops WHERE id IN (SELECT id FROM shops ORDER BY id LIMIT 41)")
        with pytest.raises(GuardError, match="41 of the 200 rows"):
            mall.sync()
        assert mall.sync(force=True).counts.skipped == 81
        assert mall.sync().counts.skipped == 81

    def test_what_an_editor_changed_before_is_not_known_any_more(self, mall: Mall) -> None:
        """A row that is made again has the source's values and is INACTIVE, as each new one."""
        mall.sync(feed(4))
        mall.edit("T1", status="ACTIVE")
        mall.sync()
        mall.database.execute("DELETE FROM shops WHERE unique_id = 'T1'")
        assert mall.sync().counts.skipped == 1
        mall.sync(recreate=True)
        assert mall.row("T1")["status"] == "INACTIVE"
        assert mall.texts("T1", "zh")["title"] == "Brand T1"

    def test_a_rollback_deletes_rows_too(self, mall: Mall) -> None:
        """Rows that a rollback took away are no mass event."""
        mall.sync(feed(30))
        roll_back(mall, "latest")
        result = mall.sync()
        assert (result.status, result.counts.skipped) == ("COMPLETED", 30)

    def test_of_another_kind_now(self, mall: Mall) -> None:
        """A row that is gone, of a record that is a dining now, is made as one."""
        mall.sync(feed(4))
        mall.database.execute("DELETE FROM shops WHERE unique_id = 'T1'")
        mall.sync([*feed(1), record("T1", categoryNameEn="Restaurant"), *feed(4)[2:]], recreate=True)
        assert mall.links("T1", "dinings") == [(1, "categories", "RESTAURANT")]


class TestRowsThatWerePutBack:
    """`put_back`, --retake."""

    def put_back(self, mall: Mall, count: int) -> str:
        """Sync two days, and put the CMS's shops back to the first; return the run of the second."""
        mall.sync(feed(count))
        mall.database.execute("CREATE TABLE kept AS SELECT * FROM shops")
        second = mall.sync(feed(count, zone="West"), force=True).sync_id
        mall.database.execute(
            "UPDATE shops SET location_zone = kept.location_zone, updated_at = kept.updated_at "
            "FROM kept WHERE kept.id = shops.id"
        )
        return second

    def test_one_row(self, mall: Mall) -> None:
        """An old form that was saved over a run's work: reported, kept; --retake takes the source's again."""
        mall.sync(feed(30))
        mall.sync(feed(30, zone="West"), force=True)
        mall.edit("T1", location_zone="East")

        result = mall.sync()
        assert issues(mall, result.sync_id, "put_back") == [("T1", "zone")]
        assert mall.row("T1")["location_zone"] == "East"
        assert issues(mall, mall.sync().sync_id, "put_back") == [("T1", "zone")]

        retaken = mall.sync(retake=True)
        assert (retaken.counts.updated, mall.row("T1")["location_zone"]) == (1, "West")
        assert issues(mall, retaken.sync_id, "put_back") == [("T1", "zone")]
        assert issues(mall, mall.sync().sync_id, "put_back") == []

    def test_an_editors_own_value(self, mall: Mall) -> None:
        """A value that the job never had is a fix, whatever --retake says."""
        mall.sync(feed(4))
        mall.sync(feed(4, zone="West"))
        mall.edit("T1", location_zone="Mine")
        result = mall.sync(retake=True)
        assert issues(mall, result.sync_id, "put_back") == []
        assert mall.row("T1")["location_zone"] == "Mine"

    @pytest.mark.quick(cases=1)
    @pytest.mark.parametrize("count", [4, 60])
    def test_many_rows(self, mall: Mall, count: int) -> None:
        """The CMS put back to yesterday: exit 3 with figures; --retake writes the source's again; --force accepts."""
        self.put_back(mall, count)
        shops = count - count // 4
        if count == 4:
            mall.database.execute("UPDATE dinings SET location_zone = 'East', updated_at = now()")
            shops = count
        with pytest.raises(GuardError, match=rf"{shops} of the {count} rows .* have values again") as caught:
            mall.sync()
        assert "`etl sync --retake` takes the source's values again" in str(caught.value)
        assert mall.sync(retake=True, force=True).counts.updated == shops
        assert mall.row("T1")["location_zone"] == "West"
        assert mall.sync().counts.unchanged == count

    @pytest.mark.long
    def test_accepted_once(self, mall: Mall) -> None:
        """After --force the values stay, are reported, and no run is refused for them."""
        self.put_back(mall, 60)
        assert mall.sync(force=True).counts.updated == 0
        result = mall.sync()
        assert len(issues(mall, result.sync_id, "put_back")) == 45
        assert mall.row("T1")["location_zone"] == "East"


class TestFeedsOfSmallMalls:
    """Guards that go by count alone would let a small mall lose all."""

    def test_an_empty_feed(self, mall: Mall) -> None:
        """No record where there were some is refused, however few they were; the first feed may be empty."""
        assert mall.sync([]).status == "COMPLETED"
        mall.sync(feed(3))
        with pytest.raises(GuardError, match="The source has no record; in the last good run it had 3"):
            mall.sync([])
        assert mall.sync([], force=True).counts.missing == 3

    def test_all_rows_inactive(self, mall: Mall) -> None:
        """`--missing inactivate` never sets all rows of a mall INACTIVE without --force."""
        mall.sync(feed(3))
        mall.database.execute("UPDATE shops SET status = 'ACTIVE'")
        new = [record(f"N{number}") for number in range(3)]
        with pytest.raises(GuardError, match=r"None of the 3 records .* and 2 rows would be set INACTIVE"):
            mall.sync(new, missing="inactivate")
        assert mall.sync(new, missing="inactivate", force=True).counts.inactivated == 2


def test_a_table_that_refuses_rows_for_one_reason(mall: Mall) -> None:
    """More than half of the rows, ten at least, by one constraint: exit 1, nothing written, one message with the reason."""
    mall.sync(feed(40))
    mall.database.execute("ALTER TABLE shops ADD CONSTRAINT no_west CHECK (location_zone <> 'West')")
    before = mall.fingerprint()
    with pytest.raises(LoadError, match=r'refuses \d+ of 40 rows for one reason: .*"no_west"') as caught:
        mall.sync(feed(40, zone="West"), refused=True)
    assert caught.value.exit_code == 1
    assert mall.fingerprint() == before
    assert mall.last_run()["status"] == "FAILED"
