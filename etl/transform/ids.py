"""Ids of several sources: the records of one that would be taken for another's."""

from dataclasses import replace

import polars as pl

from etl.contract.issue import ISSUE, MAX_VALUE, finding_columns, words_column
from etl.contract.source_names import Prefixes
from etl.transform.tenants import Transformed


def keep_apart(transformed: Transformed, prefixes: Prefixes) -> Transformed:
    """Reject records of the source without a prefix whose own ids begin with the prefix of another one.

    Rows: a filter, order kept. Their ids are not among the rejected ones: those are the other source's.

    Args:
        transformed: Of one source.
        prefixes: What ids may begin with.
    """
    if prefixes.own or not prefixes.others:
        return transformed
    prefix = pl.col("unique_id").str.extract("^([^:]*:)")
    is_foreign = prefix.is_in(prefixes.others).fill_null(value=False)
    foreign = transformed.tenants.filter(is_foreign)
    if foreign.is_empty():
        return transformed
    message = words_column("foreign_id", position=pl.col("position") + 1, id_prefix=prefix)
    value = pl.col("unique_id").str.slice(0, MAX_VALUE)
    issues = foreign.with_columns(finding_columns("foreign_id", message, "uniqueId", value)).with_columns(
        unique_id=pl.lit(None, dtype=pl.String)
    )
    return replace(
        transformed,
        tenants=transformed.tenants.filter(~is_foreign),
        issues=pl.concat([transformed.issues, issues.select(list(ISSUE))]),
    )
