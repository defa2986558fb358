"""Promise: snapshots and saved plans are to be trusted like code, and are opened as if they were not.

What is not a snapshot or plan, or was changed, is refused in words, with nothing written, in bounded memory and time; no
name in it leads out of its folder, and nothing in it is code. A plan made by another version or under another contract:
`test_another_format`, `test_another_contract` (tests/integration/test_saved_plan.py). On S3: test_snapshot_s3.py there.
"""

import ast
import io
import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from etl.contract.raw import RAW_NAMES, SNAPSHOT_SCHEMA
from etl.contract.reference import CATEGORIES, FLOORS
from etl.errors import ConfigError, ContractError, EtlError, GuardError
from etl.plans.file import open_plan
from etl.snapshot import SnapshotWriter, open_snapshot, parquet_checks, prune_snapshots, writer
from etl.snapshot.parquet_checks import MOST_BYTES
from tests.integration.test_saved_plan import MONDAY, TUESDAY
from tests.support import forge
from tests.support.process import ROOT, run
from tests.support.sync import Mall, record

pytestmark = pytest.mark.quick(cases=1)

Spoil = Callable[[Path], object]

_UNSAFE = {
    "pickle", "cPickle", "dill", "cloudpickle", "shelve", "marshal", "joblib", "yaml", "jsonpickle", "tarfile", "xml",
}  # fmt: skip
_UNSAFE_CALLS = {
    "extractall", "unpack_archive", "read_pickle", "deserialize",
    "mktemp", "allow_pickle", "UnknownExtensionType", "PyExtensionType",
}  # fmt: skip

_SAFE_OF_YAML = {
    "SafeLoader",
    "AliasEvent",
    "MappingNode",
    "Node",
    "ScalarNode",
    "YAMLError",
    "ConstructorError",
}
"""With the safe loader a file makes text, numbers, lists and mappings only."""

_EVALUATE = {"eval", "exec", "compile", "__import__"}


def test_nothing_in_the_package_makes_objects_of_files() -> None:
    """No pickle or its like is imported, nothing is evaluated, and no archive is unpacked by its own names."""
    found: set[str | None] = set()
    for path in (ROOT / "etl").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Import(names=names):
                    found |= {name.name.split(".")[0] for name in names} & _UNSAFE
                case ast.ImportFrom(module=str(module), names=names) if module.split(".")[0] == "yaml":
                    found |= {f"yaml.{name.name}" for name in names if name.name not in _SAFE_OF_YAML}
                case ast.ImportFrom(module=str(module)):
                    found |= {module.split(".")[0]} & _UNSAFE
                case ast.Call(func=ast.Name(id=name), keywords=keywords):
                    found |= ({name} | {each.arg for each in keywords}) & (_UNSAFE_CALLS | _EVALUATE)
                case ast.Call(func=ast.Attribute(attr=name), keywords=keywords):
                    found |= ({name} | {each.arg for each in keywords}) & _UNSAFE_CALLS
    assert found == set()


# Snapshots


def table(*ids: str, **columns: "pa.Array[Any]") -> pa.Table:
    """Return records of a snapshot; keyword arguments are columns."""
    arrays = {name: pa.nulls(len(ids), pa.string()) for name in SNAPSHOT_SCHEMA.names}
    return pa.table(arrays | {"uniqueId": pa.array(ids, pa.string())} | columns)


