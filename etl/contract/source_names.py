"""Names and prefixes of sources: what they may be, and which source an id is of. Pure."""

import json
import re
from collections.abc import Collection
from dataclasses import dataclass

NAME = re.compile("[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")
PREFIX = re.compile("(?:[A-Za-z0-9][A-Za-z0-9._-]{0,39}:)?")


@dataclass(frozen=True)
class Origin:
    """The source that the records of a run are of.

    Attributes:
        name: Its name; '' for the source without a name.
        id_prefix: What its ids begin with; '' for ids as they are.
        address: The address of its API, without credentials; None for a replayed snapshot.
    """

    name: str = ""
    id_prefix: str = ""
    address: str | None = None

    @property
    def option(self) -> str:
        """The option that names it on the command line, with a space before it; '' for the source without a name."""
        return f" --source {self.name}" if self.name else ""


@dataclass(frozen=True)
class Prefixes:
    """What ids may begin with.

    Attributes:
        own: The prefix of the run's source.
        others: Those of all other sources.
    """

    own: str = ""
    others: tuple[str, ...] = ()

    @property
    def values(self) -> tuple[str, str]:
        """The values by which a statement tells whose a row is: the own prefix, and the others as a JSON list."""
        return self.own, json.dumps(self.others)


def label_of(name: str) -> str:
    """Return what a message calls a source."""
    return name or "the source without a name"


def said_of(name: str, text: str) -> str:
    """Return a sentence with the source that it is about, where that has a name."""
    return f"{name}: {text}" if name else text


def prefix_of(unique_id: str, known: Collection[str]) -> str:
    """Return the prefix of the source that an id is of: all up to its first colon, if a source has that, else ''."""
    prefix = unique_id[: unique_id.find(":") + 1]
    return prefix if prefix in known else ""
