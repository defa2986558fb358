"""The life of an embedded Postgres: start, stop, warm start, its parent's death, and what is in the way."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

import etl
from etl.embedded import accounts, binaries, data_folder, pidfile, postgres
from etl.embedded.postgres import EmbeddedPostgres, connect_address
from etl.embedded.sockets import free_port
from etl.errors import ConfigError, EtlError, LoadError
from tests.support.patience import wait_until, within
from tests.support.postgres import CHOICE, FAST
from tests.support.versions import DEBIAN_15, HAS_15, IN_CI

REPOSITORY = Path(etl.__file__).parent.parent
SITE_PACKAGES = binaries.find_binaries().parents[2]
AS_ROOT = os.geteuid() == 0
PROGRAMS = {"pg18": None, "pg15": DEBIAN_15} if HAS_15 or IN_CI else {"pg18": None}
PROGRAMS |= {name: folder for name, folder in CHOICE.programs.items() if folder}

only_root = pytest.mark.skipif(not AS_ROOT, reason="is about what only root meets")


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give a folder that other users may enter, so that root's servers need no detour."""
    with tempfile.TemporaryDirectory(prefix="etl-test-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    """Give a data folder that is filled and at rest, shared by the tests that leave it so."""
    with tempfile.TemporaryDirectory(prefix="etl-test-") as name:
        Path(name).chmod(0o755)
        with EmbeddedPostgres(Path(name) / "data", settings=FAST):
            pass
        yield Path(name) / "data"


@pytest.fixture
def root_only(folder: Path) -> Path:
    """Give a folder that only this user may enter."""
    private = folder / "private"
    private.mkdir(mode=0o700)
    return private


@pytest.fixture
def shared(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give root's shared folder, in a place of this test's own."""
    monkeypatch.setattr(accounts, "SHARED_ROOT", folder / "shared")
    return folder / "shared"


def ask(dsn: str, sql: str = "SELECT 1") -> object:
    """Return the only value of a statement."""
    with psycopg.connect(dsn, autocommit=True, connect_timeout=60) as connection:
        row = connection.execute(sql).fetchone()
        assert row is not None
        return row[0]


def socket_folder(server: EmbeddedPostgres) -> Path:
    """Return the folder of a server's socket."""
    return Path(parse_qs(urlsplit(server.dsn()).query)["host"][0])


def is_alive(pid: int) -> bool:
    """Tell whether a process runs; one that ended and that nobody waits for counts as gone."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text() if sys.platform == "linux" else ""
        os.kill(pid, 0)
    except (FileNotFoundError, ProcessLookupError):
        return False
    return ") Z " not in status


@pytest.mark.parametrize("programs", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_data_survive_a_warm_start(folder: Path, programs: Path | None) -> None:
    """A cluster is made at the first start, and what is written is there at the second."""
    with EmbeddedPostgres(folder / "data", binaries=programs, settings=FAST) as server:
        with psycopg.connect(server.dsn()) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 'ร้าน' AS name")
        assert ask(server.dsn(), "SHOW server_encoding") == "UTF8"
        assert ask(server.dsn(), "SELECT datctype FROM pg_database WHERE datname = 'postgres'") == "C.UTF-8"
        assert ask(server.dsn(), "SHOW fsync") == "off"
    with EmbeddedPostgres(folder / "data", binaries=programs) as server:
        assert ask(server.dsn(), "SELECT name FROM kept") == "ร้าน"
        assert ask(server.dsn(), "SHOW fsync") == "on"


def test_stop_leaves_no_process_and_no_socket(data: Path) -> None:
    """After stop the process is gone, the socket's folder too, and the address can't be asked for."""
    server = EmbeddedPostgres(data, settings=FAST).start()
    pid, sockets = server.pid, socket_folder(server)
    assert sockets.is_dir()
    assert len(os.fsencode(f"{sockets}/.s.PGSQL.5432")) <= 107
    server.stop()
    assert not is_alive(pid)
    assert not sockets.exists()
    with pytest.raises(EtlError, match=r"is not started; call start\(\) first"):
        server.dsn()
    server.stop()


def test_no_tcp_unless_asked_for(data: Path) -> None:
    """By default there is only the socket; with `tcp`, a free port of 127.0.0.1 that the address names."""
    with EmbeddedPostgres(data, settings=FAST) as server:
        assert ask(server.dsn(), "SHOW listen_addresses") == ""
    with EmbeddedPostgres(data, tcp=True) as server:
        parts = urlsplit(server.dsn())
        assert (parts.username, parts.hostname, parts.path) == ("postgres", "127.0.0.1", "/postgres")
        assert ask(server.dsn(), "SHOW listen_addresses") == "127.0.0.1"


def test_dsn_takes_any_database_name(data: Path) -> None:
    """A database's name is percent-encoded in the address."""
    with EmbeddedPostgres(data, settings=FAST) as server:
        with psycopg.connect(server.dsn(), autocommit=True) as connection:
            connection.execute('CREATE DATABASE "a/b ?ร้าน"')
        assert ask(server.dsn("a/b ?ร้าน"), "SELECT current_database()") == "a/b ?ร้าน"


def test_a_taken_port_is_given_up_for_another(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A port that somebody takes between the look and the start costs a second try, not the start."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ports = iter([taken.getsockname()[1], free_port()])
        monkeypatch.setattr(postgres, "free_port", lambda: next(ports))
        with EmbeddedPostgres(data, tcp=True, settings=FAST) as server:
            assert urlsplit(server.dsn()).port != taken.getsockname()[1]
            assert ask(server.dsn()) == 1


START = """
import sys, threading, time
from pathlib import Path
from etl.embedded.postgres import EmbeddedPostgres

def run():
    programs = Path(sys.argv[3]) if sys.argv[3] else None
    server = EmbeddedPostgres(Path(sys.argv[1]), binaries=programs).start()
    print(server.pid, server.attached, server.dsn(), flush=True)
    time.sleep(60)

if sys.argv[2] == "thread":
    threading.Thread(target=run).start()
else:
    run()
"""


def start_elsewhere(
    data_dir: Path,
    way: str = "main",
    programs: Path | None = None,
    python: str = sys.executable,
    **options: object,
) -> tuple[subprocess.Popen[str], int, bool, str]:
    """Start a server from another process; return that, the server's pid, if attached, and its address."""
    path = os.pathsep.join([str(REPOSITORY), str(SITE_PACKAGES)])
    process: subprocess.Popen[str] = subprocess.Popen(  # type: ignore[call-overload]
        [python, "-c", START, data_dir, way, programs or ""],
        stdout=subprocess.PIPE,
        text=True,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
        cwd="/",
        **options,
    )
    assert process.stdout is not None
    words = process.stdout.readline().split()
    assert len(words) == 3, "the other process started no server; its error is above"
    return process, int(words[0]), words[1] == "True", words[2]


def kill(process: subprocess.Popen[str]) -> None:
    """Kill a process of a test's own, at once and for good."""
    process.kill()
    process.wait()
    if process.stdout:
        process.stdout.close()


@pytest.mark.parametrize("programs", PROGRAMS.values(), ids=PROGRAMS.keys())
@pytest.mark.parametrize("way", ["main", "thread"])
def test_server_ends_with_a_killed_parent(folder: Path, way: str, programs: Path | None) -> None:
    """A SIGKILL of the process that started it ends the server in about a second, whatever the thread."""
    process, pid, _, dsn = start_elsewhere(folder / "data", way, programs)
    assert ask(dsn) == 1
    kill(process)
    with within(3):
        wait_until(lambda: not is_alive(pid))
    assert not (folder / "data" / "postmaster.pid").exists(), "the shutdown was not in order"


def test_server_outlives_the_thread_that_started_it(data: Path) -> None:
    """A server that a thread started runs on when the thread ends, and stops when asked to."""
    server = EmbeddedPostgres(data, settings=FAST)
    thread = threading.Thread(target=server.start)
    thread.start()
    thread.join()
    time.sleep(0.1)
    assert ask(server.dsn()) == 1
    pid = server.pid
    server.stop()
    assert not is_alive(pid)


def test_watchdog_heeds_only_its_pipe(data: Path) -> None:
    """The process that watches the pipe ignores polite signals: its end would be a crash to Postgres."""
    server = EmbeddedPostgres(data, settings=FAST)
    thread = threading.Thread(target=server.start)
    thread.start()
    thread.join()
    with server, psycopg.connect(server.dsn(), autocommit=True) as connection:
        watchdog = watchdog_of(server.pid)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            os.kill(watchdog, number)
        time.sleep(0.2)
        assert connection.execute("SELECT 1").fetchone() == (1,)
    wait_until(lambda: not is_alive(watchdog))


def watchdog_of(pid: int) -> int:
    """Return the child of a server that is no Postgres."""
    listing = subprocess.run(
        ["ps", "-ww", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split(None, 2) for line in listing.splitlines()]
    (watchdog,) = [int(row[0]) for row in rows if int(row[1]) == pid and "launcher.py" in row[2]]
    return watchdog


@pytest.fixture
def stranger(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Give a process that is no Postgres, of the user that servers run as."""
    nobody = accounts.account_for(folder / "none")
    user: dict[str, Any] = {"user": nobody.uid, "group": nobody.gid, "extra_groups": []} if nobody else {}
    process = subprocess.Popen(["sleep", "60"], cwd="/", **user)
    yield process
    process.kill()
    process.wait()


def test_a_stale_note_that_names_a_stranger(data: Path, stranger: subprocess.Popen[bytes]) -> None:
    """Where a stranger has the process id of a server that was killed, the start works and he lives."""
    with EmbeddedPostgres(data, settings=FAST) as server:
        note = (data / "postmaster.pid").read_text()
        old = server.pid
    stale = data / "postmaster.pid"
    stale.write_text(note.replace(str(old), str(stranger.pid), 1))
    os.chown(stale, (data).stat().st_uid, -1)
    with EmbeddedPostgres(data) as server:
        assert not server.attached
        assert server.pid not in (old, stranger.pid)
        assert ask(server.dsn()) == 1
    assert stranger.poll() is None


def test_start_after_the_server_was_killed(data: Path) -> None:
    """What a server that died without a shutdown left is cleared by the next start, which recovers."""
    first = EmbeddedPostgres(data).start()
    left = socket_folder(first)
    with psycopg.connect(first.dsn()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
    os.kill(first.pid, signal.SIGKILL)
    assert first._process is not None
    first._process.wait()
    with EmbeddedPostgres(data) as second:
        assert ask(second.dsn(), "SELECT n FROM kept") == 7
        assert not left.exists()
    first.stop()


def test_second_start_uses_the_running_server(data: Path) -> None:
    """Two starts on a folder give one server; the second's stop leaves it to the first."""
    with EmbeddedPostgres(data, settings=FAST) as first:
        with EmbeddedPostgres(data, settings={"fsync": "on"}) as second:
            assert (first.attached, second.attached) == (False, True)
            assert second.pid == first.pid
            assert second.dsn() == first.dsn()
        assert ask(first.dsn(), "SHOW fsync") == "off"


def test_starts_at_the_same_time_give_one_server(folder: Path) -> None:
    """Four processes' worth of threads that start on a new folder at once share one server."""
    servers = [EmbeddedPostgres(folder / "data", settings=FAST) for _ in range(4)]
    threads = [threading.Thread(target=server.start) for server in servers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(server.attached for server in servers) == [False, True, True, True]
    assert len({server.pid for server in servers}) == 1
    for server in servers:
        server.stop()


def test_server_of_another_process_is_used(data: Path) -> None:
    """A server that another process of ours runs on the folder is connected to, by its own note."""
    process, pid, attached, dsn = start_elsewhere(data)
    try:
        with connect_address(f"embedded://{data}") as server:
            assert (server.attached, server.pid, attached) == (True, pid, False)
            assert server.dsn() == dsn
            assert ask(server.dsn()) == 1
    finally:
        kill(process)
        # the next test has the same folder, and would meet the server in its shutdown
        wait_until(lambda: not is_alive(pid))


def test_running_server_without_tcp_is_no_answer_to_tcp(data: Path) -> None:
    """Who asks for TCP where a server without it runs is told so, and how to stop that one."""
    with EmbeddedPostgres(data, settings=FAST) as first:
        expected = rf"process {first.pid}\) already runs .* does not listen on TCP.*kill -INT {first.pid}"
        with pytest.raises(ConfigError, match=expected):
            EmbeddedPostgres(data, tcp=True).start()
        assert ask(first.dsn()) == 1


def test_running_server_that_lost_its_socket(data: Path) -> None:
    """A folder whose server can't be reached any more is in use all the same."""
    with EmbeddedPostgres(data, settings=FAST) as first:
        (socket_folder(first) / ".s.PGSQL.5432").unlink()
        with pytest.raises(
            ConfigError, match=r"already runs on the folder .* has lost its socket in /.*etl-pg-"
        ):
            EmbeddedPostgres(data).start()


def test_attaching_waits_for_a_server_that_stops(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server in its shutdown is waited for, then a new one starts; one that hangs is reported."""
    first = EmbeddedPostgres(data, settings=FAST).start()
    note = data / "postmaster.pid"
    note.write_text(note.read_text().replace("ready   ", "stopping"))
    monkeypatch.setattr(postgres, "START_TIMEOUT_S", 0.1)
    with pytest.raises(
        ConfigError, match=rf"process {first.pid}\) uses the folder .* been 'stopping' for 0 s"
    ):
        EmbeddedPostgres(data).start()
    monkeypatch.undo()
    stopping = threading.Timer(0.2, first.stop)
    stopping.start()
    with EmbeddedPostgres(data) as second:
        assert not second.attached
        assert ask(second.dsn()) == 1
    stopping.join()


def test_wrong_setting_is_reported_with_the_log(data: Path) -> None:
    """A server that ends at once is a LoadError with the end of its log, and leaves nothing behind."""
    server = EmbeddedPostgres(data, settings={"no_such_setting": "1"})
    with pytest.raises(
        LoadError, match=r'did not start.*\n.*unrecognized configuration parameter "no_such_setting"'
    ):
        server.start()
    with pytest.raises(EtlError, match="is not started"):
        server.dsn()
    with EmbeddedPostgres(data, settings=FAST) as server:
        assert ask(server.dsn()) == 1


def test_server_that_is_not_ready_in_time_is_stopped(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A start that takes too long is a LoadError, and the half-started server goes."""
    monkeypatch.setattr(postgres, "START_TIMEOUT_S", 0.0)
    monkeypatch.setattr(postgres, "STOP_SIGNALS", [(number, 2.0) for number, _ in postgres.STOP_SIGNALS])
    with pytest.raises(LoadError, match="was not ready within 0 s"):
        EmbeddedPostgres(data).start()
    assert pidfile.find_server(data) is None


def test_server_that_ignores_the_polite_signal_is_killed(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that does not stop in time gets the next stronger signal."""
    server = EmbeddedPostgres(data, settings=FAST).start()
    pid = server.pid
    os.kill(pid, signal.SIGSTOP)
    monkeypatch.setattr(postgres, "STOP_SIGNALS", ((signal.SIGINT, 0.1), (signal.SIGKILL, 5.0)))
    server.stop()
    assert not is_alive(pid)


def test_data_of_another_major_version(folder: Path) -> None:
    """A folder of another major version is refused with both versions, and not touched."""
    with EmbeddedPostgres(folder / "data", settings=FAST):
        pass
    (folder / "data" / "PG_VERSION").write_text("15\n")
    with pytest.raises(
        ConfigError, match=r"holds data of Postgres 15; the programs in .* are of Postgres 18"
    ):
        EmbeddedPostgres(folder / "data").start()
    assert (folder / "data" / "base").is_dir()


def test_folder_of_something_else_is_refused(folder: Path) -> None:
    """A folder with other files is refused, named, and keeps its owner."""
    other = folder / "data"
    other.mkdir()
    for name in ("a.txt", "b.txt", "c.txt", "d.txt"):
        (other / name).write_text("mine")
    owner = other.stat().st_uid
    with pytest.raises(ConfigError, match=r"it holds 4 other entries \(a\.txt, b\.txt, c\.txt\)"):
        EmbeddedPostgres(other).start()
    assert other.stat().st_uid == owner


def test_broken_off_initdb_is_begun_again(folder: Path) -> None:
    """What a killed initdb left is thrown away."""
    building = folder / "data" / data_folder.BUILDING
    building.mkdir(parents=True)
    building.parent.chmod(0o755)  # as mkdir leaves it; Postgres wants 0700
    (building / "PG_VERSION").write_text("18")
    if nobody := accounts.account_for(folder / "none"):
        os.chown(building.parent, nobody.uid, nobody.gid)
    with EmbeddedPostgres(folder / "data", settings=FAST) as server:
        assert ask(server.dsn()) == 1
    assert not building.exists()


def test_file_in_the_place_of_the_folder(folder: Path) -> None:
    """A file where the folder should be is a ConfigError that names it."""
    (folder / "data").write_text("a file")
    with pytest.raises(
        ConfigError, match=r"The folder .*/data can't be used for the embedded Postgres: .*exists"
    ):
        EmbeddedPostgres(folder / "data").start()


def test_relative_address(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`embedded://./folder` counts from the current folder."""
    monkeypatch.chdir(folder)
    with connect_address("embedded://./here/data") as server:
        assert ask(server.dsn(), "SHOW data_directory") == str(folder.resolve() / "here" / "data")


def python_for_all() -> str:
    """Return a Python that every user may run; the one of these tests may lie in root's home."""
    candidates = [Path(sys.executable).resolve(), Path("/usr/bin/python3")]
    nobody = accounts.Account(65534, 65534)
    for path in candidates:
        if path.exists() and accounts.can_reach(path, nobody) and accounts.can_reach(REPOSITORY, nobody):
            return str(path)
    if IN_CI:
        pytest.fail("CI needs a Python and a checkout that every user may enter")
    pytest.skip("no Python or checkout that user nobody may enter")


@only_root
def test_ordinary_user_runs_the_server_as_himself(folder: Path) -> None:
    """A user who is not root runs the server under his own name, and it ends with his process too."""
    home = folder / "home"
    home.mkdir()
    os.chown(home, 65534, 65534)
    process, pid, _, dsn = start_elsewhere(
        home / "data", python=python_for_all(), user=65534, group=65534, extra_groups=[]
    )
    assert ask(dsn, "SHOW data_directory") == str(home.resolve() / "data")
    assert (home / "data").stat().st_uid == 65534
    kill(process)
    with within(3):
        wait_until(lambda: not is_alive(pid))


@only_root
def test_ordinary_user_is_told_of_a_folder_that_is_not_his(folder: Path) -> None:
    """A folder that another user's start made is refused with advice, not with a traceback of Postgres."""
    (folder / "data").mkdir(mode=0o700)
    done = subprocess.run(
        [python_for_all(), "-c", START, folder / "data", "main", ""],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        user=65534,
        group=65534,
        extra_groups=[],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": f"{REPOSITORY}:{SITE_PACKAGES}"},
    )
    assert done.returncode == 1
    assert "ConfigError: The folder" in done.stderr
    assert "can't be used for the embedded Postgres: Permission denied" in done.stderr
    assert "remove this one if an earlier start as another user made it" in done.stderr


@only_root
def test_folder_that_only_root_may_enter(root_only: Path, shared: Path) -> None:
    """As root, data under a folder that only root may enter lie in the shared folder, behind a link."""
    with EmbeddedPostgres(root_only / "data", settings=FAST) as server:
        assert (root_only / "data").is_symlink()
        assert (root_only / "data").resolve().is_relative_to(shared)
        with psycopg.connect(server.dsn()) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
    with EmbeddedPostgres(root_only / "data") as server:
        assert ask(server.dsn(), "SELECT n FROM kept") == 7
    assert root_only.stat().st_mode & 0o777 == 0o700


@pytest.mark.long
@only_root
def test_data_whose_link_is_gone_are_swept(root_only: Path, shared: Path) -> None:
    """Data behind a link that somebody removed go when the next folder is made; others stay."""
    for name in ("first", "second"):
        with EmbeddedPostgres(root_only / name, settings=FAST):
            pass
    gone = (root_only / "first").resolve()
    (root_only / "first").unlink()
    (root_only / "third").mkdir()
    with EmbeddedPostgres(root_only / "third", settings=FAST):
        pass
    assert not gone.parent.exists()
    assert (root_only / "second" / "PG_VERSION").exists()


@only_root
def test_data_that_the_machine_cleared_are_made_again(root_only: Path, shared: Path) -> None:
    """A link whose data were removed with other temporary files gets a new cluster."""
    (root_only / "data").symlink_to(shared / "data-gone" / "data")
    with EmbeddedPostgres(root_only / "data", settings=FAST) as server:
        assert ask(server.dsn()) == 1


@pytest.mark.long
@only_root
def test_programs_that_only_root_may_run_are_copied(folder: Path, root_only: Path, shared: Path) -> None:
    """As root, programs under a folder that only root may enter run from a copy, made once."""
    package = binaries.find_binaries().parents[1]
    for name in (package.name, f"{package.name}.libs"):
        if (package.parent / name).exists():
            shutil.copytree(package.parent / name, root_only / name)
    own = root_only / package.name / "pginstall" / "bin"
    for _ in range(2):
        with EmbeddedPostgres(folder / "data", binaries=own, settings=FAST) as server:
            assert str(ask(server.dsn(), "SHOW server_version")).startswith("18.")
    assert len(list(shared.iterdir())) == 1


@only_root
def test_root_runs_as_the_owner_of_the_data(folder: Path) -> None:
    """As root, data of a user are served as that user."""
    (folder / "data").mkdir(mode=0o700)
    owner = pwd.getpwnam("daemon")
    os.chown(folder / "data", owner.pw_uid, owner.pw_gid)
    with EmbeddedPostgres(folder / "data", settings=FAST) as server:
        assert Path(f"/proc/{server.pid}").stat().st_uid == owner.pw_uid
        assert ask(server.dsn()) == 1


def test_start_while_children_of_a_killed_server_live(data: Path) -> None:
    """Children of a server that was killed are waited for: one that hangs a while only delays the next start."""
    first = EmbeddedPostgres(data).start()
    with psycopg.connect(first.dsn(), autocommit=True) as connection:
        row = connection.execute("SELECT pg_backend_pid()").fetchone()
        assert row is not None
        os.kill(row[0], signal.SIGSTOP)
        os.kill(first.pid, signal.SIGKILL)
        assert first._process is not None
        first._process.wait()
        waking = threading.Timer(0.3, os.kill, (row[0], signal.SIGCONT))
        waking.start()
        with EmbeddedPostgres(data) as second:
            assert ask(second.dsn()) == 1
        waking.join()
        connection.close()
    first.stop()