FLOOR_ROWS = pl.DataFrame([(1, "GF", 1.0, "ACTIVE")], schema=FLOORS, orient="row")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a snapshot of two records with floors and categories."""
    with SnapshotWriter(str(tmp_path), name="one") as snapshot:
        snapshot.write(table("T1", "T2"))
        made = snapshot.finish(floors=FLOOR_ROWS, categories=pl.DataFrame(schema=CATEGORIES))
    return Path(made.path)


def refused(path: Path, kind: type[EtlError], words: str) -> None:
    """Open a snapshot and read all of it: refused in one plain sentence, soon."""
    used = time.process_time()
    with pytest.raises(kind) as caught:
        read_all(path)
    assert time.process_time() - used < 5
    assert type(caught.value) is kind
    assert words in str(caught.value)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 1_000


def read_all(path: Path) -> None:
    """Open a snapshot and read all of it."""
    snapshot = open_snapshot(str(path))
    for _ in snapshot.batches(1_000):
        pass
    assert snapshot.floors is not None
    assert snapshot.categories is not None


def test_a_sound_one_is_read(folder: Path) -> None:
    """What the cases below spoil."""
    read_all(folder)


def _link(name: str, target: str) -> Spoil:
    def spoil(folder: Path) -> None:
        (folder / name).unlink()
        (folder / name).symlink_to(target)

    return spoil


def _fifo(name: str) -> Spoil:
    def spoil(folder: Path) -> None:
        (folder / name).unlink()
        os.mkfifo(folder / name)

    return spoil


def _in_its_place(name: str) -> Spoil:
    def spoil(folder: Path) -> None:
        (folder / name).unlink()
        (folder / name).mkdir()

    return spoil


def _elsewhere(name: str) -> Spoil:
    """Move a file out of the folder and leave a link to it: what it holds is right."""

    def spoil(folder: Path) -> None:
        (folder / name).rename(folder.parent / "moved")
        (folder / name).symlink_to("../moved")

    return spoil


PLACES: dict[str, tuple[Spoil, str]] = {
    "a link to a file elsewhere": (_elsewhere("tenants.parquet"), "is a link that leads out of the snapshot"),
    "a link to a manifest elsewhere": (_elsewhere("manifest.json"), "is a link that leads out of the snapshot"),
    "an absolute link": (_link("floors.parquet", "/etc/passwd"), "is a link that leads out of the snapshot"),
    "a link to a device": (_link("tenants.parquet", "/dev/zero"), "is a link that leads out of the snapshot"),
    "a manifest that is a device": (_link("manifest.json", "/dev/zero"), "is a link that leads out of the snapshot"),
    "a link to itself": (_link("tenants.parquet", "tenants.parquet"), "tenants.parquet"),
    "a link to nothing": (_link("tenants.parquet", "nothing"), "is missing"),
    "a pipe": (_fifo("tenants.parquet"), "is not a plain file"),
    "a manifest that is a pipe": (_fifo("manifest.json"), "is not a plain file"),
    "a folder": (_in_its_place("categories.parquet"), "is not a plain file"),
    "a manifest that is a folder": (_in_its_place("manifest.json"), "is not a plain file"),
}  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_what_is_no_file_of_the_folder(folder: Path, place: str) -> None:
    """Pipes, devices, folders, and links that lead elsewhere: never opened."""
    spoil, words = PLACES[place]
    spoil(folder)
    refused(folder, ContractError, words)


def test_a_link_to_a_snapshot_is_one(folder: Path, tmp_path: Path) -> None:
    """The folder that a person names may be a link, such as `latest`; pruning deletes no snapshot by its link."""
    (tmp_path / "latest").symlink_to(folder)
    read_all(tmp_path / "latest")
    root = tmp_path / "root"
    root.mkdir()
    (root / "20200101T000000Z-link").symlink_to(folder)
    with SnapshotWriter(str(root), name="own") as snapshot:
        snapshot.finish()
    assert prune_snapshots(str(root), keep=1) == []
    read_all(folder)


def _fields(**changes: Any) -> Spoil:
    return lambda folder: forge.edit_manifest(folder, lambda fields: fields.update(changes))


def _facts_of(name: str, **changes: Any) -> Spoil:
    return lambda folder: forge.edit_manifest(folder, lambda fields: fields["files"][name].update(changes))


def _listed(name: str) -> Spoil:
    """List a file under another name, with facts that fit it."""

    def spoil(folder: Path) -> None:
        forge.edit_manifest(
            folder, lambda fields: fields["files"].update({name: fields["files"]["floors.parquet"]})
        )

    return spoil


def _text(change: Callable[[bytes], bytes]) -> Spoil:
    return lambda folder: (folder / "manifest.json").write_bytes(
        change((folder / "manifest.json").read_bytes())
    )


MANIFESTS: dict[str, Spoil] = {
    "a name that leads up": _listed("../floors.parquet"),
    "an absolute name": _listed("/etc/passwd"),
    "a name with NUL": _listed("floors.parquet\0"),
    "a name with a backslash": _listed("..\\floors.parquet"),
    "a name of nothing": _listed(""),
    "a number that is text": _fields(records="2"),
    "a number that is a flag": _facts_of("floors.parquet", rows=True),
    "a number below 0": _facts_of("floors.parquet", rows=-1),
    "a huge number": _fields(records=10**30),
    "a fraction": _fields(pages=1.5),
    "a hash that is a list": _facts_of("tenants.parquet", sha256=["a"]),
    "a hash that is none": _facts_of("tenants.parquet", sha256="../" * 20),
    "a source that is an object": _fields(source={"a": 1}),
    "fields that are a list": _fields(unknown_fields=[1]),
    "counts that are text": _fields(not_text={"a": "b"}),
    "a problem that is a number": _fields(problems=[1]),
    "files of files": _fields(files={"tenants.parquet": {"tenants.parquet": {}}}),
    "nested deep": _text(lambda text: text.replace(b'"problems": []', b'"problems": ' + b"[" * 500_000)),
    "nested deep and closed": _text(
        lambda text: text.replace(b'"problems": []', b'"problems": ' + b"[" * 90_000 + b"]" * 90_000)
    ),
    "huge": _text(lambda text: text.replace(b"{", b"{" + b" " * (20 << 20), 1)),
    "not UTF-8": _text(lambda text: text.replace(b'"source": ""', b'"source": "\xff"')),
    "UTF-16": _text(lambda text: text.decode().encode("utf-16")),
    "half a character": _text(lambda text: text.replace(b'"source": ""', rb'"source": "\ud800"')),
    "a key twice": _text(lambda text: text.replace(b'"records": 2', b'"records": 2, "records": 2')),
    "a key twice inside": _text(lambda text: text.replace(b'"rows": 2', b'"rows": 2, "rows": 2')),
    "no number": _text(lambda text: text.replace(b'"records": 2', b'"records": NaN')),
    "a number of 10,000 digits": _text(lambda text: text.replace(b'"records": 2', b'"records": ' + b"9" * 10_000)),
    "cut off": _text(lambda text: text[:-20]),
    "more after it": _text(lambda text: text + b"{}"),
}  # fmt: skip


@pytest.mark.parametrize("spoilt", MANIFESTS)
def test_a_manifest_that_is_none(folder: Path, spoilt: str) -> None:
    """One message, whatever is wrong with it; the file of another name is not touched."""
    before = (folder / "manifest.json").read_bytes()
    MANIFESTS[spoilt](folder)
    assert (folder / "manifest.json").read_bytes() != before
    refused(folder, ContractError, "is not a manifest of a snapshot, or damaged")


def test_a_version_is_shown_as_a_version_only(folder: Path) -> None:
    """What a foreign manifest calls its program does not reach the terminal as it stands."""
    forge.edit_manifest(
        folder, lambda fields: fields.update(format_version=9, etl_version="\x1b[2J" + "x" * 10_000)
    )
    refused(folder, ContractError, "made by etl of unknown version")


def _tenants(make: Callable[[], pa.Table], **options: Any) -> Spoil:
    def spoil(folder: Path) -> None:
        made = make()
        forge.replace_file(folder, "tenants.parquet", forge.parquet(made, **options), made.num_rows)

    return spoil


def _floors(frame: pa.Table) -> Spoil:
    return lambda folder: forge.replace_file(folder, "floors.parquet", forge.parquet(frame), frame.num_rows)


def _bytes(data: Callable[[bytes], bytes], rows: int = 2) -> Spoil:
    def spoil(folder: Path) -> None:
        forge.replace_file(folder, "tenants.parquet", data((folder / "tenants.parquet").read_bytes()), rows)

    return spoil


def _broken_page(data: bytes) -> bytes:
    spoilt = bytearray(data)
    spoilt[4:400] = b"\xaa" * 396
    return bytes(spoilt)


def _pickled() -> pa.Table:
    """Return records whose type is said to be an extension of pyarrow's that was made with pickle."""
    told = {
        b"ARROW:extension:name": b"arrow.py_extension_type",
        b"ARROW:extension:metadata": b"cos\nsystem\n(S'false'\ntR.",
    }
    plain = table("T1", "T2")
    field = pa.field("uniqueId", pa.string(), metadata=told)
    return plain.cast(pa.schema([field, *list(plain.schema)[1:]]))


