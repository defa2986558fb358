"""What is worth another try: a connection or a transaction that failed for a reason which passes."""

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from etl.db.connection import Postgres
from etl.db.errors import PostgresError
from etl.runtime.log import get_logger

_T = TypeVar("_T")

_FIRST_WAIT_S = 0.5
_WAIT_FACTOR = 3
_MOST_WAIT_S = 30.0


@dataclass
class Retries:
    """The further tries that one run has, whatever it spends them on.

    Attributes:
        most: How many there are; 0 never tries again.
        reasons: What was tried again so far, by SQLSTATE.
    """

    most: int
    reasons: Counter[str] = field(default_factory=Counter)

    def call(self, work: Callable[[], _T]) -> _T:
        """Return what the work returns, tried again from its start where its failure may pass.

        Raises:
            PostgresError: another try would not help, or none is left.
        """
        while True:
            try:
                return work()
            except PostgresError as error:
                if not error.is_passing or self.reasons.total() >= self.most:
                    raise
                self._wait(error)

    def _wait(self, error: PostgresError) -> None:
        tried = self.reasons.total()
        self.reasons[error.sqlstate] += 1
        wait_s = min(_FIRST_WAIT_S * _WAIT_FACTOR**tried, _MOST_WAIT_S) * random.uniform(1.0, 1.5)  # noqa: S311 — no secret
        get_logger().warning(
            "database_retry", reason=str(error), wait_s=round(wait_s, 1), left=self.most - tried - 1
        )
        time.sleep(wait_s)


def run_retries(db: Postgres, most: int) -> Retries:
    """Return the further tries of a run; those of opening its connection are counted, and spend nothing of what it has."""
    return Retries(most + db.retried.total(), Counter(db.retried))
