"""Why a connection failed, by libpq's words: those that a test can't bring about at will, and their order."""

import pytest

from etl.db.connect_errors import find_failure

AT = 'connection to server at "db.example" (10.0.0.1), port 5432 failed: '
HBA = 'FATAL:  no pg_hba.conf entry for host "10.0.0.9", user "u", database "cms", '


@pytest.mark.parametrize(
    ("said", "reason", "sqlstate"),
    [
        (f"{AT}{HBA}no encryption", "the server lets nobody like this in without TLS", "28000"),
        (f"{AT}{HBA}SSL off", "the server lets nobody like this in without TLS", "28000"),
        (f"{AT}{HBA}SSL encryption\n{AT}{HBA}no encryption", "the server lets no such user in from here", "28000"),
        (f"{AT}{HBA}SSL on\n{AT}{HBA}SSL off", "the server lets no such user in from here", "28000"),
        (f'{AT}FATAL:  password authentication failed for user "u"\n{AT}{HBA}no encryption',
         "password authentication failed", "28P01"),
        (f"{AT}Connection refused\n{AT}SSL error: certificate verify failed",
         "the server's certificate is not trusted", ""),
        (f'{AT}root certificate file "/x" does not exist', "there is no authority to verify the server by", ""),
        (f'{AT}FATAL:  database "cms" does not exist', "does not exist", "3D000"),
        (f'{AT}FATAL:  role "u" does not exist', "the server does not know that user", "28000"),
        (f"{AT}SSL error: tlsv1 alert unknown ca", "SSL", ""),
        (f"{AT}SSL SYSCALL error: EOF detected", "the server hung up", "08001"),
        (f"{AT}SSL SYSCALL error: Connection reset by peer", "the server hung up", "08001"),
        (f"{AT}SSL connection has been closed unexpectedly", "the server hung up", "08001"),
        ('could not translate host name "db.example" to address: Temporary failure in name resolution',
         "the host's name can't be looked up just now", "08001"),
        ('could not translate host name "db.example" to address: Name or service not known',
         "could not translate host name", ""),
        (f"{AT}SSL SYSCALL error: EOF detected\n{AT}SSL error: certificate verify failed",
         "the server's certificate is not trusted", ""),
        ("something new", "the server did not answer", "08001"),
    ],
)  # fmt: skip
def test_the_reason_that_matters_is_told(said: str, reason: str, sqlstate: str) -> None:
    """Of several reasons, the one that a person has to mend; only a server that is not there is tried again."""
    failure = find_failure(said)
    assert (failure.reason, failure.sqlstate) == (reason, sqlstate)
