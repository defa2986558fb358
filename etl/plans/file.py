"""The file of a saved plan: a zip of one JSON manifest and a parquet file a table. The same plan gives the same bytes."""

import json
import shutil
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from hashlib import file_digest
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import Self, cast
from zipfile import ZIP_STORED, BadZipFile, ZipExtFile, ZipFile, ZipInfo

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from etl.errors import ConfigError, EtlError, GuardError
from etl.model.results import ExtractResult
from etl.snapshot.json_checks import MOST_BYTES, build, read_object
from etl.snapshot.manifest import FileFacts, require_sound
from etl.snapshot.parquet_checks import SoundParquet, UnsoundParquet

FORMAT = "iconsiam-etl plan"
FORMAT_VERSION = 1
_MANIFEST = "manifest.json"
_BATCH = 5_000
_MOST_MEMBERS = 64


@dataclass(frozen=True)
class PlanManifest:
    """What a saved plan was made from, beside its tables.

    Attributes:
        version: Version of this job.
        contract: A print of the contract that the plan was made under.
        reference: A print of the floors and categories that it was matched with.
        against: What messages call the database.
        options: The options missing and conflicts of `etl diff`.
        extracted: Where the records come from.
        source_name: Name of the source; '' for the one without a name.
        id_prefix: What its ids begin with.
        last_sync_id: The last run that had loaded the source when the plan was made; null where there was none.
        guard: Why a guard would refuse the plan; null where none would.
        repairs: Text repairs by kind, in values.
        rules: How floors and categories were found, by rule, in records.
        unmapped: Pairs of category labels that fit no category: kind, English, Thai.
        tables: The tables in the file, by name.
    """

    version: str
    contract: str
    reference: str
    against: str
    options: dict[str, str]
    extracted: ExtractResult
    source_name: str = ""
    id_prefix: str = ""
    last_sync_id: str | None = None
    guard: str | None = None
    repairs: dict[str, int] = field(default_factory=dict)
    rules: dict[str, int] = field(default_factory=dict)
    unmapped: tuple[tuple[str, str | None, str | None], ...] = ()
    tables: dict[str, FileFacts] = field(default_factory=dict)

    def to_json(self) -> str:
        """Return the manifest as JSON, its keys sorted."""
        data = {"format": FORMAT, "format_version": FORMAT_VERSION, **asdict(self)}
        data["extracted"] = self.extracted.as_dict()
        return json.dumps(data, ensure_ascii=False, indent=2, sort_keys=True) + "\n"

    @classmethod
    def from_json(cls, text: bytes) -> Self:
        """Read a manifest.

        Raises:
            GuardError: it is of another version of the format.
            KeyError, ValueError: it is none.
        """
        data = read_object(text)
        if data.pop("format") != FORMAT:
            raise ValueError(f"{_MANIFEST} is that of no plan")
        found = data.pop("format_version")
        if found != FORMAT_VERSION:
            raise GuardError(
                f"it is a plan of format {_shown(found)}, this version of etl reads {FORMAT_VERSION}. "
                "Make a new plan with `etl diff --save-plan`."
            )
        if data.keys() != cls.__dataclass_fields__.keys():
            raise ValueError(f"fields of {_MANIFEST} are missing, or not known")
        manifest = build(cls, data)
        require_sound(manifest.tables.values())
        return manifest


def _shown(version: object) -> str:
    return str(version) if isinstance(version, int) and abs(version) < 10**9 else "of its own"


