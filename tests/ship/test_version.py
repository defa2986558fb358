"""`etl --version`: the number from etl/_version.py, the commit from the build or from git."""

import os
import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from etl import __version__
from etl.runtime.version import commit_of, version_line

ROOT = Path(__file__).parents[2]
UV = ROOT / ".uv" / "bin" / "uv"


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder, and return what it prints."""
    who = ["-c", "user.name=A Tester", "-c", "user.email=tester@example.invalid"]
    command = ["git", "-C", str(folder), *who, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Give a repository of one commit, with a package `etl` and the file that tells it is this project."""
    (tmp_path / "etl").mkdir()
    (tmp_path / "etl" / "__init__.py").touch()
    (tmp_path / "hatch_build.py").touch()
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "one")
    return tmp_path


def test_a_checkout_asks_git(checkout: Path) -> None:
    """In a checkout the commit is that of HEAD; `-dirty` follows where its files were changed."""
    head = git(checkout, "rev-parse", "--short=12", "HEAD")
    assert version_line(checkout / "etl") == f"iconsiam-etl {__version__} ({head})"
    (checkout / "etl" / "__init__.py").write_text("changed = 1\n")
    assert version_line(checkout / "etl") == f"iconsiam-etl {__version__} ({head}-dirty)"


def test_a_build_has_it_in_a_file(tmp_path: Path) -> None:
    """What the build kept is told; git is not asked."""
    (tmp_path / "_commit.txt").write_text("0123456789ab\n")
    assert commit_of(tmp_path) == "0123456789ab"


def test_somebody_elses_repository_is_not_ours(checkout: Path) -> None:
    """A package that lies in another project's repository tells the version only."""
    (checkout / "hatch_build.py").unlink()
    assert version_line(checkout / "etl") == f"iconsiam-etl {__version__}"


def test_without_git_there_is_just_the_version(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where git is not installed, or refuses, the version is still told."""
    monkeypatch.setenv("PATH", str(checkout))
    assert version_line(checkout / "etl") == f"iconsiam-etl {__version__}"
    monkeypatch.undo()
    (checkout / ".git" / "HEAD").write_text("broken")
    assert version_line(checkout / "etl") == f"iconsiam-etl {__version__}"


def build(out: Path, *options: str, **environment: str) -> Path:
    """Build from this checkout with what `make environment` installed, and return the file."""
    command = [UV, "build", "--quiet", "--python", sys.executable, "--out-dir", out, *options, ROOT]
    subprocess.run([str(word) for word in command], env={**os.environ, **environment}, check=True)
    return next(path for path in out.iterdir() if path.name.startswith("iconsiam_etl"))


@pytest.mark.long
def test_the_wheel_keeps_the_commit_that_it_is_told(tmp_path: Path) -> None:
    """A build without git, as the container's, bakes in ETL_COMMIT, cut to 12 digits; files that are read come along."""
    wheel = build(tmp_path, "--wheel", ETL_COMMIT="0123456789abcdef0123456789abcdef01234567")
    with zipfile.ZipFile(wheel) as files:
        assert files.read("etl/_commit.txt") == b"0123456789ab\n"
        assert [name for name in files.namelist() if "hatch_build" in name] == []
        read = {"etl/demo/words.yaml", "etl/match/aliases.json", "etl/sql/plan/tables.sql"}
        assert read <= set(files.namelist())


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tarfile.TarFile]:
    """Give the source distribution of this checkout."""
    with tarfile.open(build(tmp_path_factory.mktemp("sdist"), "--sdist")) as files:
        yield files


@pytest.mark.long
def test_the_source_distribution_keeps_the_commit_of_the_checkout(sdist: tarfile.TarFile) -> None:
    """What is built from a source distribution elsewhere still tells the commit: the file travels in it."""
    name = next(name for name in sdist.getnames() if name.endswith("etl/_commit.txt"))
    kept = sdist.extractfile(name)
    assert kept is not None
    assert re.fullmatch(rb"[0-9a-f]{12}(-dirty)?\n", kept.read())
    assert any(name.endswith("/hatch_build.py") for name in sdist.getnames())
    assert not (ROOT / "etl" / "_commit.txt").exists()


@pytest.mark.long
def test_the_source_distribution_is_what_a_wheel_is_built_from(sdist: tarfile.TarFile) -> None:
    """It has no tests, which need the whole repository, and nothing that only lay about."""
    assert {name.split("/")[1] for name in sdist.getnames()} == {
        "etl", "sql", "hatch_build.py", "pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE", "PKG-INFO", ".gitignore",
    }  # fmt: skip


@pytest.mark.long
def test_the_source_distribution_has_the_version_of_the_package(sdist: tarfile.TarFile) -> None:
    """Its metadata has the number that `etl --version` tells."""
    (name,) = [name for name in sdist.getnames() if name.endswith("/PKG-INFO")]
    metadata = sdist.extractfile(name)
    assert metadata is not None
    assert f"\nVersion: {__version__}\n" in metadata.read().decode()
