"""Makes the pictures of docs/payload.md: the panel of a real Payload with drafts, before and after a run of the job.

The panel is installed by hand, outside the checkout: 720 MB, two minutes (Node 20 or later).

    make .payload/made
    cp -r docs/payload/panel /tmp/panel && cp tests/payload/config.mjs tests/payload/seed.mjs /tmp/panel
    npm install --prefix /tmp/panel
    .venv/bin/python docs/payload/pictures.py /tmp/panel
"""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import requests
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "docs")]

from screenshots import SWITCHES, chromium  # type: ignore[import-not-found]  # noqa: E402 — docs/screenshots.py

from etl.config.settings import load_settings  # noqa: E402 — after the path
from etl.db.connection import Postgres  # noqa: E402
from etl.demo.show import save_sample  # noqa: E402
from etl.embedded.postgres import EmbeddedPostgres  # noqa: E402
from etl.load.schema import initialise  # noqa: E402
from etl.pipeline import SyncOptions, sync  # noqa: E402
from etl.runtime import log  # noqa: E402
from etl.runtime.progress import LogProgress  # noqa: E402
from tests.support.payload import PRESETS, Driver  # noqa: E402

OPTIONS = PRESETS["drafts"]
EDITOR = {"email": "editor@example.com", "password": "of no use to anybody"}
NAMED = "T100012"
RECORDS = 60
SIZE = (1280, 720)
PATIENCE_MS = 300_000
FORM = ("#field-title:enabled", "#field-status .rs__single-value", "#field-floor .rs__single-value")
"""What a form has once it is filled."""


def main(panel: Path) -> None:
    """Make panel-before.png, panel-after.png and panel-document.png."""
    log.configure("console", "error")
    with TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder) / "postgres") as server:
        dsn = server.dsn()
        make_cms(dsn)
        snapshot = save_sample(Path(folder) / "sample", 1, RECORDS).path
        load(dsn, folder, snapshot)
        leave_no_version(dsn)
        with served(panel, dsn) as url, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium(), args=SWITCHES)
            page = browser.new_page(viewport={"width": SIZE[0], "height": SIZE[1]}, color_scheme="light")
            page.set_default_timeout(PATIENCE_MS)
            log_in(page, url)
            picture(page, f"{url}/admin/collections/shops?limit=10", "panel-before", "text=No Results.")
            load(dsn, folder, snapshot)
            picture(page, f"{url}/admin/collections/shops?limit=10", "panel-after", "text=1-10 of")
            number = number_of(dsn, NAMED)
            picture(page, f"{url}/admin/collections/shops/{number}", "panel-document", *FORM)
            browser.close()


def make_cms(dsn: str) -> None:
    """Let Payload make its tables, floors and categories and an editor; then run `etl init`."""
    with Driver() as driver:
        driver.call("cms", "open", {"url": dsn, "options": dict(OPTIONS), "push": True})
        driver.call("cms", "seed", {})
        driver.call("cms", "create", {"collection": "users", "data": EDITOR})
        driver.call("cms", "close", {})
    with Postgres(dsn) as db:
        initialise(db)


def load(dsn: str, folder: str, snapshot: str) -> None:
    """Run `etl sync --snapshot`."""
    with Postgres(dsn) as db:
        settings = load_settings(None, snapshot_dir=folder, database_url=dsn)
        sync(None, settings, db, SyncOptions(snapshot=snapshot), LogProgress())


def leave_no_version(dsn: str) -> None:
    """Leave the rows as a job leaves them that writes the main tables only."""
    with psycopg.connect(dsn) as connection:
        connection.execute("TRUNCATE _shops_v, _dinings_v CASCADE")


def number_of(dsn: str, unique_id: str) -> int:
    """Return the number of a shop."""
    with psycopg.connect(dsn) as connection:
        row = connection.execute("SELECT id FROM shops WHERE unique_id = %s", [unique_id]).fetchone()
    if row is None:
        raise SystemExit(f"The sample has no shop {unique_id}.")
    return int(row[0])


@contextmanager
def served(panel: Path, dsn: str) -> Iterator[str]:
    """Serve the panel on this machine, and give its address once it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
        "DATABASE_URL": dsn,
        "PAYLOAD_OPTIONS": json.dumps(OPTIONS),
        "NEXT_TELEMETRY_DISABLED": "1",
    }
    command = [
        "node",
        "node_modules/next/dist/bin/next",
        "dev",
        "--hostname",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    process = subprocess.Popen(command, cwd=panel, env=environment, stdout=sys.stderr)  # noqa: S603 — as above
    try:
        wait_for(f"http://127.0.0.1:{port}/admin/login")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def wait_for(url: str) -> None:
    """Wait until a page answers, ten minutes at most: the first page is compiled before."""
    ends_at = time.monotonic() + 600
    while time.monotonic() < ends_at:
        try:
            if requests.get(url, timeout=600).ok:
                return
        except requests.ConnectionError:
            time.sleep(1)
    raise SystemExit(f"{url} does not answer.")


def log_in(page: Page, url: str) -> None:
    """Log in as the editor: the cookie is the page's."""
    answer = page.request.post(f"{url}/api/users/login", data=EDITOR, timeout=PATIENCE_MS)
    if not answer.ok:
        raise SystemExit(f"The editor can't log in: {answer.status}.")


def picture(page: Page, url: str, name: str, *awaited: str) -> None:
    """Save a picture of a page once what is awaited is there, and the way back in its head."""
    page.goto(url)
    for selector in (*awaited, ".step-nav__last"):
        page.locator(selector).first.wait_for()
    page.screenshot(path=Path(__file__).with_name(f"{name}.png"), animations="disabled")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
