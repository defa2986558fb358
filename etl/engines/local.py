"""The ordinary engine: all of it in this process."""

from datetime import UTC, datetime

from etl.config.settings import Settings, Source
from etl.contract.clock import Clock
from etl.contract.source_names import Prefixes
from etl.db.connection import Postgres
from etl.extract.feed import ExtractRequest, Feed, fetch
from etl.load.batches import StagingCounts, stage_feed
from etl.load.schema import ReferenceFrames
from etl.load.staging import Stage
from etl.match import Matcher
from etl.match.batches import rules_of
from etl.runtime.timing import StageTimer


class LocalEngine:
    """The ordinary engine: all of it in this process, a chunk at a time.

    Args:
        settings: Where snapshots go, and the size of a chunk.
        db: The connection whose transaction stages.
        stages: Gets the progress.
        recreate: Records whose row is gone from the CMS are staged whole.
    """

    def __init__(
        self, settings: Settings, db: Postgres, stages: StageTimer, *, recreate: bool = False
    ) -> None:
        self._settings = settings
        self._clock = Clock(settings.mall_timezone, datetime.now(UTC))
        self._recreate = recreate
        self._db = db
        self._stages = stages

    def extract(self, source: Source, request: ExtractRequest) -> Feed:
        """Fetch every page of a source's API into a new snapshot."""
        return fetch(self._settings, source, self._stages, request)

    def stage_ahead(self, feed: Feed, reference: ReferenceFrames, named: tuple[str, ...]) -> None:
        """Do nothing: the staging tables are temporary ones of the transaction."""

    def stage(self, feed: Feed, reference: ReferenceFrames, prefixes: Prefixes) -> StagingCounts:
        """Transform, match and stage the records, a chunk at a time."""
        with self._stages.timed("transform"):
            rules = rules_of(feed.snapshot, prefixes, self._clock, self._settings.sync_batch_size)
        with Matcher(*reference) as matcher:
            return stage_feed(Stage(self._db, recreate=self._recreate), matcher, feed, rules, self._stages)
