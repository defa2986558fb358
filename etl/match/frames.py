"""The Polars side of matching: from tenants to distinct labels, and from matched labels to rows and issues.

A frame of found floors has one row a label and floor; its note says why the label was not understood, null where it was.
A frame of found categories has one row a pair of labels, with its kind, and four columns for each kind.
"""

import polars as pl

from etl.contract.issue import ISSUE, MAX_VALUE, finding_columns, words_column
from etl.contract.tenant import CONTENT, KINDS, SENT, polars_schema

LABELS = ("floor_label", "category_label_en", "category_label_th")
PAIR = ["category_label_en", "category_label_th"]

FOUND_FLOORS: dict[str, pl.DataType] = {
    "label": pl.String(),
    "floor_id": pl.Int32(),
    "floor_name": pl.String(),
    "floor_rule": pl.String(),
    "floor_note": pl.String(),
}
_CATEGORY = {"id": pl.Int32(), "rule": pl.String(), "message": pl.String(), "english_message": pl.String()}
FOUND_CATEGORIES: dict[str, pl.DataType] = dict.fromkeys(
    (*PAIR, "kind", "kind_rule", "kind_message"), pl.String()
) | {f"{kind}_category_{part}": dtype for kind in KINDS for part, dtype in _CATEGORY.items()}

ROWS: dict[str, pl.DataType] = {
    "position": pl.Int64(),
    "copy": pl.Int32(),
    "unique_id": pl.String(),
    "source_unique_id": pl.String(),
    "derived": pl.Boolean(),
    "kind": pl.String(),
    "kind_rule": pl.String(),
    "slug_stem": pl.String(),
    **polars_schema((*CONTENT, SENT)),
    "floor_id": pl.Int32(),
    "floor_rule": pl.String(),
    "floor_is_understood": pl.Boolean(),
    **{
        name: dtype
        for name, dtype in FOUND_CATEGORIES.items()
        if name.endswith(("_category_id", "_category_rule"))
    },
    **dict.fromkeys(LABELS, pl.String()),
}
"""The columns of matched tenants: one row a record and distinct floor."""

_SHOWN_PARTS = 3


def conform(frame: pl.DataFrame, schema: dict[str, pl.DataType]) -> pl.DataFrame:
    """Return just the columns of a schema, in its order and its types. Rows: 1:1, order kept."""
    return frame.select(pl.col(name).cast(dtype) for name, dtype in schema.items())


def number(tenants: pl.DataFrame) -> pl.DataFrame:
    """Give each record a number, `record`, and make blank labels null. Rows: 1:1, order kept."""
    stripped = (pl.col(label).str.strip_chars() for label in LABELS)
    blank_as_null = (pl.when(label != "").then(label) for label in stripped)
    return tenants.with_row_index("record").with_columns(*blank_as_null)


def floor_labels(records: pl.DataFrame) -> pl.DataFrame:
    """Return every floor label of every record: record, label, is_whole.

    Rows: 1:n, in the order of the list. A record with a label has its whole label once, and each part that is
    not blank (the whole label again where there is no such part); a record without a label has no row.
    """
    labelled = records.filter(pl.col("floor_label").is_not_null())
    whole = labelled.select("record", label="floor_label")
    parts = labelled.select("record", label="floor_parts").explode("label")
    parts = parts.with_columns(pl.col("label").str.strip_chars()).filter(pl.col("label") != "")
    parts = pl.concat([parts, whole.join(parts, on="record", how="anti")])
    return pl.concat([whole.with_columns(is_whole=True), parts.with_columns(is_whole=False)])


