"""Write docs/data-contract.md and docs/findings.md from the contract: `python docs/data_contract.py [--check]`.

`--check` writes nothing, and ends with 1 where a file is not what the contract says.
"""

import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import polars as pl

from etl.contract import CONTRACT_VERSION
from etl.contract.counters import DECLARED
from etl.contract.findings import CODES, FindingCode, Severity
from etl.contract.raw import EXTRA, RAW_FIELDS, RawField
from etl.contract.reference import CATEGORIES, FLOORS
from etl.contract.tenant import CATEGORY_ID, FIELDS, TENANT, Field

FOLDER = Path("docs")

_PLACES = {
    "record": "`shops` / `dinings`",
    "locale": "`<table>_locales`",
    "category_link": "`<table>_rels`",
    "hours": "`shops` / `dinings`, `<table>_opening_hours_per_day`",
}
_REFERENCE_MEANINGS = {
    "id": "the CMS's key",
    "name": "name, e.g. `GF`",
    "order": "place from the bottom up",
    "status": "ACTIVE or INACTIVE; only ACTIVE rows are matched",
    "type": "shops, dinings, promotions, …; only the first two are matched",
    "slug": "name in addresses",
    "name_en": "English name; null where there is none",
    "name_th": "Thai name; null where there is none",
}


def document() -> str:
    """Return the whole of docs/data-contract.md."""
    sections = (_introduction(), _raw(), _tenant(), _cms(), _reference(), _findings(), _counters())
    return "\n\n".join(sections) + "\n"


def _introduction() -> str:
    return f"""<!-- Made by `python docs/data_contract.py`; change etl/contract/, not this file. -->

# The data contract

Version {CONTRACT_VERSION}. What comes from the tenant-directory API, what the job makes of it,
and what it writes in the CMS. For editors: [what is written in the CMS](#what-is-written-in-the-cms) says
which fields are yours. For analysts: snapshots hold [the API's fields](#the-apis-fields) as they came."""


def _raw() -> str:
    used: dict[str, list[str]] = {}
    for column in TENANT:
        for source in column.sources:
            used.setdefault(source, []).append(column.name)
    known = [field for field in RAW_FIELDS if field.meaning or field.name in used]
    others = [f.name for f in RAW_FIELDS if f not in known and not f.name.startswith("attribute")]
    rows = [(f"`{field.name}`", _meaning(field), _codes(used.get(field.name, ()))) for field in known]
    return f"""## The API's fields

A record has {len(RAW_FIELDS)} fields. A snapshot keeps each as text, in the API's order; null where the API
sent null or nothing. Fields that are not listed here are kept too, as a JSON object in the column `{EXTRA}`.

{_table(("field", "meaning", "used for"), rows)}

Kept in the snapshot and not used: {_codes(others)},
and the 39 fields from `attribute1` to `attribute39`."""


def _meaning(field: RawField) -> str:
    return field.meaning + (" (true or false)" if field.is_bool else "")


def _tenant() -> str:
    rows = [
        (f"`{c.name}`", _type(c.dtype), f"`{c.pg_type}`", _codes(c.sources), c.meaning)
        for c in (*TENANT, CATEGORY_ID)
    ]
    return f"""## The canonical tenant row

A record becomes this row. The names are the same in staging, in `etl.tenants_base`, in plans and in the audit trail.
A record on several floors becomes one row per floor. Null means that the source has no value; the CMS then keeps its
own. Only the base and plans have `{CATEGORY_ID.name}`.

{_table(("column", "type", "in Postgres", "from (first choice first)", "meaning"), rows)}"""


def _cms() -> str:
    rows = [
        (f"`{f.name}`", f.locale or "", _origin(f), _PLACES[f.part], f"`{f.cms_column}`", _owner(f))
        for f in FIELDS
    ]
    return f"""## What is written in the CMS

- **source**: merged on every sync. An editor's change stays until the source changes the same field. Then the sync
  takes the source's value (or the editor's, with `--conflicts editor`), and the audit keeps both.
  A blank in the source never erases a value.
- **editor**: written once, when the row is created; yours from then on.

`slug`, `unique_id` and `created_at` are written at creation too; `updated_at` changes with the row. Rows with
*skip sync* are never written, nor are links to categories that an editor made.

{_table(("field", "locale", "written from", "table", "column", "owner"), rows)}"""


