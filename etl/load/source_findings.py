"""What a run finds out about its sources as such."""

from collections.abc import Callable, Iterator, Mapping

import polars as pl

from etl.contract.findings import CODES
from etl.contract.issue import ISSUE, words
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
        [(None, CODES[code].severity, code, None, scrub(message), name) for code, name, message in rows],
        schema=ISSUE,
        orient="row",
    )


def _failed(feeds: Feeds) -> Iterator[tuple[str, str | None, str]]:
    for source in feeds.absent:
        message = words("source_failed", source=label_of(source.name), reason=source.error)
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
                words("source_not_named", count=figures.known, source=label_of(name)),
            )
