"""Slugs, times finer than the CMS's, and what a sync costs, written out."""

import pytest

from tests.support.merge import count_statements
from tests.support.sync import Mall, record


def test_slugs_find_the_gaps(mall: Mall) -> None:
    """Slugs that editors or other records have are never given twice, nor is one number given for two stems."""
    mall.sync(
        [
            record("T1", brandNameEn="Abc"),
            record("T2", brandNameEn="Abc 2"),
            record("T3", brandNameEn="Abc 2 2"),
        ]
    )
    mall.edit("T3", slug="abc-4")

    names = ["Abc", "Abc", "Abc 2", "Abc 2", "Abc 3", "Abc 3"]
    mall.sync([*mall.api.records, *(record(f"N{n}", brandNameEn=name) for n, name in enumerate(names))])

    rows = mall.database.query("SELECT unique_id, slug FROM shops ORDER BY unique_id")
    assert {row["unique_id"]: row["slug"] for row in rows} == {
        "T1": "abc", "T2": "abc-2", "T3": "abc-4", "N0": "abc-5", "N1": "abc-6",
        "N2": "abc-2-2", "N3": "abc-2-3", "N4": "abc-3", "N5": "abc-3-2",
    }  # fmt: skip


def test_times_finer_than_the_cms_keeps_them(mall: Mall) -> None:
    """A CMS whose times have microseconds: rows are found unchanged, and an editor's date is kept as it is."""
    mall.database.execute(
        "ALTER TABLE shops ALTER updated_at TYPE timestamptz, ALTER date_range_start_date TYPE timestamptz"
    )
    mall.sync([record("T1", startDate="2025-01-02")])
    mall.database.execute("UPDATE shops SET updated_at = '2026-01-01T00:00:00.123456Z'")
    before = mall.fingerprint()

    assert (mall.sync().counts.updated, mall.fingerprint() == before) == (0, True)
    assert mall.sync([record("T1", startDate="2025-01-03")]).counts.conflicts == 0


@pytest.mark.long
def test_statements_do_not_grow_with_records(mall: Mall, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten records and four hundred take the same number of statements, to create, update and leave alone."""
    mall.overrides["max_changed"] = "100%"
    sent = count_statements(monkeypatch)
    counts: dict[int, list[int]] = {}
    for size, zones in ((10, "AABB"), (400, "CCDD")):
        for zone in zones:
            before = sent.total()
            mall.sync([record(f"T{number}", zone=zone) for number in range(size)])
            counts.setdefault(size, []).append(sent.total() - before)

    assert counts[10][2:] == counts[400][2:]
    assert max(counts[400]) < 160


@pytest.mark.long
def test_many_rows_of_one_stem(mall: Mall) -> None:
    """With eight times as many slugs of a stem, of rows that the source does not have, a plan takes ten times as long."""
    mall.sync([])

    def seconds(rows: int, unique_id: str) -> float:
        mall.database.execute(
            "INSERT INTO shops (unique_id, slug) SELECT 'X' || n, 'same-' || n FROM generate_series(2, %s) AS n "
            "WHERE NOT EXISTS (SELECT 1 FROM shops WHERE slug = 'same-' || n)",
            rows,
        )
        result = mall.sync([record(unique_id, brandNameEn="Same")], max_drop=1.0)
        assert mall.row(unique_id)["slug"] == f"same-{rows + 1}"
        return result.seconds["plan"]

    mall.database.execute("INSERT INTO shops (unique_id, slug) VALUES ('X1', 'same')")
    few = seconds(4_000, "T1")
    assert seconds(32_000, "T2") < 25 * few  # it was 64 times as long, and minutes
