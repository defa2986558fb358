"""The ordinary engine: all of it in this process."""

from collections.abc import Collection

from etl.config.settings import Settings
from etl.extract.feeds import Feeds, one_after_another
from etl.load.batches import StagingCounts, stage_feeds
from etl.load.schema import ReferenceFrames
from etl.load.staging import Stage
from etl.match import Matcher
from etl.runs.run import Run


class LocalEngine:
    """The ordinary engine: all of it in this process, a chunk at a time."""

    extract = staticmethod(one_after_another)

    def __init__(self, settings: Settings, run: Run) -> None:
        self._settings = settings
        self._run = run

    def stage_ahead(self, feeds: Feeds, reference: ReferenceFrames) -> None:
        """Do nothing: the staging tables are temporary ones of the transaction."""

    def stage(self, feeds: Feeds, prefixes: Collection[str], matcher: Matcher) -> StagingCounts:
        """Transform, match and stage the records, a chunk at a time."""
        batch_size = self._settings.sync_batch_size
        return stage_feeds(Stage(self._run.db), matcher, feeds, prefixes, batch_size, self._run.stages)
