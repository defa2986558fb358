"""Sample data for the notebooks: two days of snapshots, and a week of runs of changing quality."""

import atexit
import shutil
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp
from urllib.parse import quote
from zlib import crc32

import polars as pl

from etl.config.settings import load_settings
from etl.contract.reference import CATEGORIES, FLOORS, STANDARD_CATEGORIES, STANDARD_FLOORS
from etl.db.connection import Postgres
from etl.demo.sample import as_page, sample_day
from etl.embedded.postgres import EmbeddedPostgres
from etl.extract.parse import parse_page
from etl.load.schema import initialise
from etl.pipeline import SyncOptions, sync
from etl.runtime import log
from etl.runtime.progress import LogProgress
from etl.snapshot import SnapshotWriter

Record = dict[str, object]

_MISSPELT = (
    *("Fashon & Accesories", "Helth and Beauty", "Home & Livng", "Jewellery & Watches"),
    "Kids Toys & Games",
)
_DAYS = 7
_FIRST = datetime(2025, 7, 1, 22, 0, tzinfo=UTC)


def sample_snapshots(folder: str | Path | None = None, records: int = 500) -> tuple[str, str]:
    """Save two days of an invented mall, with its floors and categories; return where the days are, older first.

    Some category labels are misspelt on both days, so that there is something to find. A day has at least 50 records. The
    folder may be None: then it is a temporary one that goes with this process.
    """
    root = _temporary() if folder is None else Path(folder)
    paths = [_save(root, f"day-{day}", _misspelt(sample_day(day, records), every=7)) for day in (1, 2)]
    return paths[0], paths[1]


def sample_week(folder: str | Path | None = None, records: int = 200) -> str:
    """Sync a week of an invented mall into an embedded Postgres; return its DATABASE_URL.

    From day to day more labels are misspelt, until somebody mends them on the last day; on the fifth day three records
    have lost their uniqueId. The log of runs says that they ran at 22:00 UTC from 1 July 2025 on. Needs the extra `demo`.
    Folder and records are those of `sample_snapshots`; a week that is in the folder already stays as it is.
    """
    root = (_temporary() / "week" if folder is None else Path(folder)).resolve()
    url = f"embedded://{quote(str(root / 'postgres'))}"
    if root.exists():
        return url
    log.configure("console", "error")
    # its week is long ago
    keep_all = {"runs_keep_days": 0, "changes_keep_days": 0}
    settings = load_settings(
        None, snapshot_dir=str(root / "snapshots"), database_url=url, **keep_all
    ).untold()
    with EmbeddedPostgres(root / "postgres") as server:
        for day in range(_DAYS):
            snapshot = _save(root / "snapshots", f"day-{day + 1}", _day_of_week(day, records))
            with Postgres(server.dsn()) as db:
                if day == 0:
                    initialise(db)
                result = sync(None, settings, db, SyncOptions(snapshot=snapshot), LogProgress())
                moment = (_FIRST + timedelta(days=day)).isoformat()
                db.run("demo/backdate_run", result.sync_id, moment)
    return url


def _temporary() -> Path:
    folder = mkdtemp(prefix="etl-notebook-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def _day_of_week(day: int, records: int) -> Iterator[Record]:
    every = 0 if day == _DAYS - 1 else 50 // (day + 1)  # mended on the last day
    feed = _misspelt(sample_day(1 if day < _DAYS // 2 else 2, records), every)
    for number, record in enumerate(feed):
        yield {**record, "uniqueId": None} if day == 4 and number in {30, 31, 32} else record


def _misspelt(feed: Iterable[Record], every: int) -> Iterator[Record]:
    for record in feed:
        number = crc32(str(record["uniqueId"]).encode())  # the same record on each day
        is_shop = "Food" not in str(record["categoryNameEn"])
        if every and is_shop and number % every == 0:
            label = _MISSPELT[number // every % len(_MISSPELT)]
            yield {**record, "categoryNameEn": label, "categoryNameTh": None}
        else:
            yield record


def _save(folder: Path, name: str, feed: Iterable[Record]) -> str:
    with SnapshotWriter(str(folder), name=name) as writer:
        writer.write(parse_page(as_page(list(feed))).records)
        snapshot = writer.finish(source=f"sample, {name}", floors=_floors(), categories=_categories())
    return str(snapshot.path)


def _floors() -> pl.DataFrame:
    rows = [
        (number, floor.name, floor.order, "ACTIVE") for number, floor in enumerate(STANDARD_FLOORS, start=1)
    ]
    return pl.DataFrame(rows, schema=FLOORS, orient="row")


def _categories() -> pl.DataFrame:
    rows = [
        (number, each.type, "ACTIVE", each.slug, each.name_en, each.name_th)
        for number, each in enumerate(STANDARD_CATEGORIES, start=1)
    ]
    return pl.DataFrame(rows, schema=CATEGORIES, orient="row")
