"""A diff as text, for terminals of 80 columns and more. Whatever comes from the feed or the CMS is shown literally."""

from collections.abc import Iterable, Iterator

from rich.cells import cell_len, set_cell_size
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table

from etl.compare.model import Diff, FieldChange, Finding, RecordChange, Value
from etl.compare.select import Selected
from etl.compare.word_diff import common_start
from etl.contract.tenant import FIELDS, KINDS
from etl.model.results import Side
from etl.report import layout
from etl.report.diff_meaning import (
    LABEL_KINDS,
    WHOLE,
    figures,
    findings_by_code,
    hidden_findings,
    kind_remark,
    literal,
    said_of_sides,
)
from etl.report.page import Text

_STYLES = {
    "created": "green",
    "added": "green",
    "updated": "yellow",
    "changed": "yellow",
    "inactivated": "red",
    "gone": "red",
    "rejected": "red",
    "missing": "magenta",
    "skipped": "cyan",
    "kept": "cyan",
    "put_back": "cyan",
    "conflict": "magenta",
}
_HEADINGS = {"unchanged": "stay as they are, though source and CMS differ"}
_HINTS = {
    "created": "Left out: repeated and Chinese texts, and defaults. JSON has them.",
    "added": "Left out: repeated texts. JSON has them.",
    "gone": "Left out: what they were. JSON has it.",
}
_DULL = frozenset({"unique_id", *(field.name for field in FIELDS if field.owner == "created_once")})
_TEXTS = frozenset(field.name for field in FIELDS if field.part == "locale")


def show_diff(selected: Selected) -> RenderableType:
    """Return what is selected of a diff, all in one."""
    return Group(*diff_parts(selected))


def diff_parts(selected: Selected) -> Iterator[RenderableType]:
    """Yield what is selected of a diff: totals, then records by action, field by field, then findings."""
    diff = selected.diff
    yield _head(diff)
    yield _totals(diff)
    for note in diff.notes:
        yield Text(f"! {literal(note)}", style="yellow")
    for action in diff.actions:
        records = [record for record in diff.records if record.action == action]
        if records:
            yield _heading(action, len(records), selected.left_off.get(action, 0))
            if action in _HINTS:
                yield Text(f"  {_HINTS[action]}", style="dim")
            yield from _records(records, selected)
    yield from _unmapped(selected)
    yield from _findings(diff.issues, selected)
    yield _last_line(diff)


def _side(side: Side) -> Text:
    kinds = {"api": "the API now, ", "snapshot": "snapshot ", "database": ""}
    records = "" if side.records is None else f" ({side.records:,} records)"
    return Text.assemble(kinds[side.kind], (literal(side.name), "bold"), records)


def _head(diff: Diff) -> Text:
    if diff.is_plan:
        options = ", ".join(f"--{name} {value}" for name, value in diff.options.items())
        return Text.assemble(
            "A sync of ", _side(diff.source), "\ninto      ", _side(diff.against), f", {options}\n"
        )
    return Text.assemble("Newer: ", _side(diff.source), "\nOlder: ", _side(diff.against), "\n")


def _totals(diff: Diff) -> Table:
    rows: list[tuple[str, str, list[str], int, str]] = []
    for name, tables, total, meaning in figures(diff):
        style = "yellow" if name.startswith("unmapped") else _STYLES.get(name, "")
        cells = [f"{tables[kind]:,}" if tables else "" for kind in KINDS]
        rows.append((name.replace("_", " "), style, cells, total, meaning))
    return layout.totals_table("records", rows)


def _heading(action: str, shown: int, left_off: int) -> Text:
    title = action + (f": {_HEADINGS[action]}" if action in _HEADINGS else "")
    return layout.heading(title, _STYLES.get(action, ""), shown, left_off)


def _records(records: Iterable[RecordChange], selected: Selected) -> Iterator[RenderableType]:
    for record in records:
        place = f"{record.table} {record.record_id}" if record.record_id else record.table or ""
        yield layout.record_line(
            record.unique_id or "(no id)", place, record.title, selected.diff.url_of(record)
        )
        yield from _remarks(record)
        fields = list(_shown_fields(record.fields, selected.selection.fields))
        if fields:
            yield layout.Labelled([(change.field, _content(change)) for change in fields], indent=4, gap=2)


def _remarks(record: RecordChange) -> Iterator[RenderableType]:
    if "kind_changed" in record.tags:
        yield _remark(kind_remark(record), "magenta")
    if record.message:
        yield _remark(literal(record.message), "dim")


