"""A client of a server that vanishes without a word: run by `unshare --net python -m tests.support.vanish idle`.

Prints how many seconds later its lock is free.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg

from etl.embedded.postgres import EmbeddedPostgres
from tests.support.postgres import FAST

_CLIENT = """
import sys, time
from etl.db.connection import Postgres
db = Postgres(sys.argv[1])
assert db.lock_source("")
if sys.argv[2] == "transaction":
    db.execute("BEGIN")
print("locked", flush=True)
time.sleep(600)
"""
_HELD = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
_MOST_S = 180


def main(state: str) -> None:
    """Let a client take the lock, switch the network off, kill the client, and wait for the lock."""
    _loopback("up")
    with tempfile.TemporaryDirectory(prefix="etl-test-") as name:
        Path(name).chmod(0o755)  # a root user's server runs as nobody
        data = Path(name) / "data"
        with EmbeddedPostgres(data, tcp=True, settings=FAST):
            port, folder = (data / "postmaster.pid").read_text().splitlines()[3:5]
            with psycopg.connect(
                host=folder, port=int(port), user="postgres", dbname="postgres", autocommit=True
            ) as looks:
                dsn = f"postgresql://postgres@127.0.0.1:{port}/postgres"
                client = subprocess.Popen(
                    [sys.executable, "-c", _CLIENT, dsn, state], stdout=subprocess.PIPE, text=True
                )
                assert client.stdout is not None
                assert client.stdout.readline() == "locked\n"
                _loopback("down")
                client.kill()
                client.wait()
                started = time.monotonic()
                while looks.execute(_HELD).fetchone() != (0,) and time.monotonic() < started + _MOST_S:
                    time.sleep(0.5)
                print(round(time.monotonic() - started))


def _loopback(state: str) -> None:
    subprocess.run(["ip", "link", "set", "lo", state], check=True)


if __name__ == "__main__":
    main(sys.argv[1])
