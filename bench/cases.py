"""The cases: what is measured of whom, in which state of the database."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import psycopg

from bench import limit
from bench.feed import CHANGED_EVERY, write_feed
from bench.house import ETL, House, bare_environment, serving
from bench.process import Cost, median, run

FEEDS = Path(".bench")
BY_HAND = (sys.executable, "-m", "bench.peers.by_hand")
WITH_DLT = (sys.executable, "-m", "bench.peers.with_dlt")

_EDIT = (
    "UPDATE shops_locales SET title = title || ' (edited)' "
    "WHERE _locale = 'en' AND _parent_id %% %s = 0 AND title NOT LIKE '%%(edited)'"
)


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
        self._feed = write_feed(FEEDS / f"{records}.jsonl", records)
        self._changed = write_feed(FEEDS / f"{records}-changed.jsonl", records, is_changed=True)

    def measure(self, peers: tuple[str, ...]) -> Iterator[Result]:
        """Measure the job, its limit, and the peers named, one case after another."""
        with ExitStack() as stack:
            urls = [
                stack.enter_context(serving(feed, bare_environment())) for feed in (self._feed, self._changed)
            ]
            yield from self._job(*urls)
            yield from self._limit()
            if "by hand" in peers:
                yield from self._by_hand(*urls)
            for speed in ("default", "fast"):
                if f"dlt {speed}" in peers:
                    yield from self._with_dlt(speed, *urls)

    def _result(self, who: str, case: str, cost: Cost) -> Result:
        return Result(who, case, self.records, cost)

    def _etl(self, database: str, url: str, *arguments: str) -> Cost:
        # 5 would be --strict's; a feed with the sample's mess is loaded in part, with code 0
        return run([*ETL, *arguments], self.house.environment(database, url))

    def _job(self, url: str, changed: str) -> Iterator[Result]:
        house = self.house
        house.make("ready")
        self._etl("ready", url, "init")

        def first(_: int) -> Cost:
            house.make("job", "ready")
            return self._etl("job", url, "sync")

        yield self._result("etl", "first load", median(self.times, first))
        house.settle("job")
        yield self._result("etl", "unchanged", median(self.times, lambda _: self._etl("job", url, "sync")))
        snapshot = str(max((house.folder / "snapshots").iterdir()))
        replay = median(self.times, lambda _: self._etl("job", "", "sync", "--snapshot", snapshot))
        yield self._result("etl", "replay", replay)
        limit.save_rows(house.dsn("job"), house.folder / "rows")
        look = median(self.times, lambda _: self._etl("job", changed, "diff", "-o", str(house.folder / "diff.txt")))
        yield self._result("etl", "diff", look)

        def one_percent(number: int) -> Cost:
            return self._etl("job", url if number % 2 else changed, "sync")

        yield self._result("etl", "1 % changed", median(self.times, one_percent))
        if self.times % 2 == 0:
            self._etl("job", changed, "sync")
        limit.save_rows(house.dsn("job"), house.folder / "rows-changed")

        def edited(_: int) -> Cost:
            with psycopg.connect(house.dsn("job")) as connection:
                connection.execute(_EDIT, [CHANGED_EVERY])
            return self._etl("job", changed, "sync")

        yield self._result("etl", "1 % edited", median(self.times, edited))

    def _limit(self) -> Iterator[Result]:
        house, environment = self.house, bare_environment()
        reading = [sys.executable, "-m", "bench.limit", str(self._feed)]
        parse_s = float(subprocess.run(reading, env=environment, check=True, capture_output=True, text=True).stdout)
        scripts = {
            "first load": limit.script(house.dsn("ready"), house.folder / "rows", is_first=True),
            "unchanged": limit.script(house.dsn("ready"), house.folder / "rows", is_first=False),
            "1 % changed": limit.script(house.dsn("ready"), house.folder / "rows-changed", is_first=False),
            "1 % back": limit.script(house.dsn("ready"), house.folder / "rows", is_first=False),
        }
        paths = {case: house.folder / f"{case}.sql" for case in scripts}
        for case, text in scripts.items():
            paths[case].write_text(text)

        def first(_: int) -> Cost:
            return limit.load(house.psql, house.make("limit", "ready"), paths["first load"], environment)

        def again(case: str) -> Cost:
            return limit.load(house.psql, house.dsn("limit"), paths[case], environment)

        def with_parsing(case: str, cost: Cost) -> Result:
            return self._result("limit", case, Cost(cost.wall_s + parse_s, cost.cpu_s + parse_s, cost.peak_mb))

        yield with_parsing("first load", median(self.times, first))
        house.settle("limit")
        yield with_parsing("unchanged", median(self.times, lambda _: again("unchanged")))
        turns = ("1 % changed", "1 % back")
        yield with_parsing("1 % changed", median(self.times, lambda number: again(turns[number % 2])))

    def _peer(self, who: str, database: str, command: tuple[str, ...], url: str, changed: str) -> Iterator[Result]:
        house, environment = self.house, bare_environment()

        def load(address: str) -> Cost:
            head, *rest = command[:3], *command[3:]
            return run([*head, house.dsn(database), address, *rest], environment)

        def first(_: int) -> Cost:
            house.make(database)
            return load(url)

        yield self._result(who, "first load", median(self.times, first))
        house.settle(database)
        yield self._result(who, "unchanged", median(self.times, lambda _: load(url)))
        one_percent = median(self.times, lambda number: load(url if number % 2 else changed))
        yield self._result(who, "1 % changed", one_percent)

    def _by_hand(self, url: str, changed: str) -> Iterator[Result]:
        yield from self._peer("by hand", "by_hand", BY_HAND, url, changed)

    def _with_dlt(self, speed: str, url: str, changed: str) -> Iterator[Result]:
        folder = str(self.house.folder / f"dlt-{speed}")
        yield from self._peer(f"dlt {speed}", "with_dlt", (*WITH_DLT, speed, folder), url, changed)
