"""A rollback as text, for terminals of 80 columns and more. Whatever comes from the feed or the CMS is shown literally."""

from collections.abc import Iterable, Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table

from etl.compare.model import Value
from etl.compare.word_diff import common_start
from etl.contract.tenant import KINDS
from etl.report import layout
from etl.report.diff_meaning import literal
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
_FIELDS = {
    "back": "are put back",
    "stays": "stay: they were changed since",
    "same": "are as before already",
}


def show_rollback(result: Rollback) -> RenderableType:
    """Return a rollback: totals, then rows by outcome, field by field, with what stays and why."""
    if not result.totals.changes:
        return Text(f"Run {result.run.sync_id} changed no row of the CMS: there is nothing to roll back.")
    parts: list[RenderableType] = [_head(result), _totals(result)]
    parts += [Text(f"! {note}", style="yellow") for note in result.notes]
    for outcome in OUTCOMES:
        records = [record for record in result.records if record.outcome == outcome]
        if records:
            left_off = (result.left_off or {}).get(outcome, 0)
            parts.append(layout.heading(_name(outcome), _STYLES[outcome], len(records), left_off))
            parts += _records(result, records)
    parts += _last_lines(result)
    return Group(*parts)


def _head(result: Rollback) -> Text:
    run = result.run
    again = ", so this does the rolled-back run again" if run.command == "rollback" else ""
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
            f" of {run.started_at:%Y-%m-%d %H:%M:%S} UTC, a {run.command}{again}\nin        ",
            (literal(result.database), "bold"),
            "\n",
        )
    )


def _totals(result: Rollback) -> Table:
    totals = result.totals
    rows: list[tuple[str, str, list[str], int, str]] = []
    for outcome, meaning in OUTCOMES.items():
        figures = [f"{totals.records[outcome][kind]:,}" for kind in KINDS]
        rows.append((_name(outcome), _STYLES[outcome], figures, totals.of(outcome), meaning))
    for verdict, meaning in _FIELDS.items():
        name = "fields" if verdict == "back" else ""
        rows.append((name, "", [""] * len(KINDS), totals.fields[verdict], meaning))
    return layout.totals_table("rows", rows)


def _name(outcome: str) -> str:
    return outcome.replace("_", " ")


def _records(result: Rollback, records: Iterable[RolledRecord]) -> Iterator[RenderableType]:
    for record in records:
        place = f"{record.table} {record.record_id}"
        yield layout.record_line(record.unique_id, place, record.title, result.url_of(record))
        if record.message:
            yield Padding(Text(literal(record.message), style="dim"), (0, 0, 0, 4))
        fields = [field for field in record.fields if field.verdict not in {"deleted", "restored"}]
        if fields:
            is_new = record.was in {"created", "restored"}
            rows = [(field.field, _content(field, is_new=is_new)) for field in fields]
            yield layout.Labelled(rows, indent=4, gap=2)


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
        return Text.assemble(layout.value_text(field.now), ("  (as before already)", "dim"))
    target = field.written if field.verdict == "inactivated" else field.before
    now, then = layout.value_text(field.now), layout.value_text(target)
    if len(now) <= layout.SHORT >= len(then):
        return Text.assemble((now, "red"), " → ", (then, "green"))
    return _values([("−", field.now), ("+", target)])


def _values(rows: list[tuple[str, Value]]) -> layout.Labelled:
    shown = [layout.value_text(value) for _, value in rows]
    start = min(common_start(text, shown[-1]) for text in shown[:-1])
    return layout.Labelled(
        [(label, Text(layout.cut(text, start))) for (label, _), text in zip(rows, shown, strict=True)]
    )


def _last_lines(result: Rollback) -> list[RenderableType]:
    if result.sync_id is not None:
        return [whole_line((f"\nlook closer: etl runs {result.sync_id}", "dim"))]
    if not result.totals.written:
        return [Text("\nA rollback would write nothing.", style="green")]
    return [
        whole_line(("\nNothing was written. To do it: ", "dim"), f"etl rollback {result.run.sync_id} --yes")
    ]
