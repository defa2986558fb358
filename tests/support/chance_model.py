"""The model of the merge, with runs that are kept and rolled back: made from DESIGN.md and decision 0008 alone."""

from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.support.merge_model import CATEGORIES, Base, Model, Row, is_same

Outcome = Literal["put_back", "restored", "deleted", "inactivated", "stays", "already"]
Key = tuple[str, int]
"""A row: its table, and which of the table's rows it is, counted as they were made."""


@dataclass
class Change:
    """What a run did to a row.

    Attributes:
        row: The row.
        was: created, updated, inactivated, deleted or restored.
        before: Of an updated or inactivated row each field that the run wrote.
        after: What it wrote there.
        image: Of a created or restored row how the run left it, of a deleted one how it was.
        removed: Category links that the run removed.
        added: Category links that it made.
    """

    row: Row
    was: str
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    image: Row | None = None
    removed: set[str] = field(default_factory=set)
    added: set[str] = field(default_factory=set)


@dataclass
class RolledBack:
    """What a rollback did: outcomes by row, and whether all is as it was."""

    outcomes: dict[Key, Outcome]
    status: str


def key_of(row: Row) -> Key:
    """Return the key of a row."""
    return row.table, row.number


def links_of(row: Row) -> set[str]:
    """Return the categories that a row is linked to."""
    return {row.fields["category"]} - {None} | row.editors_links


def set_links(row: Row, links: set[str]) -> None:
    """Link a row to categories: a link to the one that the job made counts as the job's, any other as an editor's."""
    row.fields["category"] = row.job_category if row.job_category in links else None
    row.editors_links = links - {row.job_category}


