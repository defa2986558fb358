"""`etl init`: the job's own tables, and the CMS-shaped ones of an empty database; never a change to a CMS."""

from collections.abc import Callable

import polars as pl
import pytest

from etl import __version__
from etl.db.catalogue import missing_columns
from etl.db.connection import Postgres
from etl.db.errors import PostgresError
from etl.errors import ConfigError, ContractError
from etl.load import schema
from etl.load.requirements import require
from tests.support import cms
from tests.support.postgres import DEFAULT, GIVEN_DSN, Database, Servers

MIGRATIONS = (
    "0001_sync_logs",
    "0002_sync_logs_started_at",
    "0003_sync_issues",
    "0004_sync_issues_sync_id",
    "0005_sync_issues_unique_id",
    "0006_sync_changes",
    "0007_sync_changes_sync_id",
    "0008_sync_changes_unique_id",
    "0009_tenants_base",
    "0010_tenants_base_source",
    "0011_latest_sync",
    "0012_unmapped",
    "0013_sync_changes_rollback",
    "0014_sync_changes_record",
    "0015_sync_logs_deleted",
    "0016_tenants_base_found_in_cms",
    "0017_sync_logs_removed",
    "0018_sources",
    "0019_sync_sources",
    "0020_sync_sources_id_prefix",
)

API_SYNC_LOGS = {
    "api_sync_logs": """id sync_id status started_at completed_at duration_seconds external_api_url
        api_response_summary_total_records_fetched api_response_summary_total_pages
        api_response_summary_last_page_processed processing_summary_records_processed
        processing_summary_records_created processing_summary_records_updated processing_summary_records_failed
        processing_summary_shops_processed processing_summary_dinings_processed
        performance_metrics_avg_time_per_record performance_metrics_memory_usage_mb
        performance_metrics_api_response_time_avg notes updated_at created_at""",
    "api_sync_logs_errors": "_order _parent_id id timestamp record_unique_id error_message error_stack",
    "api_sync_logs_validation_issues": "_order _parent_id id record_unique_id description",
    "api_sync_logs_unmapped_data_unmapped_floors": "_order _parent_id id floor_name",
    "api_sync_logs_unmapped_data_unmapped_categories": "_order _parent_id id category_name type english_name thai_name",
}
"""DOMAIN.md's columns of the CMS's own screen of runs."""


def init(database: Database) -> schema.InitResult:
    """Run `etl init`."""
    with Postgres(database.owner_dsn, "the mall") as db:
        return schema.initialise(db)


def columns(database: Database) -> dict[tuple[str, str], tuple[str, int | None]]:
    """Return type and precision by table and column of schema public; the list of runs apart."""
    rows = database.query(
        "SELECT table_name, column_name, udt_name, datetime_precision FROM information_schema.columns "
        "WHERE table_schema = 'public' AND table_name NOT LIKE 'api_sync_logs%'"
    )
    return {
        (row["table_name"], row["column_name"]): (row["udt_name"], row["datetime_precision"]) for row in rows
    }


def enums(database: Database) -> dict[str, set[str]]:
    """Return the labels of every enum, those of the list of runs apart."""
    rows = database.query(
        "SELECT typname, array_agg(enumlabel::text) AS labels FROM pg_enum JOIN pg_type ON pg_type.oid = enumtypid "
        "WHERE typname NOT LIKE 'enum_api_sync_logs%' GROUP BY typname"
    )
    return {row["typname"]: set(row["labels"]) for row in rows}


def uniques(database: Database) -> set[str]:
    """Return what is unique or a key in schema public, the list of runs apart."""
    rows = database.query(
        "SELECT conrelid::regclass::text AS t, pg_get_constraintdef(oid) AS d FROM pg_constraint "
        "WHERE connamespace = 'public'::regnamespace AND contype IN ('p', 'u')"
    )
    return {f"{row['t']} {row['d']}" for row in rows if not row["t"].startswith("api_sync_logs")}


