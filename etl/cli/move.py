"""`etl move`: a record to the table of its kind. Heavy imports stay inside."""

from typing import Annotated

import typer

from etl.cli.options import ForceOpenOption, JsonOption, WaitOption, open_database


def move(
    unique_id: Annotated[
        str,
        typer.Argument(
            metavar="UNIQUE_ID",
            help="The record's uniqueId, with the source's prefix, or that of its row on one of several floors.",
        ),
    ],
    yes: Annotated[
        bool, typer.Option("--yes", help="Move it; without this option it is only shown.")
    ] = False,
    delete: Annotated[
        bool,
        typer.Option(
            "--delete",
            help="Delete the old row, with its texts, links and hours, instead of setting it INACTIVE.",
        ),
    ] = False,
    force_open: ForceOpenOption = False,
    wait: WaitOption = 0.0,
    as_json: JsonOption = False,
) -> None:
    """Move a record to shops or dinings, as its category says.

    It only shows what it would do, unless --yes is given. A sync never moves a record: it reports `kind_changed`. The
    new row gets all that the old one has, editors' work included, and the category of the other kind; the old one is
    set INACTIVE. All floors of a record move together. A move is a run itself: `etl runs` shows it, and
    `etl rollback` undoes it. The next sync goes on with the new row.

    \b
    Examples:
      etl move T100112                what it would do
      etl move T100112 --yes          moves it
      etl move T100112 --yes --delete --json
    """
    from etl.cli.output import Output

    output = Output(as_json=as_json)
    settings = output.settings()
    from etl.move import run
    from etl.report.move import show_move

    with open_database(settings) as db, output.watch() as watch:
        if yes:
            result = run.move(
                settings, db, unique_id, watch, is_deleting=delete, wait_s=wait, force_open=force_open
            )
        else:
            result = run.show(settings, db, unique_id, watch, is_deleting=delete, force_open=force_open)
    output.print(result.as_dict(), lambda: show_move(result), has_written=yes)
