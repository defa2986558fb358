"""SIGTERM in the middle of a long statement or COPY: cancelled at once, rolled back, exit 143 and a line that says so."""

import signal
import subprocess
import sys
import time

import pytest

from tests.support.patience import within
from tests.support.postgres import Database

SCRIPT = """
import sys
import polars as pl
from etl.errors import Interrupted
from etl.db.connection import Postgres
from etl.db.errors import PostgresError
from etl.runtime.signals import interrupting

def work(db, what):
    db.execute("CREATE TEMP TABLE big (value int8)")
    db.execute("INSERT INTO marks VALUES ('inside')")
    print("inside", flush=True)
    if what == "statement":
        db.execute("SELECT pg_sleep(60)")
    else:
        db.execute("CREATE FUNCTION pg_temp.slow() RETURNS trigger LANGUAGE plpgsql AS "
                   "$$ BEGIN PERFORM pg_sleep(0.05); RETURN NEW; END $$")
        db.execute("CREATE TRIGGER slow BEFORE INSERT ON big FOR EACH ROW EXECUTE FUNCTION pg_temp.slow()")
        db.ingest("big", pl.DataFrame({"value": range(2_000)}))

with interrupting():
    try:
        with Postgres(sys.argv[1]) as db:
            try:
                with db.transaction():
                    work(db, sys.argv[2])
            finally:
                db.execute("INSERT INTO marks VALUES ('after')")
    except Interrupted as error:
        print(error, flush=True)
        sys.exit(error.exit_code)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("what", ["statement", "copy"])
def test_what_is_under_way_is_cancelled(any_database: Database, what: str, number: signal.Signals) -> None:
    """A statement of a minute, or a COPY of 100 s, ends within 5 s; the connection is good for the log's last word."""
    any_database.execute("CREATE TABLE marks (mark text)")
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, any_database.owner_dsn, what], stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "inside\n"
        time.sleep(0.3)
        with within(5):
            process.send_signal(number)
            words = process.stdout.read()
            process.wait()
    assert process.returncode == 128 + number
    assert words == f"Interrupted by signal {int(number)}; nothing was written.\n"
    assert any_database.query("SELECT mark FROM marks") == [{"mark": "after"}]
