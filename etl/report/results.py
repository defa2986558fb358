"""Results of the commands, as plain data: the same for text, JSON and tests."""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from etl.load.plan import Counts

Status = Literal["COMPLETED", "PARTIAL"]


@dataclass(frozen=True)
class Extracted:
    """What `etl extract` made, and the first part of every sync.

    Attributes:
        snapshot: Where it is.
        records: Records in it.
        pages: Pages of the API; 0 for a replayed snapshot.
        retries: Further tries by reason.
        is_complete: False: the API gave less than it promised, and that was allowed.
        problems: What did not add up; empty where complete.
        unknown_fields: Fields outside the contract, each with the number of records that had it.
        not_text: Fields that held an object or a list, likewise.
        latency_avg_s: Mean seconds a request took.
        latency_max_s: The slowest request.
    """

    snapshot: str
    records: int
    pages: int = 0
    retries: dict[str, int] = field(default_factory=dict)
    is_complete: bool = True
    problems: tuple[str, ...] = ()
    unknown_fields: dict[str, int] = field(default_factory=dict)
    not_text: dict[str, int] = field(default_factory=dict)
    latency_avg_s: float = 0.0
    latency_max_s: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """Return the result ready for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Synced:
    """What a sync did.

    Attributes:
        sync_id: Its id, for `etl runs`.
        status: COMPLETED, or PARTIAL where records were rejected or the source was incomplete.
        extracted: What the source gave.
        counts: What happened to the records.
        issues: Findings by code.
        repairs: Text repairs by kind, in values.
        rules: How floors and categories were found, by rule, in records.
        seconds: Time by stage, and `total`.
        peak_memory_mb: Highest resident memory of the process so far.
    """

    sync_id: str
    status: Status
    extracted: Extracted
    counts: Counts
    issues: dict[str, int]
    repairs: dict[str, int]
    rules: dict[str, int]
    seconds: dict[str, float]
    peak_memory_mb: float

    def as_dict(self) -> dict[str, Any]:
        """Return the result ready for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Check:
    """One thing that `etl check` tried.

    Attributes:
        name: What was tried.
        state: ok, warning or failed.
        message: What was found, and what to do about it.
        exit_code: That of the error behind a failure; 0 otherwise.
    """

    name: str
    state: Literal["ok", "warning", "failed"]
    message: str
    exit_code: int = 0
