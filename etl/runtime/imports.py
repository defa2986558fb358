"""Imports of libraries without what they would load beside them, and what is never used here.

A quarter of the time of a small run is imports; bench/README.md has the figures of each use of this.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import cast


@contextmanager
def without(name: str, *, is_required: bool = False) -> Iterator[None]:
    """Let imports in the block not find a module, unless it is loaded already; after the block it can be imported.

    Where it is required, the importer can't do without: it gets an empty module.
    """
    if name in sys.modules:
        yield
        return
    # to the import system, None says that there is no such module
    sys.modules[name] = ModuleType(name) if is_required else cast("ModuleType", None)
    try:
        yield
    finally:
        del sys.modules[name]
