"""Parquet that others may have made: held against what is promised before it is read, and read in bounded memory."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq

MOST_BYTES = 256 << 20
"""What the rows of one row group may take, unpacked; writers stay below half of it."""

_MOST_COLUMNS = 1_000
_MOST_FOOTER_BYTES = 64 << 20
_FOOTER_BYTES_A_GROUP = 2 << 20
_LEAST_ROWS_A_GROUP = 1_000
_BATCH = 5_000
_TAIL = 8  # the footer's length and PAR1


class UnsoundParquet(ValueError):  # noqa: N818 — a state of the file, as IncompleteExtract is of the source
    """It is not what was promised, or would take more memory than it may."""


class SoundParquet:
    """A parquet file whose footer was looked at, and whose rows are counted as they are unpacked.

    Args:
        file: Open for reading, with seek; closed by `close`.
        rows: How many it must have.
        schema: The columns that it must have; None where the caller looks at `schema` itself.

    Raises:
        UnsoundParquet: Rows, columns or sizes are others than promised, or beyond the limits.
        pa.ArrowException, OSError: It is damaged.
    """

    def __init__(self, file: "pa.NativeFile | IO[bytes]", rows: int, schema: pa.Schema | None = None) -> None:
        _require_small_footer(file, rows)
        self._file = file
        with _names_in_utf8():
            self._parquet = pq.ParquetFile(
                file,
                page_checksum_verification=True,
                thrift_string_size_limit=_FOOTER_BYTES_A_GROUP,
                thrift_container_size_limit=100_000,
            )
        metadata = self._parquet.metadata
        if metadata.num_columns > _MOST_COLUMNS:
            raise UnsoundParquet(f"it has {metadata.num_columns:,} columns")
        groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
        self.group_rows = [group.num_rows for group in groups]
        if (metadata.num_rows, sum(self.group_rows)) != (rows, rows):
            raise UnsoundParquet(f"it has {metadata.num_rows:,} rows instead of {rows:,}")
        if (most := max((group.total_byte_size for group in groups), default=0)) > MOST_BYTES:
            raise UnsoundParquet(_too_much(most))
        self.schema = self._parquet.schema_arrow
        with _names_in_utf8():  # Arrow takes any bytes for a name, also of a column inside another
            self.schema.to_string(show_field_metadata=False, show_schema_metadata=False)
        if schema is not None and not self.schema.equals(schema, check_metadata=False):
            raise UnsoundParquet("its columns or their types are others")

    def group(self, number: int, columns: Sequence[str] | None = None) -> pa.Table:
        """Return the rows of a row group, one chunk a column.

        Memory: at most MOST_BYTES and a batch of at most as much, however well it is packed.

        Raises:
            UnsoundParquet: It takes more, or has other rows than its footer says.
            pa.ArrowException, OSError: It is damaged, or text in it is no UTF-8.
        """
        batches: list[pa.RecordBatch] = []
        size = 0
        # no row can take more than its columns say, so a batch of these takes no more than the limit
        rows = max(1, min(_BATCH, MOST_BYTES // max(self._bytes(number, columns), 1)))
        wanted = None if columns is None else list(columns)
        for batch in self._parquet.iter_batches(rows, row_groups=[number], columns=wanted, use_threads=False):
            size += batch.nbytes
            if size > MOST_BYTES:
                raise UnsoundParquet(_too_much(size))
            batches.append(batch)
        schema = self.schema if columns is None else pa.schema(map(self.schema.field, columns))
        table = pa.Table.from_batches(batches, schema).combine_chunks()
        table.validate(full=True)
        if table.num_rows != self.group_rows[number]:  # what heads a page is in no sum
            raise UnsoundParquet(
                f"a part of it has {table.num_rows:,} rows instead of {self.group_rows[number]:,}"
            )
        return table

    def _bytes(self, number: int, columns: Sequence[str] | None) -> int:
        """Return what columns of a row group take, as the footer says: unpacked, but each value of a dictionary once."""
        group = self._parquet.metadata.row_group(number)
        if columns is None:
            return int(group.total_byte_size)
        places = map(self.schema.get_field_index, columns)
        return sum(group.column(place).total_uncompressed_size for place in places)

    def read(self) -> pa.Table:
        """Return all rows of a small table; `group` says what it may raise, for all of them together."""
        tables: list[pa.Table] = []
        for number in range(len(self.group_rows)):
            tables.append(self.group(number))
            if (size := sum(table.nbytes for table in tables)) > MOST_BYTES:
                raise UnsoundParquet(_too_much(size))
        return pa.concat_tables(tables) if tables else self.schema.empty_table()

    def close(self) -> None:
        """Close the file."""
        self._parquet.close()
        self._file.close()


@contextmanager
def _names_in_utf8() -> Iterator[None]:
    """Refuse a name that is not UTF-8, whichever of the libraries meets it first."""
    try:
        yield
    except UnicodeDecodeError as error:
        raise UnsoundParquet("the name of a column is not UTF-8") from error


def _too_much(size: int) -> str:
    return f"rows that are to be read together take {size:,} bytes or more, unpacked"


def _require_small_footer(file: "pa.NativeFile | IO[bytes]", rows: int) -> None:
    """Look at the length of the footer, since reading it takes several times as much memory."""
    size = file.seek(0, 2)
    if size < _TAIL:
        raise UnsoundParquet("it is cut off")
    file.seek(size - _TAIL)
    tail = file.read(_TAIL)
    length = int.from_bytes(tail[:4], "little")
    if tail[4:] != b"PAR1" or length + _TAIL > size:
        raise UnsoundParquet("it is cut off, or no parquet")
    most = min(_MOST_FOOTER_BYTES, _FOOTER_BYTES_A_GROUP * (rows // _LEAST_ROWS_A_GROUP + 1))
    if length > most:
        raise UnsoundParquet(f"its footer has {length:,} bytes")
    file.seek(0)
