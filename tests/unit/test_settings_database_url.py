"""DATABASE_URL in every form that people write it, and what libpq gets."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.conninfo import conninfo_to_dict
from pydantic import SecretStr

from etl.config.database import HostParts, proof_notes, read_database_url
from etl.errors import ConfigError

DEFAULTS = (
    "connect_timeout=10&application_name=iconsiam-etl&keepalives=1&keepalives_idle=30"
    "&keepalives_interval=10&keepalives_count=3"
)


def dsn(text: str, parts: HostParts | None = None) -> str:
    """The address for libpq."""
    return read_database_url(text, parts).dsn.get_secret_value()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("postgres://u:p@db.example:5433/cms", "postgresql://u:p@db.example:5433/cms"),
        ("postgresql://u:p@db.example/cms", "postgresql://u:p@db.example/cms"),
        ("POSTGRES://u:p@db.example/cms", "postgresql://u:p@db.example/cms"),
        ("postgresql:///cms", "postgresql:///cms"),
        ("postgresql://db.example", "postgresql://db.example/"),
        ("postgresql://u@[::1]:5432/cms", "postgresql://u@[::1]:5432/cms"),
        ("postgresql://u@%2Ftmp%2Fpg/cms", "postgresql://u@%2Ftmp%2Fpg/cms"),
        ("postgresql://u:p@one:5432,two:5433/cms", "postgresql://u:p@one:5432,two:5433/cms"),
        (" postgresql://u:p@h/cms\n", "postgresql://u:p@h/cms"),
    ],
)
def test_whole_address(text: str, expected: str) -> None:
    """Both schemes, IPv6, sockets, several hosts; timeouts, name and keepalives are added."""
    assert dsn(text) == f"{expected}?{DEFAULTS}"


@pytest.mark.parametrize(
    ("password", "encoded"),
    [
        ("p@ss#w%rd", "p%40ss%23w%25rd"),
        ("p%40ss", "p%40ss"),
        ("a:b/c?d", "a%3Ab%2Fc%3Fd"),
        ("a@b/c@d", "a%40b%2Fc%40d"),
        ("100%", "100%25"),
        ("ก ข", "%E0%B8%81%20%E0%B8%82"),
        ("p@h?x", "p%40h%3Fx"),
    ],
)
def test_password_with_special_characters(password: str, encoded: str) -> None:
    """Characters that should have been percent-encoded are, where only one reading is possible."""
    assert dsn(f"postgres://u:{password}@db.example:5432/cms") == (
        f"postgresql://u:{encoded}@db.example:5432/cms?{DEFAULTS}"
    )


def test_user_with_an_at_sign() -> None:
    """A user such as Azure's `user@server` is read too."""
    assert dsn("postgres://etl@srv:pw@srv.example/cms").startswith(
        "postgresql://etl%40srv:pw@srv.example/cms?"
    )