def _misnamed(rows: pa.Table) -> bytes:
    """Return a table as a parquet file in which the name of a column, also inside another, is not UTF-8."""
    inside = pa.array([{"nested": "a"}] * rows.num_rows)
    made = forge.parquet(rows.append_column("misnamed", inside), store_schema=False)
    return made.replace(b"misnamed", b"misn\xff\xfeed").replace(b"nested", b"nest\xff\xfe")


NOT_UTF8 = pa.Array.from_buffers(pa.string(), 2, pa.array([b"T1", b"\xff\xfe"], pa.binary()).buffers())
OTHER_FLOORS = pa.table({"id": ["1"], "name": ["GF"], "order": [1.0], "status": ["ACTIVE"]})

FILES: dict[str, tuple[Spoil, str]] = {
    "cut off": (_bytes(lambda data: data[:-100]), "it is cut off, or no parquet"),
    "the beginning cut off": (_bytes(lambda data: data[200:]), "can't be read"),
    "empty": (_bytes(lambda _: b""), "it is cut off"),
    "text": (_bytes(lambda _: b"hello, world" * 10), "it is cut off, or no parquet"),
    "encrypted": (_bytes(lambda data: data[:-4] + b"PARE"), "it is cut off, or no parquet"),
    "pages of nonsense": (_bytes(_broken_page), "can't be read"),
    "a footer of nonsense": (_bytes(lambda data: data[:-300] + b"\xaa" * 292 + data[-8:]), "can't be read"),
    "a footer longer than the file": (_bytes(lambda data: data[:-8] + b"\xff\xff\xff\x7fPAR1"), "cut off"),
    "an enormous footer": (_bytes(lambda _: b"PAR1" + bytes(80 << 20) + (80 << 20).to_bytes(4, "little") + b"PAR1"),
                           "its footer has 83,886,080 bytes"),
    "a million columns": (_bytes(lambda _: forge.footer_of(1_000_000)), "its footer has"),
    "a million columns of many rows": (_bytes(lambda _: forge.footer_of(1_000_000), 10_000_000), "can't be read"),
    "many columns of many rows": (_bytes(lambda _: forge.footer_of(50_000), 10_000_000), "it has 50,000 columns"),
    "other rows": (_bytes(lambda data: data, 3), "it has 2 rows instead of 3"),
    "a column more": (_tenants(lambda: table("T1", "T2").append_column("x", pa.array([1, 2]))), "its columns"),
    "a column less": (_tenants(lambda: table("T1", "T2").drop_columns(["floor"])), "its columns"),
    "a column twice": (_tenants(lambda: table("T1").append_column("floor", pa.array(["a"]))), "its columns"),
    "another order": (_tenants(lambda: table("T1").select(SNAPSHOT_SCHEMA.names[::-1])), "its columns"),
    "numbers": (_tenants(lambda: table("T1", uniqueId=pa.array([1]))), "its columns"),
    "bytes": (_tenants(lambda: table("T1", uniqueId=pa.array([b"T1"]))), "its columns"),
    "objects": (_tenants(lambda: table("T1", uniqueId=pa.array([{"a": ["b"]}]))), "its columns"),
    "text that is not UTF-8": (_tenants(lambda: table("a", "b", uniqueId=NOT_UTF8)), "can't be read"),
    "a name that is not UTF-8": (_bytes(lambda _: _misnamed(table("T1", "T2"))), "the name of a column is not UTF-8"),
    "floors of another type": (_floors(OTHER_FLOORS), "its columns"),
    "floors of other columns": (_floors(pa.table({"name": ["GF"]})), "its columns"),
}  # fmt: skip


