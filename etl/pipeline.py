"""The imperative shell: extract, snapshot, transform, match, stage, plan, apply, audit, in this order."""

import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

from etl import __version__
from etl.difference.database import read_plan
from etl.difference.fields import Names
from etl.difference.model import Diff, Side
from etl.engine import Engine, Here, Reference, open_engine
from etl.engine_choice import EngineName, require_engine
from etl.errors import ConfigError, EtlError, GuardError, IncompleteExtract
from etl.load import audit, schema
from etl.load.apply import apply_plan
from etl.load.cms_log import UnmappedCategories
from etl.load.guard import LastRun, check_changed, check_drop, check_gone, check_unmapped
from etl.load.plan import Counts, Missing, PlanOptions, Winner, count_plan, make_plan
from etl.load.postgres import Postgres
from etl.load.saved_plan import (
    contract_print,
    reference_print,
    require_same_reference,
    restore_plan,
    save_plan,
)
from etl.log import get_logger
from etl.logged_run import Run, logged_run, new_sync_id
from etl.match import Matcher
from etl.plan_file import PlanFile, PlanManifest, open_plan
from etl.report import metrics
from etl.report.progress import Watch
from etl.report.results import Extracted, Status, Synced
from etl.settings import Settings
from etl.snapshot import Snapshot, open_snapshot
from etl.snapshot.store import scratch_folder
from etl.source import replayed, source_issues
from etl.stages import Stages, peak_memory_mb
from etl.staging import Found


@dataclass(frozen=True)
class SyncOptions:
    """What the person who runs a sync may choose.

    Attributes:
        snapshot: Replay this snapshot instead of calling the API.
        plan: Apply this saved plan; it says what snapshot, missing, conflicts and max_drop would.
        allow_partial: Load what came even where the API gave less than it promised.
        missing: What happens to rows whose record left the source: keep or inactivate.
        conflicts: Who wins a conflict: source or editor.
        max_drop: Share of records that may be gone since the last good run, 0 to 1; None is the setting.
        force: Go on where a guard refuses.
        wait: Seconds to wait for another run to end.
        engine: Who fetches, transforms and stages: local, this process; or ray, the workers of a cluster.
        ray_address: Of a running cluster; None starts one on this machine.
    """

    snapshot: str | None = None
    plan: str | None = None
    allow_partial: bool = False
    missing: Missing = "keep"
    conflicts: Winner = "source"
    max_drop: float | None = None
    force: bool = False
    wait: float = 0.0
    engine: EngineName = "local"
    ray_address: str | None = None

    def require_sense(self) -> None:
        """Make sure that the options go together.

        Raises:
            ConfigError: a plan is to be applied that says already what another option says.
        """
        said = sorted({"snapshot", "missing", "conflicts", "max_drop", "engine"} & self.changed().keys())
        if self.plan is not None and said:
            options = ", ".join(f"--{name.replace('_', '-')}" for name in said)
            raise ConfigError(f"{options} can't go with --plan: the plan was made with its own.")

    def changed(self) -> dict[str, Any]:
        """Return the options that are not the default, for the log of runs."""
        default = SyncOptions()
        return {name: value for name, value in vars(self).items() if value != getattr(default, name)}


def sync(settings: Settings, db: Postgres, options: SyncOptions, watch: Watch) -> Synced:
    """Bring the CMS up to what the source says, in one transaction, with its log.

    Args:
        settings: Where the API and the snapshots are; limits.
        db: An open connection outside any transaction.
        options: What the person who runs it chose.
        watch: Is told of the progress.

    Raises:
        EtlError: nothing was written, and the log of runs says why.
    """
    stages = Stages(watch)
    require_engine(options.engine, options.ray_address)
    plan = None if options.plan is None else open_plan(options.plan)
    url = None if options.snapshot or plan else settings.api().shown
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
    watch: Watch,
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
    run = Run(db, Stages(watch), new_sync_id(), schema.require_ready(db))
    with scratch_folder() as folder:
        return _Sync(settings, options, run, Here(settings, run)).look(folder, most_created, save_to)


