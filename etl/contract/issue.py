"""A finding about a record: the row of `etl.sync_issues`, and of every frame of issues on its way there."""

import polars as pl

ISSUE: dict[str, pl.DataType] = {
    "unique_id": pl.String(),  # the API's uniqueId (or the derived one); null where the record has none
    "severity": pl.String(),  # 'error': the record was not loaded; 'warning': it was
    "code": pl.String(),  # one of CODES
    "field": pl.String(),  # the canonical column or the API's field; null where it concerns the whole record
    "message": pl.String(),  # for people: what, and what was done about it
    "value": pl.String(),  # what was found, as text, at most MAX_VALUE characters; of a conflict, all sides whole
}

MAX_VALUE = 500
"""A longer value of a finding is cut there."""

CODES: dict[str, str] = {
    "missing_unique_id": "the record has no uniqueId, so it can't be told from others",
    "long_unique_id": "the uniqueId is too long to be one",
    "derived_id_taken": "a copy for one of several floors would have the id of another record",
    "rejected_by_database": "the database refused the row",
    "duplicate_record": "the same uniqueId came more than once; the last was taken",
    "control_characters": "control characters were dropped from a text",
    "no_name": "the record has no name in any language",
    "unreadable_hours": "opening hours could not be read and are kept as they came",
    "unreadable_date": "a date could not be read and was left out",
    "unmapped_floor": "no floor fits the label",
    "unmapped_category": "no category fits the labels",
    "double_name": "several ACTIVE floors or categories share a name; labels get the one with the lowest id",
    "unknown_fields": "the API sent fields that are not in the contract; the snapshot keeps them",
    "not_text": "the API sent an object or a list where text was promised; kept as JSON text",
    "kind_changed": "the record's category says another kind than the table it lives in; it stays there",
    "duplicate_row": "the CMS has several rows with this unique_id; one was chosen",
    "id_reassigned": "a row made for one of several floors is now a record with that id of its own",
    "conflict": "the source and an editor both changed a field",
    "deleted_in_cms": "an editor or a rollback deleted the row; it is not made again",
    "missing": "the record is in the CMS and no longer in the source",
    "inactivate_withheld": "records came without a uniqueId, so no missing row was set INACTIVE",
    "live_row_left": "the record goes on in its earlier row, which has its id; the row that it had on this floor is left",
    "foreign_id": "the id begins as those of another source do, so the record was not loaded",
    "source_failed": "nothing of one of several sources was loaded; its rows stay as they are",
    "source_not_named": "the CMS has records of a source that EXTERNAL_API_URL does not name; they stay as they are",
    "returned": "the record was missing and is in the source again",
}
"""Every code of an issue, and what it says."""


ERROR_CODES: frozenset[str] = frozenset(
    {"missing_unique_id", "long_unique_id", "derived_id_taken", "foreign_id", "rejected_by_database"}
)
"""The codes whose severity is error; the others are warnings."""


def empty_issues() -> pl.DataFrame:
    """Return a frame of issues with no row."""
    return pl.DataFrame(schema=ISSUE)
