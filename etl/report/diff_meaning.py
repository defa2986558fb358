"""What the words of a diff mean, and its values as people read them: the same in text and HTML."""

from collections.abc import Iterable, Iterator, Mapping

from etl.compare.model import Diff, FieldChange, Finding, RecordChange
from etl.contract.tenant import KINDS
from etl.runtime.visible import visible

_SAID_BY_RECORDS = frozenset({"conflict", "missing", "deleted_in_cms", "open_in_cms", "kind_changed"})
"""Codes of findings that say what a record of the diff says already; those of errors do, too."""

WHOLE = frozenset({"created", "added", "gone"})
"""Verdicts of fields of a record that is only on one side."""

LABEL_KINDS = {"floor": "floor", "shops": "category of shops", "dinings": "category of dinings"}

_MEANINGS = {
    "created": "new rows, INACTIVE until reviewed",
    "updated": "rows with a changed field",
    "inactivated": "left the source: set INACTIVE",
    "unchanged": "rows that stay as they are",
    "skipped": "skip sync, deleted or open in the CMS",
    "missing": "not in the source; the row stays",
    "rejected": "records that can't be loaded",
    "kept": "rows with an editor's value kept",
    "conflict": "rows that source and editor changed",
    "kind_changed": "other kind by category; stay put",
    "added": "only in the newer one",
    "changed": "different in at least one field",
    "gone": "only in the older one",
}
_BETWEEN_SNAPSHOTS = {
    "unchanged": "the same in both",
    "rejected": "newly without a row, see why below",
    "kind_changed": "shop before, dining now, or back",
}


def figures(diff: Diff) -> Iterator[tuple[str, Mapping[str, int] | None, int, str]]:
    """Yield each figure of the whole: action, mark or `unmapped floor`, records by table, in all, and what it means."""
    words = _MEANINGS if diff.is_plan else _MEANINGS | _BETWEEN_SNAPSHOTS
    for name, tables in diff.totals.records.items():
        yield name, None if name == "rejected" else tables, diff.totals.of(name), words[name]
    for what in ("floor", "category"):
        meaning = f"labels that no {what} fits" + ("" if diff.is_plan else ", newly")
        yield f"unmapped {what}", None, diff.totals.issues.get(f"unmapped_{what}", 0), meaning


def findings_by_code(issues: Iterable[Finding]) -> dict[str, list[Finding]]:
    """Return the findings that no record of the diff says already, by code, in their order."""
    found: dict[str, list[Finding]] = {}
    for issue in issues:
        if issue.code not in _SAID_BY_RECORDS and issue.severity != "error":
            found.setdefault(issue.code, []).append(issue)
    return found


def hidden_findings(count: int) -> str:
    """Say how many findings are not shown because nobody has to act on them."""
    return f"{count:,} more {'finding' if count == 1 else 'findings'} of severity info: --all shows them."


def kind_remark(record: RecordChange) -> str:
    """Say what another kind means for a record that is marked with it."""
    other = next(kind for kind in KINDS if kind != record.table)
    stays = f"its category makes it one of {other} now; it stays in {record.table}"
    return stays if record.record_id else f"it was one of {other}"


def said_of_sides(change: FieldChange) -> str:
    """Say why a field has a winner."""
    if change.verdict == "conflict":
        return "conflict: source and editor both changed it"
    if change.verdict == "kept":
        return "kept for the editor"
    then = (
        "the source's is taken again"
        if change.winner == "source"
        else "`etl sync --retake` takes the source's again"
    )
    return f"an old form put it back: {then}"


def literal(text: str) -> str:
    """Return a text on one line, as `visible` shows it."""
    return visible(text, line_break="⏎")
