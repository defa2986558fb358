"""Why a connection failed, by libpq's words: those that a test can't bring about at will, and their order."""

import pytest

from etl.db.connect_errors import find_failure
from etl.db.errors import connect_error

AT = 'connection to server at "db.example" (10.0.0.1), port 5432 failed: '
ENTRY = 'no pg_hba.conf entry for host "10.0.0.9", user "u", database "cms", '
HBA = f"FATAL:  {ENTRY}"


@pytest.mark.parametrize(
    ("said", "reason", "sqlstate"),
    [
        (f"{AT}{HBA}no encryption", f"{ENTRY}no encryption", "28000"),
        (f"{AT}{HBA}SSL off", f"{ENTRY}SSL off", "28000"),
        (f"{AT}{HBA}SSL encryption\n{AT}{HBA}no encryption", f"{ENTRY}SSL encryption", "28000"),
        (f"{AT}{HBA}SSL on\n{AT}{HBA}SSL off", f"{ENTRY}SSL on", "28000"),
        (f'{AT}FATAL:  password authentication failed for user "u"\n{AT}{HBA}no encryption',
         'password authentication failed for user "u"', "28P01"),
        (f"{AT}Connection refused\n{AT}SSL error: certificate verify failed",
         "the server's certificate is not trusted", ""),
        (f'{AT}root certificate file "/x" does not exist', "there is no authority to verify the server by", ""),
        (f'{AT}FATAL:  database "cms" does not exist', 'database "cms" does not exist', "3D000"),
        (f'{AT}FATAL:  role "u" does not exist', 'role "u" does not exist', "28000"),
        (f"{AT}SSL error: tlsv1 alert unknown ca", "SSL error: tlsv1 alert unknown ca", ""),
        (f"{AT}SSL SYSCALL error: EOF detected", "the server hung up", "08001"),
        (f"{AT}SSL SYSCALL error: Connection reset by peer", "the server hung up", "08001"),
        (f"{AT}SSL connection has been closed unexpectedly", "the server hung up", "08001"),
        ('could not translate host name "db.example" to address: Temporary failure in name resolution',
         "the host's name can't be looked up just now", "08001"),
        ('could not translate host name "db.example" to address: Name or service not known',
         "could not translate host name", ""),
        (f"{AT}SSL SYSCALL error: EOF detected\n{AT}SSL error: certificate verify failed",
         "the server's certificate is not trusted", ""),
        (f"{AT}No route to host", "No route to host", "08001"),
        (f"{AT}session is read-only", "session is read-only", "08001"),
        ("something new", "the server did not answer", "08001"),
    ],
)  # fmt: skip
def test_the_reason_that_matters_is_shown(said: str, reason: str, sqlstate: str) -> None:
    """Of several reasons, the one that a person has to mend; only a server that is not there is tried again."""
    failure = find_failure(said)
    assert (failure.reason, failure.sqlstate) == (reason, sqlstate)


@pytest.mark.parametrize(
    ("words", "sqlstate"),
    [
        ('permission denied for database "cms"', "42501"),
        ('PAM authentication failed for user "u"', "28000"),
        ('LDAP authentication failed for user "u"', "28000"),
        ('role "u" is not permitted to log in', "28000"),
        ('database "cms" is not currently accepting connections', "55000"),
        ("the database system is not accepting connections", "55000"),
        ("This RDS proxy has no credentials for the role u. Check the credentials for this role and try again", "28000"),
        ("Tenant or user not found", "28000"),
        ("no such user", "28000"),
        ("no such database: cms", "3D000"),
        ("a refusal that nobody has met yet", ""),
    ],
)  # fmt: skip
def test_what_no_other_try_mends(words: str, sqlstate: str) -> None:
    """A server that refuses: its own words after FATAL, and no further try."""
    failure = find_failure(f"{AT}FATAL:  {words}.\n")
    assert (failure.reason, failure.sqlstate) == (words, sqlstate)
    assert not connect_error(f"{AT}FATAL:  {words}", "the database").is_passing


@pytest.mark.parametrize(
    "words",
    [
        "the database system is starting up",
        "the database system is shutting down",
        "the database system is in recovery mode",
        "the database system is not yet accepting connections",
        "sorry, too many clients already",
        'too many connections for role "u"',
        "remaining connection slots are reserved for roles with the SUPERUSER attribute",
        "no more connections allowed (max_client_conn)",
        "Max client connections reached",
        "MaxClientsInSessionMode: max clients reached - in Session mode max clients are limited to pool_size",
        "Timed-out waiting to acquire database connection",
        "query_wait_timeout",
        "server login has been failing, try again later (server_login_retry)",
        "pgbouncer cannot connect to server",
        "terminating connection due to administrator command",
    ],
)
def test_what_passes(words: str) -> None:
    """A server that is not up yet, or full, or a pooler before it: its own words, and another try."""
    error = connect_error(f"{AT}FATAL:  {words}", "the database")
    assert error.is_passing
    assert f"Can't connect to the database: {words}. " in str(error)


def test_the_detail_is_part_of_the_words() -> None:
    """Postgres says in a second line what right is missing; the advice says who gives it."""
    said = (
        f'{AT}FATAL:  permission denied for database "cms"\nDETAIL:  User does not have CONNECT privilege.\n'
    )
    assert str(connect_error(said, "the database")) == (
        'Can\'t connect to the database: permission denied for database "cms" (User does not have CONNECT privilege). '
        "Let the database's owner run GRANT CONNECT ON DATABASE … TO the role."
    )


def test_words_in_another_language() -> None:
    """A server's severity is translated; what stands behind it are its words, and a refusal stays one."""
    failure = find_failure(f"{AT}ВАЖНО:  отказано")
    assert (failure.reason, failure.sqlstate) == ("отказано", "")


def test_words_are_harmless_on_a_terminal() -> None:
    """A pooler's words are another's text: escapes instead of control characters, and no more than 300 of them."""
    reason = find_failure(f"{AT}FATAL:  no\x1b]52;c;aGk=\x07 \u202eyes {'x' * 400}").reason
    assert reason.startswith("no\\x1b]52;c;aGk=\\x07 \\u202eyes xxx")
    assert len(reason) == 301


def test_a_malformed_address_is_not_repeated() -> None:
    """What libpq says of an address holds the address, and with it the password."""
    said = 'invalid percent-encoded token: "p%ZZs3cret" failed: "s3cret"'
    assert "s3cret" not in find_failure('missing "=" after "s3cret" in connection info string').reason
    assert "s3cret" not in find_failure(said.replace(" failed:", "")).reason
