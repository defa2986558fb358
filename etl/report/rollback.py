"""A rollback as text, for terminals of 80 columns and more. Whatever comes from the feed or the CMS is shown literally."""

from collections.abc import Iterable, Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table

from etl.compare.model import Reference, Value
from etl.contract.tenant import KINDS
from etl.report.diff_meaning import days, literal
from etl.report.page import Text
from etl.report.text import STATUS_STYLE, seconds, whole_line
from etl.rollback.model import OUTCOMES, Rollback, RolledField, RolledRecord

_STYLES = {
    "put_back": "yellow",
    "restored": "green",
    "deleted": "red",
    "inactivated": "magenta",
    "stays": "cyan",
    "already": "",
}
_SHORT = 44
_LONGEST = 160
_LEAD = 24


def show_rollback(result: Rollback) -> RenderableType:
    """Return a rollback: totals, then rows by outcome, field by field, with what stays and why."""
    if not result.totals.changes:
        return Text(f"Run {result.run.sync_id} changed no row of the CMS: there is nothing to roll back.")
    parts: list[RenderableType] = [_head(result), _totals(result)]
    parts += [Text(f"! {note}", style="yellow") for note in result.notes]
    for outcome in OUTCOMES:
        records = [record for record in result.records if record.outcome == outcome]
        if records:
            parts.append(_heading(outcome, len(records), (result.left_off or {}).get(outcome, 0)))
            parts += _records(records)
    parts += _last_lines(result)
    return Group(*parts)


def _head(result: Rollback) -> Text:
    run = result.run
    what = "sync" if run.command == "sync" else "rollback, so this does the rolled-back run again"
    head = Text()
    if result.sync_id is not None:
        took = seconds((result.seconds or {}).get("total"))
        head = Text.assemble(
            (result.totals.status, STATUS_STYLE[result.totals.status]), f"  {result.sync_id}  in {took}\n"
        )
    return head.append_text(
        Text.assemble(
            "Roll back ",
            (run.sync_id, "bold"),
            f" of {run.started_at:%Y-%m-%d %H:%M:%S} UTC, a {what}\nin        ",
            (literal(result.database), "bold"),
            "\n",
        )
    )


def _totals(result: Rollback) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("rows")
    for heading in (*KINDS, "total"):
        table.add_column(heading, justify="right")
    table.add_column("")
    totals = result.totals
    for outcome, meaning in OUTCOMES.items():
        total = totals.of(outcome)
        figures = [f"{totals.records[outcome][kind]:,}" for kind in KINDS]
        style = "" if total else "dim"
        label = Text(_name(outcome), style=_STYLES[outcome] if total else "dim")
        table.add_row(label, *figures, f"{total:,}", Text(meaning, style="dim"), style=style)
    meanings = {
        "back": "are put back",
        "stays": "stay: they were changed since",
        "same": "are as before already",
    }
    for verdict, words in meanings.items():
        count = totals.fields[verdict]
        name = "fields" if verdict == "back" else ""
        table.add_row(name, "", "", f"{count:,}", Text(words, style="dim"), style="" if count else "dim")
    return table


def _name(outcome: str) -> str:
    return outcome.replace("_", " ")


def _heading(outcome: str, shown: int, left_off: int) -> Text:
    more = f", {left_off:,} more (--limit 0 shows all)" if left_off else ""
    style = f"bold {_STYLES[outcome]}".strip()
    return Text.assemble("\n", (_name(outcome), style), (f"  {shown:,} shown{more}", "dim"))


def _records(records: Iterable[RolledRecord]) -> Iterator[RenderableType]:
    for record in records:
        yield _line(record)
        if record.message:
            yield Padding(Text(literal(record.message), style="dim"), (0, 0, 0, 4))
        fields = [field for field in record.fields if field.verdict not in {"deleted", "restored"}]
        if fields:
            yield Padding(_fields(fields, record), (0, 0, 0, 4))


def _line(record: RolledRecord) -> Text:
    line = Text(f"  {literal(record.unique_id)}", style="bold")
    line.append(f"  {record.table} {record.record_id}", style="not bold dim")
    if record.title:
        line.append(f"  {literal(record.title)}", style="not bold")
    return line


def _fields(fields: Iterable[RolledField], record: RolledRecord) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    for field in fields:
        table.add_row(field.field, _content(field, is_new=record.was in {"created", "restored"}))
    return table


def _content(field: RolledField, *, is_new: bool) -> RenderableType:
    if field.verdict == "stays" and is_new:
        title = Text(literal(field.message or ""), style=_STYLES["stays"])
        return Group(title, _values([("  run", field.written), ("  now", field.now)]))
    if field.verdict == "stays":
        title = Text(f"stays: {literal(field.message or '')}", style=_STYLES["stays"])
        return Group(
            title, _values([("  before", field.before), ("  run", field.written), ("  now", field.now)])
        )
    if field.verdict == "same":
        return Text.assemble(_shown(field.now), ("  (as before already)", "dim"))
    target = field.written if field.verdict == "inactivated" else field.before
    now, then = _shown(field.now), _shown(target)
    if len(now) <= _SHORT >= len(then):
        return Text.assemble((now, "red"), " → ", (then, "green"))
    return _values([("−", field.now), ("+", target)])


def _values(rows: list[tuple[str, Value]]) -> Table:
    shown = [_shown(value) for _, value in rows]
    start = min(_first_difference(text, shown[-1]) for text in shown[:-1])
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    for (label, _), text in zip(rows, shown, strict=True):
        table.add_row(label, _cut(text, start))
    return table


def _first_difference(one: str, other: str) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))


def _cut(text: str, place: int) -> Text:
    start = max(0, place - _LEAD) if len(text) > _LONGEST else 0
    end = start + _LONGEST
    return Text(("…" if start else "") + text[start:end] + ("…" if end < len(text) else ""))


def _shown(value: Value) -> str:
    if value is None:
        return "–"
    if isinstance(value, Reference):
        return f"{literal(value.name)} ({value.id})" if value.name else f"id {value.id}"
    return days(value) if value.startswith('[["') else literal(value) or "(none)"


def _last_lines(result: Rollback) -> list[RenderableType]:
    if result.sync_id is not None:
        return [whole_line((f"\nlook closer: etl runs {result.sync_id}", "dim"))]
    if not result.totals.written:
        return [Text("\nA rollback would write nothing.", style="green")]
    return [
        whole_line(("\nNothing was written. To do it: ", "dim"), f"etl rollback {result.run.sync_id} --yes")
    ]
