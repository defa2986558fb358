"""The cases: what is measured of whom, in which state of the database."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import psycopg

from bench import lower_bound
from bench.environment import ETL, House, bare_environment, serving
from bench.feed import CHANGED_EVERY, make_feed
from bench.process import Cost, median, run
from bench.wire import counted

FEEDS = Path(".bench")
BY_HAND = (sys.executable, "-m", "bench.peers.by_hand")
WITH_DLT = (sys.executable, "-m", "bench.peers.with_dlt")
PEERS = ("by hand", "dlt default", "dlt fast")

_EDIT = (
    "UPDATE shops_locales SET title = title || ' (edited)' "
    "WHERE _locale = 'en' AND _parent_id %% %s = 0 AND title NOT LIKE '%%(edited)'"
)

Work = Callable[[str, int], Cost]
"""Does a case once, given the address of its database and which time it is, from 0."""


class Result(NamedTuple):
    """A figure: who did what with how many records, and what it cost."""

    who: str
    case: str
    records: int
    cost: Cost


class Bench:
    """The measurements with one number of records.

    Args:
        house: Where it takes place.
        records: Records of the feed.
        times: How often each case is measured.
    """

    def __init__(self, house: House, records: int, times: int) -> None:
        self.house = house
        self.records = records
        self.times = times
        self._feed = make_feed(FEEDS, records)
        self._changed = make_feed(FEEDS, records, is_changed=True)

    def measure(self, peers: tuple[str, ...]) -> Iterator[Result]:
        """Measure the job, its limit, and the peers named, one case after another."""
        with ExitStack() as stack:
            urls = [
                stack.enter_context(serving(feed, bare_environment())) for feed in (self._feed, self._changed)
            ]
            yield from self._job(*urls)
            yield from self._limit()
            for peer in peers:
                yield from self._peer(peer, *urls)

    def _case(self, who: str, case: str, database: str, work: Work, *, is_counted: bool = True) -> Result:
        """Measure a case, and do it once more to count what it sends; that time has a number of its own."""
        dsn = self.house.dsn(database)
        cost = median(self.times, lambda number: work(dsn, number))
        if not is_counted:
            return Result(who, case, self.records, cost)
        with counted(dsn) as (address, wire):
            work(address, self.times)
            return Result(who, case, self.records, replace(cost, sent_mb=wire.sent / (1 << 20)))

    def _etl(self, dsn: str, url: str, *arguments: str) -> Cost:
        return run([*ETL, *arguments], self.house.environment(dsn, url))

    def _job(self, url: str, changed: str) -> Iterator[Result]:
        house = self.house
        self._etl(house.make("ready"), url, "init")

        def first(dsn: str, _: int) -> Cost:
            house.make("job", "ready")
            return self._etl(dsn, url, "sync")

        yield self._case("etl", "first load", "job", first)
        house.settle("job")
        yield self._case("etl", "unchanged", "job", lambda dsn, _: self._etl(dsn, url, "sync"))
        snapshot = str(max((house.folder / "snapshots").iterdir()))
        yield self._case(
            "etl", "replay", "job", lambda dsn, _: self._etl(dsn, "", "sync", "--snapshot", snapshot)
        )
        lower_bound.save_rows(house.dsn("job"), house.folder / "rows")
        out = str(house.folder / "diff.txt")
        yield self._case("etl", "diff", "job", lambda dsn, _: self._etl(dsn, changed, "diff", "-o", out))
        yield self._case(
            "etl",
            "1 % changed",
            "job",
            lambda dsn, number: self._etl(dsn, url if number % 2 else changed, "sync"),
        )
        self._etl(house.dsn("job"), changed, "sync")
        lower_bound.save_rows(house.dsn("job"), house.folder / "rows-changed")

        def edited(dsn: str, _: int) -> Cost:
            with psycopg.connect(house.dsn("job")) as connection:
                connection.execute(_EDIT, [CHANGED_EVERY])
            return self._etl(dsn, changed, "sync")

        yield self._case("etl", "1 % edited", "job", edited)

    def _limit(self) -> Iterator[Result]:
        house, environment = self.house, bare_environment()
        reading = [sys.executable, "-m", "bench.lower_bound", str(self._feed)]
        parse_s = float(
            subprocess.run(reading, env=environment, check=True, capture_output=True, text=True).stdout
        )

        def load(dsn: str, rows: str, tables: tuple[str, ...], *, is_first: bool) -> Cost:
            path = house.folder / "limit.sql"
            path.write_text(
                lower_bound.script(house.dsn("ready"), house.folder / rows, tables, is_first=is_first)
            )
            cost = lower_bound.load(house.psql, dsn, path, environment)
            return replace(cost, wall_s=cost.wall_s + parse_s, cpu_s=cost.cpu_s + parse_s)

        def first(tables: tuple[str, ...]) -> Work:
            def work(dsn: str, _: int) -> Cost:
                house.make("limit", "ready")
                return load(dsn, "rows", tables, is_first=True)

            return work

        yield self._case(
            "limit with audit", "first load", "limit", first((*lower_bound.CMS, *lower_bound.OWN))
        )
        yield self._case("limit", "first load", "limit", first(lower_bound.CMS))
        house.settle("limit")

        def again(dsn: str, rows: str) -> Cost:
            return load(dsn, rows, lower_bound.CMS, is_first=False)

        yield self._case("limit", "unchanged", "limit", lambda dsn, _: again(dsn, "rows"))
        turns = ("rows-changed", "rows")
        yield self._case("limit", "1 % changed", "limit", lambda dsn, number: again(dsn, turns[number % 2]))

    def _peer(self, who: str, url: str, changed: str) -> Iterator[Result]:
        house, environment = self.house, bare_environment()
        database = who.replace(" ", "_")

        def load(dsn: str, address: str) -> Cost:
            if who == "by hand":
                return run([*BY_HAND, dsn, address], environment)
            return run([*WITH_DLT, dsn, address, who.split()[1], str(house.folder / database)], environment)

        def first(dsn: str, _: int) -> Cost:
            house.make(database)
            return load(dsn, url)

        def one_percent(dsn: str, number: int) -> Cost:
            return load(dsn, url if number % 2 else changed)

        is_counted = who == "by hand"  # dlt takes minutes
        yield self._case(who, "first load", database, first, is_counted=is_counted)
        house.settle(database)
        yield self._case(who, "unchanged", database, lambda dsn, _: load(dsn, url), is_counted=is_counted)
        yield self._case(who, "1 % changed", database, one_percent, is_counted=is_counted)
