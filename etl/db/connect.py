"""Open the database that the settings name: a server, or the embedded Postgres."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from etl.db.connection import Postgres
from etl.db.errors import PostgresError
from etl.db.retry import Retries

if TYPE_CHECKING:
    from etl.config.database import Database
    from etl.embedded.postgres import EmbeddedPostgres


@contextmanager
def connect(database: "Database", retries: int = 0) -> Iterator[Postgres]:
    """Connect to a database for the length of a `with`; an embedded one runs as long.

    Args:
        database: Where it is.
        retries: Further tries where the server is not there at the moment, or has no free connection.

    Raises:
        ConfigError: the embedded Postgres can't be started.
        PostgresError: the server did not answer, or refused.
    """
    if database.embedded is None:
        dsn = database.dsn.get_secret_value()
        with Retries(retries).call(lambda: Postgres(dsn, database.shown)) as db:
            yield db
        return
    from etl.embedded.postgres import EmbeddedPostgres  # noqa: PLC0415 — needs the extra `demo`

    with EmbeddedPostgres(database.embedded) as server, _connect_embedded(server, database.shown) as db:
        yield db


def _connect_embedded(server: "EmbeddedPostgres", shown: str) -> Postgres:
    try:
        return Postgres(server.dsn(), shown)
    except PostgresError:
        if not server.attached:
            raise
    # the process that had started the server is just ending it: wait until it is gone, and start it
    server.stop()
    return Postgres(server.start().dsn(), shown)
