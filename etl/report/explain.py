"""A record's whole way as text, for terminals of 80 columns and more. Whatever comes from outside is shown literally."""

from collections.abc import Iterator, Mapping

from rich.console import Group, RenderableType

from etl.compare.model import Finding
from etl.compare.word_diff import common_start
from etl.contract.tenant import KINDS, Kind
from etl.explain.model import Explained, HoursTrace, LabelTrace, Occurrence, Trace
from etl.match.explain import Considered
from etl.report import layout
from etl.report.diff_meaning import hidden_findings, literal
from etl.report.explain_database import LONGEST, cut, heading, show_database, shown_findings, table
from etl.report.page import Text
from etl.runtime.visible import exact

_LONGEST_NAME = 40
_HIDDEN = frozenset(
    {"unique_id", "source_unique_id", "kind", "derived", "floor_is_understood", "sent_fields"}
)
_TOLD_ABOVE = ("_rule", "_label", "_label_en", "_label_th")
_NO_LABEL = "there is no label"
_KIND_RULES = {
    "category_en": "the English label is the category {}",
    "category_th": "the Thai label is the category {}",
    "words_en": "the English label has the word '{}'",
    "words_th": "the Thai label has the word '{}'",
    "default": "no label says so; a shop by default",
    "blank": "there is no label; a shop by default",
}

Cells = tuple[str | Text, ...]


def show_explained(found: Explained, *, shows_info: bool = False) -> RenderableType:
    """Return all that is known of a record, from its raw text to its history; findings of severity info if asked for."""
    parts: list[RenderableType] = [Text(literal(found.unique_id), style="bold")]
    parts += [Text(f"! {literal(note)}", style="yellow") for note in found.notes]
    if found.source is not None:
        for record in found.source.raw:
            parts += _raw(record, found.source.snapshot)
        parts += _way(found.source.way, _tables(found))
        parts += _reported(found, shows_info=shows_info)
    if found.database is not None:
        ids = None if found.source is None else frozenset(row["unique_id"] for row in found.source.way.rows)
        parts += show_database(found.database, ids, shows_info=shows_info, panel=found.panel)
    return Group(*parts)


def _tables(found: Explained) -> frozenset[Kind]:
    return frozenset() if found.database is None else frozenset(row.table for row in found.database.rows)


def _raw(record: Occurrence, snapshot: str) -> Iterator[RenderableType]:
    taken = "" if record.is_taken else ", dropped: the same uniqueId came again later"
    yield heading("As the API sent it", f"{literal(snapshot)}, position {record.position}{taken}")
    yield table((cut(name, _LONGEST_NAME), _sent(value)) for name, value in record.fields.items())
    if record.repairs:
        yield heading("Text that was repaired", "each step that changed something, before and after it")
        yield table(
            (step.field, step.step.replace("_", " "), _change(step.before, step.after))
            for step in record.repairs
        )


def _sent(value: str) -> str:
    """Return a text just as it came: what looks like something else as an escape, white space at its ends in quotes."""
    shown = exact(value, line_break="⏎")
    cut_off = f"… ({len(value):,} characters)" if len(shown) > LONGEST else ""
    shown = shown[:LONGEST]
    return (f"'{shown}'" if value != value.strip() else shown) + cut_off


def _change(before: str, after: str) -> str:
    """Return both texts around the first place in which they differ."""
    old, new = (exact(text, line_break="⏎") for text in (before, after))
    place = common_start(old, new)
    return f"'{layout.cut(old, place)}' → " + (f"'{layout.cut(new, place)}'" if after else "(blank)")


def _way(way: Trace, tables: frozenset[Kind]) -> Iterator[RenderableType]:
    yield heading("Why it is what it is")
    yield table([*_kind(way, tables), _hours(way.hours), _slug(way)])
    for index, row in enumerate(way.rows, start=1):
        many = f"{index} of {len(way.rows)}: one a floor" if len(way.rows) > 1 else ""
        yield heading(f"Canonical row {literal(row['unique_id'])}", many)
        yield table((name, cut(value)) for name, value in _content(row))


def _kind(way: Trace, tables: frozenset[Kind]) -> Iterator[Cells]:
    """Yield why it is a shop or a dining, its floors and its category; the other kind's where it counts."""
    yield "kind", way.kind, _KIND_RULES[way.kind_rule].format(literal(way.kind_reason or ""))
    for part in way.floors:
        yield "floor", *_found(part)
    if not way.floors:
        yield "floor", "none", f"'{cut(way.floor_label)}'" if way.floor_label else _NO_LABEL
    yield f"category of {way.kind}", *_found(way.category)
    (other,) = set(KINDS) - {way.kind}
    if other in tables or (way.category.found.id is None and way.other_category.found.id is not None):
        yield f"category of {other}", *_found(way.other_category)


def _hours(hours: HoursTrace | None) -> Cells:
    if hours is None:
        return "hours", "none", "there is no text"
    if not hours.is_read:
        return "hours", "as they came", f"'{cut(hours.text)}': can't be read"
    return "hours", cut(hours.read or ""), f"'{cut(hours.text)}'"


def _slug(way: Trace) -> Cells:
    stem = way.rows[0]["slug_stem"] if way.rows else "none"
    source = f"from {way.slug_source}" if way.slug_source else "no name or id can be written in ASCII"
    return "slug", stem, f"{source}; given once, when the row is made"


def _content(row: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in row.items():
        if value and name not in _HIDDEN and not name.endswith(_TOLD_ABOVE):
            yield name, value


def _found(way: LabelTrace) -> tuple[str, str]:
    found = way.found
    name = "none" if found.id is None else f"{literal(found.name or '')} (id {found.id})"
    if found.rule == "blank":
        return name, _NO_LABEL
    lines = [f"'{cut(way.label)}': {found.rule}" + (f"; {literal(found.note)}" if found.note else "")]
    others = [each for each in found.considered if each.id != found.id]
    if others:
        lines.append("also considered: " + ", ".join(map(_considered, others)))
    if way.nearest:
        lines.append(
            "nearest: " + ", ".join(f"{literal(near.name)} ({near.similarity:.0%})" for near in way.nearest)
        )
    return name, "\n".join(lines)


def _considered(row: Considered) -> str:
    inactive = ", INACTIVE" if not row.is_active else ""
    return f"{literal(row.name)} (id {row.id}, {row.rule}{inactive})"


def _reported(found: Explained, *, shows_info: bool) -> Iterator[RenderableType]:
    """Yield what a sync would report: with a database by its plan, else by the source alone."""
    issues: tuple[Finding, ...] = () if found.source is None else found.source.way.issues
    if found.database is not None and found.database.issues is not None:
        issues = found.database.issues
    shown = shown_findings(issues, shows_info=shows_info)
    if issues:
        yield heading("What a sync reports of it")
        yield table(map(_finding, shown), first_style="yellow")
    if hidden := len(issues) - len(shown):
        yield Text(f"  {hidden_findings(hidden)}", style="dim")


def _finding(issue: Finding) -> Cells:
    return issue.code.replace("_", " "), literal(issue.unique_id or "–"), cut(issue.message)
