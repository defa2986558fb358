"""Promise: whatever the database refuses is told in one message with advice, and the CMS is as it was."""

import os
import shutil
import threading
import time
from pathlib import Path

import pytest

from etl.errors import LoadError
from tests.support.disk import small_disk
from tests.support.merge import during
from tests.support.patience import within
from tests.support.postgres import GIVEN_DSN, as_role
from tests.support.process import run_here, run_refused
from tests.support.sync import Mall, record

pytestmark = pytest.mark.quick(cases=1)

FEED = [record(f"T{number:03}") for number in range(60)]
CHANGED = [one | {"zone": "West"} for one in FEED]


@pytest.fixture
def synced(synced: Mall) -> Mall:
    """Give a mall after a sync, whose API has changed since."""
    synced.api.records = CHANGED
    return synced


@pytest.mark.long
def test_statement_timeout(synced: Mall) -> None:
    """A merge that takes longer than STATEMENT_TIMEOUT_S is ended by the server, and not tried again."""
    synced.database.execute(
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.1); RETURN NEW; END $$"
    )
    synced.database.execute("CREATE TRIGGER slow BEFORE UPDATE ON shops FOR EACH ROW EXECUTE FUNCTION slow()")

    out = run_refused(synced, 1, "57014", "STATEMENT_TIMEOUT_S", statement_timeout_s=1)

    assert "database_retry" not in out
    assert synced.last_run()["status"] == "FAILED"


def test_read_only(synced: Mall) -> None:
    """A replica, or a server put to read-only: point the job at the primary."""
    (name,) = synced.database.query("SELECT current_database() AS name")
    synced.database.execute(f"ALTER DATABASE {name['name']} SET default_transaction_read_only = on")
    run_refused(synced, 1, "25006", "point DATABASE_URL at the primary")


def test_missing_table(synced: Mall) -> None:
    """A table of the CMS is gone, or has another name: named, with what renames tables."""
    synced.database.execute("ALTER TABLE shops_rels RENAME TO gone")
    result = run_here(synced, "sync")
    assert result.returncode == 1
    assert "shops_rels" in result.stderr
    assert "dbName" in result.stderr


def test_missing_column(synced: Mall) -> None:
    """A release of the CMS dropped a column, or made a field one of several values: named, with what must hold."""
    synced.database.execute("ALTER TABLE shops RENAME COLUMN location_zone TO gone")
    run_refused(synced, 1, "shops.location_zone", "a field of one value and without localization")


def test_missing_own_tables(synced: Mall) -> None:
    """Nobody ran `etl init`: exit 2, and the command to run."""
    synced.database.execute("DROP SCHEMA etl CASCADE")
    run_refused(synced, 2, "Run `etl init` once")


