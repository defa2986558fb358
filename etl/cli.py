"""The command line: parse, call, print, map errors to exit codes; nothing else. Heavy imports stay in commands."""

import json
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from etl import __version__
from etl.errors import EXIT_PARTIAL, EtlError, Interrupted

if TYPE_CHECKING:
    from rich.console import RenderableType

    from etl.load.postgres import Postgres
    from etl.report.progress import Watch
    from etl.report.results import Extracted, Synced
    from etl.settings import Settings

    Result = Extracted | Synced


class MissingChoice(StrEnum):
    """What happens to rows whose record left the source."""

    keep = "keep"
    inactivate = "inactivate"


class ConflictChoice(StrEnum):
    """Who wins where the source and an editor both changed a field."""

    source = "source"
    editor = "editor"


app = typer.Typer(
    name="etl",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help="Sync a mall's tenant directory from its API into the Postgres behind a CMS.\n\n"
    "An editor's fix survives every run; each run is atomic and audited. New here? Try `etl demo`.\n\n"
    "\b\n"
    "Exit codes: 0 done (also PARTIAL, unless --strict: 5), 1 failed, 2 bad usage or settings,\n"
    "3 refused by a guard, 4 another sync is running, 6 the source gave less than it promised,\n"
    "130/143 interrupted. Nothing is written unless the code is 0 or 5.",
)

JsonOption = Annotated[
    bool, typer.Option("--json", help="Print the result as one JSON object; logs go to stderr.")
]


def _print_version(value: bool) -> None:
    if value:
        typer.echo(f"iconsiam-etl {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit."),
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line; every error of ours becomes one line and its exit code."""
    with _signals():
        try:
            app()
        except KeyboardInterrupt:
            _fail(Interrupted(signal.SIGINT))
        except EtlError as error:
            _fail(error)


def _fail(error: EtlError) -> None:
    typer.echo(f"etl: {error}", err=True)
    raise SystemExit(error.exit_code) from None


@contextmanager
def _signals() -> Iterator[None]:
    """Turn SIGTERM and SIGINT into an Interrupted, so that the run is rolled back and logged."""

    def interrupt(number: int, _frame: FrameType | None) -> None:
        raise Interrupted(number)

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _load_settings(*, as_json: bool = False) -> "Settings":
    from etl import log
    from etl.settings import load_settings

    settings = load_settings()
    is_shown = sys.stdout.isatty() and settings.log_format == "auto" and not settings.debug
    # bars and tables tell a person enough: only warnings come between them
    level = "warning" if is_shown and settings.level == "info" else settings.level
    log.configure(
        settings.log_format, level, sys.stderr if as_json or is_shown else sys.stdout, settings.secrets()
    )
    return settings


@contextmanager
def _database(settings: "Settings") -> Iterator["Postgres"]:
    from etl.load.connect import connect
    from etl.log import get_logger

    database = settings.database()
    for note in database.notes:
        get_logger().warning("database_url_translated", note=note)
    with connect(database) as db:
        yield db


@contextmanager
def _watch(*, as_json: bool) -> Iterator["Watch"]:
    from etl.report.progress import LogWatch
    from etl.report.terminal import TerminalWatch

    with TerminalWatch() if sys.stdout.isatty() and not as_json else LogWatch() as watch:
        yield watch


def _print(result: "Result", show: "Callable[[Any], RenderableType]", *, as_json: bool) -> None:
    """Print a result: one JSON object, or for people; off a terminal the log lines have said it already."""
    if as_json:
        typer.echo(json.dumps(result.as_dict(), ensure_ascii=False))
    elif sys.stdout.isatty():
        _show(show(result))


def _show(renderable: "RenderableType") -> None:
    from etl.report.text import console

    console().print(renderable)


@app.command()
def sync(
    snapshot: Annotated[
        str | None,
        typer.Option(
            metavar="PATH", help="Replay this snapshot (folder or s3://) instead of calling the API."
        ),
    ] = None,
    missing: Annotated[
        MissingChoice, typer.Option(help="What happens to rows whose record left the source.")
    ] = MissingChoice.keep,
    conflicts: Annotated[
        ConflictChoice,
        typer.Option(help="Whose value is taken where the source and an editor both changed a field."),
    ] = ConflictChoice.source,
    max_drop: Annotated[
        str | None,
        typer.Option(metavar="SHARE", help="Refuse a feed that shrank by more, e.g. 20% or 0.2 [MAX_DROP]."),
    ] = None,
    allow_partial: Annotated[
        bool,
        typer.Option("--allow-partial", help="Load what came even if the API gave less than it promised."),
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Go on where a guard refuses.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 5 when the run is PARTIAL.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Bring the CMS up to what the API says now: all or nothing, and logged.

    \b
    Examples:
      etl sync                                 the hourly run
      etl sync --snapshot snapshots/20261123T210451Z-3f9a1c
      etl sync --missing inactivate            rows of gone tenants become INACTIVE
      etl sync --conflicts editor --json
    """
    settings = _load_settings(as_json=as_json)
    from etl import pipeline
    from etl.report.text import show_synced
    from etl.settings import read_share

    options = pipeline.SyncOptions(
        snapshot=snapshot,
        allow_partial=allow_partial,
        missing=missing.value,
        conflicts=conflicts.value,
        max_drop=None if max_drop is None else read_share(max_drop, "--max-drop"),
        force=force,
    )
    if snapshot is None:
        settings.api()
    with _logged(), _database(settings) as db, _watch(as_json=as_json) as watch:
        result = pipeline.sync(settings, db, options, watch)
    _print(result, show_synced, as_json=as_json)
    if strict and result.status == "PARTIAL":
        raise typer.Exit(EXIT_PARTIAL)


