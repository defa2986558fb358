"""What transform finds out about records: a frame for each kind of finding, one row a record and finding."""

from datetime import datetime

import polars as pl

from etl.contract.issue import ISSUE, MAX_VALUE, finding_columns, words_column
from etl.transform.dates import MAX_YEAR, MIN_YEAR, Tenancy
from etl.transform.text import show_unseen

MAX_UNIQUE_ID_BYTES = 1000  # what Postgres can index, with room for a floor
IS_LONG = (pl.col("unique_id").str.len_bytes() > MAX_UNIQUE_ID_BYTES).fill_null(value=False)

STATUSES = ("status", "statusRevised")
"""The API's fields that may say that a tenant has gone."""

FOUND = {"row": pl.UInt32(), **{name: ISSUE[name] for name in ISSUE if name != "unique_id"}}
"""Columns of a frame of findings: the row of the record, and ISSUE but its id."""

_GONE = r"(?i)^\s*false\s*$|\bterminated\b"


def _none() -> pl.DataFrame:
    return pl.DataFrame(schema=FOUND)


def _found(
    rows: pl.Series, code: str, field: str | None, message: pl.Expr, value: pl.Series | None = None
) -> pl.DataFrame:
    """Make findings, one about each row; message and value are 1:1 with rows, or one for all."""
    if rows.is_empty():
        return _none()
    frame = pl.DataFrame({"row": rows}, schema={"row": pl.UInt32})
    cut = None if value is None else pl.lit(value.str.slice(0, MAX_VALUE))
    return frame.with_columns(finding_columns(code, message, field, cut)).select(list(FOUND))


def _of_field(
    code: str, field: str, mask: pl.Series, values: pl.Series, **words: pl.Expr | str
) -> pl.DataFrame:
    """Make a finding about a field of each row of a mask, with the field's value."""
    rows = mask.fill_null(value=False).arg_true()
    if rows.is_empty():
        return _none()
    message = words_column(code, "", field=pl.lit(field), **words)
    return _found(rows, code, field, message, values.gather(rows))


def missing_unique_id(tenants: pl.DataFrame, odd: pl.DataFrame) -> pl.DataFrame:
    """Report records without an id; what was sent in place of one is told."""
    code = "missing_unique_id"
    if not tenants["unique_id"].has_nulls():
        return _none()
    sent = odd.filter(field="uniqueId").select("row", sent="value")
    lost = tenants.with_row_index("row").filter(pl.col("unique_id").is_null())
    told = lost.join(sent, on="row", how="left", maintain_order="left")
    shown = pl.lit(show_unseen(told["sent"].str.slice(0, 100)))
    what = pl.coalesce(words_column(code, "sent.odd", json=shown), words_column(code, "sent.nothing"))
    messages = _naming_record(code, told, sent=what)
    return _found(told["row"], code, "uniqueId", pl.lit(messages), show_unseen(told["sent"]))


def _naming_record(code: str, lost: pl.DataFrame, **values: pl.Expr) -> pl.Series:
    """Return the words about records that have no id to be known by; a feed's positions are counted from 1."""
    name = pl.coalesce(
        words_column(code, "name.title", title=pl.coalesce("title_en", "title_th").str.slice(0, 100)),
        words_column(code, "name.tenant_id", tenant_id=pl.col("tenant_id").str.slice(0, 100)),
        words_column(code, "name.none"),
    )
    return lost.select(
        words_column(code, "", position=pl.col("position") + 1, name=name, **values)
    ).to_series()


def long_unique_id(tenants: pl.DataFrame) -> pl.DataFrame:
    """Report ids that no index of Postgres can hold."""
    rows = tenants.select(IS_LONG).to_series().arg_true()
    if rows.is_empty():
        return _none()
    lost = tenants.gather(rows)
    messages = _naming_record("long_unique_id", lost, bytes=pl.lit(MAX_UNIQUE_ID_BYTES))
    return _found(rows, "long_unique_id", "uniqueId", pl.lit(messages), lost["unique_id"])


