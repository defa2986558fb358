"""What the CMS's screen of runs gets: column lists, notes, and the labels that findings do not keep."""

import json

import polars as pl

from etl.load.unmapped import UnmappedCategories
from etl.runs.cms_log import assigned, inserted, notes

TYPES = {"id": "integer", "status": "public.enum_api_sync_logs_status", "notes": "character varying"}

RUN = {
    "sync_id": "20261123T210451Z-3f9a1c",
    "command": "sync",
    "status": "COMPLETED",
    "error": None,
    "external_api_url": "https://api.example.com/tenants",
    "records_unchanged": 450,
    "records_skipped": 0,
    "records_duplicate": 0,
    "records_missing": 0,
    "records_inactivated": 0,
    "fields_kept": 0,
    "conflicts": 0,
    "unmapped_floors": 0,
    "unmapped_categories": 0,
    "options": "{}",
    "performance": '{"pages": 5, "retries": {}}',
}


def tenants(*rows: tuple[str, str, str, str | None, str | None]) -> pl.DataFrame:
    """Return matched tenants: kind, the rule of either kind, the labels."""
    names = (
        "kind",
        "shops_category_rule",
        "dinings_category_rule",
        "category_label_en",
        "category_label_th",
    )
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String()), orient="row")


def test_an_insert_names_the_columns_that_exist_and_casts_to_their_types() -> None:
    """A column that the CMS does not have is left out; the order is that asked for."""
    assert inserted(("status", "started_at", "notes"), TYPES) == {
        "columns": '"status", "notes"',
        "values": '(given."status")::public.enum_api_sync_logs_status, (given."notes")::character varying',
    }


def test_an_update_assigns_the_columns_that_exist() -> None:
    """As for an insert; a column of the table that was not asked for is left alone."""
    assert assigned(("started_at", "notes"), TYPES) == '"notes" = (given."notes")::character varying'


def test_the_notes_of_a_quiet_run() -> None:
    """What did not happen is not mentioned."""
    assert notes(RUN, {"errors": -500}) == "450 unchanged."


def test_the_notes_of_a_run_with_everything() -> None:
    """Counts that have no column, retries, a replay, an incomplete source, and what the lists lack."""
    run = {
        **RUN,
        "external_api_url": None,
        "records_skipped": 2,
        "records_duplicate": 1,
        "records_missing": 3,
        "records_inactivated": 1,
        "fields_kept": 5,
        "conflicts": 4,
        "unmapped_floors": 6,
        "unmapped_categories": 7,
        "performance": json.dumps(
            {"retries": {"503": 2, "429": 1}, "incomplete": ["page 3 is short.", "page 5 is empty."]}
        ),
    }

    assert notes(run, {"errors": 12, "validation issues": 0, "unmapped floors": 1}) == (
        "450 unchanged, 2 skipped, 1 that came twice, 3 missing, 1 set INACTIVE, 6 with an unmapped floor, "
        "7 with an unmapped category, 5 values of editors kept, 4 conflicts. 3 requests were tried again. "
        "Replayed from a snapshot. The source gave less than it promised: page 3 is short.; page 5 is empty. "
        "Not listed here: 12 more errors, 1 more unmapped floors; `etl runs 20261123T210451Z-3f9a1c` shows them."
    )


def test_the_notes_of_a_failed_run_say_why() -> None:
    """A failed run has no counts."""
    run = {**RUN, "status": "FAILED", "error": "The API answered 503.", "records_unchanged": None}
    assert notes(run, {}) == "Failed: The API answered 503."


def test_unmapped_labels_are_those_of_the_records_own_kind() -> None:
    """A record counts by the rule of its own kind; each pair once; the label is the English one, else the Thai."""
    unmapped = UnmappedCategories()

    unmapped.add(
        tenants(
            ("shops", "unmapped", "exact", "Zzz", "ซซซ"),
            ("shops", "unmapped", "unmapped", "Zzz", "ซซซ"),
            ("shops", "exact", "unmapped", "Fashion", None),
            ("shops", "blank", "blank", None, None),
        )
    )
    unmapped.add(
        tenants(("dinings", "exact", "unmapped", None, "บาร์"), ("shops", "unmapped", "exact", "Zzz", "ซซซ"))
    )

    assert json.loads(unmapped.as_json()) == [
        {"kind": "shops", "label": "Zzz", "en": "Zzz", "th": "ซซซ"},
        {"kind": "dinings", "label": "บาร์", "en": None, "th": "บาร์"},
    ]


def test_a_long_label_is_cut_as_findings_cut_it() -> None:
    """A finding's value has at most 500 characters; the names are whole."""
    unmapped = UnmappedCategories()
    unmapped.add(tenants(("shops", "unmapped", "unmapped", "x" * 600, None)))

    (row,) = json.loads(unmapped.as_json())

    assert (row["label"], row["en"]) == ("x" * 500, "x" * 600)


def test_the_memory_for_labels_is_bounded() -> None:
    """Beyond 5,000 pairs, further ones are not known; those known stay."""
    unmapped = UnmappedCategories()
    for start in (0, 4_000):
        rows = [
            ("shops", "unmapped", "unmapped", f"label {number}", None)
            for number in range(start, start + 4_000)
        ]
        unmapped.add(tenants(*rows))

    known = json.loads(unmapped.as_json())

    assert (len(known), known[-1]["label"]) == (5_000, "label 4999")
