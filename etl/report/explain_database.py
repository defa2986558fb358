"""A record in the database as text: its rows field by field, what a sync would do, its history."""

from collections.abc import Iterable, Iterator

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table

from etl.compare.model import FieldChange, Finding, RecordChange, Reference, Value
from etl.explain.model import CmsRow, FieldState, InDatabase, RunOfRecord, Writer
from etl.model.panel import Panel
from etl.report.diff_meaning import literal
from etl.report.layout import linked
from etl.report.page import Text

_VERDICTS = {
    "source": "takes the source's",
    "first_contact": "takes the source's: no sync wrote this row before",
    "kept": "leaves what the CMS has",
    "put_back": "leaves it: `etl sync --retake` takes the source's again",
    "carried_over": "gets this id",
}
_WOULD = {"created": "create", "updated": "update", "skipped": "skip", "rejected": "not load"}
_OUTCOMES = {"updated": "would update it", "unchanged": "would leave it as it is", "skipped": "would skip it"}
LONGEST = 240


def heading(title: str, remark: str = "", url: str | None = None) -> Text:
    """Return the title of a section, after an empty line; a link where there is an address."""
    style = linked("bold underline", url)
    return Text.assemble("\n", (title, style), (f"  {remark}" if remark else "", "dim"))


def table(rows: Iterable[tuple[str | Text, ...]], *, first_style: str = "cyan") -> RenderableType:
    """Return rows under each other, indented; the first cell names the row and is never folded."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style=first_style, no_wrap=True)
    for cells in rows:
        grid.add_row(*(cell if isinstance(cell, Text) else Text(cell) for cell in cells))
    return Padding(grid, (0, 0, 0, 2))


def cut(text: str, longest: int = LONGEST) -> str:
    """Return the beginning of a text literally, on one line, and say how long the whole is."""
    shown = literal(text)
    return shown if len(shown) <= longest else f"{shown[:longest]}… ({len(text):,} characters)"


def shown_findings(issues: Iterable[Finding], *, shows_info: bool) -> list[Finding]:
    """Return the findings that are for people to read: those of severity info where they are asked for."""
    return [issue for issue in issues if shows_info or issue.severity != "info"]


def show_database(
    found: InDatabase, source_ids: frozenset[str] | None, *, shows_info: bool, panel: Panel
) -> Iterator[RenderableType]:
    """Yield the sections about a record in the database; the panel's documents are links.

    The source's ids are the unique_ids of its canonical rows; null where the record is in no snapshot.
    """
    plans = {(record.table, record.record_id): record for record in found.plan or ()}
    rowless = {record.unique_id: record for record in found.plan or () if record.record_id is None}
    if not found.rows:
        yield heading("In the CMS", f"{literal(found.name)} has no row of it")
    for row in found.rows:
        yield from _row(row, panel.document(row.table, row.id))
        is_given = source_ids is None or row.unique_id in source_ids
        plan = plans.get((row.table, row.id)) or (rowless.get(row.unique_id) if row.is_trashed else None)
        yield _fields(row, plan)
        if found.plan is not None:
            yield Padding(_next(plan, is_given=is_given), (1, 0, 0, 2))
    known = {(row.table, row.id) for row in found.rows}
    others = [record for record in found.plan or () if (record.table, record.record_id) not in known]
    if others:
        yield heading("A sync would")
        yield table((_WOULD.get(record.action, record.action), _planned(record)) for record in others)
    yield from _history(found, shows_info=shows_info, panel=panel)


def _planned(record: RecordChange) -> str:
    reason = f": {record.message}" if record.message else ""
    place = f" in {record.table}" if record.table else ""
    return f"{literal(record.unique_id or '')}{place}{reason}"


def _row(row: CmsRow, url: str | None) -> Iterator[RenderableType]:
    written = f", written '{literal(row.written_id)}'" if row.written_id != row.unique_id else ""
    yield heading(f"In the CMS: {row.table} {row.id}", f"unique_id {literal(row.unique_id)}{written}", url)
    yield table(_facts(row))


def _fields(row: CmsRow, plan: RecordChange | None) -> RenderableType:
    changes = {change.field: change for change in plan.fields} if plan else {}
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    grid.add_column("field", style="cyan", no_wrap=True)
    for name in ("in the CMS now", "written last by"):
        grid.add_column(name, overflow="fold")
    for state in (*row.fields, *_new_fields(row, changes.values())):
        grid.add_row(state.field, _values(state, changes.get(state.field)), _writer(state.writer))
    return Padding(grid, (1, 0, 0, 2))


def _new_fields(row: CmsRow, changes: Iterable[FieldChange]) -> Iterator[FieldState]:
    known = {state.field for state in row.fields}
    for change in changes:
        if change.field not in known:
            yield FieldState(change.field, change.base, change.before, Writer("nobody"))


def _facts(row: CmsRow) -> Iterator[tuple[str, str]]:
    yield "slug", literal(row.slug or "–")
    yield "status", literal(row.status or "–")
    yield "last saved", row.updated_at or "–"
    if row.skip_sync:
        yield "skip sync", "ticked: no sync touches it"
    if row.is_trashed:
        yield "trash", "an editor put it in the CMS's trash: no sync touches it until it is restored there"
    if row.is_open:
        yield "open", "somebody has it open in the CMS: what a sync would write waits for the next one"
    last_change = f"{row.first_sync_id}; last change of the source or of its row: {row.last_sync_id}"
    yield "known since", last_change if row.has_base else "no sync of this job wrote it"
    if row.missing_since:
        yield "missing", f"not in the source since {row.missing_since}"
    for link in row.links:
        owner = "made by the job" if link.is_jobs else "made by an editor, never touched"
        hidden = "" if link.path == "categories" else ", which the CMS never shows"
        yield "category link", f"{_value(link.category)}: {owner}{hidden}"


def _values(state: FieldState, change: FieldChange | None) -> Text:
    text = Text(_value(state.cms))
    if _value(state.base) != _value(state.cms):
        text.append(f"\nlast synced: {_value(state.base)}", style="dim")
    if change is not None:
        taken = change.winner or "source"
        words = (
            f"conflict: takes the {taken}'s" if change.verdict == "conflict" else _VERDICTS[change.verdict]
        )
        text.append(f"\nthe source: {_value(change.source)}", style="dim")
        text.append(f"\na sync {words}", style="yellow")
    return text


def _next(plan: RecordChange | None, *, is_given: bool) -> Text:
    if plan is None and not is_given:
        words = "The source's record gives no such row: a sync leaves it, or --missing inactivate sets it INACTIVE."
        return Text(words, style="yellow")
    if plan is None or (plan.action == "unchanged" and not plan.fields):
        return Text("A sync of this record would change nothing.", style="green")
    reason = f": {plan.message}" if plan.message else ""
    outcome = _OUTCOMES.get(plan.action, plan.action)
    return Text(f"A sync of this record {outcome}{reason}.", style="yellow")


def _value(value: Value) -> str:
    if value is None:
        return "–"
    if isinstance(value, Reference):
        return f"{literal(value.name or '?')} ({value.id})"
    return cut(value) or "(none)"


def _writer(writer: Writer) -> Text:
    run = f"{writer.sync_id}" if writer.sync_id else ""
    words = {
        "run": f"{run}\na {writer.command}" if writer.command in {"move", "rollback"} else run,
        "editor": f"an editor, after {run}" if run else "an editor",
        "form": f"an old form put it back, after {run}",
        "earlier": "there before the first sync",
        "nobody": "",
        "unknown": "not known: changes of then are not kept",
    }
    return Text(words[writer.who], style="magenta" if writer.who in {"editor", "form"} else "")


def _history(found: InDatabase, *, shows_info: bool, panel: Panel) -> Iterator[RenderableType]:
    if not found.history:
        yield heading("History", "no run changed it or had anything to say of it")
        return
    more = f"{found.runs_left_off:,} more (--limit 0 shows all)" if found.runs_left_off else ""
    yield heading("History", more)
    for run in found.history:
        command = "" if run.command == "sync" else f"  {run.command}"
        yield Padding(
            Text.assemble((run.sync_id, "bold"), f"  {run.started_at}  {run.status}{command}"), (0, 0, 0, 2)
        )
        yield Padding(_run(run, shows_info=shows_info, panel=panel), (0, 0, 0, 2))


def _run(run: RunOfRecord, *, shows_info: bool, panel: Panel) -> RenderableType:
    rows: list[tuple[str | Text, ...]] = []
    for change in run.changes:
        url = panel.document(change["record_table"], change["record_id"])
        place = (f"{change['record_table']} {change['record_id']}", linked("", url))
        rows.append((change["action"], Text.assemble(f"{literal(change['unique_id'])}, ", place)))
        if change["action"] == "updated":
            before, after = change["before"], change["after"]
            rows += [
                ("", f"{name}: {_value(before.get(name))} → {_value(after[name])}") for name in sorted(after)
            ]
    rows += [
        (issue.code.replace("_", " "), cut(issue.message))
        for issue in shown_findings(run.issues, shows_info=shows_info)
    ]
    return table(rows)
