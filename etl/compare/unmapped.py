"""The labels that no floor or category fits, each with the known names that are nearest to it. Pure."""

from collections import defaultdict
from collections.abc import Iterable

import polars as pl

from etl.compare.model import UNMAPPED_CODES, Finding, LabelKind, Nearest, Unmapped
from etl.contract.tenant import KINDS
from etl.match.nearest import category_names, floor_names, nearest_names


def unmapped_labels(
    issues: Iterable[Finding], floors: pl.DataFrame, categories: pl.DataFrame
) -> tuple[Unmapped, ...]:
    """Return the distinct labels that the findings of a run say are unmapped, the most frequent first.

    Floors and categories are contract.reference.FLOORS and CATEGORIES.
    """
    ids: defaultdict[tuple[LabelKind, str], list[str]] = defaultdict(list)
    for issue in issues:
        if issue.code in UNMAPPED_CODES and issue.value is not None:
            ids[_kind(issue), issue.value].append(issue.unique_id or "")
    names: dict[LabelKind, pl.DataFrame] = {"floor": floor_names(floors)}
    names |= {kind: category_names(categories, kind) for kind in KINDS}
    near = {kind: nearest([label for of, label in ids if of == kind], known) for kind, known in names.items()}
    found = [
        Unmapped(kind, label, len(records), min(records), near[kind].get(label, ()))
        for (kind, label), records in ids.items()
    ]
    return tuple(sorted(found, key=lambda item: (-item.records, item.kind, item.label)))


def _kind(issue: Finding) -> LabelKind:
    if issue.code == "unmapped_floor":
        return "floor"
    return "dinings" if issue.field == "dinings_category_id" else "shops"


def nearest(labels: list[str], known: pl.DataFrame) -> dict[str, tuple[Nearest, ...]]:
    """Return the known names (match.nearest.NAMES) that are near to each label that has such, best first."""
    if not labels:
        return {}
    found: defaultdict[str, list[Nearest]] = defaultdict(list)
    for row in nearest_names(pl.Series(labels, dtype=pl.String), known).iter_rows(named=True):
        found[row["label"]].append(Nearest(row["id"], row["name"], row["similarity"]))
    return {label: tuple(names) for label, names in found.items()}
