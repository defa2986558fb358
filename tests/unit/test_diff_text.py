"""A diff as text: what a reader sees, at 80 columns and in a pipe; nothing from outside is taken for a command."""

import os
import tracemalloc
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from etl.compare.model import (
    SNAPSHOT_ACTIONS,
    Diff,
    FieldChange,
    Finding,
    Nearest,
    RecordChange,
    Reference,
    Totals,
    Unmapped,
    empty_counts,
)
from etl.compare.select import Selected, Selection, select
from etl.errors import ConfigError
from etl.model.panel import Panel
from etl.model.results import Side
from etl.report.diff_meaning import literal
from etl.report.diff_output import default_limit, write_diff, write_text
from etl.report.diff_text import show_diff
from tests.support.page import drawn, links
from tests.support.plans import plan


def row(action: str, *fields: FieldChange, **values: object) -> RecordChange:
    """Return record T1 in shops 7."""
    known = {"unique_id": "T1", "source_unique_id": "T1", "table": "shops", "record_id": 7, "title": "Brand"}
    return RecordChange(action=action, fields=fields, **{**known, **values})  # type: ignore[arg-type]


def plain_text(selected: Selected) -> str:
    """Return what goes to a file."""
    page = StringIO()
    write_text(selected, page)
    return page.getvalue()


def text_of(diff: Diff, selection: Selection | None = None) -> str:
    """Return a diff as it goes to a pipe."""
    return plain_text(select(diff, selection or Selection()))


def body_of(*records: RecordChange) -> str:
    """Return the part of a plan between the totals and the last line."""
    return text_of(plan(*records)).split("no category fits\n")[1].rpartition("\n\n")[0]


def test_totals() -> None:
    """What would be synced into what, then each action by table, and what is unmapped."""
    assert text_of(plan(row("updated"), row("rejected", table=None), issues=())).startswith(
        "A sync of snapshot snapshots/today (500 records)\n"
        "into      the CMS, --missing keep, --conflicts source\n"
        "\n"
        "records            shops  dinings  total\n"
        "created                0        0      0  new rows, INACTIVE until reviewed\n"
        "updated                1        0      1  rows with a changed field\n"
        "inactivated            0        0      0  left the source: set INACTIVE\n"
        "unchanged              0        0      0  rows that stay as they are\n"
        "skipped                0        0      0  skip sync, deleted or open in the CMS\n"
        "missing                0        0      0  not in the source; the row stays\n"
        "rejected                               1  records that can't be loaded\n"
        "kept                   0        0      0  rows with an editor's value kept\n"
        "conflict               0        0      0  rows that source and editor changed\n"
        "kind changed           0        0      0  other kind by category; stay put\n"
        "unmapped floor                         0  labels that no floor fits\n"
        "unmapped category                      0  labels that no category fits\n"
    )


def test_an_updated_record() -> None:
    """Before and after on a line; floors with name and id; what was there before the first sync is said."""
    changed = row(
        "updated",
        FieldChange("title_en", "source", "Old", "New", "Old", "New"),
        FieldChange("zone", "first_contact", None, "East", None, "East"),
        FieldChange("floor", "source", Reference(3, "3F"), Reference(99, None)),
        FieldChange("phone", "source", "02 1", ""),
    )
    assert body_of(changed) == (
        "\n"
        "updated  1 shown\n"
        "  T1  shops 7  Brand\n"
        "    title_en  Old → New\n"
        "    zone      – → East  (first sync of this row)\n"
        "    floor     3F (3) → id 99\n"
        "    phone     02 1 → (none)"
    )


def test_kept_and_conflict() -> None:
    """Kept: base and the editor's; a conflict: the source's too, and who wins."""
    changed = row(
        "updated",
        FieldChange("title_en", "kept", "Editor", "Editor", "Base", "Base", "editor"),
        FieldChange("zone", "conflict", "Editor", "Source", "Base", "Source", "source"),
        FieldChange("phone", "conflict", "Editor", "Editor", "Base", "Source", "editor"),
    )
    assert body_of(changed) == (
        "\n"
        "updated  1 shown\n"
        "  T1  shops 7  Brand\n"
        "    title_en  kept for the editor\n"
        "                base   Base\n"
        "                editor Editor  ← stays\n"
        "    zone      conflict: source and editor both changed it\n"
        "                base   Base\n"
        "                editor Editor\n"
        "                source Source  ← is written\n"
        "    phone     conflict: source and editor both changed it\n"
        "                base   Base\n"
        "                editor Editor  ← stays\n"
        "                source Source"
    )


def test_reasons_and_another_kind() -> None:
    """Why a record is skipped stands under it; so does that it stays though its kind is another."""
    skipped = row("skipped", reason="skip_sync", message="skip sync is ticked in the CMS")
    other = row("unchanged", tags=("kind_changed", "unchanged"))
    assert body_of(other, skipped) == (
        "\n"
        "unchanged: stay as they are, though source and CMS differ  1 shown\n"
        "  T1  shops 7  Brand\n"
        "    its category makes it one of dinings now; it stays in shops\n"
        "\n"
        "skipped  1 shown\n"
        "  T1  shops 7  Brand\n"
        "    skip sync is ticked in the CMS"
    )


