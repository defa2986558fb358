"""Keep the commit in what is built: `etl --version` tells it where there is no checkout."""

import os
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

KEPT = "etl/_commit.txt"
"""In wheels and source distributions only; never in a checkout, where it would grow old."""


class CommitHook(BuildHookInterface[Any]):
    """Write etl/_commit.txt into wheels and source distributions."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the file; `version` is hatch's word for the kind of build."""
        commit = commit_of(Path(self.root))
        if commit and version != "editable":
            self._folder = TemporaryDirectory(prefix="etl-commit-")
            kept = Path(self._folder.name, "commit.txt")
            kept.write_text(f"{commit}\n")
            build_data["force_include"][str(kept)] = KEPT

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002 — hatch's
        """Leave nothing behind."""
        if folder := getattr(self, "_folder", None):
            folder.cleanup()


def commit_of(root: Path) -> str:
    """Return the commit that is built: ETL_COMMIT (for builds without git), else git's; '' where there is neither.

    It is '' too in a source distribution, which has the file already.
    """
    if (root / KEPT).exists():
        return ""
    if given := os.environ.get("ETL_COMMIT", "").strip():
        return given[:12]
    if not (root / ".git").exists():
        return ""
    command = ["git", "-C", str(root), "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 — fixed words
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()
