"""Promise: what the CMS's tables really are is known before anything is written, and `check` and `sync` agree on it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from psycopg.conninfo import conninfo_to_dict

from etl.db.connection import Postgres
from etl.errors import ContractError
from etl.load import schema
from etl.preflight import run_checks
from tests.support.api import FakeApi
from tests.support.cms import make_cms
from tests.support.postgres import Database, Servers, as_user, dsn_of
from tests.support.process import run
from tests.support.rollback import outcomes, roll_back
from tests.support.sync import Mall, record, settings_for

FEED = [
    record("T1", openingHours="Mon-Fri 10:00-21:00, Sat-Sun 10:00-22:00"),
    record("T2", categoryNameEn="Restaurant", floor="3,4"),
]

REFUSED: dict[str, tuple[str, str]] = {
    "ids that are no numbers": (
        "ALTER TABLE shops_rels DROP CONSTRAINT shops_rels_categories_fk; "
        "ALTER TABLE shops_rels ALTER categories_id TYPE uuid USING NULL",
        "shops_rels.categories_id is uuid, not integer. The CMS must be set up with whole numbers for ids",
    ),
    "rich text": (
        "ALTER TABLE shops_locales ALTER description TYPE jsonb USING NULL",
        "shops_locales.description is jsonb, not text. Let the field be a text in the CMS (no rich text, no JSON)",
    ),
    "a date that is text": (
        "ALTER TABLE dinings ALTER date_range_end_date TYPE varchar",
        "dinings.date_range_end_date is character varying, not time. Let the field be a date in the CMS",
    ),
    "a locale that is missing": (
        "ALTER TYPE _locales RENAME VALUE 'zh' TO 'ja'",
        "The enum of shops_locales._locale does not have zh. Add it as a locale in the CMS's configuration",
    ),
    "an option that is missing": (
        "ALTER TYPE enum_shops_status RENAME VALUE 'INACTIVE' TO 'HIDDEN'",
        "The enum of shops.status does not have INACTIVE. Add it as an option in the CMS's configuration",
    ),
    "a column that must be filled": (
        "ALTER TABLE shops ADD tenant_id int NOT NULL",
        "shops.tenant_id must not be null, has no default, and the job does not fill it",
    ),
    "an id without a default": (
        "ALTER TABLE dinings ALTER id DROP DEFAULT",
        "dinings.id must not be null, has no default, and the job does not fill it",
    ),
    "links per language": (
        "ALTER TABLE dinings_rels ADD locale _locales",
        "dinings_rels has a column locale: links are per language, which the job does not know",
    ),
    "a sequence behind its table": (
        "INSERT INTO shops (id, slug) VALUES (3, 'x')",
        "The sequence shops_id_seq gives 1 next, and shops has id 3 already: a new row would be refused. Let its owner run "
        "SELECT setval('shops_id_seq', 3).",
    ),
    "a sequence put back": (
        "INSERT INTO shops_locales (_locale, _parent_id) SELECT 'en', id FROM shops; "
        "INSERT INTO shops (slug) VALUES ('x'), ('y'); SELECT setval('shops_id_seq', 1)",
        "The sequence shops_id_seq gives 2 next, and shops has id 2 already",
    ),
    "rows that are hidden": (
        "ALTER TABLE shops ENABLE ROW LEVEL SECURITY; "
        "CREATE POLICY visible ON shops USING (status <> 'ACTIVE')",
        "Row level security applies to test_etl_sync on shops, so that rows may be hidden from it.",
    ),
    "no policy at all": (
        "ALTER TABLE categories ENABLE ROW LEVEL SECURITY; ALTER TABLE dinings ENABLE ROW LEVEL SECURITY",
        "Row level security applies to test_etl_sync on categories, dinings, so that rows may be hidden from it.",
    ),
    "a right that is missing": (
        "REVOKE DELETE ON shops_rels FROM etl_sync; REVOKE USAGE ON SEQUENCE dinings_id_seq FROM etl_sync",
        "The role does not have 2 rights: USAGE on dinings_id_seq, DELETE on shops_rels.",
    ),
    "a schema that may not be used": (
        "REVOKE USAGE ON SCHEMA public FROM PUBLIC, etl_sync",
        "The CMS's tables are in schema public, which test_etl_sync may not use. Let its owner GRANT USAGE ON SCHEMA",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_can_not_work_is_refused(mall: Mall, case: str) -> None:
    """`check` and `sync` refuse with the same sentence; nothing is written."""
    made, sentence = REFUSED[case]
    mall.database.execute(made)
    before = mall.fingerprint()
    mall.api.records = FEED
    for command in ("check", "sync"):
        ended = run(mall, command)
        assert ended.returncode in {1, 2}, (command, ended.stdout, ended.stderr)
        assert sentence in " ".join((ended.stdout + ended.stderr).split()), command
    assert mall.fingerprint() == before
    assert mall.database.query("SELECT sync_id FROM etl.sync_logs") == []


def test_a_look_needs_less(mall: Mall) -> None:
    """`diff` refuses what a sync would choke on, but asks for SELECT alone."""
    mall.via = as_user(mall.database.owner_dsn, "etl_sync")
    mall.database.execute("REVOKE INSERT, UPDATE, DELETE ON shops FROM etl_sync")
    mall.api.records = FEED
    assert run(mall, "diff").returncode == 0
    mall.database.execute("ALTER TABLE shops_locales ALTER description TYPE jsonb USING NULL")
    ended = run(mall, "diff")
    assert ended.returncode == 1
    assert "shops_locales.description is jsonb, not text." in ended.stderr


def test_everything_in_the_way_at_once(mall: Mall) -> None:
    """A sentence a line, so that one walk to the CMS's developers is enough."""
    mall.database.execute(
        "ALTER TABLE shops ADD tenant_id int NOT NULL; ALTER TYPE _locales RENAME VALUE 'zh' TO 'ja'; "
        "REVOKE DELETE ON shops FROM etl_sync"
    )
    with Postgres(mall.dsn, "the mall") as db, pytest.raises(ContractError) as caught:
        schema.require_ready(db, "write")
    assert [line.split(" ", maxsplit=6)[:3] for line in str(caught.value).splitlines()] == [
        ["shops.tenant_id", "must", "not"],
        ["The", "enum", "of"],
        ["The", "enum", "of"],
        ["The", "role", "does"],
    ]


