"""`etl init`: the job's own tables, and the CMS-shaped ones of an empty database; never a change to a CMS."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import polars as pl
import pytest

from etl import __version__
from etl.db.catalogue import missing_columns
from etl.db.connection import Postgres
from etl.db.errors import PostgresError
from etl.errors import ConfigError, ContractError
from etl.load import schema
from etl.load.requirements import require
from etl.runs import log as run_log
from tests.support import cms
from tests.support.postgres import DEFAULT, GIVEN_DSN, Database, Servers

START_OVER = (
    "start over: `DROP SCHEMA etl CASCADE`, then `etl init`. That loses the log of runs, so that none can be rolled "
    "back, and the last-synced values, so that the next sync meets every row as on first contact."
)
"""The way out of a schema of another build."""

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


def uniques(database: Database) -> set[tuple[str, ...]]:
    """Return what is unique in schema public, by a constraint or by an index alone; the list of runs apart."""
    rows = database.query(
        "SELECT indrelid::regclass::text AS t, array_agg(attname::text ORDER BY attname) AS columns FROM pg_index "
        "JOIN pg_class ON pg_class.oid = indrelid JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY (indkey) "
        "WHERE relnamespace = 'public'::regnamespace AND indisunique GROUP BY indexrelid, indrelid"
    )
    return {(row["t"], *row["columns"]) for row in rows if not row["t"].startswith("api_sync_logs")}


class TestEmptyDatabase:
    """Where a newcomer, a test or a notebook starts from nothing."""

    def test_what_is_said(self, any_empty_database: Database) -> None:
        """The job's tables and the CMS's were made; the schema names the build that made it."""
        assert init(any_empty_database) == schema.InitResult(job_tables=True, cms_tables=True)
        builds = any_empty_database.query("SELECT fingerprint, version FROM etl.schema_build")
        assert builds == [{"fingerprint": schema.schema_fingerprint(), "version": __version__}]

    def test_what_is_made(self, any_database: Database) -> None:
        """The job's tables, views and indexes, by name."""
        relations = any_database.query(
            "SELECT relname, relkind FROM pg_class WHERE relnamespace = 'etl'::regnamespace ORDER BY relname"
        )
        by_kind = {kind: [row["relname"] for row in relations if row["relkind"] == kind] for kind in "rvi"}
        assert by_kind["r"] == [
            "schema_build", "sources", "sync_changes", "sync_issues", "sync_logs", "tenants_base",
        ]  # fmt: skip
        assert by_kind["v"] == ["latest_sync", "unmapped"]
        assert [name for name in by_kind["i"] if not name.endswith("_pkey")] == [
            "sync_changes_record",
            "sync_changes_sync_id",
            "sync_changes_unique_id",
            "sync_issues_sync_id",
            "sync_issues_unique_id",
            "sync_logs_due",
            "sync_logs_started_at",
            "tenants_base_source_unique_id",
        ]

    def test_it_has_the_shape_of_the_cms(self, postgres_servers: Servers, any_database: Database) -> None:
        """It has all columns, types, enums and keys of the tables that the tests make from DOMAIN.md.

        What else it has, tests/payload/test_tables.py holds to Payload itself.
        """
        version = DEFAULT if GIVEN_DSN else f"pg{any_database.major}"
        with postgres_servers.get(version).database(is_empty=True) as independent:
            cms.make_cms(independent, skip_sync=True, api_sync_logs=False)
            for read in (columns, enums):
                assert read(independent).items() <= read(any_database).items()
            assert uniques(independent) <= uniques(any_database)

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
        """An init whose last statement fails leaves the database as empty as it was."""
        monkeypatch.setattr(schema, "__version__", None)
        with pytest.raises(PostgresError, match="null value in column"):
            init(empty_database)
        assert empty_database.query("SELECT nspname FROM pg_namespace WHERE nspname = 'etl'") == []
        assert columns(empty_database) == {}

    def test_an_empty_schema(self, empty_database: Database) -> None:
        """A schema etl that somebody made and left empty is filled."""
        empty_database.execute("CREATE SCHEMA etl")
        assert init(empty_database) == schema.InitResult(job_tables=True, cms_tables=True)


