"""Spoil snapshots and saved plans so that their hashes fit all the same, as somebody who means harm would."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

Fields = dict[str, Any]

MANIFEST = "manifest.json"


def edit_manifest(folder: Path, change: Callable[[Fields], object]) -> None:
    """Change a snapshot's manifest."""
    fields = json.loads((folder / MANIFEST).read_text())
    change(fields)
    (folder / MANIFEST).write_text(json.dumps(fields))


def replace_file(folder: Path, name: str, data: bytes, rows: int = 2) -> None:
    """Put another file into a snapshot, with a manifest that fits it."""
    (folder / name).write_bytes(data)

    def fit(fields: Fields) -> None:
        fields["files"][name] = facts(data, rows)
        if name == "tenants.parquet":
            fields["records"] = rows

    edit_manifest(folder, fit)


def facts(data: bytes, rows: int) -> Fields:
    """Return what a manifest says of a file."""
    return {"rows": rows, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def parquet(table: pa.Table, **options: Any) -> bytes:
    """Return a table as a parquet file."""
    buffer = io.BytesIO()
    pq.write_table(table, buffer, **{"compression": "zstd", **options})
    return buffer.getvalue()


def footer_of(columns: int) -> bytes:
    """Return a parquet file of no rows with so many columns, in eight bytes each."""

    def varint(number: int) -> bytes:
        found = bytearray()
        while number > 127:
            found.append(number & 127 | 128)
            number >>= 7
        return bytes([*found, number])

    root = b"\x48\x01s\x15" + varint(columns * 2) + b"\x00"
    leaf = b"\x15\x0c\x25\x02\x18\x01a\x00"
    schema = b"\x19\xfc" + varint(columns + 1) + root + leaf * columns
    footer = b"\x15\x04" + schema + b"\x16\x00\x19\x0c\x00"
    return b"PAR1" + footer + len(footer).to_bytes(4, "little") + b"PAR1"


def read_plan(path: Path) -> dict[str, bytes]:
    """Return the members of a saved plan."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write_plan(path: Path, members: Mapping[str, bytes], packing: int = zipfile.ZIP_STORED) -> None:
    """Write members as a saved plan."""
    with zipfile.ZipFile(path, "w", packing) as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def edit_plan(path: Path, change: Callable[[Fields], object]) -> None:
    """Change a saved plan's manifest."""
    members = read_plan(path)
    fields = json.loads(members[MANIFEST])
    change(fields)
    write_plan(path, members | {MANIFEST: json.dumps(fields).encode()})


def replace_table(path: Path, table: str, change: Callable[[pa.Table], pa.Table], **options: Any) -> None:
    """Change a table of a saved plan, with a manifest that fits it."""
    members = read_plan(path)
    rows = change(pq.read_table(io.BytesIO(members[f"{table}.parquet"])))
    data = parquet(rows, **options)
    write_plan(path, members | {f"{table}.parquet": data})
    edit_plan(path, lambda fields: fields["tables"].update({table: facts(data, rows.num_rows)}))
