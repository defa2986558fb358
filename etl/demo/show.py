"""`etl demo`: two days of an invented mall, from a served sample into an embedded Postgres."""

import shlex
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from urllib.parse import quote

from rich.rule import Rule
from rich.table import Table

from etl.config.dotenv import check_working_folder
from etl.config.settings import load_settings
from etl.db.connection import Postgres
from etl.demo.sample import as_page, sample_day, story
from etl.demo.story import Edit, Story
from etl.demo.words import CHANGES
from etl.embedded.postgres import EmbeddedPostgres
from etl.extract.parse import parse_page
from etl.load.schema import initialise
from etl.pipeline import SyncOptions, sync
from etl.report.page import Text
from etl.report.terminal import TerminalProgress
from etl.report.text import console, plain_table, show, show_synced, whole_line
from etl.runtime import log
from etl.runtime.progress import LogProgress
from etl.serve import SnapshotServer, running
from etl.snapshot import Snapshot, SnapshotWriter, prune_snapshots

FOLDER = "etl-demo"
_DAYS = 2
_PAGE = 100
_SERVED = "http://127.0.0.1:8080/tenants"


def run_demo(folder: str | None, records: int) -> None:
    """Run both days and show their results.

    Postgres and snapshots stay in the folder, `etl-demo` where none is given; a second run starts again. The sample has at
    least 50 records.
    """
    check_working_folder()
    root = Path(folder or FOLDER).resolve()
    log.configure("console", "error")
    show(whole_line(("A mall's directory, two days, one embedded Postgres", "bold"), f" in {root}"))
    with EmbeddedPostgres(root / "postgres") as server, Postgres(server.dsn(), "the demo's Postgres") as db:
        _start_over(db)
        plot = story()
        _heading("Day 1", f"{records:,} records come from the API; the tables are empty")
        _sync_sample(db, root, save_sample(root / "source", 1, records))
        _heading("Meanwhile", "an editor corrects two titles in the CMS")
        for edit in (plot.kept, plot.conflict):
            db.run("demo/edit_title", edit.unique_id, edit.editor_value, table=edit.table)
            show(Text(f"  {edit.unique_id}: {edit.before!r} becomes {edit.editor_value!r}"))
        _heading("Day 2", "new tenants, changed texts, one gone")
        second = save_sample(root / "source", 2, records)
        _sync_sample(db, root, second)
        show(_results(db, plot))
        _heading("Day 2 again", "nothing changed, so nothing is written")
        _sync_sample(db, root, second)
    prune_snapshots(str(root / "source"), _DAYS)
    _farewell(root, Path(str(second.path)))


def _heading(title: str, what: str) -> None:
    if console().is_terminal:
        show(Text(""))
        show(Rule(Text.assemble((title, "bold"), (f"  {what}", "dim")), align="left", characters="─"))
    else:
        show(Text(f"\n{title}: {what}"))


def _start_over(db: Postgres) -> None:
    for schema in ("etl", "public"):
        db.run("demo/drop_schema", schema=schema)
    db.run("demo/create_public")
    initialise(db)


def _sync_sample(db: Postgres, root: Path, sample: Snapshot) -> None:
    with running(SnapshotServer(sample)) as url:
        settings = load_settings(
            None, external_api_url=url, snapshot_dir=str(root / "snapshots"), database_url=_database_url(root)
        ).untold()
        with _watch() as watch:
            result = sync(settings.sources()[0], settings, db, SyncOptions(), watch)
    # a hint without the demo's DATABASE_URL would lead nowhere; the farewell has it
    show(show_synced(result, is_hinted=False))


def _database_url(root: Path) -> str:
    return f"embedded://{quote(str(root / 'postgres'))}"


def _watch() -> TerminalProgress | LogProgress:
    return TerminalProgress() if console().is_terminal else LogProgress()


def save_sample(folder: Path, day: int, records: int) -> Snapshot:
    """Save a day of the sample as a snapshot, through the very code that reads the API."""
    with SnapshotWriter(str(folder)) as writer:
        for page in batched_records(day, records):
            writer.write(parse_page(as_page(page)).records)
        return writer.finish(source=f"sample, day {day}")


def batched_records(day: int, records: int) -> Iterator[list[dict[str, object]]]:
    """Return a day of the sample in pages of the API's size."""
    feed = sample_day(day, records)
    while page := list(islice(feed, _PAGE)):
        yield page


def _results(db: Postgres, plot: Story) -> Table:
    table = plain_table(title="\nResult", title_justify="left", title_style="bold")
    for name in ("record", "outcome", "what happened"):
        table.add_column(name, header_style="dim")
    gone_id, gone_name = plot.gone
    edits = (("kept", plot.kept), ("conflict", plot.conflict))
    for unique_id, outcome, style, words in (
        *((id_, "created", "green", f"{name} is new; INACTIVE until reviewed") for id_, name in plot.created),
        *((id_, "changed", "yellow", CHANGES[what]) for what, id_ in plot.changed.items()),
        *((edit.unique_id, outcome, "cyan", _outcome_of(outcome, edit, db)) for outcome, edit in edits),
        (gone_id, "missing", "red", f"{gone_name} left the source; its row stays, reported"),
    ):
        table.add_row(unique_id, Text(outcome, style=style), Text(words))
    return table


def _outcome_of(outcome: str, edit: Edit, db: Postgres) -> str:
    now = db.value("demo/read_title", edit.unique_id, table=edit.table)
    if outcome == "kept":
        return f"the source changed something else: the editor's {now!r} stays"
    return f"source and editor both changed the title: now {now!r}; both are in the audit"


def _farewell(root: Path, day: Path) -> None:
    database = f"DATABASE_URL={shlex.quote(_database_url(root))}"
    _heading("Look around", "the database stays; a second `etl demo` starts again")
    for command, what in (
        (f"{database} etl runs", "the three runs"),
        (f"{database} etl runs latest", "one run: its findings, and each change field by field"),
        (
            f"etl serve {shlex.quote(str(day))}",
            "serve day 2 as the API, until Ctrl-C; then, in a second terminal:",
        ),
        (f"EXTERNAL_API_URL={_SERVED} {database} etl check", "what a sync needs, and whether it is there"),
        (f"EXTERNAL_API_URL={_SERVED} {database} etl sync", "a sync like the hourly one"),
        (
            "etl sync --help",
            "the real thing: set EXTERNAL_API_URL and DATABASE_URL (here or in .env),\n"
            "      then etl check, etl init, etl sync",
        ),
    ):
        show(whole_line((f"  {command}", "bold"), (f"\n      {what}", "dim")))
