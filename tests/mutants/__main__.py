"""`python -m tests.mutants`: draw mutants, run them, and print those that no test noticed."""

import argparse

from tests.mutants import report
from tests.mutants.covering import KEPT, read_map
from tests.mutants.model import Mutant
from tests.mutants.run import Runner, trees
from tests.mutants.sample import draw, mutants_in

_LAST = KEPT / "last.json"


def main() -> None:
    """Run as the options say."""
    options = _options()
    known = read_map(remake=options.map, workers=options.workers)
    with trees(options.workers) as copies:
        runner = Runner(copies, known, options.seconds)
        outcomes = runner.run(_chosen(options))
    report.save(outcomes, _LAST)
    print(f"\n{report.report(outcomes)}\n{runner.seconds:.0f} CPU seconds of tests")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--count", type=int, default=100, help="how many mutants to draw (100)")
    parser.add_argument("--seed", type=int, default=1, help="the seed of the draw (1)")
    parser.add_argument("--language", choices=["all", "python", "sql"], default="all", help="of what (all)")
    parser.add_argument(
        "--file", action="append", help="every mutant of a file in place of a draw; may be repeated"
    )
    parser.add_argument(
        "--again", action="store_true", help="the survivors of the last run in place of a draw"
    )
    parser.add_argument("--seconds", type=float, default=40, help="CPU seconds of tests for each mutant (40)")
    parser.add_argument("--workers", type=int, default=2, help="how many mutants to run at a time (2)")
    parser.add_argument("--map", action="store_true", help="record again what each test runs")
    return parser.parse_args()


def _chosen(options: argparse.Namespace) -> list[Mutant]:
    if options.file:
        return [mutant for file in options.file for mutant in mutants_in(file)]
    if options.again:
        return [one.mutant for one in report.read(_LAST) if one.end in {"survived", "not run"}]
    return draw(options.count, options.seed, options.language)


if __name__ == "__main__":
    main()
