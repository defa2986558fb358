"""What a run finds out about its sources as such, and the records of one that would be taken for another's."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace

import polars as pl

from etl.contract.issue import ISSUE, MAX_VALUE
from etl.contract.source_names import label_of
from etl.extract.feeds import Feeds
from etl.load.known_sources import Judged, Known
from etl.transform.tenants import Transformed


def keep_apart(transformed: Transformed, id_prefix: str, prefixes: Collection[str]) -> Transformed:
    """Reject records of the source without a prefix whose own ids begin with the prefix of another one.

    Rows: a filter, order kept. Their ids are not among the rejected ones: those are the other source's.

    Args:
        transformed: Of one source.
        id_prefix: What its ids begin with.
        prefixes: All that ids may begin with.
    """
    others = [prefix for prefix in prefixes if prefix and prefix != id_prefix]
    if id_prefix or not others:
        return transformed
    prefix = pl.col("unique_id").str.extract("^([^:]*:)")
    is_foreign = prefix.is_in(others).fill_null(value=False)
    foreign = transformed.tenants.filter(is_foreign)
    if foreign.is_empty():
        return transformed
    message = pl.format(
        "The id begins as those of another source do, '{}', so the record was not loaded; give that source another "
        "name, or id_prefix, in EXTERNAL_API_URL.",
        prefix,
    )
    issues = foreign.select(
        "unique_id",
        severity=pl.lit("error"),
        code=pl.lit("foreign_id"),
        field=pl.lit("uniqueId"),
        message=message,
        value=pl.col("unique_id").str.slice(0, MAX_VALUE),
    ).with_columns(unique_id=pl.lit(None, dtype=pl.String))
    return replace(
        transformed,
        tenants=transformed.tenants.filter(~is_foreign),
        issues=pl.concat([transformed.issues, issues.select(list(ISSUE))]),
    )


def report_sources(
    feeds: Feeds,
    judged: Mapping[str, Judged],
    known: Mapping[str, Known],
    scrub: Callable[[str], str],
) -> pl.DataFrame:
    """Return the findings about whole sources: those of which nothing is loaded, and those that the settings lost."""
    rows = [*_failed(feeds), *_lost(feeds, judged, known)]
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
    feeds: Feeds, judged: Mapping[str, Judged], known: Mapping[str, Known]
) -> Iterator[tuple[str, str | None, str]]:
    here = {source.id_prefix for source in feeds.sources}
    is_replay = any(source.address is None for source in feeds.sources)
    for prefix, figures in judged.items():
        if prefix not in here and figures.known and not is_replay:
            name = known[prefix].name if prefix in known else ""
            yield (
                "source_not_named",
                name or None,
                f"The CMS has {figures.known} records of {label_of(name)}, which EXTERNAL_API_URL does not name; "
                "they stay as they are.",
            )
