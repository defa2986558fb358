"""A move as text, for terminals of 80 columns and more. Whatever comes from the feed or the CMS is shown literally."""

from collections.abc import Iterator

from rich.console import Group, RenderableType

from etl.move.model import Move, MovedField, MovedRow
from etl.report import layout
from etl.report.diff_meaning import literal
from etl.report.page import Text
from etl.report.text import STATUS_STYLE, seconds, whole_line


def show_move(result: Move) -> RenderableType:
    """Return a move: each row with what changes, what it takes along and what it can't."""
    parts: list[RenderableType] = [_head(result)]
    parts += [Text(f"! {literal(finding.message)}", style="yellow") for finding in result.findings]
    for row in result.rows:
        parts += [Text(), *_row(result, row)]
    parts.append(_last_line(result))
    return Group(*parts)


def _head(result: Move) -> Text:
    head = Text()
    if result.sync_id is not None:
        took = seconds((result.seconds or {}).get("total"))
        head = Text.assemble(("COMPLETED", STATUS_STYLE["COMPLETED"]), f"  {result.sync_id}  in {took}\n")
    return head.append_text(
        Text.assemble(
            "Move ",
            (literal(result.record), "bold"),
            f" from {result.from_table} to {result.to_table}\nin   ",
            (literal(result.database), "bold"),
        )
    )


def _row(result: Move, row: MovedRow) -> Iterator[RenderableType]:
    yield _line(result, row)
    changed = [(each.field, _change(each)) for each in row.fields if each.before != each.after]
    old: list[tuple[str, RenderableType]] = [(f"{row.from_table} {row.from_id}", _old_row(result, row))]
    yield layout.Labelled([*old, *changed], indent=4, gap=2)
    yield Text("    and goes along as it is:", style="dim")
    same = [(each.field, layout.value_text(each.before)) for each in row.fields if each.before == each.after]
    yield layout.Labelled([(name, Text(layout.cut(value))) for name, value in same], indent=4, gap=2)


def _line(result: Move, row: MovedRow) -> Text:
    new = f"a new row of {row.to_table}" if row.to_id is None else f"{row.to_table} {row.to_id}"
    line = layout.record_line(row.unique_id, f"{row.from_table} {row.from_id}", None, result.old_url(row))
    line.append(" → ", "not bold dim").append(new, layout.linked("not bold dim", result.new_url(row)))
    return line.append(f"  {literal(row.title)}", "not bold") if row.title else line


def _old_row(result: Move, row: MovedRow) -> Text:
    if result.is_deleting:
        return Text("deleted, with its texts, links and hours", style="red")
    if row.status == "INACTIVE":
        return Text("stays INACTIVE")
    return Text.assemble("status ", (row.status or "–", "red"), " → ", ("INACTIVE", "green"))


def _change(field: MovedField) -> Text:
    before, after = (layout.cut(layout.value_text(value)) for value in (field.before, field.after))
    return Text.assemble((before, "red"), " → ", (after, "green"))


def _last_line(result: Move) -> Text:
    if result.sync_id is not None:
        return whole_line(
            (f"\nlook closer: etl runs {result.sync_id}; undo: etl rollback {result.sync_id}", "dim")
        )
    delete = " --delete" if result.is_deleting else ""
    return whole_line(("\nNothing was written. To do it: ", "dim"), f"etl move {result.record} --yes{delete}")
