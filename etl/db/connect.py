"""Open the database that the settings name: a server, or the embedded Postgres."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from etl.db.connection import Postgres
from etl.db.errors import PostgresError
from etl.db.retry import Retries

if TYPE_CHECKING:
    from etl.config.database import Database
    from etl.embedded.postgres import EmbeddedPostgres


@contextmanager
def connect(
    database: "Database", retries: int = 0, limits_s: tuple[float, float] = (0.0, 0.0)
) -> Iterator[Postgres]:
    """Connect to a database for the length of a `with`; an embedded one runs as long.

    Args:
        database: Where it is.
        retries: Further tries where the server is not there at the moment, or has no free connection.
        limits_s: How long a statement may wait for a lock, and take; 0 for no limit.

    Raises:
        ConfigError: the embedded Postgres can't be started.
        PostgresError: the server did not answer, or refused.
        ConfigError: it can't give the job a session of its own.
    """
    if database.embedded is None:
        dsn = database.dsn.get_secret_value()
        tries = Retries(retries)
        with tries.call(lambda: Postgres(dsn, database.shown, limits_s=limits_s)) as db:
            db.retried = tries.reasons
            yield db
        return
    from etl.embedded.postgres import EmbeddedPostgres  # noqa: PLC0415 — needs the extra `demo`

    with (
        EmbeddedPostgres(database.embedded) as server,
        _connect_embedded(
            server, partial(Postgres, shown=database.shown, limits_s=limits_s, opening="own")
        ) as db,
    ):
        yield db


def _connect_embedded(server: "EmbeddedPostgres", open_at: Callable[[str], Postgres]) -> Postgres:
    try:
        return open_at(server.dsn())
    except PostgresError:
        if not server.attached:
            raise
    # the process that had started the server is just ending it: wait until it is gone, and start it
    server.stop()
    return open_at(server.start().dsn())
