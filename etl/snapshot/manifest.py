"""The manifest of a snapshot: what is in the folder, and how it came to be. Pure."""

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from etl.contract import CONTRACT_VERSION
from etl.contract.source_names import NAME, PREFIX
from etl.errors import ContractError
from etl.runtime.visible import visible
from etl.snapshot.json_checks import build, read_object

MANIFEST = "manifest.json"
TENANTS = "tenants.parquet"
FLOORS = "floors.parquet"
CATEGORIES = "categories.parquet"
REFERENCE = (FLOORS, CATEGORIES)

FORMAT = "iconsiam-etl snapshot"
FORMAT_VERSION = 1

_SHARD = re.compile(r"tenants-(?P<number>[0-9]{5,9})-[0-9a-f]{12}\.parquet", re.ASCII)

_SHA256 = re.compile("[0-9a-f]{64}")
_VERSION = re.compile(r"[\w.+-]{1,40}", re.ASCII)


@dataclass(frozen=True)
class FileFacts:
    """A file of a snapshot: its rows, its size in bytes, its SHA-256 in hex."""

    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a snapshot says of itself.

    Attributes:
        created_at: When it was begun, ISO 8601 in UTC.
        source: The API's address without secrets, or words for another source.
        etl_version: The program that made it.
        records: Rows of tenants.parquet, or of its shards together.
        pages: Pages that they came in; 0 where they came in another way.
        complete: The extraction was proved whole.
        problems: Why not; empty when complete.
        unknown_fields: Per field beyond the contract, the records that have it.
        not_text: Per field, the records that have an object or a list where text was promised.
        files: By name.
        source_name: Which of several sources it is of; '' for the one without a name.
        id_prefix: What the ids of its records begin with in the CMS; the records themselves have the API's.
    """

    created_at: str
    source: str
    etl_version: str
    records: int
    pages: int = 0
    complete: bool = True
    problems: tuple[str, ...] = ()
    unknown_fields: dict[str, int] = field(default_factory=dict)
    not_text: dict[str, int] = field(default_factory=dict)
    files: dict[str, FileFacts] = field(default_factory=dict)
    format: str = FORMAT
    format_version: int = FORMAT_VERSION
    contract_version: int = CONTRACT_VERSION
    source_name: str = ""
    id_prefix: str = ""

    @property
    def record_files(self) -> list[str]:
        """The files that hold the records, in their order: tenants.parquet, or its shards."""
        shards = sorted(filter(is_shard, self.files), key=shard_number)
        return [TENANTS] * (TENANTS in self.files) + shards

    def to_json(self) -> str:
        """Return the text of manifest.json."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n"


def shard_name(number: int, sha256: str) -> str:
    """Return the name of a shard: its place among them, from 0, and what it holds, so that no repeat can change it."""
    return f"tenants-{number:05d}-{sha256[:12]}.parquet"


def is_shard(name: str) -> bool:
    """Tell whether a file is named as a shard is."""
    return _SHARD.fullmatch(name) is not None


def shard_number(name: str) -> int:
    """Return a shard's place among them, from 0."""
    found = _SHARD.fullmatch(name)
    if found is None:
        raise ValueError(f"{name!r} is not named as a shard is")
    return int(found["number"])


def read_manifest(text: bytes, shown: str) -> Manifest:
    """Read manifest.json.

    Args:
        text: Its bytes.
        shown: Where it is, for messages.

    Raises:
        ContractError: It is damaged, no manifest of a snapshot, or of another version.
    """
    try:
        fields = read_object(text)
        versions = _read_versions(fields)
        if versions == (FORMAT_VERSION, CONTRACT_VERSION):
            return _build(fields)
    except (ValueError, KeyError, TypeError):
        raise ContractError(
            f"{MANIFEST} in {shown} is not a manifest of a snapshot, or damaged. Take another snapshot, or make "
            "one with `etl extract`."
        ) from None
    raise ContractError(
        f"The snapshot in {shown} has format {versions[0]} and contract {versions[1]}, made by etl "
        f"{_shown_version(fields)}; this program reads format {FORMAT_VERSION} and contract "
        f"{CONTRACT_VERSION}. Use the program that made it, or make one again with `etl extract`."
    )


def _read_versions(fields: dict[str, Any]) -> tuple[int, int]:
    if fields["format"] != FORMAT:
        raise ValueError
    return int(fields["format_version"]), int(fields["contract_version"])


def _build(fields: dict[str, Any]) -> Manifest:
    """Raise ValueError or KeyError where a field is missing, of a wrong type, or at odds with another."""
    manifest = build(Manifest, {name: fields[name] for name in Manifest.__dataclass_fields__})
    if (manifest.source_name and not NAME.fullmatch(manifest.source_name)) or not PREFIX.fullmatch(
        manifest.id_prefix
    ):
        raise ValueError
    names = manifest.record_files
    # no other name, so that none can lead out of the folder
    if not names or not set(manifest.files) <= {*names, *REFERENCE} or not _are_records(names):
        raise ValueError
    require_sound(manifest.files.values())
    if manifest.records != sum(manifest.files[name].rows for name in names) or manifest.pages < 0:
        raise ValueError
    return replace(manifest, source=_line(manifest.source), problems=tuple(map(_line, manifest.problems)))


def _line(text: str) -> str:
    """Return words of a manifest harmlessly and on one line: messages quote them, and may have lines of their own."""
    return visible(text, line_break="⏎")


def _are_records(names: list[str]) -> bool:
    if names == [TENANTS]:
        return True
    # a number may lack, of a shard that did not come in time, but none stands twice
    return all(map(is_shard, names)) and len(set(map(shard_number, names))) == len(names)


def require_sound(facts: Iterable[FileFacts]) -> None:
    """Raise ValueError where facts of a file can't be true."""
    if any(each.rows < 0 or each.bytes < 0 or not _SHA256.fullmatch(each.sha256) for each in facts):
        raise ValueError("a size or a hash in it is none")


def _shown_version(fields: dict[str, Any]) -> str:
    """Return the version for a message: no more than a version has."""
    found = _VERSION.fullmatch(str(fields.get("etl_version", "")))
    return found[0] if found else "of unknown version"
