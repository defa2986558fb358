"""A control group as small as the smallest Fargate task, where the machine lets one be made: cgroup v1 or v2."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

_ROOT = Path("/sys/fs/cgroup")
_PERIOD_US = 100_000


@dataclass(frozen=True)
class Cgroup:
    """A group that was made.

    Attributes:
        folders: Where a process is put into it; of v1 one for each controller.
        memory: The file that says how much memory it took at most, with the pages of files that it was the first to read.
    """

    folders: tuple[Path, ...]
    memory: Path

    @property
    def enter(self) -> Callable[[], None]:
        """What puts the calling process into the group: for Popen's `preexec_fn`."""

        def enter() -> None:
            for folder in self.folders:
                (folder / "cgroup.procs").write_text(str(os.getpid()))

        return enter

    @property
    def peak_mb(self) -> float:
        """The most memory that it took, in MiB; it is never more than the limit, at which caches are dropped."""
        return int(self.memory.read_text()) / (1 << 20)


@contextmanager
def small_task(memory_mb: int = 512, cpus: float = 0.25) -> Iterator[Cgroup | None]:
    """Make a group with these limits, and remove it; None where none can be made."""
    name = f"etl-{token_hex(4)}"
    made: list[Path] = []
    try:
        yield _make(name, memory_mb << 20, round(cpus * _PERIOD_US), made)
    finally:
        for folder in made:
            with suppress(OSError):
                folder.rmdir()


def _make(name: str, memory: int, quota_us: int, made: list[Path]) -> Cgroup | None:
    with suppress(OSError):
        if (_ROOT / "cgroup.controllers").exists():
            folder = _folder(_ROOT / name, made)
            (folder / "memory.max").write_text(str(memory))
            (folder / "cpu.max").write_text(f"{quota_us} {_PERIOD_US}")
            return Cgroup((folder,), folder / "memory.peak")
        of_memory, of_cpu = (_folder(_ROOT / controller / name, made) for controller in ("memory", "cpu"))
        (of_memory / "memory.limit_in_bytes").write_text(str(memory))
        (of_cpu / "cpu.cfs_period_us").write_text(str(_PERIOD_US))
        (of_cpu / "cpu.cfs_quota_us").write_text(str(quota_us))
        return Cgroup((of_memory, of_cpu), of_memory / "memory.max_usage_in_bytes")
    return None


def _folder(path: Path, made: list[Path]) -> Path:
    path.mkdir()
    made.append(path)
    return path
