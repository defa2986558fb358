"""Imports without what is never used."""

import importlib
import subprocess
import sys

import pytest

from etl.runtime.limits import without


def test_a_hidden_module_is_not_there_and_comes_back() -> None:
    """In the block an import fails as if it were not installed; after it, it works."""
    sys.modules.pop("colorsys", None)
    with without("colorsys"), pytest.raises(ImportError):
        importlib.import_module("colorsys")
    assert importlib.import_module("colorsys").rgb_to_hsv(0, 0, 0) == (0, 0, 0)


def test_a_module_that_is_required_is_empty_for_the_block() -> None:
    """The importer finds it, and nothing in it."""
    sys.modules.pop("colorsys", None)
    with without("colorsys", is_required=True):
        assert not hasattr(importlib.import_module("colorsys"), "rgb_to_hsv")
    assert hasattr(importlib.import_module("colorsys"), "rgb_to_hsv")


def test_a_module_that_is_loaded_stays() -> None:
    """Somebody uses it."""
    with without("json"):
        assert importlib.import_module("json").dumps([]) == "[]"
    assert "json" in sys.modules


def test_notebooks_get_the_real_modules() -> None:
    """What the job does without is there for whoever imports etl and then that."""
    code = (
        "import etl.pipeline, etl.runtime.log; etl.runtime.log.get_logger();"
        "import pyarrow.dataset, rich; print(pyarrow.dataset.Dataset, rich.print)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "pyarrow._dataset.Dataset" in found.stdout


def test_a_run_loads_no_more_than_it_uses() -> None:
    """Imports are most of a small run's time: these were found to be loaded and not used."""
    code = (
        "import sys, etl.cli.app, etl.pipeline, etl.runtime.log; etl.runtime.log.configure('json');"
        "unused = ('rich', 'pyarrow.dataset', 'pyarrow.compute', 'pandas', 'numpy');"
        "print(*(name for name in unused if name in sys.modules))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == []
