"""The command line: parse, call, print, map errors to exit codes; nothing else. Heavy imports stay in commands."""

import signal
from typing import Annotated

import typer

from etl.cli.diff import diff
from etl.cli.explain import explain
from etl.cli.extract import extract
from etl.cli.move import move
from etl.cli.options import (
    AllOption,
    EngineChoice,
    EngineOption,
    JsonOption,
    RayAddressOption,
    call,
    crash,
    fail,
    open_database,
)
from etl.cli.rollback import rollback
from etl.cli.sync import sync
from etl.errors import EtlError, Interrupted
from etl.runtime.signals import interrupting
from etl.runtime.streams import guarded

app = typer.Typer(
    name="etl",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help="Sync a mall's tenant directory from its API into the Postgres behind a CMS.\n\n"
    "An editor's fix survives every run; each run is atomic and audited.\n\n"
    "\b\n"
    "Examples:\n"
    "  etl demo        the whole job on sample data; needs no settings\n"
    "  etl check       try API, database and rights; writes nothing\n"
    "  etl init        make the job's tables, once per database\n"
    "  etl diff        what a sync would change; writes nothing\n"
    "  etl sync        the hourly run\n"
    "  etl runs        what the runs did\n"
    "  etl explain     one record, from raw text to CMS row\n"
    "  etl move        a shop to the dinings, or a dining to the shops\n"
    "  etl rollback    put back what a run changed\n\n"
    "\b\n"
    "Exit codes:\n"
    "  0  done; also when the run is PARTIAL, unless --strict: then 5\n"
    "  1  failed                       4  another run is under way\n"
    "  2  wrong usage or settings      6  the source gave less than promised\n"
    "  3  refused by a guard           10 changes found (diff --exit-code)\n"
    "                                  130, 143  interrupted\n"
    "Unless the code is 0 or 5, a run wrote nothing. Of several sources, 1 means\n"
    "that one failed while another was done; if all failed, the worst code counts.",
)


def _print_version(value: bool) -> None:
    if value:
        from etl.runtime.version import version_line

        typer.echo(version_line())
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Show version and commit, and exit."
        ),
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line; every error of ours becomes one message and its exit code."""
    with guarded(), interrupting():
        try:
            call(app)
        except KeyboardInterrupt:
            fail(Interrupted(signal.SIGINT))
        except (EtlError, Interrupted) as error:
            fail(error)
        except Exception as error:  # a mistake of ours: its traceback, which may quote anything
            crash(error)


app.command()(sync)
app.command()(diff)
app.command()(extract)


@app.command()
def init() -> None:
    """Make the job's own tables, in schema `etl`.

    In an empty database it also makes tables like the CMS's, with the standard floors and categories. It never
    changes a table of the CMS, and it can be run again at any time.

    \b
    Examples:
      etl init
      DATABASE_URL=embedded:///tmp/mall etl init     on an embedded Postgres
    """
    from etl.cli.output import Output

    settings = Output().settings()
    from etl.load.schema import initialise

    with open_database(settings) as db:
        result = initialise(db)
        shown = db.shown
    if result.cms_tables:
        typer.echo(
            "The database was empty: made the CMS-shaped tables with the standard floors and categories."
        )
    made = "made the job's tables" if result.job_tables else "everything was there already"
    typer.echo(f"{shown} is ready: {made}. Next: etl check, then etl sync.")


@app.command()
def check(
    engine: EngineOption = EngineChoice.local,
    ray_address: RayAddressOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check settings, API, database, rights, tables; writes nothing.

    One failure does not hide the next. The exit code is that of the first failure. With --engine ray it also tries
    the cluster and the right to make staging tables.

    \b
    Examples:
      etl check
      etl check --json
      etl check --engine ray --ray-address 10.0.0.5:6379
    """
    from etl.cli.output import Output
    from etl.engines.base import require_engine
    from etl.preflight import run_checks
    from etl.report.text import show_checks

    output = Output(as_json=as_json)
    require_engine(engine.value, ray_address)
    checks = run_checks(output.settings, engine.value, ray_address)
    output.print([vars(item) for item in checks], lambda: show_checks(checks))
    failed = [item.exit_code for item in checks if item.state == "failed"]
    if failed:
        raise typer.Exit(failed[0])


