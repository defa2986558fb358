"""What each finding says: its code, its severity, its words, and what to do about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True)
class FindingCode:
    """A kind of finding.

    Attributes:
        code: Its name, in `etl.sync_issues.code`.
        severity: error: the record was not loaded. warning: it was, and somebody should look at it. info: nobody has to;
            text for people leaves it out unless `--all` asks for it.
        words: The sentence by case; '' is the case of a code that has only one. `{name}` stands for a value. A case
            `name.case` is no sentence: it is one of the texts that may stand for `{name}`.
        advice: What to do about it.
    """

    code: str
    severity: Severity
    words: Mapping[str, str]
    advice: str


_WHY_UNMAPPED = {
    "why.nothing": "fits nothing",
    "why.several": "is part of several names: {names}",
    "why.inactive": "fits only what is INACTIVE: {inactive}",
    "why.several_and_inactive": "is part of several names: {names}; and INACTIVE: {inactive}",
}
_API = {"api.one": "The API", "api.named": "The API of {source}"}
_NAMED = {
    "name.title": "named '{title}'",
    "name.tenant_id": "without a name, tenantId '{tenant_id}'",
    "name.none": "without a name, without a tenantId",
}
_REFERRER = {"referrer.unreadable": "Perhaps {column}, which this role can't read,"}
_SET_INACTIVE = "so it is not deleted but set INACTIVE. Delete it if nobody needs it."
_GONE = "The row is gone from the CMS."

DECLARED: tuple[FindingCode, ...] = (
    FindingCode(
        "missing_unique_id",
        "error",
        {
            "": "The record at position {position} of the feed ({name}) has {sent}, so it was not loaded. "
            "Give it one in the directory.",
            "sent.nothing": "no uniqueId",
            "sent.odd": "{json} in place of a uniqueId, which is a text or a whole number",
            **_NAMED,
        },
        "Give the record a uniqueId at the source.",
    ),
    FindingCode(
        "long_unique_id",
        "error",
        {
            "": "The record at position {position} of the feed ({name}) has a uniqueId of more than {bytes} bytes, so it "
            "was not loaded. Shorten it in the directory.",
            **_NAMED,
        },
        "Correct the uniqueId at the source.",
    ),
    FindingCode(
        "derived_id_taken",
        "error",
        {
            "": "The copy of {record} for one of its floors would be named {unique_id}, which is another record's id. "
            "The copy was not loaded. Give one of the two another uniqueId or floor in the directory."
        },
        "Give one of the two records another uniqueId at the source.",
    ),
    FindingCode(
        "rejected_by_database",
        "error",
        {
            "": "The database refused the row: {reason} (correct the value in the directory, or the rule in the CMS)",
            "reason.left_out": "a trigger of {table} left it out and gave no reason",
        },
        "Correct the value at the source, or the constraint in the CMS: the message has the reason.",
    ),
    FindingCode(
        "duplicate_record",
        "warning",
        {
            "differing": "The record came again: the one at position {dropped} was dropped, the one at position {taken} "
            "was taken, its blanks filled from the other. They differ in {fields}.",
            "equal": "The record came again: the one at position {dropped} was dropped, the one at position {taken} was "
            "taken. Both are equal in all that the job uses.",
        },
        "Remove one of the two at the source.",
    ),
    FindingCode(
        "control_characters",
        "warning",
        {"": "Control characters were dropped from {field}. Correct the text in the directory."},
        "Correct the text at the source; the job drops them each time.",
    ),
    FindingCode(
        "broken_characters",
        "warning",
        {
            "": "{field} had codes that stand for no character, such as half a pair, so they were dropped. "
            "Correct the text in the directory."
        },
        "Correct the text at the source: a character is missing there.",
    ),
    FindingCode(
        "bad_website",
        "warning",
        {
            "": "{field} is not an http or https address, so it was left out. "
            "Write it like https://www.example.com in the directory."
        },
        "Correct the address at the source.",
    ),
    FindingCode(
        "no_name",
        "warning",
        {
            "": "The record has no brand or shop name in any language; the slug of a new row is made of its id. "
            "Enter a name in the directory, or in the CMS."
        },
        "Enter a name at the source, or in the CMS: an editor's stays.",
    ),
    FindingCode(
        "no_english_title",
        "info",
        {"": "The record has a Thai title and no English one. Enter one in the directory, or in the CMS."},
        "Enter an English name at the source, or in the CMS: an editor's stays.",
    ),
    FindingCode(
        "unreadable_hours",
        "warning",
        {
            "": "The opening hours can't be read, so they are taken as text. Write them like 10:00-22:00 in the directory."
        },
        "Write them like `Mon-Fri 10:00-21:00` at the source.",
    ),
    FindingCode(
        "unreadable_date",
        "warning",
        {
            "": "{field} is not a date from {first_year} to {last_year}, so it was left out. "
            "Write it like 2024-01-31 in the directory."
        },
        "Write it like `2024-01-31` at the source.",
    ),
    FindingCode(
        "start_after_end",
        "warning",
        {"": "{field} is after endDate; both were loaded as they are. Correct one of them in the directory."},
        "Correct one of the two dates at the source.",
    ),
    FindingCode(
        "end_past",
        "info",
        {
            "": "{field} is past, and the record is still in the source; its status in the CMS stays. "
            "If the tenant has left, set its row INACTIVE in the CMS."
        },
        "If the tenant has left, set its row INACTIVE in the CMS; else correct the date at the source.",
    ),
    FindingCode(
        "not_active",
        "info",
        {
            "": "{field} says that the tenant is not active, and the record is still in the source; its status in the "
            "CMS stays. If the tenant has left, set its row INACTIVE in the CMS."
        },
        "If the tenant has left, set its row INACTIVE in the CMS; else correct the field at the source.",
    ),
    FindingCode(
        "unmapped_floor",
        "warning",
        {
            "": "No floor: {labels}. {result} Correct the label at the source, or add or activate the floor in the CMS.",
            "labels.one": "{label} {why}",
            "labels.more": "{labels} and {count} more",
            **_WHY_UNMAPPED,
            "why.range": "leaves out what is INACTIVE within the range: {inactive}",
            "result.none": "A new record is loaded without a floor; one in the CMS keeps its rows and floors.",
            "result.rest": "A new record is loaded with the floors of the rest: {floors}; "
            "one in the CMS keeps its rows and floors.",
        },
        "Correct the label at the source, or add the floor, or an alias of it (docs/matching.md).",
    ),
    FindingCode(
        "unmapped_category",
        "warning",
        {
            "": "No category of {kind} for {label_en} (English), {label_th} (Thai): {why}. "
            "The record is loaded, its category link is left as it is. "
            "Correct the labels at the source, or add or activate the category in the CMS.",
            **_WHY_UNMAPPED,
            "why.other_kind": "fits only a category of {kind}: {name}",
        },
        "Correct the labels at the source, or add the category, or an alias of it (docs/matching.md).",
    ),
    FindingCode(
        "english_label_unmatched",
        "warning",
        {
            "": "{label_en} (English) fits no category of {kind}; {name} was taken for {label_th} (Thai). "
            "Correct the English label in the directory."
        },
        "Correct the English label at the source, or add an alias of it (docs/matching.md).",
    ),
    FindingCode(
        "kind_by_default",
        "info",
        {
            "": "Neither {label_en} (English) nor {label_th} (Thai) says whether the record is a shop or a dining; "
            "it is taken for a shop. If it is a dining, correct the labels in the directory."
        },
        "Nothing, if it is a shop; else correct the labels at the source, or add an alias (docs/matching.md).",
    ),
    FindingCode(
        "double_name",
        "warning",
        {
            "": "{count} ACTIVE {what} are named '{name}': id {taken} is taken, never {others}. "
            "Rename or deactivate the others in the CMS.",
            "what.floors": "floors",
            "what.categories": "categories of {kind}",
        },
        "Give one of them another name in the CMS, or set it INACTIVE.",
    ),
    FindingCode(
        "unknown_fields",
        "warning",
        {"": "{api} sent {field} in {records}; it is not in the contract, so it is not used.", **_API},
        "Nothing, unless the CMS is to show one of them: then the contract gets it (CONTRIBUTING.md).",
    ),
    FindingCode(
        "field_vanished",
        "warning",
        {"": "{lost} of {had} records have lost {field} since the last run. What the CMS has of it stays."},
        "Ask the owner of the API whether the field goes on; until it is back, `etl sync --force` loads the rest.",
    ),
    FindingCode(
        "not_text",
        "warning",
        {
            "": "{api} sent an object or a list in {field} in {records}.",
            "record": "{field} came as an object, a list or what can't be an id, so it counts as blank. "
            "Correct it in the directory.",
            **_API,
        },
        "Correct the field at the source, where the CMS is to show it.",
    ),
    FindingCode(
        "not_objects",
        "warning",
        {
            "": "{count} entries of data are not objects, so they were not loaded. {api} has to send objects.",
            **_API,
        },
        "Nothing at the job: the API's owners have to correct their list.",
    ),
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
        },
        "Compare both values with `etl explain`, and enter the right one in the CMS.",
    ),
    FindingCode(
        "deleted_in_cms",
        "warning",
        {
            "": "The row is gone from the CMS, or has another unique_id there, so it is left alone. "
            "If nobody deleted it on purpose, `etl sync --recreate` makes it again."
        },
        "Nothing, if that was meant; what a rollback deleted comes back when that one is rolled back.",
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
            "kept": "{fields}: the CMS has again what a run had replaced, as by a form that was open before the run, or by "
            "a restore. It stays; `etl sync --retake` takes the source's value again.",
            "retaken": "{fields}: the CMS had again what a run had replaced; the source's value was taken again.",
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
        },
        "Enter in the new row what it is to have, and point what names the old row to the new one, in the CMS.",
    ),
    FindingCode(
        "not_rolled_back",
        "warning",
        {
            "gone": _GONE,
            "another_row": "The row has another unique_id now ({unique_id}): it may be another record's.",
            "skip_sync": "skip sync is ticked in the CMS: the row is not touched.",
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
    FindingCode("already_gone", "warning", {"": _GONE}, "Nothing: a rollback would have deleted the row."),
)
"""Every finding that a run may have, with all that it says."""

CODES: dict[str, FindingCode] = {each.code: each for each in DECLARED}
"""The same by code."""
