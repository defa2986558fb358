"""Reads a snapshot, a batch at a time."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from functools import cached_property
from pathlib import Path
from typing import cast
from weakref import finalize

import polars as pl
import pyarrow as pa
from pyarrow import fs

from etl.contract.raw import SNAPSHOT_SCHEMA
from etl.contract.reference import CATEGORIES as CATEGORY_COLUMNS
from etl.contract.reference import FLOORS as FLOOR_COLUMNS
from etl.errors import ConfigError, ContractError
from etl.model.results import ExtractResult
from etl.runtime.scratch import drop_scratch, make_scratch
from etl.runtime.visible import visible
from etl.snapshot.json_checks import MOST_BYTES
from etl.snapshot.location import CutShort, Location, locate, readable
from etl.snapshot.manifest import CATEGORIES, FLOORS, MANIFEST, Manifest, read_manifest
from etl.snapshot.parquet_checks import SoundParquet, UnsoundParquet
from etl.snapshot.storage import find_snapshots


class Snapshot:
    """The records of one moment; made by `open_snapshot` or `SnapshotWriter.finish`.

    Of a snapshot on S3 a file is read from a copy on this machine, made once, which is what the manifest says.

    Attributes:
        manifest: What it says of itself.
    """

    def __init__(self, place: Location, manifest: Manifest) -> None:
        self._place = place
        self._copies: Path | None = None
        self.manifest = manifest

    @property
    def path(self) -> str:
        """Where it is, as `open_snapshot` takes it."""
        return self._place.shown

    @property
    def address(self) -> str:
        """Where it is, from whatever folder: an absolute path, or s3://bucket/prefix."""
        return self._place.path if self._place.is_local else self._place.shown

    @property
    def id(self) -> str:
        """Its name, e.g. `20261123T210451Z-3f9a1c`; sorts by time."""
        return self._place.name

    @property
    def record_count(self) -> int:
        """Its records."""
        return self.manifest.records

    @property
    def extracted(self) -> ExtractResult:
        """The outcome of its extraction, as a replay has it: nothing is fetched now."""
        manifest = self.manifest
        return ExtractResult(
            snapshot=self.address,
            records=manifest.records,
            is_complete=manifest.complete,
            problems=manifest.problems,
            unknown_fields=manifest.unknown_fields,
            not_text=manifest.not_text,
        )

    @cached_property
    def floors(self) -> pl.DataFrame | None:
        """The CMS's floors of that moment (contract.reference.FLOORS); None where they were not known."""
        return self._read_reference(FLOORS, FLOOR_COLUMNS)

    @cached_property
    def categories(self) -> pl.DataFrame | None:
        """The CMS's categories of that moment (contract.reference.CATEGORIES); None where not known."""
        return self._read_reference(CATEGORIES, CATEGORY_COLUMNS)

    def batches(
        self, size: int, columns: Sequence[str] | None = None, places: range | None = None
    ) -> Iterator[pl.DataFrame]:
        """Yield the records (contract.raw.RAW_POLARS) in order, `size` at a time; the last may be smaller.

        Memory: one row group and one batch, whatever the number of records.

        Args:
            size: How many records a batch has.
            columns: Those that are wanted, which saves most of the time; None for all.
            places: The records that are wanted, from 0; None for all. Others are not unpacked, but for their row groups'.
        """
        if size < 1:
            raise ValueError("size must be at least 1")
        pending: list[pl.DataFrame] = []
        rows = 0
        for group in self._groups(columns, range(self.record_count) if places is None else places):
            pending.append(group)
            rows += group.height
            if rows < size:
                continue
            gathered = pl.concat(pending)
            whole = rows - rows % size
            for start in range(0, whole, size):
                yield gathered.slice(start, size)
            rows -= whole
            pending = [gathered.slice(whole)] if rows else []
            del group, gathered  # not to be kept while the next is read
        if rows:
            yield pl.concat(pending)

    def _groups(self, columns: Sequence[str] | None, places: range) -> Iterator[pl.DataFrame]:
        first = 0
        for name in self.manifest.record_files:
            rows = self.manifest.files[name].rows
            if _overlap(places, first, rows):
                yield from self._groups_of(name, columns, places, first)
            first += rows

    def _groups_of(
        self, name: str, columns: Sequence[str] | None, places: range, first: int
    ) -> Iterator[pl.DataFrame]:
        with closing(Records(self, [name])) as records:
            for number, rows in enumerate(records.group_rows):
                if wanted := _overlap(places, first, rows):
                    yield _frame(records.group(number, columns)).slice(wanted.start - first, len(wanted))
                first += rows

    def open_records(self) -> "Records":
        """Open the records; the caller closes them."""
        return Records(self, self.manifest.record_files)

    def open_file(self, name: str) -> SoundParquet:
        """Open a file of records. Raises ContractError where it is damaged."""
        with self.sound(name):
            return self._open(name, SNAPSHOT_SCHEMA)

    @contextmanager
    def sound(self, name: str) -> Iterator[None]:
        """Turn what is wrong inside a parquet file into ContractError, and what is wrong around it into ConfigError."""
        place = self._place.inside(name)
        with readable(place.shown):
            try:
                yield
            except (UnsoundParquet, pa.ArrowException, OverflowError, pl.exceptions.PolarsError) as error:
                raise _damaged(place, error) from error
            except OSError as error:
                # what the disk says has a number; what Arrow says of a page that it can't unpack has none
                if error.errno is not None:
                    raise
                raise _damaged(place, error) from error

    def _open(self, name: str, schema: pa.Schema | None) -> SoundParquet:
        return SoundParquet(
            pa.OSFile(str(self._on_this_machine(name)), "r"), self.manifest.files[name].rows, schema
        )

    def _on_this_machine(self, name: str) -> Path:
        """Return where a file can be read: itself, or a copy of one on S3."""
        place = self._place.inside(name)
        if place.is_local:
            return Path(place.path)
        with readable(place.shown):
            if self._copies is None:
                self._copies = make_scratch("snapshot")
                finalize(self, drop_scratch, self._copies)
            copy = self._copies / name
            if not copy.exists():
                self._download(name, copy.with_suffix(".part")).rename(copy)
        return copy

    def _download(self, name: str, path: Path) -> Path:
        try:
            self._place.inside(name).download(path, lambda path: self._fault(name, path) is None)
        except CutShort:
            raise self._altered(name, path) from None
        return path

    def _fault(self, name: str, path: Path) -> str | None:
        """Return how a file differs from what the manifest says of it; None where it does not."""
        facts = self.manifest.files[name]
        size = path.stat().st_size
        if size != facts.bytes:
            return f"it has {size:,} bytes, the manifest says {facts.bytes:,}"
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        return (
            None
            if found == facts.sha256
            else f"its SHA-256 is {found[:12]}…, the manifest says {facts.sha256[:12]}…"
        )

    def _altered(self, name: str, path: Path) -> ContractError:
        place = self._place.inside(name)
        return ContractError(f"{place.shown} is not what was written: {self._fault(name, path)}. {_ADVICE}")

    def verify(self) -> None:
        """Hold every file against the manifest.

        Raises:
            ContractError: A file is missing, leads elsewhere, or is not what was written.
        """
        for name in self.manifest.files:
            place = self._place.inside(name)
            with readable(place.shown):
                _require_file(place)
                path = self._on_this_machine(name)
                if place.is_local and self._fault(name, path) is not None:
                    raise self._altered(name, path)

    def _read_reference(self, name: str, columns: dict[str, pl.DataType]) -> pl.DataFrame | None:
        if name not in self.manifest.files:
            return None
        with self.sound(name), closing(self._open(name, None)) as parquet:
            # a frame without rows has the types, before any row is unpacked
            if dict(_frame(parquet.schema.empty_table()).schema) != columns:
                raise UnsoundParquet("its columns or their types are others")
            return _frame(parquet.read())


