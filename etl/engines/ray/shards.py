"""Snapshots whose records several processes write, each a shard of them.

A shard is named by its place and by what it holds: one that is written twice, as its process died the first time, is the
same file again, or another one that nobody reads.
"""

import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from types import TracebackType
from typing import Self, Unpack

import pyarrow as pa

from etl.errors import EtlError
from etl.snapshot.folder import SnapshotFolder, SnapshotInfo, facts_of, flush, take_back, writing
from etl.snapshot.location import locate
from etl.snapshot.manifest import FileFacts, shard_name
from etl.snapshot.reader import Snapshot
from etl.snapshot.writer import RecordsFile

_PATIENCE_S = 2.0

Shards = Mapping[str, FileFacts]
"""The files that hold records, by name."""


class ShardFile:
    """One shard while it is written; a context manager that leaves nothing unfinished.

    Args:
        address: What `ShardedWriter.address` says.
        number: Its place among the shards, from 0.

    Raises:
        EtlError: It can't be written there.
    """

    def __init__(self, address: str, number: int) -> None:
        self._folder = locate(address)
        self._number = number
        work = Path(self._folder.path if self._folder.is_local else tempfile.gettempdir())
        self._path = work / f".shard-{number:05d}-{token_hex(8)}.tmp"

    def __enter__(self) -> Self:
        """Open the file under a name that nothing else has."""
        with writing(self._folder):
            self._records = RecordsFile(self._path)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove what is not finished."""
        self._records.abandon()
        with suppress(OSError):
            self._path.unlink(missing_ok=True)

    def write(self, records: pa.Table) -> None:
        """Take the next records; SNAPSHOT_SCHEMA."""
        with writing(self._folder):
            self._records.write(records)

    def finish(self) -> tuple[str, FileFacts]:
        """Put the shard in its place, whole, and return its name and what the manifest says of it."""
        with writing(self._folder):
            self._records.finish()
            facts = facts_of(self._path)
            name = shard_name(self._number, facts.sha256)
            if self._folder.is_local:
                flush(self._path)
                self._path.replace(Path(self._folder.path) / name)
            else:
                self._folder.inside(name).upload(self._path)
        return name, facts


class ShardedWriter(SnapshotFolder):
    """Makes a snapshot of shards that were written by others; a context manager.

    Left without `finish`, nothing stays. Args and errors are SnapshotFolder's.
    """

    _is_finished = False

    @property
    def address(self) -> str:
        """Where shards go: a folder that is the same one for all, or s3://."""
        return str(self._work) if self._place.is_local else self._place.shown

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove what is not finished."""
        deadline = time.monotonic() + _PATIENCE_S
        while self._work.exists() and time.monotonic() < deadline:
            super().__exit__(
                kind, error, trace
            )  # once more where a process that is just ending wrote in between
        if not self._place.is_local and not self._is_finished:
            take_back(self._place)

    def finish(self, shards: Shards, **told: Unpack[SnapshotInfo]) -> Snapshot:
        """Put the snapshot in its place and return it; shards that are not named, of an earlier pass, are removed.

        Args:
            shards: Those that count.
            **told: What may be told of their records.

        Raises:
            EtlError: A shard is not where this process looks for it.
        """
        with writing(self._place):
            self._keep_only(shards)
            snapshot = self._finish(shards, told)
        self._is_finished = True
        return snapshot

    def _keep_only(self, shards: Shards) -> None:
        place = locate(self.address)
        found = {entry.base_name: entry for entry in place.entries()}
        for name, facts in shards.items():
            if name not in found or found[name].size != facts.bytes:
                raise EtlError(
                    f"A worker wrote {name}, and it is not in {self._place.shown} here. SNAPSHOT_DIR has to be a folder "
                    "that all nodes share, or s3://bucket/prefix."
                )
        for name in found.keys() - shards.keys():
            place.inside(name).delete_file()
