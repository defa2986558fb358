"""Rows that a run made, rows that are gone, held or refused; and what goes wrong."""

import signal
import threading
import time

import pytest

from etl.db.connection import Postgres
from etl.db.errors import PostgresError
from etl.errors import GuardError, Interrupted, LoadError, LockError
from etl.rollback import run as rollback_run
from etl.rollback.model import Rollback, RolledRun
from tests.support.cms import make_media
from tests.support.records import record_of
from tests.support.rollback import outcomes, read_rows, reader_without, roll_back
from tests.support.sync import Mall, record


def statuses(mall: Mall) -> dict[str, str]:
    """Return each shop's status."""
    return {
        row["unique_id"]: row["status"]
        for row in mall.database.query("SELECT unique_id, status::text FROM shops")
    }


class TestCreated:
    """Rows that the run made go away if nobody touched them."""

    def test_touched_ones_are_set_inactive(self, mall: Mall) -> None:
        """Published, saved, retitled, linked: INACTIVE with the reason; back again, all as the editors left them."""
        run = mall.sync([record(f"T{number}") for number in range(1, 6)])
        mall.edit("T1", status="ACTIVE")
        mall.edit("T2")
        mall.edit_texts("T3", "zh", title="我的")
        mall.database.execute(
            "INSERT INTO shops_rels (\"order\", parent_id, path, categories_id) VALUES (9, 4, 'categories', %s)",
            mall.category_id("BEAUTY"),
        )
        make_media(mall.database, 7)
        mall.edit("T1", images_logo_id=7)
        edited = read_rows(mall)

        done = roll_back(mall, run.sync_id)

        assert outcomes(done) == {
            "T1": "inactivated",
            "T2": "stays",
            "T3": "stays",
            "T4": "stays",
            "T5": "deleted",
        }
        assert statuses(mall) == dict.fromkeys(("T1", "T2", "T3", "T4"), "INACTIVE")
        assert done.totals.status == "PARTIAL"
        assert (
            record_of(done, "T1").message
            == "The row was changed since, so it is not deleted but set INACTIVE. Delete it if nobody needs it."
        )
        assert record_of(done, "T2").message == (
            "Somebody saved the row since, so it is not deleted; it is INACTIVE already."
        )
        (title,) = record_of(done, "T3").fields
        assert (title.field, title.written, title.now) == ("title_zh", "Brand T3", "我的")
        assert [field.field for field in record_of(done, "T4").fields] == ["category"]
        issues = mall.database.query(
            "SELECT unique_id, code, field FROM etl.sync_issues WHERE sync_id = %s ORDER BY unique_id, id",
            done.sync_id,
        )
        assert [tuple(issue.values()) for issue in issues] == [
            ("T1", "set_inactive", None), ("T2", "not_rolled_back", None),
            ("T3", "not_rolled_back", None), ("T4", "not_rolled_back", None),
        ]  # fmt: skip

        roll_back(mall, str(done.sync_id))
        assert read_rows(mall) == edited

    @pytest.mark.parametrize(
        ("made", "name"),
        [
            ('CREATE TABLE "Odd Name" (shop int REFERENCES shops); INSERT INTO "Odd Name" VALUES (1)', '"Odd Name".shop'),
            ("INSERT INTO dinings (unique_id) VALUES ('D1'); INSERT INTO dinings_rels (parent_id, path, shops_id) "
             "VALUES (1, 'near', 1)", "dinings_rels.shops_id"),
            ("CREATE TABLE promotions_rels (parent_id int, shops_id int); INSERT INTO promotions_rels VALUES (5, 1)",
             "promotions_rels.shops_id"),
        ],
    )  # fmt: skip
    def test_a_row_that_another_table_names(self, mall: Mall, made: str, name: str) -> None:
        """Declared or not, a reference keeps the row; the table is named."""
        run = mall.sync([record("T1"), record("T2")])
        mall.database.execute(made)
        mall.via = mall.database.owner_dsn  # a role that can't read the table can only say so
        done = roll_back(mall, run.sync_id)
        assert outcomes(done) == {"T1": "stays", "T2": "deleted"}
        assert (
            record_of(done, "T1").message
            == f"{name} names the row, so it is not deleted; it is INACTIVE already."
        )

    def test_of_an_earlier_version(self, mall: Mall) -> None:
        """Such a run did not keep when it left its rows: those never saved since they were made go."""
        run = mall.sync([record("T1"), record("T2")])
        mall.database.execute("UPDATE etl.sync_changes SET written_at = NULL")
        mall.edit("T2")
        assert outcomes(roll_back(mall, run.sync_id)) == {"T1": "deleted", "T2": "stays"}

    def test_a_role_that_may_only_read_some_tables(self, mall: Mall) -> None:
        """It may look; of a table that it can't read nobody knows which rows it names: none is deleted."""
        run = mall.sync([record("T1")])
        mall.database.execute("CREATE TABLE secret (shop int REFERENCES shops)")
        with reader_without(mall, "secret") as role:
            shown = roll_back(mall, run.sync_id, dry=True, role=role)
        assert record_of(shown, "T1").message == (
            "Perhaps secret.shop, which this role can't read, names the row, so it is not deleted; it is INACTIVE already."
        )


