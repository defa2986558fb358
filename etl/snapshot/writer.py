"""Writes a snapshot whose records are in one file."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Unpack

import pyarrow as pa
import pyarrow.parquet as pq

from etl.contract.raw import SNAPSHOT_SCHEMA
from etl.errors import ContractError
from etl.snapshot.folder import ZSTD_LEVEL, SnapshotFolder, SnapshotInfo, facts_of, writing
from etl.snapshot.manifest import TENANTS
from etl.snapshot.parquet_checks import MOST_BYTES
from etl.snapshot.reader import Snapshot

ROWS_A_GROUP = 5_000


class RecordsFile:
    """A parquet file of records, which takes them in pieces of any size.

    Memory: one row group. The same records give the same bytes, whatever the pieces.

    Raises:
        OSError: It can't be written; so do its methods.
    """

    def __init__(self, path: Path) -> None:
        self._pending: list[pa.Table] = []
        self._pending_rows = 0
        self._parquet = pq.ParquetWriter(
            path, SNAPSHOT_SCHEMA, compression="zstd", compression_level=ZSTD_LEVEL, write_page_checksum=True
        )

    def write(self, records: pa.Table) -> None:
        """Take the next records; SNAPSHOT_SCHEMA."""
        if records.schema != SNAPSHOT_SCHEMA:
            raise ContractError("Records for a snapshot must have the columns of SNAPSHOT_SCHEMA.")
        self._pending.append(records)
        self._pending_rows += records.num_rows
        while self._pending_rows >= ROWS_A_GROUP:
            self._write_group()

    def finish(self) -> None:
        """Write what is left, and close the file."""
        if self._pending_rows:
            self._write_group()
        self._parquet.close()

    def abandon(self) -> None:
        """Close the file, which nobody wants any more."""
        with suppress(OSError):
            self._parquet.close()

    def _write_group(self) -> None:
        # One chunk a column: the bytes written depend on how the rows are chunked.
        pending = pa.concat_tables(self._pending).combine_chunks()
        for group in _sized(pending.slice(0, ROWS_A_GROUP)):
            self._parquet.write_table(group, row_group_size=ROWS_A_GROUP)
        self._pending = [pending.slice(ROWS_A_GROUP)]
        self._pending_rows = max(self._pending_rows - ROWS_A_GROUP, 0)


class SnapshotWriter(SnapshotFolder):
    """Takes records page by page and makes a snapshot of them; a context manager.

    Left without `finish`, nothing stays. Memory: one row group. The same records give the same bytes of
    tenants.parquet, whatever the pages they came in. Args and errors are SnapshotFolder's.
    """

    def _open(self) -> None:
        with writing(self._place):
            self._records = RecordsFile(self._work / TENANTS)

    def __exit__(self, *error: Any) -> None:  # noqa: ANN401 — as the base class has it
        self._records.abandon()
        super().__exit__(*error)

    def write(self, records: pa.Table) -> None:
        """Take the next records; SNAPSHOT_SCHEMA."""
        with writing(self._place):
            self._records.write(records)

    def restart(self) -> None:
        """Forget all records taken so far."""
        self._records.abandon()
        self._open()

    def finish(self, **info: Unpack[SnapshotInfo]) -> Snapshot:
        """Put the snapshot in its place and return it, with what is known of its records."""
        with writing(self._place):
            self._records.finish()
            return self._finish({TENANTS: facts_of(self._work / TENANTS)}, info)


def _sized(rows: pa.Table) -> Iterator[pa.Table]:
    """Cut rows in halves until each takes no more than what a reader takes; the cuts depend on the rows alone."""
    if rows.nbytes <= MOST_BYTES // 2 or rows.num_rows == 1:
        yield rows
        return
    middle = rows.num_rows // 2
    yield from _sized(rows.slice(0, middle))
    yield from _sized(rows.slice(middle))
