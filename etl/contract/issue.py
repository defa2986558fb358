"""A finding about a record: the row of `etl.sync_issues`, and its words for Python, for frames and for SQL."""

import re

import polars as pl

from etl.contract.findings import CODES

ISSUE: dict[str, pl.DataType] = {
    "unique_id": pl.String(),  # the API's uniqueId (or the derived one); null where the record has none
    "severity": pl.String(),  # 'error': the record was not loaded; 'warning': it was; 'info': nobody has to act
    "code": pl.String(),  # one of CODES
    "field": pl.String(),  # the canonical column or the API's field; null where it concerns the whole record
    "message": pl.String(),  # for people: what, and what was done about it
    "value": pl.String(),  # what was found, as text, at most MAX_VALUE characters; of a conflict, all sides whole
}

MAX_VALUE = 500
"""A longer value of a finding is cut there."""

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def placeholders(sentence: str) -> list[str]:
    """Return the names of the values of a sentence, in the order in which they stand in it."""
    return _PLACEHOLDER.findall(sentence)


def words(code: str, case: str = "", **values: object) -> str:
    """Return the words of a finding with its values."""
    return CODES[code].words[case].format(**values)


def words_column(code: str, case: str = "", **values: pl.Expr | str) -> pl.Expr:
    """Return the words of a finding as a column, of a column for each value; null where one of them is null."""
    sentence = CODES[code].words[case]
    columns = [values[name] for name in placeholders(sentence)]
    return pl.format(_PLACEHOLDER.sub("{}", sentence), *columns)


def finding_columns(
    code: str, message: pl.Expr, field: str | pl.Expr | None = None, value: pl.Expr | None = None
) -> list[pl.Expr]:
    """Return all columns of ISSUE but unique_id, for findings of one code.

    Args:
        code: One of CODES.
        message: What `words_column` gives.
        field: The name of the field, or a column of names.
        value: What was found; not cut here.
    """
    return [
        pl.lit(CODES[code].severity).alias("severity"),
        pl.lit(code).alias("code"),
        (field if isinstance(field, pl.Expr) else pl.lit(field, dtype=pl.String)).alias("field"),
        message.alias("message"),
        (pl.lit(None, dtype=pl.String) if value is None else value).alias("value"),
    ]


def sql_words() -> dict[str, str]:
    """Return what statements take from here, by the name that stands for it in sql/.

    `words_<code>` or `words_<code>_<case>` is a sentence as a literal, for `format` where it takes values: %1$s, %2$s
    and so on, in the order in which they stand; `severity_<code>` is a literal; `severity_of_code` is the severity of
    the column `code`.
    """
    parts = {"severity_of_code": _severity_of_code()}
    for code, declared in CODES.items():
        parts[f"severity_{code}"] = _literal(declared.severity)
        for case, sentence in declared.words.items():
            name = "_".join(filter(None, ("words", code, case.replace(".", "_"))))
            parts[name] = _literal(_numbered(sentence))
    return parts


def _severity_of_code() -> str:
    whens = ""
    for severity in ("error", "info"):
        codes = ", ".join(_literal(code) for code, each in CODES.items() if each.severity == severity)
        whens += f" WHEN code IN ({codes}) THEN '{severity}'" if codes else ""
    return f"CASE{whens} ELSE 'warning' END"


def _numbered(sentence: str) -> str:
    places = {name: place for place, name in enumerate(placeholders(sentence), start=1)}
    return _PLACEHOLDER.sub(lambda found: f"%{places[found[1]]}$s", sentence)


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def empty_issues() -> pl.DataFrame:
    """Return a frame of issues with no row."""
    return pl.DataFrame(schema=ISSUE)
