"""The matcher: a DuckDB in memory that holds floors and categories, and a memory of the labels it matched."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Self

import duckdb
import polars as pl

from etl.contract.issue import empty_issues
from etl.contract.reference import CATEGORIES, FLOORS
from etl.contract.tenant import KINDS, Kind
from etl.match import forms, frames
from etl.match.aliases import category_aliases
from etl.match.explain import (
    Explanation,
    KindExplanation,
    category_message,
    double_name,
    english_message,
    explanation,
    floor_note,
    kind_message,
)
from etl.runtime import queries
from etl.transform.comparable import folded
from etl.transform.floors import floor_candidates

_BATCH = 5_000
_PAIRS = 100_000  # of a label and a row: in the worst case each label is part of each name
_REMEMBERED = 50_000

Pair = tuple[str | None, str | None]
"""An English and a Thai label of a category."""


@dataclass(frozen=True)
class Matched:
    """Tenants with their floors and categories.

    A rule is exact, alias, code, fallback, range, partial, 'unmapped' (no row fits) or 'blank' (no label); with the
    last two the id is null. Categories are matched for both kinds, whatever the record's kind; the rules of that one
    are explain.KindExplanation's.

    Attributes:
        tenants: One row a record and distinct floor (1:n), in feed order; columns: frames.ROWS. `copy` counts
            a record's rows from 0. `derived`: there are several, and unique_id is `<uniqueId>-<floor name>`.
        issues: unmapped_floor, unmapped_category and english_label_unmatched (of the own kind), kind_by_default: at
            most one of each a record.
        rules: How often each rule won: `floor:<rule>` by row, `category:<rule>` (of the own kind) and `kind:<rule>` by
            record.
    """

    tenants: pl.DataFrame
    issues: pl.DataFrame
    rules: dict[str, int]


class Matcher:
    """Matches tenants to floors and categories; a context manager, to be closed after use.

    Each distinct label is matched once, by sql/match/floors.sql, categories.sql and kinds.sql, and remembered; beyond
    50,000 labels those of earlier chunks are forgotten, so memory is bounded.

    Args:
        floors: contract/reference.FLOORS; the order of rows is of no meaning.
        categories: contract/reference.CATEGORIES; likewise.
        memory_limit: DuckDB's, e.g. '64MB'.
        aliases: Further labels of categories, each with the English name of the category it means.
        floor_aliases: Further labels of floors (of a list: its parts), in any case, each with the name it means.
    """

    def __init__(
        self,
        floors: pl.DataFrame,
        categories: pl.DataFrame,
        memory_limit: str = "64MB",
        aliases: Mapping[str, str] | None = None,
        floor_aliases: Mapping[str, str] | None = None,
    ) -> None:
        self._connection = connect(memory_limit)
        self._floor_batch = _batch(floors.height)
        self._category_batch = _batch(categories.height)
        self._create("floors", forms.known_floors(frames.conform(floors, FLOORS)))
        self._create("categories", forms.known_categories(frames.conform(categories, CATEGORIES)))
        further = {"label": list(aliases or ()), "category": list((aliases or {}).values())}
        known = category_aliases()
        every = pl.concat([known, pl.DataFrame(further, schema=known.schema)])
        self._create("category_aliases", forms.wanted_aliases(every))
        self._floor_aliases = {folded(label): floor for label, floor in (floor_aliases or {}).items()}
        self._floors = pl.DataFrame(schema=frames.FOUND_FLOORS)
        self._categories = pl.DataFrame(schema=frames.FOUND_CATEGORIES)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the database; may be called again."""
        self._connection.close()

    def match(self, tenants: pl.DataFrame) -> Matched:
        """Give each tenant its floors, its kind and its categories by the first rule that finds one.

        Rows: 1:n, feed order; one row a distinct floor of the record's list, one row where there is none.
        The result for a record depends on no other record, nor on how the feed is cut into chunks.
        """
        records = frames.number(tenants)
        labels = frames.floor_labels(records)
        chosen = frames.choose_floors(labels, self._find_floors(labels))
        floors = frames.distinct_floors(chosen)
        rows = frames.assemble(records, floors, frames.doubted(chosen), self._find_categories(records))
        issues = [frames.floor_issues(records, chosen, floors), frames.category_issues(rows)]
        return Matched(
            tenants=rows.select(*frames.ROWS),
            issues=pl.concat([empty_issues(), *issues]),
            rules=frames.count_rules(rows),
        )

    def explain_floor(self, label: str | None) -> Explanation:
        """Say which floor a label (whole, or a part of a list) gets, by which rule, and what else fits."""
        if not (label or "").strip():
            return Explanation("blank")
        found = self._query("match/floors", "floor_labels", self._candidates(pl.Series("label", [label])))
        rows = [row for row in found if row["label"] == label]
        name = ", ".join(row["floor_name"] for row in rows if row["floor_name"])
        return explanation(rows[0]["rule"], rows[0]["floor_id"], name or None, rows[0]["considered"])

    def explain_kind(self, label_en: str | None, label_th: str | None) -> KindExplanation:
        """Say whether two labels are a shop's or a dining's, and by which rule."""
        wanted = _pair(label_en, label_th)
        if wanted is None:
            return KindExplanation("shops", "blank")
        row = self._query("match/kinds", "category_labels", wanted)[0]
        return KindExplanation(row["kind"], row["rule"], row["reason"])

    def explain_category(self, kind: Kind, label_en: str | None, label_th: str | None) -> Explanation:
        """Say which category of a kind two labels get, by which rule, and what else fits."""
        wanted = _pair(label_en, label_th)
        if wanted is None:
            return Explanation("blank")
        found = self._query("match/categories", "category_labels", wanted)
        row = next(row for row in found if row["kind"] == kind)
        return explanation(row["rule"], row["category_id"], row["category_name"], row["considered"])

    def double_names(self) -> list[str]:
        """Say which names several ACTIVE floors or categories share; such a label gets the lowest id."""
        rows = self._rows("match/double_names")
        return [double_name(row["reference"], row["name"], row["ids"]) for row in rows]

    def _find_floors(self, labels: pl.DataFrame) -> pl.DataFrame:
        wanted = labels.select("label").unique()
        self._floors = _complete(self._floors, wanted, self._floor_batch, self._new_floors)
        return self._floors

    def _find_categories(self, records: pl.DataFrame) -> pl.DataFrame:
        labelled = pl.any_horizontal(pl.col(frames.PAIR).is_not_null())
        wanted = records.select(frames.PAIR).unique().filter(labelled)
        self._categories = _complete(self._categories, wanted, self._category_batch, self._new_categories)
        return self._categories

    def _new_floors(self, labels: pl.DataFrame) -> pl.DataFrame:
        rows = []
        for row in self._query("match/floors", "floor_labels", self._candidates(labels["label"])):
            found = explanation(row["rule"], row["floor_id"], row["floor_name"], row["considered"])
            rows.append((row["label"], found.id, found.name, found.rule, floor_note(row["label"], found)))
        return pl.DataFrame(rows, schema=frames.FOUND_FLOORS, orient="row")

    def _candidates(self, labels: pl.Series) -> pl.DataFrame:
        candidates = floor_candidates(labels)
        if self._floor_aliases:
            further = [self._floor_aliases.get(folded(label)) for label in candidates["label"]]
            given = pl.Series("alias", further, dtype=pl.String)
            candidates = candidates.with_columns(given.fill_null(candidates["alias"]))
        return forms.wanted_floors(candidates)

    def _new_categories(self, pairs: pl.DataFrame) -> pl.DataFrame:
        wanted = forms.wanted_categories(pairs.rename(lambda name: name.removeprefix("category_")))
        found: dict[Pair, dict[Kind, tuple[Explanation, bool]]] = {}
        for row in self._query("match/categories", "category_labels", wanted):
            each = explanation(row["rule"], row["category_id"], row["category_name"], row["considered"])
            by_kind = found.setdefault((row["label_en"], row["label_th"]), {})
            by_kind[row["kind"]] = each, row["language"] == "th" and row["label_en"] is not None
        rows = []
        for row in self._query("match/kinds", "category_labels", wanted):
            pair = row["label_en"], row["label_th"]
            message = kind_message(*pair) if row["rule"] == "default" else None
            rows.append((*pair, row["kind"], row["rule"], message, *_of_kinds(pair, found[pair])))
        return pl.DataFrame(rows, schema=frames.FOUND_CATEGORIES, orient="row")

    def _query(self, name: str, table: str, wanted: pl.DataFrame) -> list[dict[str, Any]]:
        self._connection.register(table, wanted)
        try:
            return self._rows(name)
        finally:
            self._connection.unregister(table)

    def _rows(self, name: str) -> list[dict[str, Any]]:
        # not .sql().pl(), which plans the query twice: on a few labels the plan is all that a query costs
        found = self._connection.execute(queries.load(name))
        columns = [column[0] for column in found.description]
        return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]

    def _create(self, table: str, rows: pl.DataFrame) -> None:
        self._connection.register("incoming", rows)
        self._connection.execute(f"CREATE TEMP TABLE {table} AS SELECT * FROM incoming")  # noqa: S608 — our own table names
        self._connection.unregister("incoming")


