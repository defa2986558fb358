"""Reads a log line as CloudWatch reads the Embedded Metric Format, and refuses what CloudWatch would drop."""

import json
from pathlib import Path
from typing import Any

SCHEMA = json.loads((Path(__file__).parents[1] / "ship" / "emf.schema.json").read_text(encoding="utf-8"))


def require_schema(line: dict[str, Any]) -> None:
    """Raise jsonschema's error where a line breaks AWS's schema."""
    import jsonschema  # noqa: PLC0415 — takes three seconds, which only the workers that use it are to spend

    jsonschema.validate(line, SCHEMA, jsonschema.Draft202012Validator)


def extract_metrics(line: dict[str, Any]) -> dict[str, float]:
    """Return the metrics of a line by name.

    Beside the schema this holds what the specification says in words: each metric's value is a number at the root, each
    dimension's a text there, and no value is nested.
    """
    require_schema(line)
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    for dimension in directive["Dimensions"][0]:
        assert isinstance(line[dimension], str)
        assert line[dimension].strip()
    found = {metric["Name"]: line[metric["Name"]] for metric in directive["Metrics"]}
    assert all(type(value) in (int, float) for value in found.values())
    return found
