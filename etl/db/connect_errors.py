"""Why a connection to Postgres failed, by the words of libpq and of the server: libpq gives no code."""

import re
from typing import NamedTuple


class ConnectFailure(NamedTuple):
    """How a connection fails.

    Attributes:
        words: What the message then has.
        sqlstate: Postgres's code for it; '' where another try would not help.
        shown: What is shown; '' for the server's own words.
        advice: What to do; '' where it goes by the code.
    """

    words: str
    sqlstate: str = ""
    shown: str = ""
    advice: str = ""

    @property
    def reason(self) -> str:
        """What a person reads."""
        return self.shown or self.words


_UNTRUSTED = (
    "It has expired, or no authority in sslrootcert signed it: let DATABASE_URL name the right file, e.g. "
    "sslmode=verify-full&sslrootcert=/path/global-bundle.pem on Amazon RDS."
)
_OTHER_HOST = (
    "Write the host in DATABASE_URL as the certificate has it (mostly a name, not an IP address or an alias)."
)
_NO_FILE = (
    "Let sslrootcert in DATABASE_URL name a PEM file that is there and holds the authority's certificate, or "
    "be `system` for the authorities that this machine trusts."
)
_NO_TLS = "Switch TLS on at the server; sslmode=disable in DATABASE_URL is for a server on this machine only."
_TLS_ONLY = (
    "It may let nobody in without TLS: set sslmode=verify-full (and sslrootcert) in DATABASE_URL. Else see that "
    "pg_hba.conf has this user, database and address."
)
_NOT_LET_IN = "See that the server's pg_hba.conf has this user, database and address."
_RDS_IAM = (
    "With IAM on Amazon RDS the password is a token that lives 15 minutes, and the role needs `GRANT rds_iam`: see both. "
    "Else check the user and password in DATABASE_URL or DB_PASS."
)
_PROXY = "Give the proxy a secret with this role's user and password, or connect to the server itself."
_PROJECT = "Write the user in DATABASE_URL as the pooler has it, mostly `role.project`, or connect to the server itself."
_NO_LOGIN = "Let the server's administrator run ALTER ROLE … LOGIN, or name another user in DATABASE_URL."
_NO_CONNECT = "Let the database's owner run GRANT CONNECT ON DATABASE … TO the role."
_CLOSED = "Let the server's administrator open it again, or name another host or database in DATABASE_URL."
_REFUSED = "The server is there and refuses the connection; the words are its own, and its log may have more."


