"""The guards of a run: the checks of its feed, and those that need its plan."""

from dataclasses import dataclass

from etl.config.settings import Settings
from etl.contract.counters import PlanCounts
from etl.contract.source_names import Origin, Prefixes, label_of
from etl.db.connection import Postgres
from etl.errors import GuardError
from etl.extract.feed import Feed, require_complete
from etl.load.drift import find_blanked
from etl.load.guards import (
    MIN_SAME,
    Blanked,
    check_blanked,
    check_changed,
    check_drop,
    check_gone,
    check_inactivated,
    check_put_back,
    check_unmapped,
    check_vanished,
)
from etl.load.sources import Sources
from etl.model.options import SyncOptions


@dataclass(frozen=True)
class GuardLimits:
    """What the settings and options allow.

    Attributes:
        max_drop: Share of records that may be gone at once, 0 to 1.
        max_unmapped: Share of records whose labels may stop fitting at once.
        max_changed: Share of rows that may change at once.
        max_vanished: Share of rows that may be gone from the CMS, or put back there, at once.
        max_blanked: Share of the records that had a field which have lost it; 1 refuses none.
        retake: Values that were put back give way to the source's.
        allow_partial: A feed that is not whole is loaded.
        force: No guard refuses.
    """

    max_drop: float
    max_unmapped: float
    max_changed: float
    max_vanished: float
    max_blanked: float
    retake: bool = False
    allow_partial: bool = False
    force: bool = False


@dataclass(frozen=True)
class GuardFigures:
    """Figures of a plan that guards look at.

    Attributes:
        counts: What the plan does.
        gone: Records that the last sync had and the feed has not.
        known: Records that the last sync had.
        vanished: Records whose row is newly gone from the CMS.
        put_back: Records whose row newly has values that the job had replaced.
        blanked: Fields that most records have lost.
        same_mall: What the ids of another source begin with that has records of one which is new; None for none.
        same_records: How many of them it has.
    """

    counts: PlanCounts
    gone: int
    known: int
    vanished: int
    put_back: int
    blanked: tuple[Blanked, ...] = ()
    same_mall: str | None = None
    same_records: int = 0


def guard_limits(settings: Settings, options: SyncOptions) -> GuardLimits:
    """Return what the settings allow, and the options instead."""
    max_drop = settings.max_drop if options.max_drop is None else options.max_drop
    limits = (
        max_drop,
        settings.max_unmapped,
        settings.max_changed,
        settings.max_vanished,
        settings.max_blanked,
    )
    return GuardLimits(
        *limits, retake=options.retake, allow_partial=options.allow_partial, force=options.force
    )


def guard_figures(
    db: Postgres, counts: PlanCounts, prefixes: Prefixes, max_blanked: float, *, is_new: bool
) -> GuardFigures:
    """Return the figures of the plan of this transaction, and add the findings that they make to it."""
    gone, known, vanished, put_back = db.read("plan/count_losses", *prefixes.values).row(0)
    blanked = find_blanked(db, prefixes, max_blanked)
    same = db.read("plan/find_same_mall", *prefixes.values).rows() if is_new else []
    same_mall, same_records = same[0] if same else (None, 0)
    return GuardFigures(counts, gone, known, vanished, put_back, blanked, same_mall, same_records)


def check_feed(feed: Feed, sources: Sources, limits: GuardLimits) -> None:
    """Refuse a feed that is not whole, or shrank.

    Args:
        feed: The records.
        sources: All sources.
        limits: What is allowed.

    Raises:
        IncompleteExtract, GuardError: it is refused.
    """
    require_complete(feed.extracted, allow_partial=limits.allow_partial)
    if limits.force:
        return
    if feed.is_complete:
        last = sources.last(feed.origin)
        check_drop(feed.extracted.records, last, limits.max_drop, feed.origin.option)


def check_plan(feed: Feed, figures: GuardFigures, sources: Sources, limits: GuardLimits) -> None:
    """Refuse a plan by which too much would go, change or be made twice, or in which labels or fields came to nothing.

    Raises:
        GuardError: it is refused.
    """
    if limits.force:
        return
    counts, last, source = figures.counts, sources.last(feed.origin), feed.origin.option
    _check_prefix(feed.origin, figures, sources)
    _check_same_mall(feed, figures, sources)
    check_vanished(figures.vanished, figures.known, limits.max_vanished, source)
    if not limits.retake:
        check_put_back(figures.put_back, figures.known, limits.max_vanished, source)
    check_blanked(figures.blanked, limits.max_blanked, source)
    if feed.is_complete:
        check_gone(figures.gone, figures.known, limits.max_drop, source)
        check_inactivated(counts.inactivated, figures.gone, figures.known, source)
    unmapped = counts.unmapped_floors, counts.unmapped_categories
    check_unmapped(*unmapped, counts.processed, last, limits.max_unmapped, source)
    check_changed(counts.updated + counts.inactivated, figures.known, last, limits.max_changed, source)


def _check_same_mall(feed: Feed, figures: GuardFigures, sources: Sources) -> None:
    """Refuse a new source whose records another one has: all of them would be made again."""
    records = feed.extracted.records
    if figures.same_mall is None or figures.same_records <= records / 2:
        return
    other = sources.known[figures.same_mall].origin
    if figures.same_records < MIN_SAME and other.address != feed.origin.address:
        return
    was = f"ids that begin with '{other.id_prefix}'" if other.id_prefix else "ids without a prefix"
    raise GuardError(
        f"{feed.origin.name or 'The source without a name'} has records of {label_of(other.name)}: {figures.same_records} "
        f"of its {records} have the uniqueId and the titles of one that is in the CMS under {was}. They would be made a "
        f"second time. {_advice(other, is_named=other.id_prefix in sources.named)}"
    )


def _advice(other: Origin, *, is_named: bool) -> str:
    if is_named:
        return "Leave one of the two out of EXTERNAL_API_URL; if they are two malls, run `etl sync --force`."
    if not other.name and not other.id_prefix:
        return (
            "Leave the name of the mall that was there before out of EXTERNAL_API_URL, or give it one with "
            "id_prefix: '' in a YAML file; if it is another mall, run `etl sync --force`."
        )
    as_before = (
        f"Name it {other.name}"
        if other.id_prefix == f"{other.name}:"
        else f"Give it the name '{other.name}' and the id_prefix '{other.id_prefix}' in a YAML file"
    )
    return f"{as_before}; if it is another mall, run `etl sync --force`."


def _check_prefix(origin: Origin, figures: GuardFigures, sources: Sources) -> None:
    """Refuse a new source whose prefix ids of another one have already."""
    if origin.id_prefix and not sources.is_known(origin) and figures.known:
        raise GuardError(
            f"{figures.known} records in the CMS have ids that begin with '{origin.id_prefix}', and no sync of "
            f"{label_of(origin.name)} made them. Give the source another name, or another id_prefix in a YAML file; if "
            "they are its records, run `etl sync --force`."
        )
