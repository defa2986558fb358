"""Find the account that Postgres may run as, and whether that account can reach a folder.

Postgres refuses to run as root. A root user's server runs as the owner of its data folder, `nobody` for a
new one.
"""

import os
import pwd
import stat
from pathlib import Path
from typing import NamedTuple

from etl.errors import ConfigError

SHARED_ROOT = Path("/var/tmp/iconsiam-etl-0")  # noqa: S108 — see shared_folder, which checks whose it is


class Account(NamedTuple):
    """A user and group of this machine."""

    uid: int
    gid: int


def account_for(data_dir: Path) -> Account | None:
    """Return whom to run a server on this folder as; None for whoever runs this process.

    Raises:
        ConfigError: There is no user to run as, or the folder holds data that belong to root.
    """
    if os.geteuid() != 0:
        return None
    if data_dir.exists() and (owner := data_dir.stat()).st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    if (data_dir / "PG_VERSION").exists():
        raise ConfigError(
            f"The Postgres data folder {data_dir} belongs to root, and Postgres does not run as root. "
            f"Give it to another user: chown -R nobody {data_dir}"
        )
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise ConfigError(
            "Postgres does not run as root, and this machine has no user 'nobody' to run it as. "
            "Run this as an ordinary user."
        ) from None
    return Account(nobody.pw_uid, nobody.pw_gid)


def can_reach(path: Path, account: Account) -> bool:
    """Tell whether the account may enter all folders above an absolute path, and read and enter the path."""
    above = all(_permits(folder, account, stat.S_IXOTH) for folder in path.parents)
    return above and _permits(path, account, stat.S_IROTH | stat.S_IXOTH)


def _permits(path: Path, account: Account, bits: int) -> bool:
    status = path.stat()
    if status.st_uid == account.uid:
        bits <<= 6
    elif status.st_gid == account.gid:
        bits <<= 3
    return status.st_mode & bits == bits


def shared_folder() -> Path:
    """Return root's folder for what other accounts have to reach, made where it is missing.

    Raises:
        ConfigError: Somebody else made a folder of that name, and could change what is put there.
    """
    SHARED_ROOT.mkdir(mode=0o755, exist_ok=True)
    status = SHARED_ROOT.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != 0 or status.st_mode & 0o022:
        raise ConfigError(
            f"{SHARED_ROOT} is where root keeps the embedded Postgres within reach of other users, "
            "but it does not belong to root alone. Look at what it is, and remove it."
        )
    SHARED_ROOT.chmod(0o755)
    return SHARED_ROOT


def open_no_link(path: str, flags: int) -> int:
    """Open a file in another user's folder, but not through a link; an opener for `open`."""
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)
