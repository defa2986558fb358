"""The SQL files are held to the contract: every column is there, and nothing else is written out."""

import re

import sqlglot

from etl.contract.tenant import BASE, CONTENT, FIELDS, MERGED, TENANT
from etl.load import columns
from etl.runtime.queries import load, split, text


def test_each_merged_field_is_compared_once() -> None:
    """The comparison has one row for each merged field, in the contract's order, three values each."""
    names = re.findall(r"^\s*\('(\w+)', ", columns.merge_values("shops"), re.MULTILINE)
    assert names == [field.name for field in MERGED]


def test_values_compare_by_type() -> None:
    """Text stays, times are UTC to the millisecond, numbers and booleans become text."""
    rows = columns.merge_values("dinings").split(",\n    ")
    assert rows[:2] == [
        "('floor', coalesce((base.floor_id)::text, base.found_in_cms ->> 'floor'), (record.floor_id)::text, "
        "(staged.floor_id)::text)",
        "('zone', coalesce(base.zone::text, base.found_in_cms ->> 'zone'), nullif(record.location_zone::text, ''), "
        "staged.zone::text)",
    ]
    assert (
        "('category', (base.category_id)::text, (links.category_id)::text, (staged.dinings_category_id)::text)"
        in rows
    )
    assert (
        "('title_th', coalesce(base.title_th::text, base.found_in_cms ->> 'title_th'), nullif(th.title::text, ''), "
        "staged.title_th::text)"
    ) in rows
    assert columns.as_text("x.at", "timestamptz") == (
        "CASE WHEN x.at BETWEEN '0001-01-01T00:00:00Z' AND '9999-12-31T23:59:59.999Z' "
        "THEN to_char(x.at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"') "
        "WHEN isfinite(x.at) THEN to_char(x.at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS \"UTC\" BC') "
        "ELSE x.at::text END"
    )


def test_staging_has_the_canonical_row() -> None:
    """The staging table has the contract's columns and types, nothing more."""
    sql = load("stage/create_tenants", columns=columns.staging_definition()).replace(" ON COMMIT DROP", "")
    table = sqlglot.parse_one(sql, read="postgres")  # it does not know ON COMMIT
    names = [column.name for column in table.find_all(sqlglot.exp.ColumnDef)]
    assert names == ["seq", *(column.name for column in TENANT)]


def test_base_has_the_contracts_columns() -> None:
    """The schema's etl.tenants_base has each column of the base with its type."""
    (sql,) = (each for each in split(text("schema/etl")) if "CREATE TABLE etl.tenants_base" in each)
    for column in BASE:
        assert re.search(rf"^\s+{column.name} {column.pg_type},?$", sql, re.MULTILINE), column.name


def test_every_field_has_its_column() -> None:
    """A field names a canonical column, or a constant; every content column is written somewhere."""
    known = {column.name for column in (*TENANT, *BASE)}
    assert all((field.column in known) != bool(field.constant) for field in FIELDS)
    written = {field.column for field in FIELDS}
    assert {column.name for column in CONTENT} <= written


def test_update_touches_merged_columns_only() -> None:
    """An update never assigns what belongs to editors after creation."""
    assigned = re.findall(r"^\s*(\w+) = CASE", columns.update_record_assignments(), re.MULTILINE)
    hours = ["opening_hours_same_hours_every_day", "opening_hours_open", "opening_hours_close"]
    assert assigned == [*(field.cms_column for field in MERGED if field.part == "record"), *hours]
    assert not {"status", "slug", "sort_order", "is_featured", "pin_to_iconluxe", "short_alphabet"} & set(
        assigned
    )


def test_values_go_back_to_their_type() -> None:
    """A merged text is of the column's type again."""
    by_name = {field.name: field for field in FIELDS}
    assert columns.from_text("x", by_name["zone"]) == "x"
    assert columns.from_text("x", by_name["floor"]) == "(x)::int4"
    assert columns.from_text("x", by_name["start_date"]) == "(x)::timestamptz"


def test_hours_are_written_together() -> None:
    """Whoever writes one of the columns writes all of them, from one value."""
    assigned = [
        line
        for line in columns.update_record_assignments().split(",\n    ")
        if line.startswith("opening_hours")
    ]
    assert assigned == [
        f"{column} = CASE WHEN changes.after ? 'hours' THEN ((changes.after ->> 'hours')::jsonb ->> {place})::{pg_type} "
        f"ELSE record.{column} END"
        for place, (column, pg_type) in enumerate(
            {
                "opening_hours_same_hours_every_day": "bool",
                "opening_hours_open": "text",
                "opening_hours_close": "text",
            }.items()
        )
    ]