class PlanWriter:
    """Writes the file of a plan, a table at a time; it is there, whole, after `finish`, or not at all.

    Args:
        path: Where it is to be.

    Raises:
        ConfigError: it can't be written there.
        EtlError: while it was written, the disk was full, or failed.
    """

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        self._tables: dict[str, FileFacts] = {}
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
        with suppress(OSError):  # what did not fit is to go anyway
            self._zip.close()
        self._part.unlink(missing_ok=True)

    def add(self, table: str, rows: pa.RecordBatchReader) -> None:
        """Add a table, batch by batch."""
        with self._writing(), TemporaryFile() as parquet:
            count = 0
            with pq.ParquetWriter(
                parquet, rows.schema, compression="zstd", write_page_checksum=True
            ) as writer:
                for batch in rows:
                    writer.write_batch(batch)
                    count += batch.num_rows
            size = parquet.tell()
            parquet.seek(0)
            self._tables[table] = FileFacts(count, size, file_digest(parquet, "sha256").hexdigest())
            parquet.seek(0)
            with self._zip.open(_member(f"{table}.parquet"), "w", force_zip64=True) as member:
                shutil.copyfileobj(parquet, member)

    def finish(self, manifest: PlanManifest) -> None:
        """Add the manifest, with the facts of the tables, and put the file in its place."""
        with self._writing():
            self._zip.writestr(_member(_MANIFEST), replace(manifest, tables=self._tables).to_json())
            self._zip.close()
            self._part.replace(self._path)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise EtlError(
                f"The plan can't be written to {self._path}: {error.strerror or error}. Nothing was left there. "
                "Check the space and the rights there, and in the folder for temporary files (TMPDIR)."
            ) from error


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

    def batches(self, table: str, schema: pa.Schema | None = None) -> Iterator[pl.DataFrame]:
        """Yield the rows of a table in order, some thousand at a time.

        Args:
            table: Its name.
            schema: The columns that it must have; None where the caller looks at them.

        Raises:
            ConfigError: the file is damaged, or has other columns.
        """
        with self._opened(table, schema) as parquet:
            for number in range(len(parquet.group_rows)):
                group = parquet.group(number)
                for start in range(0, group.num_rows, _BATCH):
                    yield pl.DataFrame(group.slice(start, _BATCH))

    def table(self, table: str, schema: pa.Schema | None = None) -> pl.DataFrame:
        """Return all rows of a small table, in order; as `batches`.

        Raises:
            ConfigError: the file is damaged, or has other columns.
        """
        with self._opened(table, schema) as parquet:
            return pl.DataFrame(parquet.read())

    @contextmanager
    def _opened(self, table: str, schema: pa.Schema | None) -> Iterator[SoundParquet]:
        try:
            rows = self.manifest.tables[table].rows
            with (
                ZipFile(self.path) as archive,
                archive.open(f"{table}.parquet") as member,
                closing(SoundParquet(member, rows, schema)) as parquet,
            ):
                yield parquet
        except UnsoundParquet as error:
            raise _unreadable(self.path, UnsoundParquet(f"{table}: {error}")) from error
        except (BadZipFile, KeyError, OSError, pa.ArrowException, OverflowError) as error:
            raise _unreadable(self.path, error) from error


def open_plan(path: str) -> PlanFile:
    """Open a saved plan.

    Raises:
        ConfigError: there is none, or it is damaged, or altered.
        GuardError: another version of this job made it.
    """
    try:
        _require_file(path)
        with ZipFile(path) as archive:
            names = _member_names(archive)
            with archive.open(_MANIFEST) as member:
                manifest = PlanManifest.from_json(member.read(MOST_BYTES + 1))
            _require_tables(archive, names - {_MANIFEST}, manifest)
    except GuardError as error:
        raise GuardError(f"The plan {path} can't be applied: {error}") from error
    except (BadZipFile, OSError, EOFError, KeyError, ValueError, NotImplementedError, RuntimeError) as error:
        raise _unreadable(path, error) from error
    return PlanFile(path, manifest)


def _require_file(path: str) -> None:
    """Raise OSError for what is not a plain file: to open a pipe would be to wait for its writer."""
    if not stat.S_ISREG(Path(path).stat().st_mode):
        raise OSError("it is not a plain file")


def _member_names(archive: ZipFile) -> set[str]:
    """Return the names in the file; none is packed, so that nothing is larger than the file itself."""
    members = archive.infolist()
    if len(members) > _MOST_MEMBERS or len({each.filename for each in members}) < len(members):
        raise BadZipFile("it has members that no plan has")
    if any(each.compress_type != ZIP_STORED or each.flag_bits & 1 for each in members):
        raise BadZipFile("its members are packed")
    return {each.filename for each in members}


def _require_tables(archive: ZipFile, names: set[str], manifest: PlanManifest) -> None:
    if names != {f"{table}.parquet" for table in manifest.tables}:
        raise BadZipFile("its tables are not those that were written")
    for table, facts in manifest.tables.items():
        name = f"{table}.parquet"
        if archive.getinfo(name).file_size != facts.bytes:
            raise BadZipFile(f"{name} is damaged, or was altered: its size is not what was written")
        if _hash_of(archive, name) != facts.sha256:
            raise BadZipFile(f"{name} is damaged, or was altered: its SHA-256 is not what was written")


def _hash_of(archive: ZipFile, name: str) -> str:
    try:
        with archive.open(name) as member:
            return file_digest(cast("ZipExtFile", member), "sha256").hexdigest()
    except BadZipFile as error:  # its words name a CRC
        raise BadZipFile(f"{name} is damaged") from error


def _unreadable(path: str, error: Exception) -> ConfigError:
    told = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    reason = (told.splitlines() or [""])[0][:200]
    return ConfigError(
        f"{path} is not a plan that can be read: {reason.rstrip('.')}. `etl diff --save-plan FILE` makes one."
    )
