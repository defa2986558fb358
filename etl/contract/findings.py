"""What each finding says: those about the feed and its records here, those about rows in cms_findings.py."""

from etl.contract.cms_findings import ROWS
from etl.contract.finding_code import FindingCode, Severity

__all__ = ["CODES", "DECLARED", "FindingCode", "Severity"]

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
            "reason.required": "{table}.{column} is required in the CMS, and the record has nothing for it",
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
    *ROWS,
)
"""Every finding that a run may have, with all that it says."""

CODES: dict[str, FindingCode] = {each.code: each for each in DECLARED}
"""The same by code."""
