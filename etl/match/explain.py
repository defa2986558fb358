"""Why a label got its floor or category, or none: for `etl explain` and for the messages of issues."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from etl.contract.issue import words
from etl.contract.tenant import KINDS, Kind

_SHOWN = 5
_LABEL_LENGTH = 80


@dataclass(frozen=True)
class Considered:
    """A row of the CMS that some rule found for a label.

    Attributes:
        rule: The first rule that found it.
        id: floors.id or categories.id.
        name: Its name, white space folded.
        is_active: False: INACTIVE, so it can't be taken.
        language: en or th: the category label that found it; null for floors.
    """

    rule: str
    id: int
    name: str
    is_active: bool
    language: str | None = None


@dataclass(frozen=True)
class KindExplanation:
    """Why a record is a shop or a dining.

    Attributes:
        rule: category_en, category_th (a label is a category's of that kind alone), words_en, words_th (a label has a
            word of dinings), default (no label says so), or blank (there is none).
        reason: The category's name, or the word; null for default and blank.
    """

    kind: Kind
    rule: str
    reason: str | None = None


@dataclass(frozen=True)
class Explanation:
    """What became of a label.

    Attributes:
        rule: exact, alias, code, fallback, range or partial; 'unmapped': nothing fits; 'blank': there is no label.
        id: The row that was taken, of a range the first; null where none was.
        name: Its name, white space folded; of a range all names.
        considered: Every row that some rule found, best first.
    """

    rule: str
    id: int | None = None
    name: str | None = None
    considered: tuple[Considered, ...] = ()

    @property
    def candidates(self) -> tuple[str, ...]:
        """Names of the several ACTIVE rows that contain an unmapped label, sorted."""
        return self._names(is_active=True) if self.rule == "unmapped" else ()

    @property
    def inactive(self) -> tuple[str, ...]:
        """Names of the INACTIVE rows that fit an unmapped label, sorted."""
        return self._names(is_active=False) if self.rule == "unmapped" else ()

    @property
    def gaps(self) -> tuple[str, ...]:
        """Names of the INACTIVE floors within a range, sorted."""
        within = (row.name for row in self.considered if row.rule == "range" and not row.is_active)
        return tuple(sorted(within)) if self.rule == "range" else ()

    @property
    def duplicates(self) -> tuple[int, ...]:
        """Ids of ACTIVE rows that fit as well as the one taken, ascending; it was taken for its lower id."""
        if self.id is None or self.rule == "range":
            return ()
        taken = next(row for row in self.considered if row.id == self.id)
        equal = (row for row in self.considered if row.is_active and row.id != self.id)
        return tuple(row.id for row in equal if (row.rule, row.language) == (taken.rule, taken.language))

    @property
    def note(self) -> str | None:
        """What a person should know; null where a label plainly got its row or is blank."""
        if self.rule == "unmapped":
            return self._why_unmapped()
        if self.gaps:
            return words("unmapped_floor", "why.range", inactive=_listed(self.gaps))
        if self.duplicates:
            return f"ids {_listed(self.duplicates)} fit as well; the lowest id is taken"
        return None

    def _why_unmapped(self) -> str:
        if self.candidates:
            case = "why.several_and_inactive" if self.inactive else "why.several"
        else:
            case = "why.inactive" if self.inactive else "why.nothing"
        # these words are the same for floors and categories
        return words("unmapped_floor", case, names=_listed(self.candidates), inactive=_listed(self.inactive))

    def _names(self, *, is_active: bool) -> tuple[str, ...]:
        return tuple(sorted({row.name for row in self.considered if row.is_active == is_active}))


def explanation(
    rule: str, taken_id: int | None, name: str | None, considered: Iterable[dict[str, Any]] | None
) -> Explanation:
    """Make an explanation of a row that `sql/match/floors.sql` or `categories.sql` gives."""
    return Explanation(rule, taken_id, name, tuple(Considered(**row) for row in considered or ()))


def floor_note(label: str, found: Explanation) -> str | None:
    """Say why a label was not understood, e.g. `'BF' fits only what is INACTIVE: BF`; null where it was."""
    if found.rule != "unmapped" and not found.gaps:
        return None
    return words("unmapped_floor", "labels.one", label=_quoted(label), why=found.note)


def category_message(
    kind: Kind, label_en: str | None, label_th: str | None, found: Explanation, other: Explanation
) -> str | None:
    """Say why a pair of labels has no category of a kind, and what to do; null where it has one.

    Args:
        kind: The kind.
        label_en: The English label.
        label_th: The Thai label.
        found: What the labels get in this kind.
        other: What they get in the other one.
    """
    if found.rule != "unmapped":
        return None
    why = found.note
    if other.name is not None and not found.considered:
        other_kind = next(each for each in KINDS if each != kind)
        why = words("unmapped_category", "why.other_kind", kind=other_kind, name=other.name)
    labels = {"label_en": _quoted(label_en), "label_th": _quoted(label_th)}
    return words("unmapped_category", kind=kind, why=why, **labels)


def english_message(kind: Kind, label_en: str | None, label_th: str | None, found: Explanation) -> str:
    """Say that the Thai label found a category of a kind, and the English one did not."""
    labels = {"label_en": _quoted(label_en), "label_th": _quoted(label_th)}
    return words("english_label_unmatched", kind=kind, name=found.name, **labels)


def kind_message(label_en: str | None, label_th: str | None) -> str:
    """Say that no label speaks for a kind."""
    return words("kind_by_default", label_en=_quoted(label_en), label_th=_quoted(label_th))


def double_name(reference: str, name: str, ids: list[int]) -> str:
    """Say that several ACTIVE floors or categories share a name, which of them is taken, and what to do.

    The reference is floors, or a kind of categories; ids are ascending.
    """
    case = "what.floors" if reference == "floors" else "what.categories"
    what = words("double_name", case, kind=reference)
    others = _listed(tuple(ids[1:]))
    return words("double_name", count=len(ids), what=what, name=name, taken=ids[0], others=others)


def _quoted(label: str | None) -> str:
    if label is None:
        return "no label"
    return f"'{label}'" if len(label) <= _LABEL_LENGTH else f"'{label[:_LABEL_LENGTH]}…'"


def _listed(values: tuple[Any, ...]) -> str:
    more = len(values) - _SHOWN
    return ", ".join(map(str, values[:_SHOWN])) + (f" and {more} more" if more > 0 else "")
