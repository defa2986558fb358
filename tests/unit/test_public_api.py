"""The Python API for notebooks: `import etl`."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import etl
from etl.contract.reference import CATEGORIES, FLOORS
from etl.errors import EtlError
from etl.extract.parse import parse_page
from etl.snapshot import SnapshotWriter
from tests.support.sync import record

FLOOR_ROWS = pl.DataFrame([(1, "1F", 1.0, "ACTIVE"), (2, "2F", 2.0, "ACTIVE")], schema=FLOORS, orient="row")
CATEGORY_ROWS = pl.DataFrame(
    [(11, "shops", "ACTIVE", "fashion", "FASHION", "แฟชั่น"), (12, "dinings", "ACTIVE", "cafe", "CAFE", None)],
    schema=CATEGORIES,
    orient="row",
)


def saved(folder: Path, *records: dict[str, Any], with_reference: bool = True) -> etl.SavedSnapshot:
    """Save records and open them."""
    with SnapshotWriter(str(folder)) as writer:
        page = {"totalRecord": len(records), "page": 1, "limit": 100, "totalPages": 1, "data": records}
        writer.write(parse_page(json.dumps(page).encode()).records)
        floors, categories = (FLOOR_ROWS, CATEGORY_ROWS) if with_reference else (None, None)
        snapshot = writer.finish(source="a test", floors=floors, categories=categories)
    return etl.open_snapshot(str(snapshot.path))


def test_importing_it_is_light() -> None:
    """`import etl` and its dir() import no Polars; the first use does."""
    script = (
        "import sys, etl; names = dir(etl); assert 'open_snapshot' in names and 'diff' in names; "
        "assert not {'polars', 'pyarrow', 'duckdb'} & set(sys.modules); etl.diff; assert 'polars' in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_all_names_are_there() -> None:
    """Each name of __all__ has a docstring; another name is an AttributeError."""
    assert all(getattr(etl, name).__doc__ for name in etl.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        getattr(etl, "nothing")  # noqa: B009 — mypy knows that it is not there


def test_a_snapshot_as_frames(tmp_path: Path) -> None:
    """Raw as sent, tenants decoded, issues and repairs counted."""
    snapshot = saved(
        tmp_path,
        record("T1", brandNameEn="A &amp; B", new="x"),
        record(None),
        record("T2", categoryNameEn="Coffee bar", openingHours="often"),
    )
    assert snapshot.record_count == 3
    assert repr(snapshot) == f"<snapshot {snapshot.path}: 3 records from a test>"
    assert (snapshot.source, snapshot.is_complete) == ("a test", True)
    assert snapshot.raw.select("uniqueId", "brandNameEn", "extra").row(0) == (
        "T1",
        "A &amp; B",
        '{"new":"x"}',
    )
    assert snapshot.raw.height == 3
    assert snapshot.tenants.select("unique_id", "title_en").rows() == [("T1", "A & B"), ("T2", "Brand T2")]
    assert snapshot.issues.select("unique_id", "severity", "code").rows() == [
        (None, "error", "missing_unique_id"),
        ("T2", "warning", "unreadable_hours"),
    ]
    assert snapshot.repairs.rows() == [("entities", 1)]
    assert snapshot.tenants is snapshot.tenants


def test_matching(tmp_path: Path) -> None:
    """Floors and categories by name and rule; labels that fit nothing with the nearest names; further aliases."""
    snapshot = saved(
        tmp_path,
        record("T1", floor="1,2"),
        record("T2", categoryNameEn="Fashon", categoryNameTh=None),
        record("T3", floor="Moon", categoryNameEn="Food", categoryNameTh=None),
    )
    matched = snapshot.match()
    columns = [
        "unique_id",
        "kind",
        "kind_rule",
        "floor_name",
        "floor_rule",
        "category_id",
        "category_name",
        "category_rule",
    ]
    assert matched.tenants.select(columns).rows() == [
        ("T1-1F", "shops", "category_en", "1F", "code", 11, "FASHION", "exact"),
        ("T1-2F", "shops", "category_en", "2F", "code", 11, "FASHION", "exact"),
        ("T2", "shops", "default", "1F", "code", None, None, "unmapped"),
        ("T3", "dinings", "words_en", None, "unmapped", None, None, "unmapped"),
    ]
    assert matched.unmapped.rows() == [
        ("dinings", "Food", 1, "T3", None, None, None),
        ("floor", "Moon", 1, "T3", None, None, None),
        ("shops", "Fashon", 1, "T2", "FASHION", 11, 0.857),
    ]
    assert repr(matched) == "<4 tenants, 3 labels that fit nothing>"
    assert ("category", "unmapped", 2) in matched.rules.rows()
    tried = snapshot.match({"Fashon": "Fashion"})
    assert tried.tenants.filter(unique_id="T2").select(columns[5:]).row(0) == (11, "FASHION", "alias")


def test_trying_out_a_name_of_a_floor(tmp_path: Path) -> None:
    """A further label means a floor in any case, also as a part of a list; others are matched as before."""
    snapshot = saved(
        tmp_path, record("T1", floor="Moon"), record("T2", floor="1, Moon"), record("T3", floor="2")
    )
    columns = ["unique_id", "floor_name", "floor_rule"]
    assert snapshot.match().tenants.select(columns).rows() == [
        ("T1", None, "unmapped"),
        ("T2", "1F", "code"),
        ("T3", "2F", "code"),
    ]
    tried = snapshot.match(floor_aliases={"MOON ": "2F"})
    assert tried.tenants.select(columns).rows() == [
        ("T1", "2F", "alias"),
        ("T2-1F", "1F", "code"),
        ("T2-2F", "2F", "alias"),
        ("T3", "2F", "code"),
    ]
    assert tried.unmapped.height == 0


def test_a_record_that_came_twice_and_a_taken_id(tmp_path: Path) -> None:
    """unique_id is unique, as a sync makes it: the last record, and the one that has the id of its own; both are told."""
    snapshot = saved(
        tmp_path,
        record("T1", zone="East"),
        record("T5", floor="1,2"),
        record("T5-2F"),
        record("T1", zone="West"),
    )
    matched = snapshot.match()
    assert snapshot.tenants["unique_id"].to_list() == ["T5", "T5-2F", "T1"]
    assert matched.tenants.select("unique_id", "source_unique_id", "zone", "floor_name").rows() == [
        ("T5-1F", "T5", "East", "1F"),
        ("T5-2F", "T5-2F", "East", "1F"),
        ("T1", "T1", "West", "1F"),
    ]
    columns = ["unique_id", "severity", "code"]
    assert snapshot.issues.select(columns).rows() == [("T1", "warning", "duplicate_record")]
    assert matched.issues.select(columns).rows() == [("T5", "error", "derived_id_taken")]


def test_matching_with_other_floors_and_categories(tmp_path: Path) -> None:
    """Floors and categories that are given take the place of the snapshot's, names included."""
    snapshot = saved(tmp_path, record("T1", floor="1", categoryNameEn="Books"))
    floors = pl.DataFrame([(7, "1F", 1.0, "ACTIVE")], schema=FLOORS, orient="row")
    categories = pl.DataFrame(
        [(70, "shops", "ACTIVE", "books", "BOOKS", None)], schema=CATEGORIES, orient="row"
    )
    matched = snapshot.match(floors=floors, categories=categories)
    columns = ["floor_id", "floor_name", "category_id", "category_name", "category_rule"]
    assert matched.tenants.select(columns).rows() == [(7, "1F", 70, "BOOKS", "exact")]


