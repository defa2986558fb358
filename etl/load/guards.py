"""Guards: pure checks that refuse a run which would do more harm than good."""

from dataclasses import dataclass

from etl.errors import GuardError

MIN_DROP = 20
"""Fewer records gone than this never trip the guard: a small mall may lose half of its few."""

MIN_UNMAPPED = 20
"""Fewer records more than last time whose label fits nothing never trip the guard."""

MIN_CHANGED = 100
"""Fewer rows that change at once never trip the guard."""


def go_on(source: str = "") -> str:
    """Return what to do about a refusal.

    Args:
        source: The option that names the run's source, with a space before it; '' for the source without a name.
    """
    return (
        f"Nothing was written. `etl diff{source}` shows what the sync would do; if that is right, run "
        f"`etl sync{source} --force`."
    )


@dataclass(frozen=True)
class LastRun:
    """The last run that loaded a whole feed.

    Attributes:
        sync_id: Its id.
        records_fetched: How many records it had.
        unmapped_floors: Records among these whose floor label, or a part of it, fitted no floor.
        unmapped_categories: Records among these whose category labels fitted no category.
    """

    sync_id: str
    records_fetched: int
    unmapped_floors: int = 0
    unmapped_categories: int = 0


def check_gone(gone: int, known: int, max_drop: float, source: str = "") -> None:
    """Refuse a feed in which more than a share of the records that the CMS has from it are gone at once.

    Args:
        gone: Records that the last sync had and this feed has not.
        known: Records that the last sync had.
        max_drop: Share from 0 to 1.
        source: The option that names the source, as in `go_on`.

    Raises:
        GuardError: at least `MIN_DROP` records are gone, and more than the share.
    """
    if gone >= MIN_DROP and gone > known * max_drop:
        raise GuardError(
            f"{gone} of the {known} records that the CMS has from this source ({gone / known:.0%}) are not in the feed "
            f"any more, or under another uniqueId; at most {max_drop:.0%} may go at once (MAX_DROP, --max-drop). "
            f"{go_on(source)}"
        )


def check_drop(fetched: int, last: LastRun | None, max_drop: float, source: str = "") -> None:
    """Refuse a feed that shrank by more than a share of the last good run's.

    Args:
        fetched: Records in this feed.
        last: The last good run; None on the first run, which is free.
        max_drop: Share from 0 to 1.
        source: The option that names the source, as in `go_on`.

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
            f"(MAX_DROP, --max-drop). {go_on(source)}"
        )


def check_unmapped(  # noqa: PLR0913, PLR0917 — two figures, what they are held against, and the advice
    floors: int,
    categories: int,
    processed: int,
    last: LastRun | None,
    max_unmapped: float,
    source: str = "",
) -> None:
    """Refuse a run in which labels stopped fitting: a floor or category was renamed here, or the source's words changed.

    Args:
        floors: Records whose floor label fits no floor.
        categories: Records whose category labels fit no category.
        processed: Records in all.
        last: The last good run; None on the first run, which is free.
        max_unmapped: Share from 0 to 1 of all records by which either may grow.
        source: The option that names the source, as in `go_on`.

    Raises:
        GuardError: at least `MIN_UNMAPPED` records more than in the last good run, and more than the share.
    """
    if last is None:
        return
    for what, now, before in (
        ("floor", floors, last.unmapped_floors),
        ("category", categories, last.unmapped_categories),
    ):
        more = now - before
        if more >= MIN_UNMAPPED and more > processed * max_unmapped:
            raise GuardError(
                f"{now} of {processed} records have a {what} that fits none of the CMS's, {more} "
                f"({more / processed:.0%} of all) more than in the last good run ({before} in {last.sync_id}); at most "
                f"{max_unmapped:.0%} more may at once (MAX_UNMAPPED). Was a {what} renamed or made INACTIVE? "
                f"{go_on(source)}"
            )


def check_changed(
    changed: int, known: int, last: LastRun | None, max_changed: float, source: str = ""
) -> None:
    """Refuse a run that would change more than a share of the rows that the CMS has from this source.

    Args:
        changed: Rows that would be updated or set INACTIVE; new rows don't count.
        known: Rows that the CMS has from the source.
        last: The last good run; None on the first run, which is free.
        max_changed: Share from 0 to 1.
        source: The option that names the source, as in `go_on`.

    Raises:
        GuardError: at least `MIN_CHANGED` rows would change, and more than the share.
    """
    if last is not None and changed >= MIN_CHANGED and changed > known * max_changed:
        raise GuardError(
            f"{changed} of the {known} rows that the CMS has from this source ({changed / known:.0%}) would change; "
            f"at most {max_changed:.0%} may at once (MAX_CHANGED). {go_on(source)}"
        )
