"""What became of the mutants: the survivors, and a table by folder."""

import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path

from tests.mutants.model import PYTHON, SQL, Mutant, Outcome


def report(outcomes: list[Outcome]) -> str:
    """Return the survivors and the table."""
    return f"{survivors(outcomes)}\n\n{table(outcomes)}\n"


def survivors(outcomes: list[Outcome]) -> str:
    """Return a line for each mutant that no test noticed, and one for each that changes nothing."""
    parts = []
    for end, title in (("survived", "Survivors"), ("not run", "In no test"), ("equivalent", "Equivalent")):
        lines = [_line(outcome) for outcome in outcomes if outcome.end == end]
        if lines:
            parts.append("\n".join([f"{title} ({len(lines)}):", *lines]))
    return "\n\n".join(parts) or "No survivors."


def _line(outcome: Outcome) -> str:
    more = f"  ({outcome.by})" if outcome.by else ""
    return f"  {outcome.mutant}{more}\n      {outcome.mutant.context[:110]}"


def table(outcomes: list[Outcome]) -> str:
    """Return a table in Markdown: for each folder and language the mutants, how they ended, and the share killed."""
    rows = [
        "| folder | mutants | killed | survived | equivalent | share killed |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for title, folders in (("Python", PYTHON), ("SQL", SQL)):
        ends = {folder: _ends(outcomes, folder) for folder in folders}
        rows += [_row(folder, ends[folder]) for folder in folders if ends[folder]]
        of_all = sum(ends.values(), Counter[str]())
        if of_all:
            rows.append(_row(f"**{title}**", of_all))
    return "\n".join(rows)


def _ends(outcomes: list[Outcome], folder: str) -> Counter[str]:
    return Counter(str(one.end) for one in outcomes if one.mutant.folder == folder)


def _row(name: str, ends: Counter[str]) -> str:
    killed, lived = ends["killed"], ends["survived"] + ends["not run"]
    share = f"{killed / (killed + lived):.0%}" if killed + lived else "–"
    return f"| {name} | {ends.total()} | {killed} | {lived} | {ends['equivalent']} | {share} |"


def save(outcomes: list[Outcome], path: Path) -> None:
    """Keep the outcomes as JSON."""
    path.write_text(
        json.dumps([asdict(outcome) for outcome in outcomes], indent=1, ensure_ascii=False), "utf-8"
    )


def read(path: Path) -> list[Outcome]:
    """Return outcomes that were kept."""
    found = json.loads(path.read_text("utf-8"))
    return [Outcome(Mutant(**one.pop("mutant")), **one) for one in found]
