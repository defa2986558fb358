"""What became of each source of a run, as text."""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding

from etl.contract.source_names import label_of
from etl.model.results import SourceResult
from etl.report.page import Text

STATUS_STYLE = {"COMPLETED": "green", "PARTIAL": "yellow", "FAILED": "red", "RUNNING": "cyan"}


_TOLD = ("created", "updated", "unchanged", "skipped", "rejected", "missing")


def as_row(source: SourceResult) -> dict[str, Any]:
    """Return a source as `etl runs` has it from etl.sync_sources."""
    return {
        "source": source.name,
        "status": source.status,
        "snapshot": source.snapshot,
        "records_fetched": source.records,
        "error": source.error,
        **{f"records_{name}": source.counts.get(name) for name in _TOLD},
    }


def show_sources(rows: Iterable[Mapping[str, Any]]) -> RenderableType:
    """Return each source with its figures; below it why it failed, and where its snapshot is."""
    parts: list[RenderableType] = []
    for row in rows:
        head = Text.assemble(
            (label_of(row["source"]), "bold"), "  ", (row["status"], STATUS_STYLE[row["status"]])
        )
        parts.append(head.append(f"  {_figures(row)}") if row["records_fetched"] is not None else head)
        if row["error"]:
            parts.append(Padding(Text(row["error"], style="dim"), (0, 0, 0, 4)))
        if row["snapshot"]:
            # in one piece, however narrow the terminal; for copying
            parts.append(Text(f"    {row['snapshot']}", style="dim", no_wrap=True, overflow="ignore"))
    return Group(*parts)


def _figures(row: Mapping[str, Any]) -> str:
    counts = ((row[f"records_{name}"], name) for name in _TOLD)
    told = ", ".join(f"{count:,} {name}" for count, name in counts if count)
    return f"{row['records_fetched']:,} fetched{': ' if told else ''}{told}"