def copies(compared: pl.DataFrame) -> pl.DataFrame:
    """Report each copy (transform.copies.COMPARED) about the record that counts, its `row`, with the fields that differ."""
    code = "duplicate_record"
    if compared.is_empty():
        return _none()
    places = {"dropped": pl.col("position") + 1, "taken": pl.col("last") + 1}
    told = compared.select(
        row=pl.col("row").cast(pl.UInt32),
        message=pl.when(pl.col("fields") == "")
        .then(words_column(code, "equal", **places))
        .otherwise(words_column(code, "differing", fields="fields", **places)),
        value=pl.when(pl.col("fields") != "").then("fields"),
    )
    return _found(told["row"], code, None, pl.lit(told["message"]), told["value"])


def names(tenants: pl.DataFrame) -> pl.DataFrame:
    """Report records that have no title, and those that have one in Thai alone."""
    no_english, no_thai = tenants["title_en"].is_null(), tenants["title_th"].is_null()
    thai = (no_english & ~no_thai).arg_true()
    return pl.concat(
        [
            _found((no_english & no_thai).arg_true(), "no_name", None, words_column("no_name")),
            _found(
                thai,
                "no_english_title",
                "title_en",
                words_column("no_english_title"),
                tenants["title_th"].gather(thai),
            ),
        ]
    )


def odd_values(odd: pl.DataFrame) -> pl.DataFrame:
    """Report values that can't be text (transform.odd_values.ODD)."""
    if odd.is_empty():
        return _none()
    told = odd.select(
        "row", "value", message=words_column("not_text", "record", field="field"), field="field"
    )
    found = _found(told["row"], "not_text", None, pl.lit(told["message"]), show_unseen(told["value"]))
    return found.with_columns(told["field"])


def lost_characters(raw: pl.DataFrame, lost: pl.DataFrame) -> pl.DataFrame:
    """Report each record and field that lost characters; the value shows what came, in visible escapes."""
    found = [_none()]
    for code in ("control_characters", "broken_characters"):
        of_code = lost.filter(repair=code)
        for field in of_code["field"].unique(maintain_order=True):
            rows = of_code.filter(field=field)["row"]
            value = show_unseen(raw[field].gather(rows).str.slice(0, MAX_VALUE))
            found.append(_found(rows, code, field, words_column(code, field=pl.lit(field)), value))
    return pl.concat(found)


def unreadable_hours(hours: pl.DataFrame) -> pl.DataFrame:
    """Report opening hours that are kept as text."""
    rows = hours["unreadable"].fill_null(value=False).arg_true()
    text = hours["hours"].gather(rows).str.json_path_match("$[1]")
    return _found(rows, "unreadable_hours", "openingHours", words_column("unreadable_hours"), text)


def bad_website(sent: pl.Series, kept: pl.Series) -> pl.DataFrame:
    """Report texts that are no web address."""
    return _of_field("bad_website", "website", sent.is_not_null() & kept.is_null(), sent)


def dates(clean: pl.DataFrame, tenancy: Tenancy, now: datetime | None) -> pl.DataFrame:
    """Report dates that can't be read, or make no sense."""
    starts, ends = clean["startDate"], clean["endDate"]
    years = {"first_year": pl.lit(MIN_YEAR), "last_year": pl.lit(MAX_YEAR)}
    pairs = clean.select(pl.concat_str("startDate", "endDate", separator=" – ")).to_series()
    return pl.concat(
        [
            _of_field("unreadable_date", "startDate", tenancy.bad_starts, starts, **years),
            _of_field("unreadable_date", "endDate", tenancy.bad_ends, ends, **years),
            _of_field("start_after_end", "startDate", tenancy.reversed, pairs),
            _of_field("end_past", "endDate", tenancy.past(now), ends),
        ]
    )


def not_active(raw: pl.DataFrame) -> pl.DataFrame:
    """Report records that the directory calls inactive or terminated."""
    says, revised = (raw[field].str.contains(_GONE).fill_null(value=False) for field in STATUSES)
    masks = zip(STATUSES, (says & ~revised, revised), strict=True)
    return pl.concat(_of_field("not_active", field, mask, raw[field]) for field, mask in masks)
