"""What errors of the HTTP libraries mean."""

import ssl

import pytest
import requests
import urllib3.exceptions as pool

from etl.errors import ConfigError, SourceError
from etl.extract.client import Client
from etl.extract.http_errors import explain

SECRET = "/tenants?token=s3cret"


def wrapped(inner: Exception) -> pool.MaxRetryError:
    """Return what requests is given when a connection can't be made."""
    return pool.MaxRetryError(None, SECRET, inner)  # type: ignore[arg-type]


def refused() -> pool.NewConnectionError:
    """Return urllib3's error for a refused connection."""
    error = pool.NewConnectionError(None, SECRET)  # type: ignore[arg-type]
    error.__cause__ = ConnectionRefusedError(111, "Connection refused")
    return error


@pytest.mark.parametrize(
    ("error", "reason", "message"),
    [
        (requests.ReadTimeout(SECRET), "timeout", "no answer in time"),
        (requests.ConnectTimeout(SECRET), "timeout", "no answer in time"),
        (pool.ReadTimeoutError(None, SECRET, "x"), "timeout", "no answer in time"),  # type: ignore[arg-type]
        (pool.ProtocolError(SECRET, pool.IncompleteRead(5, 6)), "cut_short", "the body was cut short"),
        (pool.DecodeError(SECRET), "bad_body", "the body can't be unpacked"),
        (
            requests.ConnectionError(wrapped(refused())),
            "connection",
            "the connection failed (Connection refused)",
        ),
        (pool.ProtocolError(SECRET), "connection", "the connection failed (ProtocolError)"),
    ],
)
def test_an_error_that_may_pass_is_a_failure(error: Exception, reason: str, message: str) -> None:
    """It has a reason to count by, and words without the address."""
    failure = explain(error, "http://h")  # type: ignore[arg-type]
    assert (failure.reason, failure.message) == (reason, message)


def test_a_certificate_that_is_not_trusted_is_final() -> None:
    """Another try would end the same way."""
    error = requests.exceptions.SSLError(
        wrapped(pool.SSLError(ssl.SSLCertVerificationError(1, "self-signed")))
    )
    with pytest.raises(
        SourceError,
        match=r"The certificate of https://h is of no authority that is known here, .* REQUESTS_CA_BUNDLE",
    ):
        explain(error, "https://h")


def test_an_address_that_requests_refuses_is_a_config_error() -> None:
    """What urllib can split, requests may still refuse."""
    with (
        Client("http://.h/?token=s3cret") as client,
        pytest.raises(
            ConfigError,
            match=r"^No request can be sent to http://\.h/\?token=\*\*\*; check EXTERNAL_API_URL\.$",
        ),
    ):
        client.fetch(1, 1)


@pytest.mark.parametrize("value", ["a\nb", "a\r\nX: y", "schlüssel", "\0"])
def test_a_header_that_can_not_be_sent_is_a_config_error(value: str) -> None:
    """The message names the setting and not its value."""
    with pytest.raises(ConfigError) as caught:
        Client("http://h", app_code=value)
    assert (
        str(caught.value)
        == "X_APIG_APPCODE can't be sent: it holds a line break or a character beyond ASCII."
    )
    with pytest.raises(ConfigError, match="EXTERNAL_API_COOKIES can't be sent"):
        Client("http://h", cookies=value)