@contextmanager
def _logged() -> Iterator[None]:
    """Log the error that ends a run, where logs are the only thing that is read."""
    from etl.log import get_logger

    try:
        yield
    except EtlError as error:
        if not sys.stdout.isatty():
            get_logger().error("sync_failed", error=str(error), exit_code=error.exit_code)
        raise


@app.command()
def extract(
    output: Annotated[
        str | None,
        typer.Option("-o", "--output", metavar="FOLDER", help="Folder or s3:// to put it in [SNAPSHOT_DIR]."),
    ] = None,
    allow_partial: Annotated[
        bool,
        typer.Option("--allow-partial", help="Keep what came even if the API gave less than it promised."),
    ] = False,
    with_reference: Annotated[
        bool,
        typer.Option(
            "--with-reference", help="Keep the database's floors and categories beside the records."
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Fetch every page of the API into a new snapshot; no database is needed.

    \b
    Examples:
      etl extract
      etl extract -o /tmp/today --json
      etl extract -o s3://bucket/snapshots
    """
    settings = _load_settings(as_json=as_json)
    settings.api()
    from etl.load.schema import read_reference
    from etl.report.text import show_extracted
    from etl.source import extract_snapshot
    from etl.stages import Stages

    reference = None
    if with_reference:
        with _database(settings) as db:
            reference = read_reference(db)
    with _watch(as_json=as_json) as watch:
        _, result = extract_snapshot(
            settings, Stages(watch), root=output, allow_partial=allow_partial, reference=reference
        )
    _print(result, show_extracted, as_json=as_json)


@app.command()
def init() -> None:
    """Make the job's own tables (schema `etl`); in an empty database, the CMS-shaped ones too.

    It never changes a table of the CMS, and can be run again at any time.
    """
    settings = _load_settings()
    from etl.load.schema import initialise

    with _database(settings) as db:
        result = initialise(db)
        shown = db.shown
    if result.cms_tables:
        typer.echo(
            "The database was empty: made the CMS-shaped tables with the standard floors and categories."
        )
    made = (
        f"applied {len(result.migrations)} migrations"
        if result.migrations
        else "everything was there already"
    )
    typer.echo(f"{shown} is ready: {made}. Next: etl check, then etl sync.")


@app.command()
def check(as_json: JsonOption = False) -> None:
    """Try settings, database, rights, tables, API and snapshot folder; writes nothing."""
    from etl.check import run_checks
    from etl.report.text import show_checks

    settings = _load_settings(as_json=as_json)
    checks = run_checks(settings)
    if as_json:
        typer.echo(json.dumps([vars(item) for item in checks], ensure_ascii=False))
    else:
        _show(show_checks(checks))
    failed = [item.exit_code for item in checks if item.state == "failed"]
    if failed:
        raise typer.Exit(failed[0])


@app.command()
def runs(
    sync_id: Annotated[
        str | None,
        typer.Argument(metavar="[SYNC_ID]", help="A run, or a part of its id; `latest` is the newest."),
    ] = None,
    limit: Annotated[
        int, typer.Option(min=1, help="How many runs, or findings and changes of one run.")
    ] = 20,
    as_json: JsonOption = False,
) -> None:
    """Show the audit trail: the latest runs, or one run with its findings and changes.

    \b
    Examples:
      etl runs
      etl runs latest
      etl runs 3f9a1c --limit 500 --json
    """
    settings = _load_settings(as_json=as_json)
    from etl.load import audit
    from etl.report.text import show_run, show_runs

    with _database(settings) as db:
        audit.require_tables(db)
        if sync_id is None:
            found = audit.list_runs(db, limit)
            typer.echo(json.dumps(found.to_dicts(), default=str)) if as_json else _show(show_runs(found))
            return
        run = audit.read_run(db, sync_id)
        issues = audit.run_issues(db, run["sync_id"], limit)
        changes = audit.run_changes(db, run["sync_id"], limit)
    if as_json:
        typer.echo(json.dumps(audit.as_json(run, issues, changes), default=str, ensure_ascii=False))
    else:
        _show(show_run(run, issues, changes, limit=limit))


@app.command()
def serve(
    snapshot: Annotated[str, typer.Argument(metavar="SNAPSHOT", help="Folder or s3:// of the snapshot.")],
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8080,
    app_code: Annotated[
        str | None,
        typer.Option(help="Answer only requests with this X-Apig-AppCode.", envvar="SERVE_APPCODE"),
    ] = None,
) -> None:
    """Serve a snapshot as the API, with its paging, until Ctrl-C; for demos, tests and front ends.

    \b
    Example:
      etl serve snapshots/20261123T210451Z-3f9a1c --port 8080
      EXTERNAL_API_URL=http://127.0.0.1:8080/tenants etl extract
    """
    from etl.serve import serve_forever

    _load_settings()
    serve_forever(snapshot, host=host, port=port, app_code=app_code, announce=typer.echo)


@app.command()
def demo(
    folder: Annotated[
        str | None,
        typer.Option(
            metavar="FOLDER", help="Where its Postgres and snapshots live; kept for you to look at."
        ),
    ] = None,
    records: Annotated[int, typer.Option(min=50, max=100_000, help="Records in the sample.")] = 500,
) -> None:
    """Show the whole of it on an embedded Postgres and a served sample: no account, no server, no settings."""
    from etl.demo.show import run_demo

    run_demo(folder, records)


if __name__ == "__main__":
    main()
