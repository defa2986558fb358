"""How the tenant-directory API is called, and the check of EXTERNAL_API_URL."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from pydantic import SecretStr

from etl.config.libpq import is_loopback_address
from etl.errors import ConfigError
from etl.runtime.redact import public_url


@dataclass(frozen=True)
class Api:
    """How to call the tenant-directory API.

    Attributes:
        url: Address without page and limit; it may carry a query, and credentials.
        shown: The address without credentials, for logs and audit.
        appcode: Value of the header X-Apig-AppCode; None: the header is not sent.
        cookies: Value of the header Cookie; None outside production.
        page_size: Records a page.
        requests_per_second: Pace.
        in_flight: Pages requested at a time.
        timeout_s: Seconds to wait for a connection, and for each piece of an answer.
        retries: Further tries of a request.
        deadline_s: Seconds that reading the whole list may take; 0 sets no limit.
        notes: What a person should know of the address.
    """

    url: str = field(repr=False)
    shown: str
    appcode: SecretStr | None
    cookies: SecretStr | None
    page_size: int
    requests_per_second: float
    in_flight: int
    timeout_s: float
    retries: int
    deadline_s: float
    notes: tuple[str, ...] = ()


def is_http_url(url: str) -> bool:
    """Tell whether this is an http(s) address with a host."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # its own message may hold the address with its secrets
        return False


def check_api_url(url: str, whose: str = "EXTERNAL_API_URL") -> None:
    """Do nothing for an http(s) address; a message calls it `whose`.

    Raises:
        ConfigError: The address is missing, or no http(s) address; the message shows no credentials.
    """
    advice = "Set it to the address of the tenant-directory API, e.g. https://api.example.com/tenants"
    if not url:
        raise ConfigError(f"EXTERNAL_API_URL is not set. {advice}; or replay a snapshot with --snapshot.")
    if not is_http_url(url) or re.search(r"[\s\x00-\x1f]", url):
        raise ConfigError(f"{whose} is '{public_url(url)}', which is not an http(s) address. {advice}.")


def is_loopback(url: str) -> bool:
    """Tell whether an address is of this machine itself: localhost, 127.0.0.0/8 or ::1; no proxy could reach it."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    return host == "localhost" or host.endswith(".localhost") or is_loopback_address(host)


def address_notes(url: str, *, is_production: bool) -> Iterator[str]:
    """Yield what a person should know of an address that can be used."""
    if is_production and url.lower().startswith("http:") and not is_loopback(url):
        yield (
            "EXTERNAL_API_URL is http:, so the key, the cookies and the records travel unencrypted. "
            "Use https: in production."
        )
