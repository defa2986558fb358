"""The draw of mutants, evenly from all folders, and the list of those that are known to change nothing."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from tests.mutants import python, sql
from tests.mutants.model import FOLDERS, PYTHON, ROOT, SQL, Mutant, mutants_of

_EQUIVALENTS = Path(__file__).parent / "equivalents.yaml"


def draw(count: int, seed: int, language: str = "all") -> list[Mutant]:
    """Return so many mutants, evenly from the folders of a language (python, sql, all); a greater count has them too."""
    folders = {"all": FOLDERS, "python": PYTHON, "sql": SQL}[language]
    found = []
    for place, folder in enumerate(folders):
        share = count // len(folders) + (place < count % len(folders))
        found += sorted(all_of(folder), key=lambda mutant: mutant.order(seed))[:share]
    return found


def all_of(folder: str) -> list[Mutant]:
    """Return every mutant of a folder's files."""
    files = sorted(path for path in (ROOT / folder).iterdir() if path.suffix in {".py", ".sql"})
    return [mutant for path in files for mutant in mutants_in(path.relative_to(ROOT).as_posix())]


def mutants_in(file: str) -> list[Mutant]:
    """Return every mutant of a file."""
    text = (ROOT / file).read_text("utf-8")
    if file.endswith(".py"):
        return mutants_of(file, text, python.changes(text))
    return mutants_of(
        file, text, sql.changes(text, "duckdb" if file.startswith("sql/match/") else "postgres")
    )


def equivalents(listed: Iterable[dict[str, Any]] | None = None) -> dict[tuple[str, str, str, str], str]:
    """Return why a mutant changes nothing that anybody could see, by its file, line, old text and new text."""
    entries = yaml.safe_load(_EQUIVALENTS.read_text("utf-8")) if listed is None else listed
    return {(one["file"], one["line"], one["old"], one["new"]): one["why"] for one in entries}


def key_of(mutant: Mutant) -> tuple[str, str, str, str]:
    """Return what the list knows a mutant by."""
    return mutant.file, mutant.context, mutant.old, mutant.new
