"""What builds and updates this: the workflows, the SBOM, and the lock for both architectures."""

import json
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.versions import SUPPORTED

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted(path.name for path in (ROOT / ".github/workflows").glob("*.yml"))


@pytest.fixture(scope="module")
def lock() -> dict[str, Any]:
    """Give uv.lock."""
    return tomllib.loads((ROOT / "uv.lock").read_text())


@pytest.fixture(scope="module")
def needed() -> dict[str, str]:
    """Give the version of each package that the job needs, as uv exports them."""
    command = [
        str(ROOT / ".uv/bin/uv"),
        "export",
        "--quiet",
        "--locked",
        "--no-dev",
        "--no-emit-project",
        "--no-hashes",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", done.stdout, re.MULTILINE))


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_may_only_read(name: str) -> None:
    """Its token reads the repository and nothing else, and is not left in the checkout; no job asks for more."""
    workflow = yaml.safe_load((ROOT / ".github/workflows" / name).read_text())
    assert workflow["permissions"] == {"contents": "read"}
    assert [job for job in workflow["jobs"].values() if "permissions" in job] == []
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    checkouts = [step for step in steps if step.get("uses", "").startswith("actions/checkout@")]
    assert checkouts
    assert [step["with"]["persist-credentials"] for step in checkouts] == [False] * len(checkouts)
    assert "pull_request_target" not in workflow[True]  # YAML 1.1 reads `on` so


@pytest.mark.parametrize("name", WORKFLOWS)
def test_actions_are_pinned(name: str) -> None:
    """An action is named by the whole SHA of a commit, with its version beside it for people and dependabot."""
    uses = re.findall(r"uses: (.*)", (ROOT / ".github/workflows" / name).read_text())
    assert uses
    assert [line for line in uses if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)] == []


def test_the_workflow_runs_the_first_and_the_last_python_of_the_range() -> None:
    """The range is pyproject.toml's."""
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    first, beyond = re.findall(r"3\.(\d+)", project["requires-python"])
    assert workflow["jobs"]["ci"]["strategy"]["matrix"]["python"] == [f"3.{first}", f"3.{int(beyond) - 1}"]


def test_every_version_of_postgres_has_a_night() -> None:
    """Each that the job supports has a job of its own; those that no wheel has are locked here, by their hashes."""
    workflow = yaml.safe_load((ROOT / ".github/workflows/nightly.yml").read_text())
    job = workflow["jobs"]["postgres"]
    assert tuple(job["strategy"]["matrix"]["postgres"]) == SUPPORTED
    assert job["strategy"]["fail-fast"] is False
    locked = {path.name for path in (ROOT / "tests/postgres").iterdir()}
    assert locked == {version for version in SUPPORTED if version != "18"}
    for version in locked:
        text = (ROOT / "tests/postgres" / version / "package-lock.json").read_text()
        assert "://" not in text, "npm asks the registry that the machine has"
        (server,) = [found for path, found in json.loads(text)["packages"].items() if path]
        assert server["version"].startswith(f"{version}.")
        assert server["integrity"].startswith("sha512-")


def test_payload_is_locked() -> None:
    """Exact versions, each package by its hash, from whichever registry the machine has."""
    wanted = json.loads((ROOT / "tests/payload/package.json").read_text())["dependencies"]
    assert [version for version in wanted.values() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []
    locked = json.loads((ROOT / "tests/payload/package-lock.json").read_text())["packages"]
    packages = {path: found for path, found in locked.items() if path}
    assert {name: packages[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    for path, found in packages.items():
        assert found["integrity"].startswith("sha512-"), path
        assert "resolved" not in found, path


def test_all_that_is_needed_runs_on_both_architectures(lock: dict[str, Any], needed: dict[str, str]) -> None:
    """Each package has a wheel for any machine, or one for Linux on x86-64 and on arm64, for Python 3.11 and 3.13."""
    assert needed
    for package in [found for found in lock["package"] if found["name"] in needed]:
        wheels = [wheel["url"].rsplit("/", 1)[-1] for wheel in package["wheels"]]
        if any(wheel.endswith("-none-any.whl") for wheel in wheels):
            continue
        for machine in ("x86_64", "aarch64"):
            fit = [wheel for wheel in wheels if "manylinux" in wheel and machine in wheel]
            assert any(re.search(r"-(cp311|py3)-", wheel) for wheel in fit), package["name"]
            assert any(re.search(r"-(cp313-cp313|cp3\d+-abi3|py3-none)-", wheel) for wheel in fit), package[
                "name"
            ]


def test_one_version_of_uv() -> None:
    """The container is built with the uv that `make environment` takes."""
    (ours,) = re.findall(r"^UV_VERSION := (\S+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert re.findall(r"^ARG UV_VERSION=(\S+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE) == [ours]


def test_the_bill_of_materials_is_the_lock(needed: dict[str, str]) -> None:
    """`make sbom` lists, as CycloneDX 1.5, exactly what the job needs, each with its package URL and hashes."""
    subprocess.run(["make", "-C", str(ROOT), "sbom"], check=True, capture_output=True)
    sbom = json.loads((ROOT / "dist" / "sbom.cdx.json").read_text())
    assert (sbom["bomFormat"], sbom["specVersion"]) == ("CycloneDX", "1.5")
    assert {part["name"]: part["version"] for part in sbom["components"]} == needed
    for part in sbom["components"]:
        assert part["purl"].startswith(f"pkg:pypi/{part['name']}@{part['version']}")
        assert part["externalReferences"][0]["hashes"][0]["alg"] == "SHA-256"
