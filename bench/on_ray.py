"""Measure the Ray engine beside the ordinary one: python -m bench.on_ray [--records 100000] [--tasks 1,2,4] [--save FILE].

Whole processes, each once, with a cluster of their own: its start is told apart. bench/scaling.md has the figures.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg

from bench.cases import FEEDS
from bench.feed import make_feed
from bench.house import ETL, House, bare_environment, open_house, serving

STAGES = ("cluster", "extract", "transform", "match", "stage", "plan", "apply", "audit")


def main() -> None:
    """Measure a first load and a sync that changes nothing, with each number of worker processes."""
    parser = argparse.ArgumentParser(prog="python -m bench.on_ray")
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--tasks", default="1,2,4", help="worker processes, by commas")
    parser.add_argument("--save", type=Path, metavar="FILE")
    asked = parser.parse_args()
    feed = make_feed(FEEDS, asked.records)
    found = []
    with open_house() as house, serving(feed, bare_environment()) as url:
        sync(house, house.make("ready"), url, {}, "init")
        for tasks in (0, *map(int, asked.tasks.split(","))):
            for case in ("first load", "unchanged"):
                row = measure(house, url, tasks, case)
                found.append(row)
                print(json.dumps(row), flush=True)
    if asked.save:
        asked.save.write_text(json.dumps({"cpus": os.cpu_count(), "results": found}, indent=1) + "\n")


def measure(house: House, url: str, tasks: int, case: str) -> dict[str, Any]:
    """Return seconds by stage of one sync, with so many workers; 0 for the ordinary engine."""
    name = f"ray_{tasks}"
    dsn = house.make(name, "ready") if case == "first load" else house.dsn(name)
    settings = {"RAY_TASKS": str(tasks), "API_IN_FLIGHT": str(max(4, 2 * tasks))}
    engine = ("--engine", "ray") if tasks else ()
    started = time.perf_counter()
    lines = sync(house, dsn, url, settings, "sync", *engine)
    wall_s = time.perf_counter() - started
    house.settle(name)
    with psycopg.connect(dsn) as connection:
        query = "SELECT performance, records_processed FROM etl.sync_logs ORDER BY started_at DESC LIMIT 1"
        performance, processed = connection.execute(query).fetchone() or ({}, 0)
    seconds = {each["stage"]: each["seconds"] for each in lines if each["event"] == "stage_done"}
    workers = performance.get("workers", {})
    return {
        "workers": tasks,
        "case": case,
        "processed": processed,
        "wall_s": round(wall_s, 2),
        **{stage: seconds[stage] for stage in STAGES if stage in seconds},
        "workers_cpu": workers.get("seconds", {}),
        "driver_mb": performance.get("peak_memory_mb"),
        "worker_mb": workers.get("peak_memory_mb"),
    }


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
