"""Which runs are rolled back: a rollback stands unless it was rolled back itself. Pure."""

from collections.abc import Iterable
from typing import NamedTuple


class Done(NamedTuple):
    """A rollback that was done.

    Attributes:
        sync_id: Its own id.
        rolled_back: The run that it rolled back.
        status: COMPLETED, or PARTIAL where something stayed.
    """

    sync_id: str
    rolled_back: str
    status: str


def standing(newest_first: Iterable[Done]) -> dict[str, Done]:
    """Return the latest rollback that stands, by the run that it rolled back."""
    found: dict[str, Done] = {}
    for done in newest_first:
        if done.sync_id not in found:
            found.setdefault(done.rolled_back, done)
    return found
