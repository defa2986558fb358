"""What a run finds out about its sources as such."""

from collections.abc import Callable, Iterator, Mapping

import polars as pl

from etl.contract.issue import ISSUE
from etl.contract.source_names import label_of
from etl.extract.feeds import Feeds
from etl.load.known_sources import GuardFigures, KnownSource


def report_sources(
    feeds: Feeds,
    guard_figures: Mapping[str, GuardFigures],
    known: Mapping[str, KnownSource],
    scrub: Callable[[str], str],
) -> pl.DataFrame:
    """Return the findings about whole sources: those of which nothing is loaded, and those that the settings lost."""
    rows = [*_failed(feeds), *_lost(feeds, guard_figures, known)]
    return pl.DataFrame(
        [(None, "warning", code, None, scrub(message), name) for code, name, message in rows],
        schema=ISSUE,
        orient="row",
    )


def _failed(feeds: Feeds) -> Iterator[tuple[str, str | None, str]]:
    for source in feeds.absent:
        message = f"Nothing of {label_of(source.name)} was loaded; its rows stay as they are. {source.error}"
        yield "source_failed", source.name or None, message


def _lost(
    feeds: Feeds, guard_figures: Mapping[str, GuardFigures], known: Mapping[str, KnownSource]
) -> Iterator[tuple[str, str | None, str]]:
    here = {source.id_prefix for source in feeds.sources}
    is_replay = any(source.address is None for source in feeds.sources)
    for prefix, figures in guard_figures.items():
        if prefix not in here and figures.known and not is_replay:
            name = known[prefix].name if prefix in known else ""
            yield (
                "source_not_named",
                name or None,
                f"The CMS has {figures.known} records of {label_of(name)}, which EXTERNAL_API_URL does not name; "
                "they stay as they are.",
            )
