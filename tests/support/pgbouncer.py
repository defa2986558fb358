"""PgBouncer before a server of the tests: Debian's, in a mode of the test's choice. CI must have it."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from etl.embedded.sockets import free_port
from tests.support.patience import wait_until
from tests.support.postgres import Database
from tests.support.versions import IN_CI

PROGRAM = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
_ACCOUNT = "nobody"
"""It refuses to run as root."""


@contextmanager
def pgbouncer(database: Database, mode: str, **settings: object) -> Iterator[str]:
    """Run PgBouncer before the server of a database, and give the address of the database by way of it.

    Args:
        database: Its server listens on a Unix socket and asks for no password.
        mode: pool_mode: session, transaction or statement.
        settings: More of pgbouncer.ini's section of that name.
    """
    if PROGRAM is None:
        if IN_CI:
            pytest.fail("CI tests PgBouncer: .ci/install installs it")
        pytest.skip("PgBouncer is not installed (apt-get install pgbouncer)")
    parts = urlsplit(database.dsn)
    query = parse_qs(parts.query)
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="etl-test-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        lines = {
            "listen_addr": "127.0.0.1",
            "listen_port": port,
            "unix_socket_dir": "",
            "auth_type": "any",
            "pool_mode": mode,
            **settings,
        }
        target = f"host={query['host'][0]} port={query.get('port', ['5432'])[0]} user={parts.username}"
        (folder / "pgbouncer.ini").write_text(
            f"[databases]\n* = {target}\n[pgbouncer]\n"
            + "".join(f"{key} = {value}\n" for key, value in lines.items())
        )
        dsn = f"postgresql://{parts.username}@127.0.0.1:{port}{parts.path}"
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [PROGRAM, "-q", folder / "pgbouncer.ini"],
                stdout=log,
                stderr=log,
                user=_ACCOUNT if os.geteuid() == 0 else None,
            )
        try:
            wait_until(lambda: _answers(dsn, process))
            yield dsn
        finally:
            process.terminate()
            process.wait(30)


def _answers(dsn: str, process: "subprocess.Popen[bytes]") -> bool:
    assert process.poll() is None, "PgBouncer ended"
    try:
        psycopg.connect(dsn, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True
