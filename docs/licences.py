"""Writes docs/licences.md: the licence of every package that a user of the job gets, as uv.lock has them.

Run it from the checkout after `make environment`:  .venv/bin/python docs/licences.py   (`make docs` does)
With --check (`make lint`) it writes nothing, and fails on a licence that is not on the list below, or a stale file.
"""

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PROJECT = "iconsiam-etl"

EXTRAS = ("demo", "ray")
"""What a user may install beside; the others are for those who work on it."""

COMPATIBLE = frozenset(
    {"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSD", "ISC", "MIT", "MPL-2.0", "PSF-2.0", "PostgreSQL"}
)
"""What a program under MIT may be handed on with, its own terms unchanged. MPL-2.0 asks for the source of changed files."""

EXCEPTIONS = {"unidecode": "GPL-2.0-or-later"}
"""Packages that stay for a reason, which the text below gives; each with the one licence that was agreed to."""

SPELLINGS = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD",
    "GNU General Public License v2 or later (GPLv2+)": "GPL-2.0-or-later",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
"""Classifiers, and old words of packages, as SPDX identifiers; `BSD` where they do not say which."""

TEXT = """# Licences

<!-- Made by docs/licences.py (`make docs`). Don't edit. -->

The job is under the [MIT licence](../LICENSE). These are the packages that come with it, as `uv.lock` has them; each wheel
has the texts, and those of the libraries that are built into it, in its `*.dist-info` folder. Versions and hashes:
`make sbom`. `make lint` fails when a package has a licence that docs/licences.py does not list as compatible.

{tables}

## The exception: unidecode

unidecode is under the GPL, version 2 or later. MIT code may use it, and running the job, in a container or not, creates no
duty. But to *distribute* a work that contains it (the container image, to somebody else) the GPL's terms apply: the
source, or an offer of it, goes with it. The job's own files stay under MIT. One module uses it, `etl/transform/slug.py`.
"""


def locked(lock: Mapping[str, Any], extra: str = "") -> set[str]:
    """Return the names of the packages that the project needs to run, with what an extra adds; itself left out."""
    packages = {package["name"]: package for package in lock["package"]}
    project = packages[PROJECT]
    wanted = list(project["dependencies"])
    if extra:
        wanted += project["optional-dependencies"][extra]
    found: set[str] = set()
    while wanted:
        need = wanted.pop()
        if need["name"] not in found:
            found.add(need["name"])
            wanted += _needs(packages[need["name"]], need.get("extra", ()))
    return found


def _needs(package: Mapping[str, Any], extras: Iterable[str]) -> Iterator[Mapping[str, Any]]:
    yield from package.get("dependencies", ())
    for extra in extras:
        yield from package.get("optional-dependencies", {}).get(extra, ())


def licence_of(fields: Mapping[str, Sequence[str]]) -> str:
    """Return a package's licence as SPDX has it, from its metadata: what it says best; '' where it says nothing known."""
    if expression := fields.get("License-Expression"):
        return expression[0]
    classifiers = [
        name.rsplit(" :: ", 1)[-1] for name in fields.get("Classifier", ()) if name[:7] == "License"
    ]
    if known := sorted({SPELLINGS[name] for name in classifiers if name in SPELLINGS}):
        return " OR ".join(known)
    (said, *_) = fields.get("License") or ("",)
    short = SPELLINGS.get(said, said)
    return short if short in COMPATIBLE else ""


def is_compatible(licence: str) -> bool:
    """Tell whether an SPDX expression can be met with licences of the list: all that AND joins, one that OR joins."""
    if "(" in licence or " WITH " in licence:
        return False
    return any(set(either.split(" AND ")) <= COMPATIBLE for either in re.split(" OR ", licence))


def wrong(licences: Mapping[str, str]) -> list[str]:
    """Return a line for each package whose licence is neither compatible nor agreed to."""
    return [
        f"{name}: its licence is {licence or 'not told in a known way'}, which is not on the list of docs/licences.py"
        for name, licence in sorted(licences.items())
        if not is_compatible(licence) and EXCEPTIONS.get(name) != licence
    ]


def document(needed: Mapping[str, str], extras: Mapping[str, Mapping[str, str]]) -> str:
    """Return the text of docs/licences.md. No versions: it would change with every update.

    Args:
        needed: The licence of each package that the job needs.
        extras: Of each that an extra adds, by the extra's name.
    """
    tables = [_table("What the job needs", needed)]
    tables += [_table(f"What the extra `{name}` adds", licences) for name, licences in extras.items()]
    return TEXT.format(tables="\n\n".join(tables))


def _table(title: str, licences: Mapping[str, str]) -> str:
    rows = [f"| {name} | {licence} |" for name, licence in sorted(licences.items())]
    return "\n".join([f"## {title}", "", "| package | licence |", "|---|---|", *rows])


def _installed(names: Iterable[str]) -> dict[str, str]:
    fields = {name: metadata(name) for name in names}
    return {
        name: licence_of(
            {key: found.get_all(key, []) for key in ("License-Expression", "Classifier", "License")}
        )
        for name, found in fields.items()
    }


def main(arguments: Sequence[str]) -> int:
    """Write the document, or compare with `--check`; return 0 (good) or 1 (a licence that won't do, or stale)."""
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    names = locked(lock)
    needed = _installed(names)
    extras = {extra: _installed(locked(lock, extra) - names) for extra in EXTRAS}
    path, text = ROOT / "docs" / "licences.md", document(needed, extras)
    problems = wrong({name: licence for each in (needed, *extras.values()) for name, licence in each.items()})
    if "--check" not in arguments:
        path.write_text(text, encoding="utf-8")
    elif not path.exists() or path.read_text(encoding="utf-8") != text:
        problems.append("docs/licences.md is stale: run `make docs`")
    print("\n".join(problems) or "licences: all on the list", file=sys.stderr if problems else sys.stdout)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
