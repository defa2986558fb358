"""What a mutant is, and what became of it."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).parents[2]

PYTHON = tuple(
    f"etl/{name}" for name in ("load", "runs", "transform", "match", "extract", "rollback", "compare")
)
SQL = tuple(f"sql/{name}" for name in ("plan", "apply", "match", "rollback"))
FOLDERS = PYTHON + SQL

End = Literal["killed", "survived", "equivalent", "not run"]
"""`not run`: no test runs what was changed. That counts as a survivor."""


@dataclass(frozen=True)
class Change:
    """One small fault in a text.

    Attributes:
        kind: The rule that made it.
        start: Where the text that is replaced begins, in characters.
        end: Where it ends.
        new: What takes its place.
    """

    kind: str
    start: int
    end: int
    new: str


@dataclass(frozen=True)
class Mutant:
    """A change of a file.

    Attributes:
        file: The path from the root of the repository.
        kind: The rule that made it.
        start: Where the text that is replaced begins, in characters.
        line: The number of the line there.
        old: The text that is replaced.
        new: What takes its place.
        context: The whole line, stripped.
        nth: How many mutants of the file with the same context, old and new text come before it.
    """

    file: str
    kind: str
    start: int
    line: int
    old: str
    new: str
    context: str
    nth: int

    @property
    def folder(self) -> str:
        """The folder of the file."""
        return self.file.rpartition("/")[0]

    @property
    def is_sql(self) -> bool:
        """Whether it is a statement that is changed."""
        return self.file.endswith(".sql")

    @property
    def last_line(self) -> int:
        """The number of the line in which the replaced text ends."""
        return self.line + self.old.count("\n")

    def order(self, seed: int) -> bytes:
        """Return its place in the draw of a seed: changes elsewhere in the file, or in others, don't move it."""
        words = (str(seed), self.file, self.kind, self.context, self.old, self.new, str(self.nth))
        return hashlib.blake2b("\0".join(words).encode(), digest_size=8).digest()

    def apply(self, text: str) -> str:
        """Return the file's text with the change."""
        end = self.start + len(self.old)
        if text[self.start : end] != self.old:
            raise ValueError(f"{self.file} is not the file that this mutant was made of.")
        return text[: self.start] + self.new + text[end:]

    def __str__(self) -> str:
        """Say where it is and what it changes, in one line."""
        return f"{self.file}:{self.line}  {self.kind}: {_short(self.old)} → {_short(self.new)}"


@dataclass(frozen=True)
class Outcome:
    """What became of a mutant.

    Attributes:
        mutant: Which.
        end: How it ended.
        by: The test that failed, `timeout`, `collection`, or the reason why it is equivalent.
        tests: How many tests were chosen for it.
    """

    mutant: Mutant
    end: End
    by: str = ""
    tests: int = 0


def mutants_of(file: str, text: str, changes: Iterable[Change]) -> list[Mutant]:
    """Return the changes of a file as mutants, in the order of the text."""
    seen: dict[tuple[str, str, str], int] = {}
    found = []
    for change in sorted(set(changes), key=lambda one: (one.start, one.end, one.kind, one.new)):
        line = text.count("\n", 0, change.start) + 1
        old, context = text[change.start : change.end], text.splitlines()[line - 1].strip()
        nth = seen.get((context, old, change.new), 0)
        seen[context, old, change.new] = nth + 1
        found.append(Mutant(file, change.kind, change.start, line, old, change.new, context, nth))
    return found


def _short(text: str, most: int = 60) -> str:
    flat = " ".join(text.split())
    return (flat if len(flat) <= most else flat[: most - 1] + "…") or "nothing"
