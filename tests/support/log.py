"""Read what the job logs as JSON: an object a line."""

import json
from typing import Any


def read_log(text: str) -> list[dict[str, Any]]:
    """Return every line."""
    return [json.loads(line) for line in text.splitlines()]


def last_line(text: str) -> dict[str, Any]:
    """Return the last line, which says how a command ended."""
    return dict(json.loads(text.splitlines()[-1]))
