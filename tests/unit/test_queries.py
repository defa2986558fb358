"""The loader of sql files, and what every sql file must have."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlglot
from sqlglot import TokenType

from etl.runtime import queries


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give a folder that stands for sql/."""
    for cached in (queries.names, queries.text):
        cached.cache_clear()
    monkeypatch.setattr(queries, "_folder", lambda: tmp_path)
    yield tmp_path
    for cached in (queries.names, queries.text):
        cached.cache_clear()


def test_load_returns_the_file_as_it_is(folder: Path) -> None:
    """Nothing is stripped."""
    (folder / "match").mkdir()
    (folder / "match" / "floors.sql").write_text("-- Purpose: x\n  SELECT 'ชั้น';\n\n", "utf-8")
    assert queries.load("match/floors") == "-- Purpose: x\n  SELECT 'ชั้น';\n\n"


def test_load_puts_parts_in_place_of_placeholders(folder: Path) -> None:
    """A placeholder may stand several times and with or without spaces; other braces stay."""
    (folder / "q.sql").write_text(
        "SELECT {{ columns }} FROM {{table}} AS {{ table }} WHERE a = '{1}' OR b = '{{2,3}}'"
    )
    assert (
        queries.load("q", columns="a, b", table="shops")
        == "SELECT a, b FROM shops AS shops WHERE a = '{1}' OR b = '{{2,3}}'"
    )


def test_load_leaves_comment_lines_alone(folder: Path) -> None:
    """A part of two lines would end the comment that names it."""
    (folder / "q.sql").write_text("-- Params: {{ columns }}\nSELECT {{ columns }};\n")
    assert queries.load("q", columns="a,\nb") == "-- Params: {{ columns }}\nSELECT a,\nb;\n"


def test_load_does_not_read_placeholders_in_parts(folder: Path) -> None:
    """A part is taken as it is."""
    (folder / "q.sql").write_text("SELECT {{ a }}, {{ b }}")
    assert queries.load("q", a="{{ b }}", b="\\1") == "SELECT {{ b }}, \\1"


def test_missing_and_unknown_parts_are_errors(folder: Path) -> None:
    """The error names the file and the parts."""
    (folder / "q.sql").write_text("SELECT {{ columns }} FROM {{ table }}")
    with pytest.raises(ValueError, match=r"sql/q\.sql: parts missing: \['table'\]; .*: \['tables'\]"):
        queries.load("q", columns="a", tables="b")


def test_shared_parts_are_there_for_any_file(folder: Path) -> None:
    """A file takes those that it names; one of its own goes before a shared one, and may be missing as ever."""
    (folder / "q.sql").write_text("SELECT {{ words }}, {{ columns }}")
    shared = {"words": "'it''s'", "columns": "shared", "others": "x"}
    assert queries.load("q", shared, columns="a") == "SELECT 'it''s', a"
    with pytest.raises(ValueError, match=r"parts missing: \['columns'\]; .*: \[\]"):
        queries.load("q", {"words": "'w'"})
    with pytest.raises(ValueError, match=r"parts missing: \[\]; .*: \['more'\]"):
        queries.load("q", shared, more="x")


@pytest.mark.parametrize("name", ["nothing", "q.sql", "../secret", "match"])
def test_unknown_query_is_an_error(folder: Path, name: str) -> None:
    """Only what names() lists can be loaded, so no name leads out of the folder."""
    (folder / "q.sql").write_text("SELECT 1")
    (folder.parent / "secret.sql").write_text("SELECT 2")
    with pytest.raises(ValueError, match="There is no sql/"):
        queries.load(name)


def test_names_lists_all_queries_sorted(folder: Path) -> None:
    """Names are paths without the ending; other files are not queries."""
    (folder / "plan" / "deep").mkdir(parents=True)
    for path in ("b.sql", "plan/z.sql", "plan/deep/a.sql", "plan/notes.txt"):
        (folder / path).touch()
    assert queries.names() == ("b", "plan/deep/a", "plan/z")


def test_folder_of_a_wheel_comes_before_that_of_a_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a wheel the queries lie in etl/sql; in a checkout beside etl."""
    (tmp_path / "etl").mkdir()
    (tmp_path / "sql").mkdir()
    monkeypatch.setattr(queries, "files", lambda package: tmp_path / package)
    queries._folder.cache_clear()
    (tmp_path / "sql" / "checkout.sql").touch()
    assert [entry.name for entry in queries._folder().iterdir()] == ["checkout.sql"]
    queries._folder.cache_clear()
    (tmp_path / "etl" / "sql").mkdir()
    (tmp_path / "etl" / "sql" / "wheel.sql").touch()
    assert [entry.name for entry in queries._folder().iterdir()] == ["wheel.sql"]
    queries._folder.cache_clear()


@pytest.mark.parametrize("name", queries.names())
def test_every_query_starts_with_its_header(name: str) -> None:
    """The header says, in this order: purpose, in, out, params; each may go on in further comment lines."""
    lines = queries.text(name).splitlines()
    header = lines[: next(at for at, line in enumerate(lines) if not line.startswith("--"))]
    keys = [
        line.split(":")[0]
        for line in header
        if line.startswith(("-- Purpose: ", "-- In: ", "-- Out: ", "-- Params: "))
    ]
    assert keys == ["-- Purpose", "-- In", "-- Out", "-- Params"]
    assert header[0].startswith("-- Purpose: ")


@pytest.mark.parametrize("name", queries.names())
def test_every_query_is_one_statement(name: str) -> None:
    """One statement, ended by the only semicolon; a script has several, each ended by one at the end of its line."""
    dialect = "duckdb" if name.startswith("match/") else "postgres"
    tokens = sqlglot.tokenize(queries.text(name), read=dialect)
    semicolons = [at for at, token in enumerate(tokens) if token.token_type == TokenType.SEMICOLON]
    assert semicolons[-1] == len(tokens) - 1
    is_script = name.endswith("/tables") or name == "schema/etl" or name.startswith("schema/cms/")
    assert len(semicolons) == (len(queries.split(queries.text(name))) if is_script else 1)
