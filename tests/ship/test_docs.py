"""What an operator reads: every exit code and alarm has its section, and every command and query works."""

import re
import shlex
from pathlib import Path

import click
import pytest
import typer

from etl import errors
from etl.cli import app
from tests.support.cloudformation import PARAMETERS, Stack

ROOT = Path(__file__).parents[2]
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
PAGES = ("docs/runbook.md", "docs/moving-over.md", "deploy/README.md")


def sections(text: str, title: str) -> dict[str, str]:
    """Return the sections of the third level under one of the second, by title."""
    (part,) = re.findall(rf"^## {title}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    found = re.split(r"^### (.+)\n", part, flags=re.MULTILINE)
    return dict(zip(found[1::2], found[2::2], strict=True))


def exit_codes() -> set[str]:
    """Return every exit code that etl/errors.py knows."""
    classes = [errors.EtlError]
    for each in classes:
        classes += each.__subclasses__()
    codes = {each.exit_code for each in classes if each.__module__ == "etl.errors"}
    codes |= {errors.Interrupted(number).exit_code for number in (2, 15)}
    return {str(code) for code in {0, errors.EXIT_PARTIAL, errors.EXIT_CHANGES, *codes}}


def blocks(page: str, language: str) -> list[str]:
    """Return the fenced blocks of a page in a language; indented ones too."""
    text = (ROOT / page).read_text(encoding="utf-8")
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)
    return [re.sub(rf"^{indent}", "", body, flags=re.MULTILINE) for indent, body in found]


def test_each_exit_code_has_its_section() -> None:
    """Neither one too few nor one that no longer is."""
    assert sections(RUNBOOK, "Exit codes").keys() == exit_codes()


def test_each_alarm_has_its_section() -> None:
    """By the last part of its name; each says what it means, what to look at and what to do, and the alarm says so."""
    stack = Stack(PARAMETERS)
    alarms = {
        alarm["AlarmName"].removeprefix("iconsiam-etl-"): alarm["AlarmDescription"]
        for alarm in stack.resources("AWS::CloudWatch::Alarm").values()
    }
    found = sections(RUNBOOK, "Alarms")
    assert found.keys() == alarms.keys() | {"killed"}
    for name, text in found.items():
        assert re.findall(r"\*\*(Means|Look at|Do)\*\*", text.replace("**means**", "**Means**")) == [
            "Means", "Look at", "Do",
        ], name  # fmt: skip
    assert all(f"docs/runbook.md, alarm {name}" in text for name, text in alarms.items())
    assert "docs/runbook.md, message killed" in str(stack.resource("KilledRule"))


def test_links_within_the_runbook_lead_somewhere() -> None:
    """`#a-section` is the title of one, as GitHub writes it."""
    titles = re.findall(r"^#+ (.+)$", RUNBOOK, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}
    assert set(re.findall(r"\]\(#([\w-]+)\)", RUNBOOK)) <= anchors


@pytest.mark.parametrize("page", PAGES)
def test_links_to_files_lead_somewhere(page: str) -> None:
    """Relative links name files of the repository."""
    text = (ROOT / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:]+)(?:#[\w-]+)?\)", text):
        assert ((ROOT / page).parent / target).exists(), target


def test_every_query_runs(database) -> None:
    """Each query of the pages is run on a database as `etl init` leaves it."""
    queries = [query for page in PAGES for query in blocks(page, "sql")]
    assert len(queries) >= 8
    for query in queries:
        database.query(query)


@pytest.mark.parametrize("page", PAGES)
def test_every_command_is_one(page: str) -> None:
    """Each `etl …` of the pages is a command with options that it has."""
    group = typer.main.get_command(app)
    assert isinstance(group, click.Group) or hasattr(group, "commands")
    lines = [line for block in blocks(page, "console") for line in block.splitlines()]
    for line in lines:
        words = (
            shlex.split(line.removeprefix("$ "), comments=True)
            if re.match(r"\$ (\w+=\S+ )*etl ", line)
            else []
        )
        while words and words[0] != "etl":
            words.pop(0)
        if words:
            command = group.commands[words[1]]  # type: ignore[union-attr]
            command.make_context(words[1], words[2:])
