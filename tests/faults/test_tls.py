"""Promise: TLS is verified, to Postgres and to the API: a server that can't prove who it is gets nothing."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.support.api import FakeApi
from tests.support.postgres import CHOICE, Database
from tests.support.process import run, run_refused
from tests.support.sync import Mall, record
from tests.support.tls import PASSWORD, USER, Certificates, TlsServer, TlsServers, let_in
from tests.support.versions import IN_CI

pytestmark = pytest.mark.quick(cases=1)

needs_tls = pytest.mark.skipif(
    not (CHOICE.tls / "postgres").exists() and not IN_CI,
    reason=f"the embedded Postgres has no TLS, and there is no other in {CHOICE.tls}",
)

FEED = [record(f"T{number}") for number in range(12)]


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Give the certificates of this module."""
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def servers(certificates: Certificates) -> Iterator[TlsServers]:
    """Give the servers of this module."""
    with ExitStack() as stack:
        yield TlsServers(stack, certificates)


class Place(NamedTuple):
    """A mall on a server that speaks TLS."""

    mall: Mall
    server: TlsServer

    def go_via(self, parameters: str, host: str = "localhost", password: str = PASSWORD) -> Mall:
        """Let the job connect with these parameters."""
        self.mall.via = self.server.via(self.mall.database, parameters, host, password)
        return self.mall


@pytest.fixture
def place(
    request: pytest.FixtureRequest, servers: TlsServers, api: FakeApi, tmp_path: Path
) -> Iterator[Place]:
    """Give a mall on the server of a kind ('right' by default), which tells how those who write it came."""
    server = servers.get(getattr(request, "param", "right"))
    with server.server.database() as database:
        let_in(database)
        database.execute(
            "CREATE TABLE came (ssl bool, version text, username text); "
            "CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN "
            "INSERT INTO came SELECT ssl, version, session_user FROM pg_stat_ssl WHERE pid = pg_backend_pid(); "
            "RETURN NULL; END $$; "
            "CREATE TRIGGER tell AFTER INSERT ON shops EXECUTE FUNCTION tell()"
        )
        api.records = list(FEED)
        yield Place(Mall(api, database, tmp_path / "snapshots"), server)


def _assert_came(mall: Mall) -> None:
    """All rows were written, by the job's user over TLS."""
    assert mall.database.query("SELECT count(*) AS n FROM shops") == [{"n": len(FEED)}]
    came = mall.database.query("SELECT DISTINCT * FROM came")
    assert came == [{"ssl": True, "version": "TLSv1.3", "username": USER}]


WELL: dict[str, tuple[str, str, str]] = {
    "a name": ("right", "localhost", "sslmode=verify-full&sslrootcert={authority}"),
    "an IP address": ("right", "127.0.0.1", "sslmode=verify-full&sslrootcert={authority}"),
    "as Prisma has it": ("right", "localhost", "schema=public&sslaccept=strict&sslcert={authority}"),
    "the authority alone": ("another host", "localhost", "sslmode=verify-ca&sslrootcert={authority}"),
}
"""The server's certificate, the host, and the parameters."""


@pytest.mark.long
@needs_tls
@pytest.mark.parametrize(("place", "host", "parameters"), WELL.values(), ids=WELL, indirect=["place"])
def test_a_server_that_proves_who_it_is(
    place: Place, certificates: Certificates, host: str, parameters: str
) -> None:
    """The run succeeds, and the connection that writes is encrypted."""
    mall = place.go_via(parameters.format(authority=certificates.authority), host)
    ended = run(mall, "sync", node_env="production")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    _assert_came(mall)


@pytest.mark.long
@needs_tls
def test_the_authorities_of_the_machine(place: Place, certificates: Certificates) -> None:
    """`sslrootcert=system` takes those that OpenSSL finds; SSL_CERT_FILE names others."""
    mall = place.go_via("sslrootcert=system")
    run_refused(mall, 1, "the server's certificate is not trusted")
    assert run(mall, "sync", ssl_cert_file=certificates.authority).returncode == 0
    _assert_came(mall)