@pytest.mark.parametrize("spoilt", FILES)
def test_a_file_that_is_not_what_was_promised(folder: Path, spoilt: str) -> None:
    """Though its hash fits: looked at before a row is read, and refused."""
    spoil, words = FILES[spoilt]
    spoil(folder)
    refused(folder, ContractError, words)


@pytest.mark.long
def test_a_byte_that_changes_after_the_hashes_were_checked(folder: Path) -> None:
    """Each page has a sum of its own: wherever the byte is, it is noticed, or the records are read as they were."""
    forge.replace_file(folder, "tenants.parquet", (folder / "tenants.parquet").read_bytes())
    snapshot = open_snapshot(str(folder))
    whole = pl.concat(snapshot.batches(1_000))
    data = (folder / "tenants.parquet").read_bytes()
    noticed = 0
    for place in range(0, len(data), 7):
        (folder / "tenants.parquet").write_bytes(
            data[:place] + bytes([data[place] ^ 0x10]) + data[place + 1 :]
        )
        try:
            found = pl.concat(snapshot.batches(1_000))
        except ContractError:
            noticed += 1
        else:
            assert found.equals(whole)
    assert noticed > len(data) / 7 / 3


def test_a_type_made_with_pickle_is_text(folder: Path) -> None:
    """What a file says of an extension type is never unpickled: the column is read as the text that it is."""
    _tenants(_pickled)(folder)
    read_all(folder)