def test_long_texts_are_cut_around_the_difference() -> None:
    """Of long texts the part that differs is shown, on a line each."""
    before, after = "x" * 100 + "A" + "y" * 200, "x" * 100 + "B" + "y" * 200
    shown = body_of(row("updated", FieldChange("description_en", "source", before, after)))
    assert shown.splitlines()[3:] == [
        f"    description_en  − …{'x' * 24}A{'y' * 112}",
        f"                      {'y' * 23}…",
        f"                    + …{'x' * 24}B{'y' * 112}",
        f"                      {'y' * 23}…",
    ]


def test_a_created_record_shows_what_tells_it_apart() -> None:
    """No flag, no repeated text, nothing blank; but what --field names is shown whatever it is."""
    created = row(
        "created",
        *(FieldChange(name, "created", after=value) for name, value in (
            ("unique_id", "T1"), ("slug", "brand"), ("title_en", "Brand"), ("meta_title_en", "Brand"),
            ("title_zh", "Brand"), ("zone", ""), ("floor", Reference(3, "3F")), ("status", "INACTIVE"),
        )),
        record_id=None,
    )  # fmt: skip
    assert body_of(created) == (
        "\n"
        "created  1 shown\n"
        "  Left out: repeated and Chinese texts, and defaults. JSON has them.\n"
        "  T1  shops  Brand\n"
        "    slug      brand\n"
        "    title_en  Brand\n"
        "    floor     3F (3)"
    )
    asked = text_of(plan(created), Selection(fields=frozenset({"status", "title_zh"})))
    assert "    title_zh  Brand\n    status    INACTIVE\n" in asked


def test_findings_and_notes() -> None:
    """Notes come first; findings that no record tells are listed by code, in full."""
    issues = (
        Finding("T1", "warning", "conflict", "zone", "told by the record", None),
        Finding(
            "T2",
            "warning",
            "unmapped_floor",
            "floor_id",
            "No floor: 'Roof' fits nothing.",
            "Roof",
            "Tea \x1b",
        ),
        Finding(None, "error", "missing_unique_id", None, "told by the rejected record", None),
    )
    shown = text_of(plan(issues=issues, notes=("A sync would refuse this.",)))
    assert "\n! A sync would refuse this.\n" in shown
    assert "\nunmapped floor  1 shown\n  T2  Tea \\x1b: No floor: 'Roof' fits nothing.\n" in shown
    assert "told by" not in shown


def test_findings_of_severity_info() -> None:
    """They are counted; --all shows them like the others."""
    diff = plan(issues=(Finding("T1", "info", "value_kept", None, "It stays.", "zone"),))
    assert "\n1 more finding of severity info: --all shows them.\n" in text_of(diff)
    assert "It stays." not in text_of(diff)
    assert "\nvalue kept  1 shown\n  T1  It stays.\n" in text_of(diff, Selection(shows_info=True))


def test_what_is_left_off_is_said() -> None:
    """Beyond the limit there is a count, and how to see the rest."""
    diff = plan(*(row("updated", unique_id=f"T{number}") for number in range(3)))
    assert "updated  1 shown, 2 more (--limit 0 shows all)" in text_of(diff, Selection(limit=1))


def test_the_last_line() -> None:
    """Whether a sync would write."""
    assert text_of(plan()).endswith("\nA sync would write nothing.\n")
    assert text_of(plan(row("created"))).endswith("\nNothing was written: `etl sync` does it.\n")


def snapshots(*records: RecordChange) -> Diff:
    """Return a comparison of snapshots."""
    counts = empty_counts((*SNAPSHOT_ACTIONS, "kind_changed"))
    for item in records:
        counts[item.action]["shops"] += 1
    return Diff(
        Side("api", "https://api.example/tenants", 2),
        Side("snapshot", "snapshots/old", 3),
        {},
        Totals(counts, {}, {}),
        records,
        (),
    )


def test_two_snapshots() -> None:
    """Newer and older, other words for the same figures; a gone record is a line unless a field is asked for."""
    gone = row("gone", FieldChange("zone", "gone", "East"), record_id=None)
    changed = row("changed", FieldChange("kind", "changed", "dinings", "shops"), record_id=None,
                  tags=("changed", "kind_changed"))  # fmt: skip
    shown = text_of(snapshots(changed, gone))
    assert shown.startswith(
        "Newer: the API now, https://api.example/tenants (2 records)\nOlder: snapshot snapshots/old (3 records)\n"
    )
    assert "    it was one of dinings\n    kind  dinings → shops\n" in shown
    assert shown.endswith("  T1  shops  Brand\n\n")
    assert "    zone  East\n" in text_of(snapshots(gone), Selection(fields=frozenset({"zone"})))
    assert text_of(snapshots()).endswith("\nThe records of both are the same.\n")


def test_rows_are_links_to_the_panel() -> None:
    """On a terminal that knows links; a pipe, a file and a terminal without colours get the words alone."""
    diff = plan(row("updated"), row("created", record_id=None), panel=Panel("https://cms.example.com/admin"))
    shown = show_diff(select(diff, Selection()))
    assert links(shown) == {"shops 7": "https://cms.example.com/admin/collections/shops/7"}
    assert "https:" not in "\n".join(drawn(shown)) + text_of(diff)


