"""The labels of a run that fit no category, for the CMS's own screen of runs."""

import json
from collections.abc import Iterable
from typing import Any

import polars as pl

from etl.contract.issue import MAX_VALUE

_KNOWN_PAIRS = 5_000


class UnmappedCategories:
    """The distinct pairs of category labels that fit no category, with the kind; a finding keeps one label only.

    Holds at most 5,000 pairs, so that memory does not grow with the records; further ones are not known.
    """

    def __init__(self, pairs: Iterable[tuple[str, str | None, str | None]] = ()) -> None:
        self._pairs = dict.fromkeys(pairs)

    @property
    def pairs(self) -> tuple[tuple[str, str | None, str | None], ...]:
        """The kind, the English and the Thai label of each pair, in the order of the feed."""
        return tuple(self._pairs)

    def add(self, tenants: pl.DataFrame) -> None:
        """Note the labels of the tenants (frames.ROWS of etl/match) that have no category of their own kind."""
        rule = pl.when(kind="shops").then("shops_category_rule").otherwise("dinings_category_rule")
        unmapped = tenants.filter(rule == "unmapped")
        pairs = unmapped.select("kind", "category_label_en", "category_label_th").unique(maintain_order=True)
        self.add_pairs(pairs.iter_rows())

    def add_pairs(self, pairs: Iterable[tuple[Any, ...]]) -> None:
        """Note pairs as `pairs` gives them, those of other tenants."""
        for pair in pairs:
            if len(self._pairs) < _KNOWN_PAIRS:
                self._pairs[pair] = None

    def as_json(self) -> str:
        """Return a list of objects: kind, label (as findings have it), en, th."""
        rows = [
            {"kind": kind, "label": (en or th or "")[:MAX_VALUE], "en": en, "th": th}
            for kind, en, th in self._pairs
        ]
        return json.dumps(rows)
