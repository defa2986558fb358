"""Where the changes are: records by floor and by category, as stacked bars that are tables too."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Literal

from etl.compare.model import RecordChange
from etl.compare.select import Selected
from etl.report.html.markup import Html, tag
from etl.report.html.records import reference_name

Place = Literal["floor", "category"]

MOST_BARS = 15
"""More places than these share the last bar."""

_SHOWN = ("created", "updated", "inactivated", "missing", "added", "changed", "gone")
_NONE: dict[Place, str] = {"floor": "no floor", "category": "no category"}
_MANY: dict[Place, str] = {"floor": "floors", "category": "categories"}
_HEIGHT = 10


def show_charts(selected: Selected) -> Html | None:
    """Return changes by floor and by category, or nothing where no record that is shown changes."""
    diff = selected.diff
    records = [record for record in diff.records if record.action in _SHOWN]
    if not records:
        return None
    counted = Counter(record.action for record in records)
    actions = [action for action in diff.actions if counted[action]]
    legend = tag("ul", (_key(action) for action in actions), class_="legend", aria_label="Colours")
    figures = tag("div", (_chart(place, records, actions) for place in _MANY), class_="charts")
    is_part = selected.left_off or selected.selection.only or selected.selection.fields
    part = tag("p", "Of the records that are shown, not of the whole.", class_="hint") if is_part else None
    return tag(
        "section", tag("h2", "Where"), part, legend, figures, aria_label="Changes by floor and by category"
    )


def _key(action: str) -> Html:
    return tag("li", tag("span", class_=f"swatch {action}"), action)


def count_by(place: Place, records: Sequence[RecordChange]) -> list[tuple[str, Counter[str]]]:
    """Return the records of each place by action: the fullest first, those without one last, what is many as one."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for record in records:
        counts[reference_name(getattr(record, place))][record.action] += 1
    without = counts.pop("", None)
    ordered = sorted(counts.items(), key=lambda item: (-item[1].total(), item[0]))
    shown, others = ordered[:MOST_BARS], ordered[MOST_BARS:]
    if others:
        rest: Counter[str] = sum((count for _, count in others), Counter())
        shown.append((f"{len(others):,} other {_MANY[place]}", rest))
    return [*shown, (_NONE[place], without)] if without else shown


def _chart(place: Place, records: Sequence[RecordChange], actions: Sequence[str]) -> Html:
    bars = count_by(place, records)
    widest = max(count.total() for _, count in bars)
    columns = (("place", place.capitalize()), ("bars", "Records"), ("sum", "Total"))
    head = (tag("th", tag("span", text, class_="unseen"), scope="col", class_=name) for name, text in columns)
    rows = (_row(name, count, actions, widest) for name, count in bars)
    return tag(
        "table",
        tag("caption", f"Changes by {place}"),
        tag("thead", tag("tr", head)),
        tag("tbody", rows),
        class_="chart",
    )


def _row(name: str, count: Mapping[str, int], actions: Sequence[str], widest: int) -> Html:
    present = [action for action in actions if count.get(action)]
    words = ", ".join(f"{count[action]:,} {action}" for action in present)
    total = sum(count.values())
    return tag(
        "tr",
        tag("th", tag("bdi", name), scope="row"),
        tag("td", _bar(count, present, widest, words), tag("span", words, class_="words")),
        tag("td", f"{total:,}", class_="total"),
    )


def _bar(count: Mapping[str, int], present: Sequence[str], widest: int, words: str) -> Html:
    """Return a bar whose unit is a record, stretched to whatever width there is; the words beside it say the same."""
    parts, start = [], 0
    for action in present:
        parts.append(tag("rect", x=start, y=0, width=count[action], height=_HEIGHT, class_=action))
        start += count[action]
    box = f"0 0 {widest} {_HEIGHT}"
    return tag("svg", tag("title", words), parts, viewBox=box, preserveAspectRatio="none", aria_hidden="true")
