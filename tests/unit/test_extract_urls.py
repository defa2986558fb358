"""Addresses: for each page, to show, and to follow."""

import pytest

from etl.config.api import address_notes, is_loopback
from etl.errors import ConfigError
from etl.extract.urls import check_url, is_same_place, page_url
from etl.runtime.redact import public_url


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://h/api", "https://h/api?page=3&limit=100"),
        ("https://h/api?", "https://h/api?page=3&limit=100"),
        ("https://h/api?mall=ICS&q=a%20b+c", "https://h/api?mall=ICS&q=a%20b+c&page=3&limit=100"),
        ("https://h/api?page=1&a=1&limit=5&b", "https://h/api?a=1&b&page=3&limit=100"),
        ("https://h/api?%70age=1&pages=2", "https://h/api?pages=2&page=3&limit=100"),
        ("https://u:p@h:8443/api#top", "https://u:p@h:8443/api?page=3&limit=100"),
    ],
)
def test_the_query_stays_but_for_page_and_limit(url: str, expected: str) -> None:
    """What is in the query stays as it is written."""
    assert page_url(url, 3, 100) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://h/api?mall=ICS", "https://h/api?mall=ICS"),
        ("https://user:pw@h/api", "https://h/api"),
        ("https://h/?key=k1&a=1", "https://h/?key=***&a=1"),
        ("https://h/?code=c1&Access_Token=t1&x=2", "https://h/?code=***&Access_Token=***&x=2"),
        (
            "https://h/?sig=s1&clientSecret=s2&pwd=s3&auth=s4",
            "https://h/?sig=***&clientSecret=***&pwd=***&auth=***",
        ),
        ("https://h/api?a=1#token=t1", "https://h/api?a=1"),
        ("sample, day 1", "sample, day 1"),
    ],
)
def test_secrets_are_not_shown(url: str, expected: str) -> None:
    """User, password, fragment and values of secret-looking parameters go."""
    assert public_url(url) == expected


@pytest.mark.parametrize("url", ["http://h", "https://h:8443/a?b=c", "http://127.0.0.1:1/"])
def test_an_http_address_is_accepted(url: str) -> None:
    """Http and https with a host."""
    check_url(url)


@pytest.mark.parametrize(
    "url", ["", "h/api", "ftp://h/", "https://", "https:///api", "http://[::1", "http://h:99999/"]
)
def test_another_address_is_a_config_error(url: str) -> None:
    """The message names the setting."""
    with pytest.raises(ConfigError, match="EXTERNAL_API_URL can't be read as an address"):
        check_url(url)


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("http://h/other?x=1", True),
        ("http://h:80/", True),
        ("https://h/", True),
        ("https://h:8443/", False),
        ("http://h:8080/", False),
        ("http://other/", False),
        ("http://h.other/", False),
        ("ftp://h/", False),
        ("http://h:99999/", False),
    ],
)
def test_only_the_same_place_gets_the_key(target: str, expected: bool) -> None:
    """The same host and port, or the same host from http to https."""
    assert is_same_place("http://h/api", target) is expected


def test_no_redirect_from_https_to_http() -> None:
    """The key would travel unencrypted."""
    assert is_same_place("https://h/api", "http://h/api") is False


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://localhost:8000/api", True),
        ("http://LOCALHOST./api", True),
        ("http://api.localhost/", True),
        ("http://127.0.0.1:8000/api", True),
        ("http://user:pw@127.9.8.7/api", True),
        ("http://[::1]:8000/api", True),
        ("http://10.0.0.1/api", False),
        ("http://[2001:db8::1]/api", False),
        ("https://127.0.0.1.example/api", False),
        ("https://localhost.example/api", False),
        ("https://notlocalhost/api", False),
    ],
)
def test_addresses_of_this_machine(url: str, expected: bool) -> None:
    """Only loopback addresses and localhost are this machine, however they are written."""
    assert is_loopback(url) is expected


@pytest.mark.parametrize(
    ("url", "is_production", "is_noted"),
    [
        ("http://api.example.com/tenants", True, True),
        ("HTTP://api.example.com/tenants", True, True),
        ("https://api.example.com/tenants", True, False),
        ("http://api.example.com/tenants", False, False),
        ("http://127.0.0.1:8080/tenants", True, False),
        ("http://localhost/tenants", True, False),
    ],
)
def test_an_open_line_in_production_is_noted(url: str, is_production: bool, is_noted: bool) -> None:
    """Key and cookies would travel in clear; within this machine, or outside production, nobody minds."""
    assert bool(list(address_notes(url, is_production=is_production))) == is_noted
