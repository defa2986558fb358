"""`etl sync`: the CMS brought up to the source, one run a source. Heavy imports stay inside."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from etl.cli.each_source import SourceJob, choose_sources, run_each, show_each
from etl.cli.options import (
    ConflictChoice,
    EngineChoice,
    EngineOption,
    ForceOpenOption,
    JsonOption,
    MissingChoice,
    RayAddressOption,
    RecreateOption,
    RetakeOption,
    SourceOption,
    WaitOption,
    open_database,
)
from etl.errors import ConfigError

if TYPE_CHECKING:
    from etl.cli.output import Output
    from etl.config.settings import Settings, Source
    from etl.db.connection import Postgres
    from etl.model.options import SyncOptions
    from etl.model.results import SyncResult


def sync(
    snapshot: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PATH",
            help="Load this snapshot (folder or s3://) instead of calling the API; repeat the option for several sources.",
        ),
    ] = None,
    plan: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Apply the plan that `etl diff --save-plan FILE` saved, if nothing it rests on has changed.",
        ),
    ] = None,
    source: SourceOption = None,
    missing: Annotated[
        MissingChoice, typer.Option(help="Keep rows whose record left the source, or set them INACTIVE.")
    ] = MissingChoice.keep,
    conflicts: Annotated[
        ConflictChoice,
        typer.Option(help="Take this side's value where the source and an editor both changed a field."),
    ] = ConflictChoice.source,
    max_drop: Annotated[
        str | None,
        typer.Option(
            metavar="SHARE",
            help="Refuse a feed that shrank by more than this, e.g. 20% or 0.2.  [default: the setting MAX_DROP]",
        ),
    ] = None,
    allow_partial: Annotated[
        bool,
        typer.Option(
            "--allow-partial", help="Load the records that came even if the API gave less than it promised."
        ),
    ] = False,
    recreate: RecreateOption = False,
    retake: RetakeOption = False,
    force_open: ForceOpenOption = False,
    force: Annotated[
        bool, typer.Option("--force", help="Load even if a safety check (guard) refuses the run.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 5 if a run is PARTIAL.")] = False,
    wait: WaitOption = 0.0,
    engine: EngineOption = EngineChoice.local,
    ray_address: RayAddressOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bring the CMS up to what the API says now.

    A run is all or nothing: one that fails leaves the CMS as it was, and `etl runs` says why. Several sources are
    several runs, one after another. A run that fails does not stop the next one.

    \b
    Examples:
      etl sync                          the hourly run
      etl sync --snapshot snapshots/20261123T210451Z-3f9a1c
      etl sync --plan monday.plan       what `etl diff --save-plan` showed
      etl sync --source siam            one of several sources
      etl sync --missing inactivate     rows of gone tenants become INACTIVE
      etl sync --conflicts editor --json
      etl sync --recreate               make rows again that a restore lost
      etl sync --engine ray             on workers of Ray, for millions of records
    """
    from etl.cli.output import Output

    output = Output(as_json=as_json, is_run=True)
    with output.logged("sync"):
        settings = output.settings()
        from etl.config.settings import read_share
        from etl.model.options import SyncOptions

        options = SyncOptions(
            plan=plan,
            allow_partial=allow_partial,
            missing=missing.value,
            conflicts=conflicts.value,
            max_drop=None if max_drop is None else read_share(max_drop, "--max-drop"),
            recreate=recreate,
            retake=retake,
            force_open=force_open,
            force=force,
            wait=wait,
            engine=engine.value,
            ray_address=ray_address,
        )
        options.require_sense(has_snapshot=bool(snapshot))
        sources = () if snapshot or plan is not None else choose_sources(settings, source)
        with open_database(settings) as db:
            jobs = _jobs(output, settings, db, options, sources, snapshot or [], source)
            outcomes = run_each(output, "sync", jobs)
    from etl.report.text import show_synced

    show_each(output, outcomes, show_synced, (lambda done: done.status == "PARTIAL") if strict else None)


def _jobs(
    output: "Output",
    settings: "Settings",
    db: "Postgres",
    options: "SyncOptions",
    sources: "Sequence[Source]",
    snapshots: Sequence[str],
    name: str | None,
) -> "list[SourceJob[SyncResult]]":
    from etl import pipeline

    if options.plan is not None:
        from etl.plans.apply import apply_saved
        from etl.plans.file import open_plan

        saved = open_plan(options.plan)
        _require_name(f"The plan {options.plan}", saved.manifest.source_name, name)

        def apply() -> "SyncResult":
            with output.watch() as watch:
                return apply_saved(saved, settings, db, options, watch)

        return [SourceJob(saved.manifest.source_name, apply)]

    def job(source: "Source | None", chosen: "SyncOptions", label: str) -> "SourceJob[SyncResult]":
        def run() -> "SyncResult":
            with output.watch() as watch:
                return pipeline.sync(source, settings, db, chosen, watch)

        return SourceJob(label, run)

    if snapshots:
        names = _names(snapshots, name) if name is not None or len(snapshots) > 1 else [""]
        return [
            job(None, replace(options, snapshot=path), label)
            for path, label in zip(snapshots, names, strict=True)
        ]
    return [job(source, options, source.name) for source in sources]


def _names(snapshots: Sequence[str], name: str | None) -> list[str]:
    """Return the source of each snapshot.

    Raises:
        ConfigError: one can't be read, is not of the source that is asked for, or is of one that another is of.
    """
    from etl.contract.source_names import label_of
    from etl.snapshot import open_snapshot

    names: list[str] = []
    for path in snapshots:
        found = open_snapshot(path).manifest.source_name
        _require_name(f"The snapshot {path}", found, name)
        if found in names:
            raise ConfigError(
                f"{path} is of {label_of(found)}, as a snapshot before it. Give one of each source."
            )
        names.append(found)
    return names


def _require_name(what: str, found: str, name: str | None) -> None:
    if name is not None and found != name:
        from etl.contract.source_names import label_of

        raise ConfigError(
            f"{what} is of {label_of(found)}, not of {label_of(name)}. Leave --source out, or change it."
        )
