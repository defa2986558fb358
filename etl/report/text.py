"""Results as text for a terminal. Everything that comes from the feed or the database is shown literally."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl
from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from etl.report.results import Check, Extracted, Synced

_STATUS_STYLE = {"COMPLETED": "green", "PARTIAL": "yellow", "FAILED": "red", "RUNNING": "cyan"}
_STATE_STYLE = {"ok": "green", "warning": "yellow", "failed": "red"}
_ACTION_STYLE = {"created": "green", "updated": "yellow", "inactivated": "red"}
_LONGEST = 60


def console(*, stderr: bool = False) -> Console:
    """Return a console that does not break words of paths and ids apart when its output is a file or a pipe."""
    plain = Console(stderr=stderr, highlight=False)
    return plain if plain.is_terminal else Console(stderr=stderr, highlight=False, width=160, no_color=True)


def _number(value: int | None) -> str:
    return "–" if value is None else f"{value:,}"


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f} s" if value < 120 else f"{value / 60:.1f} min"


def _short(value: object) -> str:
    text = "–" if value is None else str(value).replace("\n", "⏎")
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _figures(title: str, rows: Iterable[tuple[str, int, str]]) -> Table:
    table = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=None,
        padding=(0, 2, 0, 0),
        show_header=False,
    )
    table.add_column(justify="left")
    table.add_column(justify="right")
    table.add_column(style="dim")
    for name, value, meaning in rows:
        table.add_row(name, Text(f"{value:,}", style="bold" if value else "dim"), meaning)
    return table


def show_extracted(result: Extracted) -> RenderableType:
    """Return what an extraction made."""
    lines = [f"[bold]{result.records:,}[/] records on {result.pages:,} pages in {escape(result.snapshot)}"]
    if result.retries:
        lines.append(f"retries: {_pairs(result.retries)}")
    if result.unknown_fields:
        lines.append(
            f"[yellow]unknown fields, kept in the snapshot:[/] {escape(_pairs(result.unknown_fields))}"
        )
    lines += [f"[yellow]incomplete:[/] {escape(problem)}" for problem in result.problems]
    return Group(*(Text.from_markup(line) for line in lines))


def _pairs(counts: Mapping[str, int]) -> str:
    return ", ".join(
        f"{name} {count:,}" for name, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    )


def show_synced(result: Synced) -> RenderableType:
    """Return the summary at the end of a sync."""
    counts = result.counts
    style = _STATUS_STYLE[result.status]
    title = f"[{style}]{result.status}[/]  {escape(result.sync_id)}  in {_seconds(result.seconds['total'])}"
    rows = [
        ("fetched", result.extracted.records, f"records of the source, {escape(result.extracted.snapshot)}"),
        ("created", counts.created, "new rows, INACTIVE until an editor reviews them"),
        ("updated", counts.updated, "rows with a changed field"),
        ("unchanged", counts.unchanged, "rows that were not written"),
        ("skipped", counts.skipped, "rows with skip sync, or deleted by an editor"),
        ("rejected", counts.rejected, "records that were not loaded"),
        ("duplicates", counts.duplicates, "records that came more than once"),
        (
            "missing",
            counts.missing,
            f"rows whose record left the source; {counts.inactivated:,} set INACTIVE",
        ),
        ("kept", counts.kept, "fields in which an editor's value was kept"),
        ("conflicts", counts.conflicts, "fields that the source and an editor both changed"),
        (
            "unmapped",
            counts.unmapped_floors + counts.unmapped_categories,
            "floor and category labels that fit nothing",
        ),
    ]
    table = _figures(title, rows)
    hints = [f"Look closer: etl runs {result.sync_id}"] if result.issues else []
    return Group(table, *(Text(f"\n{hint}", style="dim") for hint in hints))


def show_checks(checks: Iterable[Check]) -> RenderableType:
    """Return what `etl check` found."""
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for check in checks:
        table.add_row(Text(check.state, style=_STATE_STYLE[check.state]), check.name, Text(check.message))
    return table


def show_runs(runs: pl.DataFrame) -> RenderableType:
    """Return the list of runs, newest first."""
    if runs.is_empty():
        return Text("No run yet. `etl sync` makes the first.")
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("run")
    table.add_column("status")
    for name in (
        "took",
        "fetched",
        "created",
        "updated",
        "unchanged",
        "rejected",
        "missing",
        "conflicts",
        "unmapped",
    ):
        table.add_column(name, justify="right")
    for run in runs.iter_rows(named=True):
        unmapped = (
            None if run["unmapped_floors"] is None else run["unmapped_floors"] + run["unmapped_categories"]
        )
        figures = [
            run[f"records_{name}"]
            for name in ("fetched", "created", "updated", "unchanged", "rejected", "missing")
        ]
        table.add_row(
            run["sync_id"],
            Text(run["status"], style=_STATUS_STYLE[run["status"]]),
            _seconds(run["duration_seconds"]),
            *(_number(figure) for figure in (*figures, run["conflicts"], unmapped)),
        )
    return table


def show_run(
    run: Mapping[str, Any], issues: pl.DataFrame, changes: pl.DataFrame, *, limit: int
) -> RenderableType:
    """Return one run with its findings and its changes, field by field."""
    parts: list[RenderableType] = [_run_head(run)]
    if run["records_fetched"] is not None:
        names = (
            "fetched",
            "processed",
            "created",
            "updated",
            "unchanged",
            "skipped",
            "rejected",
            "duplicate",
            "missing",
        )
        parts.append(_figures("\nRecords", [(name, run[f"records_{name}"], "") for name in names]))
    if issues.height:
        parts += [Text(f"\nFindings{_more(issues.height, limit)}", style="bold"), _issues(issues)]
    if changes.height:
        parts += [Text(f"\nChanges{_more(changes.height, limit)}", style="bold"), _changes(changes)]
    return Group(*parts)


def _more(height: int, limit: int) -> str:
    return f" (the first {limit:,}; --limit shows more)" if height >= limit else f" ({height:,})"


def _run_head(run: Mapping[str, Any]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(style="dim")
    table.add_column()
    table.add_row("run", Text(run["sync_id"], style="bold"))
    table.add_row("status", Text(run["status"], style=_STATUS_STYLE[run["status"]]))
    table.add_row(
        "started", f"{run['started_at']:%Y-%m-%d %H:%M:%S} UTC, took {_seconds(run['duration_seconds'])}"
    )
    for name, value in (
        ("source", run["external_api_url"]),
        ("snapshot", run["snapshot"]),
        ("version", run["version"]),
        ("error", run["error"]),
        ("options", _json_pairs(run["options"])),
        ("repairs", _json_pairs(run["repairs"])),
        ("rules", _json_pairs(run["rules"])),
        ("performance", _json_pairs(run["performance"])),
    ):
        if value:
            table.add_row(name, Text(str(value)))
    return table


def _json_pairs(text: str) -> str:
    return ", ".join(
        f"{name} {_plain(value)}" for name, value in json.loads(text).items() if value not in ({}, None)
    )


def _plain(value: object) -> str:
    return (
        "(" + ", ".join(f"{k} {_plain(v)}" for k, v in value.items()) + ")"
        if isinstance(value, dict)
        else str(value)
    )


def _issues(issues: pl.DataFrame) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("record", "severity", "code", "message", "value"):
        table.add_column(name, no_wrap=name != "message")
    for row in issues.iter_rows(named=True):
        style = "red" if row["severity"] == "error" else "yellow"
        table.add_row(
            Text(row["unique_id"] or "–"), Text(row["severity"], style=style), row["code"],
            Text(row["message"]), Text(_short(row["value"])),
        )  # fmt: skip
    return table


def _changes(changes: pl.DataFrame) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("record", "row", "action", "field", "before", "after"):
        table.add_column(name, no_wrap=name in {"record", "row", "action", "field"})
    for row in changes.iter_rows(named=True):
        head = (Text(row["unique_id"]), f"{row['record_table']} {row['record_id']}",
                Text(row["action"], style=_ACTION_STYLE[row["action"]]))  # fmt: skip
        for field, before, after in _fields_of(row):
            table.add_row(*head, field, Text(_short(before)), Text(_short(after)))
            head = (Text(""), "", Text(""))
    return table


def _fields_of(change: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    before, after = json.loads(change["before"]), json.loads(change["after"])
    if change["action"] == "created":
        return [("title", None, after.get("title_en") or after.get("title_th"))]
    conflicts = json.loads(change["conflicts"] or "{}")
    return [
        (f"{name} (conflict)" if name in conflicts else name, before.get(name), after[name])
        for name in sorted(after)
    ]
