"""Writes a snapshot: in a hidden folder first, so that it appears whole or not at all."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from types import TracebackType
from typing import TYPE_CHECKING, Self

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from etl import __version__
from etl.contract.raw import SNAPSHOT_SCHEMA
from etl.contract.reference import CATEGORIES as CATEGORY_COLUMNS
from etl.contract.reference import FLOORS as FLOOR_COLUMNS
from etl.errors import ConfigError, ContractError, EtlError
from etl.redact import public_url
from etl.snapshot.manifest import CATEGORIES, FILES, FLOORS, MANIFEST, TENANTS, FileFacts, Manifest
from etl.snapshot.reader import Snapshot
from etl.snapshot.store import NAME, STAMP_FORMAT, Location, describe, locate
from etl.sound_parquet import MOST_BYTES

if TYPE_CHECKING:
    from etl.extract.run import ExtractReport

ROWS_A_GROUP = 5_000
_ZSTD_LEVEL = 3


class SnapshotWriter:
    """Takes records page by page and makes a snapshot of them; a context manager.

    Left without `finish`, nothing stays. Memory: one row group. The same records give the same bytes of
    tenants.parquet, whatever the pages they came in.

    Args:
        root: Folder (made if need be) or s3://bucket/prefix that gets the snapshot.
        name: The second half of its name; None for a random one.
        created_at: The first half of its name; now where None.

    Raises:
        ConfigError: The root or the name can't be used.
        EtlError: The root can't be written to.
    """

    def __init__(self, root: str, *, name: str | None = None, created_at: datetime | None = None) -> None:
        self._created_at = (created_at or datetime.now(UTC)).astimezone(UTC)
        self.id = f"{self._created_at:{STAMP_FORMAT}}-{name or token_hex(4)}"
        if not NAME.fullmatch(self.id):
            raise ConfigError(f"{name!r} can't name a snapshot; use letters, digits, - and _.")
        self._place = locate(root).inside(self.id)

    def __enter__(self) -> Self:
        """Make the work folder."""
        with self._writing():
            self._work = self._make_work_folder()
        try:
            self._open()
        except BaseException:
            shutil.rmtree(self._work, ignore_errors=True)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove what is not finished."""
        with suppress(OSError):
            self._parquet.close()
        shutil.rmtree(self._work, ignore_errors=True)

    def write(self, records: pa.Table) -> None:
        """Take the next records; SNAPSHOT_SCHEMA."""
        if records.schema != SNAPSHOT_SCHEMA:
            raise ContractError("Records for a snapshot must have the columns of SNAPSHOT_SCHEMA.")
        self._pending.append(records)
        self._pending_rows += records.num_rows
        self._rows += records.num_rows
        while self._pending_rows >= ROWS_A_GROUP:
            self._write_group()

    def restart(self) -> None:
        """Forget all records taken so far."""
        self._parquet.close()
        self._open()

    def finish(  # noqa: PLR0913 — the parts of a manifest, given by name
        self,
        *,
        source: str = "",
        source_name: str = "",
        id_prefix: str = "",
        report: "ExtractReport | None" = None,
        floors: pl.DataFrame | None = None,
        categories: pl.DataFrame | None = None,
    ) -> Snapshot:
        """Put the snapshot in its place and return it.

        Args:
            source: Where the records are from; secrets in an address are left out.
            source_name: Which of several sources that is.
            id_prefix: What the ids of its records begin with in the CMS.
            report: How the extraction went; None for records that are complete by themselves.
            floors: contract.reference.FLOORS, or None where not known.
            categories: contract.reference.CATEGORIES, or None where not known.
        """
        with self._writing():
            if self._pending_rows:
                self._write_group()
            self._parquet.close()
            self._write_reference(FLOORS, floors, FLOOR_COLUMNS)
            self._write_reference(CATEGORIES, categories, CATEGORY_COLUMNS)
            manifest = replace(
                self._make_manifest(source, report), source_name=source_name, id_prefix=id_prefix
            )
            (self._work / MANIFEST).write_text(manifest.to_json(), encoding="utf-8")
            self._publish()
        return Snapshot(self._place, manifest)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise EtlError(
                f"Can't write a snapshot to {self._place.shown}: {describe(error)}. Nothing was left there. "
                "Check SNAPSHOT_DIR, its space and its rights; for s3:// also the AWS_ settings or the "
                "task's role."
            ) from error

    def _make_work_folder(self) -> Path:
        if not self._place.is_local:
            return Path(tempfile.mkdtemp(prefix="etl-snapshot-"))
        folder = Path(self._place.path)
        folder.parent.mkdir(parents=True, exist_ok=True)
        work = folder.with_name(
            f".{folder.name}.tmp"
        )  # beside it, as only then a rename puts it in its place
        work.mkdir()
        return work

    def _open(self) -> None:
        self._pending: list[pa.Table] = []
        self._pending_rows = self._rows = 0
        with self._writing():
            self._parquet = pq.ParquetWriter(
                self._work / TENANTS, SNAPSHOT_SCHEMA, compression="zstd", compression_level=_ZSTD_LEVEL
            )

    def _write_group(self) -> None:
        # One chunk a column: the bytes written depend on how the rows are chunked.
        pending = pa.concat_tables(self._pending).combine_chunks()
        with self._writing():
            for group in _sized(pending.slice(0, ROWS_A_GROUP)):
                self._parquet.write_table(group, row_group_size=ROWS_A_GROUP)
        self._pending = [pending.slice(ROWS_A_GROUP)]
        self._pending_rows = max(self._pending_rows - ROWS_A_GROUP, 0)

    def _write_reference(self, name: str, rows: pl.DataFrame | None, columns: dict[str, pl.DataType]) -> None:
        if rows is None:
            return
        if dict(rows.schema) != columns:
            raise ContractError(f"{name} of a snapshot must have the columns of etl/contract/reference.py.")
        rows.write_parquet(self._work / name, compression="zstd", compression_level=_ZSTD_LEVEL)

    def _make_manifest(self, source: str, report: "ExtractReport | None") -> Manifest:
        written = [name for name in FILES if (self._work / name).exists()]
        manifest = Manifest(
            created_at=f"{self._created_at:%Y-%m-%dT%H:%M:%SZ}",
            source=public_url(source),
            etl_version=__version__,
            records=self._rows,
            files={name: _facts(self._work / name) for name in written},
        )
        if report is None:
            return manifest
        return replace(
            manifest,
            pages=report.pages,
            complete=report.complete,
            problems=report.problems,
            unknown_fields=dict(report.unknown_fields),
            not_text=dict(report.not_text),
        )

    def _publish(self) -> None:
        if self._place.is_local:
            for path in (*self._work.iterdir(), self._work):
                _flush(path)
            self._work.rename(self._place.path)
            _flush(Path(self._place.path).parent)
        else:
            _upload(self._work, self._place)


def _sized(rows: pa.Table) -> Iterator[pa.Table]:
    """Cut rows in halves until each takes no more than what a reader takes; the cuts depend on the rows alone."""
    if rows.nbytes <= MOST_BYTES // 2 or rows.num_rows == 1:
        yield rows
        return
    middle = rows.num_rows // 2
    yield from _sized(rows.slice(0, middle))
    yield from _sized(rows.slice(middle))


def _facts(path: Path) -> FileFacts:
    rows = pq.read_metadata(path).num_rows
    with path.open("rb") as file:
        return FileFacts(rows, path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())


def _flush(path: Path) -> None:
    """Let the disk have it, so that a power cut can't leave a snapshot of empty files."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _upload(work: Path, place: Location) -> None:
    """Copy the files, the manifest last: a folder without one is no snapshot."""
    names = [name for name in (*FILES, MANIFEST) if (work / name).exists()]
    try:
        for name in names:
            with (
                (work / name).open("rb") as file,
                place.files.open_output_stream(place.inside(name).path) as target,
            ):
                shutil.copyfileobj(file, target, 1 << 20)
    except BaseException:
        with suppress(OSError):
            place.files.delete_dir(place.path)
        raise
