"""Matches events as EventBridge does, as far as deploy/stack.yaml asks: moto looks into no list of objects."""

from collections.abc import Iterator
from typing import Any


def matches(pattern: dict[str, Any], event: Any) -> bool:
    """Tell whether an event fits a pattern: each of its fields is there, with a value that one of its filters takes."""
    return all(_holds(name, wanted, event) for name, wanted in pattern.items())


def _holds(name: str, wanted: Any, event: Any) -> bool:
    if name == "$or":
        return any(matches(each, event) for each in wanted)
    found = list(_values(event, name))
    if isinstance(wanted, dict):
        return any(matches(wanted, value) for value in found)
    return any(_fits(value, each) for value in found for each in wanted)


def _values(event: Any, name: str) -> Iterator[Any]:
    """Yield what stands under a name; of a list of objects, in each of them."""
    for node in event if isinstance(event, list) else [event]:
        if name in node:
            yield node[name]


def _fits(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, dict):
        ((kind, refused),) = wanted.items()
        assert kind == "anything-but", f"{kind} is not known here"
        return value not in refused
    return bool(value == wanted)
