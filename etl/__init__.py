"""Batch sync of a mall's tenant directory from its API into the Postgres behind a CMS.

In Python (docs/python.md), all of it only reads:

- `open_snapshot(path)`: a snapshot as Polars frames: `.raw`, `.tenants`, `.issues`, `.match()`
- `diff(new, old)`: what is different between two snapshots, field by field
- `list_snapshots(folder)`: the snapshots of a folder, oldest first
- `read_runs()`, `read_issues()`, `read_changes()`: the audit trail of a database
"""

from typing import TYPE_CHECKING

from etl._version import __version__ as __version__

if TYPE_CHECKING:
    from etl.api import (
        MatchedSnapshot,
        SavedSnapshot,
        SnapshotDiff,
        diff,
        read_changes,
        read_issues,
        read_runs,
    )
    from etl.api import saved_snapshot as open_snapshot
    from etl.snapshot import list_snapshots


__all__ = [
    "MatchedSnapshot",
    "SavedSnapshot",
    "SnapshotDiff",
    "diff",
    "list_snapshots",
    "open_snapshot",
    "read_changes",
    "read_issues",
    "read_runs",
]


def __getattr__(name: str) -> object:
    """Import what is asked for, and not before: a command that needs no frames starts without Polars."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 — only where it is needed

    return getattr(import_module("etl.api"), "saved_snapshot" if name == "open_snapshot" else name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
