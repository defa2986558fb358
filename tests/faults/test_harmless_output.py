"""Promise: nothing that others control is obeyed by a terminal, whichever command shows it, and wherever."""

import json
import re
import shutil
from io import StringIO
from pathlib import Path

import pytest

from etl.cli.app import app
from tests.support import forge
from tests.support.process import Ended, Terminal, run_here
from tests.support.sync import Mall, record

EVIL = "\x1b]52;c;cm0gLXJm\x07\x1b[2J\x9b2J\x9d0;t\x9c\u202egpj\u2066\u200b\r\nFAKE: [red]evil[/] :smile:"
"""Writes the clipboard, clears the screen, sets the title, turns text around, hides, and begins a line of its own."""

OWN = re.compile(r"\x1b\[(?:[0-9;]*m|2K|[0-9]*A|\?25[lh])|\r\x1b\[2K|\r(?=\x1b\[)")
"""What rich and the log's colours send to a terminal; none of it is in EVIL."""

WIDE = {"columns": 3000}
"""So that no line is broken but by a line break."""

FEED = [record(f"T{number}") for number in range(30)]

SCENARIOS: dict[str, list[tuple[str, ...]]] = {
    "sync": [
        ("sync",),
        ("sync", "--json"),
        ("sync", "--snapshot", "{forged}"),
        ("sync", "--snapshot", "{none}"),
    ],
    "diff": [
        *(
            ("diff",),
            ("diff", "--limit", "0"),
            ("diff", "--format", "json"),
            ("diff", "--format", "html", "-o", "{page}"),
        ),
        *(
            ("diff", "{forged}", "--against", "{forged}"),
            ("diff", "--only", EVIL),
            ("diff", "-o", "{none}/x"),
        ),
    ],
    "extract": [("extract",), ("extract", "--json"), ("extract", "--allow-partial")],
    "init": [("init",)],
    "check": [("check",), ("check", "--json")],
    "runs": [
        ("runs",),
        ("runs", "latest"),
        ("runs", "latest", "--json"),
        ("runs", "\u202ex"),
        ("\u202ex",),
        ("runs", EVIL),
    ],
    "explain": [
        *(("explain", "T1"), ("explain", "T1", "--json"), ("explain", "T\u202e"), ("explain", EVIL)),
        ("explain", "T1", "--no-database", "--snapshot", "{forged}"),
    ],
    "move": [
        *(("move", "T2"), ("move", "T2", "--json"), ("move", "T\u202e"), ("move", EVIL)),
        *(("move", "T2", "--yes"), ("move", "T2", "--yes", "--json")),
    ],
    "rollback": [("rollback", "latest"), ("rollback", "latest", "--json"), ("rollback", "latest", "--yes")],
    "serve": [("serve", "{none}")],
    "demo": [("demo", "--folder", "{page}", "--records", "50")],
}
"""What each command is run with; the braces are filled in."""


@pytest.fixture
def mall(synced: Mall) -> Mall:
    """Give a mall after a sync, whose API and editors are hostile since."""
    bad = dict.fromkeys(
        ("brandNameEn", "descriptionEn", "categoryNameEn", "floor", "openingHours", "zone"), f"x{EVIL}"
    )
    synced.api.records = [
        *FEED[:-4],
        record("T1", **bad, **{f"new{EVIL}": EVIL, "tel": {EVIL: EVIL}}),
        record(f"T{EVIL}", **bad),
        record(f"T{EVIL}", **bad),
    ]
    synced.database.execute(
        "UPDATE shops SET location_zone = %s, slug = %s WHERE unique_id = 'T2'", EVIL, EVIL
    )
    synced.database.execute("UPDATE floors SET name = name || %s WHERE name = '2F'", EVIL)
    synced.overrides = {"max_unmapped": "100%"}
    return synced


def assert_harmless(done: Ended) -> None:
    """Make sure that nothing in an output is obeyed, but what makes its colours and bars."""
    for text in (done.stdout, done.stderr):
        left = set(OWN.sub("", text)) & set("\x1b\x07\x9b\x9d\x9c\u202e\u2066\u200b\r")
        assert not left, f"{done.args} shows {left!r}: {text[:2000]!r}"
        assert not re.search(r"^FAKE:", text, re.MULTILINE), (
            f"{done.args} lets others begin a line: {text[:2000]!r}"
        )


