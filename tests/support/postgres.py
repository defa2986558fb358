"""Servers that the tests start themselves, and databases on them, read and written through psycopg.

Which servers they are, tests/support/versions.py chooses. With ETL_TEST_DSN, a libpq URI of a user who may create
databases, that server is used. On servers of the tests' own the job logs in as a user of the role etl_sync
(sql/roles.sql), unless a test begins with an empty database or is about something that only the owner may do.
"""

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
from psycopg.rows import dict_row

from etl.embedded.postgres import EmbeddedPostgres
from etl.runtime import queries
from tests.support import sessions
from tests.support.versions import DEBIAN_15, HAS_15, choose

GIVEN_DSN = os.environ.get("ETL_TEST_DSN")
ROLE = None if GIVEN_DSN else "etl_sync"
CHOICE = choose(os.environ)
DEFAULT = CHOICE.default
VERSIONS = CHOICE.versions
"""The servers that a test with `any_database` runs on. In CI that includes 15, and a missing 15 fails."""

BINARIES = CHOICE.programs[DEFAULT]
"""The programs of a server that a test starts for itself, of the version that `database` has."""

FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}

SCRAM = {"password_encryption": "scram-sha-256"}
"""For servers that ask for a password by SCRAM: Postgres 13 would keep MD5's digest of it."""

_MEMORY = Path("/dev/shm")
_ROOM = 2 << 30


def describe_servers() -> str:
    """Return the line about servers in pytest's header."""
    return f"postgres: {CHOICE.header}"


@dataclass(frozen=True)
class Database:
    """A database of a test's own.

    Attributes:
        dsn: A libpq URI, as the job uses it.
        major: The server's major version.
        owner_dsn: A libpq URI of the tables' owner, whom the test itself is.
    """

    dsn: str
    major: int
    owner_dsn: str = ""

    def __post_init__(self) -> None:
        """Let the job be the owner, where it is nobody else."""
        object.__setattr__(self, "owner_dsn", self.owner_dsn or self.dsn)

    def connect(self, **options: Any) -> psycopg.Connection[dict[str, Any]]:
        """Open a connection of psycopg; the caller closes it."""
        return psycopg.connect(self.owner_dsn, row_factory=dict_row, **options)

    def query(self, sql: str, *params: Any) -> list[dict[str, Any]]:
        """Return the rows of one statement with `%s` for parameters; `%` is itself where there are none."""
        with sessions.borrowed(self.owner_dsn) as session:
            return session.execute(sql, params or None).fetchall()

    def execute(self, sql: str, *params: Any) -> None:
        """Run and commit one statement, or several where there are no parameters."""
        with sessions.borrowed(self.owner_dsn) as session:
            session.execute(sql, params or None)


class Server:
    """A server on which tests make databases."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self.major = database_at(dsn).major
        self._template = ""

    @property
    def _admin(self) -> Database:
        return Database(self._dsn, 0)

    @contextmanager
    def database(self, *, is_empty: bool = False, like: Database | None = None) -> Iterator[Database]:
        """Make a database, empty, like another one of this server or as `etl init` leaves it, and drop it in the end."""
        template = "template0" if is_empty else dbname_of(like.dsn) if like else self._filled_template()
        is_owners = is_empty or not ROLE or (like is not None and like.dsn == like.owner_dsn)
        name = self._create(template)
        owned = self._named(name)
        try:
            yield owned if is_owners else Database(as_user(owned.dsn, ROLE or ""), self.major, owned.dsn)
        finally:
            self._drop(name)

    def close(self) -> None:
        """Drop the template."""
        if self._template:
            self._drop(self._template)
        sessions.end()

    def _filled_template(self) -> str:
        if not self._template:
            self._template = self._create("template0")
            initialise_database(self._named(self._template))
            if ROLE:
                self._named(self._template).execute(queries.text("roles"))
                make_user(self._named(self._template), ROLE)
        return self._template

    def _named(self, name: str) -> Database:
        return Database(dsn_of(self._dsn, name), self.major)

    def _create(self, template: str) -> str:
        sessions.end(template)
        name = f"etl_test_{uuid4().hex}"
        strategy = "STRATEGY file_copy" if self.major >= 15 else ""
        self._admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} ENCODING 'UTF8' {strategy}")
        return name

    def _drop(self, name: str) -> None:
        sessions.end(name)
        self._admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def database_at(dsn: str) -> Database:
    """Return the database at an address, with its server's major version."""
    (row,) = Database(dsn, 0).query("SELECT current_setting('server_version_num')::int / 10000 AS major")
    return Database(dsn, row["major"])