def _remark(text: str, style: str) -> RenderableType:
    return Padding(Text(text, style=style), (0, 0, 0, 4))


def _shown_fields(fields: Iterable[FieldChange], asked: frozenset[str]) -> Iterator[FieldChange]:
    """Leave out, unless it was asked for, what says little of a new row: no value, a flag, a text once more."""
    seen: set[Value] = set()
    for change in fields:
        is_repeated = change.field in _TEXTS and change.after in seen
        is_dull = change.field in _DULL or change.after in {None, ""} or is_repeated
        if change.verdict not in WHOLE or change.field in asked or not is_dull:
            yield change
        seen.add(change.after)


def _content(change: FieldChange) -> RenderableType:
    if change.verdict in WHOLE:
        return Text(
            layout.cut(layout.value_text(change.before if change.verdict == "gone" else change.after))
        )
    return _before_and_after(change) if change.winner is None else _sides(change)


def _before_and_after(change: FieldChange) -> RenderableType:
    before, after = layout.value_text(change.before), layout.value_text(change.after)
    note = "  (first sync of this row)" if change.verdict == "first_contact" else ""
    if len(before) <= layout.SHORT >= len(after):
        return Text.assemble((before, "red"), " → ", (after, "green"), (note, "dim"))
    start = common_start(before, after)
    was = Text.assemble((layout.cut(before, start), "red"), (note, "dim"))
    return layout.Labelled([("−", was), ("+", Text(layout.cut(after, start), style="green"))])


def _sides(change: FieldChange) -> RenderableType:
    is_conflict = change.verdict == "conflict"
    theirs = "CMS" if change.verdict == "put_back" else "editor"
    values = [("base", change.base), (theirs, change.before)]
    values += [("source", change.source)] if is_conflict or change.winner == "source" else []
    start = min(
        common_start(layout.value_text(change.before), layout.value_text(value)) for _, value in values[::2]
    )
    rows = []
    for name, value in values:
        is_winner = name == (theirs if change.winner == "editor" else change.winner)
        note = "" if not is_winner else "  ← stays" if name == theirs else "  ← is written"
        text = Text.assemble(
            (layout.cut(layout.value_text(value), start), "green" if is_winner else ""), (note, "dim")
        )
        rows.append((name, text))
    return Group(Text(said_of_sides(change), style=_STYLES[change.verdict]), layout.Labelled(rows, indent=2))


def _unmapped(selected: Selected) -> list[RenderableType]:
    labels, selection = selected.diff.unmapped, selected.selection
    if not labels or ("unmapped" not in selection.only and (selection.only or selection.fields)):
        return []
    table = Table.grid(padding=(0, 2, 0, 0))
    shown = labels[: selection.limit or None]
    for item in shown:
        records = "1 record" if item.records == 1 else f"{item.records:,} records"
        nearest = ", ".join(f"{literal(near.name)} ({near.similarity:.0%})" for near in item.nearest)
        table.add_row(
            Text(f"'{layout.cut(literal(item.label))}'"),
            Text(f"{LABEL_KINDS[item.kind]}, {records}, e.g. {literal(item.example)}", style="dim"),
            Text(f"nearest: {nearest}" if nearest else "nothing is near"),
        )
    return [
        _heading("labels that fit nothing", len(shown), len(labels) - len(shown)),
        Padding(table, (0, 0, 0, 2)),
    ]


def _findings(issues: Iterable[Finding], selected: Selected) -> Iterator[RenderableType]:
    for code, found in findings_by_code(issues).items():
        yield _heading(code.replace("_", " "), len(found), selected.issues_left_off.get(code, 0))
        ids = [literal(issue.unique_id or "–") for issue in found]
        width = max(map(cell_len, ids))
        for unique_id, issue in zip(ids, found, strict=True):
            title = f"{literal(issue.title)}: " if issue.title else ""
            row = (set_cell_size(unique_id, width), Text.assemble((title, "dim"), literal(issue.message)))
            yield layout.Labelled([row], indent=2, gap=2, style="bold")
    if selected.info_left_off:
        yield Text(f"\n{hidden_findings(selected.info_left_off)}", style="dim")


def _last_line(diff: Diff) -> Text:
    if not diff.is_plan:
        return Text("" if diff.has_changes else "\nThe records of both are the same.", style="green")
    if not diff.has_changes:
        return Text("\nA sync would write nothing.", style="green")
    return Text("\nNothing was written: `etl sync` does it.", style="dim")
