"""Open the database that the settings name: a server, or the embedded Postgres."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from etl.load.postgres import Postgres

if TYPE_CHECKING:
    from etl.database_url import Database


@contextmanager
def connect(database: "Database") -> Iterator[Postgres]:
    """Connect to a database for the length of a `with`; an embedded one runs as long.

    Raises:
        ConfigError: the embedded Postgres can't be started.
        PostgresError: the server did not answer, or refused.
    """
    if database.embedded is None:
        with Postgres(database.dsn.get_secret_value(), database.shown) as db:
            yield db
        return
    from etl.demo.postgres import EmbeddedPostgres  # noqa: PLC0415 — needs the extra `demo`

    with EmbeddedPostgres(database.embedded) as server, Postgres(server.dsn(), database.shown) as db:
        yield db
