"""`etl extract`: the API into a snapshot. Heavy imports stay inside."""

from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated

import typer

from etl.cli.options import EngineChoice, EngineOption, JsonOption, RayAddressOption, open_database
from etl.errors import EXIT_PARTIAL

if TYPE_CHECKING:
    from rich.console import RenderableType


def extract(
    folder: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FOLDER",
            help="Folder or s3:// to put it in.  [default: the setting SNAPSHOT_DIR]",
        ),
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
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 5 when one of several sources gave no snapshot.")
    ] = False,
    engine: EngineOption = EngineChoice.local,
    ray_address: RayAddressOption = None,
    as_json: JsonOption = False,
) -> None:
    """Fetch all of the API into a snapshot; no database needed.

    With several sources each gets one, in a folder of its name; one that fails is reported, and does not stop the others.

    \b
    Examples:
      etl extract
      etl extract -o /tmp/today --json
      etl extract -o s3://bucket/snapshots --with-reference
    """
    from etl.cli.output import Output

    output = Output(as_json=as_json, is_run=True)
    with output.logged("extract"):
        settings = output.settings()
        settings.sources()
        from etl.engines.base import require_engine
        from etl.extract.feeds import ExtractRequest, fetch
        from etl.load.schema import read_reference
        from etl.runtime.timing import StageTimer

        require_engine(engine.value, ray_address)
        reference = None
        if with_reference:
            with open_database(settings) as db:
                reference = read_reference(db)
        asked = ExtractRequest(folder, allow_partial=allow_partial, reference=reference)
        with output.watch() as watch, ExitStack() as stack:
            on_cluster = None
            if engine is EngineChoice.ray:
                from etl.engines.base import open_extractor

                on_cluster = stack.enter_context(open_extractor(ray_address, settings))
            feeds = fetch(settings, StageTimer(watch), asked, on_cluster)
        feeds.require_some()
    output.done("extract", feeds.as_dict())

    def show() -> "RenderableType":
        from etl.report.text import show_feeds

        return show_feeds(feeds)

    output.print(feeds.as_dict(), show)
    if strict and feeds.absent:
        raise typer.Exit(EXIT_PARTIAL)
