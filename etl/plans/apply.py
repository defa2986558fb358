"""A saved plan, applied: a way of its own, which shares apply and finish with a sync."""

from collections import Counter

from etl.config.settings import Settings
from etl.contract.source_names import Origin
from etl.db.connection import Postgres
from etl.db.retry import run_retries
from etl.errors import GuardError
from etl.extract.feed import require_complete
from etl.load import schema
from etl.load.apply import apply_plan
from etl.load.batches import StagingCounts
from etl.load.open_documents import OpenDocuments, hold_open
from etl.load.plan import count_plan
from etl.load.unmapped import UnmappedCategories
from etl.model.options import SyncOptions
from etl.model.results import SyncResult
from etl.plans.file import PlanFile
from etl.plans.tables import require_same_reference, restore_plan
from etl.runs.finish import finish, log_done
from etl.runs.logged import RunRequest, logged_run
from etl.runs.run import Run
from etl.runtime.progress import Progress
from etl.runtime.timing import StageTimer


def apply_saved(
    plan: PlanFile, settings: Settings, db: Postgres, options: SyncOptions, watch: Progress
) -> SyncResult:
    """Do what a saved plan says, in one transaction, with its log, if nothing that it rests on has moved.

    Args:
        plan: The plan.
        settings: Limits.
        db: An open connection outside any transaction.
        options: What the person who runs it chose.
        watch: Shows the progress.

    Raises:
        EtlError: nothing was written, and the log of runs says why.
    """
    stages, retries = StageTimer(watch), run_retries(db, settings.database_retries)
    manifest = plan.manifest

    def work(run: Run) -> SyncResult:
        run.note_snapshot(manifest.extracted.snapshot)
        require_complete(manifest.extracted, allow_partial=options.allow_partial)
        if manifest.guard and not options.force:
            raise GuardError(manifest.guard)
        open_s = options.open_s(settings.cms_open_s)
        return run.in_transaction(lambda: _load(run, plan, open_s))

    origin = Origin(manifest.source_name, manifest.id_prefix)
    request = RunRequest("sync", origin, retries, options.changed(), options.wait)
    result = logged_run(settings, db, stages, request, work)
    log_done(result, settings.etl_job, retries)
    return result


def _load(run: Run, plan: PlanFile, open_s: int) -> SyncResult:
    manifest = plan.manifest
    with run.stages.timed("plan"):
        require_same_reference(plan, *schema.read_reference(run.db))
        restore_plan(run.db, plan, run.cms_columns)
    run.stages.done("plan", restored=plan.path)
    planned = hold_open(run.db, OpenDocuments(run.cms_columns, open_s), count_plan(run.db))
    done = apply_plan(run.db, run.sync_id, planned, run.stages, run.cms_columns)
    unmapped = UnmappedCategories(manifest.unmapped)
    staged = StagingCounts(Counter(manifest.repairs), Counter(manifest.rules), unmapped)
    return finish(run, manifest.extracted, staged, done)
