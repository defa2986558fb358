"""The end of a sync that is done: its trail, its figures and its row in the log, in its own transaction."""

import time
from typing import Any

from etl.contract.counters import PlanCounts
from etl.db.retry import Retries
from etl.load.batches import StagingCounts
from etl.load.sources import keep_source
from etl.model.results import ExtractResult, SyncResult
from etl.runs import log as run_log
from etl.runs.run import Run
from etl.runtime import metrics
from etl.runtime.log import get_logger
from etl.runtime.timing import peak_memory_mb


def finish(run: Run, extracted: ExtractResult, found: StagingCounts, counts: PlanCounts) -> SyncResult:
    """Keep what the applied plan of this transaction did, close the log of the run, and return its result.

    Raises:
        LockError: another run has closed the log.
    """
    with run.stages.timed("audit"):
        issues = run_log.write_trail(run.db, run.sync_id, counts)
        keep_source(run.db, run.sync_id, run.origin, extracted, counts)
        result = _result(run, extracted, found, counts, issues)
        _close(run, result, found)
    run.stages.done("audit", issues=sum(result.issues.values()))
    return result


def _result(
    run: Run, extracted: ExtractResult, found: StagingCounts, counts: PlanCounts, issues: dict[str, int]
) -> SyncResult:
    return SyncResult(
        sync_id=run.sync_id,
        status="COMPLETED" if extracted.is_complete and counts.rejected == 0 else "PARTIAL",
        extracted=extracted,
        counts=counts,
        issues=issues,
        repairs=dict(sorted(found.repairs.items())),
        rules=dict(sorted(found.rules.items())),
        seconds=run.stages.total(),
        peak_memory_mb=peak_memory_mb(),
        source=run.origin.name,
    )


def _close(run: Run, result: SyncResult, found: StagingCounts) -> None:
    run_log.finish_run(
        run.db,
        run.sync_id,
        status=result.status,
        snapshot=result.extracted.snapshot or None,
        figures={"fetched": result.extracted.records, **vars(result.counts)},
        performance=_performance(run, result.extracted, found),
        repairs=result.repairs,
        rules=result.rules,
        unmapped=found.unmapped.as_json(),
    )


def _performance(run: Run, extracted: ExtractResult, found: StagingCounts) -> dict[str, Any]:
    workers = {"workers": found.workers} if found.workers else {}
    return run.performance() | workers | extracted.performance()


def log_done(result: SyncResult, job: str, retries: Retries) -> None:
    """Log that a sync is done, with its metrics, as its last line."""
    figures = metrics.of_sync(result, retries.reasons.total())
    get_logger().info("sync_done", status=result.status, **metrics.embedded(figures, job, time.time()))
