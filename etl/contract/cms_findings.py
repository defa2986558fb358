"""What findings say about rows of the CMS: those that a merge, a move or a rollback meets."""

from etl.contract.finding_code import FindingCode

_API = {"api.one": "The API", "api.named": "The API of {source}"}
_REFERRER = {"referrer.unreadable": "Perhaps {column}, which this role can't read,"}
_SET_INACTIVE = "so it is not deleted but set INACTIVE. Delete it if nobody needs it."
_GONE = "The row is gone from the CMS."
_TRASHED = "The row is in the CMS's trash."

ROWS: tuple[FindingCode, ...] = (
    FindingCode(
        "kind_changed",
        "warning",
        {
            "fits": "The category now says {kind}, but the record lives in {table} and stays there until "
            "`etl move {unique_id}` moves it.",
            "fits_none": "The category now says {kind}, but the record lives in {table} and stays there until "
            "`etl move {unique_id}` moves it; no category there fits, so its category link stays as it is.",
            "made": "An editor deleted the row in {table}; the category says {kind}, so the record is made there.",
        },
        "Run `etl move` with the record's uniqueId (docs/move.md), or correct the category at the source.",
    ),
    FindingCode(
        "duplicate_row",
        "warning",
        {
            "": "The CMS has {count} rows with this unique_id ({rows}); {chosen} was chosen. "
            "Remove the others in the CMS, or give them another unique_id."
        },
        "Delete all but one of the rows in the CMS.",
    ),
    FindingCode(
        "odd_id",
        "warning",
        {
            "": "{table} {id} has the unique_id '{written}' in the CMS: {unique_id} but for blanks or marks that nobody "
            "sees. The row is taken for that record's. Enter the plain unique_id in the CMS."
        },
        "Enter the unique_id in the CMS again, without what is shown as an escape and without blanks at its ends.",
    ),
    FindingCode(
        "id_reassigned",
        "warning",
        {
            "own": "The row was made for {record} on one of its floors; the source now has a record with this id of "
            "its own. If an editor worked on the row, see whether that fits the other record.",
            "copy": "The row was made for {record}, which has left the source; it is the copy of {source} for one of its "
            "floors now. If an editor worked on the row, see whether that fits.",
        },
        "Nothing, unless an editor worked on the row: it is the other record's now.",
    ),
    FindingCode(
        "conflict",
        "warning",
        {
            "source": "The source and an editor both changed {field}; the source's value was written. "
            "If the editor's is right, enter it again in the CMS.",
            "editor": "The source and an editor both changed {field}; the editor's value was kept. "
            "If the source's is right, enter it in the CMS.",
            "form_source": "The source changed {field}, where an old form had put back what a run had "
            "replaced; the source's value was written. If the old one is right, enter it again in the CMS.",
            "form_editor": "The source changed {field}, where an old form had put back what a run had replaced; that was "
            "kept. If the source's is right, enter it in the CMS.",
        },
        "Compare both values with `etl explain`, and enter the right one in the CMS.",
    ),
    FindingCode(
        "in_an_editors_draft",
        "warning",
        {
            "": "An editor's draft of the row has another {field}, and keeps it. The row itself gets the new value; once "
            "the draft is published, the draft's replaces it."
        },
        "Open the draft in the CMS: enter the published value there, or publish the draft if it is right.",
    ),
    FindingCode(
        "not_in_a_list",
        "info",
        {
            "": "Rows of {table} had no version, so that no list of the CMS showed them ({count}). Each gets a copy of "
            "itself as its version; no value of theirs changes."
        },
        "Nothing: the lists show them after the run.",
    ),
    FindingCode(
        "deleted_in_cms",
        "warning",
        {
            "gone": "The row is gone from the CMS, or has another unique_id there, so it is left alone. "
            "If nobody deleted it on purpose, `etl sync --recreate` makes it again.",
            "trashed": "The row is in the CMS's trash, so it is left alone, and not made again. If it should be there, "
            "restore it from the trash in the CMS.",
        },
        "Nothing, if that was meant; what a rollback deleted comes back when that one is rolled back.",
    ),
    FindingCode(
        "open_in_cms",
        "warning",
        {
            "": "Somebody has {place} open in the CMS, and saving that form would undo what is written now: the row "
            "waits for the next run. `etl sync --force-open` does not wait."
        },
        "Nothing: the next run writes the row once nobody edits it.",
    ),
    FindingCode(
        "missing",
        "warning",
        {
            "kept": "The record is no longer in the source; its row stays as it is. "
            "Set it INACTIVE in the CMS, or all such rows by `etl sync --missing inactivate`.",
            "inactivated": "The record is no longer in the source; its row was set INACTIVE. "
            "If it should stay, give the record back to the directory.",
            "edited": "The record is no longer in the source; an editor changed its row during the run, "
            "so it stays as it is.",
            "open": "The record is no longer in the source; somebody has its row open in the CMS, so that the next run "
            "sets it INACTIVE.",
            "not_ours": "The row has a unique_id that the source does not have, and no sync of this job wrote it; "
            "it stays. If nobody needs it, delete it in the CMS.",
        },
        "Nothing, or `--missing inactivate` sets such rows INACTIVE.",
    ),
    FindingCode(
        "row_kept",
        "warning",
        {
            "": "The record's floor label is blank or was not understood, so it does not say which floors the record "
            "is on: {table} {id} stays on its floor. Correct the label in the directory, or add or activate the floor "
            "in the CMS."
        },
        "Correct the floor at the source, or add or activate it in the CMS.",
    ),
    FindingCode(
        "inactive_reference",
        "warning",
        {
            "": "'{name}' ({reference}) is INACTIVE, and rows are linked to it ({count}): {examples}. "
            "Activate it in the CMS, or give the rows another one."
        },
        "Activate it in the CMS, or give those rows another one.",
    ),
    FindingCode(
        "inactivate_withheld",
        "warning",
        {
            "": "No row was set INACTIVE: the rows that are missing ({rows}) may be those of the records that came "
            "without a uniqueId ({records}). Give these their ids in the directory."
        },
        "Give those records a uniqueId at the source.",
    ),
    FindingCode(
        "live_row_left",
        "warning",
        {
            "": "The record goes on in its earlier row, {table} {id}, which has its id; "
            "{left_table} {left_id} ({left_unique_id}), on the same floor, is left. "
            "If editors worked on that one, give the two rows each other's unique_id in the CMS."
        },
        "If editors worked on that row, give the two rows each other's unique_id in the CMS.",
    ),
    FindingCode(
        "foreign_id",
        "error",
        {
            "": "The record at position {position} of the feed has a uniqueId that begins as those of another source do, "
            "'{id_prefix}', so it was not loaded. Give that source another name, or id_prefix, in EXTERNAL_API_URL."
        },
        "Correct the uniqueId at the source, or `id_prefix` of the sources (docs/several-sources.md).",
    ),
    FindingCode(
        "put_back",
        "warning",
        {
            "kept": "{fields}: an old form, opened before a run had replaced it, put it back, or a restore did. It stays; "
            "`etl sync --retake` takes the source's value again.",
            "retaken": "{fields}: an old form or a restore had put back what a run had replaced; the source's value was "
            "taken again.",
        },
        "If an editor meant it, nothing; else run `etl sync --retake`.",
    ),
    FindingCode(
        "value_kept",
        "info",
        {
            "": "The source has nothing in {fields} now, where it had something before; what is in the CMS stays."
        },
        "Nothing; to empty a field, empty it in the CMS.",
    ),
    FindingCode(
        "source_not_named",
        "warning",
        {
            "": "The CMS has {count} records of {source}, which EXTERNAL_API_URL does not name; they stay as they are. "
            "Name it there again, or set its rows INACTIVE in the CMS."
        },
        "Name the source in EXTERNAL_API_URL again, or set its rows INACTIVE in the CMS.",
    ),
    FindingCode(
        "returned",
        "warning",
        {
            "": "The record had been missing since {day} and is in the source again. "
            "Look at its row's status in the CMS: no sync changes that back."
        },
        "Nothing; an editor may set its row ACTIVE again.",
    ),
    FindingCode(
        "not_moved",
        "warning",
        {
            "category": "No category of {kind} fits the record's labels by the last sync: the new row has no link to one.",
            "slug": "Another row of {table} has the slug {slug}; the new row has {new}.",
            "links": "{links} stay on the old row, {row}: {names}.",
            "links.of_kind": "Links to categories of {kind}",
            "links.no_column": "Links that the other table has no column for",
            "columns": "{what} does not go along: {other} has no such thing. It stays on the old row, {row}.",
            "references": "{column} names the old row, {row}, {count} times, and goes on doing so.",
            "unreadable": "{column} can't be read by this role; perhaps it names the old row, {row}.",
            "draft": "An editor has a draft of {row} that is not published. It stays with the old row; the new one has "
            "what is published.",
        },
        "Enter in the new row what it is to have, and point what names the old row to the new one, in the CMS.",
    ),
    FindingCode(
        "not_rolled_back",
        "warning",
        {
            "gone": _GONE,
            "in_trash": _TRASHED,
            "another_row": "The row has another unique_id now ({unique_id}): it may be another record's.",
            "skip_sync": "skip sync is ticked in the CMS: the row is not touched.",
            "open_in_cms": "Somebody has the row open in the CMS: it is not touched. Once it is closed, roll back the run "
            "again.",
            "id_taken": "Another row has its id by now; it can't come back.",
            "unique_id_taken": "Another row has its unique_id by now; it does not come back.",
            "referenced": "{referrer} names the row, so it is not deleted; it is INACTIVE already.",
            "saved_since": "Somebody saved the row since, so it is not deleted; it is INACTIVE already.",
            "changed_since": "The row was changed since, so it is not deleted; it is INACTIVE already.",
            "moved": "The record was moved between this row and {other}, which can't go back, so both stay.",
            "field": "{field} is not put back: {why}.",
            **_REFERRER,
            "why.taken": "another row has that unique_id by now",
            "why.refused": "the database refused the row",
            "why.moved": "the other row of the moved record stays",
            "why.open_in_cms": "somebody has the row open in the CMS",
            "why.by_run": "run {run} wrote what is there now",
            "why.by_editor": "an editor changed it since",
        },
        "Nothing, if the value that is there now is right; else enter the right one in the CMS.",
    ),
    FindingCode(
        "set_inactive",
        "warning",
        {
            "referenced": "{referrer} names the row, so it is not deleted but set INACTIVE.",
            "saved_since": f"Somebody saved the row since, {_SET_INACTIVE}",
            "changed_since": f"The row was changed since, {_SET_INACTIVE}",
            **_REFERRER,
        },
        "Delete the row in the CMS if nobody needs it.",
    ),
    FindingCode(
        "already_gone",
        "warning",
        {"gone": _GONE, "trashed": _TRASHED},
        "Nothing: a rollback would have deleted the row.",
    ),
)
"""Findings about rows, in the order of docs/findings.md."""
