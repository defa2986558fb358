"""Sessions of the tests' own reader (psycopg) that stay open from one look to the next: to open one costs the server 2 ms.

A session is lent to one thread at a time and comes back as it was opened. It goes with its database.
"""

import select
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

import psycopg
from psycopg.rows import dict_row

NAME = "etl tests"
"""Their application_name, by which a count of sessions can leave them out."""

Session = psycopg.Connection[dict[str, Any]]

_idle: defaultdict[str, list[Session]] = defaultdict(list)
_lock = Lock()


@contextmanager
def borrowed(dsn: str) -> Iterator[Session]:
    """Give a session at an address, in autocommit; one that failed is not lent again."""
    session = _next(dsn)
    try:
        yield session
        session.execute("DISCARD ALL")
    except BaseException:
        session.close()
        raise
    with _lock:
        _idle[dsn].append(session)


def end(dbname: str = "") -> None:
    """Close the idle sessions of a database, which is dropped, or copied, which allows no other session; or all."""
    with _lock:
        for dsn in [dsn for dsn in _idle if dbname in dsn]:
            for session in _idle.pop(dsn):
                session.close()


def _next(dsn: str) -> Session:
    with _lock:
        while _idle[dsn]:
            session = _idle[dsn].pop()
            if _is_alive(session):
                return session
            session.close()
    # nothing is prepared: DISCARD ALL would take it from the server, and the client not know
    return psycopg.connect(
        dsn, row_factory=dict_row, autocommit=True, application_name=NAME, prepare_threshold=None
    )


def _is_alive(session: Session) -> bool:
    """A server that ended a session has sent word of it; else an idle one has nothing to read."""
    return not session.closed and not select.select([session.fileno()], [], [], 0)[0]