_FAILURES: tuple[ConnectFailure, ...] = (
    ConnectFailure("password authentication failed", "28P01"),
    # before the refusals: `localhost`, or a list of hosts, may fail at one address for each of two reasons
    ConnectFailure("certificate verify failed", "", "the server's certificate is not trusted", _UNTRUSTED),
    ConnectFailure(
        "does not match host name", "", "the server's certificate is for another host", _OTHER_HOST
    ),
    ConnectFailure("root certificate file", "", "there is no authority to verify the server by", _NO_FILE),
    ConnectFailure("weak sslmode", "", "sslrootcert=system goes with sslmode=verify-full only", _NO_FILE),
    ConnectFailure("server does not support SSL", "", "the server does not speak TLS", _NO_TLS),
    ConnectFailure(", SSL encryption", "28000", "", _NOT_LET_IN),
    ConnectFailure(", no encryption", "28000", "", _TLS_ONLY),
    ConnectFailure(", SSL on", "28000", "", _NOT_LET_IN),  # until 13
    ConnectFailure(", SSL off", "28000", "", _TLS_ONLY),
    ConnectFailure("no pg_hba.conf entry", "28000", "", _TLS_ONLY),
    ConnectFailure("pg_hba.conf rejects", "28000", "", _NOT_LET_IN),
    ConnectFailure("PAM authentication failed", "28000", "", _RDS_IAM),
    ConnectFailure("no credentials for the role", "28000", "", _PROXY),
    ConnectFailure("Tenant or user not found", "28000", "", _PROJECT),
    ConnectFailure("authentication failed", "28000"),
    ConnectFailure("is not permitted to log in", "28000", "", _NO_LOGIN),
    ConnectFailure("permission denied for database", "42501", "", _NO_CONNECT),
    ConnectFailure("no password supplied", "28P01", "no password supplied"),
    # what passes when others give up their connections
    ConnectFailure("too many connections for", "53300"),
    ConnectFailure("too many clients", "53300"),
    ConnectFailure("remaining connection slots", "53300"),
    ConnectFailure("no more connections allowed", "53300"),  # PgBouncer
    ConnectFailure("ax client connections reached", "53300"),  # Supavisor, and its next line
    ConnectFailure("max clients reached", "53300"),
    ConnectFailure("nable to check out", "53300"),
    ConnectFailure("waiting to acquire database connection", "53300"),  # RDS Proxy
    ConnectFailure("query_wait_timeout", "53300"),  # PgBouncer
    # what passes when the server is up
    ConnectFailure("starting up", "57P03"),
    ConnectFailure("shutting down", "57P03"),
    ConnectFailure("in recovery mode", "57P03"),
    ConnectFailure("not yet accepting connections", "57P03"),
    ConnectFailure("onsistent recovery state", "57P03"),
    ConnectFailure("terminating connection", "57P01"),
    ConnectFailure("canceling authentication", "57P03"),
    ConnectFailure("server login has been failing", "08001"),  # PgBouncer, as the next one
    ConnectFailure("cannot connect to server", "08001"),
    ConnectFailure("system is not accepting connections", "55000", "", _CLOSED),
    ConnectFailure("not currently accepting connections", "55000", "", _CLOSED),
    ConnectFailure('role "', "28000"),
    ConnectFailure("no such user", "28000"),
    ConnectFailure("no such database", "3D000"),
    ConnectFailure("does not exist", "3D000"),
    ConnectFailure("Connection refused", "08001"),
    # what passes, before the failures of the same kind that stay
    ConnectFailure(
        "Temporary failure in name resolution", "08001", "the host's name can't be looked up just now"
    ),
    ConnectFailure("could not translate host name", "", "could not translate host name"),
    ConnectFailure("timeout expired", "08001"),
    ConnectFailure("server closed the connection", "08001", "the server hung up"),
    ConnectFailure("No such file or directory"),
    ConnectFailure("SSL SYSCALL error", "08001", "the server hung up"),
    ConnectFailure("SSL connection has been closed unexpectedly", "08001", "the server hung up"),
    ConnectFailure("SSL error"),
    ConnectFailure("SSL", "", "SSL"),
    ConnectFailure("invalid URI", "", "invalid URI"),
    ConnectFailure('missing "="', "", 'missing "="'),
)
"""The first whose words stand in the message is taken."""

_SERVERS = re.compile(r"(?:^|failed: )(?:FATAL|PANIC|ERROR|[^\s:\"]+(?=:  )): +(?P<words>\S.*)")
"""What the server itself says: behind its severity, which libpq parts by two spaces in every language."""

_LIBPQS = re.compile(r"failed: (?P<words>\S.*)")
"""What libpq says of one address; its messages about a malformed one, which hold the password, are not of this form."""

_LONGEST = 300


def find_failure(said: str) -> ConnectFailure:
    """Return what a message of libpq means, with the server's own words where it has any.

    A server that refuses in words that nobody knows refuses the next try too; without words it did not answer.
    """
    lines = said.splitlines()
    known = next((failure for failure in _FAILURES if failure.words in said), None)
    if known is None:
        own = _own_words(lines, _SERVERS, "")
        if own:
            return ConnectFailure(own, "", own, _REFUSED)
        words = _own_words(lines, _LIBPQS, "") or "the server did not answer"
        return ConnectFailure(words, "08001", words)
    if known.shown:
        return known
    own = _own_words(lines, _SERVERS, known.words) or _own_words(lines, _LIBPQS, known.words)
    return known._replace(shown=own)


def _own_words(lines: list[str], pattern: re.Pattern[str], having: str) -> str:
    """Return the words of the first line that fits, with the server's detail, harmless on a terminal; '' for none."""
    for number, line in enumerate(lines):
        found = pattern.search(line)
        if found and having in line:
            detail = _detail(lines[number + 1 :])
            return _harmless(f"{found['words']}{detail}")
    return ""


def _detail(following: list[str]) -> str:
    found = re.match(r"DETAIL: +(\S.*)", following[0]) if following else None
    return f" ({found[1].rstrip('.')})" if found else ""


def _harmless(text: str) -> str:
    shown = "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text.rstrip(" ."))
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}…"
