"""Measure the Ray engine beside the ordinary one: python -m bench.on_ray [--records N] [--tasks 1,2,4] [--times N].

Whole processes, each several times (the median of each figure is told), with a cluster of their own, whose start is
told apart. bench/scaling.md has the figures.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg

from bench.cases import FEEDS
from bench.environment import ETL, House, bare_environment, open_house, serving
from bench.feed import make_feed

STAGES = ("cluster", "extract", "transform", "match", "stage", "plan", "apply", "audit")


def main() -> None:
    """Measure a first load and a sync that changes nothing, with each number of worker processes."""
    parser = argparse.ArgumentParser(prog="python -m bench.on_ray")
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--tasks", default="1,2,4", help="worker processes, by commas")
    parser.add_argument("--times", type=int, default=3, help="how often each is measured")
    parser.add_argument("--save", type=Path, metavar="FILE")
    asked = parser.parse_args()
    feed = make_feed(FEEDS, asked.records)
    found = []
    with open_house() as house, serving(feed, bare_environment()) as url:
        sync(house, house.make("ready"), url, {}, "init")
        for tasks in (0, *map(int, asked.tasks.split(","))):
            runs: dict[str, list[dict[str, Any]]] = {}
            for _ in range(asked.times):
                for case in ("first load", "unchanged"):
                    runs.setdefault(case, []).append(measure(house, url, tasks, case))
            for case, rows in runs.items():
                row = {"workers": tasks, "case": case} | medians(rows)
                found.append(row)
                print(json.dumps(row), flush=True)
    if asked.save:
        told = {"cpus": os.cpu_count(), "times": asked.times, "results": found}
        asked.save.write_text(json.dumps(told, indent=1) + "\n")


def measure(house: House, url: str, tasks: int, case: str) -> dict[str, Any]:
    """Return seconds by stage and MB of one sync, with so many workers; 0 for the ordinary engine."""
    name = f"ray_{tasks}"
    dsn = house.make(name, "ready") if case == "first load" else house.dsn(name)
    settings = {"RAY_TASKS": str(tasks), "API_IN_FLIGHT": str(max(4, 2 * tasks))}
    engine = ("--engine", "ray") if tasks else ()
    written = wal_bytes(dsn)
    started = time.perf_counter()
    lines = sync(house, dsn, url, settings, "sync", *engine)
    wall_s = time.perf_counter() - started
    written = wal_bytes(dsn) - written
    house.settle(name)
    with psycopg.connect(dsn) as connection:
        query = "SELECT performance, records_processed FROM etl.sync_logs ORDER BY started_at DESC LIMIT 1"
        performance, processed = connection.execute(query).fetchone() or ({}, 0)
    seconds = {each["stage"]: each["seconds"] for each in lines if each["event"] == "stage_done"}
    workers = performance.get("workers", {})
    return {
        "processed": processed,
        "wall_s": wall_s,
        **{stage: seconds[stage] for stage in STAGES if stage in seconds},
        **{f"workers_{stage}_s": worked_s for stage, worked_s in workers.get("seconds", {}).items()},
        "driver_mb": performance["peak_memory_mb"],
        **({"worker_mb": workers["peak_memory_mb"]} if workers else {}),
        "wal_mb": written / 1e6,
    }


def medians(rows: list[dict[str, Any]]) -> dict[str, float]:
    """Return the median of each figure."""
    return {figure: round(statistics.median(row[figure] for row in rows), 2) for figure in rows[0]}


def wal_bytes(dsn: str) -> int:
    """Return how much WAL the server has written since it was made."""
    with psycopg.connect(dsn) as connection:
        return int(connection.execute("SELECT pg_current_wal_insert_lsn() - '0/0'").fetchone()[0])  # type: ignore[index]


def sync(
    house: House, dsn: str, url: str, settings: Mapping[str, str], *arguments: str
) -> list[dict[str, Any]]:
    """Run `etl` to its end, and return the lines of its log."""
    environment = house.environment(dsn, url) | dict(settings)
    ended = subprocess.run([*ETL, *arguments], env=environment, capture_output=True, text=True, check=False)
    if ended.returncode:
        sys.exit(f"etl {' '.join(arguments)} ended with {ended.returncode}:\n{ended.stderr[-2000:]}")
    return [json.loads(line) for line in ended.stdout.splitlines() if line.startswith("{")]


if __name__ == "__main__":
    main()
