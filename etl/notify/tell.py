"""Tells somebody of runs, once they are over: this one, and earlier ones of its source of which nobody was told.

At least once: a run is told until its log says so (`notified_at`), by the run itself, else by the next one of its source.
Nothing that goes wrong here changes how a run ended: it is one warning in the log.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from etl.config.receiver import Receiver
from etl.db.connection import Postgres
from etl.errors import EtlError, Interrupted
from etl.model.panel import Panel
from etl.notify.message import body_of
from etl.notify.news import NEWS_DAYS, read_due, read_notice
from etl.notify.post import NoticeError, post
from etl.runtime.log import get_logger
from etl.runtime.signals import is_asked_to_stop

BUDGET_S = 10.0
"""How long telling may take in all."""

_LOCK_TIMEOUT_S = 2.0
_STATEMENT_TIMEOUT_S = 5.0


@dataclass(frozen=True)
class Notices:
    """Who is told of runs, and as what.

    Attributes:
        job: ETL_JOB.
        panel: The CMS's panel, for links.
    """

    receiver: Receiver
    job: str
    panel: Panel


def tell_of_runs(db: Postgres, notices: Notices, id_prefix: str) -> None:
    """Tell of the runs of a source that are due, the oldest first; on a new connection if this one is gone."""
    if is_asked_to_stop():
        return  # the next run does it
    try:
        with _alive(db) as alive:
            _tell(alive, notices, id_prefix)
    except (EtlError, Interrupted) as error:
        get_logger().warning("notify_failed", error=error)


@contextmanager
def _alive(db: Postgres) -> Iterator[Postgres]:
    if db.is_open:
        yield db
        return
    with db.another() as other:
        yield other


def _tell(db: Postgres, notices: Notices, id_prefix: str) -> None:
    until_s = time.monotonic() + BUDGET_S
    for row in read_due(db, id_prefix):
        try:
            _tell_of_run(db, notices, row, until_s)
        except NoticeError as error:
            if not error.is_refused:
                raise
            get_logger().warning("notify_failed", of=row["sync_id"], error=error)  # another one may be taken
        else:
            with db.short_transaction(_LOCK_TIMEOUT_S, _STATEMENT_TIMEOUT_S):
                db.run("notify/mark_told", row["sync_id"])


def _tell_of_run(db: Postgres, notices: Notices, row: Mapping[str, Any], until_s: float) -> None:
    notice = read_notice(db, row, notices.job, notices.panel)
    if notice is None:
        return
    if row["is_old"]:
        error = f"It could not be told for {NEWS_DAYS} days, and is no news any more."
        get_logger().warning("notify_failed", of=row["sync_id"], error=error)
        return
    post(notices.receiver, row["sync_id"], body_of(notice, notices.receiver.form), until_s)
    get_logger().info("notice_sent", of=row["sync_id"], events=notice.events, documents=notice.rows)
