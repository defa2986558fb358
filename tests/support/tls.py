"""Authorities and certificates of the tests' own, and servers of Postgres that speak TLS with them.

The embedded Postgres is built without TLS, so these servers are Debian's 15 (CI must have it), or the version that
ETL_TEST_POSTGRES asks for.
"""

import os
import ssl
import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import psycopg
import trustme

from etl.embedded.postgres import EmbeddedPostgres
from etl.embedded.sockets import free_port
from etl.runtime import queries
from tests.support.postgres import CHOICE, FAST, SCRAM, Database, Server

USER = "etl_job"
PASSWORD = "cnry/tls@1 pass"

_RULES = """
local   all all          trust
hostssl all all  all     scram-sha-256
{host}  all all  all     scram-sha-256
"""


class Certificates:
    """An authority and what it signed, and another authority; PEM files in a folder."""

    def __init__(self, folder: Path) -> None:
        self._authority = trustme.CA()
        self.authority = folder / "authority.pem"
        self.stranger = folder / "stranger.pem"
        self.garbage = folder / "garbage.pem"
        self._authority.cert_pem.write_to_path(self.authority)
        trustme.CA().cert_pem.write_to_path(self.stranger)
        self.garbage.write_text("no certificate")

    def issue(self, kind: str) -> trustme.LeafCert:
        """Issue a certificate: 'right', for 'another host', or 'expired' since yesterday."""
        names = ("other.example",) if kind == "another host" else ("localhost", "127.0.0.1")
        now = datetime.now(UTC)
        days = (-9, -1) if kind == "expired" else (-1, 9)
        start, end = (now + timedelta(days=day) for day in days)
        return self._authority.issue_cert(*names, not_before=start, not_after=end)

    def context(self, kind: str) -> ssl.SSLContext:
        """Return what a server of Python needs to serve with a certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.issue(kind).configure_cert(context)
        return context


class TlsServer(NamedTuple):
    """A server that lets people in by TLS and a password only, or, without TLS, by a password."""

    server: Server
    port: int
    is_tls: bool

    def via(
        self, database: Database, parameters: str, host: str = "localhost", password: str = PASSWORD
    ) -> str:
        """Return the address of a database as the job has it."""
        name = psycopg.conninfo.conninfo_to_dict(database.dsn)["dbname"]
        return f"postgresql://{USER}:{quote(password, safe='')}@{host}:{self.port}/{name}?{parameters}"


class TlsServers:
    """A server for each kind of certificate, each started when it is first asked for."""

    def __init__(self, stack: ExitStack, certificates: Certificates) -> None:
        self._stack = stack
        self._certificates = certificates
        self._servers: dict[str, TlsServer] = {}

    def get(self, kind: str) -> TlsServer:
        """Return the server with a kind of certificate; 'none' speaks no TLS."""
        if kind not in self._servers:
            self._servers[kind] = self._start(kind)
        return self._servers[kind]

    def _start(self, kind: str) -> TlsServer:
        home = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="etl-test-")))
        home.chmod(0o755)  # a root user's server runs as nobody
        port = free_port()
        listen = {"listen_addresses": "127.0.0.1", "port": str(port)}
        postgres = EmbeddedPostgres(home / "data", binaries=CHOICE.tls, settings=FAST | SCRAM | listen)
        self._stack.enter_context(postgres)
        folder = (home / "data").resolve()
        _write(folder / "pg_hba.conf", _RULES.format(host="host" if kind == "none" else "# "))
        with psycopg.connect(postgres.dsn(), autocommit=True) as admin:
            admin.execute(f"CREATE ROLE {USER} LOGIN PASSWORD '{PASSWORD}'")
            if kind != "none":
                certificate = self._certificates.issue(kind)
                _write(folder / "server.crt", certificate.cert_chain_pems[0].bytes().decode())
                _write(folder / "server.key", certificate.private_key_pem.bytes().decode())
                admin.execute("ALTER SYSTEM SET ssl = on")
        postgres.stop()  # started again, it has all of that for sure
        postgres.start()
        return TlsServer(Server(postgres.dsn()), port, kind != "none")


def _write(path: Path, text: str) -> None:
    """Write a file that belongs to the server's account, and that nobody else may read."""
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(text)
    owner = path.parent.stat()
    os.chown(path, owner.st_uid, owner.st_gid)


def let_in(database: Database) -> None:
    """Give the job's user the role that syncs, as an owner does."""
    database.execute(queries.text("roles"))
    database.execute(f"GRANT etl_sync TO {USER}")