@pytest.mark.long
def test_a_table_that_goes_while_the_run_goes_on(synced: Mall, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also after the check at its start: rolled back, with advice."""
    during(
        synced,
        monkeypatch,
        "plan/decide_actions",
        lambda: synced.database.execute("ALTER TABLE etl.sync_changes RENAME TO gone"),
    )
    with pytest.raises(LoadError, match="A table is missing; run `etl check`"):
        synced.sync()
    assert synced.database.query("SELECT 1 FROM shops WHERE location_zone = 'West'") == []


def test_missing_right(synced: Mall) -> None:
    """The role may not write two tables: both are named before anything is done, and who gives the right."""
    synced.database.execute(
        "DO $$ BEGIN CREATE ROLE etl_test_bare; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
    )
    synced.database.execute(
        "GRANT USAGE ON SCHEMA etl, public TO etl_test_bare; "
        "GRANT ALL ON ALL TABLES IN SCHEMA etl, public TO etl_test_bare; "
        "GRANT ALL ON ALL SEQUENCES IN SCHEMA etl, public TO etl_test_bare; "
        "REVOKE UPDATE ON dinings, shops FROM etl_test_bare"
    )
    synced.via = as_role(synced.database.owner_dsn, "etl_test_bare")
    try:
        run_refused(
            synced,
            1,
            "The role does not have 2 rights: UPDATE on dinings, UPDATE on shops.",
            "Let the tables' owner GRANT them; sql/roles.sql makes a role that has all.",
        )
    finally:
        synced.database.execute("DROP OWNED BY etl_test_bare")


def test_deadlock_with_an_editor(synced: Mall) -> None:
    """Editor and sync wait for each other's rows, and Postgres ends the sync: it starts again, and lands."""
    with synced.database.connect() as editor:
        editor.execute("SET deadlock_timeout = '60s'")
        editor.execute("UPDATE shops SET sort_order = 7 WHERE unique_id = 'T059'")

        def ask_for_what_the_sync_holds() -> None:
            while not synced.database.query("SELECT 1 FROM pg_locks WHERE NOT granted"):
                time.sleep(0.02)
            editor.execute("UPDATE shops SET sort_order = 7 WHERE unique_id = 'T000'")
            editor.commit()

        waits = threading.Thread(target=ask_for_what_the_sync_holds)
        waits.start()
        result = synced.sync()
        waits.join(30)

    assert (result.status, result.counts.updated) == ("COMPLETED", 60)
    assert synced.last_run()["performance"]["database_retries"] == {"40P01": 1}
    assert synced.row("T059")["sort_order"] == 7
    assert synced.row("T000")["sort_order"] == 7


@pytest.mark.long
@pytest.mark.parametrize("held_s", [1.5, 60.0])
def test_a_row_that_an_editor_holds(synced: Mall, held_s: float) -> None:
    """Longer than LOCK_TIMEOUT_S: the run waits for it again, a few times, and then says what to do."""
    editor = synced.database.connect()
    editor.execute("UPDATE shops SET sort_order = 7 WHERE unique_id = 'T030'")
    timer = threading.Timer(held_s, editor.commit)
    timer.start()
    try:
        if held_s < 10:
            assert run_here(synced, "sync", lock_timeout_s=1).returncode == 0
            editor.commit()
            assert synced.row("T030")["location_zone"] == "West"
            assert synced.row("T030")["sort_order"] == 7
        else:
            out = run_here(synced, "sync", lock_timeout_s=0.5)
            assert out.returncode == 1
            assert (
                "A row or table stayed locked longer than LOCK_TIMEOUT_S; run again, or raise it."
                in out.stderr
            )
            assert out.stdout.count("database_retry") == 2
            assert synced.row("T031")["location_zone"] == "East"
    finally:
        timer.cancel()
        editor.rollback()
        editor.close()


@pytest.mark.long
def test_disk_full(synced: Mall, tmp_path: Path) -> None:
    """The disk of the CMS's tables fills up while rows are written: exit 1, and all is as before."""
    for parent in [tmp_path, *tmp_path.parents][:4]:
        parent.chmod(parent.stat().st_mode | 0o055)
    (row,) = synced.database.query("SELECT current_setting('data_directory') AS path")
    server = Path(row["path"]).stat()
    with small_disk(tmp_path / "disk", "16m", is_held=True) as disk:
        os.chown(disk, server.st_uid, server.st_gid)
        space = f"etl_test_small_{os.getpid()}"
        synced.database.execute(f"CREATE TABLESPACE {space} LOCATION '{disk}'")
        try:
            synced.database.execute(f"ALTER TABLE shops_locales SET TABLESPACE {space}")
            synced.database.execute(f"ALTER TABLE shops SET TABLESPACE {space}")
            filler = disk / "filler"
            free = shutil.disk_usage(disk).free
            filler.write_bytes(b"\0" * (free - 200_000))
            synced.api.records = [one | {"descriptionEn": os.urandom(20_000).hex()} for one in FEED]

            run_refused(synced, 1, "53100", "The server's disk is full")
            assert synced.last_run()["status"] == "FAILED"

            filler.unlink()
            assert synced.sync().counts.updated == 60
        finally:
            for table in ("shops", "shops_locales"):
                synced.database.execute(f"ALTER TABLE {table} SET TABLESPACE pg_default")
            synced.database.execute(f"DROP TABLESPACE {space}")


@pytest.mark.long
@pytest.mark.skipif(
    bool(GIVEN_DSN), reason="a user who may not connect needs a login of its own, and the server is given"
)
def test_no_free_connection(synced: Mall) -> None:
    """The server has no slot left: asked again a few times, then told."""
    synced.database.execute(
        "DO $$ BEGIN CREATE ROLE etl_test_few LOGIN CONNECTION LIMIT 0; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
    )
    synced.via = synced.database.owner_dsn.replace("postgres@", "etl_test_few@")
    with within(20):
        out = run_refused(synced, 1, "run again later")
    assert out.count("database_retry") == 2
