"""What a run has in hand before it writes: what was counted, and the plan with what it was made of."""

from collections.abc import Mapping
from dataclasses import dataclass

from etl.extract.feeds import Feeds
from etl.load.batches import Found
from etl.load.known_sources import Judged
from etl.load.plan import Counts


@dataclass(frozen=True)
class Made:
    """A plan.

    Attributes:
        feeds: The sources that it was made of, and those that it leaves out.
        found: What was counted on the way.
        counts: What the plan does.
        judged: What guards look at, by the prefix of each source.
    """

    feeds: Feeds
    found: Found
    counts: Counts
    judged: Mapping[str, Judged]
