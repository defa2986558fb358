"""The file of a saved plan: a zip of one JSON manifest and a parquet file a table. The same plan gives the same bytes."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import Any, Self
from zipfile import BadZipFile, ZipFile, ZipInfo

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from etl.errors import ConfigError, GuardError
from etl.report.results import Extracted

FORMAT = "iconsiam-etl plan"
FORMAT_VERSION = 1
_MANIFEST = "manifest.json"
_BATCH = 5_000


@dataclass(frozen=True)
class PlanManifest:
    """What a saved plan was made from, beside its tables.

    Attributes:
        version: Of this job.
        contract: A print of the contract that the plan was made under.
        reference: A print of the floors and categories that it was matched with.
        against: What messages call the database.
        options: missing and conflicts, as `etl diff` was told.
        extracted: Where the records come from.
        guard: Why a guard would refuse the plan; null where none would.
        repairs: Text repairs by kind, in values.
        rules: How floors and categories were found, by rule, in records.
        unmapped: Pairs of category labels that fit no category: kind, English, Thai.
    """

    version: str
    contract: str
    reference: str
    against: str
    options: dict[str, str]
    extracted: Extracted
    guard: str | None = None
    repairs: dict[str, int] = field(default_factory=dict)
    rules: dict[str, int] = field(default_factory=dict)
    unmapped: tuple[tuple[str, str | None, str | None], ...] = ()

    def to_json(self) -> str:
        """Return the manifest as JSON, its keys sorted."""
        data = {"format": FORMAT, "format_version": FORMAT_VERSION, **asdict(self)}
        return json.dumps(data, ensure_ascii=False, indent=2, sort_keys=True) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Read a manifest.

        Raises:
            GuardError: it is of another version of the format.
            KeyError, TypeError, ValueError: it is none.
        """
        data: dict[str, Any] = json.loads(text)
        found = data.pop("format"), data.pop("format_version")
        if found != (FORMAT, FORMAT_VERSION):
            raise GuardError(
                f"it is a plan of format {found[1]!r}, this version of etl reads {FORMAT_VERSION}. "
                "Make a new plan with `etl diff --save-plan`."
            )
        extracted = data.pop("extracted")
        extracted["problems"] = tuple(extracted["problems"])
        unmapped = tuple((kind, en, th) for kind, en, th in data.pop("unmapped"))
        return cls(extracted=Extracted(**extracted), unmapped=unmapped, **data)


class PlanWriter:
    """Writes the file of a plan, a table at a time; it is there, whole, after `finish`, or not at all.

    Args:
        path: Where it is to be.

    Raises:
        ConfigError: it can't be written there.
    """

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        self._part = self._path.with_name(f".{self._path.name}.part")
        try:
            self._zip = ZipFile(self._part, "w")
        except OSError as error:
            raise ConfigError(f"The plan can't be written to {path}: {error.strerror}.") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()
        self._part.unlink(missing_ok=True)

    def add(self, table: str, rows: pa.RecordBatchReader) -> None:
        """Add a table, batch by batch."""
        with TemporaryFile() as parquet:
            with pq.ParquetWriter(parquet, rows.schema, compression="zstd") as writer:
                for batch in rows:
                    writer.write_batch(batch)
            parquet.seek(0)
            with self._zip.open(_member(f"{table}.parquet"), "w", force_zip64=True) as member:
                shutil.copyfileobj(parquet, member)

    def finish(self, manifest: PlanManifest) -> None:
        """Add the manifest and put the file in its place."""
        self._zip.writestr(_member(_MANIFEST), manifest.to_json())
        self._zip.close()
        self._part.replace(self._path)


def _member(name: str) -> ZipInfo:
    # no time of day, so that the same plan has the same bytes
    return ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))


@dataclass(frozen=True)
class PlanFile:
    """A saved plan.

    Attributes:
        path: Where it is.
        manifest: What it was made from.
    """

    path: str
    manifest: PlanManifest

    def batches(self, table: str) -> Iterator[pl.DataFrame]:
        """Yield the rows of a table in order, some thousand at a time.

        Raises:
            ConfigError: the file is damaged.
        """
        with self._opened(table) as parquet:
            for batch in parquet.iter_batches(_BATCH):
                yield pl.DataFrame(batch)

    def table(self, table: str) -> pl.DataFrame:
        """Return all rows of a table, in order.

        Raises:
            ConfigError: the file is damaged.
        """
        with self._opened(table) as parquet:
            return pl.DataFrame(parquet.read())

    @contextmanager
    def _opened(self, table: str) -> Iterator[pq.ParquetFile]:
        try:
            with ZipFile(self.path) as archive, archive.open(f"{table}.parquet") as member:
                yield pq.ParquetFile(member)
        except (BadZipFile, KeyError, OSError, pa.ArrowInvalid) as error:
            raise _unreadable(self.path, error) from error


def open_plan(path: str) -> PlanFile:
    """Open a saved plan.

    Raises:
        ConfigError: there is none, or it is damaged.
        GuardError: another version of this job made it.
    """
    try:
        with ZipFile(path) as archive:
            _require_whole(archive)
            manifest = PlanManifest.from_json(archive.read(_MANIFEST))
    except GuardError as error:
        raise GuardError(f"The plan {path} can't be applied: {error}") from error
    except (BadZipFile, OSError, KeyError, TypeError, ValueError) as error:
        raise _unreadable(path, error) from error
    return PlanFile(path, manifest)


def _require_whole(archive: ZipFile) -> None:
    damaged = archive.testzip()
    if damaged:
        raise BadZipFile(f"{damaged} is damaged")


def _unreadable(path: str, error: Exception) -> ConfigError:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return ConfigError(
        f"{path} is not a plan that can be read: {reason.rstrip('.')}. `etl diff --save-plan FILE` makes one."
    )