def test_at_sign_in_a_known_parameter_is_no_password() -> None:
    """`@` in the value of a parameter does not make the host a part of the password."""
    assert dsn("postgres://u:p@h/cms?application_name=a@b").startswith("postgresql://u:p@h/cms?")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("postgres://u:s3cr%20et%zz@h/cms", "The password in DATABASE_URL is percent-encoded in part only"),
        ("postgres://u:s3cret@h?pin=1@real/cms", "can be read in more than one way"),
        (
            "postgres://u:s3cret@h:port/cms",
            "DATABASE_URL can't be read; write postgresql://user:password@host",
        ),
        ("postgres://u:s3cret@h:70000/cms", "a port that is not a whole number from 1 to 65535"),
        ("postgres://u:s3cret%00@h/cms", "holds a NUL character"),
        ("postgres://u:s3cret@h/cms?sslmode=sometimes", "sslmode=sometimes; allowed: disable, allow, prefer"),
        ("postgres://u:s3cret@h/cms?schema=a;b", "schema= that is not a plain name"),
        ("mysql://u:s3cret@h/cms", "begins with 'mysql:'; allowed: postgresql://user:password@host"),
        ("host=h password=s3cret", "neither a whole address nor a host name"),
        ("u:s3cret@h/cms", "neither a whole address nor a host name"),
        ("embedded://", "names no folder"),
    ],
)
def test_unreadable_address_is_told_without_the_password(text: str, message: str) -> None:
    """What can't be read without guessing is a usage error that says what to write, and shows no secret."""
    with pytest.raises(ConfigError) as caught:
        read_database_url(text)
    assert message in str(caught.value)
    assert "s3cr" not in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("query", "added", "notes"),
    [
        ("schema=public", "", ["schema=public was left out; it is the default."]),
        (
            "schema=Cms",
            "&options=-c%20search_path%3D%22Cms%22",
            ["schema=Cms became the search path of the connection."],
        ),
        (
            "options=-c%20work_mem%3D8MB&schema=cms",
            "&options=-c%20work_mem%3D8MB%20-c%20search_path%3D%22cms%22",
            ["schema=cms became the search path of the connection."],
        ),
        (
            "sslmode=no-verify",
            "&sslmode=require",
            ["sslmode=no-verify became sslmode=require, which does not verify the certificate either."],
        ),
        ("ssl=true", "&sslmode=require", ["ssl=true became sslmode=require."]),
        ("ssl=false", "&sslmode=disable", ["ssl=false became sslmode=disable."]),
        (
            "ssl=true&sslmode=verify-full",
            "&sslmode=verify-full",
            ["ssl=true was left out, since sslmode says it."],
        ),
        (
            "sslaccept=accept_invalid_certs",
            "",
            ["sslaccept=accept_invalid_certs was left out; sslmode says whether certificates are verified."],
        ),
        (
            "sslaccept=strict&sslcert=/ca.pem",
            "&sslmode=verify-full&sslrootcert=%2Fca.pem",
            [
                "sslaccept=strict became sslmode=verify-full; sslrootcert names the authority's file.",
                "sslcert became sslrootcert, since it stands beside sslaccept and without an sslkey.",
            ],
        ),
        (
            "connection_limit=5&pool_timeout=9&uselibpqcompat=true",
            "",
            [
                "Left out of DATABASE_URL, since libpq does not know or take them: "
                "connection_limit, pool_timeout, uselibpqcompat."
            ],
        ),
        ("target_session_attrs=read-write&", "&target_session_attrs=read-write", []),
        ("sslmode=", "", []),
    ],
)
def test_parameters_of_other_tools(query: str, added: str, notes: list[str]) -> None:
    """What libpq refuses is left out or translated, and a note says so."""
    database = read_database_url(f"postgres://u:p@h/cms?{query}")
    assert database.dsn.get_secret_value() == f"postgresql://u:p@h/cms?{DEFAULTS}{added}"
    assert list(database.notes) == notes


def test_pgbouncer_is_advised_against() -> None:
    """`pgbouncer=true` is left out, with the advice to use the server's own address."""
    (note,) = read_database_url("postgres://u:p@h/cms?pgbouncer=true").notes
    assert "use the server's own address" in note


def test_libpq_reads_what_was_meant() -> None:
    """Through psycopg, libpq itself sees password, search path and SSL mode as they were meant."""
    seen = conninfo_to_dict(dsn("postgres://u:p@ss#w%rd@h:5432/cms?schema=Cms&ssl=true&pool_timeout=3"))
    assert seen["password"] == "p@ss#w%rd"
    assert (seen["options"], seen["sslmode"]) == ('-c search_path="Cms"', "require")
    assert (seen["application_name"], seen["connect_timeout"]) == ("iconsiam-etl", "10")


def test_own_parameters_come_before_the_defaults() -> None:
    """A timeout or name in the address stays."""
    text = dsn("postgres://u:p@h/cms?connect_timeout=3&application_name=mine")
    assert "connect_timeout=3&application_name=mine&keepalives=1" in text


@pytest.mark.parametrize(
    ("host", "at"),
    [
        ("db.example", "db.example:5432"),
        ("db.example:6432", "db.example:6432"),
        ("my_db", "my_db:5432"),
        ("::1", "[::1]:5432"),
        ("[::1]:6432", "[::1]:6432"),
        ("/var/run/postgresql", "%2Fvar%2Frun%2Fpostgresql:5432"),
    ],
)
def test_bare_host(host: str, at: str) -> None:
    """A bare host is completed by the settings beside it; their values need no encoding."""
    parts = HostParts(name="cms", user="etl", password=SecretStr("p@ss/%41"))
    assert dsn(host, parts) == f"postgresql://etl:p%40ss%2F%2541@{at}/cms?{DEFAULTS}"


def test_bare_host_with_port_and_ssl_mode() -> None:
    """DATABASE_PORT and DATABASE_SSL_MODE count; no-verify becomes require."""
    parts = HostParts(port="6432", name="cms", user="etl", ssl_mode="No-Verify")
    assert dsn("db", parts) == f"postgresql://etl@db:6432/cms?{DEFAULTS}&sslmode=require"