def _pair(label_en: str | None, label_th: str | None) -> pl.DataFrame | None:
    """Return two labels as forms.wanted_categories gives them; null where both are blank."""
    pair = [label.strip() or None if label else None for label in (label_en, label_th)]
    wanted = pl.DataFrame([pair], schema={"label_en": pl.String(), "label_th": pl.String()}, orient="row")
    return None if pair == [None, None] else forms.wanted_categories(wanted)


def _of_kinds(pair: Pair, found: Mapping[Kind, tuple[Explanation, bool]]) -> Iterator[Any]:
    """Yield the columns of frames.FOUND_CATEGORIES for each kind."""
    for kind, other in (KINDS, KINDS[::-1]):
        (each, is_by_thai), (others, _) = found[kind], found[other]
        yield from (each.id, each.rule, category_message(kind, *pair, each, others))
        yield english_message(kind, *pair, each) if is_by_thai else None


def connect(memory_limit: str = "64MB") -> duckdb.DuckDBPyConnection:
    """Open a session of the process's DuckDB in memory, which has one thread.

    What a session registers, and its temporary tables, are its own and go with it; the memory limit is for all
    sessions with the same one.
    """
    return _database(memory_limit).cursor()


@cache
def _database(memory_limit: str) -> duckdb.DuckDBPyConnection:
    """Return the process's DuckDB: to open one takes 20 ms, a session of it none."""
    config: dict[str, Any] = {"threads": 1, "memory_limit": memory_limit, "temp_directory": ""}
    connection = duckdb.connect(":memory:", config=config | {"python_enable_replacements": False})
    # not in config: a time zone needs ICU, which is built in but not yet loaded while the database opens
    connection.execute("SET GLOBAL TimeZone = 'UTC'")
    return connection


def _batch(rows: int) -> int:
    """Return how many labels to match at a time, so that the memory limit holds whatever they fit."""
    return max(1, min(_BATCH, _PAIRS // max(1, rows)))


def _complete(
    known: pl.DataFrame, wanted: pl.DataFrame, batch: int, match: Callable[[pl.DataFrame], pl.DataFrame]
) -> pl.DataFrame:
    """Match what is wanted and not known yet, and add it; when that is too much, keep only what is wanted now."""
    keys = wanted.columns
    new = wanted.join(known, on=keys, how="anti", nulls_equal=True).sort(keys)
    every = pl.concat([known, *(match(labels) for labels in new.iter_slices(batch) if labels.height)])
    return every if every.height <= _REMEMBERED else every.join(wanted, on=keys, how="semi", nulls_equal=True)