class Records:
    """The records of a snapshot, read a row group at a time; made by `Snapshot.open_records`.

    One file is open at a time, however many shards there are.

    Attributes:
        group_rows: The rows of each row group.
    """

    def __init__(self, snapshot: Snapshot, names: Sequence[str]) -> None:
        self._snapshot = snapshot
        self._open: tuple[str, SoundParquet] | None = None
        self._groups: list[tuple[str, int]] = []
        self.group_rows: list[int] = []
        for name in names:
            rows = self._file(name).group_rows
            self._groups += [(name, number) for number in range(len(rows))]
            self.group_rows += rows

    def _file(self, name: str) -> SoundParquet:
        if self._open is None or self._open[0] != name:
            self.close()
            self._open = name, self._snapshot.open_file(name)
        return self._open[1]

    def group(self, number: int, columns: Sequence[str] | None = None) -> pa.Table:
        """Return the records of a row group: SNAPSHOT_SCHEMA, or the columns of it that are wanted.

        Raises:
            ContractError: It is damaged, or takes more memory than it may.
        """
        name, place = self._groups[number]
        file = self._file(name)
        with self._snapshot.sound(name):
            return file.group(place, columns)

    def close(self) -> None:
        """Close the file that is open."""
        if self._open is not None:
            self._open[1].close()
            self._open = None


