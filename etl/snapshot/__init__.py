"""Snapshots: the API's records of one moment, in a folder of their own, locally or on s3://.

    snapshots/20261123T210451Z-3f9a1c/
        tenants.parquet     the records as they came (contract/raw.py), zstd, in the API's order
        floors.parquet      the CMS's floors and categories of that moment (contract/reference.py),
        categories.parquet  where they were known
        manifest.json       where from, when, how many, whether it is whole, and the hash of each file

A snapshot appears whole or not at all, and never changes. It is to be trusted like the code that reads
it, and is opened as if it were not (reader.py, etl/snapshot/parquet_checks.py, etl/snapshot/json_checks.py).

Uses contract, model and runtime. Knows neither the API nor the database.
"""

from etl.snapshot.manifest import Manifest
from etl.snapshot.reader import Snapshot, open_snapshot
from etl.snapshot.storage import list_snapshots, prune_snapshots
from etl.snapshot.writer import SnapshotWriter

__all__ = ["Manifest", "Snapshot", "SnapshotWriter", "list_snapshots", "open_snapshot", "prune_snapshots"]
