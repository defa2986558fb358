"""A run's figures as its last log line has them: CloudWatch's Embedded Metric Format.

The figures are keys of the line, for people and queries; `_aws` beside them says which are metrics, and in which unit.
CloudWatch Logs makes metrics of that by itself. deploy/stack.yaml has alarms and a dashboard of them, and
docs/runbook.md says what to do about each.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from etl.model.results import SyncResult

NAMESPACE = "iconsiam-etl"
DIMENSION = "job"
"""The only one: each value of a dimension makes every metric, and its price, once more."""

_COUNTS = (
    *("done", "failed", "partial", "created", "updated", "unchanged", "rejected", "missing", "conflicts"),
    *("unmapped_floors", "unmapped_categories", "retries", "database_retries"),
)
UNITS = {
    **dict.fromkeys(_COUNTS, "Count"),
    "seconds": "Seconds",
    "records_per_second": "Count/Second",
    "peak_memory_mb": "Megabytes",
}
"""The metrics, with their units. The first three are 0 or 1 a run: written, not written, records left out.

`peak_memory_mb` is the process's most resident memory in MiB, the mapped pages of the libraries included (`timing`).
"""


def of_sync(result: "SyncResult", database_retries: int) -> dict[str, Any]:
    """Return the figures of a sync that is done: all metrics, and what else a person asks first."""
    seconds = result.seconds["total"]
    return {
        "done": 1,
        "failed": 0,
        "partial": int(result.status == "PARTIAL"),
        "fetched": result.extracted.records,
        **vars(result.counts),
        "retries": result.extracted.retried,
        "database_retries": database_retries,
        "seconds": seconds,
        "records_per_second": round(result.extracted.records / seconds, 1) if seconds else 0.0,
        "peak_memory_mb": result.peak_memory_mb,
        "snapshot": result.extracted.snapshot,
    }


def of_failure(seconds: float, peak_memory_mb: float) -> dict[str, Any]:
    """Return the figures of a sync that wrote nothing; what it would have done is not known, and no zero."""
    return {"done": 0, "failed": 1, "seconds": round(seconds, 3), "peak_memory_mb": peak_memory_mb}


def embedded(figures: Mapping[str, Any], job: str, at: float) -> dict[str, Any]:
    """Return the figures with what makes metrics of them.

    Args:
        figures: Keys of the line; those of `UNITS` become metrics.
        job: Value of the dimension: the job that ran, where an account has several.
        at: Seconds since 1970 (UTC).
    """
    directive = {
        "Namespace": NAMESPACE,
        "Dimensions": [[DIMENSION]],
        "Metrics": [{"Name": name, "Unit": unit} for name, unit in UNITS.items() if name in figures],
    }
    metadata = {"Timestamp": int(at * 1000), "CloudWatchMetrics": [directive]}
    return {**figures, DIMENSION: job, "_aws": metadata}
