"""`etl extract`: the API into a snapshot. Heavy imports stay inside."""

from typing import TYPE_CHECKING, Annotated

import typer

from etl.cli.each_source import SourceJob, choose_sources, run_each, show_each
from etl.cli.options import (
    EngineChoice,
    EngineOption,
    JsonOption,
    RayAddressOption,
    SourceOption,
    open_database,
)

if TYPE_CHECKING:
    from etl.config.settings import Source
    from etl.model.results import ExtractResult


def extract(
    folder: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FOLDER",
            help="Folder or s3:// for the snapshot.  [default: the setting SNAPSHOT_DIR]",
        ),
    ] = None,
    allow_partial: Annotated[
        bool,
        typer.Option(
            "--allow-partial", help="Keep the records that came even if the API gave less than it promised."
        ),
    ] = False,
    with_reference: Annotated[
        bool,
        typer.Option("--with-reference", help="Save the database's floors and categories with the records."),
    ] = False,
    source: SourceOption = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 5 if a snapshot is not whole (--allow-partial).")
    ] = False,
    engine: EngineOption = EngineChoice.local,
    ray_address: RayAddressOption = None,
    as_json: JsonOption = False,
) -> None:
    """Save all records of the API as a snapshot; needs no database.

    Several sources get a snapshot each, in a folder of the source's name. One that fails does not stop the next one.

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
        sources = choose_sources(settings, source)
        from etl.engines.base import open_fetch, require_engine
        from etl.extract.feed import ExtractRequest
        from etl.load.schema import read_reference
        from etl.runtime.timing import StageTimer

        require_engine(engine.value, ray_address)
        reference = None
        if with_reference:
            with open_database(settings) as db:
                reference = read_reference(db)
        request = ExtractRequest(folder, allow_partial=allow_partial, reference=reference)
        with open_fetch(engine.value, ray_address, settings) as fetch:

            def job(of: "Source") -> "SourceJob[ExtractResult]":
                def run() -> "ExtractResult":
                    with output.watch() as watch:
                        extracted = fetch(settings, of, StageTimer(watch), request).extracted
                    output.done("extract", extracted.as_dict())
                    return extracted

                return SourceJob(of.name, run)

            outcomes = run_each(output, "extract", [job(each) for each in sources])
    from etl.report.text import show_extracted

    show_each(output, outcomes, show_extracted, (lambda done: not done.is_complete) if strict else None)
