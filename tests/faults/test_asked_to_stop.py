"""Promise: SIGTERM and SIGINT end any command soon, whatever it waits for, and nothing takes them for a failure."""

import signal
from typing import Any

import pytest

from etl.check import run_checks
from etl.errors import Interrupted
from etl.explain.run import explain
from tests.support.process import start
from tests.support.sync import Mall, record, settings_for


def stop(*_: Any) -> Any:
    """Do what the handler of SIGTERM does in the midst of something."""
    raise Interrupted(signal.SIGTERM)


@pytest.mark.parametrize("name", ["_offer", "_snapshots", "connect", "_server"])
def test_a_check_that_is_stopped(mall: Mall, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A signal is no failed check, after which the rest is tried."""
    monkeypatch.setattr(f"etl.check.{name}", stop)
    settings = settings_for(mall.dsn, mall.api.url, mall.folder)
    with pytest.raises(Interrupted):
        run_checks(lambda: settings)


@pytest.mark.parametrize("name", ["open_snapshot", "list_snapshots"])
def test_an_explanation_that_is_stopped(mall: Mall, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A signal while a snapshot is opened is no snapshot that can't be read."""
    mall.sync([record("T1")])
    monkeypatch.setattr(f"etl.explain.run.{name}", stop)
    settings = settings_for("", mall.api.url, mall.folder)
    with pytest.raises(Interrupted):
        explain(settings, None, "T1", snapshot=None, limit=1)


def test_a_check_that_gets_sigterm(mall: Mall) -> None:
    """`etl check` ends with 143 and prints no checks: those that were left were not tried."""
    mall.api.before_page(1, lambda: process.send_signal(signal.SIGTERM))
    mall.api.delay_s = 0.5  # until the process has its name below
    process = start(mall, "check")
    stdout, stderr = process.communicate(timeout=60)
    assert (process.returncode, stdout) == (143, "")
    assert stderr == "etl: Interrupted by signal 15; nothing was written.\n"
