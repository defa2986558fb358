"""What is far off: ratios of one run, never a time by itself, and with room for a busy machine."""

from typing import NamedTuple

from bench.cases import Result


class Bound(NamedTuple):
    """At most so many times what another needs for the same, in seconds on the clock."""

    case: str
    other: str
    most: float


BOUNDS: tuple[Bound, ...] = (
    Bound("first load", "limit", 9.0),
    Bound("first load", "by hand", 8.0),
    Bound("unchanged", "limit", 9.0),
    Bound("unchanged", "by hand", 4.5),
    Bound("1 % changed", "limit", 9.0),
)
"""About twice what was measured with 10,000 records (bench/README.md)."""

MOST_MEMORY_MB = 320
"""No time, so it is not a matter of the machine."""


def far_off(found: list[Result]) -> list[str]:
    """Return a sentence for each ratio beyond its bound, and for each case that took too much memory."""
    seconds = {(one.who, one.case, one.records): one.cost.wall_s for one in found}
    complaints = [
        f"{one.case} with {one.records:,} records took {one.cost.peak_mb:.0f} MB; at most {MOST_MEMORY_MB} are expected."
        for one in found
        if one.who == "etl" and one.cost.peak_mb > MOST_MEMORY_MB
    ]
    for case, other, most in BOUNDS:
        for records in sorted({one.records for one in found}):
            ours, theirs = seconds.get(("etl", case, records)), seconds.get((other, case, records))
            if ours and theirs and ours > most * theirs:
                complaints.append(
                    f"{case} with {records:,} records took {ours / theirs:.1f} times as long as {other}; "
                    f"at most {most:g} are expected."
                )
    return complaints