class _Sync:
    """One sync, or the dry run of one.

    Attributes:
        result: What it did, once that is settled: before the COMMIT.
    """

    result: Synced

    def __init__(self, settings: Settings, options: SyncOptions, run: Run, engine: Engine) -> None:
        self.settings = settings
        self.options = options
        self.engine = engine
        self.run = run
        self.db = run.db
        self.stages = run.stages

    def load(self) -> None:
        """Bring the CMS up to what the source says, in one transaction."""
        reference = self.run.again(lambda: schema.read_reference(self.db))
        snapshot, extracted = self._obtain(reference)
        self.run.snapshot = extracted.snapshot
        self.engine.stage_ahead(snapshot, reference)
        self.run.in_transaction(lambda: self._load(snapshot, extracted, reference))

    def _load(self, snapshot: Snapshot, extracted: Extracted, reference: Reference) -> None:
        last = audit.last_good_run(self.db)
        self._guard(extracted, last)
        found = self._stage(snapshot, extracted, reference)
        self._guard_plan(extracted, self._plan(extracted), last)
        self.result = self._apply(extracted, found)

    def load_plan(self, plan: PlanFile) -> None:
        """Do what a saved plan says, in one transaction, if nothing that it rests on has moved."""
        manifest = plan.manifest
        self.run.snapshot = manifest.extracted.snapshot
        if not manifest.extracted.is_complete:
            _require_allowed(manifest.extracted, self.options)
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
        self.result = self._apply(
            manifest.extracted, Found(Counter(manifest.repairs), Counter(manifest.rules))
        )

    def look(self, folder: str, most_created: int, save_to: str | None) -> Diff:
        """Plan as `load` does, in a transaction that sees one state, read the plan, and save it where asked.

        Args:
            folder: Where a snapshot of the API may be put.
            most_created: As `diff` says.
            save_to: As `diff` says.
        """
        snapshot, extracted = self._obtain(None, None if save_to else folder)
        with self.db.transaction(commit=False):
            # read write, for a role that is read only by default: temporary tables have to be made
            one_state = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ WRITE"
            self.db.execute(one_state, doing="SET TRANSACTION")
            reference = schema.read_reference(self.db)
            found = self._stage(snapshot, extracted, reference)
            counts = self._plan(extracted, hold_rows=False)
            refusal = self._refusal(extracted, counts)
            if save_to:
                manifest = self._manifest(extracted, found, refusal, reference_print(*reference))
                save_plan(self.db, save_to, manifest)
            return read_plan(
                self.db,
                counts=counts,
                names=Names(*reference),
                source=Side.of(snapshot, is_saved=bool(save_to or self.options.snapshot)),
                options={"missing": self.options.missing, "conflicts": self.options.conflicts},
                notes=(f"A sync would refuse this. {refusal}",) if refusal else (),
                most_created=most_created,
            )

    def _refusal(self, extracted: Extracted, counts: Counts) -> GuardError | IncompleteExtract | None:
        last = audit.last_good_run(self.db)
        try:
            self._guard(extracted, last)
            self._guard_plan(extracted, counts, last)
        except (GuardError, IncompleteExtract) as error:
            return error
        return None

    def _manifest(
        self, extracted: Extracted, found: Found, refusal: EtlError | None, reference: str
    ) -> PlanManifest:
        return PlanManifest(
            version=__version__,
            contract=contract_print(),
            reference=reference,
            against=self.db.shown,
            options={"missing": self.options.missing, "conflicts": self.options.conflicts},
            extracted=extracted,
            guard=str(refusal) if isinstance(refusal, GuardError) else None,
            repairs=dict(sorted(found.repairs.items())),
            rules=dict(sorted(found.rules.items())),
            unmapped=self.run.unmapped.pairs,
        )

    def _obtain(self, reference: Reference | None, root: str | None = None) -> tuple[Snapshot, Extracted]:
        if self.options.snapshot is None:
            return self.engine.extract(
                name=self.run.sync_id.split("-")[1],
                allow_partial=self.options.allow_partial,
                reference=reference,
                root=root,
            )
        with self.stages.timed("extract"):
            snapshot = open_snapshot(self.options.snapshot)
            extracted = replayed(snapshot)
        self.stages.done("extract", records=snapshot.record_count, replayed=snapshot.id)
        return snapshot, extracted

    def _guard(self, extracted: Extracted, last: LastRun | None) -> None:
        if not extracted.is_complete:
            # who allowed a partial load knows that records lack; none of them counts as missing
            _require_allowed(extracted, self.options)
        elif not self.options.force:
            check_drop(extracted.records, last, self._max_drop())

    def _guard_plan(self, extracted: Extracted, counts: Counts, last: LastRun | None) -> None:
        if self.options.force:
            return
        gone, known = self.db.read("plan/count_gone").row(0)
        if extracted.is_complete:
            check_gone(gone, known, self._max_drop())
        unmapped = counts.unmapped_floors, counts.unmapped_categories
        check_unmapped(*unmapped, counts.processed, last, self.settings.max_unmapped)
        check_changed(counts.updated + counts.inactivated, known, last, self.settings.max_changed)

    def _max_drop(self) -> float:
        return self.settings.max_drop if self.options.max_drop is None else self.options.max_drop

    def _stage(self, snapshot: Snapshot, extracted: Extracted, reference: Reference) -> Found:
        self.run.unmapped = UnmappedCategories()
        with Matcher(*reference) as matcher:
            issues = source_issues(extracted, matcher.double_names())
            found = self.engine.stage(snapshot, matcher, issues)
        self.run.unmapped = found.unmapped
        return found

    def _plan(self, extracted: Extracted, *, hold_rows: bool = True) -> Counts:
        options = PlanOptions(
            missing=self.options.missing,
            conflicts=self.options.conflicts,
            is_complete=extracted.is_complete,
            hold_rows=hold_rows,
        )
        with self.stages.timed("plan"):
            counts = make_plan(self.db, self.run.cms_columns, options)
        self.stages.done("plan", created=counts.created, updated=counts.updated, unchanged=counts.unchanged)
        return counts

    def _apply(self, extracted: Extracted, found: Found) -> Synced:
        with self.stages.timed("apply"):
            refused = apply_plan(self.db, self.run.sync_id)
        self.stages.done("apply", refused=refused)
        with self.stages.timed("audit"):
            audit.write_trail(self.db, self.run.sync_id)
            counts = count_plan(self.db)
            result = self._result(extracted, counts, found)
            self._finish(result)
        self.stages.done("audit", issues=sum(result.issues.values()))
        return result

    def _result(self, extracted: Extracted, counts: Counts, found: Found) -> Synced:
        is_whole = extracted.is_complete and counts.rejected == 0
        status: Status = "COMPLETED" if is_whole else "PARTIAL"
        return Synced(
            sync_id=self.run.sync_id,
            status=status,
            extracted=extracted,
            counts=counts,
            issues=audit.count_issues(self.db),
            repairs=dict(sorted(found.repairs.items())),
            rules=dict(sorted(found.rules.items())),
            seconds=self.stages.total(),
            peak_memory_mb=peak_memory_mb(),
        )

    def _finish(self, result: Synced) -> None:
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
        audit.finish_run(
            self.db,
            self.run.sync_id,
            status=result.status,
            snapshot=extracted.snapshot,
            fetched=extracted.records,
            counts=result.counts,
            performance=performance,
            repairs=result.repairs,
            rules=result.rules,
        )


def _require_allowed(extracted: Extracted, options: SyncOptions) -> None:
    if not options.allow_partial:
        raise IncompleteExtract(
            f"The snapshot {extracted.snapshot} is not whole: {'; '.join(extracted.problems[:3])}. Nothing was "
            "written. Make a new one, or load what it has with --allow-partial."
        )
