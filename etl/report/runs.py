"""The audit trail as text: the list of runs, and one run with its findings and changes."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.style import Style
from rich.table import Table

from etl.contract.counters import COUNTERS
from etl.model.panel import NO_PANEL, Panel
from etl.report.diff_meaning import hidden_findings, literal
from etl.report.layout import linked
from etl.report.page import Text
from etl.report.text import STATUS_STYLE, figures, plain_table, seconds
from etl.runs.log import done_by_hand

_ACTION_STYLE = {
    "created": "green",
    "updated": "yellow",
    "inactivated": "red",
    "deleted": "red",
    "restored": "green",
}
_WHOLE = frozenset({"created", "deleted", "restored"})
"""Actions on whole rows, whose title says enough."""

_SEVERITY_STYLE = {"error": "red", "warning": "yellow", "info": "cyan"}
_LONGEST = 120
_INDENT = (0, 0, 0, 4)
_LISTED = ("created", "updated", "unchanged", "skipped", "rejected", "missing", "kept", "conflicts")
_OF_RECORDS = (
    "fetched", "processed", "created", "updated", "unchanged", "skipped", "rejected", "duplicates", "missing",
)  # fmt: skip


def show_runs(runs: pl.DataFrame) -> RenderableType:
    """Return the list of runs, newest first."""
    if runs.is_empty():
        return Text("No run yet. `etl sync` makes the first.")
    table = plain_table(header_style="bold")
    table.add_column("run", no_wrap=True)
    has_source = any(runs["source"])
    if has_source:
        table.add_column("source", no_wrap=True)
    table.add_column("status", no_wrap=True)
    table.add_column("took", justify="right", no_wrap=True)
    table.add_column("what happened")
    for run in runs.iter_rows(named=True):
        status = Text(run["status"], style=STATUS_STYLE[run["status"]])
        source = [run["source"] or "–"] if has_source else []
        took = seconds(run["duration_seconds"])
        table.add_row(run["sync_id"], *source, status, took, Text(_what_happened(run)))
    return table


def _what_happened(run: Mapping[str, Any]) -> str:
    """Return the reason of a failure, else the figures that are not 0."""
    by_hand = done_by_hand(
        run, {"of": run.get("rolled_back"), "moved": run.get("moved"), "to": run.get("moved_to")}
    )
    if by_hand:
        return literal(by_hand)
    if run["records_fetched"] is None:
        return _short(run["error"]) if run["error"] else "not done yet"
    counts = {name: run[COUNTERS[name].column] for name in _LISTED}
    counts["unmapped"] = (run["unmapped_floors"] or 0) + (run["unmapped_categories"] or 0)
    listed = ", ".join(f"{value:,} {name}" for name, value in counts.items() if value)
    return f"{run['records_fetched']:,} fetched{': ' if listed else ''}{listed}"


def _short(value: object) -> str:
    text = "–" if value is None else literal(str(value)) or "(blank)"
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def show_run(  # noqa: PLR0913 — a run, and how it is shown, given by name
    run: Mapping[str, Any],
    issues: pl.DataFrame,
    changes: pl.DataFrame,
    *,
    limit: int,
    hidden: int = 0,
    panel: Panel = NO_PANEL,
) -> RenderableType:
    """Return one run with its findings and its changes, field by field; `hidden` are findings left out as info."""
    parts: list[RenderableType] = [_head(run)]
    by_hand = done_by_hand(run, json.loads(run["options"]))
    if by_hand:
        parts.append(Text(f"\n{literal(by_hand)}"))
    if run["records_fetched"] is not None:
        columns = [COUNTERS[name].column for name in _OF_RECORDS]
        rows = [(column.removeprefix("records_"), run[column], "") for column in columns]
        parts.append(figures("\nRecords", rows))
    if issues.height:
        parts += [Text(f"\nFindings{_more(issues.height, limit)}", style="bold"), *_issues(issues, panel)]
    if hidden:
        parts.append(Text(f"\n{hidden_findings(hidden)}", style="dim"))
    if changes.height:
        parts += [Text(f"\nChanges{_more(changes.height, limit)}", style="bold"), *_changes(changes, panel)]
    return Group(*parts)


def _more(height: int, limit: int) -> str:
    return f" (the first {limit:,}; --limit shows more)" if height >= limit else f" ({height:,})"


def _head(run: Mapping[str, Any]) -> Table:
    table = plain_table(show_header=False)
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    table.add_row("run", Text(run["sync_id"], style="bold"))
    table.add_row("status", Text(run["status"], style=STATUS_STYLE[run["status"]]))
    took = "" if run["duration_seconds"] is None else f", took {seconds(run['duration_seconds'])}"
    table.add_row("started", f"{run['started_at']:%Y-%m-%d %H:%M:%S} UTC{took}")
    for name, value in (
        ("source", " ".join(filter(None, (run["source"], run["external_api_url"])))),
        *((name, run[name]) for name in ("snapshot", "version", "error")),
        *((name, _json_pairs(run[name])) for name in ("options", "repairs", "rules", "performance")),
        ("removed", _removed(run)),
    ):
        if value:
            table.add_row(name, Text(str(value)))
    return table


def _removed(run: Mapping[str, Any]) -> str:
    at = run["details_removed_at"]
    return f"its findings and changes, on {at:%Y-%m-%d}: they were older than CHANGES_KEEP_DAYS" if at else ""


def _json_pairs(text: str) -> str:
    return ", ".join(
        f"{name} {_plain(value)}"
        for name, value in sorted(json.loads(text).items())
        if value not in ({}, None, 0)
    )


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return "(" + ", ".join(f"{name} {_plain(part)}" for name, part in value.items()) + ")"
    if isinstance(value, list):
        return "; ".join(str(part) for part in value)
    return str(value)


def _issues(issues: pl.DataFrame, panel: Panel) -> Iterator[RenderableType]:
    for row in issues.iter_rows(named=True):
        style = _SEVERITY_STYLE[row["severity"]]
        head = Text.assemble(
            (literal(row["unique_id"] or "the feed"), "bold"),
            (f"  {literal(row['title'])}" if row["title"] else ""),
            *_place(row, panel),
            "  ",
            (f"{row['severity']} {row['code']}", style),
        )
        if row["value"]:
            head.append(f"  {_short(row['value'])}")
        yield head
        yield Padding(Text(row["message"], style="dim"), _INDENT)


def _place(row: Mapping[str, Any], panel: Panel) -> Iterator[tuple[str, str | Style]]:
    if row["record_id"]:
        url = panel.document(row["record_table"], row["record_id"])
        yield " (", "dim"
        yield f"{row['record_table']} {row['record_id']}", linked("dim", url)
        yield ")", "dim"


def _changes(changes: pl.DataFrame, panel: Panel) -> Iterator[RenderableType]:
    for row in changes.iter_rows(named=True):
        before, after = json.loads(row["before"]), json.loads(row["after"])
        action = (row["action"], _ACTION_STYLE[row["action"]])
        url = None if row["action"] == "deleted" else panel.document(row["record_table"], row["record_id"])
        place = (f"{row['record_table']} {row['record_id']}", linked("", url))
        head = Text.assemble((literal(row["unique_id"]), "bold"), "  ", action, "  ", place)
        if row["action"] in _WHOLE:
            values = after or before
            yield head.append(f"  {_short(values.get('title_en') or values.get('title_th'))}")
            continue
        yield head
        yield Padding(_fields(before, after, json.loads(row["conflicts"] or "{}")), _INDENT)


def _fields(before: Mapping[str, Any], after: Mapping[str, Any], conflicts: Mapping[str, Any]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column()
    for name in sorted(after):
        change = Text.assemble(_short(before.get(name)), (" → ", "bold"), _short(after[name]))
        table.add_row(Text(f"{name} (conflict)" if name in conflicts else name), change)
    return table
