"""The endpoint of docs/payload in a real Payload: a notice runs the hooks that the job's SQL does not."""

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import requests

from etl.config.settings import load_settings
from etl.notify import news
from etl.notify.message import headers_of
from tests.support.payload import NODE, PRESETS, PROJECT, PayloadCms
from tests.support.receiver import SECRET
from tests.support.rollback import roll_back
from tests.support.sync import record

pytestmark = pytest.mark.xdist_group("payload-plain")


class Site:
    """A Payload with the endpoint, as a process; it tells of each hook that is called."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.url = f"http://127.0.0.1:{self.line()['port']}/api/etl-notify"

    def line(self) -> dict[str, Any]:
        """Return the next line that it says."""
        assert self._process.stdout is not None
        found: dict[str, Any] = json.loads(self._process.stdout.readline())
        return found

    def calls(self, count: int) -> list[tuple[str, str, str | None]]:
        """Return the next calls of hooks: the hook, the collection, and the title that it was given."""
        lines = (self.line() for _ in range(count))
        return sorted((line["hook"], line["collection"], line["title"]) for line in lines)


@contextmanager
def site_of(cms: PayloadCms, refuses: int) -> Iterator[Site]:
    """Open a site on a mall's database, and let the job tell it of runs; so many calls of a hook throw."""
    given = {"url": cms.database.owner_dsn, "options": PRESETS["plain"], "secret": SECRET, "refuses": refuses}
    process = subprocess.Popen(
        [NODE, "notify.mjs", json.dumps(given)], cwd=PROJECT, text=True, encoding="utf-8",
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env={"PATH": "", "HOME": str(PROJECT), "TZ": "UTC"},
    )  # fmt: skip
    try:
        site = Site(process)
        cms.overrides |= {"notify_url": site.url, "notify_secret": SECRET}
        yield site
    finally:
        process.kill()
        process.communicate()


def test_a_notice_runs_the_hooks(
    payload_cms: Callable[..., PayloadCms], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of each document that was written, with what the CMS has now; of one that is gone those of a deletion.

    A hook that throws is a 500, and the job tries again.
    """
    cms = payload_cms("plain")
    with site_of(cms, refuses=1) as site:
        first = cms.sync([record("T1"), record("T2", categoryNameEn="Restaurant")])
        assert site.calls(2) == [("afterChange", "dinings", "Brand T2"), ("afterChange", "shops", "Brand T1")]
        cms.sync([record("T1", brandNameEn="Nook"), record("T2", categoryNameEn="Restaurant")])
        line = site.line()
        assert (line["title"], line["operation"], line["id"]) == ("Nook", "update", cms.row("T1")["id"])

        monkeypatch.setattr(news, "MOST_DOCUMENTS", 1)
        cms.sync([record("T1"), record("T2", categoryNameEn="Restaurant", zone="West")])
        assert site.line() == {"many": 2}
        monkeypatch.undo()

        cms.sync([record("T1"), record("T2", categoryNameEn="Restaurant", zone="West"), record("T3")])
        assert site.calls(1) == [("afterChange", "shops", "Brand T3")]
        roll_back(cms, cms.last_run()["sync_id"])
        assert site.calls(2) == [("afterDelete", "shops", None), ("beforeDelete", "shops", None)]
        _forge(site, first.sync_id)


def _forge(site: Site, sync_id: str) -> None:
    """One without a signature, with another one's, or with an old one gets 401."""
    key = load_settings(None, notify_url=site.url, notify_secret=SECRET).receiver()
    assert key is not None
    now = int(time.time())
    bodies = [
        headers_of(sync_id, b"{}", each, at) for each, at in ((None, now), (b"k", now), (key.key, now - 400))
    ]
    assert [requests.post(site.url, b"{}", headers=each, timeout=30).status_code for each in bodies] == [
        401
    ] * 3
