"""The hash by which an unchanged source is known."""

from datetime import UTC, datetime

import polars as pl

from etl.contract.tenant import TENANT, polars_schema
from etl.load.staging import source_hashes


def tenants(*rows: dict[str, object]) -> pl.DataFrame:
    """Return canonical rows; columns that are not given are null."""
    schema = {**polars_schema(TENANT), "floor_is_understood": pl.Boolean()}
    return pl.DataFrame([dict.fromkeys(schema) | row for row in rows], schema=schema)


def test_the_hash_is_the_same_on_every_machine() -> None:
    """A written-out value: a change of it makes every deployed base look changed once."""
    row = {"unique_id": "T1", "title_th": "ร้าน", "start_at": datetime(2026, 1, 2, tzinfo=UTC), "floor_id": 3}
    assert source_hashes(tenants(row)).to_list() == [EXPECTED]


def test_each_value_and_its_place_count() -> None:
    """Another value, the same value in another column, null against '': all have another hash."""
    rows: list[dict[str, object]] = [
        {"unique_id": "T1"},
        {"unique_id": "T2"},
        {"unique_id": "T1", "zone": "A"},
        {"unique_id": "T1", "phone": "A"},
        {"unique_id": "T1", "website": ""},
        {"unique_id": "T1", "hours": "[true, null, null, []]"},
        {"unique_id": "T1", "hours": "[false, null, null, []]"},
        {"unique_id": "T1", "dinings_category_id": 1},
        {"unique_id": "T1", "shops_category_id": 1},
        {"unique_id": "T1", "floor_is_understood": False},
        {"unique_id": "T1", "floor_is_understood": True},
    ]
    hashes = source_hashes(tenants(*rows))
    assert hashes.n_unique() == len(rows)


def test_the_slug_is_not_part_of_it() -> None:
    """A slug is given once: another way to make it must not look like a change of the source."""
    one, other = source_hashes(
        tenants({"unique_id": "T1", "slug_stem": "a"}, {"unique_id": "T1", "slug_stem": "b"})
    )
    assert one == other


EXPECTED = 4858639654298736019
