"""The script a good engineer writes by hand: python -m bench.peers.by_hand DSN URL.

Page after page by requests, COPY by psycopg to a temporary table, one INSERT … ON CONFLICT … WHERE … IS DISTINCT
FROM into one table of plain columns. No text rules, no matching, no editors, no audit, no dry run.
"""

import json
import sys
from collections.abc import Iterator
from itertools import chain

import psycopg
import requests
from psycopg import sql

TABLE = "by_hand"


def _records(url: str) -> Iterator[dict[str, object]]:
    with requests.Session() as session:
        page, pages = 1, 1
        while page <= pages:
            answer = session.get(url, params={"page": page, "limit": 100}, timeout=60)
            answer.raise_for_status()
            body = answer.json()
            pages = body["totalPages"]
            yield from body["data"]
            page += 1


def _text(value: object) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value)


def main(dsn: str, url: str) -> None:
    """Load the feed into the table."""
    records = _records(url)
    first = next(records)
    fields = list(first)
    names = [sql.Identifier(name) for name in fields]
    key, others = names[0], names[1:]
    columns = sql.SQL(", ").join(names)
    definition = sql.SQL(", ").join([sql.SQL("{} text").format(name) for name in names])
    with psycopg.connect(dsn) as connection, connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("CREATE TABLE IF NOT EXISTS {} ({}, PRIMARY KEY ({}))").format(
                sql.Identifier(TABLE), definition, key
            )
        )
        cursor.execute(sql.SQL("CREATE TEMP TABLE staged ({}) ON COMMIT DROP").format(definition))
        with cursor.copy(sql.SQL("COPY staged ({}) FROM STDIN").format(columns)) as copy:
            for record in chain([first], records):
                copy.write_row([_text(record.get(name)) for name in fields])
        new = sql.SQL(", ").join([sql.SQL("excluded.{}").format(name) for name in others])
        old = sql.SQL(", ").join([sql.SQL("{}.{}").format(sql.Identifier(TABLE), name) for name in others])
        cursor.execute(
            sql.SQL(
                "INSERT INTO {table} ({columns}) SELECT {columns} FROM staged ON CONFLICT ({key}) "
                "DO UPDATE SET ({others}) = ROW({new}) WHERE ({old}) IS DISTINCT FROM ({new})"
            ).format(
                table=sql.Identifier(TABLE),
                columns=columns,
                key=key,
                others=sql.SQL(", ").join(others),
                new=new,
                old=old,
            )
        )


if __name__ == "__main__":
    main(*sys.argv[1:3])
