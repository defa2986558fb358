"""What a failed request means: worth another try, or final, with advice.

No message of a library is passed on, since it may hold an address with its secrets.
"""

import ssl
from collections.abc import Iterator

import requests
from urllib3.exceptions import DecodeError, HTTPError, IncompleteRead, NewConnectionError
from urllib3.exceptions import TimeoutError as PoolTimeout

from etl.errors import ConfigError, SourceError

_ADVICE = {
    401: "the key is missing or wrong: check X_APIG_APPCODE, and EXTERNAL_API_COOKIES in production",
    403: "the key or the cookies give no access: check X_APIG_APPCODE and EXTERNAL_API_COOKIES",
    404: "there is nothing at this address: check EXTERNAL_API_URL",
}

_PASSING = frozenset({408, 429})
"""Statuses below 500 that another try may mend."""

_CERTIFICATE = {
    9: "is not valid yet",
    10: "has expired",
    62: "is for another host",
    64: "is for another host",
}
"""OpenSSL's codes of a certificate that is refused; any other says that no authority we know signed it."""


class Failure(Exception):  # noqa: N818 — an outcome of one try, which is returned or becomes a SourceError
    """A try that failed, where another may succeed.

    Attributes:
        reason: What retries are counted by: http_503, timeout, connection, cut_short, bad_body.
        message: For people.
        retry_after: The header of that name, None where there is none.
    """

    def __init__(self, reason: str, message: str, retry_after: str | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.retry_after = retry_after


def refuse(response: requests.Response, shown_url: str) -> None:
    """Let a 2xx pass.

    Raises:
        Failure: 408 (the server gave up waiting for the request), 429 or 5xx.
        SourceError: Any other status, with advice.
    """
    status = response.status_code
    if 200 <= status < 300:
        return
    if status in _PASSING or status >= 500:
        raise Failure(f"http_{status}", f"the API answered {status}", response.headers.get("Retry-After"))
    advice = _ADVICE.get(status, "the API does not accept the request: check EXTERNAL_API_URL")
    raise SourceError(f"{shown_url} answered {status}; {advice}.")


def explain(error: OSError | HTTPError, shown_url: str, setting: str = "EXTERNAL_API_URL") -> Failure:
    """Make a failure of a library's error; `setting` is the one that has the address.

    Raises:
        ConfigError: The address or a header can't be sent, or the file of authorities can't be read.
        SourceError: The server's certificate is not trusted.
    """
    chain = list(_chain(error))
    if isinstance(error, ValueError):
        raise ConfigError(f"No request can be sent to {shown_url}; check {setting}.") from None
    # requests has an OSError of its own class for all that comes of a connection
    if not isinstance(error, (requests.RequestException, HTTPError)) or _has_no_authority(chain):
        raise ConfigError(
            "The file of authorities that REQUESTS_CA_BUNDLE names can't be read: let it name a PEM file with the "
            f"certificate of the authority of {shown_url}, or unset it for the public ones."
        ) from None
    if untrusted := next((link for link in chain if isinstance(link, ssl.SSLCertVerificationError)), None):
        wrong = _CERTIFICATE.get(
            getattr(untrusted, "verify_code", 0), "is of no authority that is known here"
        )
        raise SourceError(
            f"The certificate of {shown_url} {wrong}, so it is not trusted. Check the host in {setting}; a "
            "private authority is named by REQUESTS_CA_BUNDLE."
        ) from None
    is_unreachable = any(isinstance(link, NewConnectionError) for link in chain)  # a PoolTimeout by descent
    if not is_unreachable and any(isinstance(link, (requests.Timeout, PoolTimeout)) for link in chain):
        return Failure("timeout", "no answer in time")
    if any(isinstance(link, IncompleteRead) for link in chain):
        return Failure("cut_short", "the body was cut short")
    if any(isinstance(link, DecodeError) for link in chain):
        return Failure("bad_body", "the body can't be unpacked")
    words = next((link.strerror for link in chain if isinstance(link, OSError) and link.strerror), None)
    return Failure("connection", f"the connection failed ({words or type(chain[-1]).__name__})")


def _has_no_authority(chain: list[BaseException]) -> bool:
    return "NO_CERTIFICATE_OR_CRL_FOUND" in [getattr(link, "reason", None) for link in chain]


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield the error, then what it wraps: requests and urllib3 hide the cause in several places."""
    seen: list[BaseException] = []
    todo: list[object] = [error]
    while todo:
        link = todo.pop(0)
        if isinstance(link, BaseException) and link not in seen:
            seen.append(link)
            yield link
            todo += [getattr(link, "reason", None), link.__cause__, link.__context__, *link.args]