def choose_floors(labels: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Join labels with the found floors, and keep those that count.

    Rows: a record whose whole label is a floor's exact name has that one row; each other one has its parts.
    """
    joined = labels.join(found, on="label", how="left", maintain_order="left")
    whole = joined.filter(pl.col("is_whole") & (pl.col("floor_rule") == "exact"))
    parts = joined.filter(~pl.col("is_whole")).join(whole, on="record", how="anti", maintain_order="left")
    return pl.concat([whole, parts])


def distinct_floors(chosen: pl.DataFrame) -> pl.DataFrame:
    """Return each record's distinct floors in the order of its list: `copy` 0, 1, … of `copies`."""
    return (
        chosen.filter(pl.col("floor_id").is_not_null())
        .unique(["record", "floor_id"], keep="first", maintain_order=True)
        .select(
            "record",
            "floor_id",
            "floor_name",
            "floor_rule",
            copy=pl.int_range(pl.len(), dtype=pl.Int32).over("record"),
            copies=pl.len().over("record"),
        )
    )


def doubted(chosen: pl.DataFrame) -> pl.Series:
    """Return the records whose label, or a part of it, is no floor's."""
    return chosen.filter(pl.col("floor_note").is_not_null())["record"].unique()


def assemble(
    records: pl.DataFrame, floors: pl.DataFrame, doubted_records: pl.Series, categories: pl.DataFrame
) -> pl.DataFrame:
    """Give each record its floors, its kind and its categories.

    Rows: 1:n, in feed order: one a distinct floor, one where there is none. With several floors each row's
    unique_id is the record's and `-<floor name>`. Columns: ROWS, and the messages of kind and categories.

    Args:
        records: As `number` gives them.
        floors: As `distinct_floors` gives them.
        doubted_records: As `doubted` gives them.
        categories: FOUND_CATEGORIES.
    """
    several = pl.col("copies").fill_null(0) > 1
    derived_id = pl.concat_str("unique_id", "floor_name", separator="-")
    return (
        records.join(floors, on="record", how="left", maintain_order="left_right")
        .join(categories, on=PAIR, how="left", nulls_equal=True, maintain_order="left")
        .with_columns(
            pl.col("copy").fill_null(0),
            pl.when(several).then(derived_id).otherwise("unique_id"),
            pl.col("unique_id").alias("source_unique_id"),
            several.alias("derived"),
            pl.col("kind").fill_null("shops"),
            pl.col("kind_rule").fill_null("blank"),
            _rule("floor_rule", pl.col("floor_label").is_null()),
            (pl.col("floor_label").is_not_null() & ~pl.col("record").is_in(doubted_records.implode())).alias(
                "floor_is_understood"
            ),
            *(_rule(f"{kind}_category_rule", pl.all_horizontal(pl.col(PAIR).is_null())) for kind in KINDS),
        )
        .select(*ROWS, *(name for name in FOUND_CATEGORIES if name.endswith("_message")))
    )


def count_rules(rows: pl.DataFrame) -> dict[str, int]:
    """Count rules: `floor:<rule>` by row, `category:<rule>` (for its own kind) and `kind:<rule>` by record."""
    records = rows.filter(pl.col("copy") == 0)
    rules = (
        rows.select(rule=pl.concat_str(pl.lit("floor:"), "floor_rule")),
        records.select(rule=pl.concat_str(pl.lit("category:"), of_own_kind("category_rule"))),
        records.select(rule=pl.concat_str(pl.lit("kind:"), "kind_rule")),
    )
    return dict(pl.concat(rules).group_by("rule").len().sort("rule").iter_rows())


def floor_issues(records: pl.DataFrame, chosen: pl.DataFrame, floors: pl.DataFrame) -> pl.DataFrame:
    """Return an issue for each record whose label, or a part of it, was not understood, in feed order."""
    missed = chosen.filter(pl.col("floor_note").is_not_null()).group_by("record", maintain_order=True)
    notes = missed.agg(pl.col("floor_note").unique(maintain_order=True).alias("notes"))
    names = floors.group_by("record", maintain_order=True).agg(pl.col("floor_name").alias("names"))
    found = (
        notes.join(records, on="record", how="left")
        .join(names, on="record", how="left")
        .sort("record")
        .with_columns(
            pl.lit("floor_id").alias("field"),
            _floor_message().alias("message"),
            pl.col("floor_label").alias("value"),
        )
    )
    return _issues(found, "unmapped_floor")


def category_issues(rows: pl.DataFrame) -> pl.DataFrame:
    """Return what is to be said of each record's category labels, for its own kind: by code, each in feed order."""
    column = pl.concat_str("kind", pl.lit("_category_id"))
    found = (
        ("unmapped_category", column, of_own_kind("category_message")),
        ("english_label_unmatched", column, of_own_kind("category_english_message")),
        ("kind_by_default", pl.lit("kind"), pl.col("kind_message")),
    )
    is_told = pl.any_horizontal(message.is_not_null() for _, _, message in found)
    records = rows.filter(pl.col("copy") == 0, is_told).with_columns(
        pl.col("source_unique_id").alias("unique_id"), pl.coalesce(PAIR).alias("value")
    )
    return pl.concat(
        _issues(records.filter(message.is_not_null()).with_columns(message=message, field=field), code)
        for code, field, message in found
    )


def _rule(column: str, is_blank: pl.Expr) -> pl.Expr:
    rule = pl.col(column).fill_null("unmapped")
    return pl.when(is_blank).then(pl.lit("blank")).otherwise(rule).alias(column)


def of_own_kind(column: str) -> pl.Expr:
    """Return the column of shops or of dinings, by a record's kind."""
    return pl.when(kind="shops").then(f"shops_{column}").otherwise(f"dinings_{column}")


def _floor_message() -> pl.Expr:
    code = "unmapped_floor"
    shown = pl.col("notes").list.head(_SHOWN_PARTS).list.join("; ")
    more = pl.col("notes").list.len().cast(pl.Int64()) - _SHOWN_PARTS
    shown_and_more = words_column(code, "labels.more", labels=shown, count=more)
    rest = words_column(code, "result.rest", floors=pl.col("names").list.join(", "))
    return words_column(
        code,
        labels=pl.when(more > 0).then(shown_and_more).otherwise(shown),
        result=pl.when(pl.col("names").is_null()).then(words_column(code, "result.none")).otherwise(rest),
    )


def _issues(found: pl.DataFrame, code: str) -> pl.DataFrame:
    """Return the rows of ISSUE from a frame that has unique_id, field, message and value."""
    value = pl.col("value").str.slice(0, MAX_VALUE)
    columns = finding_columns(code, pl.col("message"), pl.col("field"), value)
    return conform(found.with_columns(columns), ISSUE)
