"""Measure: python -m bench [--times 3] [--peers "by hand,dlt default,dlt fast"] [--save FILE] [--check] RECORDS …."""

import argparse
import json
import os
import platform
import sys
from pathlib import Path

from bench.cases import PEERS, Bench, Result
from bench.check import far_off
from bench.environment import open_house


def main() -> int:
    """Measure with each number of records, print each figure as it comes, and say what is far off."""
    asked = _arguments()
    found: list[Result] = []
    for records in asked.records:
        with open_house() as house:
            for result in Bench(house, records, asked.times).measure(asked.peers):
                found.append(result)
                print(line(result), flush=True)
    if asked.save:
        save(asked.save, found)
    complaints = far_off(found) if asked.check else []
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    return int(bool(complaints))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("records", type=int, nargs="+", help="numbers of records")
    parser.add_argument("--times", type=int, default=3, help="how often each case is measured")
    parser.add_argument("--peers", type=_peers, default=PEERS, help="who else, by commas; '' for nobody")
    parser.add_argument(
        "--save", type=Path, metavar="FILE", help="put the figures there, in place of those of the same sizes"
    )
    parser.add_argument(
        "--check", action="store_true", help="fail where a ratio is far off; see bench/check.py"
    )
    return parser.parse_args()


def _peers(text: str) -> tuple[str, ...]:
    peers = tuple(name.strip() for name in text.split(",") if name.strip())
    if unknown := set(peers) - set(PEERS):
        raise argparse.ArgumentTypeError(f"there is no peer {', '.join(sorted(unknown))}: {', '.join(PEERS)}")
    return peers


def line(result: Result) -> str:
    """Return a figure as a line."""
    cost = result.cost
    sent = "" if cost.sent_mb is None else f"{cost.sent_mb:8.1f} MB sent"
    return (
        f"{result.records:>9,}  {result.who:<16} {result.case:<12} {cost.wall_s:8.2f} s  {cost.cpu_s:8.2f} s CPU  "
        f"{cost.peak_mb:6.0f} MB {sent}"
    )


def save(path: Path, found: list[Result]) -> None:
    """Write the figures as JSON, and keep those of other sizes that are there."""
    kept = json.loads(path.read_text())["results"] if path.exists() else []
    sizes = {result.records for result in found}
    results = [row for row in kept if row["records"] not in sizes] + [
        {"who": one.who, "case": one.case, "records": one.records, **vars(one.cost)} for one in found
    ]
    results.sort(key=lambda row: row["records"])
    machine = {"cpus": os.cpu_count(), "machine": platform.machine(), "python": platform.python_version()}
    path.write_text(json.dumps({"machine": machine, "results": results}, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
