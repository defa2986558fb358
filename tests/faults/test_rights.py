"""Promise: sql/roles.sql gives what each command needs and no more, and `etl check` names each missing right."""

from collections.abc import Iterator

import psycopg
import pytest

from etl.runtime import queries
from tests.support.api import FakeApi
from tests.support.cms import make_cms
from tests.support.postgres import DEFAULT, Servers, as_user, make_user
from tests.support.process import run_here
from tests.support.sync import Mall, record

pytestmark = pytest.mark.quick(cases=1)

FEED = [
    record(f"T{number}", categoryNameEn="Restaurant" if number % 3 else "Fashion") for number in range(12)
]
DAY_2 = [one | {"zone": "West", "floor": "3,4", "openingHours": "Mon-Fri 10:00-21:00"} for one in FEED[2:]]


@pytest.fixture(scope="module")
def first(postgres_servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mall]:
    """Give a mall on tables of the CMS with its screen of runs, after `etl init` and roles.sql by the owner, and a sync."""
    with postgres_servers.get(DEFAULT).database(is_empty=True) as database, FakeApi(FEED) as api:
        make_cms(database, skip_sync=True, api_sync_logs=True)
        mall = Mall(api, database, tmp_path_factory.mktemp("first"))
        mall.init()
        mall.sync()
        for _ in range(2):  # it can be run again
            database.execute(queries.text("roles"))
        yield mall


def become(mall: Mall, role: str) -> None:
    """Let the job log in as a user of a role."""
    make_user(mall.database, role)
    mall.via = as_user(mall.database.owner_dsn, role)


@pytest.mark.long
def test_the_role_that_syncs(synced: Mall) -> None:
    """Every command but `init` works, a whole day's work included; the CMS's screen shows the runs."""
    become(synced, "etl_sync")
    synced.api.records = DAY_2
    for command in (
        ("check",),
        ("diff",),
        ("sync", "--missing", "inactivate"),
        ("runs", "latest"),
        ("explain", "T3"),
        ("rollback", "latest"),
        ("rollback", "latest", "--yes"),
        ("sync", "--force"),
        ("extract", "--with-reference"),
    ):
        ended = run_here(synced, *command)
        assert ended.returncode == 0, (command, ended.stdout, ended.stderr)
        assert "cms_log_failed" not in ended.stdout
    shown = synced.database.query("SELECT status::text FROM api_sync_logs ORDER BY id")
    assert [row["status"] for row in shown][-1] == "COMPLETED"
    assert len(shown) >= 2


@pytest.mark.long
def test_the_role_that_looks(synced: Mall) -> None:
    """Dry runs and the audit trail work; a sync is refused with the missing right."""
    become(synced, "etl_read")
    synced.api.records = DAY_2
    before = synced.fingerprint()
    command: tuple[str, ...]
    for command in (("diff",), ("runs",), ("runs", "latest"), ("explain", "T3"), ("rollback", "latest")):
        ended = run_here(synced, *command)
        assert ended.returncode == 0, (command, ended.stdout, ended.stderr)
    for command in (("sync",), ("rollback", "latest", "--yes"), ("init",)):
        ended = run_here(synced, *command)
        assert ended.returncode == 1, (command, ended.stdout, ended.stderr)
    assert run_here(synced, "check").returncode != 0
    assert synced.fingerprint() == before


@pytest.mark.parametrize("role", ["etl_sync", "etl_read"])
@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE shops",
        "TRUNCATE shops CASCADE",
        "ALTER TABLE shops ADD COLUMN x int",
        "CREATE INDEX ON shops (slug)",
        "CREATE TABLE public.mine (a int)",
        "CREATE TABLE etl.mine (a int)",
        "UPDATE floors SET name = 'x'",
        "DELETE FROM categories",
        "SELECT * FROM cms_users",
        "DELETE FROM etl.schema_build",
        "DROP SCHEMA etl CASCADE",
        "CREATE TRIGGER t BEFORE UPDATE ON shops FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    ],
)
def test_no_more_than_that(synced: Mall, role: str, statement: str) -> None:
    """Neither role can change the shape of anything, read other tables, or write what editors alone write."""
    synced.database.execute("CREATE TABLE cms_users (email text)")
    synced.database.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")  # as Postgres has it from 15 on
    become(synced, role)
    with (
        psycopg.connect(synced.via, autocommit=True) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement)


@pytest.mark.parametrize("may", [True, False])
def test_a_schema_in_which_everybody_may_create(synced: Mall, may: bool) -> None:
    """Where PUBLIC may make tables in public, as until Postgres 14, the roles may: roles.sql says so, and what ends it."""
    word = "GRANT CREATE ON SCHEMA public TO" if may else "REVOKE CREATE ON SCHEMA public FROM"
    synced.database.execute(f"{word} PUBLIC")
    told: list[tuple[str | None, str | None]] = []
    with synced.database.connect() as connection:
        connection.add_notice_handler(lambda said: told.append((said.message_primary, said.message_hint)))
        connection.execute(queries.text("roles"))
    assert told == (
        [
            (
                "etl_sync and etl_read can make tables in schema public, as everybody can in this database",
                "REVOKE CREATE ON SCHEMA public FROM PUBLIC ends that, for all roles but the owner.",
            )
        ]
        if may
        else []
    )


def _grants(mall: Mall) -> list[tuple[str, str]]:
    rows = mall.database.query(
        "SELECT table_schema || '.' || quote_ident(table_name) AS place, privilege_type AS what "
        "FROM information_schema.role_table_grants JOIN information_schema.tables USING (table_schema, table_name) "
        "WHERE grantee = 'etl_sync' AND table_type = 'BASE TABLE' ORDER BY 1, 2"  # the views are for people
    )
    return [(row["place"], row["what"]) for row in rows]


@pytest.mark.long
def test_each_right_that_lacks_is_named(synced: Mall) -> None:
    """Each granted right is taken away in turn: `etl check` fails, or warns for the screen, and names it."""
    become(synced, "etl_sync")
    from etl.preflight import run_checks  # noqa: PLC0415 — it connects as the role
    from tests.support.sync import settings_for  # noqa: PLC0415 — as above

    settings = settings_for(synced.dsn, synced.api.url, synced.folder)
    grants = _grants(synced)
    assert len(grants) > 40
    unnoticed = []
    for place, what in grants:
        synced.database.execute(f"REVOKE {what} ON {place} FROM etl_sync")
        found = {item.name: item for item in run_checks(lambda: settings)}
        told = " ".join(item.message for item in found.values() if item.state != "ok")
        if f"{what} on {place.removeprefix('public.')}" not in told:
            unnoticed.append((place, what))
        synced.database.execute(f"GRANT {what} ON {place} TO etl_sync")
    assert not unnoticed, "; ".join(f"{w} {p}" for p, w in unnoticed)