def _origin(field: Field) -> str:
    return f"`{field.column}`" if field.column else f"always `{field.constant}`"


def _owner(field: Field) -> str:
    return "source" if field.owner == "source" else "editor"


def _reference() -> str:
    def rows(schema: dict[str, pl.DataType]) -> list[tuple[str, str, str]]:
        return [(f"`{name}`", _type(dtype), _REFERENCE_MEANINGS[name]) for name, dtype in schema.items()]

    head = ("column", "type", "meaning")
    return f"""## Floors and categories

Read from the CMS, never written. A snapshot keeps them as they were at that moment.

### Floors

{_table(head, rows(FLOORS))}

### Categories

{_table(head, rows(CATEGORIES))}"""


def _findings() -> str:
    def of(severity: Severity) -> str:
        return _codes(each.code for each in CODES.values() if each.severity == severity)

    return f"""## Findings

`etl.sync_issues` has a row per finding of a run. [Findings](findings.md) lists the words of each code, and what to do.

- error, the record was not loaded: {of("error")}
- warning, it was loaded: {of("warning")}
- info, nobody has to act: {of("info")}"""


def _counters() -> str:
    rows = [
        (f"`{each.name}`", f"`{each.column}`", "yes" if each.is_metric else "", each.meaning)
        for each in DECLARED
    ]
    return f"""## Counters

What a run counted: by name in the line `sync_done` and in `counts` of `etl sync --json` (but for the first and the last),
by column in `etl.sync_logs`. Of a rollback, created are rows that came back, unchanged those that were as before already.

{_table(("name", "column", "metric", "meaning"), rows)}"""


def findings() -> str:
    """Return the whole of docs/findings.md."""
    rows = [(f"`{each.code}`", each.severity, _words(each), each.advice) for each in CODES.values()]
    return f"""<!-- Made by `python docs/data_contract.py`; change etl/contract/findings.py, not this file. -->

# Findings

A finding is a remark of a run on a record, a source or the CMS. `etl runs SYNC_ID` lists the findings of a run, and
`etl.sync_issues` has a row for each. Error: the record was not loaded. Warning: it was, and somebody should look at it.
Info: nobody has to act. `etl diff`, `etl runs SYNC_ID` and `etl explain` show it with `--all`; JSON and
`etl.sync_issues` have it, the CMS's own screen of runs does not. The words are the finding's message; `{{name}}` in
them stands for a value.

{_table(("code", "severity", "words", "what to do"), rows)}
"""


def _words(finding: FindingCode) -> str:
    """Return the sentences of a finding, and what may stand in them, a line each."""
    lines, texts = [], dict[str, list[str]]()
    for case, sentence in finding.words.items():
        name, _, rest = case.partition(".")
        if rest:
            texts.setdefault(name, []).append(f"“{_shown(sentence)}”")
        else:
            lines.append(_shown(sentence))
    lines += [f"`{{{name}}}` may be {' or '.join(each)}" for name, each in texts.items()]
    return "<br>".join(lines)


def _shown(sentence: str) -> str:
    return re.sub(r"(\{\w+\})", r"`\1`", sentence)


def _type(dtype: pl.DataType) -> str:
    if isinstance(dtype, pl.Datetime):
        return "time, UTC"
    names = {
        pl.String(): "text",
        pl.Boolean(): "true/false",
        pl.Int32(): "whole number",
        pl.Float64(): "number",
    }
    return names[dtype]


def _codes(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    escaped = ([cell.replace("|", "\\|") for cell in line] for line in lines)
    return "\n".join(f"| {' | '.join(line)} |" for line in escaped)


def main(arguments: Sequence[str], folder: Path = FOLDER) -> int:
    """Write the pages into `folder`, or compare with `--check`; return 0 (good), 1 (stale) or 2 (usage)."""
    if arguments and list(arguments) != ["--check"]:
        print(__doc__, file=sys.stderr)
        return 2
    pages = {folder / "data-contract.md": document(), folder / "findings.md": findings()}
    if not arguments:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in pages.items():
            path.write_text(text, encoding="utf-8")
        return 0
    stale = [
        path for path, text in pages.items() if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    for path in stale:
        print(f"{path} is not what the contract says; run `python docs/data_contract.py`.", file=sys.stderr)
    return int(bool(stale))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
