"""The contract holds together: names, sources, places, SQL types."""

import pyarrow as pa

from etl.contract.issue import empty_issues
from etl.contract.raw import RAW_FIELDS, RAW_NAMES, SNAPSHOT_SCHEMA
from etl.contract.tenant import BASE, CATEGORY_ID, CONTENT, FIELDS, MERGED, SENT, TENANT, polars_schema


def test_raw_fields_are_the_apis_86() -> None:
    """The API's record has 86 fields, each once; only `status` is not a text."""
    assert len(RAW_NAMES) == len(set(RAW_NAMES)) == 86
    assert [field.name for field in RAW_FIELDS if field.is_bool] == ["status"]


def test_attributes_are_spelled_as_the_api_spells_them() -> None:
    """attribute3, 4 and 5 to 9 carry suffixes; 10 to 39 don't."""
    attributes = [name for name in RAW_NAMES if name.startswith("attribute")]
    assert len(attributes) == 39
    assert attributes[2:5] == ["attribute3Gender3", "attribute4Gender4", "attribute5ProductOffering1"]
    assert attributes[8:10] == ["attribute9ProductOffering5", "attribute10"]
    assert attributes[-1] == "attribute39"


def test_snapshot_is_all_text_with_the_unknown_fields_last() -> None:
    """Every column of a snapshot is text, in the API's order, then `extra`."""
    assert [SNAPSHOT_SCHEMA.names[0], *SNAPSHOT_SCHEMA.names[-2:]] == ["uniqueId", "jobSyncDate", "extra"]
    assert set(SNAPSHOT_SCHEMA.types) == {pa.string()}


def test_canonical_columns_come_from_fields_of_the_api() -> None:
    """No canonical column is made of a field that the API does not have; names are unique."""
    assert {source for column in TENANT for source in column.sources} <= set(RAW_NAMES)
    assert len({column.name for column in TENANT}) == len(TENANT)


def test_cms_fields_are_written_from_the_base() -> None:
    """Each place in the CMS is written from one column of the base or from one constant; names are unique."""
    columns = {column.name for column in BASE}
    assert all((field.column in columns) != (field.constant is not None) for field in FIELDS)
    assert len({field.name for field in FIELDS}) == len(FIELDS)
    assert len({(field.part, field.cms_column, field.locale) for field in FIELDS}) == len(FIELDS)


def test_editors_own_zh_and_what_is_set_at_creation() -> None:
    """Six zh texts and five constants are written once; the other 20 fields are merged."""
    once = [field.name for field in FIELDS if field.owner == "created_once"]
    assert [name for name in once if not name.endswith("_zh")] == [
        "status",
        "sort_order",
        "is_featured",
        "pin_to_iconluxe",
        "short_alphabet",
    ]
    assert len(once) == 11
    assert len(MERGED) == 20


def test_base_holds_content_and_matches() -> None:
    """The base has what the source gave, the floor, and the category of the row's own table."""
    assert BASE[:-3] == CONTENT
    assert BASE[-2:] == (CATEGORY_ID, SENT)
    assert polars_schema(BASE).keys() == {column.name for column in BASE}


def test_no_issues_is_a_frame_of_its_columns() -> None:
    """A frame of no issue has the columns of `etl.sync_issues`."""
    assert empty_issues().columns == ["unique_id", "severity", "code", "field", "message", "value"]
    assert len(empty_issues()) == 0