def places(mall: Mall, tmp_path: Path) -> dict[str, str]:
    """Make a snapshot whose manifest is hostile; return what the braces stand for."""
    (snapshot,) = mall.folder.glob("2*")
    forged = tmp_path / f"{snapshot.name}"
    shutil.copytree(snapshot, forged)
    forge.edit_manifest(
        forged,
        lambda fields: fields.update(
            source=EVIL, problems=[EVIL], complete=False, unknown_fields={EVIL: 1}, not_text={EVIL: 1}
        ),
    )
    return {"forged": str(forged), "none": f"{tmp_path}/no\u202e\u200b[red]x", "page": f"{tmp_path}/page"}


def test_every_command_has_a_scenario() -> None:
    """A new command can't be forgotten here."""
    names = [one.name or one.callback.__name__ for one in app.registered_commands if one.callback]
    assert sorted(names) == sorted(SCENARIOS)


@pytest.mark.parametrize("command", SCENARIOS)
@pytest.mark.parametrize("page", [Terminal, pytest.param(StringIO, marks=pytest.mark.long)])
def test_every_output_of_every_command(
    mall: Mall, tmp_path: Path, command: str, page: type[StringIO]
) -> None:
    """On a terminal and off one, with log lines for people and for machines, in success and failure."""
    where = places(mall, tmp_path)
    if command == "move":
        mall.api.records[2] = record("T2", categoryNameEn="Restaurant", categoryNameTh=None)
    if command in {"runs", "rollback", "explain", "move"}:
        assert_harmless(run_here(mall, "sync", page=page, **WIDE, **mall.overrides))
    for words in SCENARIOS[command]:
        arguments = [word.format(**where) if "{" in word else word for word in words]
        for log_format in ("console", "json") if command in {"sync", "extract"} else ("auto",):
            level = "debug" if log_format == "console" else "info"
            done = run_here(
                mall, *arguments, page=page, log_format=log_format, log_level=level, **WIDE, **mall.overrides
            )
            assert "Traceback" not in done.stderr, done.stderr
            assert_harmless(done)
    if (page_file := Path(where["page"])).is_file():
        assert set(page_file.read_text(encoding="utf-8")).isdisjoint("\x1b\x07\x9b\u202e\u2066\u200b\r")


def test_what_is_shown_is_there(mall: Mall) -> None:
    """Hidden would be worse than obeyed: the escapes can be read, and JSON holds the very characters."""
    shown = run_here(mall, "extract", page=Terminal, log_format="auto").stdout.replace("\n", "")
    assert "new\\x1b]52;c;cm0gLXJm\\x07\\x1b[2J\\x9b2J" in shown
    assert "[red]evil[/] :smile:" in shown
    done = run_here(mall, "extract", "--json", log_format="auto")
    assert f"new{EVIL}" in json.loads(done.stdout)["unknown_fields"]


def test_settings(mall: Mall) -> None:
    """Of the environment or a `.env` that somebody else wrote."""
    for settings in (
        {"snapshot_dir": EVIL},
        {"external_api_url": EVIL},
        {"database_url": EVIL},
        {"log_level": EVIL},
    ):
        for command in ("check", "sync"):
            done = run_here(mall, command, page=Terminal, **{"log_format": "auto", **WIDE, **settings})
            assert done.returncode == 2
            assert_harmless(done)


def test_words_of_the_database(mall: Mall) -> None:
    """A trigger's message."""
    mall.database.execute(
        "CREATE FUNCTION evil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION USING MESSAGE = "
        "E'no\\x1B[2J\\nevil', ERRCODE = '42501'; END $$"
    )
    mall.database.execute("CREATE TRIGGER evil BEFORE UPDATE OR INSERT ON shops EXECUTE FUNCTION evil()")
    done = run_here(mall, "sync", page=Terminal, **WIDE, **mall.overrides)
    assert done.returncode == 1
    assert "no\\x1b[2J⏎evil" in done.stderr
    assert_harmless(done)
    assert_harmless(run_here(mall, "runs", page=Terminal))
    assert_harmless(run_here(mall, "runs", "latest", page=Terminal))
