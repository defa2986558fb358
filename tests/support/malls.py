"""Several malls under test: their APIs, one CMS's database, and the job between them."""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from etl.compare.model import Diff
from etl.config.settings import Settings
from etl.db.connect import connect
from etl.errors import EtlError
from etl.model.results import SyncResult
from etl.pipeline import SyncOptions, preview
from etl.runtime.progress import LogProgress
from tests.support.api import FakeApi
from tests.support.postgres import Database
from tests.support.refusals import refusals_watched
from tests.support.sync import Cms, settings_for, sync_source

OLD = ""
"""The name of the mall that was there before: it has none."""


class Malls(Cms):
    """Malls that share a CMS.

    Attributes:
        apis: The API of each mall, by its name, in the order of the settings.
        named: The malls that EXTERNAL_API_URL names.
        overrides: Settings by attribute.
    """

    def __init__(self, apis: Mapping[str, FakeApi], database: Database, folder: Path) -> None:
        super().__init__(database)
        self.apis = apis
        self.named = list(apis)
        self.folder = folder
        self.overrides: dict[str, Any] = {"api_retries": 0}

    @property
    def url(self) -> str:
        """What EXTERNAL_API_URL says."""
        return "\n".join(f"{name}={self.apis[name].url}".lstrip("=") for name in self.named)

    def settings(self) -> Settings:
        """Return the settings of a run."""
        return settings_for(self.database.dsn, self.url, self.folder, **self.overrides)

    def sync(
        self, records: Mapping[str, list[Any]] | None = None, *, refused: bool | None = False, **options: Any
    ) -> dict[str, SyncResult]:
        """Run `etl sync`, of these records of each mall where given, and return the result of each mall.

        Args:
            records: New records, by mall; the others keep theirs.
            refused: Whether the database refuses rows.
            options: Those of SyncOptions.

        Raises:
            EtlError: the first one of a mall that failed, after all malls had their turn.
        """
        outcomes = self.outcomes(records, refused=refused, **options)
        for outcome in outcomes.values():
            if isinstance(outcome, EtlError):
                raise outcome
        return {name: outcome for name, outcome in outcomes.items() if isinstance(outcome, SyncResult)}

    def outcomes(
        self, records: Mapping[str, list[Any]] | None = None, *, refused: bool | None = False, **options: Any
    ) -> dict[str, SyncResult | EtlError]:
        """Run `etl sync` as `sync`, and return the result or the error of each mall."""
        for name, each in (records or {}).items():
            self.apis[name].records = list(each)
        settings, chosen = self.settings(), SyncOptions(**options)
        found: dict[str, SyncResult | EtlError] = {}
        with ExitStack() as stack:
            db = stack.enter_context(connect(settings.database(), settings.database_retries))
            stack.enter_context(refusals_watched(db, refused))
            for source in settings.sources():
                try:
                    found[source.name] = sync_source(settings, db, chosen, source)
                except EtlError as error:
                    found[source.name] = error
        return found

    def load(self, **options: Any) -> SyncResult:
        """Replay a snapshot, or apply a saved plan, which say themselves whose they are."""
        settings = self.settings()
        with connect(settings.database(), settings.database_retries) as db:
            return sync_source(settings, db, SyncOptions(**options))

    def diff(self, name: str, save_to: str | None = None, **options: Any) -> Diff:
        """Run `etl diff` of a mall."""
        settings = self.settings()
        (source,) = (source for source in settings.sources() if source.name == name)
        with connect(settings.database()) as db:
            return preview(source, settings, db, SyncOptions(**options), LogProgress(), save_to=save_to)

    def titles(self) -> dict[str, str]:
        """Return the English title of each row of the CMS, by its unique_id."""
        rows = self.database.query(
            "SELECT unique_id, title FROM shops JOIN shops_locales l ON l._parent_id = shops.id "
            "WHERE _locale = 'en' UNION ALL SELECT unique_id, title FROM dinings "
            "JOIN dinings_locales l ON l._parent_id = dinings.id WHERE _locale = 'en' ORDER BY 1"
        )
        return {row["unique_id"]: row["title"] for row in rows}

    def runs(self) -> list[dict[str, Any]]:
        """Return the log of runs, the oldest first."""
        return self.database.query("SELECT * FROM etl.sync_logs ORDER BY started_at, sync_id")

    def last_run_of(self, name: str) -> dict[str, Any]:
        """Return the newest row of a mall in the log of runs."""
        return [run for run in self.runs() if run["source"] == name][-1]

    def issues(self, sync_id: str) -> list[tuple[str | None, str, str | None]]:
        """Return a run's findings: record, code and value."""
        rows = self.database.query(
            "SELECT unique_id, code, value FROM etl.sync_issues WHERE sync_id = %s ORDER BY id", sync_id
        )
        return [(row["unique_id"], row["code"], row["value"]) for row in rows]
