"""A record's whole way as text, for terminals of 80 columns and more. Whatever comes from outside is shown literally."""

from collections.abc import Iterable, Iterator, Mapping

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from etl.difference.model import FieldChange, Finding, RecordChange, Reference, Value
from etl.explain.model import CmsRow, Explained, FieldState, InDatabase, RunOfRecord, Source, Way, Writer
from etl.match.explain import Considered, Explanation
from etl.report.diff_meaning import days, literal

_VERDICTS = {
    "source": "takes the source's",
    "first_contact": "takes the source's: no sync wrote this row before",
    "kept": "leaves the editor's",
    "carried_over": "gets this id",
}
_LONGEST = 240
_HIDDEN = frozenset({"unique_id", "source_unique_id", "kind", "derived"})
_TOLD_ABOVE = ("_rule", "_label", "_label_en", "_label_th")


def show_explained(found: Explained) -> RenderableType:
    """Return all that is known of a record, from its raw text to its history."""
    parts: list[RenderableType] = [Text(literal(found.unique_id), style="bold")]
    parts += [Text(f"! {literal(note)}", style="yellow") for note in found.notes]
    if found.source is not None:
        parts += _source(found.source)
    if found.database is not None:
        parts += _database(found.database)
    return Group(*parts)


def _heading(title: str, remark: str = "") -> Text:
    return Text.assemble("\n", (title, "bold underline"), (f"  {remark}" if remark else "", "dim"))


def _table(rows: Iterable[tuple[str | Text, ...]], *, first_style: str = "cyan") -> RenderableType:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style=first_style, no_wrap=True)
    for cells in rows:
        table.add_row(*(cell if isinstance(cell, Text) else Text(cell) for cell in cells))
    return Padding(table, (0, 0, 0, 2))


def _cut(text: str) -> str:
    shown = literal(text)
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}… ({len(text):,} characters)"


def _source(source: Source) -> Iterator[RenderableType]:
    for record in source.raw:
        taken = "" if record.is_taken else ", dropped: the same uniqueId came again later"
        yield _heading("As the API sent it", f"{literal(source.snapshot)}, position {record.position}{taken}")
        yield _table((name, _cut(value)) for name, value in record.fields.items())
        if record.repairs:
            yield _heading("Text that was repaired", "each step that changed something, with what it left")
            steps = record.repairs
            yield _table(
                (step.field, step.step.replace("_", " "), _cut(step.after) or "(blank)") for step in steps
            )
    yield from _way(source.way)


def _way(way: Way) -> Iterator[RenderableType]:
    yield _heading("Why it is what it is")
    label = f"'{literal(way.category_label)}'" if way.category_label else "no English category"
    why = (
        f"{label} holds '{literal(way.kind_word)}'" if way.kind_word else f"{label} holds no word of a dining"
    )
    floor = f"'{_cut(way.floor_label)}'" if way.floor_label else "there is no label"
    rows: list[tuple[str | Text, ...]] = [("kind", way.kind, why)]
    rows += [("floor", *_found(each.label, each.found)) for each in way.floors] or [("floor", "none", floor)]
    rows.append((f"category of {way.kind}", *_found(way.category.label, way.category.found)))
    yield _table(rows)
    for index, row in enumerate(way.rows, start=1):
        many = f"{index} of {len(way.rows)}: one a floor" if len(way.rows) > 1 else ""
        yield _heading(f"Canonical row {literal(row['unique_id'])}", many)
        yield _table(
            (name, days(value) if value.startswith("[[") else _cut(value)) for name, value in _content(row)
        )
    if way.issues:
        yield _heading("What a sync reports of it")
        yield _findings(way.issues)


