"""`etl extract`: the API into a snapshot. Heavy imports stay inside."""

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from etl.cli_common import EngineChoice, EngineOption, JsonOption, RayAddressOption, open_database

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
    engine: EngineOption = EngineChoice.local,
    ray_address: RayAddressOption = None,
    as_json: JsonOption = False,
) -> None:
    """Fetch all of the API into a snapshot; no database needed.

    \b
    Examples:
      etl extract
      etl extract -o /tmp/today --json
      etl extract -o s3://bucket/snapshots --with-reference
    """
    from etl.report.output import Output

    output = Output(as_json=as_json, is_run=True)
    with output.logged("extract"):
        settings = output.settings()
        settings.api()
        from etl.engine_choice import require_engine
        from etl.load.schema import read_reference
        from etl.source import extract_snapshot
        from etl.stages import Stages

        require_engine(engine.value, ray_address)
        reference = None
        if with_reference:
            with open_database(settings) as db:
                reference = read_reference(db)
        with output.watch() as watch:
            fetch = extract_snapshot
            if engine is EngineChoice.ray:
                from etl.cluster.engine import extract_on_cluster

                fetch = partial(extract_on_cluster, ray_address)
            _, result = fetch(
                settings, Stages(watch), root=folder, allow_partial=allow_partial, reference=reference
            )
    output.done("extract", result.as_dict())

    def show() -> "RenderableType":
        from etl.report.text import show_extracted

        return show_extracted(result)

    output.print(result.as_dict(), show)
