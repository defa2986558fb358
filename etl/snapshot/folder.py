"""The folder of a snapshot while it is made: hidden first, so that it appears whole or not at all."""

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self, TypedDict

import polars as pl
import pyarrow.parquet as pq

from etl._version import __version__
from etl.contract.reference import CATEGORIES as CATEGORY_COLUMNS
from etl.contract.reference import FLOORS as FLOOR_COLUMNS
from etl.errors import ConfigError, ContractError, EtlError
from etl.model.results import ExtractResult
from etl.runtime.log import get_logger
from etl.runtime.redact import public_url
from etl.runtime.scratch import drop_scratch, make_scratch
from etl.runtime.sync_id import new_sync_id
from etl.snapshot.location import Location, describe, is_passing, locate
from etl.snapshot.manifest import CATEGORIES, FLOORS, MANIFEST, REFERENCE, FileFacts, Manifest
from etl.snapshot.reader import Snapshot
from etl.snapshot.storage import NAME, STAMP_FORMAT

ZSTD_LEVEL = 3
_PATIENCE_S = 4.0
"""For taking back an upload: after a signal the process has ten seconds."""
_LEFT = "What was uploaded of it may be left there, and could not be deleted; without a manifest it is no snapshot."


class SnapshotInfo(TypedDict, total=False):
    """What a manifest says of records beside their number; each may be left out.

    Attributes:
        source: Where the records are from; secrets in an address are left out.
        source_name: Which of several sources that is.
        id_prefix: What the ids of its records begin with in the CMS.
        extracted: The outcome of the extraction; None for records that are complete by themselves.
        floors: contract.reference.FLOORS, or None where not known.
        categories: contract.reference.CATEGORIES, or None where not known.
    """

    source: str
    source_name: str
    id_prefix: str
    extracted: ExtractResult | None
    floors: pl.DataFrame | None
    categories: pl.DataFrame | None


class SnapshotFolder:
    """What every writer of a snapshot does around its records; a context manager that leaves nothing unfinished.

    Args:
        root: Folder (made if need be) or s3://bucket/prefix that gets the snapshot.
        name: The second half of its name; None for an id of its own.
        created_at: When it was begun, which is the first half of its name; now where None.
        sync_id: Its whole name: the run's that makes it, so that snapshots sort as their runs.

    Raises:
        ConfigError: The root or the name can't be used.
        EtlError: The root can't be written to.
    """

    def __init__(
        self,
        root: str,
        *,
        name: str | None = None,
        created_at: datetime | None = None,
        sync_id: str | None = None,
    ) -> None:
        self._created_at = (created_at or datetime.now(UTC)).astimezone(UTC)
        self.id = sync_id or (f"{self._created_at:{STAMP_FORMAT}}-{name}" if name else new_sync_id())
        if not NAME.fullmatch(self.id):
            raise ConfigError(f"{name or sync_id!r} can't name a snapshot; use letters, digits, - and _.")
        self._place = locate(root).inside(self.id)

    def __enter__(self) -> Self:
        """Make the work folder."""
        with writing(self._place):
            self._work = self._make_work_folder()
        try:
            self._open()
        except BaseException:
            drop_scratch(self._work)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove what is not finished."""
        drop_scratch(self._work)

    def _open(self) -> None:
        """Begin with the records, in the work folder."""

    def _make_work_folder(self) -> Path:
        if not self._place.is_local:
            return make_scratch("snapshot")
        folder = Path(self._place.path)
        folder.parent.mkdir(parents=True, exist_ok=True)
        work = folder.with_name(
            f".{folder.name}.tmp"
        )  # beside it, as only then a rename puts it in its place
        work.mkdir()
        return work

    def _finish(self, records: Mapping[str, FileFacts], told: SnapshotInfo) -> Snapshot:
        """Add reference and manifest to the files of records, and put all of it in its place."""
        self._write_reference(FLOORS, told.get("floors"), FLOOR_COLUMNS)
        self._write_reference(CATEGORIES, told.get("categories"), CATEGORY_COLUMNS)
        written = [name for name in REFERENCE if (self._work / name).exists()]
        files = {**records, **{name: facts_of(self._work / name) for name in written}}
        manifest = self._make_manifest(sum(facts.rows for facts in records.values()), files, told)
        (self._work / MANIFEST).write_text(manifest.to_json(), encoding="utf-8")
        self._publish([name for name in (*records, *written, MANIFEST) if (self._work / name).exists()])
        return Snapshot(self._place, manifest)

    def _write_reference(self, name: str, rows: pl.DataFrame | None, columns: dict[str, pl.DataType]) -> None:
        if rows is None:
            return
        if dict(rows.schema) != columns:
            raise ContractError(f"{name} of a snapshot must have the columns of etl/contract/reference.py.")
        pq.write_table(
            rows.to_arrow(),
            self._work / name,
            compression="zstd",
            compression_level=ZSTD_LEVEL,
            write_page_checksum=True,
        )

    def _make_manifest(self, records: int, files: dict[str, FileFacts], told: SnapshotInfo) -> Manifest:
        extracted = told.get("extracted") or ExtractResult("", records)
        return Manifest(
            created_at=f"{self._created_at:%Y-%m-%dT%H:%M:%SZ}",
            source=public_url(told.get("source", "")),
            etl_version=__version__,
            records=records,
            pages=extracted.pages,
            complete=extracted.is_complete,
            problems=extracted.problems,
            unknown_fields=extracted.unknown_fields,
            not_text=extracted.not_text,
            files=files,
            source_name=told.get("source_name", ""),
            id_prefix=told.get("id_prefix", ""),
        )

    def _publish(self, names: Iterable[str]) -> None:
        if self._place.is_local:
            for path in (*self._work.iterdir(), self._work):
                flush(path)
            self._work.rename(self._place.path)
            flush(Path(self._place.path).parent)
            return
        uploaded = 0
        try:
            # the manifest last: a folder without one is not a snapshot
            for name in names:
                self._place.inside(name).upload(self._work / name)
                uploaded += 1
        except OSError as error:
            is_refused = not uploaded and not is_passing(error)  # from the first byte on: it left nothing
            raise _not_written(self._place, error, is_clean=is_refused or take_back(self._place)) from error
        except BaseException:
            take_back(self._place)
            raise


@contextmanager
def writing(place: Location) -> Iterator[None]:
    """Turn OSError into EtlError with advice; of what happens before anything is in its place."""
    try:
        yield
    except OSError as error:
        raise _not_written(place, error, is_clean=True) from error


def _not_written(place: Location, error: OSError, *, is_clean: bool) -> EtlError:
    left = "Nothing was left there." if is_clean else _LEFT
    return EtlError(
        f"Can't write a snapshot to {place.shown}: {describe(error)}. {left} Check SNAPSHOT_DIR, its space and its "
        "rights; for s3:// also the AWS_ settings or the task's role."
    )


def take_back(place: Location) -> bool:
    """Delete what was uploaded of a snapshot, and tell whether nothing is left of it; else that is a warning."""
    if place.is_cleared(_PATIENCE_S):
        return True
    get_logger().warning("snapshot_left_behind", place=place.shown)
    return False


def facts_of(path: Path) -> FileFacts:
    """Return rows, size and hash of a parquet file."""
    rows = pq.read_metadata(path).num_rows
    with path.open("rb") as file:
        return FileFacts(rows, path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())


def flush(path: Path) -> None:
    """Let the disk have it, so that a power cut can't leave a snapshot of empty files."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
