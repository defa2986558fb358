"""The sync and its dry run: extract, snapshot, transform, match, stage, plan, apply, audit, in this order."""

from contextlib import suppress
from dataclasses import dataclass, replace

from etl.compare.fields import Names
from etl.compare.model import Diff
from etl.compare.plan_reader import read_plan
from etl.config.settings import Settings, Source
from etl.db.connection import Postgres
from etl.db.retry import run_retries
from etl.engines.base import Engine, open_engine, require_engine
from etl.engines.local import LocalEngine
from etl.errors import ConfigError, GuardError, IncompleteExtract
from etl.extract.feed import ExtractRequest, Feed, replay
from etl.load import schema
from etl.load.apply import apply_plan
from etl.load.batches import StagingCounts
from etl.load.open_documents import OpenDocuments, hold_open
from etl.load.plan import PlanOptions, make_plan
from etl.load.run_guards import GuardFigures, GuardLimits, check_feed, check_plan, guard_figures, guard_limits
from etl.load.schema import ReferenceFrames
from etl.load.sources import Sources, read_sources, report_lost
from etl.model.options import SyncOptions
from etl.model.results import Side, SyncResult
from etl.plans.tables import preview_manifest, save_plan
from etl.runs.finish import finish, log_done
from etl.runs.logged import RunRequest, logged_run
from etl.runs.run import Run, unlogged_run
from etl.runtime.progress import Progress
from etl.runtime.timing import StageTimer
from etl.snapshot.storage import scratch_folder

__all__ = ["SyncOptions", "preview", "sync"]


@dataclass(frozen=True)
class Plan:
    """The plan of a transaction.

    Attributes:
        staged: What was counted while its records were staged.
        figures: What it does, as the guards see it.
    """

    staged: StagingCounts
    figures: GuardFigures


def sync(
    source: Source | None, settings: Settings, db: Postgres, options: SyncOptions, watch: Progress
) -> SyncResult:
    """Bring the CMS up to what a source says, in one transaction, with its log.

    Args:
        source: Whose API is read; None replays the snapshot of the options.
        settings: Where snapshots are; limits.
        db: An open connection outside any transaction.
        options: What the person who runs it chose.
        watch: Shows the progress.

    Raises:
        EtlError: nothing was written, and the log of runs says why.
    """
    require_engine(options.engine, options.ray_address)
    stages, retries, named = StageTimer(watch), run_retries(db, settings.database_retries), _named(settings)
    saved = _open_saved(options, stages)

    def work(run: Run) -> SyncResult:
        with open_engine(options, settings, run) as engine:
            reference = run.again(lambda: schema.read_reference(run.db))  # kept beside the records
            feed = saved or engine.extract(_required(source), _request(run, options, reference=reference))
            run.note_snapshot(feed.extracted.snapshot)
            engine.stage_ahead(feed, reference, named)
            return run.in_transaction(lambda: _load(run, engine, feed, settings, options))

    origin = saved.origin if saved else _required(source).origin
    request = RunRequest("sync", origin, retries, options.changed(), options.wait)
    result = logged_run(settings, db, stages, request, work)
    log_done(result, settings.etl_job, retries)
    return result


def _load(run: Run, engine: Engine, feed: Feed, settings: Settings, options: SyncOptions) -> SyncResult:
    """Plan, check, apply and audit, in the run's transaction; from here again after a lost connection."""
    limits = guard_limits(settings, options)
    reference, sources = schema.read_reference(run.db), read_sources(run.db, _named(settings))
    check_feed(feed, sources, limits)
    plan = _build_plan(run, engine, feed, reference, sources, options, limits)
    check_plan(feed, plan.figures, sources, limits)
    run.db.ingest("stg_issues", report_lost(run.db, feed.origin, sources))
    documents = OpenDocuments(run.cms_columns, options.open_s(settings.cms_open_s))
    planned = hold_open(run.db, documents, plan.figures.counts)
    done = apply_plan(run.db, run.sync_id, planned, run.stages, run.cms_columns)
    return finish(run, feed.extracted, plan.staged, done)