class TestEmptyDatabase:
    """Where a newcomer, a test or a notebook starts from nothing."""

    def test_what_is_said(self, any_empty_database: Database) -> None:
        """All migrations in order, and that the CMS's tables were made."""
        assert init(any_empty_database) == schema.InitResult(MIGRATIONS, cms_tables=True)
        applied = any_empty_database.query("SELECT name, version FROM etl.migrations ORDER BY name")
        assert [row["name"] for row in applied] == list(MIGRATIONS)
        assert {row["version"] for row in applied} == {__version__}

    def test_it_has_the_shape_of_the_cms(self, postgres_servers: Servers, any_database: Database) -> None:
        """The same columns, types, enums and keys as the tables that the tests make from DOMAIN.md."""
        version = DEFAULT if GIVEN_DSN else f"pg{any_database.major}"
        with postgres_servers.get(version).database(is_empty=True) as independent:
            cms.make_cms(independent, skip_sync=True, api_sync_logs=False)
            assert columns(any_database) == columns(independent)
            assert enums(any_database) == enums(independent)
            assert uniques(any_database) == uniques(independent)

    def test_the_list_of_runs(self, database: Database) -> None:
        """The CMS's own screen of runs has DOMAIN.md's columns."""
        rows = database.query(
            "SELECT table_name, string_agg(column_name::text, ' ' ORDER BY ordinal_position) AS columns "
            "FROM information_schema.columns WHERE table_name LIKE 'api_sync_logs%' GROUP BY table_name"
        )
        assert {row["table_name"]: row["columns"].split() for row in rows} == {
            table: names.split() for table, names in API_SYNC_LOGS.items()
        }

    def test_floors_and_categories(self, database: Database) -> None:
        """The standard floors from the bottom up, and the categories of both kinds, ACTIVE, in two languages."""
        floors = database.query('SELECT name, status::text FROM floors ORDER BY "order"')
        assert [row["name"] for row in floors] == [
            "B2", "B1", "GF", "UG", "MF", "1F", "2F", "3F", "4F", "5F", "6F", "7F", "8F",
        ]  # fmt: skip
        assert {row["status"] for row in floors} == {"ACTIVE"}
        categories = database.query(
            "SELECT type::text, status::text, en.name AS en, th.name AS th FROM categories "
            "JOIN categories_locales en ON en._parent_id = categories.id AND en._locale = 'en' "
            "JOIN categories_locales th ON th._parent_id = categories.id AND th._locale = 'th' "
            'ORDER BY "order"'
        )
        assert len(categories) == 16
        assert {row["status"] for row in categories} == {"ACTIVE"}
        assert categories[0] == {"type": "shops", "status": "ACTIVE", "en": "LUXURY", "th": "ลักชัวรี"}
        assert {"type": "dinings", "status": "ACTIVE", "en": "RESTAURANT", "th": "ร้านอาหาร"} in categories

    def test_all_or_nothing(self, empty_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        """A migration that fails leaves the database as empty as it was."""
        monkeypatch.setattr(schema, "migration_names", lambda: ["0001_sync_logs", "0001_sync_logs"])
        with pytest.raises(PostgresError, match="already exists"):
            init(empty_database)
        assert empty_database.query("SELECT nspname FROM pg_namespace WHERE nspname = 'etl'") == []
        assert columns(empty_database) == {}


class TestAgain:
    """Forward only, and as often as one likes."""

    def test_twice(self, any_database: Database) -> None:
        """The second time nothing is done, and what is in the tables stays."""
        any_database.execute("INSERT INTO floors (name) VALUES ('9F')")
        before = cms.shape(any_database)
        assert init(any_database) == schema.InitResult((), cms_tables=False)
        assert cms.shape(any_database) == before
        assert any_database.query("SELECT count(*) AS n FROM floors") == [{"n": 14}]

    def test_a_pending_migration(self, database: Database) -> None:
        """A database that does not have the newest migration: a sync refuses with the way out, and init adds only that."""
        database.execute("DROP VIEW etl.unmapped; DELETE FROM etl.migrations WHERE name = '0012_unmapped'")
        with Postgres(database.owner_dsn, "the mall") as db:
            with pytest.raises(ConfigError) as caught:
                schema.require_ready(db)
            assert schema.pending_migrations(db) == ["0012_unmapped"]
        assert str(caught.value) == (
            "the mall does not have 1 of the job's 20 migrations (next: 0012_unmapped). Run `etl init` once."
        )
        assert init(database) == schema.InitResult(("0012_unmapped",), cms_tables=False)
        assert database.query("SELECT * FROM etl.unmapped") == []

    def test_before_the_first_init(self, empty_database: Database) -> None:
        """Nothing there yet: all migrations are pending, and a sync says so."""
        with Postgres(empty_database.dsn, "the mall") as db:
            assert schema.pending_migrations(db) == list(MIGRATIONS)
            with pytest.raises(
                ConfigError, match=r"does not have 20 of the job's 20 migrations .*Run `etl init` once"
            ):
                schema.require_ready(db)

    @pytest.mark.parametrize("command", [schema.initialise, schema.require_ready])
    def test_a_newer_database(self, database: Database, command: Callable[[Postgres], object]) -> None:
        """Migrations that this version does not know: neither init nor sync touches it, and the advice is to update."""
        for number in range(1, 5):
            database.execute(
                "INSERT INTO etl.migrations (name, version) VALUES (%s, '99.0')", f"090{number}_later"
            )
        with Postgres(database.owner_dsn, "the mall") as db, pytest.raises(ConfigError) as caught:
            command(db)
        assert str(caught.value) == (
            f"the mall has 4 migrations that this version ({__version__}) does not know "
            "(0901_later, 0902_later, 0903_later): it was set up by a newer version. Update iconsiam-etl."
        )
        assert caught.value.exit_code == 2


class TestBesideTheCms:
    """On the CMS's own tables."""

    @pytest.mark.parametrize("is_new", [True, False], ids=["newer CMS", "older CMS"])
    def test_nothing_is_altered(self, any_empty_database: Database, is_new: bool) -> None:
        """Init adds schema etl only: no column, constraint, index, trigger or row of the CMS changes."""
        cms.make_cms(any_empty_database, skip_sync=is_new, api_sync_logs=is_new)
        row = cms.legacy_row(any_empty_database, "T1")
        before, rows = (
            cms.shape(any_empty_database),
            any_empty_database.query("SELECT xmin::text, * FROM shops"),
        )

        assert init(any_empty_database) == schema.InitResult(MIGRATIONS, cms_tables=False)

        assert cms.shape(any_empty_database) == before
        assert any_empty_database.query("SELECT xmin::text, * FROM shops") == rows
        assert [each["id"] for each in rows] == [row]
        with Postgres(any_empty_database.dsn) as db:
            found = schema.require_ready(db)
        assert ("skip_sync" in found["shops"], "skip_sync" in found["dinings"]) == (is_new, is_new)

    def test_a_database_of_something_else(self, empty_database: Database) -> None:
        """A table that is not the CMS's: init does not fill it up with tables, and a sync names what is missing."""
        empty_database.execute("CREATE TABLE invoices (id int)")
        assert not init(empty_database).cms_tables
        assert columns(empty_database) == {("invoices", "id"): ("int4", None)}
        with Postgres(empty_database.dsn, "the mall") as db, pytest.raises(ContractError) as caught:
            schema.require_ready(db)
        assert str(caught.value) == (
            "the mall does not have 11 tables or columns of the CMS: categories, categories_locales, dinings, …. "
            "Is it the CMS's database, and its schema on the search path? "
            "`etl check` lists all; `etl init` makes them in an empty database."
        )

    def test_a_missing_column(self, database: Database) -> None:
        """A column that the job writes is missing: it is named."""
        database.execute(
            "ALTER TABLE dinings DROP COLUMN location_zone; ALTER TABLE floors DROP COLUMN status"
        )
        with Postgres(database.owner_dsn, "the mall") as db, pytest.raises(ContractError) as caught:
            require(db, "look")
        assert str(caught.value).startswith(
            "the mall does not have 2 tables or columns of the CMS: dinings.location_zone, floors.status. "
        )

    def test_missing_columns(self) -> None:
        """A table that is not there is named once; of one that is, each missing column."""
        wanted = {"b": frozenset({"x", "y", "z"}), "a": frozenset({"x"})}
        assert missing_columns(wanted, {"b": {"y", "more"}}) == ["a", "b.x", "b.z"]

    def test_reference(self, empty_database: Database) -> None:
        """Floors and categories as the contract has them, sorted by id; a missing name is null."""
        cms.make_cms(empty_database, skip_sync=False, api_sync_logs=False)
        empty_database.execute("UPDATE floors SET status = 'INACTIVE' WHERE name = '4F'")
        with Postgres(empty_database.dsn) as db:
            floors, categories = schema.read_reference(db)
        assert floors.rows() == [
            (1, "GF", 1.0, "ACTIVE"), (2, "1F", 2.0, "ACTIVE"), (3, "3F", 3.0, "ACTIVE"), (4, "4F", 4.0, "INACTIVE"),
        ]  # fmt: skip
        assert floors.schema["id"] == pl.Int32
        assert categories.rows() == [
            (1, "shops", "ACTIVE", "fashion", "FASHION", None),
            (2, "shops", "ACTIVE", "luxury", "LUXURY", None),
            (3, "dinings", "ACTIVE", "restaurant", "RESTAURANT", None),
        ]
