"""Programs, accounts, notes and sockets of the embedded Postgres, without a server."""

import importlib.util
import os
import pwd
import subprocess
import tempfile
from pathlib import Path

import pytest

from etl.embedded import accounts, binaries, data_folder, pidfile, sockets
from etl.embedded.accounts import Account
from etl.embedded.postgres import EmbeddedPostgres, connect_address
from etl.errors import ConfigError, LoadError
from tests.support.disk import refuse_to_write

NOTE = "4711\n/data\n1700000000\n5433\n/tmp/etl-pg-x\n127.0.0.1\n  1  2\nready   \n"
ME = Account(os.geteuid(), os.getegid())
SOMEBODY = Account(54321, 54321)


@pytest.fixture(autouse=True)
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep root's shared folder of this machine out of the tests."""
    monkeypatch.setattr(accounts, "SHARED_ROOT", tmp_path / "shared-by-root")


def program(folder: Path, name: str, script: str) -> Path:
    """Write a shell script that stands for a program; return its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)
    return folder


def test_wheel_that_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without the wheel the message is the command that installs it, and the folder is left alone."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(ConfigError, match=r"Install it: pip install 'iconsiam-etl\[demo\]'"):
        EmbeddedPostgres(tmp_path / "data").start()


def test_folder_without_programs(tmp_path: Path) -> None:
    """A folder that holds no postgres, or no initdb, is named."""
    with pytest.raises(ConfigError, match=rf"There is no program 'postgres' in {tmp_path}"):
        binaries.reachable_binaries(tmp_path, None)
    program(tmp_path, "postgres", "")
    with pytest.raises(ConfigError, match="There is no program 'initdb'"):
        binaries.reachable_binaries(tmp_path, None)


def test_major_version(tmp_path: Path) -> None:
    """The major version comes from the program itself, Debian's suffix or not."""
    assert (
        binaries.major_version(program(tmp_path / "a", "postgres", 'echo "postgres (PostgreSQL) 18.6"'))
        == "18"
    )
    debian = 'echo "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"'
    assert binaries.major_version(program(tmp_path / "b", "postgres", debian)) == "15"


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("echo no library >&2; exit 127", "does not run on this machine: no library"),
        ("echo hello", "gave no version of Postgres but: hello"),
    ],
)
def test_program_that_does_not_run(tmp_path: Path, script: str, message: str) -> None:
    """A program for another machine, or another program, is a LoadError with what it said."""
    with pytest.raises(LoadError, match=message):
        binaries.major_version(program(tmp_path, "postgres", script))


def test_failed_initdb_is_reported_with_its_last_lines(tmp_path: Path) -> None:
    """What initdb said comes with the error, at most five lines of it."""
    programs = program(tmp_path / "bin", "initdb", "seq 1 7; echo 'initdb: error: disk full' >&2; exit 1")
    data = tmp_path / "data"
    data.mkdir()
    with pytest.raises(LoadError) as caught:
        data_folder.fill_folder(data, programs, None)
    assert str(caught.value) == (
        f"Postgres could not make its data folder {data}:\n4\n5\n6\n7\ninitdb: error: disk full"
    )


def test_last_lines_of_nothing() -> None:
    """A program that said nothing is quoted so."""
    assert data_folder.last_lines("\n \n") == "it said nothing"


def test_environment_without_postgres_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """PGDATA, PGHOST and the like of the caller don't reach the embedded server; the rest does."""
    monkeypatch.setenv("PGDATA", "/elsewhere")
    monkeypatch.setenv("LANG", "C")
    environment = binaries.clean_environment()
    assert "PGDATA" not in environment
    assert environment["LANG"] == "C"


