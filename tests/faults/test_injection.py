"""Promise: no value of the feed, an editor or a setting becomes SQL: it lands as it stands, or is refused in words.

That a value in the HTML report stays text: `test_every_text_of_the_feed_is_escaped`, `test_no_text_can_end_the_data_or_
disturb_its_source` (tests/unit/test_report_html.py) and tests/e2e/test_report_browser.py. That no statement's text is made
of values: tests/unit/test_no_value_in_sql.py.
"""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

from etl.api import read_changes
from etl.cli.app import app
from etl.contract.raw import RAW_FIELDS
from etl.db.connection import Postgres
from etl.db.errors import PostgresError
from etl.errors import EtlError
from tests.support.cms import shape
from tests.support.rollback import outcomes, roll_back
from tests.support.sync import Mall, record

pytestmark = pytest.mark.quick(cases=1)

DROP = "'; DROP TABLE shops CASCADE; --"
ATTACKS = {
    "a quote": DROP,
    "a double quote": '"; DROP TABLE shops CASCADE; --',
    "a bracket": "'); DROP SCHEMA etl CASCADE; --",
    "dollars": "$$; DROP TABLE shops CASCADE; $$ $1 $tag$ $2::text",
    "a backslash": "\\'; DROP TABLE shops CASCADE; -- \\",
    "COPY's end": "\\.",
    "COPY's null": "\\N",
    "COPY's escapes": "a\\tb\\x41\\101\\",
    "COPY's lines": "a\n\\.\nDROP TABLE shops CASCADE;\n",
    "marks of Python": "%s %(name)s %% {} {0} {name} {{ table }} {{table}}",
    "marks of DuckDB": "? ?1 $1 $name :name",
    "a comment": "/* -- */ --\n; DROP TABLE shops CASCADE; --",
    "a cast": "'::regclass; SELECT pg_sleep(9); --",
    "a function": "' || (SELECT version()) || '",
    "a pattern": "%' OR '1'='1' _ \\_ .* [a-z]+ ( \\1",
    "null": "NULL",
    "a null of text": "null",
    "a default": "DEFAULT",
    "braces": '{"a": 1}',
    "an array": "{1,NULL,\"a\"}",
    "a path": "../../../etc/passwd",
    "HTML": "<script>alert(1)</script><a href='javascript:alert(1)'>",
}  # fmt: skip
TEXTS = [field.name for field in RAW_FIELDS if not field.is_bool]

LANDS = {
    "brandNameEn": ("en", "title"),
    "brandNameTh": ("th", "title"),
    "descriptionEn": ("en", "description"),
    "descriptionTh": ("th", "description"),
    "unit": ("en", "location_shop_number"),
}
"""Fields whose text goes to the CMS as it is, with the text's language and column."""


def literal(text: str) -> str:
    """Return what the CMS gets of an attack: blanks at its ends and tags are not a part of a name."""
    return " ".join(text.split())


def tables(mall: Mall) -> Any:
    """Return the shape of the CMS's tables and the names of the job's."""
    own = mall.database.query(
        "SELECT relname FROM pg_class WHERE relnamespace = 'etl'::regnamespace ORDER BY 1"
    )
    return shape(mall.database), own


def feed() -> list[dict[str, Any]]:
    """Return records that have each attack in each field in turn, in all fields but the id, and a plain one."""
    each_field = [
        record(f"{number}-{name}") | {name: f"{text} {number}-{name}" if name == "uniqueId" else text}
        for number, text in enumerate(ATTACKS.values())
        for name in TEXTS
    ]
    all_fields = [
        record(f"{number}-all") | {name: text for name in TEXTS if name != "uniqueId"}
        for number, text in enumerate(ATTACKS.values())
    ]
    bare = [record(text) for text in ATTACKS.values()]
    return [*each_field, *all_fields, *bare, record("plain")]


@pytest.mark.long
def test_in_every_field_of_the_feed(mall: Mall) -> None:
    """Synced, changed, synced again and rolled back: each record is in the CMS or in sync_issues, no table is gone."""
    before = tables(mall)
    records = feed()

    first = mall.sync(records)

    there = mall.database.query("SELECT unique_id FROM shops UNION ALL SELECT unique_id FROM dinings")
    sources = mall.database.query("SELECT DISTINCT source_unique_id AS id FROM etl.tenants_base")
    rejected = mall.database.query("SELECT unique_id FROM etl.sync_issues WHERE severity = 'error'")
    assert len(sources) + len(rejected) == len(records)
    assert {"unique_id": "plain"} in there
    assert mall.sync().counts.has_changes is False
    assert tables(mall) == before
    attacks = [*ATTACKS.values()]
    renamed = [one | {"tel": attacks[n % len(attacks)] + str(n)} for n, one in enumerate(records)]
    second = mall.sync(renamed, force=True)
    assert second.counts.updated > len(records) // 2
    assert set(outcomes(roll_back(mall, second.sync_id)).values()) == {"put_back"}
    assert set(outcomes(roll_back(mall, first.sync_id)).values()) == {"deleted"}
    assert tables(mall) == before


