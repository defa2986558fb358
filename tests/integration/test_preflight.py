"""`etl check`: every failing check with its advice, and the others beside it; nothing is written."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from etl.config.settings import Settings
from etl.db.connection import Postgres
from etl.errors import ConfigError
from etl.load import requirements
from etl.load.schema import schema_fingerprint
from etl.model.results import Check
from etl.preflight import run_checks
from tests.support import api as answers
from tests.support import cms
from tests.support.api import FakeApi
from tests.support.postgres import Database, dsn_of, with_parameter
from tests.support.receiver import FakeReceiver
from tests.support.sync import record, settings_for

NAMES = ["settings", "API", "snapshots", "database", "CMS", "CMS tables", "rights", "job's tables"]
SHOWN = "/mall"


def checks(dsn: str, api: FakeApi, folder: Path, **overrides: Any) -> dict[str, Check]:
    """Run the checks and return them by name."""
    settings = settings_for(dsn, api.url, folder, **overrides)
    return {item.name: item for item in run_checks(lambda: settings)}


def failed(found: dict[str, Check]) -> list[str]:
    """Return the names of those that failed."""
    return [name for name, item in found.items() if item.state == "failed"]


@contextmanager
def role(database: Database, *, grants: str = "") -> Iterator[str]:
    """Make a login role with these grants (`{role}` is its name), and give the address of the database for it."""
    name = f"etl_test_{uuid4().hex[:12]}"
    database.execute(f"CREATE ROLE {name} LOGIN; {grants.format(role=name)}")
    parts = conninfo_to_dict(database.dsn)
    host, port, dbname = parts["host"], parts.get("port", "5432"), parts["dbname"]
    try:
        yield f"postgresql://{name}@/{dbname}?host={str(host).replace('/', '%2F')}&port={port}"
    finally:
        database.execute(f"DROP OWNED BY {name}; DROP ROLE {name}")


def test_all_is_well(any_database: Database, api: FakeApi, tmp_path: Path) -> None:
    """Each check says in a few words what it found, on every version of Postgres."""
    api.records = [record("T1"), record("T2")]
    found = checks(any_database.dsn, api, tmp_path / "snapshots")
    assert list(found) == NAMES
    assert failed(found) == []
    assert found["API"].message == f"{api.url}: 2 records on offer"
    assert found["snapshots"].message == f"{tmp_path / 'snapshots'}: 0 snapshots, at most 48 kept"
    assert found["CMS tables"].message == (
        "complete; 13 floors, 16 categories; skip_sync in shops and dinings"
    )
    assert found["CMS"].message.startswith(
        ("tables like Payload's, schema public, ", "Payload 3, schema public, ")
    )
    assert ", integer ids, drafts off, trash off, " in found["CMS"].message
    assert f"Postgres {any_database.major}." in found["database"].message
    assert found["rights"].message == "all that a sync needs"
    assert found["job's tables"].message == f"of this build (schema {schema_fingerprint()})"


def test_nothing_is_written(database: Database, api: FakeApi, tmp_path: Path) -> None:
    """Neither a row, nor a table, nor a folder for snapshots; and one record is asked of the API."""
    before = database.query("SELECT relname, relfilenode FROM pg_class ORDER BY oid")
    checks(database.dsn, api, tmp_path / "snapshots")
    assert database.query("SELECT relname, relfilenode FROM pg_class ORDER BY oid") == before
    assert database.query("SELECT sync_id FROM etl.sync_logs") == []
    assert list(tmp_path.iterdir()) == []
    assert [(request.page, "limit=1" in request.path) for request in api.requests] == [(1, True)]


def test_settings_that_can_not_be_read() -> None:
    """All else needs them, so their failure stands alone."""

    def load() -> Settings:
        raise ConfigError("SYNC_BATCH_SIZE is 'ten'; allowed: a whole number of 1 or more.")

    assert run_checks(load) == [
        Check("settings", "failed", "SYNC_BATCH_SIZE is 'ten'; allowed: a whole number of 1 or more.", 2)
    ]


def test_what_is_set_is_shown_without_secrets(database: Database, api: FakeApi, tmp_path: Path) -> None:
    """The settings that are not the default, each with its value, secrets hidden."""
    found = checks(database.dsn, api, tmp_path, x_apig_appcode="topsecret", sync_batch_size=10)
    assert "SYNC_BATCH_SIZE=10" in found["settings"].message
    assert "X_APIG_APPCODE=set (hidden)" in found["settings"].message
    assert "topsecret" not in str(found)


def test_who_is_told_is_shown_and_not_called(database: Database, api: FakeApi, tmp_path: Path) -> None:
    """Scheme and host, and whether notices are signed; without a secret there is a warning beside."""
    with FakeReceiver() as receiver:
        settings = settings_for(database.dsn, api.url, tmp_path, notify_url=receiver.url)
        found = [item for item in run_checks(lambda: settings) if item.name == "notices"]
    assert receiver.requests == []
    place = receiver.url.split("/services")[0]
    assert [(item.state, item.message) for item in found] == [
        ("warning", "Notices are not signed, so the receiver can't tell who sent them. Set NOTIFY_SECRET."),
        ("ok", f"go to {place} as json, not signed; tried by the first run that has news"),
    ]


def test_no_database_and_no_api_are_told_together(api: FakeApi, tmp_path: Path) -> None:
    """Each failure has its advice and its exit code; none hides the other."""
    api.fail_always(1, answers.status(401))
    found = checks("postgresql://u:s3cret@127.0.0.1:1/mall", api, tmp_path)
    assert failed(found) == ["API", "database"]
    assert "X_APIG_APPCODE" in found["API"].message
    assert found["database"].message == (
        "Can't connect to 127.0.0.1:1/mall as u: Connection refused. "
        "Check DATABASE_URL, and that the server is up and reachable from here."
    )
    assert (found["API"].exit_code, found["database"].exit_code) == (1, 1)


def test_settings_that_are_missing(tmp_path: Path) -> None:
    """No address of the API and of the database: usage errors that say how to write them."""
    settings = settings_for(None, None, tmp_path)  # type: ignore[arg-type]  # unset, as in an empty environment
    found = {item.name: item for item in run_checks(lambda: settings)}
    assert failed(found) == ["API", "database"]
    assert found["API"].message.startswith("EXTERNAL_API_URL is not set. Set it to ")
    assert found["database"].message.startswith("DATABASE_URL is not set. Set it to ")
    assert (found["API"].exit_code, found["database"].exit_code) == (2, 2)


def test_a_translated_address_is_a_warning(database: Database, api: FakeApi, tmp_path: Path) -> None:
    """What was left out of DATABASE_URL is told, and the check goes on."""
    settings = settings_for(with_parameter(database.dsn, "connection_limit=5"), api.url, tmp_path)
    found = run_checks(lambda: settings)
    assert [(item.name, item.state) for item in found][3:5] == [("database", "warning"), ("database", "ok")]
    assert "connection_limit" in found[3].message


def test_an_empty_database(empty_database: Database, api: FakeApi, tmp_path: Path) -> None:
    """No CMS and no init: the server is there, its tables are not."""
    found = checks(empty_database.dsn, api, tmp_path)
    assert failed(found) == ["CMS tables", "job's tables"]
    assert "does not have 11 tables or columns of the CMS: categories, " in found["CMS tables"].message
    assert found["job's tables"].message.endswith(" does not have the job's tables. Run `etl init` once.")
    assert (found["CMS tables"].exit_code, found["job's tables"].exit_code) == (1, 2)


def test_a_cms_before_init(empty_database: Database, api: FakeApi, tmp_path: Path) -> None:
    """The CMS's tables are there, an older release without skip_sync; only init is missing."""
    cms.make_cms(empty_database, skip_sync=False, api_sync_logs=False)
    found = checks(empty_database.dsn, api, tmp_path)
    assert failed(found) == ["job's tables"]
    assert found["CMS tables"].message == (
        "complete; 4 floors, 3 categories; skip_sync not there: no row is skipped"
    )


