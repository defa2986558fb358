"""Reads a snapshot, a batch at a time."""

import hashlib
from collections.abc import Iterator
from functools import cached_property
from typing import cast

import polars as pl
import pyarrow.parquet as pq
from pyarrow import fs

from etl.errors import ConfigError, ContractError
from etl.snapshot.manifest import CATEGORIES, FLOORS, MANIFEST, TENANTS, Manifest, read_manifest
from etl.snapshot.store import Location, find_snapshots, locate, readable

_CHUNK_BYTES = 1 << 20


class Snapshot:
    """The records of one moment; made by `open_snapshot` or `SnapshotWriter.finish`.

    Attributes:
        manifest: What it says of itself.
    """

    def __init__(self, place: Location, manifest: Manifest) -> None:
        self._place = place
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

    @cached_property
    def floors(self) -> pl.DataFrame | None:
        """The CMS's floors of that moment (contract.reference.FLOORS); None where they were not known."""
        return self._read_reference(FLOORS)

    @cached_property
    def categories(self) -> pl.DataFrame | None:
        """The CMS's categories of that moment (contract.reference.CATEGORIES); None where not known."""
        return self._read_reference(CATEGORIES)

    def batches(self, size: int) -> Iterator[pl.DataFrame]:
        """Yield the records (contract.raw.RAW_POLARS) in order, `size` at a time; the last may be smaller.

        Memory: one row group and one batch, whatever the number of records.
        """
        if size < 1:
            raise ValueError("size must be at least 1")
        pending: list[pl.DataFrame] = []
        rows = 0
        for group in self._groups():
            pending.append(group)
            rows += group.height
            if rows < size:
                continue
            gathered = pl.concat(pending)
            whole = rows - rows % size
            for start in range(0, whole, size):
                yield gathered.slice(start, size)
            pending, rows = [gathered.slice(whole)], rows - whole
        if rows:
            yield pl.concat(pending)

    def _groups(self) -> Iterator[pl.DataFrame]:
        with readable(self.path), self.open_records() as parquet:
            for number in range(parquet.num_row_groups):
                table = parquet.read_row_group(number, use_threads=False)
                yield cast("pl.DataFrame", pl.from_arrow(table))

    def open_records(self) -> pq.ParquetFile:
        """Open tenants.parquet; the caller closes it."""
        with readable(self.path):
            file = self._place.files.open_input_file(self._place.inside(TENANTS).path)
            return pq.ParquetFile(file)

    def verify(self) -> None:
        """Hold every file against the manifest.

        Raises:
            ContractError: A file is missing, or is not what was written.
        """
        for name, facts in self.manifest.files.items():
            place = self._place.inside(name)
            with readable(place.shown):
                if place.kind() != fs.FileType.File:
                    raise ContractError(f"{place.shown} is missing. {_ADVICE}")
                found = _sha256(place)
            if found != facts.sha256:
                raise ContractError(
                    f"{place.shown} is not what was written: its SHA-256 is {found[:12]}…, the manifest says "
                    f"{facts.sha256[:12]}…. {_ADVICE}"
                )

    def _read_reference(self, name: str) -> pl.DataFrame | None:
        if name not in self.manifest.files:
            return None
        with readable(self.path):
            return pl.read_parquet(self._place.inside(name).read())


_ADVICE = "The snapshot is damaged or was changed. Take another one, or make one with `etl extract`."


def open_snapshot(path: str) -> Snapshot:
    """Open the snapshot in this folder, locally or on s3://, and verify its files.

    Raises:
        ConfigError: There is no snapshot; the message says where some are.
        ContractError: It is damaged, or made by another version.
    """
    place = locate(path)
    manifest = place.inside(MANIFEST)
    with readable(place.shown):
        kind = place.kind()
        if kind == fs.FileType.NotFound:
            raise ConfigError(f"There is no snapshot at {place.shown}. `etl extract` makes one.")
        if kind == fs.FileType.File:
            raise ConfigError(f"{place.shown} is a file; give the folder of the snapshot.")
        if manifest.kind() != fs.FileType.File:
            raise ConfigError(_explain_folder(place))
        snapshot = Snapshot(place, read_manifest(manifest.read(), place.shown))
    snapshot.verify()
    return snapshot


def _explain_folder(place: Location) -> str:
    found = find_snapshots(place)
    if not found:
        return f"{place.shown} is no snapshot: it has no {MANIFEST}. `etl extract` makes one."
    examples = ", ".join(snapshot.name for snapshot in found[:3])
    count = f"{len(found)} snapshots ({examples}{', …' if len(found) > 3 else ''})"
    return f"{place.shown} is a folder of {count}. Give one of them; the newest is {found[-1].shown}."


def _sha256(place: Location) -> str:
    digest = hashlib.sha256()
    with place.files.open_input_stream(place.path) as stream:
        while piece := stream.read(_CHUNK_BYTES):
            digest.update(piece)
    return digest.hexdigest()