@pytest.mark.long
def test_texts_land_as_they_stand(mall: Mall) -> None:
    """A title, a description and a shop number are what was sent, character for character but for blanks."""
    sent = {name: text for name, text in ATTACKS.items() if name != "HTML"}  # tags are not a part of a text
    mall.sync([record(f"{key}-{name}") | {name: f"x {text}"} for key, text in sent.items() for name in LANDS])
    for key, text in sent.items():
        for name, (locale, column) in LANDS.items():
            assert literal(mall.texts(f"{key}-{name}", locale)[column]) == literal(f"x {text}")


@pytest.mark.long
def test_labels_and_editors_rows(mall: Mall) -> None:
    """Floors and categories that the CMS calls so are matched; what editors wrote so is compared, kept and put back."""
    texts = [literal(text) for text in ATTACKS.values()]
    for text in texts:
        mall.database.execute("INSERT INTO floors (name, \"order\", status) VALUES (%s, 99, 'ACTIVE')", text)
        mall.database.execute(
            "WITH made AS (INSERT INTO categories (type, slug, status) VALUES ('shops', %s, 'ACTIVE') RETURNING id) "
            "INSERT INTO categories_locales (_locale, _parent_id, name) SELECT l::_locales, id, %s "
            "FROM made CROSS JOIN unnest(ARRAY['en', 'th']) AS l",
            text, text,
        )  # fmt: skip
    before = tables(mall)
    labelled = [
        record(f"L{n}", floor=text, categoryNameEn=text, categoryNameTh=text) for n, text in enumerate(texts)
    ]
    mall.sync([*(record(f"{kind}{n}") for n in range(len(texts)) for kind in "ER"), *labelled])
    for n, text in enumerate(texts):
        mall.edit_texts(f"E{n}", "en", title=text, description=text)
        mall.edit(f"E{n}", location_zone=text, contact_info_phone=text, slug=text)
        mall.database.execute("UPDATE shops SET unique_id = %s WHERE unique_id = %s", text, f"R{n}")

    renamed = [record(text, tel=f"1{n}") for n, text in enumerate(texts)]
    again = mall.sync([*(record(f"E{n}") for n in range(len(texts))), *renamed, *labelled], force=True)

    for n, text in enumerate(texts):
        assert mall.texts(f"E{n}", "en")["title"] == text
        assert (mall.row(f"E{n}")["location_zone"], mall.row(f"E{n}")["slug"]) == (text, text)
        # an id that is a placeholder, or nothing but tags, names no record: its row is left alone
        is_no_id = text.lower() == "null" or text.startswith("<script>")
        phone = "02 000 0000" if is_no_id else f"1{n}"
        assert mall.row(text)["contact_info_phone"] == phone
    assert set(outcomes(roll_back(mall, again.sync_id)).values()) == {"put_back"}
    assert mall.row(texts[0])["contact_info_phone"] == "02 000 0000"
    assert tables(mall) == before


def test_a_label_finds_the_floor_that_is_called_so(mall: Mall) -> None:
    """The matcher's SQL takes a label as a value: quotes and marks of parameters match themselves, and nothing else."""
    for number, text in enumerate(("O'Brien's?", "50% $1", "Deck {0}")):
        mall.database.execute(
            "INSERT INTO floors (name, \"order\", status) VALUES (%s, %s, 'ACTIVE')", text, 90 + number
        )
    mall.sync(
        [record("T0", floor="O'Brien's?"), record("T1", floor="50% $1"), record("T2", floor="Deck {0}")]
    )
    found = mall.database.query(
        "SELECT f.name FROM shops s JOIN floors f ON f.id = s.floor_id ORDER BY s.unique_id"
    )
    assert [row["name"] for row in found] == ["O'Brien's?", "50% $1", "Deck {0}"]


def etl(mall: Mall, code: int, *arguments: str, **settings: Any) -> str:
    """Run a command to its exit code; it fails in words of ours, none of them about SQL. Return all that it says."""
    given = {
        "database_url": mall.dsn, "external_api_url": mall.api.url, "snapshot_dir": mall.folder,
        "api_requests_per_second": 1000, "api_retries": 0, "log_format": "json", "log_level": "warning", **settings,
    }  # fmt: skip
    ended = CliRunner().invoke(
        app, arguments, env={name.upper(): str(value) for name, value in given.items()}
    )
    error = ended.exception
    assert error is None or isinstance(error, SystemExit | EtlError), repr(error)
    said = ended.output + (str(error) if isinstance(error, EtlError) else "")
    assert (error.exit_code if isinstance(error, EtlError) else ended.exit_code) == code, said
    assert "syntax error" not in said
    assert "SQLSTATE 42" not in said
    return said


