"""Promise: what a finding says, and how grave it is, is declared in the contract and nowhere else."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import polars as pl
import pytest
import sqlglot

from etl.contract.findings import CODES, DECLARED
from etl.contract.issue import ISSUE, finding_columns, placeholders, sql_words, words, words_column
from etl.runtime import queries

ROOT = Path(__file__).parents[2]
HOMES = ("etl/contract/findings.py", "etl/contract/cms_findings.py")
TEXTS = sorted({text for each in DECLARED for text in each.words.values()})
SENTENCE = re.compile(r"[a-z]+,? [a-z]+,? [a-z]+")
IN_SQL = re.compile(r"\{\{ *((?:words|severity)_\w+) *\}\}")

NOT_FINDINGS = {
    "roles": "the database's warning about its schema public",
    "check/shade_cms": "the body of a block of code",
    "audit/fail_dead_runs": "the error of a run",
    "etl/compare/model.py": "why a diff shows a record as skipped or missing",
    "etl/plans/tables.py": "why a saved plan is refused",
    "etl/match/explain.py": "the note of `etl explain` on a label that several rows fit",
    "etl/api.py": "errors of its callers",
}
"""Files that hold sentences and have to do with findings, with what those sentences are."""


@cache
def _strings(path: Path) -> tuple[str, ...]:
    """Return the strings of a module: no docstrings, and none of what it raises."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    left_out = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.Raise | ast.Expr)
        for part in ([node.value] if isinstance(node, ast.Expr) else ast.walk(node))
    }
    return tuple(
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in left_out
    )


@cache
def _modules() -> tuple[Path, ...]:
    """Return the modules of the package but the declarations."""
    return tuple(
        path for path in sorted((ROOT / "etl").rglob("*.py")) if path not in {ROOT / home for home in HOMES}
    )


def _of_findings() -> Iterator[Path]:
    """Yield the modules that make findings, or handle them: they take something from contract/issue.py."""
    for path in _modules():
        if "from etl.contract.issue import" in path.read_text(encoding="utf-8"):
            yield path


@cache
def _literals(name: str) -> tuple[str, ...]:
    """Return the strings of a statement."""
    dialect = "duckdb" if name.startswith("match/") else "postgres"
    tokens = sqlglot.tokenize(queries.text(name), read=dialect)
    return tuple(token.text for token in tokens if token.token_type == sqlglot.TokenType.STRING)


@pytest.mark.parametrize("name", [name for name in queries.names() if name not in NOT_FINDINGS])
def test_no_statement_holds_a_sentence(name: str) -> None:
    """No string of a statement has three words in a row."""
    assert [text for text in _literals(name) if SENTENCE.search(text)] == []


def test_no_frame_holds_a_sentence() -> None:
    """No module that handles findings has a string of three words in a row, but for what it raises."""
    found = {
        path.relative_to(ROOT).as_posix(): text
        for path in _of_findings()
        for text in _strings(path)
        if SENTENCE.search(text)
    }
    assert {file: text for file, text in found.items() if file not in NOT_FINDINGS} == {}


def test_no_declared_text_stands_in_a_second_place() -> None:
    """No piece of a declared text, from 15 characters on, is in any other module or statement."""
    pieces = {piece for text in TEXTS for piece in re.split(r"\{\w+\}", text) if len(piece.strip()) >= 15}
    places = [*(text for path in _modules() for text in _strings(path))]
    places += [text for name in queries.names() for text in _literals(name)]
    assert len(pieces) > 30
    assert [piece for piece in sorted(pieces) if any(piece in text for text in places)] == []


def test_statements_take_the_severity_from_the_declaration() -> None:
    """A statement that adds findings names no severity."""
    bodies = {name: queries.text(name) for name in queries.names()}
    adding = {
        name: text for name, text in bodies.items() if re.search(r"INSERT INTO (stg|etl\.sync)_issues", text)
    }
    assert {"plan/report_findings", "audit/write_rollback_issues"} <= adding.keys()
    assert [name for name, text in adding.items() if re.search("'error'|'warning'|'info'", text)] == []


def test_each_code_is_declared_once() -> None:
    """Under its own name, with words and advice; no two names of parts for SQL are the same."""
    assert [each.code for each in DECLARED] == list(CODES)
    assert all(each.words and each.advice.endswith(".") for each in DECLARED)
    sentences = sum(len(each.words) for each in DECLARED)
    assert len(sql_words()) == 1 + len(DECLARED) + sentences