def test_what_a_notebook_shows(tmp_path: Path) -> None:
    """Each object shows a line about itself, escaped, and a table of figures."""
    snapshot = saved(tmp_path / "a<b", record("T1"))
    assert snapshot.manifest.records == 1
    shown = snapshot._repr_html_()
    assert "a&lt;b" in shown
    assert "<td>&quot;categories&quot;</td><td>2</td>" in shown
    assert shown.startswith("<p>snapshot ")
    assert snapshot.match()._repr_html_().startswith("<p>1 tenants, 0 labels that fit nothing</p><div>")
    assert (
        etl.diff(snapshot, snapshot)
        ._repr_html_()
        .startswith("<p>0 added, 0 changed, 0 gone, 1 unchanged</p>")
    )


def test_a_snapshot_without_floors_and_categories(tmp_path: Path) -> None:
    """They are empty, and nothing fits."""
    snapshot = saved(tmp_path, record("T1"), with_reference=False)
    assert (snapshot.floors.height, snapshot.categories.height) == (0, 0)
    assert snapshot.match().tenants["floor_rule"].to_list() == ["unmapped"]


def test_an_empty_snapshot(tmp_path: Path) -> None:
    """All frames are there, with their columns and no rows."""
    with SnapshotWriter(str(tmp_path)) as writer:
        snapshot = etl.open_snapshot(str(writer.finish(source="a test").path))
    assert (snapshot.raw.height, snapshot.tenants.height, snapshot.match().unmapped.height) == (0, 0, 0)


def test_a_diff(tmp_path: Path) -> None:
    """Fields before and after, with the names of floors; totals; findings that are new."""
    old = saved(tmp_path / "old", record("T1"), record("T2"), record("T4"))
    new = saved(tmp_path / "new", record("T1", floor="2", tel="1"), record("T3"), record("T4"))
    found = etl.diff(new, old)
    assert repr(found) == "<1 added, 1 changed, 1 gone, 1 unchanged>"
    assert found.fields.filter(action="changed").rows() == [
        ("changed", "shops", "T1", "Brand T1", "floor", "1F", "2F"),
        ("changed", "shops", "T1", "Brand T1", "phone", "02 000 0000", "1"),
    ]
    assert found.fields.filter(action="added", field="title_en").rows() == [
        ("added", "shops", "T3", "Brand T3", "title_en", None, "Brand T3")
    ]
    assert found.totals.filter(pl.col("records") > 0).rows() == [
        ("added", "shops", 1),
        ("changed", "shops", 1),
        ("gone", "shops", 1),
        ("unchanged", "shops", 1),
    ]
    assert found.issues.height == 0
    assert etl.list_snapshots(str(tmp_path / "old")) == [old.path]


def test_what_is_no_snapshot(tmp_path: Path) -> None:
    """An error says what to do."""
    with pytest.raises(EtlError, match="nothing"):
        etl.open_snapshot(str(tmp_path / "nothing"))
