"""Addresses of the API: one for each page, one to show, and which redirects are safe. Pure."""

from urllib.parse import SplitResult, unquote_plus, urlsplit, urlunsplit

from etl.config.api import is_http_url
from etl.errors import ConfigError
from etl.runtime.redact import public_url


def check_url(url: str) -> None:
    """Raise ConfigError unless this is an http(s) address with a host."""
    if not is_http_url(url):
        raise ConfigError(
            f"EXTERNAL_API_URL can't be read as an address: {public_url(url)!r}. "
            "It looks like https://host/path, and may have a query."
        )


def page_url(url: str, number: int, limit: int) -> str:
    """Return the address of a page: its query stays as it is written, but for page and limit."""
    parts = urlsplit(url)
    kept = [item for item in parts.query.split("&") if item and _name(item) not in ("page", "limit")]
    query = "&".join([*kept, f"page={number}", f"limit={limit}"])
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))


def _name(item: str) -> str:
    return unquote_plus(item.split("=", 1)[0])


def is_same_place(url: str, target: str) -> bool:
    """Tell whether the key may follow a redirect: the same host and port, or its https."""
    try:
        here, there = urlsplit(url), urlsplit(target)
        if here.hostname != there.hostname:
            return False
        is_upgrade = (_place(here), _place(there)) == (("http", 80), ("https", 443))
        return is_upgrade or _place(here) == _place(there)
    except ValueError:
        return False


def _place(parts: SplitResult) -> tuple[str, int | None]:
    return parts.scheme, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