def test_copy_of_programs_is_made_once_and_open_to_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy keeps the wheel's layout with its libraries; rights that only root had are opened; headers stay out."""
    monkeypatch.setattr(binaries, "shared_folder", lambda: tmp_path)
    package = tmp_path / "site" / "embedded"
    bin_dir = program(package / "pginstall" / "bin", "postgres", "")
    (bin_dir / "postgres").chmod(0o700)
    (bin_dir / "link").symlink_to("postgres")
    (package / "pginstall" / "include").mkdir()
    (tmp_path / "site" / "embedded.libs").mkdir()
    (tmp_path / "site" / "embedded.libs" / "libpq.so").write_text("library")
    copy = binaries._shared_copy(bin_dir)
    top = copy.parents[2]
    assert copy.relative_to(top) == Path("embedded/pginstall/bin")
    assert (copy / "postgres").stat().st_mode & 0o777 == 0o755
    assert (top / "embedded.libs" / "libpq.so").stat().st_mode & 0o777 == 0o644
    assert not (copy.parent / "include").exists()
    assert binaries._shared_copy(bin_dir) == copy
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["programs-" + top.name[9:], "site"]


def test_copy_that_another_process_made_first(tmp_path: Path) -> None:
    """Who comes second takes the first's copy; where there is none, the error stays an error."""
    for name in ("building", "target"):
        program(tmp_path / name, "postgres", name)
    binaries._rename_or_discard(tmp_path / "building", tmp_path / "target")
    assert "target" in (tmp_path / "target" / "postgres").read_text()
    assert not (tmp_path / "building").exists()
    (tmp_path / "building").mkdir()
    with pytest.raises(FileNotFoundError):
        binaries._rename_or_discard(tmp_path / "building", tmp_path / "missing" / "target")


def test_unreachable_programs_are_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs that the account can't reach are run from a copy; others from where they are."""
    programs = program(program(tmp_path / "bin", "postgres", ""), "initdb", "")
    monkeypatch.setattr(binaries, "_shared_copy", lambda _: Path("/copy"))
    monkeypatch.setattr(binaries, "can_reach", lambda *_: False)
    assert binaries.reachable_binaries(programs, SOMEBODY) == Path("/copy")
    assert binaries.reachable_binaries(programs, None) == programs.resolve()


def test_reach_is_decided_by_every_folder_above(tmp_path: Path) -> None:
    """Owner, group and others are told apart, and one closed folder above closes all below."""
    inner = tmp_path / "outer" / "inner"
    inner.mkdir(parents=True)
    account, owner = Account(54321, 54321), inner.stat()
    inner.chmod(0o705)
    assert accounts._permits(inner, account, 0o5)
    assert not accounts._permits(inner, Account(54321, owner.st_gid), 0o5)
    assert accounts._permits(inner, Account(owner.st_uid, owner.st_gid), 0o5)
    inner.parent.chmod(0o700)
    assert not accounts.can_reach(inner, account)
    inner.parent.chmod(0o755)
    inner.chmod(0o700)
    assert accounts.can_reach(Path("/"), account)
    assert not accounts.can_reach(inner, account)


def test_account_of_an_ordinary_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Who is not root runs servers as himself."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert accounts.account_for(tmp_path) is None


class FakeStatus:
    """What stat says of a folder."""

    def __init__(self, uid: int, mode: int = 0o40755) -> None:
        self.st_uid, self.st_gid, self.st_mode = uid, uid, mode