def _overlap(places: range, first: int, rows: int) -> range:
    return range(max(places.start, first), min(places.stop, first + rows))


def _frame(table: pa.Table) -> pl.DataFrame:
    return cast("pl.DataFrame", pl.from_arrow(table))


def _damaged(place: Location, error: Exception) -> ContractError:
    reason = visible((str(error).splitlines() or [""])[0][:200].rstrip("."), line_break=" ")
    return ContractError(f"{place.shown} can't be read: {reason}. {_ADVICE}")


_ADVICE = "The snapshot is damaged or was changed. Take another one, or make one with `etl extract`."


def open_snapshot(path: str) -> Snapshot:
    """Open the snapshot in this folder, locally or on s3://, and verify its files.

    Raises:
        ConfigError: There is no snapshot; the message says where some are.
        ContractError: It is damaged, made by another version, or a file of it is none or leads out of the folder.
    """
    place = locate(path)
    manifest = place.inside(MANIFEST)
    with readable(place.shown):
        kind = place.kind()
        if kind == fs.FileType.NotFound:
            raise ConfigError(f"There is no snapshot at {place.shown}. `etl extract` makes one.")
        if kind == fs.FileType.File:
            raise ConfigError(f"{place.shown} is a file; give the folder of the snapshot.")
        if manifest.kind() == fs.FileType.NotFound and not manifest.is_link():
            raise ConfigError(_explain_folder(place))
        _require_file(manifest)
        snapshot = Snapshot(place, read_manifest(manifest.read(MOST_BYTES + 1), place.shown))
    snapshot.verify()
    return snapshot


def _require_file(place: Location) -> None:
    """Raise ContractError for what is not a plain file of its folder: a folder, pipe, device, or link that leads away."""
    if place.leads_away():
        raise ContractError(f"{place.shown} is a link that leads out of the snapshot. {_ADVICE}")
    kind = place.kind()
    if kind == fs.FileType.NotFound:
        raise ContractError(f"{place.shown} is missing. {_ADVICE}")
    if kind != fs.FileType.File:
        raise ContractError(f"{place.shown} is not a plain file. {_ADVICE}")


def _explain_folder(place: Location) -> str:
    found = find_snapshots(place)
    if not found:
        return f"{place.shown} is not a snapshot: it has no {MANIFEST}. `etl extract` makes one."
    examples = ", ".join(snapshot.name for snapshot in found[:3])
    count = f"{len(found)} snapshots ({examples}{', …' if len(found) > 3 else ''})"
    return f"{place.shown} is a folder of {count}. Give one of them; the newest is {found[-1].shown}."
