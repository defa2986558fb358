"""Links of all Markdown files lead somewhere, and so do the names of tests that prove a promise."""

import ast
import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("bench", "deploy", "docs", "etl", "notebooks", "sql", "tests")
PAGES = sorted([*ROOT.glob("*.md"), *(page for folder in FOLDERS for page in (ROOT / folder).rglob("*.md"))])

_LINK = re.compile(
    r"""\]\(<?([^)>\s]+)>?(?:\s+"[^"]*")?\)|^ *\[[^\]]+\]:\s+(\S+)|(?:src|href|srcset)="([^"]+)\"""", re.M
)
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//")


@cache
def prose(page: Path) -> str:
    """Return a page without its blocks of code."""
    return re.sub(r"^( *)```.*?^\1```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)


@cache
def anchors(page: Path) -> set[str]:
    """Return what `#…` may say of a page: its headings as GitHub writes them, and its own ids."""
    found = set(re.findall(r'\b(?:id|name)="([^"]+)"', prose(page)))
    for title in re.findall(r"^#+ +(.+?)(?: +#+)?$", prose(page), re.M):
        bare = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title)
        slug = re.sub(r"[^\w -]", "", bare.lower()).replace(" ", "-")
        number = 0
        while (name := f"{slug}-{number}" if number else slug) in found:
            number += 1
        found.add(name)
    return found


def links(page: Path) -> list[str]:
    """Return the links and pictures of a page that lead into the repository."""
    text = re.sub(r"(`+)[^`].*?\1", "", prose(page), flags=re.S)
    targets = [next(filter(None, groups)) for groups in _LINK.findall(text)]
    return [target for target in targets if not _ELSEWHERE.match(target)]


def leads_nowhere(page: Path, target: str) -> bool:
    """Tell whether a link's file is not there, or has not the heading that is named."""
    path, _, anchor = unquote(target).partition("#")
    place = page if not path else page.parent / path
    if not place.exists():
        return True
    return bool(anchor) and place.suffix == ".md" and anchor not in anchors(place)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """Relative links name files of the repository, and `#a-section` a heading of that page."""
    assert [target for target in links(page) if leads_nowhere(page, target)] == []


def test_what_leads_nowhere_is_found(tmp_path: Path) -> None:
    """A file that is not there, a heading that is not in it, on this page and on another; not what is only shown."""
    (tmp_path / "other.md").write_text("# A *title*, twice\n# A title, twice\n", "utf-8")
    page = tmp_path / "page.md"
    page.write_text(
        "# Top\n[a](other.md#a-title-twice-1) [b](other.md#a-title-twice-2) [c](#top) [d](#bottom) ![e](none.png)\n"
        '[f](https://example.com/none) `[g](none.md)` <img src="none.svg">\n```\n[h](none.md)\n```\n[i]: none.txt\n',
        "utf-8",
    )
    found = [target for target in links(page) if leads_nowhere(page, target)]
    assert found == ["other.md#a-title-twice-2", "#bottom", "none.png", "none.svg", "none.txt"]


def test_many_links_are_found() -> None:
    """The first test looks at something: pages, their links, and headings that links name."""
    found = [target for page in PAGES for target in links(page)]
    assert len(PAGES) >= 30
    assert len(found) >= 150
    assert sum("#" in target for target in found) >= 15


@cache
def defined_in(path: Path) -> set[str]:
    """Return the tests of a file."""
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return {
        node.name for node in nodes if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def named_tests(page: Path) -> list[tuple[str, list[Path]]]:
    """Return the tests that a page names, each with the files that it may be in.

    That is the file which is linked right before the names, `[test_x.py](…): …`, or else any.
    """
    everywhere = sorted((ROOT / "tests").rglob("test_*.py"))
    found = []
    for part in re.split(r"[;|\n]", prose(page)):
        linked = re.findall(r"\]\(([^)]+/test_\w+\.py)\):", part)
        files = [page.parent / linked[-1]] if linked else everywhere
        found += [(name, files) for name in re.findall(r"`(test_\w+)`", part)]
    return found


@cache
def quick_in(path: Path) -> set[str]:
    """Return the tests of a file of which `make test` runs at least one case."""
    module = ast.parse(path.read_text(encoding="utf-8"))
    long = "pytest.mark.long"
    if any(long in ast.unparse(node) for node in module.body if "pytestmark" in ast.unparse(node)):
        return set()
    functions = [node for node in ast.walk(module) if isinstance(node, ast.FunctionDef)]
    marks = {one.name: list(map(ast.unparse, one.decorator_list)) for one in functions}
    are_long = {
        name
        for name, given in marks.items()
        if long in given and not any(mark.startswith("pytest.mark.quick(") for mark in given)
    }
    return defined_in(path) - are_long


def test_each_promise_is_tried_by_make_test() -> None:
    """Of the tests that prove it, in a row of docs/reliability.md, at least one is not only of `make test-all`.

    A cluster takes half a minute of CPU to start: of the promises that rest on tests/ray alone, two are tried.
    """
    page = ROOT / "docs" / "reliability.md"
    rows = [row.split("|")[1:3] for row in prose(page).splitlines() if row.startswith("| ")]
    promises = {promise: proof for promise, proof in rows if "test_" in proof}
    assert len(promises) >= 50
    everywhere = sorted((ROOT / "tests").rglob("test_*.py"))
    untried = []
    for proof in promises.values():
        names = re.findall(r"`(test_\w+)`", proof)
        files = [page.parent / link for link in re.findall(r"\]\(([^)]+/test_\w+\.py)\)", proof)]
        is_named_quick = any(name in quick_in(file) for name in names for file in everywhere)
        if not is_named_quick and not any(quick_in(file) for file in files):
            untried.append(proof)
    of_ray = [proof for proof in untried if "/ray/test_" in proof]
    assert [proof for proof in untried if proof not in of_ray] == []
    assert quick_in(ROOT / "tests" / "ray" / "test_command.py") == {
        "test_a_run",
        "test_a_start_that_is_asked_to_stop",
    }


def test_named_tests_exist() -> None:
    """A test that a page names, as docs/reliability.md does for each promise, is in the file that it names, or anywhere."""
    named = [(page, *each) for page in PAGES if page.name != "CHANGELOG.md" for each in named_tests(page)]
    assert len(named) >= 60
    missing = [
        f"{page.relative_to(ROOT)}: {name}"
        for page, name, files in named
        if not any(name in defined_in(file) for file in files if file.exists())
    ]
    assert missing == []