def test_missing_columns(database: Database, api: FakeApi, tmp_path: Path) -> None:
    """Columns that the job uses are named."""
    database.execute("ALTER TABLE shops DROP COLUMN slug; ALTER TABLE dinings_locales DROP COLUMN title")
    found = checks(database.dsn, api, tmp_path)
    assert failed(found) == ["CMS tables"]
    assert "does not have 2 tables or columns of the CMS: dinings_locales.title, shops.slug." in (
        found["CMS tables"].message
    )


def test_another_build(database: Database, api: FakeApi, tmp_path: Path) -> None:
    """A schema that another build made: the way to start over."""
    database.execute("UPDATE etl.schema_build SET fingerprint = '0123456789abcdef', version = '99.0'")
    found = checks(database.dsn, api, tmp_path)
    assert failed(found) == ["job's tables"]
    assert "iconsiam-etl 99.0 made it (schema 0123456789abcdef)" in found["job's tables"].message
    assert "`DROP SCHEMA etl CASCADE`, then `etl init`" in found["job's tables"].message


def test_a_role_without_rights(database: Database, api: FakeApi, tmp_path: Path) -> None:
    """A role that may only read shops: the rights it does not have are counted, three are named, and who mends it."""
    grants = "GRANT USAGE ON SCHEMA public, etl TO {role}; GRANT SELECT ON ALL TABLES IN SCHEMA public, etl TO {role}"
    with role(database, grants=grants) as dsn:
        found = checks(dsn, api, tmp_path)
    assert failed(found) == ["rights"]
    assert found["rights"].exit_code == 2
    assert "DELETE on dinings, INSERT on dinings, UPDATE on dinings, …" in found["rights"].message
    assert found["rights"].message.endswith("GRANT them; sql/roles.sql makes a role that has all.")


