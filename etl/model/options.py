"""What the person who runs a sync may choose."""

from dataclasses import dataclass
from typing import Any, Literal

from etl.errors import ConfigError
from etl.runtime.redact import holds_key

EngineName = Literal["local", "ray"]


Missing = Literal["keep", "inactivate"]
Winner = Literal["source", "editor"]


@dataclass(frozen=True)
class SyncOptions:
    """What the person who runs a sync may choose.

    Attributes:
        snapshot: Replay this snapshot instead of calling the API.
        plan: Apply this saved plan; it says what snapshot, missing, conflicts and max_drop would.
        allow_partial: Load what came even where the API gave less than it promised.
        missing: What happens to rows whose record left the source: keep or inactivate.
        conflicts: Who wins a conflict: source or editor.
        max_drop: Share of records that may be gone since the last good run, 0 to 1; None is the setting.
        recreate: Rows that are gone from the CMS are made again.
        retake: Values in the CMS that the job had replaced give way to the source's again.
        force_open: Rows that somebody has open in the CMS are written too.
        force: Load even if a safety check (guard) refuses the run.
        wait: Seconds to wait for another run to end.
        engine: Who fetches, transforms and stages: local, this process; or ray, the workers of a cluster.
        ray_address: Of a running cluster; None starts one on this machine.
    """

    snapshot: str | None = None
    plan: str | None = None
    allow_partial: bool = False
    missing: Missing = "keep"
    conflicts: Winner = "source"
    max_drop: float | None = None
    recreate: bool = False
    retake: bool = False
    force_open: bool = False
    force: bool = False
    wait: float = 0.0
    engine: EngineName = "local"
    ray_address: str | None = None

    def __post_init__(self) -> None:
        """Refuse a snapshot's address that holds a key: options are logged before anything is opened.

        Raises:
            ConfigError: it does.
        """
        if self.snapshot is not None and holds_key(self.snapshot):
            raise ConfigError("The address of a snapshot must not hold a key. Give s3://bucket/prefix alone.")

    def require_sense(self, *, has_snapshot: bool = False) -> None:
        """Make sure that the options go together.

        Args:
            has_snapshot: Snapshots are to be replayed.

        Raises:
            ConfigError: a plan is to be applied that says already what another option says.
        """
        given = {*self.changed(), *(["snapshot"] if has_snapshot else [])}
        said = sorted(
            {"snapshot", "missing", "conflicts", "max_drop", "recreate", "retake", "engine"} & given
        )
        if self.plan is not None and said:
            options = ", ".join(f"--{name.replace('_', '-')}" for name in said)
            raise ConfigError(f"{options} can't go with --plan: the plan was made with its own.")

    def open_s(self, setting: int) -> int:
        """Return the seconds in which a document counts as open, by the setting; 0 for rows that need not wait."""
        return 0 if self.force_open else setting

    def changed(self) -> dict[str, Any]:
        """Return the options that are not the default, for the log of runs."""
        default = SyncOptions()
        return {name: value for name, value in vars(self).items() if value != getattr(default, name)}