class ChanceModel(Model):
    """The CMS and the base as they should be, and what each run did."""

    def __init__(self) -> None:
        super().__init__()
        self.runs: dict[str, list[Change]] = {}
        self.rollbacks: list[tuple[str, str, str]] = []
        self.saved: set[Key] = set()
        self.touched: set[Key] = set()
        self._categories: dict[Key, tuple[str | None, str | None]] = {}

    def note_save(self, table: str, unique_id: str) -> None:
        """Note that an editor saved a row."""
        (row,) = [row for row in self.rows if (row.table, row.unique_id) == (table, unique_id)]
        self.saved.add(key_of(row))
        self.touched.add(key_of(row))

    # --- syncs

    def load(
        self, feed: list[dict[str, Any]], winner: str, missing: str
    ) -> tuple[dict[str, int], list[Change]]:
        """Load a feed, and return the counts and the changes."""
        self._categories = {}
        before = {key_of(row): deepcopy(row) for row in self.rows}
        self.start()
        counts = self.sync(feed, winner, missing)
        changes = [
            change for row in self.rows if (change := self._change(before.get(key_of(row)), row)) is not None
        ]
        self.saved -= {key_of(change.row) for change in changes}
        return counts, changes

    def _merge(self, base: Base, raw: dict[str, Any], floor: str | None, *, is_renamed: bool) -> None:
        table, category = CATEGORIES[raw["categoryNameEn"]]
        ours = category if table == base.row.table else None
        self._categories[key_of(base.row)] = self._category(base, ours), ours
        super()._merge(base, raw, floor, is_renamed=is_renamed)

    def _change(self, before: Row | None, row: Row) -> Change | None:
        if before is None:
            return Change(row, "created", image=deepcopy(row))
        old, new = _written(before), _written(row)
        names = [name for name in new if not is_same(old[name], new[name])]
        change = Change(row, "inactivated" if names == ["status"] else "updated")
        change.before = {name: old[name] for name in names}
        change.after = {name: new[name] for name in names}
        change.removed = links_of(before) - links_of(row)
        change.added = links_of(row) - links_of(before)
        if change.removed or change.added:
            change.before["category"], change.after["category"] = self._categories[key_of(row)]
        return change if change.after else None

    def take_over(self, edited: "ChanceModel", changes: list[Change]) -> None:
        """Take over what editors did while a saved plan waited, of rows that the plan left alone."""
        made = {key_of(change.row) for change in changes}
        theirs = {key_of(row): row for row in edited.rows}
        assert not made & edited.touched, "the plan wrote over an editor's work"
        for row in self.rows:
            if key_of(row) in edited.touched & theirs.keys():
                vars(row).update(deepcopy(vars(theirs[key_of(row)])))
        self.rows = [row for row in self.rows if key_of(row) in theirs.keys() | made]
        self.saved |= edited.touched

    # --- rollbacks

    def can_roll_back(self, sync_id: str) -> bool:
        """Tell whether no rollback that stands has put back all of a run."""
        standing: dict[str, str] = {}
        gone: set[str] = set()
        for own, of, status in reversed(self.rollbacks):
            if own not in gone:
                gone.add(of)
                standing.setdefault(of, status)
        return standing.get(sync_id) != "COMPLETED"

    def renames(self, sync_id: str) -> bool:
        """Tell whether a run gave a row another unique_id."""
        return any("unique_id" in change.after for change in self.runs[sync_id])

    def roll_back(self, sync_id: str) -> tuple[RolledBack, list[Change]]:
        """Put back what a run changed, and return the outcomes and what that changed."""
        outcomes: dict[Key, Outcome] = {}
        done: list[Change] = []
        is_whole = True
        # rows go before others come back: a slug may have to be free
        for change in sorted(self.runs[sync_id], key=lambda each: each.was == "deleted"):
            outcome, mine, stays = self._undo(change)
            outcomes[key_of(change.row)] = outcome
            is_whole &= outcome not in {"stays", "inactivated"} and not stays
            if mine:
                done.append(mine)
                self.saved.discard(key_of(change.row))
        return RolledBack(outcomes, "COMPLETED" if is_whole else "PARTIAL"), done

    def _undo(self, change: Change) -> tuple[Outcome, Change | None, bool]:
        row = change.row
        is_there = any(each is row for each in self.rows)
        if change.was == "deleted":
            return self._bring_back(change, is_there=is_there)
        if not is_there:
            return "already" if change.image else "stays", None, False
        if row.skip_sync:
            return "stays", None, False
        return self._take_away(change) if change.image else self._put_back(change)

    def _bring_back(self, change: Change, *, is_there: bool) -> tuple[Outcome, Change | None, bool]:
        row = change.row
        ids = {each.unique_id for each in self.rows}
        slugs = {each.slug for each in self.rows if each.table == row.table}
        if is_there or row.unique_id in ids or row.slug in slugs:
            return "stays", None, False
        self.rows.append(row)
        return "restored", Change(row, "restored", image=deepcopy(row)), False

    def _take_away(self, change: Change) -> tuple[Outcome, Change | None, bool]:
        row, image = change.row, change.image
        assert image
        is_touched = key_of(row) in self.saved or links_of(row) != links_of(image)
        is_touched |= any(not is_same(value, _written(image)[name]) for name, value in _written(row).items())
        is_touched |= row.slug != image.slug or any(
            not is_same(text, image.zh.get(name)) for name, text in row.zh.items()
        )
        if not is_touched:
            self.rows = [each for each in self.rows if each is not row]
            return "deleted", Change(row, "deleted", image=deepcopy(row)), False
        if row.status == "INACTIVE":
            return "stays", None, False
        done = Change(row, "inactivated", {"status": row.status}, {"status": "INACTIVE"})
        row.status = "INACTIVE"
        return "inactivated", done, False

    def _put_back(self, change: Change) -> tuple[Outcome, Change | None, bool]:
        row = change.row
        now = _written(row)
        links = links_of(row)
        if "category" in change.after:
            found = [change.after["category"], change.before["category"]]
            now["category"] = next((name for name in found if name in links), None)
        back = [name for name, value in change.after.items() if is_same(now[name], value)]
        rest = [name for name in change.after if name not in back]
        stays = [name for name in rest if not is_same(now[name], change.before[name])]
        if not back:
            return ("stays" if stays else "already"), None, bool(stays)
        done = Change(
            row, "updated", {name: now[name] for name in back}, {name: change.before[name] for name in back}
        )
        if "category" in back:
            then = links - change.added | change.removed
            done.removed, done.added = links - then, then - links
            set_links(row, then)
        for name in set(back) - {"category"}:
            if name == "status":
                row.status = change.before[name]
            else:
                row.fields[name] = change.before[name]
        return "put_back", done, bool(stays)


def _written(row: Row) -> dict[str, Any]:
    """Return what runs may write of a row, its links apart."""
    fields = {name: value for name, value in row.fields.items() if name != "category"}
    return {**fields, "status": row.status, "unique_id": row.unique_id}