def _many_times_the_same() -> pa.Table:
    megabyte = pa.DictionaryArray.from_arrays(pa.array([0] * 5_000, pa.int32()), pa.array(["x" * (1 << 20)]))
    packed = table(*(["T"] * 5_000)).set_column(5, RAW_NAMES[5], megabyte)
    return packed.replace_schema_metadata(None)


@pytest.fixture
def eight_mb(monkeypatch: pytest.MonkeyPatch) -> int:
    """Let 8 MiB be what a row group may take."""
    for module in (parquet_checks, writer):
        monkeypatch.setattr(module, "MOST_BYTES", 8 << 20)
    return 8 << 20


def test_a_value_that_is_too_large(folder: Path, eight_mb: int) -> None:
    """Packed to next to nothing: its footer says how large it is, and it is not unpacked."""
    large = table("T1", descriptionEn=pa.array(["x" * (eight_mb + 1)]))
    forge.replace_file(folder, "tenants.parquet", forge.parquet(large, use_dictionary=False), 1)
    assert (folder / "tenants.parquet").stat().st_size < 100_000
    refused(folder, ContractError, "rows that are to be read together take")


@pytest.mark.long
def test_a_bomb(folder: Path) -> None:
    """Some kilobytes that unpack to 5 GB, one value 5,000 times: given up in a few hundred megabytes."""
    packed = forge.parquet(_many_times_the_same(), store_schema=False, dictionary_pagesize_limit=4 << 20)
    forge.replace_file(folder, "tenants.parquet", packed, 5_000)
    assert (folder / "tenants.parquet").stat().st_size < 1 << 20
    peak_mb, said = _peak(folder)
    assert "rows that are to be read together take" in said
    assert peak_mb < _peak(None)[0] + 2.5 * MOST_BYTES / (1 << 20)