def test_a_database_that_can_not_hold_thai(database: Database, api: FakeApi, tmp_path: Path) -> None:
    """An encoding other than UTF8: `check`, `init`, `diff` and `sync` refuse alike, before anything is written."""
    name = f"etl_test_{uuid4().hex}"
    owner = Database(dsn_of(database.owner_dsn, name), database.major)
    database.execute(
        f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'"
    )
    try:
        make_cms(owner, skip_sync=True, api_sync_logs=False)
        mall = Mall(api, owner, tmp_path)
        for command in ("check", "init"):
            ended = run(mall, command)
            assert ended.returncode == 2
            assert "The database's encoding is LATIN1; UTF8 is needed." in ended.stdout + ended.stderr
        assert owner.query("SELECT 1 FROM pg_namespace WHERE nspname = 'etl'") == []
        with Postgres(owner.dsn) as db:
            db.run("schema/create_schema")
            db.run_script("schema/etl")
            db.run("schema/record_build", schema.schema_fingerprint(), "0.0")
        for command in ("diff", "sync"):
            ended = run(mall, command)
            assert ended.returncode == 2, ended.stdout + ended.stderr
            assert "The database's encoding is LATIN1; UTF8 is needed." in ended.stderr
    finally:
        database.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def moved(mall: Mall, name: str) -> Iterator[None]:
    """Let the CMS's tables be in another schema, as Payload's `schemaName` has it."""
    mall.database.execute(f"ALTER SCHEMA public RENAME TO {name}; CREATE SCHEMA public")
    yield


@pytest.mark.parametrize("name", ["cms", '"Odd; ""Name"""'])
def test_a_cms_in_another_schema(mall: Mall, name: str) -> None:
    """It is found, whatever the search path; `check` names it; sync, rollback and a second sync work there."""
    with moved(mall, name):
        settings = settings_for(mall.dsn, mall.api.url, mall.folder)
        found = {item.name: item for item in run_checks(lambda: settings)}
        assert [item.state for item in found.values()] == ["ok"] * 7, found
        plain = name[1:-1].replace('""', '"') if name.startswith('"') else name
        assert found["CMS tables"].message.startswith(f"complete, in schema {plain}; 13 floors")
        first = mall.sync(FEED)
        assert (first.counts.created, mall.sync().counts.unchanged) == (3, 3)
        assert mall.database.query(f"SELECT count(*) AS n FROM {name}.shops") == [{"n": 1}]
        assert mall.database.query(f"SELECT status::text AS s FROM {name}.api_sync_logs ORDER BY id") == [
            {"s": "COMPLETED"},
            {"s": "COMPLETED"},
        ]
        assert set(outcomes(roll_back(mall, first.sync_id)).values()) == {"deleted"}
        assert mall.database.query(f"SELECT count(*) AS n FROM {name}.shops") == [{"n": 0}]


def test_init_finds_a_cms_elsewhere(empty_database: Database) -> None:
    """No second CMS is made in public where one is in another schema."""
    make_cms(empty_database, skip_sync=True, api_sync_logs=False)
    empty_database.execute("ALTER SCHEMA public RENAME TO cms; CREATE SCHEMA public")
    with Postgres(empty_database.dsn) as db:
        assert not schema.initialise(db).cms_tables
    assert empty_database.query("SELECT 1 FROM pg_tables WHERE schemaname = 'public'") == []


