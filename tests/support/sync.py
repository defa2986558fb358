"""Run a sync against a test database and a test API, and edit the CMS as an editor does."""

import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from etl.compare.model import Diff
from etl.config.settings import Settings, Source, load_settings
from etl.db.connect import connect
from etl.db.connection import Postgres
from etl.load.schema import initialise
from etl.model.results import SyncResult
from etl.pipeline import SyncOptions, preview, sync
from etl.plans.apply import apply_saved
from etl.plans.file import open_plan
from etl.runtime.progress import LogProgress
from tests.support import sessions
from tests.support.api import FakeApi
from tests.support.patience import slowness
from tests.support.postgres import DEFAULT, Database, Servers
from tests.support.refusals import refusals_watched


def record(unique_id: str | None, **fields: Any) -> dict[str, Any]:
    """Return a clean record of the API; keyword arguments replace its fields."""
    plain = {
        "uniqueId": unique_id,
        "tenantId": f"tenant-{unique_id}",
        "brandNameEn": f"Brand {unique_id}",
        "brandNameTh": f"แบรนด์ {unique_id}",
        "shopNameEnglish": f"Shop {unique_id}",
        "shopNameThai": f"ร้าน {unique_id}",
        "categoryNameEn": "Fashion",
        "categoryNameTh": "แฟชั่น",
        "floor": "Fl. 1",
        "zone": "East",
        "openingHours": "10:00 - 22:00",
        "unit": "101",
        "tel": "02 000 0000",
        "website": "https://example.com",
        "descriptionEn": "A shop.",
        "descriptionTh": "ร้านค้า",
        "status": True,
    }
    return {**plain, **fields}


def settings_for(dsn: str, api_url: str, folder: Path | str, **overrides: Any) -> Settings:
    """Return settings for a test: no .env, no pace, no waiting between retries' first tries."""
    values = {
        "database_url": dsn,
        "external_api_url": api_url,
        "snapshot_dir": str(folder),
        "api_requests_per_second": 1000,
        **overrides,
    }
    return load_settings(None, **values)


def sync_source(
    settings: Settings, db: Postgres, options: SyncOptions, source: Source | None = None
) -> SyncResult:
    """Run `etl sync` of one source, by default the only one of the settings, or of what the options name."""
    if options.plan is not None:
        return apply_saved(open_plan(options.plan), settings, db, options, LogProgress())
    if options.snapshot is None and source is None:
        (source,) = settings.sources()
    return sync(source, settings, db, options, LogProgress())


def diff_source(settings: Settings, db: Postgres, options: SyncOptions, **more: Any) -> Diff:
    """Run `etl diff` of the only source of the settings, or of the snapshot that the options name."""
    source = None if options.snapshot else settings.sources()[0]
    watch = more.pop("watch", None) or LogProgress()
    return preview(source, settings, db, options, watch, **more)


class Cms:
    """The CMS's database under test, as an independent reader (psycopg) sees it.

    Attributes:
        database: The database.
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    def last_run(self) -> dict[str, Any]:
        """Return the newest row of the log of runs."""
        (row,) = self.database.query(
            "SELECT * FROM etl.sync_logs ORDER BY started_at DESC, sync_id DESC LIMIT 1"
        )
        return row

    def fingerprint(self) -> list[Any]:
        """Return every row of the CMS's tables with its transaction id: equal means that nothing was written."""
        return [
            self.database.query(f"SELECT xmin::text, t.* FROM {kind}{part} t ORDER BY id")
            for kind in ("shops", "dinings")
            for part in ("", "_locales", "_rels", "_opening_hours_per_day")
        ]


