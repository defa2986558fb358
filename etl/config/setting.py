"""A setting as people see it: its name, its value without secrets, its default and its meaning."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import SecretStr, ValidationError
from pydantic.fields import FieldInfo

from etl.config.sources import shown_list
from etl.runtime.redact import holds_key, redact
from etl.runtime.visible import visible


class Setting(NamedTuple):
    """A setting as `etl check` and the docs show it.

    Attributes:
        name: As in the environment.
        value: What holds now; 'set (hidden)' for a secret, 'not set' where there is none.
        default: What holds when it is unset; '' where there is no default.
        is_default: Nobody set it, or to the default.
        meaning: What it does, and in which unit.
    """

    name: str
    value: str
    default: str
    is_default: bool
    meaning: str

    def as_markdown(self) -> str:
        """Return a row of the README's table of settings: name, default, meaning."""
        default = f"`{self.default}`" if self.default else ""
        return f"| `{self.name}` | {default} | {self.meaning} |"


def shown_value(name: str, value: Any) -> str:  # noqa: ANN401 — settings are of many types
    """Return a setting's value as a person would write it; '' for none."""
    if value is None:
        return ""
    if isinstance(value, SecretStr):
        return "set (hidden)"
    if isinstance(value, bool):
        return str(value).lower()
    if name.startswith("max_"):
        return f"{value * 100:g}%"
    return (
        shown_list(value)
        if isinstance(value, str) and "://" in value
        else f"{value:g}"
        if isinstance(value, float)
        else str(value)
    )


def wrong_settings(
    error: ValidationError,
    fields: Mapping[str, FieldInfo],
    given: Mapping[str, object],
    env_file: str | Path | None,
) -> str:
    """Return a line for each wrong setting: its name, what was found and where, and what is allowed."""
    lines = []
    for detail in error.errors():
        name = str(detail["loc"][0]).upper()
        secret = "SecretStr" in str(fields[name.lower()].annotation) or holds_key(str(detail["input"]))
        found = "hidden" if secret else f"'{visible(redact(str(detail['input'])), line_break='⏎')}'"
        allowed = detail["msg"].removeprefix("Value error, ")
        lines.append(f"{name} is {found} ({_origin(name, given, env_file)}); allowed: {allowed}.")
    return "\n".join(lines)


def _origin(name: str, given: Mapping[str, object], env_file: str | Path | None) -> str:
    if name.lower() in given:
        return "on the command line"
    return "in the environment" if os.environ.get(name, "").strip() else f"in {env_file}"