def _content(row: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in row.items():
        if value and name not in _HIDDEN and not name.endswith(_TOLD_ABOVE):
            yield name, value


def _found(label: str, found: Explanation) -> tuple[str | Text, str | Text]:
    name = f"{literal(found.name or '')} (id {found.id})" if found.id is not None else "none"
    if found.rule == "blank":
        return name, "there is no label"
    lines = [f"'{_cut(label)}': {found.rule}" + (f"; {literal(found.note)}" if found.note else "")]
    others = [each for each in found.considered if each.id != found.id]
    if others:
        lines.append("also considered: " + ", ".join(map(_considered, others)))
    return name, "\n".join(lines)


def _considered(row: Considered) -> str:
    inactive = ", INACTIVE" if not row.is_active else ""
    return f"{literal(row.name)} (id {row.id}, {row.rule}{inactive})"


def _findings(issues: Iterable[Finding]) -> RenderableType:
    return _table(
        ((issue.code.replace("_", " "), _cut(issue.message)) for issue in issues), first_style="yellow"
    )


def _database(found: InDatabase) -> Iterator[RenderableType]:
    plans = {(record.table, record.record_id): record for record in found.plan or ()}
    if not found.rows:
        yield _heading("In the CMS", f"{literal(found.name)} has no row of it")
    for row in found.rows:
        yield from _row(row, plans.get((row.table, row.id)), is_planned=found.plan is not None)
    others = [record for record in found.plan or () if not _is_of(record, found.rows)]
    if others:
        yield _heading("A sync would")
        yield _table((record.action, _planned(record)) for record in others)
    yield from _history(found)


def _is_of(record: RecordChange, rows: Iterable[CmsRow]) -> bool:
    return any((record.table, record.record_id) == (row.table, row.id) for row in rows)


def _planned(record: RecordChange) -> str:
    reason = f": {record.message}" if record.message else ""
    return f"{literal(record.unique_id or '')} in {record.table}{reason}"


def _row(row: CmsRow, plan: RecordChange | None, *, is_planned: bool) -> Iterator[RenderableType]:
    yield _heading(f"In the CMS: {row.table} {row.id}", f"unique_id {literal(row.unique_id)}")
    yield _table(_facts(row))
    changes = {change.field: change for change in plan.fields} if plan else {}
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("field", style="cyan", no_wrap=True)
    for name in ("in the CMS now", "written last by"):
        table.add_column(name, overflow="fold")
    for state in row.fields:
        table.add_row(state.field, _values(state, changes.get(state.field)), _writer(state.writer))
    yield Padding(table, (1, 0, 0, 2))
    if is_planned:
        yield Padding(_next(plan), (1, 0, 0, 2))


def _facts(row: CmsRow) -> Iterator[tuple[str, str]]:
    yield "slug", literal(row.slug or "–")
    yield "status", literal(row.status or "–")
    yield "last saved", row.updated_at or "–"
    if row.skip_sync:
        yield "skip sync", "ticked: no sync touches it"
    if row.has_base:
        yield (
            "known since",
            f"{row.first_sync_id}; last change of the source or of its row: {row.last_sync_id}",
        )
    else:
        yield "known since", "no sync of this job wrote it"
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


def _next(plan: RecordChange | None) -> Text:
    if plan is None or (plan.action == "unchanged" and not plan.fields):
        return Text("A sync of this record would change nothing.", style="green")
    reason = f": {plan.message}" if plan.message else ""
    outcome = {
        "updated": "would update it",
        "unchanged": "would leave it as it is",
        "skipped": "would skip it",
    }
    return Text(f"A sync of this record {outcome.get(plan.action, plan.action)}{reason}.", style="yellow")


def _value(value: Value) -> str:
    if value is None:
        return "–"
    if isinstance(value, Reference):
        return f"{literal(value.name or '?')} ({value.id})"
    return days(value) if value.startswith('[["') else _cut(value) or "(none)"


def _writer(writer: Writer) -> Text:
    run = f"{writer.sync_id}" if writer.sync_id else ""
    words = {
        "run": run,
        "editor": f"an editor, after {run}" if run else "an editor",
        "earlier": "there before the first sync",
        "nobody": "–",
    }
    return Text(words[writer.who], style="magenta" if writer.who == "editor" else "")


def _history(found: InDatabase) -> Iterator[RenderableType]:
    if not found.history:
        yield _heading("History", "no run changed it or had anything to say of it")
        return
    more = f"{found.runs_left_off:,} more (--limit 0 shows all)" if found.runs_left_off else ""
    yield _heading("History", more)
    for run in found.history:
        command = "" if run.command == "sync" else f"  {run.command}"
        yield Padding(
            Text.assemble((run.sync_id, "bold"), f"  {run.started_at}  {run.status}{command}"), (0, 0, 0, 2)
        )
        yield Padding(_run(run), (0, 0, 0, 2))


def _run(run: RunOfRecord) -> RenderableType:
    rows: list[tuple[str | Text, ...]] = []
    for change in run.changes:
        place = f"{literal(change['unique_id'])}, {change['record_table']} {change['record_id']}"
        rows.append((change["action"], place))
        if change["action"] == "updated":
            before, after = change["before"], change["after"]
            rows += [
                ("", f"{name}: {_value(before.get(name))} → {_value(after[name])}") for name in sorted(after)
            ]
    rows += [(issue.code.replace("_", " "), _told(issue)) for issue in run.issues]
    return _table(rows)


def _told(issue: Finding) -> str:
    return (f"{issue.field}: " if issue.field else "") + _cut(issue.message)
