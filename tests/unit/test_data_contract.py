"""docs/data-contract.md, docs/findings.md and the module that writes them."""

from pathlib import Path

import pytest

from docs.data_contract import document, findings, main
from etl.contract.findings import CODES

ROOT = Path(__file__).parents[2]


def test_committed_document_is_current() -> None:
    """The committed files are what the contract says; else run `python docs/data_contract.py`."""
    assert (ROOT / "docs/data-contract.md").read_text(encoding="utf-8") == document()
    assert (ROOT / "docs/findings.md").read_text(encoding="utf-8") == findings()


def test_each_code_has_its_row() -> None:
    """A row a code, in the order in which they are declared, with its advice at the end."""
    rows = [line for line in findings().split("\n") if line.startswith("| `")]
    assert [row.split("`")[1] for row in rows] == list(CODES)
    assert all(row.endswith(f" | {each.advice} |") for row, each in zip(rows, CODES.values(), strict=True))


@pytest.mark.parametrize(
    "line",
    [
        "Version 1. What comes from the tenant-directory API, what the job makes of it,",
        "A record has 86 fields. A snapshot keeps each as text, in the API's order; null where the API",
        "| `status` | in the directory's own words (true or false) |  |",
        "| `floor` | floor label | `floor_id` |",
        "| `start_at` | time, UTC | `timestamptz` | `startDate` | start of the tenancy, UTC |",
        "| `title_zh` | zh | `title_en` | `<table>_locales` | `title` | editor |",
        "| `category` |  | `category_id` | `<table>_rels` | `categories_id` | source |",
        "| `status` |  | always `'INACTIVE'` | `shops` / `dinings` | `status` | editor |",
        "| `order` | number | place from the bottom up |",
        "- error, the record was not loaded: `missing_unique_id`, `long_unique_id`, `derived_id_taken`, "
        "`rejected_by_database`, `foreign_id`",
    ],
)
def test_document_says(line: str) -> None:
    """Each part of the contract is there, a row a field, a column, a floor or category column; codes by severity."""
    assert line in document().split("\n")


@pytest.mark.parametrize(
    "line",
    [
        "| `missing_unique_id` | error | The record at position `{position}` of the feed (`{name}`) has `{sent}`, so it "
        "was not loaded. Give it one in the directory.<br>`{sent}` may be “no uniqueId” or “`{json}` in place of a "
        "uniqueId, which is a text or a whole number”<br>`{name}` may be “named '`{title}`'” or “without a name, "
        "tenantId '`{tenant_id}`'” or “without a name, without a tenantId” | Give the record a uniqueId at the source. |",
        "| `conflict` | warning | The source and an editor both changed `{field}`; the source's value was written. If the "
        "editor's is right, enter it again in the CMS.<br>The source and an editor both changed `{field}`; the editor's "
        "value was kept. If the source's is right, enter it in the CMS.<br>The source changed `{field}`, where an old form "
        "had put back what a run had replaced; the source's value was written. If the old one is right, enter it again in "
        "the CMS.<br>The source changed `{field}`, where an old form had put back what a run had replaced; that was kept. "
        "If the source's is right, enter it in the CMS. | "
        "Compare both values with `etl explain`, and enter the right one in the CMS. |",
        "| `already_gone` | warning | The row is gone from the CMS.<br>The row is in the CMS's trash. | "
        "Nothing: a rollback would have deleted the row. |",
    ],
)
def test_findings_say(line: str) -> None:
    """Code, severity, each sentence on a line of its own, what may stand in it, and what to do."""
    assert line in findings().split("\n")


def test_main_writes_the_file_that_check_accepts(tmp_path: Path) -> None:
    """Without an option the file is written, folders included; `--check` then ends with 0."""
    folder = tmp_path / "docs"
    assert main([], folder) == 0
    assert main(["--check"], folder) == 0
    assert (
        (folder / "data-contract.md")
        .read_text(encoding="utf-8")
        .startswith("<!-- Made by `python docs/data_contract.py`")
    )


def test_check_tells_a_stale_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--check` ends with 1 where the file differs or is not there, says what to run, and writes nothing."""
    assert main(["--check"], tmp_path) == 1
    main([], tmp_path)
    path = tmp_path / "findings.md"
    path.write_text("old", encoding="utf-8")
    assert main(["--check"], tmp_path) == 1
    assert (
        f"{path} is not what the contract says; run `python docs/data_contract.py`" in capsys.readouterr().err
    )
    assert path.read_text(encoding="utf-8") == "old"


def test_unknown_option_is_a_usage_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Any other argument ends with 2 and the usage."""
    assert main(["--help"], tmp_path) == 2
    assert "[--check]" in capsys.readouterr().err
