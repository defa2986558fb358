"""The statements in `sql/`, named by their path without `.sql`, e.g. `match/floors`.

A file has one statement. Scripts have several: `tables` those that make a folder's temporary tables, `schema/etl` and
those of `schema/cms` those that make lasting ones.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

# A comment line is left as it is: a part of several lines would end the comment and break the statement.
_COMMENT_OR_PLACEHOLDER = re.compile(r"^[ \t]*--.*$|\{\{ *(\w+) *\}\}", re.MULTILINE)


def load(name: str, shared: Mapping[str, str] | None = None, /, **parts: str) -> str:
    """Return the text of `sql/<name>.sql`, its `{{ word }}` placeholders replaced by the given parts.

    Parts are identifiers, column lists and the like that come from the contract. Values never go this way:
    they are bound. Comment lines may name a placeholder; they stay as they are. Any file may take a shared part, none has
    to; each of the others it has to take.

    Raises:
        ValueError: No such query, a placeholder without a part, or a part without a placeholder.
    """
    script = text(name)
    wanted = {word for word in _COMMENT_OR_PLACEHOLDER.findall(script) if word}
    known = {**(shared or {}), **parts}
    missing, unknown = sorted(wanted - known.keys()), sorted(parts.keys() - wanted)
    if missing or unknown:
        raise ValueError(f"sql/{name}.sql: parts missing: {missing}; parts it has no place for: {unknown}")
    return _COMMENT_OR_PLACEHOLDER.sub(lambda found: known[found[1]] if found[1] else found[0], script)


def part(name: str, shared: Mapping[str, str] | None = None, /, **parts: str) -> str:
    """Return the same text as a part of another statement: without the semicolon at its end."""
    return load(name, shared, **parts).rstrip().removesuffix(";")


def split(script: str) -> list[str]:
    """Return the statements of a script, without lines of comment: each ends with a semicolon at the end of a line."""
    bare = re.sub(r"^[ \t]*--.*\n?", "", script, flags=re.MULTILINE)
    return [statement for statement in re.split(r";[ \t]*$", bare, flags=re.MULTILINE) if statement.strip()]


@cache
def names() -> tuple[str, ...]:
    """Return the names of all queries, sorted."""
    return tuple(sorted(_names_under(_folder())))


def _names_under(folder: Traversable, prefix: str = "") -> Iterator[str]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _names_under(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith(".sql"):
            yield prefix + entry.name.removesuffix(".sql")


@cache
def text(name: str) -> str:
    """Return the text of `sql/<name>.sql` as it is in the file. Raises ValueError where there is none."""
    # Asked of the list, not of the file system, so that a name can't lead out of the folder.
    if name not in names():
        raise ValueError(f"There is no sql/{name}.sql among the {len(names())} queries: see queries.names().")
    return _folder().joinpath(*f"{name}.sql".split("/")).read_text(encoding="utf-8")


@cache
def _folder() -> Traversable:
    """Return the folder of the queries: inside the package in a wheel, beside it in a checkout."""
    packaged = files("etl").joinpath("sql")
    return packaged if packaged.is_dir() else files("etl").joinpath("..", "sql")
