"""The parts of the report beside charts and records: what was compared, totals, notes, unmapped labels, findings."""

from collections.abc import Iterable, Mapping, Sequence

from etl.compare.model import Diff, Finding, Unmapped
from etl.compare.select import Selected
from etl.contract.tenant import KINDS
from etl.model.results import Side
from etl.report.diff_meaning import LABEL_KINDS, figures, findings_by_code, hidden_findings
from etl.report.html.markup import Html, join, tag

_SIDES = {"api": "the API now", "snapshot": "snapshot", "database": "database"}


def show_head(selected: Selected) -> Html:
    """Return the title, what was compared and how, what it comes to, and the notes."""
    diff = selected.diff
    names = ("From", "Into") if diff.is_plan else ("Newer", "Older")
    facts: list[tuple[str, str]] = [(names[0], _side(diff.source)), (names[1], _side(diff.against))]
    facts += [(text, how) for text, how in (("How", _options(diff)), ("Shown", _selection(selected))) if how]
    return tag(
        "header",
        tag("p", "iconsiam-etl · diff", class_="brand"),
        tag("h1", title_of(diff)),
        tag("dl", (tag("div", tag("dt", name), tag("dd", fact)) for name, fact in facts), class_="facts"),
        tag("p", _verdict(diff), class_="verdict" if diff.has_changes else "verdict calm"),
        (tag("p", tag("strong", "Note"), " ", note, class_="note", role="note") for note in diff.notes),
    )


def title_of(diff: Diff) -> str:
    """Return what the page is about."""
    return "What a sync would change" if diff.is_plan else "What changed between two snapshots"


def _side(side: Side) -> Html:
    records = "" if side.records is None else f" · {side.records:,} records"
    return join(f"{_SIDES[side.kind]} ", tag("code", side.name), records)


def _options(diff: Diff) -> Html | None:
    options = [tag("code", f"--{name} {value}") for name, value in diff.options.items()]
    return join(option if place == 0 else join(" ", option) for place, option in enumerate(options)) or None


def _selection(selected: Selected) -> str | None:
    """Return which part is shown; null where all is."""
    asked = selected.selection
    parts = [("only", ", ".join(sorted(asked.only))), ("fields", ", ".join(sorted(asked.fields)))]
    parts += [("at most", f"{asked.limit:,} of each kind of change")] if asked.limit else []
    text = "; ".join(f"{name} {what}" for name, what in parts if what)
    return f"{text}. The totals are of the whole." if text else None


def _verdict(diff: Diff) -> str:
    if not diff.is_plan:
        return "The snapshots differ." if diff.has_changes else "The records of both are the same."
    if not diff.has_changes:
        return "A sync would write nothing."
    rows = sum(diff.totals.of(name) for name in ("created", "updated", "inactivated"))
    return f"A sync would write {rows:,} {'row' if rows == 1 else 'rows'}. Nothing was written."


def show_totals(diff: Diff) -> Html:
    """Return the figures of the whole: a tile for each action and mark, and for labels that fit nothing."""
    tiles = []
    for name, tables, total, meaning in figures(diff):
        split = " · ".join(f"{tables[kind]:,} {kind}" for kind in KINDS) if tables else ""
        style = "unmapped" if name.startswith("unmapped") else name
        tiles.append(_figure(style, total, name.replace("_", " "), meaning, split))
    return tag("section", tag("h2", "Totals"), tag("ul", tiles, class_="tiles"))


def _figure(style: str, count: int, name: str, meant: str, split: str) -> Html:
    return tag(
        "li",
        tag("span", f"{count:,}", class_="count"),
        " ",
        tag("span", name, class_="name"),
        " ",
        tag("span", split, class_="split") if split and count else None,
        " ",
        tag("span", meant, class_="meant"),
        class_=f"tile {style}" if count else "tile none",
    )


def show_unmapped(unmapped: Sequence[Unmapped]) -> Html | None:
    """Return each label that fits no floor or category, with the names that come nearest; nothing where all fit."""
    if not unmapped:
        return None
    head = ("Label", "Is a", "Records", "For example", "Nearest names")
    hint = "Add the name in the CMS, or an alias for the label; until then these records lack it."
    rows = _table(head, (_unmapped_row(item) for item in unmapped))
    return tag("section", tag("h2", "Labels that fit nothing"), tag("p", hint, class_="hint"), rows)


def _unmapped_row(item: Unmapped) -> Iterable[Html]:
    nearest = [
        tag("li", tag("bdi", near.name), " ", tag("span", f"{near.similarity:.0%}", class_="dim"))
        for near in item.nearest
    ]
    yield tag("bdi", item.label, class_="value")
    yield tag("span", LABEL_KINDS[item.kind])
    yield tag("span", f"{item.records:,}")
    yield tag("code", item.example)
    yield tag("ul", nearest, class_="nearest") if nearest else tag("span", "none comes near", class_="dim")


def _table(head: Sequence[str], rows: Iterable[Iterable[Html]]) -> Html:
    """Return a table that becomes a list of cards on a narrow screen, each value under its heading."""
    names = (tag("th", name, scope="col", role="columnheader") for name in head)
    body = []
    for row in rows:
        cells = zip(head, row, strict=True)
        body.append(
            tag("tr", (tag("td", cell, data_name=name, role="cell") for name, cell in cells), role="row")
        )
    return tag(
        "table",
        tag("thead", tag("tr", names, role="row"), role="rowgroup"),
        tag("tbody", body, role="rowgroup"),
        class_="cards",
        role="table",
    )


def show_findings(issues: Sequence[Finding], left_off: Mapping[str, int], hidden: int = 0) -> Html | None:
    """Return the findings that no record says already, by code; nothing where there are none."""
    found = findings_by_code(issues).items()
    groups = [_group(code, of_code, left_off.get(code, 0)) for code, of_code in found]
    more = tag("p", hidden_findings(hidden), class_="hint") if hidden else None
    return tag("section", tag("h2", "Findings"), groups, more) if groups or more else None


def _group(code: str, found: Sequence[Finding], left_off: int) -> Html:
    more = f" · {left_off:,} more left off by --limit" if left_off else ""
    rows = (
        (
            tag(
                "span",
                tag("code", issue.unique_id or "–"),
                " ",
                tag("bdi", issue.title) if issue.title else None,
            ),
            tag("span", issue.message, class_="value"),
            tag("span", "–" if issue.value is None else issue.value, class_="value dim"),
        )
        for issue in found
    )
    return tag(
        "details",
        tag("summary", code.replace("_", " "), " ", tag("span", f"{len(found):,}{more}", class_="dim")),
        _table(("Record", "Finding", "Value"), rows),
    )
