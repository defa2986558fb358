"""Which version this is: its number from `etl/_version.py`, its commit from the build, else from git."""

from pathlib import Path

from etl._version import __version__

_PACKAGE = Path(__file__).parent.parent
_WITHIN_S = 5


def version_line(package: Path = _PACKAGE) -> str:
    """Return `iconsiam-etl 0.1.0 (5da65a0c48be)`, without the commit where nobody knows it."""
    commit = commit_of(package)
    return f"iconsiam-etl {__version__}" + (f" ({commit})" if commit else "")


def commit_of(package: Path = _PACKAGE) -> str:
    """Return the commit that a package was built from (see hatch_build.py), else its checkout's; '' for neither.

    `-dirty` follows where files of the checkout differ from it.
    """
    kept = package / "_commit.txt"
    return kept.read_text().strip() if kept.exists() else _commit_of_checkout(package.parent)


def _commit_of_checkout(root: Path) -> str:
    # an environment may lie in somebody else's repository: that one's commit is not ours
    if not ((root / ".git").exists() and (root / "hatch_build.py").exists()):
        return ""
    import subprocess  # noqa: PLC0415 — only for this

    command = ["git", "-C", str(root), "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_WITHIN_S, check=True)  # noqa: S603 — fixed words
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()
