"""Promise: of a record that came more than once the last counts, and a later blank copy never erases."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.contract.clock import Clock
from etl.contract.raw import RAW_POLARS
from etl.contract.source_names import Prefixes
from etl.match.batches import Frame, Rules, copies_of, transform_batch
from etl.transform.tenants import USED

IDS = st.sampled_from(["T1", " T1 ", "T2", "T3", "t1", "-", None])
VALUES = st.sampled_from(["A", "B", " ", "-", "N/A", "\u200b", "&nbsp;", "0000-00-00", None])
FIELDS = {"brandNameEn": "title_en", "zone": "zone", "tel": "phone", "descriptionEn": "description_en"}
RECORD = st.fixed_dictionaries({"uniqueId": IDS, **dict.fromkeys(FIELDS, VALUES)})


def expected(records: list[dict[str, str | None]]) -> dict[str, tuple[int, dict[str, str]]]:
    """Return by id the place of the last record and the last value of each field that says something."""
    rows: dict[str, tuple[int, dict[str, str]]] = {}
    for place, record in enumerate(records):
        unique_id = (record["uniqueId"] or "-").strip()
        if unique_id != "-":
            said = {name: value for name in FIELDS if (value := record[name]) in ("A", "B")}
            rows[unique_id] = place, rows.get(unique_id, (0, {}))[1] | said
    return rows


@settings(deadline=None)
@given(st.lists(RECORD, max_size=12), st.integers(1, 12))
def test_a_later_blank_copy_never_erases(records: list[dict[str, str | None]], size: int) -> None:
    """Each field has the last value that says something, wherever the copies stand, however the feed is cut."""
    frame = Frame(pl.DataFrame(records, schema=RAW_POLARS))
    rules = Rules(Prefixes(), Clock(), size, copies_of(frame, size))
    batches = frame.batches(size, USED)
    done = [transform_batch(frame, raw, place * size, rules) for place, raw in enumerate(batches)]
    tenants = pl.concat(each.tenants for each in done)
    found = {
        row["unique_id"]: (
            row["position"],
            {name: row[column] for name, column in FIELDS.items() if row[column]},
        )
        for row in tenants.iter_rows(named=True)
    }
    assert found == expected(records)
    assert tenants["position"].is_sorted()

    named = [record for record in records if (record["uniqueId"] or "-").strip() != "-"]
    told = pl.concat(each.issues for each in done).filter(code="duplicate_record")
    assert told.height == len(named) - len(found)
