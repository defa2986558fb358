"""Results as text for a terminal. Everything that comes from the feed or the database is shown literally."""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table

from etl.contract.counters import COUNTERS
from etl.contract.findings import CODES
from etl.contract.source_names import label_of
from etl.errors import EtlError
from etl.model.results import Check, ExtractResult, SyncResult
from etl.report.diff_meaning import literal
from etl.report.page import Console, Text

_Result = TypeVar("_Result")

STATUS_STYLE = {"COMPLETED": "green", "PARTIAL": "yellow", "FAILED": "red", "RUNNING": "cyan"}
_SUMMARY = (
    "fetched", "created", "updated", "unchanged", "skipped", "rejected", "duplicates", "missing", "kept", "conflicts",
)  # fmt: skip
_PLAIN_WIDTH = 160
_STATE_STYLE = {"ok": "green", "warning": "yellow", "failed": "red"}


def console() -> Console:
    """Return a console for standard output; off a terminal without colours, and wide."""
    plain = Console()
    return plain if plain.is_terminal else Console(width=_PLAIN_WIDTH, no_color=True)


def show(renderable: RenderableType) -> None:
    """Print text for people; off a terminal, lines have no spaces at their end."""
    target, whole = console(), Group(renderable)  # print() itself would join a bare Text to one that wraps
    if target.is_terminal:
        target.print(whole, crop=False)
        return
    with target.capture() as capture:
        target.print(whole, crop=False)
    sys.stdout.write("".join(f"{line.rstrip()}\n" for line in capture.get().splitlines()))
    sys.stdout.flush()


def seconds(value: float | None) -> str:
    """Return a duration to read: `1.5 s`, `3.2 min`."""
    return "–" if value is None else f"{value:.1f} s" if value < 120 else f"{value / 60:.1f} min"


def whole_line(*parts: str | tuple[str, str]) -> Text:
    """Return a line that keeps its paths and commands in one piece, however narrow the terminal; for copying."""
    return Text.assemble(*parts, no_wrap=True, overflow="ignore")


def heading(name: str) -> Text:
    """Return a line above what belongs to a name."""
    return Text(name, style="bold")


def plain_table(**options: Any) -> Table:  # noqa: ANN401 — as rich has them
    """Return a table without lines."""
    return Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, **options)


def figures(title: str | Text, rows: Iterable[tuple[str, int, str]]) -> Table:
    """Return figures below each other: name, number, meaning."""
    table = plain_table(title=title, title_justify="left", title_style="bold", show_header=False)
    table.add_column(justify="left")
    table.add_column(justify="right")
    table.add_column(style="dim")
    for name, value, meaning in rows:
        table.add_row(name, Text(f"{value:,}", style="bold" if value else "dim"), meaning)
    return table


def show_extracted(result: ExtractResult) -> RenderableType:
    """Return what an extraction made."""
    source = f"records on {result.pages:,} pages" if result.pages else "records"
    lines = [whole_line((f"{result.records:,}", "bold"), f" {source}, now in {result.snapshot}")]
    if result.retries:
        lines.append(Text(f"retries: {_pairs(result.retries)}"))
    for what, fields in (
        ("unknown fields", result.unknown_fields),
        ("fields that hold no text", result.not_text),
    ):
        if fields:
            lines.append(Text.assemble((f"{what}, kept in the snapshot: ", "yellow"), _pairs(fields)))
    lines += [Text.assemble(("incomplete: ", "yellow"), literal(problem)) for problem in result.problems]
    return Group(*lines)


def _pairs(counts: Mapping[str, int]) -> str:
    return ", ".join(
        f"{literal(name)} {count:,}"
        for name, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    )


def show_synced(result: SyncResult, *, is_hinted: bool = True) -> RenderableType:
    """Return the summary at the end of a sync; where hinted, with the command that shows more."""
    counts = result.counts
    unmapped = counts.unmapped_floors + counts.unmapped_categories
    title = Text.assemble(
        (result.status, STATUS_STYLE[result.status]),
        f"  {result.sync_id}  in {seconds(result.seconds['total'])}",
    )
    values = {"fetched": result.extracted.records, **vars(counts)}
    rows = {name: (name, values[name], COUNTERS[name].meaning) for name in _SUMMARY}
    if counts.inactivated:
        more = f"; {counts.inactivated:,} set INACTIVE"
        rows["missing"] = ("missing", counts.missing, COUNTERS["missing"].meaning + more)
    unmapped = counts.unmapped_floors + counts.unmapped_categories
    rows["unmapped"] = ("unmapped", unmapped, "records whose floor or category fits nothing")
    parts: list[RenderableType] = [figures(title, rows.values())]
    parts += [
        Text.assemble(("incomplete: ", "yellow"), literal(problem)) for problem in result.extracted.problems
    ]
    parts.append(whole_line(("snapshot    ", ""), (result.extracted.snapshot, "dim")))
    if is_hinted and any(CODES[code].severity != "info" for code in result.issues):
        parts.append(whole_line((f"look closer: etl runs {result.sync_id}", "dim")))
    return Group(*parts)


def show_checks(checks: Iterable[Check]) -> RenderableType:
    """Return what `etl check` found."""
    table = plain_table(show_header=False)
    for check in checks:
        table.add_row(Text(check.state, style=_STATE_STYLE[check.state]), check.name, Text(check.message))
    return table


def show_outcomes(
    outcomes: Sequence[tuple[str, _Result | None, EtlError | None]],
    show_one: Callable[[_Result], RenderableType],
) -> RenderableType:
    """Return each source's name with its result, or with why it failed; for an only one its result.

    An outcome is a source's name, its result and its error; one of the two is None.
    """
    if len(outcomes) == 1 and outcomes[0][1] is not None:
        return show_one(outcomes[0][1])
    parts: list[RenderableType] = []
    for name, result, error in outcomes:
        parts.append(heading(label_of(name)))
        shown = Text.assemble(("FAILED  ", "red"), str(error)) if result is None else show_one(result)
        parts.append(Padding(shown, (0, 0, 1, 2)))
    failed = [label_of(name) for name, result, _ in outcomes if result is None]
    done = f"{len(outcomes) - len(failed)} of {len(outcomes)} sources are done"
    parts.append(Text(f"{done}; {', '.join(failed)} failed." if failed else f"{done}."))
    return Group(*parts)
