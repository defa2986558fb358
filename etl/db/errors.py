"""What Postgres refused, or the connection to it, in words that say what to do."""

import adbc_driver_manager

from etl.db.connect_errors import find_failure
from etl.errors import LoadError
from etl.runtime.visible import visible

_LOST = ("08", "57P")
"""SQLSTATEs after which the connection is of no use."""

_PASSING = ("40001", "40P01", "53300", "55P03", *_LOST)
"""SQLSTATEs of a transaction that may well succeed when it is tried again."""

_NOT_A_ROWS = frozenset({
    "", "00", "01", "02", "03", "08", "09", "0A", "0B", "0F", "0L", "0P", "0Z", "10", "21", "24", "25", "26", "27",
    "28", "2B", "2D", "2F", "34", "38", "39", "3B", "3D", "3F", "40", "42", "53", "55", "57", "58", "72", "F0", "HV", "XX",
})  # fmt: skip
"""The classes of SQLSTATEs that Postgres raises for a fault of something else than a row's values.

Those of values are 22, 23, 44 and 54. PL/pgSQL's own (P0, and 20 of a CASE that nothing fits), and any class that Postgres
does not know, come from the code of a trigger.
"""

NOT_WRITTEN = "02000"
"""SQLSTATE of a row that the database left out without a word: the standard's "no data", which Postgres raises nowhere."""

_ADVICE: dict[str, str] = {
    "08001": "Check DATABASE_URL, and that the server is up and reachable from here.",
    "08": "The connection broke; see that the server is up and reachable, then run again.",
    "22": "A value does not fit its column.",
    "23": "A constraint of the CMS refuses the row.",
    "25006": "The server is read-only (a replica?); point DATABASE_URL at the primary.",
    "28": "Postgres refused the login; check the user and password in DATABASE_URL or DB_PASS.",
    "3D000": "That database does not exist; check the name in DATABASE_URL or DATABASE_NAME.",
    "40P01": "Two transactions blocked each other; run again.",
    "42501": "The role does not have a right; `etl check` lists what it needs.",
    "42P01": "A table is missing; run `etl check`, and `etl init` for the job's own tables.",
    "42703": "A column is missing; `etl check` compares the CMS's tables with what the job needs.",
    "53100": "The server's disk is full.",
    "53300": "The server has no free connection; run again later.",
    "55P03": "A row or table stayed locked longer than LOCK_TIMEOUT_S; run again, or raise it.",
    "57014": "The statement was cancelled, or took longer than STATEMENT_TIMEOUT_S.",
    "57P": "The server is shutting down or was restarted; run again.",
}


class PostgresError(LoadError):
    """A statement that Postgres refused.

    Attributes:
        sqlstate: Postgres's five-character code, '' where the connection itself failed.
        detail: The server's own words, one line.
    """

    def __init__(self, message: str, sqlstate: str, detail: str) -> None:
        super().__init__(message)
        self.sqlstate = sqlstate
        self.detail = detail

    def __reduce__(self) -> tuple[type["PostgresError"], tuple[str, str, str]]:
        """Let it be sent to another process, as it is."""
        return type(self), (str(self), self.sqlstate, self.detail)

    @property
    def is_about_a_row(self) -> bool:
        """Tell whether a row's own values are to blame: data, a constraint, a size, or a trigger that refuses it."""
        return self.sqlstate[:2] not in _NOT_A_ROWS or self.sqlstate == NOT_WRITTEN

    @property
    def is_lost(self) -> bool:
        """Tell whether the connection is gone, or was never there."""
        return self.sqlstate.startswith(_LOST)

    @property
    def is_passing(self) -> bool:
        """Tell whether the same transaction may succeed when it is tried again."""
        return self.sqlstate.startswith(_PASSING)


def translate(error: adbc_driver_manager.Error, doing: str) -> PostgresError:
    """Return the driver's error as ours: what was being done, the server's words, its code, and what to do."""
    # an error without a code is libpq's own: the connection is gone
    sqlstate = str(getattr(error, "sqlstate", None) or "").strip("\0") or "08006"
    detail = _detail(error)
    code = f" (SQLSTATE {sqlstate})"
    message = f"Postgres failed at {doing}: {detail.rstrip('.')}{code}. {_advice(sqlstate)}".strip()
    return PostgresError(message, sqlstate, detail)


def lost_connection(doing: str, detail: str) -> PostgresError:
    """Return the error of a call on a connection that is gone."""
    return PostgresError(f"Postgres failed at {doing}: {detail}. {_advice('08')}", "08006", detail)


def connect_error(said: str, shown: str) -> PostgresError:
    """Make an error of a failed connection; libpq's own words may hold the password of a malformed address."""
    failure = find_failure(said)
    advice = failure.advice or _advice(failure.sqlstate or "08001")
    message = f"Can't connect to {shown}: {failure.reason}. {advice}"
    return PostgresError(message, failure.sqlstate, failure.reason)


def _advice(sqlstate: str) -> str:
    return next((_ADVICE[code] for code in (sqlstate, sqlstate[:3], sqlstate[:2]) if code in _ADVICE), "")


def _detail(error: adbc_driver_manager.Error) -> str:
    details: dict[bytes, bytes] = dict(getattr(error, "details", None) or [])
    primary = details.get(b"PG_DIAG_MESSAGE_PRIMARY", b"")
    more = details.get(b"PG_DIAG_MESSAGE_DETAIL", b"")
    text = b" ".join(part for part in (primary, more) if part).decode("utf-8", "replace")
    # one line and harmless at once: it goes into messages that have lines of their own, the log and the CMS's screen
    return visible(text or str(error).strip().splitlines()[0], line_break="⏎")
