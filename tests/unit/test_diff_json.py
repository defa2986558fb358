"""A diff as JSON: its shape, its stability, and that docs/diff-json.md tells of every key."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from etl.compare.fields import FIELDS_OF_FINDINGS, PLAN_FIELDS, SNAPSHOT_FIELDS
from etl.compare.json import FORMAT_VERSION, to_json
from etl.compare.model import (
    REASONS,
    Diff,
    FieldChange,
    Finding,
    Nearest,
    RecordChange,
    Reference,
    Totals,
    Unmapped,
)
from etl.compare.select import Selection, select
from etl.model.panel import Panel
from etl.model.results import Side

DOCUMENT = Path(__file__).parents[2] / "docs" / "diff-json.md"

FOUND = Diff(
    source=Side("snapshot", "snapshots/today", 2),
    against=Side("database", "the CMS"),
    options={"missing": "keep", "conflicts": "source"},
    totals=Totals(
        {
            "created": {"shops": 0, "dinings": 0, "unknown": 0},
            "updated": {"shops": 1, "dinings": 0, "unknown": 0},
            "inactivated": {"shops": 0, "dinings": 0, "unknown": 0},
        },
        {"written": 1, "kept": 0, "conflict": 1},
        {"unmapped_floor": 1},
    ),
    records=(
        RecordChange(
            "updated", "T1", "T1", "shops", 7, "Brand", ("conflict", "updated"),
            fields=(
                FieldChange("floor", "conflict", Reference(3, "3F"), Reference(4, None), Reference(1, "1F"),
                            Reference(4, None), "source"),
            ),
            floor=Reference(4, None),
            category=Reference(11, "FASHION"),
        ),
    ),
    issues=(Finding("T1", "warning", "unmapped_floor", "floor_id", "No floor.", "Roof"),),
    notes=("A sync would refuse this.",),
    unmapped=(Unmapped("floor", "Roof", 1, "T1", (Nearest(4, "RF", 0.667),)),),
)  # fmt: skip


def test_the_whole_document() -> None:
    """Every key, with floors as id and name, and what was selected."""
    assert json.loads(to_json(select(FOUND, Selection(frozenset({"updated"}), frozenset(), 5)))) == {
        "format": "iconsiam-etl diff",
        "version": 1,
        "source": {"kind": "snapshot", "name": "snapshots/today", "records": 2},
        "against": {"kind": "database", "name": "the CMS", "records": None},
        "options": {"missing": "keep", "conflicts": "source"},
        "selection": {"only": ["updated"], "fields": [], "limit": 5},
        "notes": ["A sync would refuse this."],
        "has_changes": True,
        "totals": {
            "records": {
                "created": {"shops": 0, "dinings": 0, "unknown": 0, "total": 0},
                "updated": {"shops": 1, "dinings": 0, "unknown": 0, "total": 1},
                "inactivated": {"shops": 0, "dinings": 0, "unknown": 0, "total": 0},
            },
            "fields": {"written": 1, "kept": 0, "conflict": 1},
            "issues": {"unmapped_floor": 1},
        },
        "records": [
            {
                "action": "updated",
                "unique_id": "T1",
                "source_unique_id": "T1",
                "table": "shops",
                "record_id": 7,
                "url": None,
                "title": "Brand",
                "tags": ["conflict", "updated"],
                "reason": None,
                "message": None,
                "floor": {"id": 4, "name": None},
                "category": {"id": 11, "name": "FASHION"},
                "fields": [
                    {
                        "field": "floor",
                        "verdict": "conflict",
                        "before": {"id": 3, "name": "3F"},
                        "after": {"id": 4, "name": None},
                        "base": {"id": 1, "name": "1F"},
                        "source": {"id": 4, "name": None},
                        "winner": "source",
                    }
                ],
            }
        ],
        "issues": [
            {
                "unique_id": "T1",
                "severity": "warning",
                "code": "unmapped_floor",
                "field": "floor_id",
                "message": "No floor.",
                "value": "Roof",
                "title": None,
            }
        ],
        "unmapped": [
            {
                "kind": "floor",
                "label": "Roof",
                "records": 1,
                "example": "T1",
                "nearest": [{"id": 4, "name": "RF", "similarity": 0.667}],
            }
        ],
        "left_off": {"records": {}, "issues": {}},
    }


def test_a_row_has_the_address_of_its_document() -> None:
    """Where the panel is known; a record without a row has none."""
    records = (*FOUND.records, RecordChange("created", "T2", "T2", "shops"))
    found = replace(FOUND, records=records, panel=Panel("https://cms.example.com/admin"))
    document = json.loads(to_json(select(found, Selection())))
    assert [record["url"] for record in document["records"]] == [
        "https://cms.example.com/admin/collections/shops/7",
        None,
    ]
    assert "panel" not in document


def test_keys_are_sorted_and_the_text_ends_with_a_line() -> None:
    """The same diff gives the same bytes, in an order that does not depend on the program."""
    text = to_json(select(FOUND, Selection()))
    keys = list(json.loads(text))
    assert keys == sorted(keys)
    assert text.startswith('{\n  "against": {\n    "kind": "database",')
    assert text.endswith("}\n")
    assert text == to_json(select(FOUND, Selection()))


def test_what_a_terminal_would_take_for_a_command_is_escaped() -> None:
    """The JSON stays equal in meaning; Thai is readable, controls and marks of direction are escapes."""
    evil = "ไทย\x9b\u202e\u2028\x1b"
    found = Diff(FOUND.source, FOUND.against, {}, FOUND.totals, (), (), (evil,))
    text = to_json(select(found, Selection()))
    assert '"ไทย\\u009b\\u202e\\u2028\\u001b"' in text
    assert json.loads(text)["notes"] == [evil]


def test_the_document_tells_of_every_key_and_value() -> None:
    """docs/diff-json.md names the version, every key, verdict, action and reason."""
    words = set(re.findall(r"`([^`\n]+)`", DOCUMENT.read_text(encoding="utf-8")))
    verdicts = {"created", "source", "first_contact", "carried_over", "conflict", "kept", "inactivated", "added",
                "changed", "gone"}  # fmt: skip
    assert words >= {*keys_of(json.loads(to_json(select(FOUND, Selection()))))} | verdicts | set(REASONS)
    assert f"Version {FORMAT_VERSION}" in DOCUMENT.read_text(encoding="utf-8")


def keys_of(value: Any) -> Iterator[str]:
    """Return every key of nested objects."""
    if isinstance(value, dict):
        yield from value
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from keys_of(child)


def test_names_of_fields() -> None:
    """Fields go by the same names in a plan and between snapshots wherever one column makes one field."""
    assert PLAN_FIELDS[:4] == ("unique_id", "slug", "title_en", "subtitle_en")
    assert set(SNAPSHOT_FIELDS) - set(PLAN_FIELDS) == {
        "kind",
        "shop_number",
        "floor_label",
        "category_label_en",
        "category_label_th",
    }
    assert FIELDS_OF_FINDINGS["startDate"] == {"start_date"}
    assert FIELDS_OF_FINDINGS["floor_id"] == {"floor"}
    assert FIELDS_OF_FINDINGS["brandNameEn"] == {"title_en", "title_zh", "meta_title_en", "meta_title_zh"}
