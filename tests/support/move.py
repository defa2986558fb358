"""Run `etl move` against a test mall."""

from etl.db.connection import Postgres
from etl.move.model import Move
from etl.move.run import move, show
from etl.runtime.progress import LogProgress
from tests.support.sync import Mall, settings_for


def move_record(
    mall: Mall, unique_id: str, *, dry: bool = False, delete: bool = False, force_open: bool = False
) -> Move:
    """Run `etl move UNIQUE_ID --yes`, or without --yes where dry."""
    settings = settings_for(mall.dsn, mall.api.url, mall.folder, **mall.overrides)
    with Postgres(mall.dsn, "the mall") as db:
        options = {"is_deleting": delete, "force_open": force_open}
        return (show if dry else move)(settings, db, unique_id, LogProgress(), **options)


def changed(found: Move) -> dict[str, tuple[object, object]]:
    """Return the fields of the only row that are not the same in the new row, before and after."""
    (row,) = found.rows
    return {each.field: (each.before, each.after) for each in row.fields if each.before != each.after}


def said(found: Move) -> list[str]:
    """Return the sentences of the findings."""
    return [finding.message for finding in found.findings]
