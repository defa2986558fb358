"""Results of the commands, as plain data: the same for text, JSON and tests."""

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from etl.contract.counters import PlanCounts

if TYPE_CHECKING:
    from etl.snapshot import Snapshot


Status = Literal["COMPLETED", "PARTIAL"]


@dataclass(frozen=True)
class Side:
    """What is compared.

    Attributes:
        kind: Where it is.
        name: Its address without secrets, or the folder of the snapshot.
        records: Records in it; null for a database.
    """

    kind: Literal["api", "snapshot", "database"]
    name: str
    records: int | None = None

    @classmethod
    def of(cls, snapshot: "Snapshot", *, is_saved: bool) -> "Side":
        """Say where records are from: a saved snapshot, or the API, whose snapshot is not kept."""
        name = snapshot.path if is_saved else snapshot.manifest.source
        return cls("snapshot" if is_saved else "api", name, snapshot.record_count)


@dataclass(frozen=True)
class ExtractResult:
    """The outcome of an extraction, from the pages to the manifest, the log and the metrics.

    Attributes:
        snapshot: Where it is; '' while it is being written.
        records: Records in it.
        pages: Pages of the API; 0 for a replayed snapshot.
        retries: Further tries by reason: http_503, http_429, timeout, connection, cut_short, bad_body.
        is_complete: False: the API gave less than it promised, and that was allowed.
        problems: What did not add up; empty where complete.
        unknown_fields: Fields outside the contract, each with the number of records that had it.
        not_text: Fields that held an object or a list, likewise.
        latency_avg_s: Mean seconds from a request to the end of its page, good pages only.
        latency_max_s: The longest of them.
        passes: How often the list was read from its start; not in JSON, nor is the next one.
        requests: HTTP requests, retries included.
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
    passes: int = 1
    requests: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Return the result ready for JSON."""
        return {name: value for name, value in asdict(self).items() if name not in {"passes", "requests"}}

    def figures(self) -> dict[str, int]:
        """Return the figures for the line of the stage in the log."""
        return {"records": self.records, "pages": self.pages, "retries": self.retried}

    def performance(self) -> dict[str, Any]:
        """Return what the row of the run in the log of runs keeps of it."""
        names = ("pages", "retries", "latency_avg_s", "latency_max_s")
        incomplete = {} if self.is_complete else {"incomplete": list(self.problems)}
        return {name: getattr(self, name) for name in names} | incomplete

    @property
    def retried(self) -> int:
        """How many further tries there were."""
        return sum(self.retries.values())


@dataclass(frozen=True)
class SyncResult:
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
        peak_memory_mb: Highest resident memory of the process so far, in MiB, as `etl.runtime.timing.peak_memory_mb` says.
        source: Name of the source; '' for the one without a name.
    """

    sync_id: str
    status: Status
    extracted: ExtractResult
    counts: PlanCounts
    issues: dict[str, int]
    repairs: dict[str, int]
    rules: dict[str, int]
    seconds: dict[str, float]
    peak_memory_mb: float
    source: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the result ready for JSON."""
        return asdict(self) | {"extracted": self.extracted.as_dict()}


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