class TestNotThere:
    """Rows that are gone, or are somebody else's."""

    def test_gone_rows(self, mall: Mall) -> None:
        """A new row that is gone is as before already; an updated one can't go back, and that is said."""
        mall.sync([record("T1", zone="East")])
        run = mall.sync([record("T1", zone="West"), record("T2")])
        mall.database.execute("DELETE FROM shops")
        done = roll_back(mall, run.sync_id)
        assert outcomes(done) == {"T1": "stays", "T2": "already"}
        assert {item.message for item in done.records} == {"The row is gone from the CMS."}
        issues = mall.database.query(
            "SELECT unique_id, code FROM etl.sync_issues WHERE sync_id = %s ORDER BY unique_id, id",
            done.sync_id,
        )
        assert [tuple(issue.values()) for issue in issues] == [
            ("T1", "not_rolled_back"),
            ("T2", "already_gone"),
        ]

    def test_another_row_under_the_same_id(self, mall: Mall) -> None:
        """After a restore of the CMS an id may be another record's: nothing is done to it."""
        mall.sync([record("T1", zone="East"), record("T3", zone="East")])
        run = mall.sync([record("T1", zone="West"), record("T2"), record("T3", zone="West")])
        mall.database.execute("UPDATE shops SET unique_id = 'X' || id WHERE unique_id <> 'T3'")
        mall.database.execute("UPDATE shops SET unique_id = NULL WHERE id = 2")
        rows = read_rows(mall)
        done = roll_back(mall, run.sync_id)
        assert outcomes(done) == {"T1": "stays", "T2": "stays", "T3": "stays"}
        assert (
            record_of(done, "T1").message
            == "The row has another unique_id now (X1): it may be another record's."
        )
        assert (
            record_of(done, "T3").message
            == "The row has another unique_id now (none): it may be another record's."
        )
        assert read_rows(mall) == rows

    def test_skip_sync(self, mall: Mall) -> None:
        """A row with the tick is never touched, neither updated nor deleted; it is listed and counted."""
        mall.sync([record("T1", zone="East")])
        run = mall.sync([record("T1", zone="West"), record("T2")])
        for unique_id in ("T1", "T2"):
            mall.edit(unique_id, skip_sync=True)
        fingerprint = mall.fingerprint()
        done = roll_back(mall, run.sync_id)
        assert (outcomes(done), mall.fingerprint() == fingerprint) == ({"T1": "stays", "T2": "stays"}, True)
        assert record_of(done, "T1").message == "skip sync is ticked in the CMS: the row is not touched."
        assert (done.totals.status, done.totals.skipped) == ("PARTIAL", 2)

    def test_rows_that_can_not_come_back(self, mall: Mall) -> None:
        """Their id or unique_id is another row's by now: that one is not touched."""
        run = mall.sync([record("T1"), record("T2"), record("T3")])
        done = roll_back(mall, run.sync_id)
        mall.database.execute(
            "INSERT INTO shops (id, unique_id) VALUES (1, 'X'); INSERT INTO dinings (unique_id) VALUES ('T2')"
        )
        again = roll_back(mall, str(done.sync_id))
        assert outcomes(again) == {"T1": "stays", "T2": "stays", "T3": "restored"}
        assert record_of(again, "T1").message == "Another row has its id by now; it can't come back."
        assert (
            record_of(again, "T2").message == "Another row has its unique_id by now; it does not come back."
        )


