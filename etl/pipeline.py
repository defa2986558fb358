"""The imperative shell: extract, snapshot, transform, match, stage, plan, apply, audit, in this order."""

import time
from collections import Counter
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace

from etl._version import __version__
from etl.compare.fields import Names
from etl.compare.model import Diff
from etl.compare.plan_reader import read_plan
from etl.config.settings import Settings
from etl.config.sources import shown_sources
from etl.contract.source_names import label_of
from etl.db.connection import Postgres
from etl.engines.base import Engine, open_engine, require_engine
from etl.engines.local import LocalEngine
from etl.errors import EtlError, GuardError, IncompleteExtract
from etl.extract.feeds import ExtractRequest, Feeds, SourcesRefused, fetch, not_whole, replay
from etl.load import schema
from etl.load.apply import apply_plan
from etl.load.batches import StagingCounts
from etl.load.known_sources import (
    GuardFigures,
    KnownSource,
    count_by_source,
    guard_figures_by_source,
    guard_figures_of_all,
    keep_sources,
    known_sources,
    with_counts,
)
from etl.load.plan import PlanOptions, count_plan, make_plan
from etl.load.schema import ReferenceFrames
from etl.load.source_findings import report_sources
from etl.load.source_guards import Guards
from etl.load.unmapped import UnmappedCategories
from etl.match import Matcher
from etl.model.options import SyncOptions
from etl.model.results import ExtractResult, PlanCounts, SourceResult, Status, SyncResult
from etl.plans.file import PlanFile, PlanManifest, open_plan
from etl.plans.tables import (
    contract_fingerprint,
    reference_fingerprint,
    require_same_reference,
    restore_plan,
    save_plan,
)
from etl.runs import log as run_log
from etl.runs.run import Run, logged_run
from etl.runtime import metrics
from etl.runtime.log import get_logger
from etl.runtime.progress import Progress
from etl.runtime.sync_id import new_sync_id
from etl.runtime.timing import StageTimer, peak_memory_mb
from etl.snapshot.storage import scratch_folder

__all__ = ["SyncOptions", "diff", "sync"]


@dataclass(frozen=True)
class Planned:
    """A plan.

    Attributes:
        feeds: The sources that it was made of, and those that it leaves out.
        found: What was counted on the way.
        counts: What the plan does.
        guard_figures: What the guards look at, by the prefix of each source.
    """

    feeds: Feeds
    found: StagingCounts
    counts: PlanCounts
    guard_figures: Mapping[str, GuardFigures]


def sync(settings: Settings, db: Postgres, options: SyncOptions, watch: Progress) -> SyncResult:
    """Bring the CMS up to what the source says, in one transaction, with its log.

    Args:
        settings: Where the API and the snapshots are; limits.
        db: An open connection outside any transaction.
        options: What the person who runs it chose.
        watch: Is told of the progress.

    Raises:
        EtlError: nothing was written, and the log of runs says why.
    """
    stages = StageTimer(watch)
    require_engine(options.engine, options.ray_address)
    plan = None if options.plan is None else open_plan(options.plan)
    url = None if options.snapshot or plan else shown_sources(settings.sources())
    with (
        logged_run(settings, db, stages, "sync", url, options.changed(), wait_s=options.wait) as run,
        open_engine(options.engine, options.ray_address, settings, run) as engine,
    ):
        job = _Sync(settings, options, run, engine)
        job.load() if plan is None else job.load_plan(plan)
    result = job.result
    figures = metrics.of_sync(result, run.retries.reasons.total())
    get_logger().info(
        "sync_done", status=result.status, **metrics.embedded(figures, settings.etl_job, time.time())
    )
    return result


