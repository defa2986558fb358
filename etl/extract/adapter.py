"""Requests by urllib3, with interim answers passed over: of those Python's own client knows 100 alone.

A gateway may send 103 Early Hints, or 102, before the answer itself (RFC 9110, 15.2); 101 changes the protocol, which
nobody asked for, and is an answer like any other.
"""

from http.client import BadStatusLine, HTTPResponse
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager, ProxyManager
from urllib3.connection import HTTPConnection, HTTPSConnection

from etl.config.api import is_loopback

_CONTINUE = 100
_SWITCHING = 101
_MOST_INTERIM = 20


class _Answer(HTTPResponse):
    """An answer whose interim ones are all read as 100, which `begin` passes over."""

    _interim = 0

    def _read_status(self) -> tuple[str, int, str]:
        version, status, reason = super()._read_status()  # type: ignore[misc]  # where the standard library reads it
        if status == _SWITCHING or not _CONTINUE <= status < 200:
            return version, status, reason
        self._interim += 1
        if self._interim > _MOST_INTERIM:
            self.close()
            raise BadStatusLine("interim answers without end")
        return version, _CONTINUE, reason


class _Connection(HTTPConnection):
    response_class = _Answer


class _TlsConnection(HTTPSConnection):
    response_class = _Answer


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class Adapter(HTTPAdapter):
    """Sends requests, also by a proxy, and gives the final answer of each."""

    def init_poolmanager(self, *args: object, **kwargs: object) -> None:
        """Make the pools of connections to servers."""
        super().init_poolmanager(*args, **kwargs)  # type: ignore[arg-type]
        _give_pools(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **kwargs: object) -> ProxyManager:
        """Return the pools of connections by a proxy."""
        manager: ProxyManager = super().proxy_manager_for(proxy, **kwargs)
        if isinstance(manager, ProxyManager):  # one for SOCKS has connections of its own
            _give_pools(manager)
        return manager


def open_session(connections: int) -> requests.Session:
    """Return a session whose requests go by an Adapter, with so many connections kept open."""
    session = requests.Session()
    for scheme in ("http://", "https://"):
        session.mount(scheme, Adapter(pool_maxsize=connections))
    return session


def environment_of(session: requests.Session, url: str) -> dict[str, Any]:
    """Return what the environment says of a request to an address: proxies and authorities."""
    # HTTP_PROXY is meant for others than this machine; REQUESTS_CA_BUNDLE is for all
    proxies = {"no_proxy": urlsplit(url).hostname or ""} if is_loopback(url) else {}
    found = session.merge_environment_settings(url, proxies, stream=True, verify=None, cert=None)
    return dict(found)


def _give_pools(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}
