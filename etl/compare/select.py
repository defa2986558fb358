"""Which part of a diff is shown: pure, from the options of the command line."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from etl.compare import model
from etl.compare.fields import FIELDS_OF_FINDINGS, PLAN_FIELDS, SNAPSHOT_FIELDS
from etl.compare.model import Diff, Finding, RecordChange
from etl.errors import ConfigError

_LANGUAGES = ("_en", "_th", "_zh")
_TAGS_OF_CODES = {
    **dict.fromkeys(model.UNMAPPED_CODES, "unmapped"),
    "conflict": "conflict",
    "deleted_in_cms": "skipped",
    "open_in_cms": "skipped",
    "kind_changed": "kind_changed",
    "missing": "missing",
}
_T = TypeVar("_T")


@dataclass(frozen=True)
class Selection:
    """The part of a diff that is to be shown.

    Attributes:
        only: Actions and marks; a record with one of them is shown. Empty: all.
        fields: Fields; the others are left out, and records without one of them too. Empty: all.
        limit: The most records of each action, and findings of each code; 0 for all.
        shows_info: Findings of severity info are shown too.
    """

    only: frozenset[str] = frozenset()
    fields: frozenset[str] = frozenset()
    limit: int = 0
    shows_info: bool = False

    @property
    def shows_created(self) -> bool:
        """Tell whether every new record is among those to be shown, but for the limit."""
        return not self.fields and (not self.only or "created" in self.only)

    @property
    def most_created(self) -> int:
        """How many new records have to be read, the first by unique_id; 0 for all."""
        if self.fields or "unmapped" in self.only:
            return 0
        return self.limit if self.shows_created else 1


@dataclass(frozen=True)
class Selected:
    """A part of a diff.

    Attributes:
        diff: The diff with the records, fields and findings that are shown, and the totals of the whole.
        selection: How they were chosen.
        left_off: Records beyond the limit, by action.
        issues_left_off: Findings beyond the limit, by code.
        info_left_off: Findings of severity info that were not asked for.
    """

    diff: Diff
    selection: Selection
    left_off: Mapping[str, int]
    issues_left_off: Mapping[str, int]
    info_left_off: int = 0


def read_selection(
    only: str | None, fields: str | None, limit: int, *, is_plan: bool, shows_info: bool = False
) -> Selection:
    """Return what the options say.

    Args:
        only: Actions and marks, joined by commas; None for all.
        fields: Fields, likewise; a name without its language stands for all languages.
        limit: Most records of each action; 0 for all.
        is_plan: The diff is against a database, not against a snapshot.
        shows_info: Findings of severity info are shown too.

    Raises:
        ConfigError: a name is not known; the message lists those that are.
    """
    tags = (*model.PLAN_ACTIONS, *model.MARKS) if is_plan else (*model.SNAPSHOT_ACTIONS, "kind_changed")
    names = PLAN_FIELDS if is_plan else SNAPSHOT_FIELDS
    known = {name: {name} for name in names}
    for name in names:
        if name.endswith(_LANGUAGES):
            known.setdefault(name[:-3], set()).add(name)
    return Selection(
        only=_read_names("--only", only, {tag: {tag} for tag in (*tags, "unmapped")}),
        fields=_read_names("--field", fields, known),
        limit=limit,
        shows_info=shows_info,
    )


def _read_names(option: str, text: str | None, known: Mapping[str, set[str]]) -> frozenset[str]:
    if text is None:
        return frozenset()
    names = [part.strip().lower().replace("-", "_") for part in text.split(",") if part.strip()]
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        wrong = f"there is no {', '.join(map(repr, unknown[:3]))}" if unknown else "no name is given"
        raise ConfigError(f"{option} is {text!r}: {wrong}. Known here: {', '.join(known)}.")
    return frozenset().union(*(known[name] for name in names))


def select(diff: Diff, selection: Selection) -> Selected:
    """Return the part of a diff that is to be shown; the totals stay those of the whole."""
    narrowed = (_narrow(record, selection.fields) for record in diff.records)
    only = selection.only
    wanted = [record for record in narrowed if record and not (only and only.isdisjoint(record.tags))]
    ids = {value for record in wanted for value in (record.unique_id, record.source_unique_id) if value}
    found = [issue for issue in diff.issues if _is_finding_wanted(issue, selection, ids)]
    issues = [issue for issue in found if selection.shows_info or issue.severity != "info"]
    records, left_off = _first(((record.action, record) for record in wanted), selection.limit)
    if diff.is_plan and selection.limit and selection.shows_created:
        # of new records, no more than the limit were read
        left_off["created"] = max(0, diff.totals.of("created") - selection.limit)
    shown, issues_left_off = _first(((issue.code, issue) for issue in issues), selection.limit)
    part = replace(diff, records=tuple(records), issues=tuple(shown))
    return Selected(part, selection, _counted(left_off), _counted(issues_left_off), len(found) - len(issues))


def _narrow(record: RecordChange, fields: frozenset[str]) -> RecordChange | None:
    if not fields:
        return record
    kept = tuple(change for change in record.fields if change.field in fields)
    return replace(record, fields=kept) if kept else None


def _is_finding_wanted(issue: Finding, selection: Selection, ids: set[str]) -> bool:
    if selection.fields and selection.fields.isdisjoint(FIELDS_OF_FINDINGS.get(issue.field or "", ())):
        return False
    if not selection.only or issue.unique_id in ids:
        return True
    tag = "rejected" if issue.severity == "error" else _TAGS_OF_CODES.get(issue.code)
    return tag in selection.only


def _first(items: Iterable[tuple[str, _T]], limit: int) -> tuple[list[_T], Counter[str]]:
    """Return the first items of each name, and how many more there are of each."""
    seen: Counter[str] = Counter()
    first = []
    for name, item in items:
        seen[name] += 1
        if not limit or seen[name] <= limit:
            first.append(item)
    return first, Counter({name: max(0, count - limit) if limit else 0 for name, count in seen.items()})


def _counted(counts: Mapping[str, int]) -> dict[str, int]:
    return {name: count for name, count in sorted(counts.items()) if count}
