"""What tests start by fork is a process of its own, as one by spawn is."""

import os
import signal
import sys
from pathlib import Path

import pytest

from tests.support.forks import CAN_FORK, Forked, ForkServer
from tests.support.process import finish, kept_environment, start_process

pytestmark = [
    pytest.mark.xdist_group("forks"),
    pytest.mark.skipif(not CAN_FORK, reason="commands are forked on Linux only"),
]

PROBE = """
import json, os, signal, sys, time
print(json.dumps([sys.argv[1:], os.getcwd(), sorted(os.environ), os.environ.get("COLOUR"), __name__]))
print("to stderr", file=sys.stderr)
match sys.argv[1]:
    case "exit":
        sys.exit(int(sys.argv[2]))
    case "raise":
        raise ValueError("no such thing")
    case "kill":
        os.kill(os.getpid(), int(sys.argv[2]))
    case "sleep":
        sys.stdout.flush()
        time.sleep(60)
"""


@pytest.fixture
def probe(tmp_path: Path) -> Path:
    """Put a module that shows what it is given into a folder."""
    (tmp_path / "probe.py").write_text(PROBE)
    return tmp_path


@pytest.mark.parametrize("is_spawned", [False, True], ids=["forked", "spawned"])
@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("exit", "0"), 0), (("exit", "7"), 7), (("raise",), 1), (("kill", "9"), -9), (("kill", "15"), -15)],
)
def test_a_process_of_its_own(probe: Path, arguments: tuple[str, ...], code: int, is_spawned: bool) -> None:
    """Arguments, folder, environment, streams and exit code are those that a spawned one has."""
    environment = kept_environment() | {"COLOUR": "blue"}
    ended = finish(
        start_process(*arguments, module="probe", cwd=probe, environment=environment, is_spawned=is_spawned)
    )
    shown = f'[{list(arguments)}, "{probe}", {sorted(environment)}, "blue", "__main__"]\n'.replace("'", '"')
    assert (ended.returncode, ended.stdout) == (code, shown if arguments[0] != "kill" else "")
    assert ended.stderr.startswith("to stderr\n")
    assert ("ValueError: no such thing" in ended.stderr) == (arguments[0] == "raise")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_signal_reaches_it(probe: Path, number: signal.Signals) -> None:
    """It ends as an interpreter ends by the signal; until then it runs, and its output can be read."""
    process = start_process("sleep", module="probe", cwd=probe, environment=kept_environment())
    assert isinstance(process, Forked)
    assert process.stdout.readline().startswith('[["sleep"]')
    assert process.poll() is None
    process.send_signal(number)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == -number
    assert ("KeyboardInterrupt" in stderr) == (number == signal.SIGINT)
    process.kill()  # of one that has ended, is nothing


def test_several_at_a_time(probe: Path) -> None:
    """Each is a process, and the tests' own goes on meanwhile."""
    processes = [
        start_process("sleep", module="probe", cwd=probe, environment=kept_environment()) for _ in range(3)
    ]
    assert len({process.pid for process in processes} | {os.getpid()}) == 4
    for process in processes:
        process.terminate()
        assert finish(process).returncode == -signal.SIGTERM


def test_output_that_cannot_be_written_is_pythons_error(probe: Path) -> None:
    """The interpreter flushes its streams at the end, and says where it could not: exit 120."""
    (probe / "full.py").write_text(
        "import os\nos.dup2(os.open('/dev/full', os.O_WRONLY), 1)\nprint('lost')\n"
    )
    ended = finish(start_process(module="full", cwd=probe, environment=kept_environment()))
    assert (ended.returncode, "No space left on device" in ended.stderr) == (120, True)


def test_the_server_ends_with_its_pipe(probe: Path) -> None:
    """Nothing stays of it once whoever asked it is gone; a command that runs is left alone."""
    server = ForkServer()
    process = server.start(["sleep"], module="probe", cwd=probe, environment=kept_environment())
    process.stdout.readline()
    server.close()
    assert process.poll() is None
    process.kill()
    assert process.wait(timeout=60) == -signal.SIGKILL
    process.communicate()


def test_variables_of_python_need_a_start(tmp_path: Path) -> None:
    """Python reads PYTHON… when it starts, so such a command is spawned."""
    environment = kept_environment() | {"PYTHONUTF8": "0"}
    process = start_process("--version", module="etl", cwd=tmp_path, environment=environment)
    assert not isinstance(process, Forked)
    assert finish(process).returncode == 0
    assert process.args == [sys.executable, "-m", "etl", "--version"]
