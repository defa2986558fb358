"""What a whole run of the tests measured: its slowest tests, and the coverage, which has bars.

python -m tests.results FOLDER

FOLDER holds junit.xml of pytest and coverage.json of coverage.py; durations.txt is written beside them.
"""

import json
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

BARS = {"lines": 95.0, "branches": 90.0}
"""The least shares of etl/ that the tests run, in percent."""

SHOWN = 20


def slowest(junit: str) -> list[tuple[float, str]]:
    """Return the seconds and the name of each test, the slowest first; set-up and tear-down count."""
    cases = ET.fromstring(junit).iter("testcase")
    found = [(float(case.get("time", 0)), f"{case.get('classname')}::{case.get('name')}") for case in cases]
    return sorted(found, key=lambda one: (-one[0], one[1]))


def shares(coverage: dict[str, Any]) -> dict[str, float]:
    """Return the shares of lines and of branches that were run, in percent."""
    totals = coverage["totals"]
    return {
        "lines": 100 * totals["covered_lines"] / totals["num_statements"],
        "branches": 100 * totals["covered_branches"] / totals["num_branches"],
    }


def main(folder: Path) -> int:
    """Write the durations, print the slowest and the coverage, and return 1 where a bar is not reached."""
    durations = slowest((folder / "junit.xml").read_text(encoding="utf-8"))
    lines = [f"{seconds:8.2f} s  {name}" for seconds, name in durations]
    (folder / "durations.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"The slowest of {len(lines)} tests:", *lines[:SHOWN], sep="\n")
    found = shares(json.loads((folder / "coverage.json").read_text(encoding="utf-8")))
    for name, share in found.items():
        print(f"coverage of {name}: {share:.1f} %, at least {BARS[name]:g} % wanted")
    return int(any(share < BARS[name] for name, share in found.items()))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