def preview(  # noqa: PLR0913 — the last two are options, given by name
    source: Source | None,
    settings: Settings,
    db: Postgres,
    options: SyncOptions,
    watch: Progress,
    *,
    most_created: int = 0,
    save_to: str | None = None,
) -> Diff:
    """Make the plan of a sync, read it and roll back; nothing is written, locked or left behind.

    Args:
        source: Whose API is read; None replays the snapshot of the options.
        settings: Where snapshots are; limits.
        db: An open connection outside any transaction; its role needs only SELECT and TEMPORARY.
        options: What the sync would be run with.
        watch: Shows the progress.
        most_created: Read the fields of no more new records in each table than this; 0 for all.
        save_to: Save the plan in this file; a snapshot of the API is then kept where snapshots are.

    Raises:
        EtlError: the plan could not be made.
    """
    stages = StageTimer(watch)
    saved = _open_saved(options, stages)
    origin = saved.origin if saved else _required(source).origin
    run = unlogged_run(settings, db, origin, stages)
    engine = LocalEngine(settings, db, stages, recreate=options.recreate)
    with scratch_folder() as folder:
        request = _request(run, options, root=None if save_to else folder)
        feed = saved or engine.extract(_required(source), request)
        with db.transaction(commit=False):
            # read write, for a role that is read only by default: temporary tables have to be made
            one_state = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ WRITE"
            db.execute(one_state, doing="SET TRANSACTION")
            reference, sources = schema.read_reference(db), read_sources(db, _named(settings))
            limits = guard_limits(settings, options)
            plan = _build_plan(run, engine, feed, reference, sources, options, limits, lock_rows=False)
            refusal = _refusal(feed, plan, sources, limits)
            db.ingest("stg_issues", report_lost(db, feed.origin, sources))
            if save_to:
                manifest = preview_manifest(db, feed, plan.staged, reference, sources, options, refusal)
                save_plan(
                    db, save_to, manifest, run.cms_columns
                )  # what is open then, its run looks up itself
            documents = OpenDocuments(run.cms_columns, options.open_s(settings.cms_open_s))
            found = read_plan(
                db,
                counts=hold_open(db, documents, plan.figures.counts),
                names=Names(*reference),
                source=_side(feed, is_kept=bool(saved or save_to)),
                options={"missing": options.missing, "conflicts": options.conflicts},
                notes=(f"A sync would refuse this. {refusal}",) if refusal else (),
                most_created=most_created,
            )
            return replace(found, panel=settings.panel)


def _build_plan(  # noqa: PLR0913, PLR0917 — where it is made, and all that it is made of
    run: Run,
    engine: Engine,
    feed: Feed,
    reference: ReferenceFrames,
    sources: Sources,
    options: SyncOptions,
    limits: GuardLimits,
    *,
    lock_rows: bool = True,
) -> Plan:
    """Stage the feed and plan it, in the transaction at hand."""
    prefixes = sources.prefixes(feed.origin.id_prefix)
    staged = engine.stage(feed, reference, prefixes)
    chosen = PlanOptions(
        options.missing,
        options.conflicts,
        feed.is_complete,
        prefixes,
        recreate=options.recreate,
        retake=options.retake,
        lock_rows=lock_rows,
    )
    with run.stages.timed("plan"):
        counts = make_plan(run.db, run.cms_columns, chosen)
        figures = guard_figures(
            run.db, counts, prefixes, limits.max_blanked, is_new=not sources.is_known(feed.origin)
        )
    run.stages.done("plan", created=counts.created, updated=counts.updated, unchanged=counts.unchanged)
    return Plan(staged, figures)


def _refusal(
    feed: Feed, plan: Plan, sources: Sources, limits: GuardLimits
) -> GuardError | IncompleteExtract | None:
    """Return why a sync would refuse; a dry run shows it all the same."""
    try:
        check_feed(feed, sources, limits)
        check_plan(feed, plan.figures, sources, limits)
    except (GuardError, IncompleteExtract) as error:
        return error
    return None


def _open_saved(options: SyncOptions, stages: StageTimer) -> Feed | None:
    if options.snapshot is None:
        return None
    with stages.timed("extract"):
        feed = replay(options.snapshot)
    stages.done("extract", records=feed.snapshot.record_count, replayed=feed.snapshot.id)
    return feed


def _required(source: Source | None) -> Source:
    if source is None:
        raise ValueError("a sync needs a source or a snapshot")
    return source


def _request(
    run: Run, options: SyncOptions, root: str | None = None, reference: ReferenceFrames | None = None
) -> ExtractRequest:
    return ExtractRequest(root, run.sync_id, options.allow_partial, reference)


def _named(settings: Settings) -> tuple[str, ...]:
    """Return what the ids of the sources begin with that the settings name; none where no API is needed, nor named."""
    with suppress(ConfigError):
        return tuple(source.id_prefix for source in settings.sources())
    return ()


def _side(feed: Feed, *, is_kept: bool) -> Side:
    side = Side.of(feed.snapshot, is_saved=is_kept)
    return replace(side, name=f"{feed.origin.name}={side.name}") if feed.origin.name and not is_kept else side
