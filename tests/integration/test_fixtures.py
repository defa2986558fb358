"""The databases that tests get from tests/conftest.py."""

from tests.support.postgres import Database, dsn_of

CMS_TABLES = "SELECT count(*) AS n FROM information_schema.tables WHERE table_schema = 'public'"


def test_database_is_as_init_leaves_it(any_database: Database) -> None:
    """`any_database` has the CMS's tables and the job's own, on every server."""
    assert any_database.query(
        "SELECT to_regclass('shops')::text AS shops, to_regclass('etl.sync_logs')::text AS logs"
    ) == [{"shops": "shops", "logs": "etl.sync_logs"}]


def test_empty_database_holds_nothing(any_empty_database: Database) -> None:
    """`any_empty_database` has no table, on every server."""
    assert any_empty_database.query(CMS_TABLES) == [{"n": 0}]


def test_databases_are_apart(database: Database, empty_database: Database) -> None:
    """What one database of a test gets is not in the other, and parameters are bound."""
    empty_database.execute("CREATE TABLE seen (name text)")
    empty_database.execute("INSERT INTO seen VALUES (%s)", "100 %")
    assert empty_database.query("SELECT name, '%' AS sign FROM seen") == [{"name": "100 %", "sign": "%"}]
    assert database.query("SELECT to_regclass('seen') AS seen") == [{"seen": None}]


def test_dsn_of_replaces_only_the_database() -> None:
    """User, host and parameters of ETL_TEST_DSN stay."""
    assert (
        dsn_of("postgresql://u:p@h:5433/old?sslmode=require", "new")
        == "postgresql://u:p@h:5433/new?sslmode=require"
    )
    assert dsn_of("postgresql:///old?host=%2Ftmp", "new") == "postgresql:///new?host=%2Ftmp"
    assert dsn_of("postgres://h", "new") == "postgres://h/new"