@pytest.mark.long
@needs_tls
def test_a_bare_host(place: Place, certificates: Certificates) -> None:
    """DATABASE_SSL_MODE beside a bare host; libpq's own PGSSLROOTCERT names the authority."""
    mall = place.mall
    settings = {
        "database_url": "localhost",
        "database_port": place.server.port,
        "database_name": mall.database.query("SELECT current_database() AS name")[0]["name"],
        "database_user": USER,
        "db_pass": PASSWORD,
        "database_ssl_mode": "verify-full",
    }
    run_refused(mall, 1, "not trusted", **settings, pgsslrootcert=certificates.stranger)
    assert run(mall, "sync", **settings, pgsslrootcert=certificates.authority).returncode == 0
    _assert_came(mall)


NOT_TRUSTED = ("the server's certificate is not trusted", "expired", "let DATABASE_URL name the right file")
OTHER_HOST = ("the server's certificate is for another host", "Write the host in DATABASE_URL as")
NO_FILE = ("there is no authority to verify the server by", "Let sslrootcert in DATABASE_URL name a PEM file")
NO_TLS = ("the server does not speak TLS", "Switch TLS on at the server")

REFUSED: dict[str, tuple[str, str, str, tuple[str, ...]]] = {
    "another authority": ("right", "localhost", "sslmode=verify-full&sslrootcert={stranger}", NOT_TRUSTED),
    "another, verify-ca": ("right", "127.0.0.1", "sslmode=verify-ca&sslrootcert={stranger}", NOT_TRUSTED),
    "another, require": ("right", "localhost", "sslmode=require&sslrootcert={stranger}", NOT_TRUSTED),
    "no file": ("right", "localhost", "sslmode=verify-full&sslrootcert=/no/such/file", NO_FILE),
    "no file named": ("right", "localhost", "sslmode=verify-full", NO_FILE),
    "a file of garbage": ("right", "localhost", "sslmode=verify-full&sslrootcert={garbage}", NO_FILE),
    "system, but weak": ("right", "localhost", "sslmode=require&sslrootcert=system", ("verify-full only",)),
    "another host": ("another host", "localhost", "sslmode=verify-full&sslrootcert={authority}", OTHER_HOST),
    "another IP": ("another host", "127.0.0.1", "sslmode=verify-full&sslrootcert={authority}", OTHER_HOST),
    "expired": ("expired", "localhost", "sslmode=verify-full&sslrootcert={authority}", NOT_TRUSTED),
    "expired, verify-ca": ("expired", "localhost", "sslmode=verify-ca&sslrootcert={authority}", NOT_TRUSTED),
    "no TLS": ("none", "localhost", "sslmode=verify-full&sslrootcert={authority}", NO_TLS),
    "no TLS, require": ("none", "127.0.0.1", "sslmode=require", NO_TLS),
    "TLS is wanted": ("right", "localhost", "sslmode=disable", ("without TLS", "set sslmode=verify-full")),
}
"""The server's certificate, the host, the parameters, and what the message says."""


@needs_tls
@pytest.mark.parametrize(
    ("place", "host", "parameters", "words"), REFUSED.values(), ids=REFUSED, indirect=["place"]
)
def test_a_server_that_does_not(
    place: Place, certificates: Certificates, host: str, parameters: str, words: tuple[str, ...]
) -> None:
    """Exit 1 with why and what to do, without a second try and before a request to the API."""
    mall = place.go_via(parameters.format(**vars(certificates)), host)
    said = run_refused(mall, 1, *words)
    assert "database_retry" not in said
    assert mall.api.requests == []


@needs_tls
def test_a_list_of_hosts(place: Place, certificates: Certificates) -> None:
    """Where nobody listens at the first host, what is told is why the second was refused."""
    mall = place.go_via(f"sslmode=verify-full&sslrootcert={certificates.stranger}")
    mall.via = mall.via.replace("@localhost:", "@127.0.0.1:1,localhost:")
    run_refused(mall, 1, *NOT_TRUSTED)


