"""docs/logs.md lists every event that the package logs, with its level."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
LEVELS = {"debug", "info", "warning", "error"}
RUNS = {"_done": ("sync", "extract"), "_failed": ("sync", "extract")}
"""Events whose first part is a command, with the commands that log them: etl/cli/output.py."""


def logged() -> Iterator[tuple[str, str]]:
    """Yield the event and the level of each call of a logger."""
    for path in sorted((ROOT / "etl").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            if not ast.unparse(node.func.value).endswith("get_logger()") or not node.args:
                continue
            level = node.func.attr
            if level == "log":
                yield ast.literal_eval(node.args[1]), "warning or error"
            elif level in LEVELS:
                yield from ((event, level) for event in events(node.args[0]))


def events(argument: ast.expr) -> list[str]:
    """Return the events that an argument stands for: a text, or a command's name with an ending."""
    if isinstance(argument, ast.JoinedStr):
        ending = str(ast.literal_eval(argument.values[-1]))
        return [f"{command}{ending}" for command in RUNS[ending]]
    return [str(ast.literal_eval(argument))]


def test_every_event_is_listed_with_its_level() -> None:
    """Neither one too few nor one that is no longer logged."""
    page = (ROOT / "docs" / "logs.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\w+)` \| ([a-z ]+) \|", page, re.MULTILINE)) == set(logged())


def test_the_commands_that_log_their_end() -> None:
    """Those of RUNS are those that `Output.logged` is called with."""
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "etl" / "cli").glob("*.py"))
    assert set(re.findall(r'output\.logged\("(\w+)"\)', source)) == set(RUNS["_failed"])