def test_everything_wrong_beside_a_bare_host_is_told_at_once() -> None:
    """Port, name, user and SSL mode: one error, a line each."""
    with pytest.raises(ConfigError) as caught:
        read_database_url("db", HostParts(port="0", ssl_mode="maybe"))
    assert str(caught.value).split("\n") == [
        "DATABASE_PORT is '0'; allowed: a whole number from 1 to 65535.",
        "DATABASE_NAME is not set; a bare host in DATABASE_URL needs it.",
        "DATABASE_USER is not set; a bare host in DATABASE_URL needs it.",
        "DATABASE_SSL_MODE is 'maybe'; allowed: disable, allow, prefer, require, verify-ca, verify-full, "
        "no-verify.",
    ]


def test_parts_beside_a_whole_address_are_told_to_be_unused() -> None:
    """A whole address says all; a note names the settings that don't count."""
    database = read_database_url("postgres://u:p@h/cms", HostParts(port="1", password=SecretStr("x")))
    assert database.notes == ("Not used, since DATABASE_URL is a whole address: DATABASE_PORT, DB_PASS.",)


@pytest.mark.parametrize(
    ("text", "folder"),
    [
        ("embedded:///data/pg", Path("/data/pg")),
        ("embedded://data/pg", Path("data/pg")),
        ("embedded:data/p%20g", Path("data/p g")),
        ("embedded:~/pg", Path.home() / "pg"),
    ],
)
def test_embedded(text: str, folder: Path) -> None:
    """Three slashes: a folder from the root; two or none: from the working folder. No address yet."""
    database = read_database_url(text)
    assert database.embedded == folder
    assert database.shown == f"embedded Postgres in {folder}"
    assert database.dsn.get_secret_value() == ""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgres://u:p@h:5432/cms", "h:5432/cms as u"),
        ("postgres://h", "h"),
        ("postgres:///cms?host=/tmp&user=me", "/tmp/cms as me"),
        ("postgres:///", "local socket"),
    ],
)
def test_shown_has_no_password(text: str, shown: str) -> None:
    """Messages name host, database and user; neither they nor the repr hold the password."""
    database = read_database_url(text)
    assert database.shown == shown
    assert ":p@" not in repr(database)


@pytest.mark.parametrize(
    ("text", "is_proved"),
    [
        ("postgres://u:p@db.example/cms", False),
        ("postgres://u:p@db.example/cms?sslmode=disable", False),
        ("postgres://u:p@db.example/cms?sslmode=prefer&sslrootcert=/ca.pem", False),
        ("postgres://u:p@db.example/cms?sslmode=require", False),
        ("postgres://u:p@db.example/cms?sslmode=require&sslrootcert=/ca.pem", True),
        ("postgres://u:p@db.example/cms?sslmode=no-verify", False),
        ("postgres://u:p@db.example/cms?sslaccept=strict", True),
        ("postgres://u:p@db.example/cms?sslaccept=accept_invalid_certs&sslmode=require", False),
        ("postgres://u:p@db.example/cms?sslmode=verify-ca", True),
        ("postgres://u:p@db.example/cms?sslmode=verify-full", True),
        ("postgres://u:p@db.example/cms?sslrootcert=system", True),
        ("postgres://u:p@db.example/cms?sslrootcert=/ca.pem", False),
        ("postgres://u:p@localhost:5432/cms", True),
        ("postgres://u:p@127.0.0.2/cms", True),
        ("postgres://u:p@[::1]:5432/cms", True),
        ("postgres://u:p@[2001:db8::1]:5432/cms", False),
        ("postgres://u:p@localhost:5432,db.example:5432/cms", False),
        ("postgres://u:p@localhost.example/cms", False),
        ("postgres://u:p@localhost/cms?host=db.example", False),
        ("postgres://u:p@localhost/cms?hostaddr=10.0.0.1", False),
        ("postgres://u:p@%2Fvar%2Frun/cms", True),
        ("postgres:///cms?host=/var/run", True),
        ("postgres:///cms", True),
        ("db.example", False),
        ("localhost", True),
        ("embedded:///data", True),
    ],
)
def test_a_server_that_need_not_prove_who_it_is(text: str, is_proved: bool) -> None:
    """In production that is noted, but for servers of this machine; elsewhere nobody minds."""
    database = read_database_url(text, HostParts(name="cms", user="u"))
    assert database.is_proved == is_proved
    assert bool(list(proof_notes(database, is_production=True))) == (not is_proved)
    assert list(proof_notes(database, is_production=False)) == []


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="%\x00"), min_size=1, max_size=12))
def test_any_password_is_right_or_refused(password: str) -> None:
    """What stands unescaped between user and host arrives as it is; only what looks like a query may not."""
    try:
        text = dsn(f"postgres://u:{password}@db.example:5432/cms")
    except ConfigError:
        assert "@" in password
        assert "?" in password
    else:
        seen = conninfo_to_dict(text)
        assert (seen["host"], seen["password"], seen["dbname"]) == ("db.example", password, "cms")
