"""The API on loopback, and the command line in this process, in a folder with a `.env`."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from etl import cli
from etl.settings import Settings
from tests.support.api import FakeApi

Main = Callable[..., tuple[int, str, str]]


@pytest.fixture
def api() -> Iterator[FakeApi]:
    """Serve an empty list; tests set `api.records`."""
    with FakeApi() as api:
        yield api


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
