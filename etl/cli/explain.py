"""`etl explain`: one record from raw text to CMS row. Heavy imports stay inside."""

from contextlib import nullcontext
from typing import Annotated

import typer

from etl.cli.options import AllOption, JsonOption, open_database


def explain(
    record: Annotated[
        list[str],
        typer.Argument(
            metavar="RECORD",
            help="The record's uniqueId (with the source's prefix, or that of its row on one of several floors), "
            "its title or a part of it, its slug, or its table and number in the CMS.",
        ),
    ],
    snapshot: Annotated[
        str | None,
        typer.Option(
            metavar="PATH",
            help="Look in this snapshot.  [default: that of the source's latest run, else the newest in SNAPSHOT_DIR]",
            show_default=False,
        ),
    ] = None,
    no_database: Annotated[
        bool,
        typer.Option(
            "--no-database",
            help="Use the snapshot alone, with its own floors and categories; the default without DATABASE_URL.",
        ),
    ] = False,
    limit: Annotated[int, typer.Option(min=0, metavar="N", help="Show at most N runs; 0 shows all.")] = 10,
    show_all: AllOption = False,
    as_json: JsonOption = False,
) -> None:
    """Explain one record, from raw text to CMS row; writes nothing.

    It shows the raw fields, each repair of text, why the record is a shop or a dining, the rules that found its
    floor and category, and the canonical row. From the CMS it shows each field, who wrote it last, and what a sync
    would do. At the end it lists the runs that changed the record.

    \b
    Examples:
      etl explain T100112
      etl explain T100072-3F --limit 0
      etl explain cafe noir             by title; case and accents do not count
      etl explain shops 25              by table and number in the CMS
      etl explain T100112 --no-database --snapshot snapshots/20261123T210451Z
      etl explain T100112 --json        docs/explain-json.md describes it
    """
    from etl.cli.output import Output

    output = Output(as_json=as_json)
    settings = output.settings()
    from etl.explain import run
    from etl.report.explain import show_explained

    is_alone = no_database or settings.database_url is None
    with nullcontext() if is_alone else open_database(settings) as db:
        found = run.explain(settings, db, " ".join(record), snapshot=snapshot, limit=limit)
    output.print(found.as_dict(), lambda: show_explained(found, shows_info=show_all))