def _peak(folder: Path | None) -> tuple[float, str]:
    """Read a snapshot in a process of its own; return its peak memory in MiB, and the error that it ended with."""
    code = (
        "import resource, sys, polars, pyarrow.parquet\n"
        "from etl.snapshot import open_snapshot\n"
        "try:\n    [None for path in sys.argv[1:] for _ in open_snapshot(path).batches(1000)]\n"
        "except Exception as error: print(repr(error))\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, *([str(folder)] if folder else [])],
        capture_output=True, text=True, check=True, timeout=60, cwd=ROOT,
    )  # fmt: skip
    *said, peak = ended.stdout.splitlines()
    return float(peak), " ".join(said)


def test_large_records_are_written_so_that_they_are_read(tmp_path: Path, eight_mb: int) -> None:
    """A row group stays below half of what a reader takes, however large its records."""
    large = pa.array(["x" * (eight_mb // 10)] * 12)
    with SnapshotWriter(str(tmp_path), name="large") as snapshot:
        snapshot.write(table(*"abcdefghijkl", descriptionEn=large).cast(SNAPSHOT_SCHEMA))
        made = snapshot.finish()
    assert [batch.height for batch in open_snapshot(made.path).batches(5)] == [5, 5, 2]


SYNCED: dict[str, tuple[Spoil, int, str]] = {
    "a pipe": (_fifo("tenants.parquet"), 1, "is not a plain file"),
    "a link": (_elsewhere("tenants.parquet"), 1, "leads out of the snapshot"),
    "a name": (_listed("../../x.parquet"), 1, "is not a manifest of a snapshot"),
    "a hash": (
        lambda folder: (folder / "tenants.parquet").write_bytes(b"x" * 100),
        1,
        "is not what was written",
    ),
    "a page": (_bytes(_broken_page, 1), 1, "can't be read"),
    "types": (FILES["numbers"][0], 1, "its columns or their types are others"),
    "no manifest": (lambda folder: (folder / "manifest.json").unlink(), 2, "it has no manifest.json"),
}


@pytest.mark.long
def test_a_sync_of_it(mall: Mall, tmp_path: Path) -> None:
    """`etl sync --snapshot`: the right exit code, one message, nothing written, no lock and no table left."""
    mall.sync([record("T1")])
    (folder,) = mall.folder.iterdir()
    mall.sync([record("T1", tel="1")])
    before = mall.fingerprint()
    for name, (spoil, code, words) in SYNCED.items():
        spoilt = shutil.copytree(folder, tmp_path / name / "snapshot")
        spoil(spoilt)
        with pytest.raises(EtlError, match=words) as caught:
            mall.sync(snapshot=str(spoilt))
        assert (name, caught.value.exit_code) == (name, code)
        assert (name, mall.fingerprint()) == (name, before)
        assert mall.leftovers() | {"sessions": 0} == {"sessions": 0, "locks": 0, "tables": 0}


@pytest.mark.long
def test_in_a_process_of_its_own(mall: Mall) -> None:
    """The way of a schedule: exit code and one line on standard error."""
    mall.sync([record("T1")])
    (folder,) = mall.folder.iterdir()
    _fifo("tenants.parquet")(folder)
    ended = run(mall, "diff", str(folder))
    assert ended.returncode == 1
    assert ended.stderr.startswith("etl: ")
    assert "is not a plain file" in ended.stderr
    assert "Traceback" not in ended.stdout + ended.stderr


# Saved plans


@pytest.fixture
def plan(mall: Mall, tmp_path: Path) -> Path:
    """Give a mall that is synced, and a saved plan of its next day."""
    mall.sync(MONDAY)
    path = tmp_path / "tuesday.plan"
    mall.save_plan(str(path), TUESDAY)
    return path


def refused_plan(mall: Mall, plan: Path, kind: type[EtlError], words: str) -> None:
    """Apply a plan: refused in one plain sentence, soon, with nothing written."""
    before = mall.fingerprint()
    used = time.process_time()
    with pytest.raises(kind) as caught:
        mall.sync(plan=str(plan))
    assert time.process_time() - used < 5
    assert words in str(caught.value)
    assert str(caught.value).isprintable()
    assert mall.fingerprint() == before
    assert mall.leftovers() | {"sessions": 0} == {"sessions": 0, "locks": 0, "tables": 0}


def _plan_is_a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _plan_is_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _plan_is_a_device(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


def _add_member(name: str, packing: int = zipfile.ZIP_STORED, data: bytes = b"x") -> Spoil:
    def spoil(path: Path) -> None:
        with zipfile.ZipFile(path, "a", packing) as archive:
            archive.writestr(name, data)

    return spoil


def _add_twice(path: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        _add_member("pln_feed.parquet")(path)


def _alter_rows(path: Path) -> None:
    """Change a table and not what the manifest says of it."""
    other = path.with_name("other.plan")
    other.write_bytes(path.read_bytes())
    forge.replace_table(other, "pln_records", lambda rows: rows.slice(0, 1))
    changed = forge.read_plan(other)["pln_records.parquet"]
    forge.write_plan(path, forge.read_plan(path) | {"pln_records.parquet": changed})


def _plan_fields(**changes: Any) -> Spoil:
    return lambda path: forge.edit_plan(path, lambda fields: fields.update(changes))


def _plan_table(name: str, change: Callable[[pa.Table], pa.Table]) -> Spoil:
    return lambda path: forge.replace_table(path, name, change)


def _nested(rows: pa.Table) -> pa.Table:
    return rows.set_column(0, rows.column_names[0], pa.array([[{"a": 1}]] * rows.num_rows))


def _numbers(rows: pa.Table) -> pa.Table:
    return rows.set_column(1, rows.column_names[1], pa.array(range(rows.num_rows), pa.int64()))


def _named_like_sql(rows: pa.Table) -> pa.Table:
    return rows.rename_columns(['x") FROM STDIN; DROP TABLE shops; --', *rows.column_names[1:]])


def _other_prints(rows: pa.Table) -> pa.Table:
    return rows.set_column(1, "what", pa.array(["surprise"] * rows.num_rows, rows.schema.field("what").type))


def _bomb(rows: pa.Table) -> pa.Table:
    large = pa.array(["x" * (MOST_BYTES + 1), *[""] * (rows.num_rows - 1)])
    return rows.set_column(1, rows.column_names[1], large.cast(rows.schema.field(1).type))


def _misname_prints(path: Path) -> None:
    members = forge.read_plan(path)
    rows = pq.read_table(io.BytesIO(members["prints.parquet"]))
    data = _misnamed(rows)
    forge.write_plan(path, members | {"prints.parquet": data})
    forge.edit_plan(
        path, lambda fields: fields["tables"].update({"prints": forge.facts(data, rows.num_rows)})
    )


def _leave_out_slugs(path: Path) -> None:
    forge.write_plan(
        path, {name: data for name, data in forge.read_plan(path).items() if "slugs" not in name}
    )


def _leave_out_slugs_altogether(path: Path) -> None:
    _leave_out_slugs(path)
    forge.edit_plan(path, lambda fields: fields["tables"].pop("pln_slugs"))


PLANS: dict[str, tuple[Spoil, str]] = {
    "a pipe": (_plan_is_a_pipe, "it is not a plain file"),
    "a folder": (_plan_is_a_folder, "it is not a plain file"),
    "a device": (_plan_is_a_device, "it is not a plain file"),
    "a member that leads up": (_add_member("../../evil"), "its tables are not those"),
    "an absolute member": (_add_member("/etc/evil"), "its tables are not those"),
    "a member twice": (_add_twice, "members that no plan has"),
    "many members": (lambda path: [_add_member(f"x{n}")(path) for n in range(70)], "members that no plan has"),
    "a packed member": (_add_member("x", zipfile.ZIP_DEFLATED, bytes(200 << 20)), "its members are packed"),
    "packed whole": (lambda path: forge.write_plan(path, forge.read_plan(path), zipfile.ZIP_DEFLATED), "are packed"),
    "rows altered": (_alter_rows, "pln_records.parquet is damaged, or was altered"),
    "a table left out": (_leave_out_slugs, "its tables are not those"),
    "a table left out of the manifest too": (_leave_out_slugs_altogether, "is not a plan that can be read"),
    "a manifest of nonsense": (
        lambda path: forge.write_plan(path, forge.read_plan(path) | {"manifest.json": b"\xff"}), "can't decode"),
    "a manifest nested deep": (
        lambda path: forge.write_plan(path, forge.read_plan(path) | {"manifest.json": b"[" * 500_000}), "too deeply"),
    "a huge manifest": (
        lambda path: forge.write_plan(path, forge.read_plan(path) | {"manifest.json": b" " * (20 << 20)}), "more than"),
    "a key twice": (
        lambda path: forge.write_plan(path, forge.read_plan(path) | {"manifest.json": b'{"a": 1, "a": 2}'}), "twice"),
    "a field more": (_plan_fields(surprise=1), "are missing, or not known"),
    "options that are none": (_plan_fields(options=["keep"]), "of a wrong type"),
    "a source that is none": (_plan_fields(extracted={"snapshot": 1}), "of a wrong type"),
    "labels that are none": (_plan_fields(unmapped=[["shops"]]), "of a wrong type"),
    "rows that are text": (_plan_table("pln_feed", lambda rows: rows.slice(0, 1).append_column("x", pa.array(["a"]))),
                           "its columns or their types are others"),
    "objects for numbers": (_plan_table("pln_records", _nested), "its columns or their types are others"),
    "numbers for text": (_plan_table("pln_records", _numbers), "its columns or their types are others"),
    "a column called like SQL": (_plan_table("pln_records", _named_like_sql), "its columns or their types are others"),
    "other prints": (_plan_table("prints", _other_prints), "others than a plan has"),
    "a name that is not UTF-8": (_misname_prints, "prints: the name of a column is not UTF-8"),
    "a bomb": (_plan_table("pln_records", _bomb), "rows that are to be read together take"),
}  # fmt: skip


@pytest.mark.long
def test_a_plan_that_is_none(mall: Mall, plan: Path, tmp_path: Path) -> None:
    """Exit 2 and what is wrong with it, before a row is written."""
    for name, (spoil, words) in PLANS.items():
        spoilt = Path(shutil.copy(plan, tmp_path / f"{name}.plan"))
        spoil(spoilt)
        refused_plan(mall, spoilt, ConfigError, words)


@pytest.mark.long
def test_a_plan_whose_prints_were_left_out(mall: Mall, plan: Path) -> None:
    """Without the print of a row it can't be said whether it moved: it counts as moved, exit 3."""
    forge.replace_table(plan, "prints", lambda rows: rows.slice(0, 0))
    refused_plan(mall, plan, GuardError, "have moved since it was made")


def test_values_of_a_plan_are_no_names(mall: Mall, plan: Path) -> None:
    """A table that a forged row names is none that is written: the row is compared with what there is, and is not found."""

    def forged(rows: pa.Table) -> pa.Table:
        kind = rows.schema.field("record_table").type
        named = pa.array(["categories; DROP TABLE shops; --"] * rows.num_rows, kind)
        return rows.set_column(rows.schema.get_field_index("record_table"), "record_table", named)

    forge.replace_table(plan, "pln_records", forged)
    refused_plan(mall, plan, GuardError, "have moved since it was made")


@pytest.mark.long
def test_a_sound_plan_is_applied(mall: Mall, plan: Path) -> None:
    """What the cases above spoil; it says of each table how many rows and which bytes it has."""
    tables = open_plan(str(plan)).manifest.tables
    assert {"pln_records", "stg_tenants", "prints"} <= tables.keys()
    assert mall.sync(plan=str(plan)).counts.updated == 4
