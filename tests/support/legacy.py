"""A CMS as the earlier job leaves it: every harm that DOMAIN.md tells of, and the editors' work in between."""

from typing import Any

from tests.support.cms import legacy_row, make_cms
from tests.support.postgres import Database
from tests.support.sync import record

ENV = """\
# the earlier job's settings
DATABASE_URL="{dsn}"
EXTERNAL_API_URL={url}
X_APIG_APPCODE=appcode-1234
EXTERNAL_API_COOKIES='sid=1; lang=th'
SYNC_BATCH_SIZE=10
NODE_ENV=production
LOG_LEVEL=info
DEBUG=payload:*
"""
"""A .env that was written for it."""

FEED = [
    record("T1", brandNameEn="O&#039;right", categoryNameEn="Fashion"),
    record("T2"),
    record("T3", categoryNameEn="Restaurant", categoryNameTh=None),
    record("T4", floor="Fl. 3,4"),
    record("T5", categoryNameEn="Luxury Brands"),
    record("T6", floor="Fl. 9", categoryNameEn="Nothing known"),
    record("T7"),
    record("T8"),
    record("T9", floor="Fl. 3"),
    record(None, brandNameEn="Nameless"),
    record("T1", brandNameEn="O&#039;right", categoryNameEn="Fashion"),
]
"""What the API gives on the day of the move: T1 is on two pages, one record has no id."""


def make_legacy(database: Database) -> dict[str, int]:
    """Fill an empty database, and return the ids of rows by a name of ours."""
    make_cms(database, skip_sync=True, api_sync_logs=True)
    database.execute("INSERT INTO floors (name, \"order\", status) VALUES ('9F', 9, 'INACTIVE')")
    three, four, nine = (_floor(database, name) for name in ("3F", "4F", "9F"))
    editors: dict[str, Any] = {
        "sort_order": 5,
        "is_featured": True,
        "pin_to_iconluxe": True,
        "short_alphabet": "O",
    }
    rows = {
        "undecoded": legacy_row(database, "T1", title="O&#039;right", slug="o-039-right", **editors),
        "first": legacy_row(database, "T2", status="INACTIVE"),
        "again": legacy_row(database, "T2", slug="old-T2-1"),
        "stale": legacy_row(database, "T3", links=("/:fashion",)),
        "right": legacy_row(database, "T3", table="dinings", links=("/:restaurant",)),
        "third": legacy_row(database, "T4-3F", floor_id=three),
        "fourth": legacy_row(database, "T4-4F", floor_id=four),
        "links": legacy_row(database, "T5", links=("/:fashion", "/:luxury", "categories:fashion")),
        "inactive": legacy_row(database, "T6", floor_id=nine, links=("/:fashion",)),
        "closed": legacy_row(database, "T7", status="CLOSED"),
        "skipped": legacy_row(database, "T8", skip_sync=True),
        "split": legacy_row(database, "T9-3F", floor_id=three),
        "gone": legacy_row(database, "GONE"),
    }
    for number in range(3):  # a run each
        rows[f"nameless {number}"] = legacy_row(database, None, slug=f"nameless-{number}")
    for kind in ("shops", "dinings"):
        database.execute(f"UPDATE {kind}_locales SET title = 'Old &amp; raw' WHERE _locale = 'zh'")
    database.execute(
        "INSERT INTO api_sync_logs (sync_id, status, started_at) VALUES "
        "('sync_1', 'RUNNING', now() - interval '9 days'), ('sync_2', 'COMPLETED', now() - interval '1 hour')"
    )
    return rows


def _floor(database: Database, name: str) -> int:
    (row,) = database.query("SELECT id FROM floors WHERE name = %s", name)
    return int(row["id"])
