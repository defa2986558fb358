"""`etl explain` by hand."""

import json

from tests.e2e.conftest import Run
from tests.support.api import FakeApi
from tests.support.postgres import Database


def test_explain_by_hand(etl: Run, api: FakeApi, database: Database) -> None:
    """With a database, without one, as JSON, and an id that nobody knows."""
    settings = {"DATABASE_URL": database.dsn, "EXTERNAL_API_URL": api.url}
    assert etl("sync", **settings).returncode == 0
    found = etl("explain", "T2-4F", **settings)
    assert found.returncode == 0, found.stderr
    assert "Canonical row T2-4F  2 of 2: one a floor\n" in found.stdout
    assert "In the CMS: shops " in found.stdout
    assert "\x1b" not in found.stdout
    alone = etl("explain", "T3")
    assert (alone.returncode, "In the CMS" in alone.stdout) == (0, False)
    assert "kind dinings the English label is the category RESTAURANT" in " ".join(alone.stdout.split())
    assert "In the CMS" not in etl("explain", "T3", "--no-database", **settings).stdout
    data = json.loads(etl("explain", "T1", "--json", **settings).stdout)
    assert (data["format"], data["database"]["rows"][0]["slug"]) == ("iconsiam-etl explain", "brand-t1")
    unknown = etl("explain", "T9", **settings)
    assert unknown.returncode == 2
    assert unknown.stderr.startswith("etl: No record is called 'T9' in the snapshot ")
