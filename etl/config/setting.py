"""A setting as people see it: its name, its value without secrets, its default and its meaning."""

from typing import Any, NamedTuple

from pydantic import SecretStr

from etl.config.sources import shown_list


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