def roomy_memory() -> Path | None:
    """Return a folder in memory with room for servers, or None for where temporary files go.

    A database a test is a thousand files, which take a disk several times as long to make and to delete.
    """
    try:
        found = os.statvfs(_MEMORY)
    except OSError:
        return None
    is_roomy = found.f_bavail * found.f_frsize >= _ROOM
    return _MEMORY if is_roomy and os.access(_MEMORY, os.W_OK) else None


def dsn_of(dsn: str, dbname: str) -> str:
    """Return a libpq URI with another database."""
    match = re.fullmatch(r"(postgres(?:ql)?://[^/?]*)(?:/[^?]*)?(\?.*)?", dsn)
    if match is None:
        raise ValueError("ETL_TEST_DSN is not a libpq URI: postgresql://user:password@host:port/database")
    return f"{match[1]}/{dbname}{match[2] or ''}"


def dbname_of(dsn: str) -> str:
    """Return the name of the database in a libpq URI of ours."""
    return urlsplit(dsn).path.removeprefix("/")


def with_parameter(dsn: str, parameter: str) -> str:
    """Return a libpq URI with one more parameter."""
    return f"{dsn}{'&' if '?' in dsn else '?'}{parameter}"


def as_role(dsn: str, role: str) -> str:
    """Return a libpq URI of the same login, which becomes a role."""
    return with_parameter(dsn, f"options=-crole%3D{role}")


def as_user(dsn: str, role: str) -> str:
    """Return a libpq URI with the user of a role, in place of the superuser; on a given server that one becomes it."""
    return as_role(dsn, f"test_{role}") if GIVEN_DSN else dsn.replace("postgres@", f"test_{role}@", 1)


def make_user(database: Database, role: str) -> None:
    """Make a user of a role of sql/roles.sql; on a given server one that can't log in."""
    login = "NOLOGIN" if GIVEN_DSN else "LOGIN"
    database.execute(
        f"DO $$ BEGIN CREATE ROLE test_{role} {login} IN ROLE {role}; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
    )


def initialise_database(database: Database) -> None:
    """Run `etl init` on a database."""
    from etl.db.connection import Postgres  # noqa: PLC0415 — unit tests need no ADBC
    from etl.load.schema import initialise  # noqa: PLC0415 — likewise

    with Postgres(database.owner_dsn) as db:
        initialise(db)


class Servers:
    """The servers of a test session, each started when it is first asked for."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._servers: dict[str, Server] = {}

    def get(self, version: str) -> Server:
        """Return the server of a version, one of VERSIONS."""
        if version not in self._servers:
            server = Server(GIVEN_DSN or self._start(version))
            self._stack.callback(server.close)
            self._servers[version] = server
            if not GIVEN_DSN and version != f"pg{server.major}":
                pytest.fail(f"The server that stands for {version} is Postgres {server.major}.")
        return self._servers[version]

    def _start(self, version: str) -> str:
        programs = CHOICE.programs[version]
        if programs == DEBIAN_15 and not HAS_15:
            pytest.fail(f"CI tests Postgres 15 too, and there is none in {DEBIAN_15}: install postgresql-15")
        folder = tempfile.TemporaryDirectory(prefix="etl-test-", dir=roomy_memory())
        home = Path(self._stack.enter_context(folder))
        home.chmod(0o755)  # a root user's server runs as nobody
        server = EmbeddedPostgres(home / "data", binaries=programs, settings=FAST)
        return self._stack.enter_context(server).dsn()