class TestAgain:
    """As often as one likes, on a schema of the same build."""

    def test_twice(self, any_database: Database) -> None:
        """The second time nothing is done, and what is in the tables stays."""
        any_database.execute("INSERT INTO floors (name) VALUES ('9F')")
        before = cms.shape(any_database)
        assert init(any_database) == schema.InitResult(job_tables=False, cms_tables=False)
        assert cms.shape(any_database) == before
        assert any_database.query("SELECT count(*) AS n FROM floors") == [{"n": 14}]

    def test_two_at_once(self, empty_database: Database) -> None:
        """One makes everything; the other waits for it, and finds everything there."""
        with ThreadPoolExecutor(2) as pool:
            results = list(pool.map(init, [empty_database] * 2))
        assert sorted((result.job_tables, result.cms_tables) for result in results) == [
            (False, False),
            (True, True),
        ]
        assert empty_database.query("SELECT count(*) AS n FROM etl.schema_build") == [{"n": 1}]
        assert empty_database.query("SELECT count(*) AS n FROM floors") == [{"n": 13}]

    def test_before_the_first_init(self, empty_database: Database) -> None:
        """Nothing there yet: a sync says so."""
        with Postgres(empty_database.dsn, "the mall") as db:
            assert not schema.is_made(db)
            with pytest.raises(ConfigError) as caught:
                schema.require_ready(db)
        assert str(caught.value) == "the mall does not have the job's tables. Run `etl init` once."
        assert caught.value.exit_code == 2

    def test_a_fingerprint_is_that_of_the_statements(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Comments and line breaks do not count; a column does."""

        def of(script: str) -> str:
            monkeypatch.setattr(schema, "text", {"schema/etl": script}.__getitem__)
            return schema.schema_fingerprint()

        first = of("-- Purpose: x\nCREATE TABLE etl.a (id int);\nCREATE TABLE etl.b (id int);\n")
        assert first == of("CREATE TABLE etl.a\n(id int);\n-- why\nCREATE TABLE etl.b (id int);\n")
        assert first != of("CREATE TABLE etl.a (id int);\nCREATE TABLE etl.b (id int8);\n")
        assert re.fullmatch("[0-9a-f]{16}", first)


def of_another_build(database: Database) -> None:
    """Make its schema that of another build."""
    database.execute("UPDATE etl.schema_build SET fingerprint = '0123456789abcdef', version = '99.0'")


def without_build(database: Database) -> None:
    """Make its schema one that names no build, as the migrations of unreleased versions made it."""
    database.execute("DROP TABLE etl.schema_build; CREATE TABLE etl.migrations (name text)")


def with_empty_build(database: Database) -> None:
    """Leave nothing in the table that names the build."""
    database.execute("DELETE FROM etl.schema_build")


@pytest.mark.parametrize("command", [schema.initialise, schema.require_ready, run_log.require_tables])
class TestAnotherBuild:
    """A schema etl that this build did not make: init, a sync and `etl runs` refuse, and nothing is touched."""

    def test_of_another_build(self, database: Database, command: Callable[[Postgres], object]) -> None:
        """The message names both builds, the way out and what it costs."""
        of_another_build(database)
        assert self.refusal(database, command) == (
            "Schema etl in the mall is of another build: iconsiam-etl 99.0 made it (schema 0123456789abcdef), "
            f"this is {__version__} (schema {schema.schema_fingerprint()}). "
            f"Use the version that made it, or {START_OVER}"
        )

    @pytest.mark.parametrize("change", [without_build, with_empty_build])
    def test_without_a_build(
        self, database: Database, command: Callable[[Postgres], object], change: Callable[[Database], None]
    ) -> None:
        """Nobody knows which version made it: the message names the way out and what it costs."""
        change(database)
        assert self.refusal(database, command) == (
            "Schema etl in the mall names no build in etl.schema_build: an unreleased version of iconsiam-etl "
            f"made it, or another program. To use this version, {START_OVER}"
        )

    def test_the_way_out(self, database: Database, command: Callable[[Postgres], object]) -> None:
        """What the message says works."""
        of_another_build(database)
        database.execute("DROP SCHEMA etl CASCADE")
        assert init(database) == schema.InitResult(job_tables=True, cms_tables=False)
        with Postgres(database.owner_dsn, "the mall") as db:
            command(db)

    def refusal(self, database: Database, command: Callable[[Postgres], object]) -> str:
        """Return why a command refuses; the database is as it was."""
        before = database.query("SELECT relname, relfilenode FROM pg_class ORDER BY oid")
        with Postgres(database.owner_dsn, "the mall") as db, pytest.raises(ConfigError) as caught:
            command(db)
        assert caught.value.exit_code == 2
        assert database.query("SELECT relname, relfilenode FROM pg_class ORDER BY oid") == before
        return str(caught.value)


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

        assert init(any_empty_database) == schema.InitResult(job_tables=True, cms_tables=False)

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
            "the mall does not have 11 tables or columns of the CMS: categories, categories_locales, dinings, … "
            "(`etl check` lists all). Is it the CMS's database, and its schema on the search path? "
            "`etl init` makes them in an empty database."
        )

    def test_a_missing_column(self, database: Database) -> None:
        """A column that the job writes is missing: it is named, with what keeps Payload from making it."""
        database.execute(
            "ALTER TABLE dinings DROP COLUMN location_zone; ALTER TABLE floors DROP COLUMN status"
        )
        with Postgres(database.owner_dsn, "the mall") as db, pytest.raises(ContractError) as caught:
            require(db, "look")
        assert str(caught.value) == (
            "the mall does not have 2 tables or columns of the CMS: dinings.location_zone, floors.status. "
            "Let each be a field of one value and without localization in the CMS, and run its migrations."
        )

    def test_tables_of_another_name(self, database: Database) -> None:
        """As with Payload's `dbName`: they are named, and so is what renames them."""
        database.execute("ALTER TABLE shops RENAME TO cms_shops")
        with Postgres(database.owner_dsn, "the mall") as db, pytest.raises(ContractError) as caught:
            require(db, "look")
        assert str(caught.value) == (
            "the mall does not have 1 tables or columns of the CMS: shops. The job knows them by Payload's own names: let "
            "the CMS give them no other (dbName, relationshipsSuffix, …)."
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
