"""Drift: fields of the API that most records have lost that had them."""

import json

import polars as pl

from etl.contract.findings import CODES
from etl.contract.issue import ISSUE, words
from etl.contract.raw import COUNTED
from etl.contract.source_names import Prefixes
from etl.db.connection import Postgres
from etl.load.guards import Blanked


def find_blanked(db: Postgres, prefixes: Prefixes, max_blanked: float) -> tuple[Blanked, ...]:
    """Return the fields of the plan of this transaction that have come to nothing, and stage a finding of each.

    Query: sql/plan/find_blanked.sql
    """
    rows = db.read("plan/find_blanked", *prefixes.values, json.dumps(COUNTED), max_blanked).iter_rows()
    blanked = tuple(Blanked(*row) for row in rows)
    code = "field_vanished"
    found = [
        (None, CODES[code].severity, code, each.field, words(code, **vars(each)), None) for each in blanked
    ]
    db.ingest("stg_issues", pl.DataFrame(found, schema=ISSUE, orient="row"))
    return blanked
