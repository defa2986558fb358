"""What an operator reads: every exit code and alarm has its section, and every command and query works."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session
import click
import pytest
import typer
from botocore import xform_name

from etl.cli.app import app
from tests.ship.conftest import exit_codes
from tests.support.cloudformation import Stack
from tests.support.postgres import Database

ROOT = Path(__file__).parents[2]
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
PAGES = ("docs/runbook.md", "docs/moving-over.md", "deploy/README.md")

OTHERS_WORDS = {
    "permission denied", "lock timeout", "statement timeout", "idle in transaction", "exec format error",
}  # fmt: skip
"""Quotes of the runbook that are Postgres's or Linux's."""

AWS_OWN = {
    ("cloudformation", "deploy"): {"stack-name", "template-file", "capabilities", "parameter-overrides"},
    ("ecr", "get-login-password"): set(),
    ("logs", "tail"): {"since", "filter-pattern"},
}
"""Commands of `aws` that are not an operation of an API, with the options that the pages use."""


def sections(text: str, title: str) -> dict[str, str]:
    """Return the sections of the third level under one of the second, by title."""
    (part,) = re.findall(rf"^## {title}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    found = re.split(r"^### (.+)\n", part, flags=re.MULTILINE)
    return dict(zip(found[1::2], found[2::2], strict=True))


def blocks(page: str, language: str) -> list[str]:
    """Return the fenced blocks of a page in a language; indented ones too."""
    text = (ROOT / page).read_text(encoding="utf-8")
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)
    return [re.sub(rf"^{indent}", "", body, flags=re.MULTILINE) for indent, body in found]


def test_each_exit_code_has_its_section() -> None:
    """Neither one too few nor one that no longer is."""
    assert sections(RUNBOOK, "Exit codes").keys() == set(map(str, exit_codes()))


def test_each_alarm_has_its_section(stack: Stack) -> None:
    """By the last part of its name; each says what it means, what to look at and what to do, and the alarm says so."""
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


def test_every_query_runs(database: Database) -> None:
    """Each query of the pages is run on a database as `etl init` leaves it."""
    queries = [query for page in PAGES for query in blocks(page, "sql")]
    assert len(queries) >= 8
    for query in queries:
        database.query(query)


@pytest.mark.parametrize("page", PAGES)
def test_every_command_is_one(page: str) -> None:
    """Each `etl …` of the pages is a command with options that it has."""
    group: Any = typer.main.get_command(app)
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
            command = group.commands[words[1]]
            command.make_context(words[1], words[2:])


def test_what_the_runbook_quotes_is_what_the_program_says() -> None:
    """Words in italics stand so in a message, but for its figures; else nobody finds the section by them."""
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "etl").rglob("*.py"))
    # a message that is broken over lines is one
    said = re.sub(r'"\n\s+f?"', "", sources)
    quotes = set(re.findall(r"(?<![*\w])\*([^*]+)\*(?!\*)", RUNBOOK)) - OTHERS_WORDS - {"Add a field"}
    assert len(quotes) >= 10
    for quote in quotes:
        words = re.split(r"\bN\b|\b\d+\b|s3://…", " ".join(quote.split()))
        assert all(part.strip() in said for part in words), quote


def aws_commands(page: str) -> Iterator[tuple[str, str, set[str]]]:
    """Yield the service, operation and options of each `aws …` of a page."""
    text = (ROOT / page).read_text(encoding="utf-8").replace("\\\n", " ")
    for command in re.findall(r"\baws [a-z]+ [a-z-]+.*", re.sub(r"'[^'\n]*'", "''", text)):
        _, service, operation, *rest = re.split(r"\s+", re.split(r"[|`]", command)[0])
        yield service, operation, {word.removeprefix("--") for word in rest if word.startswith("--")}


@pytest.mark.parametrize("page", PAGES)
def test_every_aws_command_is_one(page: str) -> None:
    """Each is an operation of AWS's API with options that it has, or one of the command line's own."""
    session = botocore.session.get_session()
    found = list(aws_commands(page))
    assert found
    for service, operation, options in found:
        if (service, operation) in AWS_OWN:
            known = AWS_OWN[service, operation]
        else:
            model = session.get_service_model(service)
            (name,) = [name for name in model.operation_names if xform_name(name, "-") == operation]
            shape = model.operation_model(name).input_shape
            known = {xform_name(member, "-") for member in shape.members} if shape else set()
        assert options <= known | {"query", "output", "cli-input-json"}, (service, operation)
