"""Promise: SIGTERM and SIGINT end any command soon, whatever it waits for, and nothing takes them for a failure."""

import signal
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from etl.errors import Interrupted
from etl.explain.run import explain
from etl.preflight import run_checks
from tests.support.patience import within
from tests.support.process import Process, start
from tests.support.proxy import Proxy
from tests.support.sync import Mall, record, settings_for

pytestmark = pytest.mark.quick(cases=1)


def stop(*_: Any, **_options: Any) -> Any:
    """Do what the handler of SIGTERM does in the midst of something."""
    raise Interrupted(signal.SIGTERM)


@pytest.mark.parametrize("name", ["_offer", "_snapshots", "connect", "_server"])
def test_a_check_that_is_stopped(mall: Mall, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A signal is not a failed check, after which the rest is tried."""
    monkeypatch.setattr(f"etl.preflight.{name}", stop)
    settings = settings_for(mall.dsn, mall.api.url, mall.folder)
    with pytest.raises(Interrupted):
        run_checks(lambda: settings)


@pytest.mark.parametrize("name", ["open_snapshot", "list_snapshots"])
def test_an_explanation_that_is_stopped(mall: Mall, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A signal while a snapshot is opened is not a snapshot that can't be read."""
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


@pytest.fixture
def hole() -> Iterator[socket.socket]:
    """Give a server that takes connections and never says a word, as a host that is gone."""
    with socket.create_server(("127.0.0.1", 0)) as hole:
        hole.settimeout(120)
        yield hole


def address(hole: socket.socket) -> str:
    """Return it as that of a database, which is waited for longer than the job would by itself."""
    return f"postgresql://nobody@127.0.0.1:{hole.getsockname()[1]}/none?connect_timeout=100"


def end(process: Process, number: signal.Signals) -> str:
    """Send a signal, and return the process's last words: it ends within 5 s."""
    with within(5):
        process.send_signal(number)
        _, stderr = process.communicate(timeout=120)
    return stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("command", ["sync", "diff", "check"])
def test_while_connecting(mall: Mall, hole: socket.socket, command: str, number: signal.Signals) -> None:
    """A database that does not answer holds up no signal, though libpq itself would wait on."""
    process = start(mall, command, database_url=address(hole))
    try:
        client, _ = hole.accept()
        with client:
            time.sleep(0.3)
            stderr = end(process, number)
    finally:
        process.kill()
    assert process.returncode == 128 + number
    assert stderr == f"etl: Interrupted by signal {int(number)}; nothing was written.\n"


@pytest.mark.long
def test_in_a_merge_whose_server_is_gone(mall: Mall, hole: socket.socket) -> None:
    """Neither the statement can be cancelled nor the log be written: 5 s all the same, and the next run tells the rest."""
    mall.sync([record(f"T{number}") for number in range(40)])
    mall.api.records = [record(f"T{number}", zone="West") for number in range(40)]
    mall.database.execute(
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.5); RETURN NEW; END $$"
    )
    mall.database.execute("CREATE TRIGGER slow BEFORE UPDATE ON shops FOR EACH ROW EXECUTE FUNCTION slow()")
    with Proxy(mall.database.dsn) as proxy:
        mall.via = proxy.dsn
        process = start(mall, "sync")
        try:
            mall.wait_until_in_the_merge()
            proxy.fall_silent()
            proxy.target = address(hole)
            stderr = end(process, signal.SIGTERM)
        finally:
            process.kill()
    assert process.returncode == 143
    assert stderr == "etl: Interrupted by signal 15; nothing was written.\n"

    mall.via = ""
    mall.wait_until_nothing_is_left()
    assert mall.database.query("SELECT 1 FROM shops WHERE location_zone = 'West'") == []
    mall.database.execute("DROP TRIGGER slow ON shops")
    assert mall.sync().counts.updated == 40
    runs = mall.database.query("SELECT status FROM etl.sync_logs ORDER BY started_at")
    assert [each["status"] for each in runs] == ["COMPLETED", "FAILED", "COMPLETED"]
