"""What a rollback did, in one sentence, for lists of runs. Pure."""

from collections.abc import Mapping
from typing import Any

_TOLD = {
    "records_updated": "put back",
    "records_created": "restored",
    "records_deleted": "deleted",
    "records_inactivated": "set INACTIVE",
    "records_unchanged": "as before already",
    "records_skipped": "left as they are",
    "records_rejected": "refused",
    "fields_kept": "fields changed since and left",
}


def rolled_back(run: Mapping[str, Any], of: str) -> str:
    """Say what a rollback did.

    Args:
        run: Its row in the log of runs.
        of: The run that it rolled back.
    """
    told = ", ".join(f"{run[name]:,} {words}" for name, words in _TOLD.items() if run[name])
    return f"rolled back {of}: {told or 'nothing to write'}"
