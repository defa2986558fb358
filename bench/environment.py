"""Where the measuring takes place: a Postgres, servers of feeds, and databases in known states."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from etl.embedded.binaries import find_binaries
from etl.embedded.postgres import EmbeddedPostgres

SERVER_SETTINGS = {"shared_buffers": "512MB", "max_wal_size": "8GB", "autovacuum": "off", "jit": "off"}
"""The same for all; fsync stays on. Autovacuum is off, so that it does not run in one measurement and not in another."""

ETL = (sys.executable, "-m", "etl")


class House:
    """Databases on one server, by name; a context manager's value, see `open_house`."""

    def __init__(self, server: EmbeddedPostgres, folder: Path) -> None:
        self._server = server
        self.folder = folder
        self.psql = find_binaries() / "psql"

    def dsn(self, name: str) -> str:
        """Return the address of a database, by TCP."""
        return self._server.dsn(name)

    def make(self, name: str, template: str = "template1") -> str:
        """Make a database again, as a copy of another, and return its address."""
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
        return self.dsn(name)

    def settle(self, name: str) -> None:
        """Vacuum and analyse a database, as its autovacuum would have by now, and write out what is dirty."""
        with psycopg.connect(self.dsn(name), autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
            connection.execute("CHECKPOINT")

    def environment(self, dsn: str, url: str = "") -> dict[str, str]:
        """Return the settings of a process of the job; the pace is not limited, as for nobody else here."""
        return bare_environment() | {
            "DATABASE_URL": dsn,
            "EXTERNAL_API_URL": url,
            "SNAPSHOT_DIR": str(self.folder / "snapshots"),
            "SNAPSHOT_KEEP": "2",
            "API_REQUESTS_PER_SECOND": "1000",
            "LOG_FORMAT": "json",
        }


def bare_environment() -> dict[str, str]:
    """Return what any process needs, and nothing of the caller's settings."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {"PYTHONPATH": str(Path(__file__).parent.parent), "PYTHONDONTWRITEBYTECODE": ""}


@contextmanager
def open_house() -> Iterator[House]:
    """Start a Postgres of its own on a temporary folder, and end it."""
    with TemporaryDirectory(prefix="etl-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "snapshots").mkdir()
        with EmbeddedPostgres(folder / "data", tcp=True, settings=SERVER_SETTINGS) as server:
            yield House(server, folder)


@contextmanager
def serving(feed: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """Serve a feed in a process of its own, and give its address."""
    command = [sys.executable, "-m", "bench.server", str(feed)]
    process = subprocess.Popen(command, env=dict(environment), stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None  # noqa: S101 — PIPE above
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait()