@pytest.mark.parametrize(
    ("revoked", "sentence"),
    [
        (
            "REVOKE ALL ON SCHEMA cms FROM PUBLIC",
            "The CMS's tables are in schema cms, which test_newcomer may not use.",
        ),
        (
            "",
            "The CMS's tables are in schema cms, and test_newcomer may not read 11 of them: floors, categories, "
            "categories_locales, …. `etl init` is for their owner.",
        ),
    ],
)
def test_init_by_a_role_that_may_not_see_the_cms(
    empty_database: Database, api: FakeApi, tmp_path: Path, revoked: str, sentence: str
) -> None:
    """A role with CREATE on the database: refused, with the names of schema and tables; no second CMS is made."""
    make_cms(empty_database, skip_sync=True, api_sync_logs=False)
    name = conninfo_to_dict(empty_database.dsn)["dbname"]
    empty_database.execute(
        "ALTER SCHEMA public RENAME TO cms; CREATE SCHEMA public; GRANT ALL ON SCHEMA public TO PUBLIC"
    )
    empty_database.execute(
        "DO $$ BEGIN CREATE ROLE test_newcomer LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$; "
        f"GRANT CREATE ON DATABASE {name} TO test_newcomer; {revoked}"
    )
    mall = Mall(api, empty_database, tmp_path)
    mall.via = empty_database.dsn.replace("postgres@", "test_newcomer@", 1)
    ended = run(mall, "init")
    assert ended.returncode == 1
    assert sentence in ended.stderr
    assert empty_database.query("SELECT 1 FROM pg_namespace WHERE nspname = 'etl'") == []
    assert empty_database.query("SELECT 1 FROM pg_tables WHERE schemaname = 'public'") == []


def test_two_candidates(mall: Mall) -> None:
    """Two schemas with all of the tables: refused with both names, until the address names one."""
    tables = [
        row["t"]
        for row in mall.database.query("SELECT tablename AS t FROM pg_tables WHERE schemaname = 'public'")
    ]
    mall.database.execute("CREATE SCHEMA copy; GRANT USAGE ON SCHEMA copy TO etl_sync")
    for table in tables:
        mall.database.execute(f"CREATE TABLE copy.{table} (LIKE public.{table} INCLUDING ALL)")
    for command in ("check", "sync"):
        ended = run(mall, command)
        assert ended.returncode == 1
        told = " ".join((ended.stdout + ended.stderr).split())
        assert "The CMS's tables are in 2 schemas: copy, public. Name the CMS's own in DATABASE_URL" in told
    mall.via = f"{mall.database.dsn}&options=-csearch_path%3Dpublic"
    assert mall.sync(FEED).counts.created == 3


def test_enums_by_another_name(mall: Mall) -> None:
    """Payload's enumName and dbName: a column's own type is taken, in a sync and in a rollback of what it set INACTIVE."""
    for kind in ("shops", "dinings"):
        mall.database.execute(
            f"ALTER TYPE enum_{kind}_status RENAME TO {kind}_state; "
            f"ALTER TYPE enum_{kind}_opening_hours_per_day_day RENAME TO {kind}_weekday"
        )
    mall.database.execute("ALTER TYPE _locales RENAME TO languages")
    mall.sync(FEED)
    mall.database.execute("UPDATE shops SET status = 'ACTIVE'")
    gone = mall.sync(FEED[1:], missing="inactivate", force=True)
    assert mall.row("T1")["status"] == "INACTIVE"
    assert outcomes(roll_back(mall, gone.sync_id)) == {"T1": "put_back"}
    assert mall.row("T1")["status"] == "ACTIVE"
    assert mall.sync(FEED).counts.created == 0


@pytest.mark.parametrize(
    "made",
    [
        "ALTER TABLE {t} ALTER id TYPE int8; ALTER SEQUENCE {t}_id_seq AS int8",
        "ALTER TABLE {t} ALTER id DROP DEFAULT; ALTER TABLE {t} ALTER id ADD GENERATED BY DEFAULT AS IDENTITY",
        "ALTER TABLE {t}_locales ALTER title TYPE text; ALTER TABLE {t} ALTER status DROP DEFAULT, ALTER status TYPE text",
        "SELECT setval('{t}_id_seq', 41, false)",
        "CREATE DOMAIN {t}_text AS varchar; ALTER TABLE {t} ALTER location_zone TYPE {t}_text",
    ],
)
def test_what_is_as_good(mall: Mall, made: str) -> None:
    """Ids of bigint, identity columns, text for varchar and for an enum, a sequence that begins higher, a domain."""
    for kind in ("shops", "dinings"):
        mall.database.execute(made.format(t=kind))
    assert mall.sync(FEED).counts.created == 3
    assert mall.sync().counts.unchanged == 3


