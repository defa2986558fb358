"""Rows that somebody has open in the CMS: a save of that form would undo what a run writes meanwhile, so they wait."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from etl.contract.cms import LOCKED, LOCKS
from etl.contract.counters import PlanCounts
from etl.contract.tenant import KINDS, Kind
from etl.db.connection import Postgres
from etl.load.plan import count_plan

OpenRows = Mapping[Kind, tuple[int, ...]]
"""The ids of the rows that are open, by table; a table without any is left out."""


@dataclass(frozen=True)
class OpenDocuments:
    """How a run finds the rows that are open.

    Attributes:
        cms_columns: The columns of the CMS's tables: where it notes no open documents, none is.
        seconds: Since the last sign of an editor, after which a document is no longer open; with 0 none is.
    """

    cms_columns: Mapping[str, set[str]]
    seconds: int

    @property
    def may_find(self) -> bool:
        """Whether the CMS notes what is open, and the settings ask for it."""
        return self.seconds > 0 and LOCKS in self.cms_columns

    def read(self, db: Postgres) -> OpenRows:
        """Return the rows that are open at this moment."""
        if not self.may_find:
            return {}
        lockable = [kind for kind in KINDS if f"{kind}_id" in self.cms_columns.get(LOCKED, ())]
        found = {kind: tuple(db.read("open/documents", self.seconds, table=kind)["id"]) for kind in lockable}
        return {kind: ids for kind, ids in found.items() if ids}


def as_json(rows: OpenRows) -> str:
    """Return the rows as statements take them."""
    return json.dumps(rows)


def hold_open(db: Postgres, documents: OpenDocuments, planned: PlanCounts) -> PlanCounts:
    """Let rows of the plan that are open wait for the next run, and return what the plan does then.

    Their base stays as it is, so that the next run does what this one leaves.
    """
    if not planned.updated and not planned.inactivated:
        return planned
    rows = documents.read(db)
    return count_plan(db) if rows and db.value("plan/hold_open", as_json(rows)) else planned
