"""docs/licences.py: the licences of what the job needs, and which of them will not do."""

import importlib.util
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def licences() -> ModuleType:
    """Give docs/licences.py as a module."""
    spec = importlib.util.spec_from_file_location("licences", ROOT / "docs" / "licences.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_licence_that_is_not_on_the_list_is_told(licences: ModuleType) -> None:
    """Lint fails on a licence that is not listed, and on one that is not told; the message names the package."""
    told = licences.wrong({"good": "MIT", "viral": "AGPL-3.0-only", "silent": ""})
    assert told == [
        "silent: its licence is not told in a known way, which is not on the list of docs/licences.py",
        "viral: its licence is AGPL-3.0-only, which is not on the list of docs/licences.py",
    ]


def test_an_exception_is_for_one_licence(licences: ModuleType) -> None:
    """Unidecode stays under the licence that was agreed to, and not under another one."""
    assert licences.wrong({"unidecode": "GPL-2.0-or-later"}) == []
    assert len(licences.wrong({"unidecode": "GPL-3.0-only", "another": "GPL-2.0-or-later"})) == 2


@pytest.mark.parametrize(
    ("expression", "is_good"),
    [
        ("MIT", True),
        ("GPL-3.0-only OR MIT", True),
        ("MIT AND Apache-2.0", True),
        ("MIT AND GPL-3.0-only", False),
        ("Apache-2.0 WITH LLVM-exception", False),
        ("(MIT OR ISC) AND BSD-3-Clause", False),
        ("", False),
    ],
)
def test_expressions(licences: ModuleType, expression: str, is_good: bool) -> None:
    """OR needs one good side and AND all; what is harder to read is left to a person."""
    assert licences.is_compatible(expression) is is_good


@pytest.mark.parametrize(
    ("fields", "licence"),
    [
        ({"License-Expression": ["ISC"], "Classifier": ["License :: OSI Approved :: MIT License"]}, "ISC"),
        ({"Classifier": ["Topic :: Database", "License :: OSI Approved :: MIT License"]}, "MIT"),
        ({"License": ["BSD-3-Clause"]}, "BSD-3-Clause"),
        ({"License": ["3-Clause BSD License"]}, "BSD-3-Clause"),
        ({"License": ["See the file"]}, ""),
        ({"Classifier": ["License :: Free For Home Use"]}, ""),
        ({}, ""),
    ],
)
def test_where_a_licence_is_told(licences: ModuleType, fields: dict[str, list[str]], licence: str) -> None:
    """The SPDX expression counts most, then classifiers, then the old field where it is SPDX."""
    assert licences.licence_of(fields) == licence


def test_all_that_is_needed_is_found(licences: ModuleType) -> None:
    """What a dependency needs is found too, through extras; the project's own name, and what tests need, is not."""
    lock = tomllib.loads(
        """
        [[package]]
        name = "iconsiam-etl"
        dependencies = [{ name = "a", extra = ["fast"] }]
        [package.optional-dependencies]
        demo = [{ name = "d" }]
        [package.dev-dependencies]
        dev = [{ name = "t" }]
        [[package]]
        name = "a"
        dependencies = [{ name = "b" }]
        [package.optional-dependencies]
        fast = [{ name = "c" }]
        slow = [{ name = "t" }]
        [[package]]
        name = "b"
        dependencies = [{ name = "a" }]
        [[package]]
        name = "c"
        [[package]]
        name = "d"
        [[package]]
        name = "t"
        """
    )
    assert licences.locked(lock) == {"a", "b", "c"}
    assert licences.locked(lock, "demo") == {"a", "b", "c", "d"}


def test_the_document_is_what_the_lock_says(licences: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    """docs/licences.md is up to date, and every licence of the lock is on the list."""
    assert licences.main(["--check"]) == 0
    assert capsys.readouterr().out == "licences: all on the list\n"