NASTY = "".join(f"{text}|" for name, text in ATTACKS.items() if name not in {"COPY's lines", "a comment"})


@pytest.mark.long
def test_commands_from_end_to_end(mall: Mall, tmp_path: Path) -> None:
    """A record that has all of it in its id and its fields, through every command, in processes of their own."""
    unique_id = "T' OR 1=1; DROP TABLE shops; -- $1 %s {{ table }} \\"
    mall.api.records = [
        record(unique_id, brandNameEn=NASTY[:200], floor=DROP, categoryNameEn=DROP),
        record("T2"),
    ]
    before = tables(mall)
    etl(mall, 0, "sync")
    mall.api.records[0]["brandNameEn"] = DROP
    diff = json.loads(etl(mall, 0, "diff", "--format", "json", log_level="error"))
    assert DROP in json.dumps(diff)
    plan = str(tmp_path / "'; DROP TABLE shops; --.plan")
    etl(mall, 0, "diff", "--save-plan", plan)
    page = tmp_path / "page.html"
    etl(mall, 0, "diff", "--format", "html", "-o", str(page))
    assert "DROP TABLE shops" in page.read_text()
    etl(mall, 0, "sync", "--plan", plan)
    assert mall.texts(unique_id, "en")["title"] == DROP
    explained = json.loads(etl(mall, 0, "explain", unique_id, "--json", log_level="error"))
    assert unique_id in json.dumps(explained)
    etl(mall, 0, "runs", "latest")
    etl(mall, 0, "rollback", "latest", "--yes")
    assert mall.texts(unique_id, "en")["title"] == literal(NASTY[:200])
    assert tables(mall) == before


SQL = [DROP, "$1", "%", "_", "{{ table }}", "\\", "latest'; DROP TABLE shops; --", "' OR '1'='1", "%%%%"]


@pytest.mark.long
def test_ids_on_the_command_line(mall: Mall) -> None:
    """A run or a record that is called so is not there: exit 2 and words. `%` and `_` are not patterns."""
    mall.sync([record("T1")])
    before = tables(mall), mall.fingerprint()
    for text in SQL:
        for command in (("runs", text), ("rollback", text), ("rollback", text, "--yes"), ("explain", text)):
            assert etl(mall, 2, *command)
        assert read_changes(text, mall.dsn).is_empty()
    assert (tables(mall), mall.fingerprint()) == before


REFUSED: list[tuple[tuple[str, ...], dict[str, Any], int, str]] = [
    (("sync", "--missing", DROP), {}, 2, "Invalid value for '--missing'"),
    (("sync", "--conflicts", DROP), {}, 2, "Invalid value for '--conflicts'"),
    (("sync", "--max-drop", DROP), {}, 2, "--max-drop is"),
    (("sync", "--wait", DROP), {}, 2, "Invalid value for '--wait'"),
    (("sync", "--snapshot", DROP), {}, 2, "There is no snapshot at"),
    (("sync", "--plan", DROP), {}, 2, "is not a plan that can be read"),
    (("diff", "--only", DROP), {}, 2, "--only"),
    (("diff", "--field", DROP), {}, 2, "--field"),
    (("diff", "--limit", DROP), {}, 2, "Invalid value for '--limit'"),
    (("runs", "--limit", "1; DROP TABLE shops"), {}, 2, "Invalid value for '--limit'"),
    (("sync",), {"lock_timeout_s": DROP}, 2, "LOCK_TIMEOUT_S is"),
    (("sync",), {"lock_timeout_s": "nan"}, 2, "LOCK_TIMEOUT_S is"),
    (("sync",), {"statement_timeout_s": "1; DROP TABLE shops"}, 2, "STATEMENT_TIMEOUT_S is"),
    (("sync",), {"sync_batch_size": DROP}, 2, "SYNC_BATCH_SIZE is"),
    (("sync",), {"snapshot_keep": DROP}, 2, "SNAPSHOT_KEEP is"),
    (("sync",), {"max_unmapped": DROP}, 2, "MAX_UNMAPPED is"),
    (("sync",), {"database_retries": DROP}, 2, "DATABASE_RETRIES is"),
    (("sync",), {"external_api_url": DROP}, 2, "EXTERNAL_API_URL"),
    (("sync",), {"log_level": DROP}, 2, "LOG_LEVEL is"),
    (("sync",), {"database_url": f"postgresql://u@h/d?schema={DROP}"}, 2, "schema="),
    (("sync",), {"database_url": "postgresql://u@h/d?schema=public%22%3B%20DROP"}, 2, "schema="),
    (("sync",), {"database_url": f"postgresql://u@h/d?sslmode={DROP}"}, 2, "sslmode="),
    (("sync",), {"database_url": "127.0.0.1", "database_name": DROP, "database_user": DROP, "db_pass": DROP,
                 "database_port": DROP}, 2, "DATABASE_PORT"),
    (("sync",), {"database_url": "127.0.0.1", "database_name": DROP, "database_user": DROP, "db_pass": DROP,
                 "database_port": "1", "database_retries": 0}, 1, "Can't connect to"),
]  # fmt: skip


