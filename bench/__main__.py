"""Measure: python -m bench [--times 3] [--peers "by hand,dlt default,dlt fast"] RECORDS …."""

import argparse

from bench.cases import Bench, Result
from bench.house import open_house

PEERS = ("by hand", "dlt default", "dlt fast")


def main() -> None:
    """Measure with each number of records, and print each figure as it comes."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("records", type=int, nargs="+", help="numbers of records")
    parser.add_argument("--times", type=int, default=3, help="how often each case is measured")
    parser.add_argument("--peers", default=",".join(PEERS), help="who else, by commas; '' for nobody")
    asked = parser.parse_args()
    peers = tuple(name.strip() for name in asked.peers.split(",") if name.strip())
    if unknown := set(peers) - set(PEERS):
        parser.error(f"there is no peer {', '.join(sorted(unknown))}: {', '.join(PEERS)}")
    for records in asked.records:
        with open_house() as house:
            found: list[Result] = []
            for result in Bench(house, records, asked.times).measure(peers):
                found.append(result)
                print(line(result, found), flush=True)


def line(result: Result, found: list[Result]) -> str:
    """Return a figure as a line."""
    cost = result.cost
    return (
        f"{result.records:>9,}  {result.who:<12} {result.case:<12} {cost.wall_s:8.2f} s  {cost.cpu_s:8.2f} s CPU  "
        f"{cost.peak_mb:6.0f} MB"
    )


if __name__ == "__main__":
    main()
