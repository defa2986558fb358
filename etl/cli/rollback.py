"""`etl rollback`: put back what a run changed. Heavy imports stay inside."""

from typing import Annotated

import typer

from etl.cli.options import ForceOpenOption, JsonOption, WaitOption, open_database

_TEXT_LIMIT = 20


def rollback(
    sync_id: Annotated[
        str,
        typer.Argument(metavar="SYNC_ID", help="A run: its id, four or more characters of it, or `latest`."),
    ],
    yes: Annotated[
        bool, typer.Option("--yes", help="Write the rollback; without this option it is only shown.")
    ] = False,
    limit: Annotated[
        int | None,
        typer.Option(
            min=0,
            metavar="N",
            help="Show at most N rows of each outcome; 0 shows all.  [default: 20 as text, 0 as JSON]",
            show_default=False,
        ),
    ] = None,
    force_open: ForceOpenOption = False,
    wait: WaitOption = 0.0,
    as_json: JsonOption = False,
) -> None:
    """Put back what a run changed, where nobody changed it since.

    It only shows what it would do, unless --yes is given. Fields get their earlier values. Rows that the run created
    are deleted if nobody changed them, and set INACTIVE otherwise. What an editor or a later run changed stays, and
    is listed. A rollback is a run itself: `etl runs` shows it, and it can be rolled back. The next sync does not
    repeat the changes.

    \b
    Examples:
      etl rollback latest                what it would put back
      etl rollback latest --yes          puts it back
      etl rollback 3f9a1c --limit 0 --json
    """
    from etl.cli.output import Output

    output = Output(as_json=as_json)
    settings = output.settings()
    from etl.report.rollback import show_rollback
    from etl.rollback import run

    most = (0 if as_json else _TEXT_LIMIT) if limit is None else limit
    with open_database(settings) as db, output.watch() as watch:
        if yes:
            result = run.rollback(
                settings, db, sync_id, watch, limit=most, wait_s=wait, force_open=force_open
            )
        else:
            result = run.show(settings, db, sync_id, watch, limit=most, force_open=force_open)
    output.print(result.as_dict(), lambda: show_rollback(result), has_written=yes)
