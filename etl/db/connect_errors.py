"""Why a connection to Postgres failed, told from libpq's words: it gives no code."""

from typing import NamedTuple


class ConnectFailure(NamedTuple):
    """How a connection fails.

    Attributes:
        words: What libpq then says.
        sqlstate: Postgres's code for it, '' where it has none: another try would not help.
        shown: What is shown in place of the words.
        advice: What to do; '' where it goes by the code.
    """

    words: str
    sqlstate: str = ""
    shown: str = ""
    advice: str = ""

    @property
    def reason(self) -> str:
        """What a person is told."""
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
    "It may want TLS: set sslmode=verify-full (and sslrootcert) in DATABASE_URL. Else see that pg_hba.conf has "
    "this user, database and address."
)
_NOT_LET_IN = "See that the server's pg_hba.conf has this user, database and address."

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
    ConnectFailure(", SSL encryption", "28000", "the server lets no such user in from here", _NOT_LET_IN),
    ConnectFailure(", no encryption", "28000", "the server lets nobody like this in without TLS", _TLS_ONLY),
    ConnectFailure(", SSL on", "28000", "the server lets no such user in from here", _NOT_LET_IN),  # until 13
    ConnectFailure(", SSL off", "28000", "the server lets nobody like this in without TLS", _TLS_ONLY),
    ConnectFailure("no pg_hba.conf entry", "28000", "the server lets no such user in from here", _TLS_ONLY),
    ConnectFailure("too many connections for", "53300"),
    ConnectFailure('role "', "28000", "the server does not know that user"),
    ConnectFailure("no password supplied", "28P01"),
    ConnectFailure("does not exist", "3D000"),
    ConnectFailure("too many clients", "53300"),
    ConnectFailure("remaining connection slots", "53300"),
    ConnectFailure("starting up", "57P03"),
    ConnectFailure("shutting down", "57P03"),
    ConnectFailure("Connection refused", "08001"),
    # what passes, before the failures of the same kind that stay
    ConnectFailure(
        "Temporary failure in name resolution", "08001", "the host's name can't be looked up just now"
    ),
    ConnectFailure("could not translate host name"),
    ConnectFailure("timeout expired", "08001"),
    ConnectFailure("server closed the connection", "08001", "the server hung up"),
    ConnectFailure("No such file or directory"),
    ConnectFailure("SSL SYSCALL error", "08001", "the server hung up"),
    ConnectFailure("SSL connection has been closed unexpectedly", "08001", "the server hung up"),
    ConnectFailure("SSL"),
    ConnectFailure("invalid URI"),
    ConnectFailure('missing "="'),
)
"""The first whose words stand in libpq's message is taken."""


def find_failure(said: str) -> ConnectFailure:
    """Return what libpq's message means; words that nobody knows are a server that did not answer."""
    unknown = ConnectFailure("the server did not answer", "08001")
    return next((failure for failure in _FAILURES if failure.words in said), unknown)
