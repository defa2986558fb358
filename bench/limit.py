"""The limit: the same final rows, ready-made as CSV, by psql, and the same JSON read by the fastest parser."""

import sys
import time
from collections.abc import Mapping
from pathlib import Path

import psycopg

from bench.process import Cost, run

TABLES: tuple[str, ...] = tuple(
    kind + part for kind in ("shops", "dinings") for part in ("", "_locales", "_rels", "_opening_hours_per_day")
)
"""The CMS's tables that a sync writes, each after those that it refers to."""


def save_rows(dsn: str, folder: Path) -> Path:
    """Write the rows of a loaded database as CSV, a file a table, and return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with psycopg.connect(dsn) as connection:
        for table in TABLES:
            with (
                (folder / f"{table}.csv").open("wb") as file,
                connection.cursor().copy(f"COPY (SELECT * FROM {table} ORDER BY id) TO STDOUT (FORMAT csv)") as copy,
            ):
                for piece in copy:
                    file.write(piece)
    return folder


def script(dsn: str, folder: Path, *, is_first: bool) -> str:
    """Return psql's script: COPY to a temporary table, then one INSERT (first) or one UPDATE of what differs."""
    lines = ["\\set ON_ERROR_STOP on", "BEGIN;"]
    for table in TABLES:
        columns = _columns(dsn, table)
        lines += [
            f"CREATE TEMP TABLE new_{table} (LIKE {table}) ON COMMIT DROP;",
            f"\\copy new_{table} FROM '{folder / table}.csv' (FORMAT csv)",
        ]
        if is_first:
            lines.append(f"INSERT INTO {table} SELECT * FROM new_{table};")  # noqa: S608 — names from TABLES
        else:
            names, new, old = (", ".join(f'{alias}"{name}"' for name in columns) for alias in ("", "new.", "old."))
            lines += [
                f"ANALYZE new_{table} (id);",
                f"UPDATE {table} AS old SET ({names}) = ROW({new}) FROM new_{table} AS new "  # noqa: S608 — as above
                f"WHERE old.id = new.id AND ({old}) IS DISTINCT FROM ({new});",
            ]
    return "\n".join([*lines, "COMMIT;", ""])


def _columns(dsn: str, table: str) -> list[str]:
    with psycopg.connect(dsn) as connection:
        found = connection.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped "
            "AND attname <> 'id' ORDER BY attnum",
            [table],
        )
        return [row[0] for row in found]


def load(psql: Path, dsn: str, path: Path, environment: Mapping[str, str]) -> Cost:
    """Run a script that `script` made."""
    return run([str(psql), "-X", "-q", "-f", str(path), dsn], environment)


def parse_seconds(feed: Path) -> float:
    """Return how long Polars takes to read the feed's records, a page at a time, the import apart."""
    import polars as pl  # noqa: PLC0415 — only in the process that measures this: the others must stay small

    from etl.contract.raw import RAW_NAMES  # noqa: PLC0415 — as above

    schema = dict.fromkeys(RAW_NAMES, pl.String())
    seconds = 0.0
    with feed.open("rb") as file:
        for line in file:
            data = line[line.index(b"[") : line.rindex(b"]") + 1]
            started = time.perf_counter()
            pl.read_json(data, schema=schema)
            seconds += time.perf_counter() - started
    return seconds


if __name__ == "__main__":
    print(parse_seconds(Path(sys.argv[1])))