@pytest.fixture
def shared(mall: Mall) -> Mall:
    """Give a mall where PUBLIC may create in the CMS's schema, and somebody made all that could be called in its place."""
    mall.database.execute("GRANT CREATE ON SCHEMA public TO PUBLIC")
    mall.database.execute(
        "DO $$ BEGIN CREATE ROLE test_stranger LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
    )
    stranger = Database(mall.database.owner_dsn.replace("postgres@", "test_stranger@", 1), 0)
    stranger.execute(_harmful(mall.database))
    return mall


def _harmful(database: Database) -> str:
    """Return SQL of operators, functions, tables and types that fit the job's statements better than the server's."""
    enums = [row["t"] for row in database.query("SELECT typname AS t FROM pg_type WHERE typtype = 'e'")]
    pairs = [
        (one, other)
        for one in ("varchar", "text")
        for other in ("varchar", "text")
        if (one, other) != ("text", "text")
    ]
    pairs += [(f"public.{name}", f"public.{name}") for name in enums]
    body = "LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'harm was called'; END $$"
    made = []
    for left, right in pairs:
        made.append(f"CREATE FUNCTION public.harm({left}, {right}) RETURNS bool {body}")
        made += [
            f"CREATE OPERATOR public.{name} (LEFTARG = {left}, RIGHTARG = {right}, FUNCTION = public.harm)"
            for name in ("=", "<>", "<", ">", "~", "~~")
        ]
    made += [
        f"CREATE FUNCTION public.{name}(varchar) RETURNS text {body}"
        for name in ("lower", "btrim", "length", "md5", "to_jsonb", "max", "count", "upper")
    ]
    made += [
        f"CREATE FUNCTION public.{name}(int4) RETURNS int8 {body}"
        for name in ("count", "array_agg", "to_jsonb")
    ]
    made.append(f"CREATE FUNCTION public.unnest(text[]) RETURNS SETOF text {body}")
    made += [
        f"CREATE TABLE public.{name} (harm int); GRANT ALL ON public.{name} TO PUBLIC"
        for name in (
            "stg_keys",
            "stg_tenants",
            "stg_issues",
            "stg_rejected",
            "pln_records",
            "pln_cms",
            "rbk_changes",
        )
    ]
    return "; ".join(made)


@pytest.mark.long
def test_nothing_of_others_is_called(shared: Mall) -> None:
    """Two syncs, a diff, an explanation, runs and a rollback on PUBLIC's schema: all as ever, none of it touched."""
    shared.api.records = FEED
    first = shared.sync(FEED)
    assert (first.counts.created, shared.sync().counts.unchanged) == (3, 3)
    changed = [one | {"zone": "West", "openingHours": "Mon 9:00-10:00"} for one in FEED]
    shared.api.records = changed
    for command in (
        ("diff",),
        ("explain", "T1"),
        ("runs", "latest"),
        ("sync",),
        ("rollback", "latest", "--yes"),
        ("init",),
    ):
        ended = run(shared, *command)
        assert ended.returncode in ({1} if command == ("init",) else {0}), (
            command,
            ended.stdout,
            ended.stderr,
        )
        assert "harm" not in ended.stdout + ended.stderr
    shown = shared.database.query("SELECT DISTINCT status::text AS s FROM api_sync_logs")
    assert shown == [{"s": "COMPLETED"}]


def test_check_warns_of_it(shared: Mall) -> None:
    """A warning with the remedy, and no failure."""
    settings = settings_for(shared.dsn, shared.api.url, shared.folder)
    found = run_checks(lambda: settings)
    assert [item.state for item in found if item.state == "failed"] == []
    (warning,) = [item for item in found if item.state == "warning"]
    assert "may create tables, functions and operators in schema public" in warning.message
    assert "REVOKE CREATE ON SCHEMA public FROM PUBLIC ends it." in warning.message


def test_a_screen_of_somebody_else(shared: Mall) -> None:
    """A table of a stranger's called like the CMS's screen of runs is left alone: its triggers would run as the job."""
    shared.database.execute(
        "ALTER TABLE api_sync_logs OWNER TO test_stranger; GRANT ALL ON api_sync_logs TO PUBLIC"
    )
    shared.sync(FEED)
    assert shared.database.query("SELECT * FROM api_sync_logs") == []


def test_a_session_that_is_opened_again(shared: Mall, postgres_servers: Servers) -> None:
    """Another connection, and one after a break, find the CMS's tables too."""
    with Postgres(shared.dsn) as db:
        schema.require_ready(db)
        with db.another() as other:
            assert schema.read_reference(other)[0].height == 13
        db.reopen()
        assert schema.read_reference(db)[0].height == 13
