"""Guards: pure checks that refuse a run which would do more harm than good."""

from collections.abc import Sequence
from dataclasses import dataclass

from etl.errors import GuardError

MIN_DROP = 20
"""Fewer records gone than this never trip the guard: a small mall may lose half of its few."""

MIN_UNMAPPED = 20
"""Fewer records more than last time whose label fits nothing never trip the guard."""

MIN_VANISHED = 20
"""Fewer rows that are gone from the CMS at once, or put back, never trip the guard, unless they are all of them."""

_SMALL_MALL = 3
"""Of fewer rows than this nobody can say that all of them were lost by accident."""

MIN_SAME = 3
"""Fewer records than this that two malls have alike prove nothing, unless their address is the same."""

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


def check_inactivated(inactivated: int, gone: int, known: int, source: str = "") -> None:
    """Refuse to set all rows of a source INACTIVE, however few they are.

    Args:
        inactivated: Rows that would be set INACTIVE.
        gone: Records that the last sync had and this feed has not.
        known: Records that the last sync had.
        source: The option that names the source, as in `go_on`.

    Raises:
        GuardError: none of several records is left.
    """
    if inactivated and gone == known > 1:
        raise GuardError(
            f"None of the {known} records that the CMS has from this source is in the feed, and {inactivated} rows would "
            f"be set INACTIVE. {go_on(source)}"
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
    if fetched == 0:
        raise GuardError(
            f"The source has no record; in the last good run it had {last.records_fetched} ({last.sync_id}). "
            f"{go_on(source)}"
        )
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


@dataclass(frozen=True)
class Blanked:
    """A field of the API that most records have lost that had it.

    Attributes:
        field: Its name.
        lost: Records that had it and have none now.
        had: Records that had it in the last run that saw them.
        known: Records that are in that feed and in this one.
    """

    field: str
    lost: int
    had: int
    known: int


def check_blanked(blanked: Sequence[Blanked], max_blanked: float, source: str = "") -> None:
    """Refuse a feed in which fields came to nothing: the API was changed, and no owner of a mall emptied all records.

    Args:
        blanked: Fields that most records have lost.
        max_blanked: Share from 0 to 1 of those that had a field; 1 refuses none.
        source: The option that names the source, as in `go_on`.

    Raises:
        GuardError: there is such a field.
    """
    if blanked and max_blanked < 1:
        fields = ", ".join(f"{each.field} (in {each.lost} of the {each.had} that had it)" for each in blanked)
        raise GuardError(
            f"The source sends fields blank, or not at all, that it had in the last run: {fields}. Less than "
            f"{max_blanked:.0%} may lose one at once (MAX_BLANKED). What the CMS has of them would stay. {go_on(source)}"
        )


def check_vanished(vanished: int, known: int, max_vanished: float, source: str = "") -> None:
    """Refuse a run where many rows are gone from the CMS at once: no editor's wish, but a restore or another database.

    Args:
        vanished: Rows that the CMS does not have any more since the last run.
        known: Rows that the CMS had from the source.
        max_vanished: Share from 0 to 1.
        source: The option that names the source, as in `go_on`.

    Raises:
        GuardError: at least `MIN_VANISHED` rows are gone, and more than the share; or all of a small mall.
    """
    if _is_mass(vanished, known, max_vanished):
        raise GuardError(
            f"{vanished} of the {known} rows that the CMS had from this source ({vanished / known:.0%}) are gone from the "
            f"CMS since the last run; at most {max_vanished:.0%} may be at once (MAX_VANISHED). Was the CMS restored or "
            "emptied, or is this another database? Nothing was written. "
            f"`etl sync{source} --recreate` makes them again; if they were deleted on purpose, run "
            f"`etl sync{source} --force`."
        )


def check_put_back(put_back: int, known: int, max_vanished: float, source: str = "") -> None:
    """Refuse a run where many rows have values again that earlier runs had replaced: the CMS was put back.

    Args:
        put_back: Rows that have such values since the last run.
        known: Rows that the CMS has from the source.
        max_vanished: Share from 0 to 1.
        source: The option that names the source, as in `go_on`.

    Raises:
        GuardError: at least `MIN_VANISHED` rows have, and more than the share; or all of a small mall.
    """
    if _is_mass(put_back, known, max_vanished):
        raise GuardError(
            f"{put_back} of the {known} rows that the CMS has from this source ({put_back / known:.0%}) have values again "
            f"that earlier runs had replaced; at most {max_vanished:.0%} may at once (MAX_VANISHED). Was the CMS put back "
            f"to an earlier state? Nothing was written. `etl sync{source} --retake` takes the source's values again; if "
            f"the CMS is right, run `etl sync{source} --force`."
        )


def _is_mass(rows: int, known: int, share: float) -> bool:
    return rows > known * share if rows >= MIN_VANISHED else rows == known >= _SMALL_MALL
