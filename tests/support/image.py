"""The container image, built by buildah on a base by debootstrap, and its commands, run on a read-only root.

There is no Docker engine here: `buildah` builds in a chroot, and a run is what an engine does with the image's own
settings: its root mounted read-only, only /snapshots and /tmp to write to, its user, its environment, no other.
"""

import fcntl
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from tests.support.versions import IN_CI

ROOT = Path(__file__).parents[2]
BASE = "localhost/iconsiam-etl-test-base:bookworm"
IMAGE = "localhost/iconsiam-etl-test:{}"
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
_ENVIRONMENT = {"BUILDAH_ISOLATION": "chroot"}
_LOCK = Path(tempfile.gettempdir(), "iconsiam-etl-test-image.lock")
_PACKAGES = "python3,python3-venv,ca-certificates"

# arguments: root, folder of snapshots, user, working folder, then the command
_READ_ONLY = """
mount --bind "$1" "$1"
mount -o remount,bind,ro "$1"
mount --bind "$2" "$1/snapshots"
mount -t tmpfs -o mode=1777 tmpfs "$1/tmp"
mount --bind /dev "$1/dev"
mount -t proc proc "$1/proc"
root=$1 user=$3 folder=$4
shift 4
exec chroot --userspec="$user" --groups= "$root" /usr/bin/env --chdir="$folder" -i "$@"
"""


def require_programs() -> None:
    """Skip, and fail in CI, where no image can be built: that takes root, and Debian's buildah and debootstrap."""
    absent = [name for name in ("buildah", "debootstrap", "unshare") if not shutil.which(name)]
    if os.geteuid() != 0:
        absent.append("root's rights")
    if absent:
        told = f"no container can be built here without {' and '.join(absent)}"
        pytest.fail(told) if IN_CI else pytest.skip(told)


def buildah(*arguments: str) -> str:
    """Run buildah, and return what it prints."""
    return _run(["buildah", *arguments])


def build(folder: Path) -> str:
    """Build the image, once for all workers of a test run, and return its name."""
    name = IMAGE.format(os.environ.get("PYTEST_XDIST_TESTRUNUID", os.getpid()))
    with _LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _exists(name):
            _make_base()
            _build(name, folder)
    return name


def drop(name: str) -> None:
    """Remove the image, unless another worker has a container of it."""
    subprocess.run(["buildah", "rmi", name], capture_output=True, check=False)


def _exists(name: str) -> bool:
    return bool(buildah("images", "--quiet", "--filter", f"reference={name}").strip())


def _make_base() -> None:
    """Make the base image, a small Debian with Python, unless an earlier run on this machine left it."""
    if _exists(BASE):
        return
    container = buildah("from", "scratch").strip()
    try:
        root = buildah("mount", container).strip()
        _run(["debootstrap", "--variant=minbase", f"--include={_PACKAGES}", "bookworm", root])
        shutil.rmtree(Path(root, "var/cache/apt"))
        buildah("commit", "--quiet", container, BASE)
    finally:
        buildah("rm", container)


def _build(name: str, folder: Path) -> None:
    """Build as `make image` does; packages come from where this machine has them."""
    settings = {"pip.conf": _pip_settings(), "uv.toml": _uv_settings()}
    for file, text in settings.items():
        (folder / file).write_text(text)
    secrets = [f"--secret id={file},src={folder / file}" for file in settings]
    trust = f"--volume {CERTIFICATES}:{CERTIFICATES}:ro" if CERTIFICATES.exists() else ""
    options = " ".join([f"--build-arg BASE={BASE}", *secrets, trust])
    _run(["make", "-C", str(ROOT), "image", "CONTAINER=buildah", f"IMAGE={name}", f"IMAGE_OPTIONS={options}"])


def _pip_settings() -> str:
    listed = _run(["python3", "-m", "pip", "config", "list"])
    index = [line.split("=", 1)[1].strip("'") for line in listed.splitlines() if ".index-url=" in line]
    lines = ["[global]", f"cert = {CERTIFICATES}" if CERTIFICATES.exists() else ""]
    return "\n".join([*lines, *(f"index-url = {address}" for address in index[-1:]), ""])


def _uv_settings() -> str:
    index = os.environ.get("UV_DEFAULT_INDEX") or os.environ.get("UV_INDEX_URL")
    return "system-certs = true\n" + (f'[[index]]\nurl = "{index}"\ndefault = true\n' if index else "")


@dataclass(frozen=True)
class Image:
    """An image that was built, with a container made from it.

    Attributes:
        name: As buildah knows it.
        root: The container's root folder, as mounted on this machine.
    """

    name: str
    root: Path

    @cached_property
    def config(self) -> dict[str, Any]:
        """The settings of the image: User, Env, Entrypoint, Cmd, Labels, Volumes, WorkingDir."""
        found: dict[str, Any] = json.loads(buildah("inspect", "--type", "image", self.name))
        return dict(found["OCIv1"]["config"])

    def run(
        self, *arguments: str, snapshots: Path, settings: Mapping[str, str]
    ) -> "subprocess.CompletedProcess[str]":
        """Run the image's entry point with these arguments, or its own, on a read-only root."""
        command = [*self.config["Entrypoint"], *(arguments or self.config["Cmd"])]
        return self.execute(command, snapshots, settings)

    def execute(
        self, command: Sequence[str], snapshots: Path, settings: Mapping[str, str]
    ) -> "subprocess.CompletedProcess[str]":
        """Run any command as the image's user, in its environment and with these settings, on a read-only root."""
        environment = [*self.config["Env"], *(f"{name}={value}" for name, value in settings.items())]
        where = [str(self.root), str(snapshots), self.config["User"], self.config["WorkingDir"]]
        return subprocess.run(
            ["unshare", "--mount", "sh", "-ec", _READ_ONLY, "sh", *where, *environment, *command],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


def size_of(folder: Path) -> int:
    """Return the bytes of all files below a folder, links counted once and not followed."""
    sizes = {}
    for found in folder.rglob("*"):
        if not found.is_dir() or found.is_symlink():
            status = found.lstat()
            sizes[status.st_ino] = status.st_size
    return sum(sizes.values())


def _run(command: Sequence[str]) -> str:
    environment = {**os.environ, **_ENVIRONMENT}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(
            f"{' '.join(command)} exited with {done.returncode}:\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
        )
    return done.stdout