def test_nothing_from_outside_is_taken_for_a_command() -> None:
    """Markup stays text; escape sequences, line ends and marks of direction are shown, not sent."""
    evil = "[bold]x[/] \x1b[31m\x9b\n\u202eb \ud800\u2028"
    diff = plan(row("updated", FieldChange("zone", "source", evil, "y"), title=evil, unique_id="[red]\x07"),
                notes=(evil,))  # fmt: skip
    page = StringIO()
    Console(file=page, width=80, force_terminal=True, color_system=None).print(
        show_diff(select(diff, Selection()))
    )
    assert literal(evil) == "[bold]x[/] \\x1b[31m\\x9b⏎\\u202eb \\ud800\\u2028"
    assert "    zone  [bold]x[/] \\x1b[31m\\x9b⏎\\u202eb \\ud800\\u2028 → y" in page.getvalue()
    assert "[red]\\x07" in page.getvalue()
    assert not set(page.getvalue()) & set("\x1b\x9b\x07\u202e\u2028")


@pytest.mark.parametrize("width", [80, 160])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    """Long ids, titles and values are folded, none is lost."""
    long = "word" * 60
    diff = plan(
        row("updated", FieldChange("description_en", "source", long, "short"), title=long, unique_id="T" * 90)
    )
    page = StringIO()
    Console(file=page, width=width, color_system=None).print(show_diff(select(diff, Selection())))
    assert max(len(line) for line in page.getvalue().splitlines()) <= width


def selected() -> Selected:
    """Return a small diff."""
    return select(plan(row("updated")), Selection())


def test_to_a_file(tmp_path: Path) -> None:
    """-o writes the very text that a pipe would get; a folder that is not there is a usage error."""
    write_diff(selected(), "text", str(tmp_path / "diff.txt"))
    assert (tmp_path / "diff.txt").read_text(encoding="utf-8") == plain_text(selected())
    with pytest.raises(ConfigError, match=r"can't be written to .*: No such file or directory"):
        write_diff(selected(), "json", str(tmp_path / "nowhere" / "diff.json"))


def test_to_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    """Off a terminal the text is plain: no colour, no line with spaces at its end."""
    write_diff(selected(), "text", None)
    printed = capsys.readouterr().out
    assert printed == plain_text(selected())
    assert "\x1b" not in printed
    assert all(line == line.rstrip() for line in printed.split("\n"))


def test_on_a_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal the console of the other commands prints it."""
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    write_diff(selected(), "text", None)
    assert "Brand" in capsys.readouterr().out


def test_how_many_are_shown_by_default() -> None:
    """A screen has 20 of each action; a file and a program have all."""
    assert (default_limit("text", None), default_limit("text", "f"), default_limit("json", None)) == (
        20,
        0,
        0,
    )


def test_labels_that_fit_nothing() -> None:
    """Each with its records and the nearest names; left out where something else was asked for."""
    labels = (
        Unmapped("shops", "Fash\x1bon", 12, "T1", (Nearest(2, "FASHION", 0.857), Nearest(3, "BEAUTY", 0.5))),
        Unmapped("floor", "Fl. 99", 1, "T2"),
    )
    found = replace(plan(), unmapped=labels)
    lines = plain_text(select(found, Selection())).splitlines()
    start = lines.index("labels that fit nothing  2 shown")
    assert [" ".join(line.split()) for line in lines[start + 1 : start + 3]] == [
        r"'Fash\x1bon' category of shops, 12 records, e.g. T1 nearest: FASHION (86%), BEAUTY (50%)",
        "'Fl. 99' floor, 1 record, e.g. T2 nothing is near",
    ]
    for asked, is_shown in (
        (Selection(only=frozenset({"unmapped"})), True),
        (Selection(only=frozenset({"kept"})), False),
    ):
        assert ("labels that fit nothing" in plain_text(select(found, asked))) == is_shown
    many = replace(plan(), unmapped=tuple(Unmapped("floor", f"Fl. {n}", 1, "T2") for n in range(100, 123)))
    shown = plain_text(select(many, Selection(limit=20)))
    assert "labels that fit nothing  20 shown, 3 more (--limit 0 shows all)\n" in shown
    assert "Fl. 119" in shown
    assert "Fl. 120" not in shown


@pytest.mark.long
@pytest.mark.parametrize("output_format", ["text", "html"])
def test_memory_does_not_grow_with_the_records(output_format: str) -> None:
    """Ten times the records take no more to write: some of them at a time."""
    change = FieldChange("title_en", "changed", before="x" * 100, after="y" * 100)

    def peak_mb(count: int) -> float:
        records = [row("updated", change, unique_id=f"T{number}") for number in range(count)]
        shown = select(plan(*records), Selection())
        tracemalloc.start()
        write_diff(shown, output_format, os.devnull)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return peak / 1e6

    few = peak_mb(600)
    assert peak_mb(6_000) < 1.5 * few