@app.command()
def runs(
    sync_id: Annotated[
        str | None,
        typer.Argument(
            metavar="SYNC_ID",
            help="A run: its id, four or more characters of it, or `latest`.",
            show_default=False,
        ),
    ] = None,
    limit: Annotated[
        int,
        typer.Option(min=1, metavar="N", help="Show at most N runs, or N findings and N changes of one run."),
    ] = 20,
    show_all: AllOption = False,
    as_json: JsonOption = False,
) -> None:
    """Show the latest runs, or one run in detail.

    This is the audit trail: how each run ended, and for one run its figures, its findings, and its changes field by
    field.

    \b
    Examples:
      etl runs
      etl runs latest
      etl runs 3f9a1c --limit 500 --json
    """
    from etl.cli.output import Output

    output = Output(as_json=as_json)
    settings = output.settings()
    from etl.report.runs import show_run, show_runs
    from etl.runs import log as run_log

    with open_database(settings) as db:
        run_log.require_tables(db)
        if sync_id is None:
            found = run_log.list_runs(db, limit)
            output.print(found.to_dicts(), lambda: show_runs(found))
            return
        run = run_log.read_run(db, sync_id)
        issues = run_log.run_issues(db, run["sync_id"], limit, shows_info=show_all or as_json)
        hidden = 0 if show_all or as_json else run_log.count_info(db, run["sync_id"])
        changes = run_log.run_changes(db, run["sync_id"], limit)
    output.print(
        run_log.as_json(run, issues, changes, settings.panel),
        lambda: show_run(run, issues, changes, limit=limit, hidden=hidden, panel=settings.panel),
    )


app.command()(explain)
app.command()(move)
app.command()(rollback)


@app.command()
def serve(
    snapshot: Annotated[str, typer.Argument(metavar="SNAPSHOT", help="Folder or s3:// of the snapshot.")],
    host: Annotated[str, typer.Option(metavar="HOST", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, metavar="PORT", help="Port to listen on; 0 takes any free port.")
    ] = 8080,
    app_code: Annotated[
        str | None,
        typer.Option(
            metavar="CODE",
            help="Answer only requests with this X-Apig-AppCode header.",
            envvar="SERVE_APPCODE",
        ),
    ] = None,
) -> None:
    """Serve a snapshot as the API, until Ctrl-C.

    It pages as the API does. Use it for demos, tests and front ends.

    \b
    Examples:
      etl serve snapshots/20261123T210451Z-3f9a1c --port 8080
      EXTERNAL_API_URL=http://127.0.0.1:8080/tenants etl extract
    """
    from etl.cli.output import Output
    from etl.serve import serve_forever

    Output().settings()
    serve_forever(snapshot, host=host, port=port, app_code=app_code, announce=typer.echo)


@app.command()
def demo(
    folder: Annotated[
        str | None,
        typer.Option(
            metavar="FOLDER",
            help="Folder of its Postgres and snapshots, kept for you to look at.  [default: etl-demo]",
        ),
    ] = None,
    records: Annotated[
        int, typer.Option(min=50, max=100_000, metavar="N", help="Records in the sample.")
    ] = 500,
) -> None:
    """Show the whole job on sample data; needs no settings.

    It plays two days of an invented mall, from a served sample into an embedded Postgres. The database stays for
    you to look at; a second demo starts again.

    \b
    Examples:
      etl demo
      etl demo --folder /tmp/mall --records 5000
    """
    from etl.demo.show import run_demo

    run_demo(folder, records)


if __name__ == "__main__":
    main()
