"""Staging: narrow keys of every record, and wide rows only of those whose source changed."""

import sys
from array import array
from collections.abc import Iterator
from hashlib import blake2b
from itertools import pairwise

import polars as pl

from etl.contract.tenant import CONTENT, MATCHED, SENT, TENANT
from etl.db.connection import Postgres
from etl.load import columns

_HASHED = (
    *("unique_id", "source_unique_id", "kind", "floor_is_understood"),
    *(column.name for column in (*CONTENT, *MATCHED, SENT)),
)
_HASHED_AT_A_TIME = 1_000  # bounds memory: all their texts stand side by side
_KEYS = (
    *("seq", "unique_id", "source_unique_id", "derived"),
    *("kind", "kind_rule", "floor_id", "floor_is_understood", "source_hash"),
)


def source_hashes(tenants: pl.DataFrame) -> pl.Series:
    """Return a 64-bit hash (Int64) of what the source says of each tenant, 1:1.

    Two tenants with the same hash have the same values; the same values give the same hash on every machine
    and with every version of the libraries. The slug is not part of it: it is given once.
    """
    parts = [
        (pl.col(name).dt.epoch("ms") if isinstance(tenants.schema[name], pl.Datetime) else pl.col(name))
        .cast(pl.String)
        .fill_null("\x00")  # no clean text holds a NUL
        for name in _HASHED
    ]
    hashes = array("q")
    for piece in tenants.iter_slices(_HASHED_AT_A_TIME):
        texts = piece.select(pl.concat_str(parts, separator="\x1f")).to_series()
        hashes.frombytes(b"".join(blake2b(text, digest_size=8).digest() for text in _utf8(texts)))
    if sys.byteorder == "little":
        hashes.byteswap()  # a digest is a number with its first byte first
    return pl.Series("source_hash", hashes, dtype=pl.Int64)


def _utf8(texts: pl.Series) -> Iterator[memoryview]:
    """Yield the bytes of each text, where they lie: a third of the time that it takes to make a str of each."""
    _, offsets, data = texts.rechunk().to_arrow().buffers()  # large_string: 64-bit offsets
    ends = memoryview(offsets or b"").cast("q")[: len(texts) + 1]
    content = memoryview(data or b"")
    return (content[start:end] for start, end in pairwise(ends))


def read_known(db: Postgres, *, recreate: bool = False) -> pl.Series:
    """Return the hash of every record's last source, sorted, for `split`.

    Args:
        db: The connection.
        recreate: Leave out records whose row is gone from the CMS: they are to be made again.
    """
    return db.read("stage/base_hashes", recreate)["source_hash"].sort()


def split(tenants: pl.DataFrame, known: pl.Series) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the keys of all tenants, and the whole of those whose source changed.

    Rows: 1:1, and a filter; order kept.

    Args:
        tenants: Canonical rows with `seq`, their place in the order of the feed.
        known: The hashes that `read_known` gives.
    """
    keyed = tenants.with_columns(source_hashes(tenants))
    changed = keyed.filter(~_are_known(known, keyed["source_hash"]))
    return keyed.select(_KEYS), changed.select("seq", *(column.name for column in TENANT))


def _are_known(known: pl.Series, hashes: pl.Series) -> pl.Series:
    """Tell which hashes some record of the base has; the hash covers the id, so it is the record's own."""
    if known.is_empty():
        return pl.repeat(value=False, n=hashes.len(), dtype=pl.Boolean, eager=True)
    index = known.search_sorted(hashes).clip(upper_bound=known.len() - 1)
    return known.gather(index) == hashes


class Stage:
    """The staging tables of one run, inside its transaction.

    They are temporary, and gone at the end of the transaction.
    """

    def __init__(self, db: Postgres, *, recreate: bool = False) -> None:
        self._db = db
        self._next_seq = 1
        self.records_staged_wide = 0
        for name in ("create_keys", "create_issues", "create_rejected"):
            db.run(f"stage/{name}")
        db.run("stage/create_tenants", columns=columns.staging_definition())
        self._known = read_known(db, recreate=recreate)

    @property
    def records_staged(self) -> int:
        """How many rows were staged so far."""
        return self._next_seq - 1

    def add(self, tenants: pl.DataFrame, rejected_ids: pl.Series) -> None:
        """Load a chunk: its tenants (in the order of the feed) and the ids of its rejected records."""
        seq = pl.int_range(self._next_seq, self._next_seq + tenants.height, dtype=pl.Int64)
        self._next_seq += tenants.height
        keys, changed = split(tenants.with_columns(seq.alias("seq")), self._known)
        self.records_staged_wide += changed.height
        self._db.ingest("stg_keys", keys)
        self._db.ingest("stg_tenants", changed)
        self._db.ingest("stg_rejected", rejected_ids.drop_nulls().to_frame("unique_id"))

    def add_issues(self, issues: pl.DataFrame) -> None:
        """Load findings."""
        self._db.ingest("stg_issues", issues)

    def finish(self) -> None:
        """Give the planner figures; to be called once, after the last chunk."""
        prepare(self._db, "stg_keys", "stg_tenants")


def prepare(db: Postgres, keys: str, tenants: str) -> None:
    """Give the planner figures of two staging tables that are full, and the wide one its index."""
    db.run("stage/analyze_keys", table=keys)
    db.run("stage/index_tenants", table=tenants)
    db.run("stage/analyze_tenants", table=tenants)
