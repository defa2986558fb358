"""The guards of a run, source by source: which of them would do more harm than good."""

from collections.abc import Callable, Mapping

from etl.config.settings import Settings
from etl.contract.source_names import label_of
from etl.errors import EtlError, GuardError, IncompleteExtract
from etl.extract.feeds import Feed, Feeds, SourcesRefused, not_whole
from etl.load.guards import GO_ON, LastRun, check_changed, check_drop, check_gone, check_unmapped
from etl.load.known_sources import GuardFigures, KnownSource
from etl.model.options import SyncOptions


class Guards:
    """The guards, with the limits of the settings and options.

    Args:
        settings: Their limits.
        options: What was chosen instead, and whether they go on.
        is_kept: The snapshots are there afterwards, to be looked at.

    Each method raises GuardError or IncompleteExtract where the run has one source, and SourcesRefused, which names
    all that are refused, where it has several.
    """

    def __init__(self, settings: Settings, options: SyncOptions, *, is_kept: bool = True) -> None:
        self._is_kept = is_kept
        self._options = options
        self._max_drop = settings.max_drop if options.max_drop is None else options.max_drop
        self._max_unmapped = settings.max_unmapped
        self._max_changed = settings.max_changed

    def feeds(self, feeds: Feeds, known: Mapping[str, KnownSource]) -> None:
        """Refuse feeds that are not whole, shrank, or are a known source's under other ids."""

        def check(feed: Feed, go_on: str) -> None:
            if not feed.extracted.is_complete:
                # who allowed a partial load knows that records lack; none of them counts as missing
                if not self._options.allow_partial:
                    raise not_whole(feed.extracted) if feeds.is_single else not_whole(feed.extracted, "")
            elif not self._options.force:
                check_drop(feed.extracted.records, _last(feed, known), self._max_drop, go_on)
            if not self._options.force:
                _check_moved(feed, feeds, known)

        self._each(feeds, check)

    def plan(
        self, feeds: Feeds, guard_figures: Mapping[str, GuardFigures], known: Mapping[str, KnownSource]
    ) -> None:
        """Refuse sources of which too much would go or change, or whose labels stopped fitting."""

        def check(feed: Feed, go_on: str) -> None:
            of, last = guard_figures[feed.id_prefix], _last(feed, known)
            _check_prefix(feed, of, known)
            if feed.extracted.is_complete:
                check_gone(of.gone, of.known, self._max_drop, go_on)
            unmapped = of.unmapped_floors, of.unmapped_categories
            check_unmapped(*unmapped, of.processed, last, self._max_unmapped, go_on)
            check_changed(of.changed, of.known, last, self._max_changed, go_on)

        if not self._options.force:
            self._each(feeds, check)

    def _each(self, feeds: Feeds, check: Callable[[Feed, str], None]) -> None:
        errors: dict[str, EtlError] = {}
        for feed in feeds.present:
            try:
                check(feed, GO_ON if feeds.is_single else self._go_on(feed))
            except (GuardError, IncompleteExtract) as error:
                if feeds.is_single:
                    raise
                errors[feed.id_prefix] = error
        if errors:
            raise SourcesRefused(errors)

    def _go_on(self, feed: Feed) -> str:
        if not self._is_kept:
            return "`etl sync --force` would go on."
        path = feed.extracted.snapshot
        return (
            f"`etl diff {path}` shows what a sync of it alone would do; if that is right, run "
            f"`etl sync --snapshot {path} --force`."
        )


def _last(feed: Feed, known: Mapping[str, KnownSource]) -> LastRun | None:
    return known[feed.id_prefix].last if feed.id_prefix in known else None


def _check_moved(feed: Feed, feeds: Feeds, known: Mapping[str, KnownSource]) -> None:
    """Refuse a new source with the address of one that is not named any more: all its records would be made again."""
    here = {source.id_prefix for source in feeds.sources}
    if feed.id_prefix in known or feed.address is None:
        return
    for other in known.values():
        if other.id_prefix not in here and other.address == feed.address:
            was = f"ids that begin with '{other.id_prefix}'" if other.id_prefix else "ids without a prefix"
            raise GuardError(
                f"{feed.name or 'The source without a name'} has the address of {label_of(other.name)} "
                f"({feed.address}), whose records are in the CMS under {was}: all of them would be "
                f"made a second time. {_advice(other)}"
            )


def _advice(other: KnownSource) -> str:
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


def _check_prefix(feed: Feed, guard_figures: GuardFigures, known: Mapping[str, KnownSource]) -> None:
    """Refuse a new source whose prefix ids of another one have already."""
    if feed.id_prefix and feed.id_prefix not in known and guard_figures.known:
        raise GuardError(
            f"{guard_figures.known} records in the CMS have ids that begin with '{feed.id_prefix}', and no sync of "
            f"{label_of(feed.name)} made them. Give the source another name, or another id_prefix in a YAML file; if they "
            "are its records, run `etl sync --force`."
        )
