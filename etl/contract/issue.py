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

ADVICE: dict[str, str] = {
    "missing_unique_id": "Give the record a uniqueId at the source.",
    "long_unique_id": "Correct the uniqueId at the source.",
    "derived_id_taken": "Give one of the two records another uniqueId at the source.",
    "rejected_by_database": "Correct the value at the source, or the constraint in the CMS: the message has the reason.",
    "duplicate_record": "Remove one of the two at the source.",
    "control_characters": "Correct the text at the source; the job drops them each time.",
    "no_name": "Enter a name at the source, or in the CMS: an editor's stays.",
    "unreadable_hours": "Write them like `Mon-Fri 10:00-21:00` at the source.",
    "unreadable_date": "Write it like `2024-01-31` at the source.",
    "unmapped_floor": "Correct the label at the source, or add the floor, or an alias of it (docs/matching.md).",
    "unmapped_category": "Correct the labels at the source, or add the category, or an alias of it (docs/matching.md).",
    "double_name": "Give one of them another name in the CMS, or set it INACTIVE.",
    "unknown_fields": "Nothing, unless the CMS is to show one of them: then the contract gets it (CONTRIBUTING.md).",
    "not_text": "Nothing, unless the text in the CMS looks wrong: then correct the field at the source.",
    "kind_changed": "Correct the category at the source; the job never moves a row to the other table.",
    "duplicate_row": "Delete all but one of the rows in the CMS.",
    "id_reassigned": "Nothing, unless an editor worked on the row: the message says where it is now.",
    "conflict": "Compare both values with `etl explain`, and enter the right one in the CMS.",
    "deleted_in_cms": "Nothing, if that was meant; what a rollback deleted comes back when that one is rolled back.",
    "missing": "Nothing, or `--missing inactivate` sets such rows INACTIVE.",
    "inactivate_withheld": "Give those records a uniqueId at the source.",
    "live_row_left": "If editors worked on that row, give the two rows each other's unique_id in the CMS.",
    "foreign_id": "Correct the uniqueId at the source, or `id_prefix` of the sources (docs/several-sources.md).",
    "source_failed": "The message has the reason; run again once it is mended.",
    "source_not_named": "Name the source in EXTERNAL_API_URL again, or set its rows INACTIVE in the CMS.",
    "returned": "Nothing; an editor may set its row ACTIVE again.",
}
"""What to do about each code; docs/findings.md is written from it."""


ERROR_CODES: frozenset[str] = frozenset(
    {"missing_unique_id", "long_unique_id", "derived_id_taken", "foreign_id", "rejected_by_database"}
)
"""The codes whose severity is error; the others are warnings."""


def empty_issues() -> pl.DataFrame:
    """Return a frame of issues with no row."""
    return pl.DataFrame(schema=ISSUE)