def test_account_of_root(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Root runs a server as the owner of its data, as nobody where there are none yet, and never root's data."""
    nobody = pwd.getpwnam("nobody")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert accounts.account_for(tmp_path / "new") == Account(nobody.pw_uid, nobody.pw_gid)
    (tmp_path / "PG_VERSION").write_text("18")
    monkeypatch.setattr(Path, "exists", lambda _: True)
    monkeypatch.setattr(Path, "stat", lambda _: FakeStatus(33))
    assert accounts.account_for(tmp_path) == Account(33, 33)
    monkeypatch.setattr(Path, "stat", lambda _: FakeStatus(0))
    with pytest.raises(ConfigError, match=rf"belongs to root.*chown -R nobody {tmp_path}"):
        accounts.account_for(tmp_path)


def test_machine_without_nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where root finds nobody to run Postgres as, the advice is to be somebody else."""

    def missing(name: str) -> None:
        raise KeyError(name)

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(pwd, "getpwnam", missing)
    with pytest.raises(ConfigError, match=r"has no user 'nobody'.*Run this as an ordinary user"):
        accounts.account_for(tmp_path / "new")


def test_shared_folder_of_somebody_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A shared folder that others may write to, or that is a link, is not trusted; a fresh one is open to read."""
    monkeypatch.setattr(accounts, "SHARED_ROOT", tmp_path / "shared")
    monkeypatch.setattr(Path, "lstat", lambda _: FakeStatus(0))
    assert accounts.shared_folder().stat().st_mode & 0o777 == 0o755
    for wrong in (FakeStatus(1000), FakeStatus(0, 0o40777), FakeStatus(0, 0o120755)):
        monkeypatch.setattr(Path, "lstat", lambda _, wrong=wrong: wrong)
        with pytest.raises(ConfigError, match="does not belong to root alone"):
            accounts.shared_folder()


def test_data_that_only_root_may_reach_are_not_moved(tmp_path: Path) -> None:
    """A folder that holds data already is not replaced by a link."""
    (tmp_path / "PG_VERSION").write_text("18")
    with pytest.raises(ConfigError, match=r"under a folder that only root may enter.*Move it"):
        data_folder._move_to_reach(tmp_path)
    assert (tmp_path / "PG_VERSION").exists()


def test_data_move_behind_a_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new folder becomes a link to a place in the shared folder, which is swept once the link is gone."""
    shared, home = tmp_path / "shared", tmp_path / "home"
    shared.mkdir()
    (home / "one").mkdir(parents=True)
    monkeypatch.setattr(data_folder, "shared_folder", lambda: shared)
    first = data_folder._move_to_reach(home / "one")
    assert (home / "one").readlink() == first
    assert data_folder._is_shared(home / "one")
    first.mkdir()
    second = data_folder._move_to_reach(home / "two")
    assert first.exists()
    (home / "one").unlink()
    data_folder._move_to_reach(home / "three")
    assert (first.parent.exists(), second.parent.exists()) == (False, True)


def test_folder_that_may_not_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without the right to write is a ConfigError that says what to do."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(
        ConfigError, match=r"can't be used .*: Permission denied .*Choose a folder that you may write"
    ):
        data_folder.prepare_folder(tmp_path / "data")


def test_failing_system_call_while_starting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk and the like while the server starts names the folder, not a line of Python."""
    monkeypatch.setattr(data_folder, "fill_folder", refuse_to_write)
    with pytest.raises(ConfigError, match=r"data can't be used .*: No space left on device"):
        EmbeddedPostgres(tmp_path / "data").start()


def test_pid_file_is_read_line_by_line(tmp_path: Path) -> None:
    """A note gives process, port, socket, address and status; what isn't written yet is empty."""
    assert pidfile.read_pid_file(tmp_path) is None
    (tmp_path / "postmaster.pid").write_text(NOTE)
    assert pidfile.read_pid_file(tmp_path) == pidfile.PidFile(
        4711, 5433, "/tmp/etl-pg-x", "127.0.0.1", "ready"
    )
    (tmp_path / "postmaster.pid").write_text("4711\n/data\n")
    assert pidfile.read_pid_file(tmp_path) == pidfile.PidFile(4711, 0, "", "", "")
    (tmp_path / "postmaster.pid").write_text("")
    assert pidfile.read_pid_file(tmp_path) is None


def test_disowned_note_names_this_process(tmp_path: Path) -> None:
    """Only the first line changes, to the process that Postgres will be a child of."""
    (tmp_path / "postmaster.pid").write_text(NOTE)
    pidfile.disown_pid_file(tmp_path)
    assert (tmp_path / "postmaster.pid").read_text() == f"{os.getpid()}{NOTE.removeprefix('4711')}"


def test_process_that_works_elsewhere_is_no_server(tmp_path: Path) -> None:
    """This process is no Postgres, and a process id that nobody has is none either."""
    assert not pidfile.is_server(os.getpid(), tmp_path)
    assert not pidfile.is_server(2**22 + 1, tmp_path)


@pytest.mark.parametrize(
    ("listing", "expected"),
    [
        ("/opt/bin/postgres -D /data -k /tmp/x\n", True),
        ("/opt/bin/postgres -D /data2 -k /tmp/x\n", False),
        ("vim /data\n", False),
        ("", False),
    ],
)
def test_server_is_known_by_its_command_line_without_proc(
    listing: str, expected: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where there is no /proc, `ps` tells: program and folder must both be right."""
    monkeypatch.setattr(pidfile, "PROC", tmp_path / "none")
    done = subprocess.CompletedProcess([], 0, stdout=listing)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: done)
    assert pidfile.is_server(4711, Path("/data")) is expected


def test_socket_goes_to_a_short_and_open_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder for temporary files with a long path is passed over; where none will do, the error says why."""
    deep = tmp_path / ("d" * 90)
    deep.mkdir()
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(deep))
    folder = sockets.make_socket_folder(None)
    assert folder.parent == Path("/tmp")
    folder.rmdir()
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(
        ConfigError, match=r"neither in .*d nor in /tmp: the path is too long \(limit 10[37] bytes\)"
    ):
        sockets.make_socket_folder(None)


def test_socket_folder_belongs_to_the_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder is made for the account and closed to others."""
    given = []
    monkeypatch.setattr(os, "chown", lambda path, uid, gid: given.append((path, uid, gid)))
    folder = sockets.make_socket_folder(SOMEBODY)
    assert given == [(folder, 54321, 54321)]
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.rmdir()


def test_sweep_takes_only_old_and_empty_folders(tmp_path: Path) -> None:
    """A new folder, and one that holds a socket, stay."""
    for name in ("etl-pg-old", "etl-pg-new", "etl-pg-used", "other"):
        (tmp_path / name).mkdir()
    (tmp_path / "etl-pg-used" / "socket").write_text("")
    for name in ("etl-pg-old", "etl-pg-used", "other"):
        os.utime(tmp_path / name, (0, 0))
    sockets._sweep(tmp_path)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["etl-pg-new", "etl-pg-used", "other"]


@pytest.mark.parametrize(
    "options", [None, 'postgres "-D', '/bin/postgres "-D" "/data" "-k"', "postgres -D /x"]
)
def test_last_socket_folder_unknown(tmp_path: Path, options: str | None) -> None:
    """No note of the last start, or one that names no socket, is not an error."""
    if options is not None:
        (tmp_path / "postmaster.opts").write_text(options)
    sockets.remove_last_socket_folder(tmp_path)
    assert tmp_path.is_dir()


def test_last_socket_folder_is_removed_only_if_ours(tmp_path: Path) -> None:
    """A folder of our kind goes with what is in it; one of another name stays."""
    for name in ("etl-pg-left", "run"):
        (tmp_path / name).mkdir()
        (tmp_path / name / ".s.PGSQL.5432.lock").write_text("")
        (tmp_path / "postmaster.opts").write_text(f'/bin/postgres "-k" "{tmp_path / name}" "-p" "5432"\n')
        sockets.remove_last_socket_folder(tmp_path)
    assert not (tmp_path / "etl-pg-left").exists()
    assert (tmp_path / "run" / ".s.PGSQL.5432.lock").exists()


def test_address_of_another_kind() -> None:
    """`connect_address` takes embedded addresses only, and shows no part of another one."""
    with pytest.raises(ConfigError) as caught:
        connect_address("postgresql://user:secret@db.example/cms")
    assert str(caught.value) == "This address is not of an embedded Postgres; write embedded:///folder."
