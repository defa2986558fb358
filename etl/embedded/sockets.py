"""The places where the embedded Postgres listens: the folder of its socket, and a TCP port."""

import os
import shlex
import shutil
import socket
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from etl.embedded.accounts import Account, can_reach
from etl.errors import ConfigError

HOST = "127.0.0.1"
SOCKET_PREFIX = "etl-pg-"
SOCKET_PATH_LIMIT = 107 if sys.platform == "linux" else 103
SWEEP_AGE_S = 60.0


def make_socket_folder(account: Account | None) -> Path:
    """Make a folder for the server's socket that only the account may enter, with a path short enough for it.

    Raises:
        ConfigError: No folder for temporary files will do.
    """
    longest = f"/{SOCKET_PREFIX}12345678/.s.PGSQL.12345.lock"
    bases = [Path(tempfile.gettempdir()).resolve(), Path("/tmp")]  # noqa: S108 — mkdtemp makes the folder
    for base in bases:
        too_long = len(os.fsencode(f"{base}{longest}")) > SOCKET_PATH_LIMIT
        if too_long or not os.access(base, os.W_OK | os.X_OK) or (account and not can_reach(base, account)):
            continue
        _sweep(base)
        folder = Path(tempfile.mkdtemp(prefix=SOCKET_PREFIX, dir=base))
        if account:
            os.chown(folder, account.uid, account.gid)
        return folder
    tried = " nor in ".join(str(base) for base in dict.fromkeys(bases))
    raise ConfigError(
        f"The embedded Postgres can put its socket neither in {tried}: the path is too long (limit "
        f"{SOCKET_PATH_LIMIT} bytes), or Postgres's user may not use it. Set TMPDIR to a short, open folder."
    )


def _sweep(base: Path) -> None:
    """Remove the empty folders that servers left whose parents were killed; a new one may be in use soon."""
    for folder in base.glob(f"{SOCKET_PREFIX}*"):
        with suppress(OSError):  # it holds a socket, or is another user's
            if time.time() - folder.lstat().st_mtime > SWEEP_AGE_S:
                folder.rmdir()


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def remove_last_socket_folder(path: Path) -> None:
    """Remove the folder of the last server's socket, which a server that outlived its parent leaves."""
    try:
        words = shlex.split((path / "postmaster.opts").read_text())
    except (FileNotFoundError, ValueError):
        return
    folder = Path(words[words.index("-k") + 1]) if "-k" in words[:-1] else Path()
    is_ours = folder.name.startswith(SOCKET_PREFIX) and not folder.is_symlink()
    if is_ours and folder.is_dir() and folder.stat().st_uid == path.stat().st_uid:
        shutil.rmtree(folder, ignore_errors=True)