@pytest.mark.parametrize("code", CODES)
def test_texts_fit_their_places(code: str) -> None:
    """No text names a value twice; each text for a place has that place in a text; none has what `format` reads."""
    texts = CODES[code].words
    named = [placeholders(text) for text in texts.values()]
    assert all(max(Counter(names).values(), default=0) <= 1 for names in named)
    assert {case.partition(".")[0] for case in texts if "." in case} <= {
        name for names in named for name in names
    }
    assert not any(re.search(r"[%\\]", text) for text in texts.values())


def test_each_text_is_used() -> None:
    """A statement has the part of it, or a module its code and its case."""
    known = sql_words()
    used = {name for query in queries.names() for name in IN_SQL.findall(queries.text(query))}
    assert used <= known.keys()
    unused = set(TEXTS)
    for each in DECLARED:
        modules = [set(_strings(path)) for path in _of_findings() if each.code in _strings(path)]
        for case, text in each.words.items():
            part = "_".join(filter(None, ("words", each.code, case.replace(".", "_"))))
            if part in used or any(not case or case in strings for strings in modules):
                unused.discard(text)
    assert sorted(unused) == []


def test_each_code_is_reported() -> None:
    """As a string of a statement or of a module that makes findings."""
    strings = {text for name in queries.names() for text in _literals(name)}
    strings |= {text for path in _of_findings() for text in _strings(path)}
    assert sorted(CODES.keys() - strings) == []


def _values_given(text: str, at: int) -> int:
    """Return how many values the `format` around a place of a statement gives; 0 where there is none."""
    start = _bracket(text, at, -1)
    if not text[: max(start, 0)].endswith("format"):
        return 0
    depth, commas = 0, 0
    for letter in text[start + 1 : _bracket(text, at, 1)]:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        commas += letter == "," and not depth
    return commas


def _bracket(text: str, at: int, step: int) -> int:
    """Return where the bracket around a place begins (step -1) or ends (1); -1 or the length where there is none."""
    depth = 0
    while 0 <= at < len(text) and depth < 1:
        depth += step * {"(": -1, ")": 1}.get(text[at], 0)
        at += step
    return at - step if depth else at


def test_statements_give_as_many_values_as_the_words_name() -> None:
    """Each sentence with values is in a `format`, which gives as many."""
    wanted = {name: len(set(re.findall(r"%\d+\$s", text))) for name, text in sql_words().items()}
    for query in queries.names():
        text = re.sub(r"--.*", "", queries.text(query))
        places = [(found[1], found.start()) for found in IN_SQL.finditer(text)]
        assert {name: _values_given(text, at) for name, at in places} == {
            name: wanted[name] for name, _ in places
        }


def test_words_in_python() -> None:
    """A value is put in as it is, whatever it holds."""
    assert words("rejected_by_database", reason="{table} %s") == (
        "The database refused the row: {table} %s (correct the value in the directory, or the rule in the CMS)"
    )
    assert words("not_rolled_back", "why.by_run", run="R1") == "run R1 wrote what is there now"


def test_words_in_a_frame() -> None:
    """A row each; null where a value is null; the columns are those of a finding."""
    rows = pl.DataFrame({"unique_id": ["T1", "T2"], "at": [3, None], "of": ["{x}", "b"]})
    message = words_column("derived_id_taken", record="at", unique_id="of")
    found = rows.select("unique_id", *finding_columns("derived_id_taken", message, "unique_id"))
    assert found.schema == ISSUE
    assert found.rows() == [
        (
            "T1", "error", "derived_id_taken", "unique_id",
            "The copy of 3 for one of its floors would be named {x}, which is another record's id. "
            "The copy was not loaded. Give one of the two another uniqueId or floor in the directory.", None,
        ),
        ("T2", "error", "derived_id_taken", "unique_id", None, None),
    ]  # fmt: skip


def test_words_in_a_statement() -> None:
    """A literal with its quotes doubled and its values by their place."""
    parts = sql_words()
    assert parts["words_not_rolled_back_another_row"] == (
        "'The row has another unique_id now (%1$s): it may be another record''s.'"
    )
    assert parts["words_duplicate_record_equal"] == (
        "'The record came again: the one at position %1$s was dropped, the one at position %2$s was taken. "
        "Both are equal in all that the job uses.'"
    )
    assert [parts[f"severity_{code}"] for code in ("foreign_id", "missing", "value_kept")] == [
        "'error'",
        "'warning'",
        "'info'",
    ]
    of_code = parts["severity_of_code"]
    assert of_code.startswith("CASE WHEN code IN ('missing_unique_id', 'long_unique_id', ")
    infos = "('no_english_title', 'end_past', 'not_active', 'kind_by_default', 'not_in_a_list', 'value_kept'"
    assert f" THEN 'error' WHEN code IN {infos}" in of_code
    assert of_code.endswith(") THEN 'info' ELSE 'warning' END")
