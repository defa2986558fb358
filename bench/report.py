"""Puts the figures of results.json into README.md as tables, and draws chart.svg: python -m bench.report."""

import json
import re
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
CASES = ("first load", "unchanged", "1 % changed", "1 % edited", "diff", "replay")
WHO = ("etl", "limit", "limit with audit", "by hand", "dlt default", "dlt fast")
COLOURS = ("#2a6f97", "#9aa5b1", "#c5ccd3", "#e07a3f", "#7d5ba6", "#b79ed0")

Figures = dict[tuple[str, str, int], dict[str, Any]]


def main() -> None:
    """Write both."""
    saved = json.loads((FOLDER / "results.json").read_text())
    figures: Figures = {(row["who"], row["case"], row["records"]): row for row in saved["results"]}
    sizes = sorted({records for _, _, records in figures})
    readme = FOLDER / "README.md"
    text = "\n\n".join(table(figures, records) for records in sizes)
    between = re.compile("(<!-- figures -->\n).*?(<!-- /figures -->)", re.DOTALL)
    readme.write_text(between.sub(lambda found: f"{found[1]}\n{text}\n\n{found[2]}", readme.read_text()))
    (FOLDER / "chart.svg").write_text(chart(saved["results"], 100_000) + "\n")


def table(figures: Figures, records: int) -> str:
    """Return the table of one number of records; ratios are of seconds on the clock."""
    lines = [
        f"### {records:,} records",
        "",
        "| who | case | seconds | CPU | peak MB | MB sent | to the limit | to by hand |",
        "|---|---|--:|--:|--:|--:|--:|--:|",
    ]
    for who in WHO:
        for case in CASES:
            if row := figures.get((who, case, records)):
                ratios = (_ratio(figures, row, other) for other in ("limit", "by hand"))
                lines.append(
                    f"| {who} | {case} | {row['wall_s']:.2f} | {row['cpu_s']:.2f} | {row['peak_mb']:.0f} "
                    f"| {_sent(row)} | {' | '.join(ratios)} |"
                )
    return "\n".join(lines)


def _sent(row: dict[str, Any]) -> str:
    return "" if row["sent_mb"] is None else f"{row['sent_mb']:.1f}"


def _ratio(figures: Figures, row: dict[str, Any], other: str) -> str:
    # an edit by hand and a replay are held against the limit of a change and of no change
    case = {"1 % edited": "1 % changed", "replay": "unchanged", "diff": "1 % changed"}.get(
        row["case"], row["case"]
    )
    found = figures.get((other, case, row["records"]))
    return f"{row['wall_s'] / found['wall_s']:.2f}" if found and row["who"] != other else ""


def chart(rows: list[dict[str, Any]], records: int) -> str:
    """Return an SVG: seconds by case and who, with one number of records."""
    import altair  # noqa: PLC0415 — only here
    import vl_convert  # noqa: PLC0415 — likewise

    shown = [row for row in rows if row["records"] == records and row["case"] in CASES[:3]]
    bars = (
        altair.Chart(altair.InlineData(values=shown))
        .mark_bar()
        .encode(
            x=altair.X("wall_s:Q", title="seconds, whole process"),
            y=altair.Y("who:N", sort=list(WHO), title=None),
            color=altair.Color(
                "who:N", sort=list(WHO), legend=None, scale=altair.Scale(domain=WHO, range=COLOURS)
            ),
        )
        .properties(width=520, height=130)
    )
    labels = bars.mark_text(align="left", dx=4).encode(
        text=altair.Text("wall_s:Q", format=".1f"), color=altair.value("#333")
    )
    faceted = (bars + labels).facet(
        row=altair.Row("case:N", sort=list(CASES), title=None, header=altair.Header(labelOrient="top")),
        title=f"{records:,} records",
    )
    return str(vl_convert.vegalite_to_svg(faceted.to_dict()))


if __name__ == "__main__":
    main()