def diff(  # noqa: PLR0913 — the last two are options, given by name
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
        settings: Where the API and the snapshots are; limits.
        db: An open connection outside any transaction; its role needs only SELECT and TEMPORARY.
        options: What the sync would be told.
        watch: Is told of the progress.
        most_created: Read the fields of no more new records in each table than this; 0 for all.
        save_to: Save the plan in this file; a snapshot of the API is then kept where snapshots are.

    Raises:
        EtlError: the plan could not be made.
    """
    db.set_session(settings.lock_timeout_s, settings.statement_timeout_s)
    run = Run(db, StageTimer(watch), new_sync_id(), schema.require_ready(db))
    with scratch_folder() as folder:
        return _Sync(settings, options, run, LocalEngine(settings, run)).preview(
            folder, most_created, save_to
        )


class _Sync:
    """One sync, or the dry run of one.

    Attributes:
        result: What it did, once that is settled: before the COMMIT.
    """

    result: SyncResult

    def __init__(self, settings: Settings, options: SyncOptions, run: Run, engine: Engine) -> None:
        self.settings = settings
        self.options = options
        self.engine = engine
        self.guards = Guards(settings, options)
        self.run = run
        self.db = run.db
        self.stages = run.stages

    def load(self) -> None:
        """Bring the CMS up to what the source says, in one transaction."""
        reference = self.run.again(lambda: schema.read_reference(self.db))
        feeds = self._obtain(reference)
        self.engine.stage_ahead(feeds, reference)
        self.run.in_transaction(lambda: self._load(feeds, reference))

    def _load(self, feeds: Feeds, reference: ReferenceFrames) -> None:
        planned = self._make(feeds, known_sources(self.db), reference)
        self.result = self._apply(planned.feeds.extracted(), planned.found, self._sourced(planned.feeds))

    def _make(
        self,
        feeds: Feeds,
        known: Mapping[str, KnownSource],
        reference: ReferenceFrames,
        *,
        dry_run: bool = False,
    ) -> Planned:
        """Stage and plan; of several sources those that a guard refuses are left out, and it is done again without them.

        A look at one source is not refused: it shows what the sync would refuse.
        """
        while True:
            try:
                if not (dry_run and feeds.is_single):
                    self.guards.feeds(feeds, known)
                with nullcontext() if feeds.is_single else self.db.savepoint("sources", SourcesRefused):
                    found = self._stage(feeds, known, reference)
                    counts, guard_figures = self._plan(feeds, known, lock_rows=not dry_run)
                    if not (dry_run and feeds.is_single):
                        self.guards.plan(feeds, guard_figures, known)
                    self.db.ingest("stg_issues", report_sources(feeds, guard_figures, known, self.run.scrub))
            except SourcesRefused as refused:
                feeds = feeds.without(refused.errors)
                self._require_some(feeds)
            else:
                return Planned(feeds, found, counts, guard_figures)

    def load_plan(self, plan: PlanFile) -> None:
        """Do what a saved plan says, in one transaction, if nothing that it rests on has moved."""
        manifest = plan.manifest
        self.run.snapshot = manifest.extracted.snapshot or None
        self.run.sources = manifest.sources
        if not (manifest.extracted.is_complete or self.options.allow_partial):
            raise not_whole(manifest.extracted)
        if manifest.guard and not self.options.force:
            raise GuardError(manifest.guard)
        self.run.in_transaction(lambda: self._load_plan(plan))

    def _load_plan(self, plan: PlanFile) -> None:
        manifest = plan.manifest
        self.run.unmapped = UnmappedCategories(manifest.unmapped)
        with self.stages.timed("plan"):
            require_same_reference(plan, *schema.read_reference(self.db))
            restore_plan(self.db, plan, self.run.cms_columns)
        self.stages.done("plan", restored=plan.path)
        found = StagingCounts(Counter(manifest.repairs), Counter(manifest.rules))
        self.result = self._apply(manifest.extracted, found, manifest.sources)

    def preview(self, folder: str, most_created: int, save_to: str | None) -> Diff:
        """Plan as `load` does, in a transaction that sees one state, read the plan, and save it where asked.

        Args:
            folder: Where a snapshot of the API may be put.
            most_created: As `diff` says.
            save_to: As `diff` says.
        """
        is_kept = bool(save_to or self.options.snapshot)
        self.guards = Guards(self.settings, self.options, is_kept=is_kept)
        feeds = self._obtain(None, None if save_to else folder)
        with self.db.transaction(commit=False):
            # read write, for a role that is read only by default: temporary tables have to be made
            one_state = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ WRITE"
            self.db.execute(one_state, doing="SET TRANSACTION")
            reference = schema.read_reference(self.db)
            known = known_sources(self.db)
            planned = self._make(feeds, known, reference, dry_run=True)
            refusal = self._refusal(planned, known)
            if save_to:
                save_plan(
                    self.db, save_to, self._manifest(planned, refusal, reference_fingerprint(*reference))
                )
            return read_plan(
                self.db,
                counts=planned.counts,
                names=Names(*reference),
                source=planned.feeds.side(is_saved=is_kept),
                options={"missing": self.options.missing, "conflicts": self.options.conflicts},
                notes=(
                    *planned.feeds.notes(),
                    *((f"A sync would refuse this. {refusal}",) if refusal else ()),
                ),
                most_created=most_created,
            )

    def _refusal(
        self, planned: Planned, known: Mapping[str, KnownSource]
    ) -> GuardError | IncompleteExtract | None:
        if not planned.feeds.is_single:
            return None
        try:
            self.guards.feeds(planned.feeds, known)
            self.guards.plan(planned.feeds, planned.guard_figures, known)
        except (GuardError, IncompleteExtract) as error:
            return error
        return None

    def _manifest(self, planned: Planned, refusal: EtlError | None, reference: str) -> PlanManifest:
        return PlanManifest(
            version=__version__,
            contract=contract_fingerprint(),
            reference=reference,
            against=self.db.shown,
            options={"missing": self.options.missing, "conflicts": self.options.conflicts},
            extracted=planned.feeds.extracted(),
            sources=self._sourced(planned.feeds),
            guard=str(refusal) if isinstance(refusal, GuardError) else None,
            repairs=dict(sorted(planned.found.repairs.items())),
            rules=dict(sorted(planned.found.rules.items())),
            unmapped=self.run.unmapped.pairs,
        )

    def _obtain(self, reference: ReferenceFrames | None, root: str | None = None) -> Feeds:
        feeds = (
            replay(self.options.snapshots, self.stages)
            if self.options.snapshots
            else fetch(
                self.settings,
                self.stages,
                ExtractRequest(root, self.run.sync_id, self.options.allow_partial, reference),
                self.engine.extract,
            )
        )
        self._require_some(feeds)
        self.run.snapshot = feeds.extracted().snapshot or None
        return feeds

    def _require_some(self, feeds: Feeds) -> None:
        self.run.sources = self._sourced(feeds)
        feeds.require_some()

    def _sourced(self, feeds: Feeds) -> tuple[SourceResult, ...]:
        return tuple(
            replace(source, error=source.error and self.run.scrub(source.error)) for source in feeds.sourced()
        )

    def _stage(
        self, feeds: Feeds, known: Mapping[str, KnownSource], reference: ReferenceFrames
    ) -> StagingCounts:
        self.run.unmapped = UnmappedCategories()
        with Matcher(*reference) as matcher:
            found = self.engine.stage(feeds, feeds.known(known).keys(), matcher)
        self.run.unmapped = found.unmapped
        return found

    def _plan(
        self, feeds: Feeds, known: Mapping[str, KnownSource], *, lock_rows: bool
    ) -> tuple[PlanCounts, Mapping[str, GuardFigures]]:
        options = PlanOptions(
            missing=self.options.missing,
            conflicts=self.options.conflicts,
            is_complete=any(feed.extracted.is_complete for feed in feeds.present),
            sources=feeds.known(known),
            lock_rows=lock_rows,
        )
        with self.stages.timed("plan"):
            counts = make_plan(self.db, self.run.cms_columns, options)
            guard_figures = (
                guard_figures_by_source(self.db)
                if options.is_by_source
                else {"": guard_figures_of_all(self.db, counts)}
            )
        self.stages.done("plan", created=counts.created, updated=counts.updated, unchanged=counts.unchanged)
        return counts, guard_figures

    def _apply(
        self, extracted: ExtractResult, found: StagingCounts, sources: tuple[SourceResult, ...]
    ) -> SyncResult:
        with self.stages.timed("apply"):
            refused = apply_plan(self.db, self.run.sync_id)
        self.stages.done("apply", refused=refused)
        with self.stages.timed("audit"):
            run_log.write_trail(self.db, self.run.sync_id)
            counts = count_plan(self.db)
            by_source = count_by_source(self.db) if sources else {}
            told = tuple(with_counts(source, by_source) for source in sources)
            result = self._result(extracted, counts, found, told)
            self._finish(result)
        self.stages.done("audit", issues=sum(result.issues.values()))
        return result

    def _result(
        self,
        extracted: ExtractResult,
        counts: PlanCounts,
        found: StagingCounts,
        sources: tuple[SourceResult, ...],
    ) -> SyncResult:
        is_here = all(source.status != "FAILED" for source in sources)
        is_whole = extracted.is_complete and counts.rejected == 0 and is_here
        status: Status = "COMPLETED" if is_whole else "PARTIAL"
        return SyncResult(
            sync_id=self.run.sync_id,
            status=status,
            extracted=extracted,
            counts=counts,
            issues=run_log.count_issues(self.db),
            repairs=dict(sorted(found.repairs.items())),
            rules=dict(sorted(found.rules.items())),
            seconds=self.stages.total(),
            peak_memory_mb=peak_memory_mb(),
            sources=sources,
        )

    def _finish(self, result: SyncResult) -> None:
        performance = self.run.performance()
        extracted = result.extracted
        performance |= {
            "pages": extracted.pages,
            "retries": extracted.retries,
            "latency_avg_s": extracted.latency_avg_s,
            "latency_max_s": extracted.latency_max_s,
        }
        if not extracted.is_complete:
            performance["incomplete"] = list(extracted.problems)
        if result.sources_failed:
            performance["sources_failed"] = [label_of(source.name) for source in result.sources_failed]
        if result.sources:
            keep_sources(self.db, self.run.sync_id, result.sources)
        run_log.finish_run(
            self.db,
            self.run.sync_id,
            status=result.status,
            snapshot=extracted.snapshot or None,
            fetched=extracted.records,
            counts=result.counts,
            performance=performance,
            repairs=result.repairs,
            rules=result.rules,
        )