def test_a_role_with_all_rights(database: Database, api: FakeApi, tmp_path: Path) -> None:
    """What docs ask for is enough: tables, sequences and temporary tables; the role owns nothing."""
    grants = """
        GRANT USAGE ON SCHEMA public, etl TO {role};
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public, etl TO {role};
        GRANT USAGE ON ALL SEQUENCES IN SCHEMA public, etl TO {role}"""
    with role(database, grants=grants) as dsn:
        assert failed(checks(dsn, api, tmp_path)) == []


@pytest.mark.parametrize(
    ("missing", "told"),
    [
        ("INSERT ON etl.sync_issues", "INSERT on etl.sync_issues"),
        ("UPDATE ON etl.sync_logs", "UPDATE on etl.sync_logs"),
        ("USAGE ON SEQUENCE shops_id_seq", "USAGE on shops_id_seq"),
    ],
)
def test_rights_beside_the_tables_of_the_cms(
    database: Database, api: FakeApi, tmp_path: Path, missing: str, told: str
) -> None:
    """A sync writes the job's tables too, and takes ids from the CMS's sequences: what is missing there is reported."""
    grants = f"""
        GRANT USAGE ON SCHEMA public, etl TO {{role}};
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public, etl TO {{role}};
        GRANT USAGE ON ALL SEQUENCES IN SCHEMA public, etl TO {{role}};
        REVOKE {missing} FROM {{role}}"""
    with role(database, grants=grants) as dsn:
        found = checks(dsn, api, tmp_path)
    assert f"The role does not have 1 rights: {told}." in found["rights"].message


def test_a_role_without_temporary_tables(database: Database, api: FakeApi, tmp_path: Path) -> None:
    """Staging needs temporary tables."""
    grants = """
        GRANT USAGE ON SCHEMA public, etl TO {role};
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public, etl TO {role};
        GRANT USAGE ON ALL SEQUENCES IN SCHEMA public, etl TO {role}"""
    dbname = conninfo_to_dict(database.dsn)["dbname"]
    with role(database, grants=grants) as dsn:
        database.execute(f"REVOKE TEMPORARY ON DATABASE {dbname} FROM PUBLIC")
        found = checks(dsn, api, tmp_path)
    assert found["rights"].message == (
        "The role does not have 1 rights: TEMPORARY on the database. Let the tables' owner GRANT them; sql/roles.sql makes "
        "a role that has all."
    )


def test_a_read_only_database(database: Database, api: FakeApi, tmp_path: Path) -> None:
    """A database that takes no writes, as a replica: point at the primary; the tables are checked all the same."""
    dbname = conninfo_to_dict(database.dsn)["dbname"]
    database.execute(f"ALTER DATABASE {dbname} SET default_transaction_read_only = on")
    found = checks(database.dsn, api, tmp_path)
    assert failed(found) == ["database"]
    assert found["database"].message.endswith("is read-only (a replica?). Point DATABASE_URL at the primary.")
    assert found["database"].exit_code == 2


def test_another_encoding(database: Database, api: FakeApi, tmp_path: Path) -> None:
    """A database that can't hold Thai."""
    name = f"etl_test_{uuid4().hex}"
    database.execute(
        f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'"
    )
    try:
        found = checks(dsn_of(database.dsn, name), api, tmp_path)
    finally:
        database.execute(f"DROP DATABASE {name} WITH (FORCE)")
    assert found["database"].message == "The database's encoding is LATIN1; UTF8 is needed."
    assert found["database"].exit_code == 2


def test_a_server_that_is_too_old(
    database: Database, api: FakeApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Older than 13: the version is told, and what is needed."""
    monkeypatch.setattr(requirements, "OLDEST_POSTGRES", 990_000)
    found = checks(database.dsn, api, tmp_path)
    with Postgres(database.dsn) as db:
        version = db.session.version
    assert found["database"].message == f"Postgres {version} is too old: 13 or later is needed."


def test_a_snapshot_folder_that_is_a_file(database: Database, api: FakeApi, tmp_path: Path) -> None:
    """A SNAPSHOT_DIR that can't hold snapshots is told before the first sync finds out."""
    (tmp_path / "file").write_text("")
    found = checks(database.dsn, api, tmp_path / "file")
    assert failed(found) == ["snapshots"]
    assert str(tmp_path / "file") in found["snapshots"].message


def test_the_helper_for_roles(database: Database) -> None:
    """The roles of these tests are not superusers, so that their rights count."""
    with role(database) as dsn, psycopg.connect(dsn) as connection:
        assert connection.execute("SELECT current_setting('is_superuser')").fetchone() == ("off",)
