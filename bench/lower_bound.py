"""The limit: the same final rows, ready-made as CSV, by psql, and the same JSON read by the fastest parser."""

import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import psycopg

from bench.process import Cost, run

CMS: tuple[str, ...] = tuple(
    kind + part
    for kind in ("shops", "dinings")
    for part in ("", "_locales", "_rels", "_opening_hours_per_day")
)
"""The CMS's tables that a sync writes, each after those that it refers to."""

OWN: tuple[str, ...] = ("etl.sync_logs", "etl.sync_issues", "etl.sync_changes", "etl.tenants_base")
"""The job's own tables, likewise: base and audit."""


def save_rows(dsn: str, folder: Path) -> Path:
    """Write the rows of a loaded database as CSV, a file a table, and return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with psycopg.connect(dsn) as connection:
        for table in (*CMS, *OWN):
            with (
                (folder / f"{table}.csv").open("wb") as file,
                connection.cursor().copy(f"COPY (SELECT * FROM {table}) TO STDOUT (FORMAT csv)") as copy,
            ):
                for piece in copy:
                    file.write(piece)
    return folder


def script(dsn: str, folder: Path, tables: Sequence[str], *, is_first: bool) -> str:
    """Return psql's script: COPY to a temporary table, then one INSERT (first) or one UPDATE of what differs."""
    lines = ["\\set ON_ERROR_STOP on", "BEGIN;"]
    for table in tables:
        staged = f"new_{table.replace('.', '_')}"
        lines += [
            f"CREATE TEMP TABLE {staged} (LIKE {table}) ON COMMIT DROP;",
            f"\\copy {staged} FROM '{folder / table}.csv' (FORMAT csv)",
        ]
        lines += [_insert(table, staged)] if is_first else _update(dsn, table, staged)
    return "\n".join([*lines, "COMMIT;", ""])


def _insert(table: str, staged: str) -> str:
    return f"INSERT INTO {table} OVERRIDING SYSTEM VALUE SELECT * FROM {staged};"


def _update(dsn: str, table: str, staged: str) -> list[str]:
    columns = _columns(dsn, table)
    names, new, old = (", ".join(f'{alias}"{name}"' for name in columns) for alias in ("", "new.", "old."))
    return [
        f"ANALYZE {staged} (id);",
        f"UPDATE {table} AS old SET ({names}) = ROW({new}) FROM {staged} AS new "
        f"WHERE old.id = new.id AND ({old}) IS DISTINCT FROM ({new});",
    ]


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
