"""`etl diff`: what a sync would change. Heavy imports stay inside."""

from enum import StrEnum
from typing import Annotated

import typer

from etl.cli.each_source import choose_source
from etl.cli.options import (
    AllOption,
    ConflictChoice,
    ForceOpenOption,
    MissingChoice,
    RecreateOption,
    RetakeOption,
    SourceOption,
    open_database,
)
from etl.errors import EXIT_CHANGES, ConfigError


class DiffFormat(StrEnum):
    """How a diff is written."""

    text = "text"
    json = "json"
    html = "html"


def diff(
    snapshot: Annotated[
        str | None,
        typer.Argument(
            metavar="SNAPSHOT",
            help="Folder or s3:// of a snapshot. Without it the API as it is now.",
            show_default=False,
        ),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(metavar="OTHER", help="Compare with this snapshot; no database is needed."),
    ] = None,
    only: Annotated[
        str | None,
        typer.Option(
            metavar="WHAT,…",
            help="Show only records that are: created, updated, inactivated, unchanged, skipped, missing, "
            "rejected, kept, conflict, kind_changed, unmapped; with --against: added, changed, gone.",
        ),
    ] = None,
    field: Annotated[
        str | None,
        typer.Option(metavar="FIELD,…", help="Show only these fields; `title` is title_en, _th and _zh."),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(
            min=0,
            metavar="N",
            help="Show at most N records of each kind of change; 0 shows all.  "
            "[default: 20 as text, 0 as JSON, HTML or in a file]",
        ),
    ] = None,
    show_all: AllOption = False,
    output_format: Annotated[
        DiffFormat,
        typer.Option("--format", help="html is one page for a browser; docs/diff-json.md describes json."),
    ] = DiffFormat.text,
    file: Annotated[
        str | None, typer.Option("-o", "--output", metavar="FILE", help="Write the diff to a file.")
    ] = None,
    save_plan: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Save the whole plan for `etl sync --plan FILE`."),
    ] = None,
    source: SourceOption = None,
    missing: Annotated[
        MissingChoice, typer.Option(help="Keep rows whose record left the source, or set them INACTIVE.")
    ] = MissingChoice.keep,
    conflicts: Annotated[
        ConflictChoice,
        typer.Option(help="Take this side's value where the source and an editor both changed a field."),
    ] = ConflictChoice.source,
    recreate: RecreateOption = False,
    retake: RetakeOption = False,
    force_open: ForceOpenOption = False,
    exit_code: Annotated[
        bool,
        typer.Option("--exit-code", help="Exit with 10 if a sync would write, or if the snapshots differ."),
    ] = False,
) -> None:
    """Show what a sync would change; writes nothing.

    It makes the plan of a sync, shows it row by row and field by field, and rolls back. The database role needs only
    the rights to read and to make temporary tables. No editor and no sync has to wait.

    \b
    Examples:
      etl diff                                  the API now, against the database
      etl diff snapshots/20261123T210451Z-3f9a1c --only updated,conflict
      etl diff --field title,floor --limit 0
      etl diff --format json -o plan.json --exit-code
      etl diff --source siam                    one of several sources
      etl diff --format html -o diff.html       a report to open in a browser
      etl diff --save-plan monday.plan          then: etl sync --plan monday.plan
      etl diff TODAY --against YESTERDAY        two snapshots, no database
    """
    from etl.cli.output import Output

    settings = (output := Output(as_json=output_format is DiffFormat.json)).settings()
    from etl.compare.select import read_selection, select
    from etl.report.diff_output import default_limit, require_place, write_diff

    if against is not None and (missing, conflicts) != (MissingChoice.keep, ConflictChoice.source):
        raise ConfigError("--missing and --conflicts say what a sync does; they can't go with --against.")
    if against is not None and save_plan is not None:
        raise ConfigError("--save-plan saves what a sync would do to a database; it can't go with --against.")
    if source is not None and snapshot is not None:
        raise ConfigError("--source can't go with a snapshot, which says itself of which source it is.")
    require_place(output_format.value, file)
    most = default_limit(output_format.value, file) if limit is None else limit
    shows_info = show_all or output_format is DiffFormat.json
    selection = read_selection(only, field, most, is_plan=against is None, shows_info=shows_info)
    of = None if snapshot is not None or against is not None else choose_source(settings, source)
    with output.watch() as watch:
        if against is not None:
            from etl.compare.snapshots import compare

            found = compare(settings, snapshot, against, watch)
        else:
            from etl import pipeline

            options = pipeline.SyncOptions(
                snapshot=snapshot,
                missing=missing.value,
                conflicts=conflicts.value,
                recreate=recreate,
                retake=retake,
                force_open=force_open,
            )
            with open_database(settings) as db:
                found = pipeline.preview(
                    of, settings, db, options, watch, most_created=selection.most_created, save_to=save_plan
                )
    write_diff(select(found, selection), output_format.value, file)
    if save_plan is not None:
        typer.echo(f"The whole plan is saved: etl sync --plan {save_plan}", err=True)
    if exit_code and found.has_changes:
        raise typer.Exit(EXIT_CHANGES)
