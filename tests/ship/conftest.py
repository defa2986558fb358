"""The API on loopback, the command line in this process, in a folder with a `.env`, and an account that is none."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from moto import mock_aws

from etl import errors
from etl.cli import app as cli
from etl.config.settings import Settings
from tests.integration.conftest import api
from tests.support.cloudformation import PARAMETERS, REGION, Stack

__all__ = ["api"]

Main = Callable[..., tuple[int, str, str]]


def exit_codes() -> set[int]:
    """Return every exit code that etl/errors.py knows."""
    classes = [errors.EtlError]
    for each in classes:
        classes += each.__subclasses__()
    codes = {each.exit_code for each in classes if each.__module__ == "etl.errors"}
    codes |= {errors.Interrupted(number).exit_code for number in (2, 15)}
    return {0, errors.EXIT_PARTIAL, errors.EXIT_CHANGES, *codes}


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Pretend to be in an account; boto3 checks parameters against AWS's own service models."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        yield


@pytest.fixture(scope="module")
def stack() -> Stack:
    """Return deploy/stack.yaml with the parameters of the tests."""
    return Stack(PARAMETERS)


@pytest.fixture
def main(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Main:
    """Return a function that runs `etl` off a terminal in an empty folder; it returns exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in {"COLUMNS": "100", "TERM": "dumb", "NO_COLOR": "1"}.items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["etl", *arguments])
        with pytest.raises(SystemExit) as caught:
            cli.main()
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        return int(caught.value.code or 0), captured.out, captured.err

    return run
