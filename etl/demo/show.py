"""`etl demo`: two days of an invented mall, from a served sample into an embedded Postgres."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from itertools import islice
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from etl import log
from etl.demo.postgres import EmbeddedPostgres
from etl.demo.sample import sample_day, story
from etl.demo.story import Edit, Story
from etl.extract.arrow import parse_page
from etl.load.postgres import Postgres
from etl.load.schema import initialise
from etl.pipeline import SyncOptions, sync
from etl.report.progress import LogWatch, Watch
from etl.report.results import Synced
from etl.report.terminal import TerminalWatch
from etl.report.text import console as make_console
from etl.report.text import show_synced
from etl.serve import make_server
from etl.settings import load_settings
from etl.snapshot import Snapshot, SnapshotWriter

FOLDER = "etl-demo"
_PAGE = 100


def run_demo(folder: str | None, records: int) -> None:
    """Run both days and show what came of them.

    Args:
        folder: Where Postgres and snapshots live afterwards; None for `etl-demo` here. A second run starts anew.
        records: Records in the sample, at least 50.
    """
    root = Path(folder or FOLDER).resolve()
    console = make_console()
    log.configure("console", "error")
    console.print(f"[bold]A mall's directory, two days, one embedded Postgres[/] in {root}", soft_wrap=True)
    with EmbeddedPostgres(root / "postgres") as server, Postgres(server.dsn(), "the demo's Postgres") as db:
        _start_anew(db)
        plot = story()
        _heading(console, "Day 1", f"{records:,} records come from the API; the tables are empty")
        console.print(show_synced(_sync_day(db, root, 1, records)))
        _heading(console, "Meanwhile", "an editor corrects two titles in the CMS")
        for edit in (plot.kept, plot.conflict):
            db.run("demo/edit_title", edit.unique_id, edit.editor_value, table=edit.table)
            console.print(Text(f"  {edit.unique_id}: {edit.before!r} becomes {edit.editor_value!r}"))
        _heading(console, "Day 2", "new tenants, changed texts, one gone")
        console.print(show_synced(_sync_day(db, root, 2, records)))
        console.print(_what_came_of_it(db, plot))
        _heading(console, "Day 2 again", "nothing changed, so nothing is written")
        console.print(show_synced(_sync_day(db, root, 2, records)))
    _farewell(console, root)


def _heading(console: Console, title: str, what: str) -> None:
    console.print()
    console.rule(f"[bold]{title}[/]  [dim]{what}[/]", align="left", characters="─")


def _start_anew(db: Postgres) -> None:
    for schema in ("etl", "public"):
        db.run("demo/drop_schema", schema=schema)
    db.run("demo/create_public")
    initialise(db)


def _sync_day(db: Postgres, root: Path, day: int, records: int) -> Synced:
    with _api(save_sample(root / "source", day, records)) as url:
        settings = load_settings(
            None,
            external_api_url=url,
            snapshot_dir=str(root / "snapshots"),
            database_url=f"embedded://{root / 'postgres'}",
        )
        with _watch() as watch:
            return sync(settings, db, SyncOptions(), watch)


@contextmanager
def _watch() -> Iterator[Watch]:
    is_terminal = make_console().is_terminal
    with TerminalWatch() if is_terminal else nullcontext(LogWatch()) as watch:
        yield watch


def save_sample(folder: Path, day: int, records: int) -> Snapshot:
    """Save a day of the sample as a snapshot, through the very code that reads the API."""
    with SnapshotWriter(str(folder)) as writer:
        for number, chunk in enumerate(batched_records(day, records), start=1):
            envelope = {
                "totalRecord": records,
                "page": number,
                "limit": _PAGE,
                "totalPages": 1,
                "data": chunk,
            }
            writer.write(parse_page(json.dumps(envelope).encode()).records)
        return writer.finish(source=f"sample, day {day}")


def batched_records(day: int, records: int) -> Iterator[list[dict[str, object]]]:
    """Return a day of the sample in pages of the API's size."""
    feed = sample_day(day, records)
    while page := list(islice(feed, _PAGE)):
        yield page


@contextmanager
def _api(snapshot: Snapshot) -> Iterator[str]:
    server = make_server(snapshot)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/tenants"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _what_came_of_it(db: Postgres, plot: Story) -> Table:
    table = Table(
        title="\nWhat came of it", title_justify="left", title_style="bold", box=None, padding=(0, 2, 0, 0)
    )
    for name in ("record", "outcome", "what happened"):
        table.add_column(name, header_style="dim")
    for unique_id, name in plot.created:
        table.add_row(
            unique_id, Text("created", style="green"), Text(f"{name} is new; INACTIVE until reviewed")
        )
    for what, unique_id in plot.changed.items():
        table.add_row(unique_id, Text("changed", style="yellow"), _CHANGES[what])
    for outcome, edit in (("kept", plot.kept), ("conflict", plot.conflict)):
        table.add_row(edit.unique_id, Text(outcome, style="cyan"), Text(_tell(outcome, edit, db)))
    gone_id, gone_name = plot.gone
    table.add_row(
        gone_id, Text("missing", style="red"), Text(f"{gone_name} left the source; its row stays, reported")
    )
    return table


_CHANGES = {
    "title": "the source has a new title",
    "description": "the source has a new description",
    "hours": "hours that differ by day now",
    "phone": "a new phone number",
    "floor": "moved to another floor",
    "category": "another category: the job's link moves, editors' links stay",
    "kind": "now a dining by its category; its row stays where it is, reported",
    "split": "on two floors now: its row goes on for one, a new one is made for the other",
    "joined": "on one floor now: its row goes on, the other one is missing",
    "blanked": "fields are blank in the source now: a blank never erases",
}


def _tell(outcome: str, edit: Edit, db: Postgres) -> str:
    now = db.value("demo/read_title", edit.unique_id, table=edit.table)
    if outcome == "kept":
        return f"the source changed something else: the editor's {now!r} stays"
    return f"source and editor both changed the title: now {now!r}; both are in the audit"


def _farewell(console: Console, root: Path) -> None:
    address = f"DATABASE_URL=embedded://{root / 'postgres'}"
    _heading(console, "Look around", "the database stays; a second `etl demo` starts anew")
    for command, what in (
        (f"{address} etl runs", "the three runs"),
        (f"{address} etl runs latest", "one run: findings, and each change field by field"),
        (f"{address} etl check", "what a sync needs, and whether it is there"),
        (f"etl serve {root / 'source'}/…", "serve a day of the sample as the API"),
        (
            "etl sync --help",
            "the real thing: set DATABASE_URL and EXTERNAL_API_URL, then etl check, init, sync",
        ),
    ):
        console.print(
            Text(f"  {command}", style="bold"), Text(f"\n      {what}", style="dim"), soft_wrap=True
        )