class Mall(Cms):
    """A mall under test: its API, its CMS's database, and the job between them.

    Attributes:
        api: The API; set `api.records`.
        via: The address that the job uses, where it is another one: a proxy's, or a role's.
        overrides: Settings by attribute.
    """

    def __init__(self, api: FakeApi, database: Database, folder: Path) -> None:
        super().__init__(database)
        self.api = api
        self.folder = folder
        self.via = ""
        self.overrides: dict[str, Any] = {}

    @property
    def dsn(self) -> str:
        """The address that the job uses."""
        return self.via or self.database.dsn

    def init(self) -> None:
        """Run `etl init`."""
        with Postgres(self.database.owner_dsn) as db:
            initialise(db)

    def empty(self) -> None:
        """Leave no record and no run; ids begin at 1 again."""
        self.database.execute(
            "TRUNCATE shops, dinings, etl.sync_logs, etl.sync_issues, etl.sync_changes, etl.sources, "
            "etl.tenants_base "
            "RESTART IDENTITY CASCADE"
        )

    def sync(
        self,
        records: Iterable[dict[str, Any]] | None = None,
        *,
        refused: bool | None = False,
        **options: Any,
    ) -> SyncResult:
        """Run `etl sync`, of these records where given; `refused` says whether the database is to refuse rows."""
        if records is not None:
            self.api.records = list(records)
        settings = settings_for(self.dsn, self.api.url, self.folder, **self.overrides)
        with ExitStack() as stack:
            db = stack.enter_context(connect(settings.database(), settings.database_retries))
            stack.enter_context(refusals_watched(db, refused))
            return sync_source(settings, db, SyncOptions(**options))

    def save_plan(self, path: str, records: Iterable[dict[str, Any]], **options: Any) -> Diff:
        """Run `etl diff --save-plan` of these records."""
        self.api.records = list(records)
        settings = settings_for(self.dsn, self.api.url, self.folder, **self.overrides)
        with connect(settings.database()) as db:
            return diff_source(settings, db, SyncOptions(**options), save_to=path)

    def row(self, unique_id: str, table: str = "shops") -> dict[str, Any]:
        """Return the only row of a record."""
        (row,) = self.database.query(f"SELECT * FROM {table} WHERE unique_id = %s", unique_id)
        return row

    def texts(self, unique_id: str, locale: str, table: str = "shops") -> dict[str, Any]:
        """Return a record's texts in a language."""
        (row,) = self.database.query(
            f"SELECT l.* FROM {table}_locales l JOIN {table} t ON t.id = l._parent_id "
            "WHERE t.unique_id = %s AND l._locale::text = %s",
            unique_id,
            locale,
        )
        return row

    def edit(self, unique_id: str, table: str = "shops", **columns: Any) -> None:
        """Change columns of a record as the CMS does: updated_at moves."""
        sets = ", ".join(f"{name} = %s" for name in columns)
        self.database.execute(
            f"UPDATE {table} SET {sets}{', ' if sets else ''}updated_at = clock_timestamp() + interval '1 ms' "
            "WHERE unique_id = %s",
            *columns.values(),
            unique_id,
        )

    def edit_texts(self, unique_id: str, locale: str, table: str = "shops", **columns: Any) -> None:
        """Change texts of a record as the CMS does."""
        sets = ", ".join(f"{name} = %s" for name in columns)
        self.database.execute(
            f"UPDATE {table}_locales l SET {sets} FROM {table} t "
            "WHERE t.id = l._parent_id AND t.unique_id = %s AND l._locale::text = %s",
            *columns.values(),
            unique_id,
            locale,
        )
        self.edit(unique_id, table)

    def links(self, unique_id: str, table: str = "shops") -> list[tuple[int, str, str]]:
        """Return a record's category links: order, path, the category's English name."""
        rows = self.database.query(
            f'SELECT r."order", r.path, c.name FROM {table}_rels r JOIN {table} t ON t.id = r.parent_id '
            "JOIN categories_locales c ON c._parent_id = r.categories_id AND c._locale = 'en' "
            'WHERE t.unique_id = %s ORDER BY r.path, r."order", c.name',
            unique_id,
        )
        return [(row["order"], row["path"], row["name"]) for row in rows]

    def issues(self, sync_id: str) -> list[tuple[str | None, str]]:
        """Return a run's findings: record and code."""
        rows = self.database.query(
            "SELECT unique_id, code FROM etl.sync_issues WHERE sync_id = %s ORDER BY id", sync_id
        )
        return [(row["unique_id"], row["code"]) for row in rows]

    def category_id(self, name: str) -> int:
        """Return a category's id by its English name."""
        (row,) = self.database.query(
            "SELECT _parent_id AS id FROM categories_locales WHERE _locale = 'en' AND name = %s", name
        )
        return int(row["id"])

    def content(self) -> dict[str, list[Any]]:
        """Return what the CMS says of each record, without what no two databases share: ids and times."""
        return {
            name: [row["said"] for row in self.database.query(query)]
            for kind in ("shops", "dinings")
            for name, query in _content_queries(kind).items()
        }

    def leftovers(self) -> dict[str, int]:
        """Count what a run must not leave: sessions, locks and temporary tables."""
        (row,) = self.database.query(
            "SELECT (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            f"AND backend_type = 'client backend' AND application_name <> '{sessions.NAME}') AS sessions, "
            "(SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = "
            "(SELECT oid FROM pg_database WHERE datname = current_database())) AS locks, "
            "(SELECT count(*) FROM pg_class WHERE relpersistence = 't' AND relkind = 'r') AS tables"
        )
        return row

    def wait_until_nothing_is_left(self) -> None:
        """A server sees within a second that its client is gone; it is given five.

        Postgres 13 sees it when the statement ends, which in the tests takes half a minute at most.
        """
        deadline = time.monotonic() + (5 if self.database.major >= 14 else 60) * slowness()
        while any((left := self.leftovers()).values()):
            assert time.monotonic() < deadline, f"still there: {left}"
            time.sleep(0.02)

    def wait_until_in_the_merge(self) -> None:
        """A trigger that sleeps makes the merge long; it is reached within two minutes."""
        deadline = time.monotonic() + 120
        while not self.database.query(
            "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()"
        ):
            assert time.monotonic() < deadline
            time.sleep(0.05)


@contextmanager
def synced_mall(servers: Servers, folder: Path, feed: Iterable[dict[str, Any]]) -> Iterator[Mall]:
    """Give a mall after the sync of a feed, of which a module's tests take copies."""
    with FakeApi() as api, servers.get(DEFAULT).database() as database:
        mall = Mall(api, database, folder)
        mall.sync(feed)
        yield mall


@contextmanager
def copy_of(mall: Mall, servers: Servers, api: FakeApi, folder: Path) -> Iterator[Mall]:
    """Give a mall as another one is now, with an API of its own."""
    shutil.copytree(mall.folder, folder)
    api.records = list(mall.api.records)
    with servers.get(DEFAULT).database(like=mall.database) as database:
        yield Mall(api, database, folder)


def _content_queries(kind: str) -> dict[str, str]:
    others = {
        f"{kind}_locales": "l._parent_id",
        f"{kind}_rels": "l.parent_id",
        f"{kind}_opening_hours_per_day": "l._parent_id",
    }
    bare = "- 'id' - '_parent_id' - 'parent_id' - 'updated_at' - 'created_at'"
    return {
        kind: f"SELECT to_jsonb(t) {bare} AS said FROM {kind} t ORDER BY unique_id",
        **{
            table: f"SELECT (to_jsonb(l) {bare}) || jsonb_build_object('of', t.unique_id) AS said "
            f"FROM {table} l JOIN {kind} t ON t.id = {parent} ORDER BY 1"
            for table, parent in others.items()
        },
    }