def test_options_and_settings(mall: Mall) -> None:
    """Each that names, counts or chooses something: a refusal that names it, before anything is written."""
    before = tables(mall), mall.fingerprint()
    for arguments, settings, code, words in REFUSED:
        assert words in " ".join(etl(mall, code, *arguments, **settings).split())
    assert (tables(mall), mall.fingerprint()) == before


@pytest.mark.long
def test_settings_that_take_any_text(mall: Mall, tmp_path: Path) -> None:
    """Folder, key, cookies and environment are text: used as they stand, and the audit has them as they stand."""
    mall.api.records = [record("T1")]
    folder = tmp_path / DROP
    etl(
        mall,
        0,
        "sync",
        snapshot_dir=folder,
        x_apig_appcode=DROP,
        external_api_cookies=DROP,
        node_env=DROP,
        etl_env=DROP,
    )
    assert mall.last_run()["snapshot"].startswith(str(folder))
    assert mall.api.requests[-1].headers["X-Apig-AppCode"] == DROP
    url = f"{mall.api.url}?mall={DROP.replace(' ', '%20')}"
    etl(mall, 0, "sync", external_api_url=url, snapshot_dir=tmp_path / "2")
    assert "DROP" in mall.last_run()["external_api_url"]


def test_a_schema_with_all_that_a_name_may_have(mall: Mall) -> None:
    """`schema=` becomes a quoted search path; dollars and dashes in it are part of the name."""
    separator = "&" if "?" in mall.dsn else "?"
    mall.via = f"{mall.database.dsn}{separator}schema=odd-$1--name"
    mall.api.records = [record("T1")]
    assert "does not have" in etl(mall, 1, "sync")
    mall.database.execute('CREATE SCHEMA "odd-$1--name"')
    assert mall.database.query("SELECT count(*) AS n FROM shops") == [{"n": 0}]


ODD = "o'd\"d; DROP TABLE shops; -- $1 {{ table }}"


@pytest.mark.long
def test_names_in_the_catalogue(mall: Mall) -> None:
    """A table, a column and a type of others may be called anything: names of the catalogue get into SQL quoted."""
    odd, odd_type = ('"' + name.replace('"', '""') + '"' for name in (ODD, f"{ODD} type"))
    mall.database.execute(
        f"CREATE TABLE {odd} ({odd} int REFERENCES shops); "
        f"CREATE TYPE {odd_type} AS ENUM ('RUNNING', 'COMPLETED', 'FAILED', 'PARTIAL'); "
        "ALTER TABLE api_sync_logs ALTER status DROP DEFAULT; "
        f"ALTER TABLE api_sync_logs ALTER status TYPE {odd_type} USING status::text::{odd_type}; "
        f"ALTER TABLE api_sync_logs ADD {odd} int DEFAULT 7"
    )
    mall.via = mall.database.owner_dsn
    first = mall.sync([record("T1"), record("T2")])
    mall.database.execute(f"INSERT INTO {odd} SELECT id FROM shops WHERE unique_id = 'T1'")
    (shown,) = mall.database.query("SELECT * FROM api_sync_logs")
    assert (shown["status"], shown[ODD]) == ("COMPLETED", 7)

    done = roll_back(mall, first.sync_id)

    assert outcomes(done) == {"T1": "stays", "T2": "deleted"}
    assert mall.database.query(f"SELECT count(*) AS n FROM {odd}") == [{"n": 1}]


def test_columns_of_a_frame_are_quoted(mall: Mall) -> None:
    """A bulk load names its columns: one that is called like SQL is unknown to the table, and no SQL."""
    with Postgres(mall.dsn) as db:
        db.run("stage/create_issues")
        with pytest.raises(PostgresError, match=r"does not exist|42703"):
            db.ingest("stg_issues", pl.DataFrame({'x") FROM STDIN; DROP TABLE shops; --': ["1"]}))
    assert mall.database.query("SELECT count(*) AS n FROM shops") == [{"n": 0}]
