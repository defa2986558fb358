"""The time of a mall: what dates without a zone mean, and what is past."""

from dataclasses import dataclass
from datetime import datetime

MALL_TIMEZONE = "Asia/Bangkok"
"""The time zone of a mall where no setting names another."""


@dataclass(frozen=True)
class Clock:
    """What reading dates takes beside their text.

    Attributes:
        timezone: Of the mall, a name of the IANA database.
        now: The moment of the run; None where there is none, and nothing is past.
    """

    timezone: str = MALL_TIMEZONE
    now: datetime | None = None