class TestRefusals:
    """What the database refuses, and what breaks."""

    def test_a_refused_row_costs_only_itself(self, any_mall: Mall) -> None:
        """A trigger refuses two of 60 rows: the rest goes back, PARTIAL, in the database's words; later the rest too."""
        mall = any_mall
        mall.sync([record(f"T{number:02}", zone="East") for number in range(40)])
        before = read_rows(mall)
        run = mall.sync([record(f"T{number:02}", zone="West") for number in range(60)])
        mall.database.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF OLD.unique_id IN ('T07', 'T55') THEN "
            "RAISE EXCEPTION 'not this one'; END IF; RETURN coalesce(NEW, OLD); END $$;"
            "CREATE TRIGGER refuse BEFORE UPDATE OR DELETE ON shops FOR EACH ROW EXECUTE FUNCTION refuse()"
        )
        done = roll_back(mall, run.sync_id, refused=True)
        assert (done.totals.status, done.totals.of("put_back"), done.totals.of("deleted")) == (
            "PARTIAL",
            39,
            19,
        )
        assert (done.totals.refused, done.totals.fields) == (2, {"back": 39, "same": 0, "stays": 1})
        assert (
            record_of(done, "T07").message
            == "The database refused the row: not this one (correct the value in the directory, or the rule in the CMS)"
        )
        assert record_of(done, "T07").fields[0].message == "the database refused the row"
        issues = mall.database.query(
            "SELECT unique_id, severity, code FROM etl.sync_issues WHERE sync_id = %s ORDER BY unique_id",
            done.sync_id,
        )
        assert [tuple(issue.values()) for issue in issues] == [
            ("T07", "error", "rejected_by_database"), ("T55", "error", "rejected_by_database"),
        ]  # fmt: skip

        mall.database.execute("DROP TRIGGER refuse ON shops")
        rest = roll_back(mall, run.sync_id)
        assert (rest.totals.status, rest.totals.of("already"), rest.totals.written) == ("COMPLETED", 58, 2)
        assert read_rows(mall) == before

    def test_a_crash_leaves_all_as_it_was(self, mall: Mall) -> None:
        """An error that is not a row's fault: nothing is written, and the log says why; the run can be rolled back then."""
        run = mall.sync([record("T1")])
        fingerprint = mall.fingerprint()
        mall.database.execute("ALTER TABLE etl.sync_issues RENAME TO hidden")
        with pytest.raises(LoadError, match="sync_issues"):
            roll_back(mall, run.sync_id)
        mall.database.execute("ALTER TABLE etl.hidden RENAME TO sync_issues")
        assert mall.fingerprint() == fingerprint
        (log,) = mall.database.query("SELECT status, error FROM etl.sync_logs WHERE command = 'rollback'")
        assert (log["status"], "sync_issues" in log["error"]) == ("FAILED", True)
        assert outcomes(roll_back(mall, run.sync_id)) == {"T1": "deleted"}

    def test_an_error_of_a_statement_is_nobodys_row(self, mall: Mall) -> None:
        """A table that a trigger misses half way through is not taken for a row's fault."""
        run = mall.sync([record("T1")])
        mall.database.execute(
            "CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM nowhere; RETURN OLD; END $$;"
            "CREATE TRIGGER broken BEFORE DELETE ON shops FOR EACH ROW EXECUTE FUNCTION broken()"
        )
        fingerprint = mall.fingerprint()
        with pytest.raises(PostgresError, match='relation "nowhere" does not exist'):
            roll_back(mall, run.sync_id)
        assert mall.fingerprint() == fingerprint

    def test_a_signal_half_way_through(self, mall: Mall, monkeypatch: pytest.MonkeyPatch) -> None:
        """Interrupted before its COMMIT: nothing is written, and the log says so."""
        rows = [record("T1", zone="East")]
        mall.sync(rows)
        run = mall.sync([record("T1", zone="West")])
        fingerprint = mall.fingerprint()

        def interrupted(*_given: object) -> None:
            raise Interrupted(signal.SIGTERM)

        monkeypatch.setattr(rollback_run, "_audit", interrupted)
        with pytest.raises(Interrupted) as caught:
            roll_back(mall, run.sync_id)
        assert (caught.value.exit_code, mall.fingerprint() == fingerprint) == (143, True)
        (log,) = mall.database.query("SELECT status FROM etl.sync_logs WHERE command = 'rollback'")
        assert log["status"] == "FAILED"

    def test_another_rollback_was_quicker(self, mall: Mall, monkeypatch: pytest.MonkeyPatch) -> None:
        """Two people roll back one run: the second, once it has the lock, is refused and writes nothing."""
        run = mall.sync([record("T1")])
        chosen = rollback_run.choose_run
        results: list[Rollback | None] = []

        def slow(db: Postgres, asked: str) -> RolledRun:
            found = chosen(db, asked)
            if not results:
                results.append(None)
                results.append(roll_back(mall, run.sync_id))
            return found

        monkeypatch.setattr(rollback_run, "choose_run", slow)
        with pytest.raises(GuardError, match="is rolled back already"):
            roll_back(mall, run.sync_id)
        logs = mall.database.query(
            "SELECT status FROM etl.sync_logs WHERE command = 'rollback' ORDER BY started_at"
        )
        assert [log["status"] for log in logs] == ["COMPLETED", "FAILED"]

    @pytest.mark.long
    def test_another_run_holds_the_lock(self, mall: Mall) -> None:
        """Exit 4, as for a sync."""
        run = mall.sync([record("T1")])
        with Postgres(mall.database.dsn) as other:
            assert other.lock_source("")
            with pytest.raises(LockError, match="Nothing was written") as caught:
                roll_back(mall, run.sync_id)
        assert caught.value.exit_code == 4
        assert outcomes(roll_back(mall, run.sync_id, dry=True)) == {"T1": "deleted"}

    def test_an_editors_save_in_between_is_seen(self, mall: Mall) -> None:
        """An editor is saving while the rollback starts: it waits for the save, and leaves what was saved alone."""
        mall.sync([record("T1", zone="East", tel="1")])
        run = mall.sync([record("T1", zone="West", tel="2")])
        results: list[Rollback] = []
        with mall.database.connect() as editor:
            editor.execute("UPDATE shops SET location_zone = 'Mine', updated_at = now()")
            thread = threading.Thread(target=lambda: results.append(roll_back(mall, run.sync_id)))
            thread.start()
            wait_for_a_lock(mall)
            editor.commit()
        thread.join(30)
        (done,) = results
        assert {field.field: field.verdict for field in record_of(done, "T1").fields} == {
            "phone": "back",
            "zone": "stays",
        }
        assert (mall.row("T1")["location_zone"], mall.row("T1")["contact_info_phone"]) == ("Mine", "1")


def wait_for_a_lock(mall: Mall) -> None:
    """Wait until a statement of this database waits for a lock."""
    waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    for _ in range(300):
        if mall.database.query(waiting):
            return
        time.sleep(0.05)
    pytest.fail("nothing waits for the editor")
