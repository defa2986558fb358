"""Makes the pictures of docs/: the report in a browser and the terminal's text, of the sample's second day.

Run it from the checkout after `make environment`, with Debian's chromium installed:  .venv/bin/python docs/screenshots.py
"""

import re
import shutil
import sys
from dataclasses import replace
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from playwright.sync_api import Browser, sync_playwright
from rich.console import Console
from rich.text import Text

from etl.compare.model import Diff
from etl.compare.select import Selection, select
from etl.config.settings import load_settings
from etl.db.connection import Postgres
from etl.demo.sample import story
from etl.demo.show import save_sample
from etl.embedded.postgres import EmbeddedPostgres
from etl.load.schema import initialise
from etl.pipeline import SyncOptions, preview, sync
from etl.report.diff_text import show_diff
from etl.report.html import to_html
from etl.runtime import log
from etl.runtime.progress import LogProgress

DOCS = Path(__file__).parent
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
            "--disable-background-networking", "--disable-component-update"]  # fmt: skip
SHOWN_AS = "snapshots/20261124T020418Z-517798"
Scheme = Literal["light", "dark"]
PICTURES: list[tuple[str, Scheme, int, int, tuple[str, ...]]] = [
    ("light", "light", 1200, 1500, ("T100012", "T100112")),
    ("dark", "dark", 1200, 1500, ("T100012", "T100112")),
    ("narrow", "light", 390, 1900, ("T100012",)),
]
"""Name, scheme, width, height and opened records of each picture of the report."""


def main() -> None:
    """Make report-light.png, report-dark.png, report-narrow.png and terminal.svg."""
    log.configure("console", "error")
    with TemporaryDirectory() as folder:
        found = second_day(Path(folder))
        (Path(folder) / "report.html").write_text(to_html(select(found, Selection())), encoding="utf-8")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium(), args=SWITCHES)
            for name, scheme, width, height, opened in PICTURES:
                picture(browser, Path(folder) / "report.html", name, scheme, (width, height), opened)
            browser.close()
    (DOCS / "terminal.svg").write_text(terminal(found), encoding="utf-8")


def chromium() -> str:
    """Return where Chromium is."""
    return shutil.which("chromium") or sys.exit("There is no chromium. On Debian: apt-get install chromium")


def second_day(folder: Path) -> Diff:
    """Load the sample's first day, edit two titles as editors do, and return what its second day would change."""
    plot = story()
    with EmbeddedPostgres(folder / "postgres") as server, Postgres(server.dsn(), "the CMS") as db:
        initialise(db)
        settings = load_settings(None, snapshot_dir=str(folder), database_url="embedded://unused")
        sync(None, settings, db, SyncOptions(snapshot=save_sample(folder / "1", 1, 500).path), LogProgress())
        for edit in (plot.kept, plot.conflict):
            db.run("demo/edit_title", edit.unique_id, edit.editor_value, table=edit.table)
        second = save_sample(folder / "2", 2, 500).path
        found = preview(None, settings, db, SyncOptions(snapshot=second), LogProgress())
    return _named(found)


def _named(found: Diff) -> Diff:
    """Return a diff under a name that is not this machine's."""
    return replace(found, source=replace(found.source, name=SHOWN_AS))


def picture(  # noqa: PLR0913, PLR0917 — what a picture is of
    browser: Browser, page: Path, name: str, scheme: Scheme, size: tuple[int, int], opened: tuple[str, ...]
) -> None:
    """Save a picture of the report with some records open."""
    context = browser.new_context(
        color_scheme=scheme,
        viewport={"width": size[0], "height": size[1]},
        device_scale_factor=1,
    )
    tab = context.new_page()
    tab.goto(page.as_uri())
    for unique_id in opened:
        tab.locator("tr.record", has=tab.get_by_text(unique_id, exact=True)).get_by_role("button").click()
    tab.mouse.move(0, 0)
    heading = tab.locator("h2", has_text="Records") if scheme == "dark" else tab.locator("main")
    heading.evaluate("element => element.scrollIntoView({block: 'start'})")
    tab.screenshot(path=DOCS / f"report-{name}.png", full_page="--full" in sys.argv)
    context.close()


def terminal(found: Diff) -> str:
    """Return what `etl diff --only updated,missing` shows on a terminal, as SVG without fonts from the web."""
    shown = Selection(only=frozenset({"updated", "missing"}))
    console = Console(record=True, width=100, file=StringIO(), force_terminal=True)
    console.print(Text.assemble(("$ ", "dim"), f"etl diff {SHOWN_AS} --only updated,missing"))
    console.print(show_diff(select(found, shown)))
    svg = console.export_svg(title="etl diff", unique_id="diff")
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)


if __name__ == "__main__":
    main()