@pytest.mark.long
@needs_tls
@pytest.mark.parametrize("place", ["right", "none"], indirect=True)
@pytest.mark.parametrize("mode", ["verify-full", "prefer"])
def test_a_wrong_password(place: Place, certificates: Certificates, mode: str) -> None:
    """By SCRAM, with TLS and without: exit 1, neither the wrong nor the right password is told; the right one works."""
    is_tls = place.server.is_tls
    parameters = f"sslmode={mode if is_tls else 'prefer'}&sslrootcert={certificates.authority}"
    mall = place.go_via(parameters, password="wr0ng pw")
    said = run_refused(mall, 1, "password authentication failed", "check the user and password")
    assert "database_retry" not in said
    assert PASSWORD not in said
    assert run(place.go_via(parameters), "sync").returncode == 0
    assert mall.database.query("SELECT DISTINCT ssl FROM came") == [{"ssl": is_tls}]


FAR = "postgresql://u:p%40ss@db.invalid/cms"


def test_an_unproved_database_in_production_is_warned_of(mall: Mall) -> None:
    """Another server could take its place: `etl check` and each run say so (the name resolves to nothing here)."""
    settings: dict[str, Any] = {
        "database_url": f"{FAR}?sslmode=require",
        "node_env": "production",
        "database_retries": 0,
    }
    checked = run(mall, "check", **settings)
    assert "does not verify the server's certificate" in " ".join(checked.stdout.split())
    synced = run(mall, "sync", **settings)
    assert '"event": "database_address"' in synced.stdout
    assert "sslmode=verify-full" in synced.stdout
    for quiet in (
        settings | {"database_url": f"{FAR}?sslmode=verify-full"},
        settings | {"node_env": "development"},
        {"node_env": "production"},
    ):
        assert "certificate" not in run(mall, "check", **quiet).stdout


@pytest.fixture
def secure_mall(
    request: pytest.FixtureRequest, certificates: Certificates, database: Database, tmp_path: Path
) -> Iterator[Mall]:
    """Give a mall with an API that speaks TLS with a kind of certificate, 'right' by default."""
    with FakeApi(list(FEED), tls=certificates.context(getattr(request, "param", "right"))) as api:
        yield Mall(api, database, tmp_path / "snapshots")


def test_an_api_that_proves_who_it_is(secure_mall: Mall, certificates: Certificates) -> None:
    """REQUESTS_CA_BUNDLE names the authority; the run succeeds, over https."""
    assert secure_mall.api.url.startswith("https:")
    ended = run(secure_mall, "sync", requests_ca_bundle=certificates.authority)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert secure_mall.database.query("SELECT count(*) AS n FROM shops") == [{"n": len(FEED)}]


API_REFUSED = {
    "no authority": ("right", {}, "is of no authority that is known here"),
    "another authority": (
        "right",
        {"requests_ca_bundle": "{stranger}"},
        "is of no authority that is known here",
    ),
    "another host": ("another host", {"requests_ca_bundle": "{authority}"}, "is for another host"),
    "expired": ("expired", {"requests_ca_bundle": "{authority}"}, "has expired"),
    "nothing switches it off": (
        "right",
        {"pythonhttpsverify": "0", "requests_ca_bundle": "", "curl_ca_bundle": "", "node_env": "development"},
        "is of no authority that is known here",
    ),
}


@pytest.mark.parametrize(
    ("secure_mall", "settings", "words"), API_REFUSED.values(), ids=API_REFUSED, indirect=["secure_mall"]
)
def test_an_api_that_does_not(
    secure_mall: Mall, certificates: Certificates, settings: dict[str, str], words: str
) -> None:
    """Exit 1 with why and what to do; no request, and so no key, ever reaches the server."""
    filled: dict[str, Any] = {name: value.format(**vars(certificates)) for name, value in settings.items()}
    said = run_refused(
        secure_mall, 1, words, "not trusted", "REQUESTS_CA_BUNDLE", **filled, x_apig_appcode="key"
    )
    assert secure_mall.api.requests == []
    assert "retry" not in said


@pytest.mark.parametrize("bundle", ["{garbage}", "/no/such/file", "false", "0"])
def test_a_bundle_that_is_none(secure_mall: Mall, certificates: Certificates, bundle: str) -> None:
    """A file that is not there, or holds no certificate, is told (exit 2); it does not mean 'trust anyone'."""
    bundle = bundle.format(**vars(certificates))
    run_refused(secure_mall, 2, "REQUESTS_CA_BUNDLE names can't be read", requests_ca_bundle=bundle)
    assert secure_mall.api.requests == []
