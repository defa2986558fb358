"""Guards: pure checks that refuse a run which would do more harm than good."""

from dataclasses import dataclass

from etl.errors import GuardError

MIN_DROP = 20
"""Fewer records gone than this never trip the guard: a small mall may lose half of its few."""


@dataclass(frozen=True)
class LastRun:
    """The last run that loaded a whole feed.

    Attributes:
        sync_id: Its id.
        records_fetched: How many records it had.
    """

    sync_id: str
    records_fetched: int


def check_gone(gone: int, known: int, max_drop: float) -> None:
    """Refuse a feed in which more than a share of the records that the CMS has from it are gone at once.

    Args:
        gone: Records that the last sync had and this feed has not.
        known: Records that the last sync had.
        max_drop: Share from 0 to 1.

    Raises:
        GuardError: at least `MIN_DROP` records are gone, and more than the share.
    """
    if gone >= MIN_DROP and gone > known * max_drop:
        raise GuardError(
            f"{gone} of the {known} records that the CMS has from this source ({gone / known:.0%}) are not in the feed "
            f"any more, or under another uniqueId; at most {max_drop:.0%} may go at once (MAX_DROP, --max-drop). "
            "Nothing was written. Look at the API; if they are really gone, run `etl sync --force`."
        )


def check_drop(fetched: int, last: LastRun | None, max_drop: float) -> None:
    """Refuse a feed that shrank by more than a share of the last good run's.

    Args:
        fetched: Records in this feed.
        last: The last good run; None on the first run, which is free.
        max_drop: Share from 0 to 1.

    Raises:
        GuardError: the feed lost at least `MIN_DROP` records, and more than the share.
    """
    if last is None or last.records_fetched == 0:
        return
    gone = last.records_fetched - fetched
    if gone >= MIN_DROP and gone > last.records_fetched * max_drop:
        raise GuardError(
            f"The source has {fetched} records, {gone} ({gone / last.records_fetched:.0%}) fewer than in the last "
            f"good run ({last.records_fetched} in {last.sync_id}); at most {max_drop:.0%} may go at once "
            "(MAX_DROP, --max-drop). Nothing was written. Look at the API; if the drop is real, "
            "run `etl sync --force`."
        )
