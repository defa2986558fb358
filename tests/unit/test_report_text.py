"""Results as text: what a person reads at the end of a command, in 80 columns."""

import sys
from collections.abc import Callable

import pytest

from etl.contract.counters import PlanCounts
from etl.model.results import Check, ExtractResult, SyncResult
from etl.report import text
from tests.support.page import drawn

NO_COUNTS = PlanCounts(*[0] * 15)


def synced(counts: PlanCounts = NO_COUNTS, **values: object) -> SyncResult:
    """Return a result of a sync; keyword arguments replace its parts."""
    parts = {
        "sync_id": "20261123T210451Z-3f9a1c",
        "status": "COMPLETED",
        "extracted": ExtractResult("snapshots/20261123T210451Z-3f9a1c", 1500, pages=15),
        "issues": {},
        "repairs": {},
        "rules": {},
        "seconds": {"total": 1.25},
        "peak_memory_mb": 200.0,
    }
    return SyncResult(counts=counts, **{**parts, **values})  # type: ignore[arg-type]  # by name


@pytest.mark.parametrize(
    ("value", "shown"), [(None, "–"), (0.0, "0.0 s"), (1.26, "1.3 s"), (119.9, "119.9 s"), (150.0, "2.5 min")]
)
def test_seconds(value: float | None, shown: str) -> None:
    """Seconds up to two minutes, then minutes; a dash where it is not known."""
    assert text.seconds(value) == shown


def test_summary_of_a_sync() -> None:
    """Every figure with its meaning, in 80 columns; the snapshot's path is in one piece."""
    counts = PlanCounts(
        processed=1504, shops=1000, dinings=504, created=1, updated=2, unchanged=1490, skipped=4, rejected=5,
        duplicates=6, missing=7, inactivated=3, kept=8, conflicts=9, unmapped_floors=10, unmapped_categories=11,
    )  # fmt: skip
    assert drawn(text.show_synced(synced(counts, status="PARTIAL", issues={"missing": 7}))) == [
        "PARTIAL  20261123T210451Z-3f9a1c  in 1.2 s",
        "fetched     1,500  records of the source",
        "created         1  new rows, INACTIVE until an editor reviews them",
        "updated         2  rows with a changed field",
        "unchanged   1,490  rows that were not written",
        "skipped         4  rows with skip sync, deleted by an editor, or open in the CMS",
        "rejected        5  records that were not loaded",
        "duplicates      6  records that came more than once",
        "missing         7  rows whose record left the source; 3 set INACTIVE",
        "kept            8  fields in which an editor's value was kept",
        "conflicts       9  fields that source and editor both changed",
        "unmapped       21  records whose floor or category fits nothing",
        "snapshot    snapshots/20261123T210451Z-3f9a1c",
        "look closer: etl runs 20261123T210451Z-3f9a1c",
    ]


def test_a_clean_summary_gives_no_hint() -> None:
    """Without findings there is nothing to look closer at; nor where the caller wants no hint."""
    assert drawn(text.show_synced(synced()))[-1] == "snapshot    snapshots/20261123T210451Z-3f9a1c"
    found = text.show_synced(synced(issues={"missing": 7}), is_hinted=False)
    assert drawn(found)[-1] == "snapshot    snapshots/20261123T210451Z-3f9a1c"


def test_an_incomplete_source_is_told() -> None:
    """What did not add up is part of the summary."""
    extracted = ExtractResult("s", 3, is_complete=False, problems=("3 of 5 records came",))
    assert "incomplete: 3 of 5 records came" in drawn(text.show_synced(synced(extracted=extracted)))


def test_a_long_path_is_not_broken() -> None:
    """A path that is longer than the terminal is wide stays in one line, for copying."""
    path = "/srv/" + "long/" * 30 + "20261123T210451Z-3f9a1c"
    assert f"snapshot    {path}" in drawn(text.show_synced(synced(extracted=ExtractResult(path, 1))))
    assert drawn(text.show_extracted(ExtractResult(path, 1, pages=1))) == [
        f"1 records on 1 pages, now in {path}"
    ]


def test_an_extraction() -> None:
    """Records, pages and place; retries, unknown fields and what does not add up, where there are any."""
    result = ExtractResult(
        "s3://bucket/x",
        records=1200,
        pages=12,
        retries={"503": 2, "broken": 3},
        is_complete=False,
        problems=("12 of 13 pages came",),
        unknown_fields={"parking": 4},
        not_text={"faqs": 1},
    )
    assert drawn(text.show_extracted(result)) == [
        "1,200 records on 12 pages, now in s3://bucket/x",
        "retries: broken 3, 503 2",
        "unknown fields, kept in the snapshot: parking 4",
        "fields that hold no text, kept in the snapshot: faqs 1",
        "incomplete: 12 of 13 pages came",
    ]


def test_what_comes_from_outside_is_no_markup() -> None:
    """Square brackets in a path, a field's name or a message are shown as they are."""
    result = ExtractResult("/tmp/[red]x[/red]", 1, unknown_fields={"[bold]": 1})
    assert drawn(text.show_extracted(result)) == [
        "1 records, now in /tmp/[red]x[/red]",
        "unknown fields, kept in the snapshot: [bold] 1",
    ]
    assert drawn(text.show_checks([Check("API", "failed", "[/] no")])) == ["failed  API  [/] no"]


def test_checks() -> None:
    """One line a check; a long message goes on under itself."""
    long = "Can't connect to the database: Connection refused. Check DATABASE_URL, and that the server is up."
    assert drawn(text.show_checks([Check("API", "ok", "fine"), Check("database", "failed", long, 1)])) == [
        "ok      API       fine",
        "failed  database  Can't connect to the database: Connection refused. Check",
        "                  DATABASE_URL, and that the server is up.",
    ]


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Return a function that makes standard output a terminal of 40 columns."""

    def make() -> None:
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
        monkeypatch.setenv("COLUMNS", "40")
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.setenv("NO_COLOR", "1")

    return make


def test_off_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """In a pipe or a file: 160 columns, no colours, no spaces at the end of lines."""
    text.show(text.show_checks([Check("API", "ok", "word " * 40), Check("x", "ok", "y")]))
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        "ok  API  " + ("word " * 30).rstrip(),
        "         " + ("word " * 10).rstrip(),
        "ok  x    y",
    ]


def test_on_a_terminal(terminal: Callable[[], None], capsys: pytest.CaptureFixture[str]) -> None:
    """As wide as the terminal; but a line to be copied stays whole."""
    terminal()
    text.show(text.show_checks([Check("API", "ok", "a message of more than forty columns in all")]))
    text.show(text.whole_line("cd /a/path/that/is/longer/than/the/terminal/is/wide; ls"))
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        "ok  API  a message of more than forty",
        "         columns in all",
        "cd /a/path/that/is/longer/than/the/terminal/is/wide; ls",
    ]
